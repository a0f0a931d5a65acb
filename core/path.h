/* SPDX-License-Identifier: MIT */
/*
 * The rightmost path: for each height of the index the children of its last
 * node, the one that is not full yet. Height 1's children are records.
 *
 * The coordinates stand in one array, highest level first, which makes it a
 * stack: a new record is pushed at the end, and when the lowest level is full its
 * children are at the end too, to be popped and replaced by their node.
 * In file order they ascend through the whole array.
 */
#ifndef CAPF_PATH_H
#define CAPF_PATH_H

#include "bytes.h"
#include "capf.h"

struct capf__path {
    unsigned levels;                    /* heights in use */
    uint32_t children[CAPF_LEVELS_MAX]; /* [h - 1]: of height h; each less than the fan-out */
    uint32_t total;                     /* of all heights */
    uint32_t room;                      /* coordinates that coords holds */
    struct capf_coord *coords;          /* owned by whoever embeds the path */
};

/* Where height h's children begin in coords. */
uint32_t capf__path_start(const struct capf__path *path, unsigned height);

/* Σ children(h) · fan_out^(h-1); false when that does not fit into 64 bits. */
bool capf__path_count(const struct capf__path *path, uint32_t fan_out, uint64_t *count);

/* fan_out^height, or UINT64_MAX when that is more. */
uint64_t capf__path_span(uint32_t fan_out, unsigned height);

/* Adds a child to the lowest height that has all heights below it empty, which is what
 * `height` must be. The caller has made sure of room. */
void capf__path_push(struct capf__path *path, unsigned height, struct capf_coord child);

/* Forgets the children of `height`, below which everything is empty. They stay readable
 * behind the end of coords until the next push. */
void capf__path_pop(struct capf__path *path, unsigned height);

/* Which child of the path leads to record index `index` (from 0, less than the count)? Gives its
 * coordinate, the height of the node whose child it is, its number there, and the index within it. */
struct capf__turn {
    struct capf_coord at;
    unsigned height;
    uint32_t child;
    uint64_t rest;
};
bool capf__path_find(const struct capf__path *path, uint32_t fan_out, uint64_t index,
                     struct capf__turn *turn);

/* Copies everything but coords' ownership: `to` has its own array with room enough. */
void capf__path_copy(struct capf__path *to, const struct capf__path *from);

#define CAPF__COORD_LEN 12u /* bytes, in a file */

static inline struct capf_coord capf__coord_get(const uint8_t *p)
{
    return (struct capf_coord){.pos = capf__get_u64(p), .off = capf__get_u32(p + 8)};
}

static inline void capf__coord_put(uint8_t *p, struct capf_coord c)
{
    capf__put_u64(p, c.pos);
    capf__put_u32(p + 8, c.off);
}

static inline bool capf__coord_null(struct capf_coord c)
{
    return c.pos == 0 && c.off == 0;
}

static inline bool capf__coord_less(struct capf_coord a, struct capf_coord b)
{
    return a.pos != b.pos ? a.pos < b.pos : a.off < b.off;
}

#endif
