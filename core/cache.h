/* SPDX-License-Identifier: MIT */
/*
 * Inflated blocks that several cursors share: counted, looked up by file
 * position, the least recently used dropped first. Thread-safe.
 */
#ifndef CAPF_CACHE_H
#define CAPF_CACHE_H

#include <pthread.h>

#include "state.h"

struct capf__block {
    atomic_uint refs;
    const struct capf_io *io;
    uint64_t pos;
    uint32_t stored; /* compressed length */
    size_t len;      /* bytes in data */
    bool complete;   /* false: a block too long to hold; data is its beginning */
    struct capf__block *next_in_bucket, *older, *newer; /* the cache's own */
    uint8_t data[];
};

struct capf__block *capf__block_new(const struct capf_io *io, size_t room);
struct capf__block *capf__block_ref(struct capf__block *block);
void capf__block_unref(struct capf__block *block); /* NULL is fine */

#define CAPF__CACHE_BUCKETS 256

struct capf__cache {
    pthread_mutex_t lock;
    size_t max; /* bytes */
    size_t used;
    struct capf__block *bucket[CAPF__CACHE_BUCKETS];
    struct capf__block *newest, *oldest;
};

void capf__cache_init(struct capf__cache *cache, size_t max);
void capf__cache_release(struct capf__cache *cache);

/* The block at a position with a reference for the caller; NULL when it is not here. */
struct capf__block *capf__cache_find(struct capf__cache *cache, uint64_t pos);

/* Keeps a block that was read for a state of this transaction (NULL: a committed one). Does nothing
 * when the block is too large, already here, or of a transaction that was rolled back. */
void capf__cache_add(struct capf__cache *cache, struct capf__block *block,
                     const struct capf__txn *txn);

/* Marks a transaction as rolled back and drops all blocks at `pos` and behind, in one step. */
void capf__cache_roll_back(struct capf__cache *cache, uint64_t pos, struct capf__txn *txn);

#endif
