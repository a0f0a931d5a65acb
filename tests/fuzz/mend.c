/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mutator for capture files; see mend.h. */
#include "tests/fuzz/mend.h"

#include "tests/fuzz/shape.h"

#include <string.h>

/* ---- Making right ---- */

static void mend_header(uint8_t *data, size_t size, struct rng *rng)
{
    struct shape shape;
    if (size < 27)
        return;
    if (memcmp(data, "WebCapture", 11) != 0)
        memcpy(data, "MioCapture", 11);
    shape_put_u32(data + 11, 2);
    if (shape_read(&shape, data, size, size) || rng_chance(rng, 10))
        return;
    shape_put_u32(data + 15, 64);
    shape_put_u32(data + 19, 64u << rng_below(rng, 4));
    shape_put_u32(data + 23, 2 + (uint32_t)rng_below(rng, 3));
}

/* A block's bytes as a stored stream of the same length. */
static void store_in_place(uint8_t *at, size_t len)
{
    static uint8_t out[SHAPE_FILE];
    size_t packed = len > 11 ? shape_deflate(at + 7, len - 11, true, out, sizeof out) : 0;
    if (packed == len)
        memcpy(at, out, len);
}

/* One block: its head, its length, its checksum. Returns its length with the prefix, or 0. */
static size_t mend_block(uint8_t *at, size_t len, bool force)
{
    uint32_t stored = shape_u32(at), adler;
    size_t raw_len, used;
    if (len < 12)
        return 0;
    if (stored >= 8 && stored <= len - 4 && (at[4] != 0x78 || (at[4] * 256 + at[5]) % 31 != 0))
        memcpy(at + 4, "\x78\x01", 2);
    used = shape_inflate(at + 4, len - 4, NULL, &raw_len, &adler);
    if (used == 0 && force && stored >= 12 && stored <= len - 4) {
        store_in_place(at + 4, stored);
        return 4 + (size_t)stored;
    }
    if (used == 0 || used + 8 > len)
        return 0;
    shape_put_u32(at, (uint32_t)used + 4);
    shape_put_u32(at + 4 + used, adler);
    return 4 + used + 4;
}

static void mend_blocks(struct shape *shape, bool force)
{
    static uint8_t flat[SHAPE_FILE];
    size_t len = shape_gather(shape, flat), at = 0, step;
    while (at + 12 <= len && (step = mend_block(flat + at, len - at, force)) > 0)
        at += step;
    shape_scatter(shape, flat, len);
}

static void mend_serials(struct shape *shape, struct rng *rng)
{
    uint8_t *serial[2] = {shape->data + shape->node_pos[0] + 4,
                          shape->data + shape->node_pos[1] + 4};
    uint32_t later = shape_u32(serial[shape->newest]);
    if (rng_chance(rng, 60))
        shape_put_u32(serial[!shape->newest], later - 1);
}

static void mend(uint8_t *data, size_t size, struct rng *rng)
{
    struct shape shape;
    if (rng_chance(rng, 97))
        mend_header(data, size, rng);
    if (!shape_read(&shape, data, size, size))
        return;
    if (rng_chance(rng, 90))
        mend_blocks(&shape, rng_chance(rng, 50));
    if (rng_chance(rng, 50))
        mend_serials(&shape, rng);
    if (rng_chance(rng, 95))
        shape_mend_nodes(&shape);
}

void mend_all(uint8_t *data, size_t size)
{
    struct shape shape;
    if (!shape_read(&shape, data, size, size))
        return;
    mend_blocks(&shape, false);
    shape_mend_nodes(&shape);
}

/* ---- Changing ---- */

/* A number near to what it was, or one that is known to be special. */
static uint64_t odd_number(uint64_t value, uint64_t block, struct rng *rng)
{
    const uint64_t special[] = {0,         1,          block - 1,  block,
                                block + 1, UINT32_MAX, UINT64_MAX, 1u << 31};
    if (rng_chance(rng, 40))
        return special[rng_below(rng, sizeof special / sizeof special[0])];
    return value + rng_below(rng, 33) - 16;
}

/* A number in one of the master nodes. */
static void change_node(const struct shape *shape, struct rng *rng)
{
    uint8_t *node = shape->data + shape->node_pos[rng_below(rng, 2)];
    size_t path = 36 + 13 * (size_t)rng_below(rng, (shape->page - 36) / 13 + 1);
    const struct {
        size_t at;
        unsigned bytes;
    } fields[] = {{4, 4},  {8, 8},    {16, 4},       {20, 8},      {28, 4},
                  {32, 4}, {path, 1}, {path + 1, 8}, {path + 9, 4}};
    size_t i = rng_below(rng, sizeof fields / sizeof fields[0]);
    uint8_t *at = node + fields[i].at;
    if (fields[i].at + fields[i].bytes > shape->page)
        return;
    if (fields[i].bytes == 1)
        *at = (uint8_t)odd_number(*at, 2, rng);
    else if (fields[i].bytes == 4)
        shape_put_u32(at, (uint32_t)odd_number(shape_u32(at), shape->block, rng));
    else
        shape_put_u64(at, odd_number(shape_u64(at), shape->limit[shape->newest], rng));
}

struct change {
    struct rng *rng;
    fuzz_mutate_fn *plainly;
    uint32_t block;
};

/* A block's bytes: as libFuzzer changes them, or a number in them. */
static size_t change_raw(void *ctx, uint8_t *raw, size_t len, size_t room)
{
    struct change *change = ctx;
    if (rng_chance(change->rng, 50) || len < 12)
        return change->plainly(raw, len, len + 64 < room ? len + 64 : room);
    uint8_t *at = raw + rng_below(change->rng, len - 11);
    if (rng_chance(change->rng, 50))
        shape_put_u32(at, (uint32_t)odd_number(shape_u32(at), change->block, change->rng));
    else
        memmove(at, raw + rng_below(change->rng, len - 11), 12);
    return len;
}

static size_t change_inside(struct shape *shape, struct rng *rng, fuzz_mutate_fn *plainly)
{
    struct change change = {rng, plainly, shape->block};
    size_t count = shape_count(shape);
    if (count == 0)
        return 0;
    return shape_rebuild(shape, 60, rng, rng_below(rng, count), change_raw, &change);
}

size_t mend_mutate(uint8_t *data, size_t size, size_t room, struct rng *rng,
                   fuzz_mutate_fn *plainly)
{
    struct shape shape;
    unsigned kind = (unsigned)rng_below(rng, 8);
    bool whole = shape_read(&shape, data, size, room);
    if (kind == 0 && whole) {
        size_t rebuilt = change_inside(&shape, rng, plainly);
        if (rebuilt > 0)
            return rebuilt;
    }
    if (kind == 1 && whole)
        change_node(&shape, rng);
    else
        size = plainly(data, size, room);
    mend(data, size, rng);
    return size;
}
