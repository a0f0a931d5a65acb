/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture file as the mutator sees it: where its parts are when the header is believed, as far
 * as the bytes reach; and its blocks, inflated. It shares nothing with core.
 */
#ifndef TESTS_FUZZ_SHAPE_H
#define TESTS_FUZZ_SHAPE_H

#include "tests/support/rng.h"

#include <stddef.h>

#define SHAPE_FILE 65536 /* larger files are not taken apart */
#define SHAPE_BLOCKS 64  /* nor are more blocks */
#define SHAPE_RAW 32768  /* inflated bytes of a block, at most */

struct shape {
    uint8_t *data;
    size_t size, room;
    uint32_t page, block, fan;
    size_t node_len, data_pos;
    size_t node_pos[2];
    uint64_t limit[2]; /* as the nodes say; clipped to the file */
    int newest;        /* the node with the higher limit */
};

/* False: the header is beyond repair, or the nodes do not fit into the bytes. */
bool shape_read(struct shape *shape, uint8_t *data, size_t size, size_t room);

uint32_t shape_u32(const uint8_t *at);
uint64_t shape_u64(const uint8_t *at);
void shape_put_u32(uint8_t *at, uint32_t value);
void shape_put_u64(uint8_t *at, uint64_t value);

/* The data up to the newest limit as one piece, its last page from that node's tail; and back:
 * whole pages into the file, last pages into the nodes' tails and the file. */
size_t shape_gather(const struct shape *shape, uint8_t flat[SHAPE_FILE]);
void shape_scatter(struct shape *shape, const uint8_t *flat, size_t len);

void shape_mend_nodes(struct shape *shape);

/* Inflates what begins at `at`: how many bytes the stream has up to its checksum, or 0. `raw` may be
 * NULL. */
size_t shape_inflate(const uint8_t *at, size_t len, uint8_t *raw, size_t *raw_len, uint32_t *adler);
/* A zlib stream of these bytes, stored or (level 1) compressed; 0: no room. */
size_t shape_deflate(const uint8_t *raw, size_t len, bool stored, uint8_t *out, size_t room);

/* Takes the file apart and puts it together with each block stored or compressed; `change` (may be
 * NULL) may change the bytes of block number `which`. Returns the new size, or 0: not possible. */
typedef size_t shape_change_fn(void *ctx, uint8_t *raw, size_t len, size_t room);
size_t shape_rebuild(struct shape *shape, unsigned stored_of_hundred, struct rng *rng, size_t which,
                     shape_change_fn *change, void *ctx);

/* How many blocks there are. */
size_t shape_count(const struct shape *shape);

#endif
