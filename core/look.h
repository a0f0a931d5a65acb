/* SPDX-License-Identifier: MIT */
/*
 * Reading a file's blocks in file order, for those who trust nothing but what
 * inflates with a good checksum. A look stands on one block, which was proven
 * to its end, and gives any part of it. Bounded memory for any length.
 */
#ifndef CAPF_LOOK_H
#define CAPF_LOOK_H

#include "block.h"

struct capf__look {
    struct capf__store *store; /* borrowed */
    struct capf__loader loader;
    const struct capf__progress *progress;
    const struct capf__state *state; /* through which the block is read; borrowed */
    struct capf__block *block;       /* NULL: on no closed block */
    uint64_t pos;                    /* the block's position */
    const uint8_t *open; /* the bytes of an open block in place of a closed one; or NULL */
    uint64_t raw;        /* uncompressed length; known only after capf__look_prove */
};

void capf__look_init(struct capf__look *look, struct capf__store *store,
                     const struct capf__progress *progress);
void capf__look_release(struct capf__look *look);

/* Turns to the block at `pos`, as this state has it. A long block is not proven yet. */
enum capf_status capf__look_at(struct capf__look *look, const struct capf__state *state,
                               uint64_t pos, struct capf_error *err);

/* The same, and inflates a long block to its end: look->raw is its length, the checksum is good. */
enum capf_status capf__look_prove(struct capf__look *look, const struct capf__state *state,
                                  uint64_t pos, struct capf_error *err);

/* Turns to bytes in memory that stand for the block at `pos`: an open block. They must last. */
void capf__look_open(struct capf__look *look, uint64_t pos, const uint8_t *bytes, size_t len);

/* Where the block behind this closed one begins. */
uint64_t capf__look_next(const struct capf__look *look);

/* Bytes of the block from `off`; fewer than `len` only at its end. */
enum capf_status capf__look_read(struct capf__look *look, uint64_t off, void *buf, size_t len,
                                 size_t *got, struct capf_error *err);

#endif
