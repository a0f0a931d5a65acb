/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a record, kept; see bytecache.h. */
#include "app/bytecache.h"

#include "app/memory.h"

#include <stdlib.h>
#include <string.h>

#define PART BYTECACHE_PART

void bytecache_init(struct bytecache *cache)
{
    *cache = (struct bytecache){0};
}

void bytecache_release(struct bytecache *cache)
{
    for (size_t i = 0; i < BYTECACHE_PARTS; i++)
        free(cache->parts[i].bytes);
}

void bytecache_set_source(struct bytecache *cache, const struct byte_source *source)
{
    cache->source = *source;
    for (size_t i = 0; i < BYTECACHE_PARTS; i++)
        cache->parts[i].len = 0;
}

static struct bytecache_part *find_part(struct bytecache *cache, uint64_t index)
{
    for (size_t i = 0; i < BYTECACHE_PARTS; i++) {
        struct bytecache_part *part = &cache->parts[i];
        if (part->len > 0 && part->index == index) {
            part->used = ++cache->clock;
            return part;
        }
    }
    return NULL;
}

static struct bytecache_part *oldest_part(struct bytecache *cache)
{
    struct bytecache_part *oldest = &cache->parts[0];
    for (size_t i = 1; i < BYTECACHE_PARTS; i++)
        if (cache->parts[i].len == 0 || cache->parts[i].used < oldest->used)
            oldest = &cache->parts[i];
    return oldest;
}

static struct bytecache_part *load_part(struct bytecache *cache, uint64_t index)
{
    struct bytecache_part *part = oldest_part(cache);
    if (part->bytes == NULL)
        part->bytes = memory_zeroed(PART);
    part->index = index;
    part->len = byte_source_read(&cache->source, index * PART, part->bytes, PART);
    part->used = ++cache->clock;
    return part->len > 0 ? part : NULL;
}

/* A part that comes alone is most often looked back from: the one before it comes first. */
static struct bytecache_part *get_part(struct bytecache *cache, uint64_t index)
{
    struct bytecache_part *part = find_part(cache, index);
    if (part != NULL)
        return part;
    if (index > 0 && find_part(cache, index - 1) == NULL)
        load_part(cache, index - 1);
    return load_part(cache, index);
}

size_t bytecache_read(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct bytecache *cache = ctx;
    uint8_t *out = buf;
    size_t done = 0;
    while (done < len) {
        const struct bytecache_part *part = get_part(cache, (off + done) / PART);
        size_t skip = (size_t)((off + done) % PART);
        if (part == NULL || part->len <= skip)
            break;
        size_t take = part->len - skip < len - done ? part->len - skip : len - done;
        memcpy(out + done, part->bytes + skip, take);
        done += take;
    }
    return done;
}
