/* SPDX-License-Identifier: MIT */
/*
 * The block cache: a hash table for finding and a list for ageing, both
 * threaded through the blocks themselves, under one mutex. Inflating happens
 * outside of it.
 */
#include "cache.h"

#include <string.h>

#include "io.h"

struct capf__block *capf__block_new(const struct capf_io *io, size_t room)
{
    struct capf__block *block = capf__alloc(io, sizeof *block + room);
    if (block != NULL) {
        memset(block, 0, sizeof *block);
        atomic_init(&block->refs, 1);
        block->io = io;
    }
    return block;
}

struct capf__block *capf__block_ref(struct capf__block *block)
{
    atomic_fetch_add_explicit(&block->refs, 1, memory_order_relaxed);
    return block;
}

void capf__block_unref(struct capf__block *block)
{
    if (block != NULL && atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) == 1)
        capf__free(block->io, block);
}

void capf__cache_init(struct capf__cache *cache, size_t max)
{
    memset(cache, 0, sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL); /* cannot fail with default attributes */
    cache->max = max;
}

static struct capf__block **bucket_of(struct capf__cache *cache, uint64_t pos)
{
    uint64_t mixed = pos * UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing */
    return &cache->bucket[mixed >> 56];
}

static void list_remove(struct capf__cache *cache, struct capf__block *block)
{
    *(block->newer != NULL ? &block->newer->older : &cache->newest) = block->older;
    *(block->older != NULL ? &block->older->newer : &cache->oldest) = block->newer;
}

static void list_push(struct capf__cache *cache, struct capf__block *block)
{
    block->newer = NULL;
    block->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = block;
    cache->newest = block;
}

static void drop(struct capf__cache *cache, struct capf__block *block)
{
    struct capf__block **link = bucket_of(cache, block->pos);
    while (*link != block)
        link = &(*link)->next_in_bucket;
    *link = block->next_in_bucket;
    list_remove(cache, block);
    cache->used -= block->len;
    capf__block_unref(block);
}

static struct capf__block *find(struct capf__cache *cache, uint64_t pos)
{
    struct capf__block *block = *bucket_of(cache, pos);
    while (block != NULL && block->pos != pos)
        block = block->next_in_bucket;
    return block;
}

void capf__cache_release(struct capf__cache *cache)
{
    while (cache->oldest != NULL)
        drop(cache, cache->oldest);
    pthread_mutex_destroy(&cache->lock);
}

struct capf__block *capf__cache_find(struct capf__cache *cache, uint64_t pos)
{
    pthread_mutex_lock(&cache->lock);
    struct capf__block *block = find(cache, pos);
    if (block != NULL) {
        list_remove(cache, block);
        list_push(cache, block);
        capf__block_ref(block);
    }
    pthread_mutex_unlock(&cache->lock);
    return block;
}

void capf__cache_add(struct capf__cache *cache, struct capf__block *block,
                     const struct capf__txn *txn)
{
    if (block->len > cache->max)
        return;
    pthread_mutex_lock(&cache->lock);
    bool dead = txn != NULL && atomic_load(&txn->rolled_back);
    if (!dead && find(cache, block->pos) == NULL) {
        while (cache->used + block->len > cache->max)
            drop(cache, cache->oldest);
        struct capf__block **bucket = bucket_of(cache, block->pos);
        block->next_in_bucket = *bucket;
        *bucket = capf__block_ref(block);
        list_push(cache, block);
        cache->used += block->len;
    }
    pthread_mutex_unlock(&cache->lock);
}

void capf__cache_roll_back(struct capf__cache *cache, uint64_t pos, struct capf__txn *txn)
{
    pthread_mutex_lock(&cache->lock);
    atomic_store(&txn->rolled_back, true);
    for (struct capf__block *block = cache->oldest, *newer; block != NULL; block = newer) {
        newer = block->newer;
        if (block->pos >= pos)
            drop(cache, block);
    }
    pthread_mutex_unlock(&cache->lock);
}
