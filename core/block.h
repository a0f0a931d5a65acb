/* SPDX-License-Identifier: MIT */
/*
 * Getting a block out of the file: through the cache, or read and inflated.
 * A block that is too long to hold is given as its beginning, and
 * read further through big.h.
 */
#ifndef CAPF_BLOCK_H
#define CAPF_BLOCK_H

#include "big.h"
#include "codec.h"
#include "store.h"

/* The scratch memory of one reader. */
struct capf__loader {
    const struct capf_io *io;
    struct capf__unpacker unpacker;
    struct capf__big big;
    uint8_t *stored; /* compressed bytes */
    size_t stored_room;
};

void capf__loader_init(struct capf__loader *loader, const struct capf_io *io);
void capf__loader_release(struct capf__loader *loader);

/* The closed block at `pos`, with a reference for the caller. Verified, unless it is incomplete. */
enum capf_status capf__block_load(struct capf__loader *loader, struct capf__store *store,
                                  const struct capf__state *state, uint64_t pos,
                                  struct capf__block **block, struct capf_error *err);

#endif
