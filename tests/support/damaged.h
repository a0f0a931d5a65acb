/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are damaged in known places, made from the fixtures or anew.
 */
#ifndef TESTS_DAMAGED_H
#define TESTS_DAMAGED_H

#include <stdint.h>

/* Writes the fixture to `path` and spoils 16 bytes at each of the offsets, which end with 0. */
void damaged_fixture(const char *name, const char *path, const uint64_t *offsets);
/* The same, cut to so many bytes. */
void damaged_cut(const char *name, const char *path, uint64_t size);

/* Spoils bytes of a file that is there. */
void damaged_spoil(const char *path, uint64_t off, uint64_t len);

/* json-log has the usual geometry and 5,000 records. These offsets lie in two of its blocks, and in
 * the fields of its master nodes that the checksum covers. */
#define DAMAGED_BLOCK_1 109363 /* in the block at 109,263: records 705 to 957 */
#define DAMAGED_NODE_0 4136
#define DAMAGED_NODE_1 45096

/* A file with small records around one long one (number 4 of 6, 3 MiB of noise), whose last bytes
 * are spoiled: its beginning can be read. Blocks are of 32 KiB; the small ones are "record N". */
void damaged_long(const char *path);

#endif
