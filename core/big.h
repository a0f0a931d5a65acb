/* SPDX-License-Identifier: MIT */
/*
 * Reading a block that is too long to hold: a record may be 4 GB. The block is
 * inflated as a stream, and copies of the inflater's state are kept every
 * 20 MB (40 KB each), from which it can go on later: so a second visit
 * anywhere costs at most 20 MB of inflating, and all of it less than 16 MiB.
 */
#ifndef CAPF_BIG_H
#define CAPF_BIG_H

#include <zlib.h>

#include "store.h"

struct capf__progress {
    capf_progress_fn *fn; /* NULL: none */
    void *ctx;
};

/* CAPF_CANCELLED when the callback wants to stop. */
enum capf_status capf__progress_step(const struct capf__progress *progress, uint64_t done,
                                     uint64_t total, struct capf_error *err);

/* Stays where it was made: zlib's state points back at its stream. */
struct capf__big_point {
    uint64_t in;  /* compressed bytes used up */
    uint64_t out; /* bytes inflated */
    z_stream z;
    struct capf__big_point *before;
};

struct capf__big {
    const struct capf_io *io;
    bool open;
    uint64_t pos;    /* of the block */
    uint32_t stored; /* its compressed length */
    z_stream z;
    uint64_t in;  /* compressed bytes fetched */
    uint64_t out; /* bytes inflated */
    bool ended;   /* the stream ended well, at `out` bytes */
    uint8_t *input, *waste;
    struct capf__big_point *last;
};

void capf__big_init(struct capf__big *big, const struct capf_io *io);
void capf__big_release(struct capf__big *big);

/* Turns to the block at `pos`, whose compressed length is known; nothing happens when it is there
 * already. */
enum capf_status capf__big_open(struct capf__big *big, uint64_t pos, uint32_t stored,
                                struct capf_error *err);
void capf__big_close(struct capf__big *big);

/* Up to `len` bytes from byte `off` of the block; less only at its end. The end is checked when
 * it is reached: checksum, and no bytes behind it. */
enum capf_status capf__big_read(struct capf__big *big, const struct capf__store *store,
                                const struct capf__state *state, uint64_t off, void *buf,
                                size_t len, size_t *got, const struct capf__progress *progress,
                                struct capf_error *err);

/* The length of the whole block, which must be inflated to its end for that. */
enum capf_status capf__big_len(struct capf__big *big, const struct capf__store *store,
                               const struct capf__state *state, uint64_t *len,
                               const struct capf__progress *progress, struct capf_error *err);

#endif
