/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A writer of its own for capture files whose blocks are stored and not
 * compressed (RFC 1951, 3.2.4), so that a test finds every byte of a record or
 * an index node in the file, changes it, and mends the checksums over it. It
 * shares nothing with core. Blocks have less than 64 KiB.
 */
#ifndef TESTS_PLAIN_H
#define TESTS_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#define PLAIN_FAN_MAX 64
#define PLAIN_LEVELS 12
#define PLAIN_BLOCKS 512

struct plain_coord {
    uint64_t pos;
    uint32_t off;
};

struct plain {
    uint32_t page, block, fan;
    uint8_t *bytes; /* the file up to its file limit */
    size_t len;
    uint8_t *open;
    size_t open_len;
    uint32_t count[PLAIN_LEVELS];
    struct plain_coord child[PLAIN_LEVELS][PLAIN_FAN_MAX];
    struct plain_coord meta;
    struct plain_coord last;       /* of the record or value added last */
    uint64_t blocks[PLAIN_BLOCKS]; /* where the closed blocks are */
    size_t block_count;
};

void plain_begin(struct plain *plain, uint32_t page, uint32_t block, uint32_t fan);
void plain_record(struct plain *plain, const void *data, size_t len);
void plain_meta(struct plain *plain, const void *data, size_t len);
/* Writes the master nodes (serial 1 and 2, both of this state) and fills the last page. The bytes
 * are plain->bytes, plain->len of them, freed by plain_release. */
void plain_end(struct plain *plain);
void plain_release(struct plain *plain);

/* The file position of byte `off` of the block at `pos`; in the open block, of node 0. */
size_t plain_at(const struct plain *plain, uint64_t pos, uint32_t off);
/* The bytes of that block were changed: mends its Adler-32. */
void plain_mend_block(struct plain *plain, uint64_t pos);
/* A master node was changed: mends its CRC-32. */
void plain_mend_node(struct plain *plain, int slot);
size_t plain_node_pos(const struct plain *plain, int slot);

#endif
