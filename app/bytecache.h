/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes around the place that is shown, kept. Going back in a record of gigabytes means
 * inflating from some earlier place on, and laying out a screen looks back a little many times: so
 * a part that is read is read together with the one before it, forward, and both are kept.
 */
#ifndef APP_BYTECACHE_H
#define APP_BYTECACHE_H

#include "app/textlines.h"

#define BYTECACHE_PART 65536u
#define BYTECACHE_PARTS 4

struct bytecache_part {
    uint64_t index; /* its place in the record, in parts */
    size_t len;     /* 0: empty */
    uint64_t used;  /* when it was wanted last */
    uint8_t *bytes;
};

struct bytecache {
    struct byte_source source;
    struct bytecache_part parts[BYTECACHE_PARTS];
    uint64_t clock;
};

void bytecache_init(struct bytecache *cache);
void bytecache_release(struct bytecache *cache);

/* Keeps parts of these bytes from now on, and none of the ones before. */
void bytecache_set_source(struct bytecache *cache, const struct byte_source *source);

/* As byte_source.read: ctx is the cache. */
size_t bytecache_read(void *ctx, uint64_t off, void *buf, size_t len);

#endif
