/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder of its own on the real file system for each test program, removed
 * when the program ends, and whole files read and written in it.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRATCH_PATH 512

/* The path of a name in the folder, which the first call makes. In turn one of eight buffers. */
const char *scratch_path(const char *name);

/* Removes everything in the folder and the folder. For the process that made it only. */
void scratch_remove(void);

/* The whole file, to be freed with free(3); NULL when it cannot be read. */
uint8_t *scratch_read(const char *path, size_t *len);

/* Makes or overwrites the file. Fails the test program when it cannot. */
void scratch_write(const char *path, const void *data, size_t len);

#endif
