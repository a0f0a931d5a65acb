/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking a capture file apart into blocks and putting it together again with
 * other blocks. What leads to a block that moved is made to lead to its new
 * place: in the master nodes by their layout, in the blocks wherever eight
 * bytes are the place of a block.
 */
#include "tests/fuzz/shape.h"

#include <string.h>

#define NODE_META 20
#define NODE_COUNT 32
#define NODE_PATH 36
#define CHILD_LEN 13

struct part {
    uint64_t from, to; /* file positions, before and after */
    size_t raw, raw_len;
};

struct parts {
    struct part block[SHAPE_BLOCKS];
    size_t count;
    uint64_t end_from, end_to; /* behind the last block */
    uint8_t raw[4 * SHAPE_FILE];
    size_t raw_len;
};

static struct parts parts;
static uint8_t flat[SHAPE_FILE], built[SHAPE_FILE];

static void take_apart(const struct shape *shape)
{
    size_t len = shape_gather(shape, flat), at = 0;
    uint32_t adler;
    parts.count = parts.raw_len = 0;
    while (at + 4 < len && parts.count < SHAPE_BLOCKS &&
           parts.raw_len + SHAPE_RAW <= sizeof parts.raw) {
        struct part *part = &parts.block[parts.count];
        uint32_t stored = shape_u32(flat + at);
        if (stored > len - at - 4 || shape_inflate(flat + at + 4, stored, parts.raw + parts.raw_len,
                                                   &part->raw_len, &adler) == 0)
            break;
        part->from = shape->data_pos + at;
        part->raw = parts.raw_len;
        parts.raw_len += part->raw_len;
        parts.count++;
        at += 4 + stored;
    }
    parts.end_from = shape->data_pos + at;
}

size_t shape_count(const struct shape *shape)
{
    take_apart(shape);
    return parts.count;
}

/* Where a position has gone to. */
static uint64_t moved(uint64_t pos)
{
    for (size_t i = 0; i < parts.count; i++)
        if (parts.block[i].from == pos)
            return parts.block[i].to;
    return pos == parts.end_from ? parts.end_to : pos;
}

static void move_bytes(uint8_t *raw, size_t len)
{
    for (size_t i = 0; i + 12 <= len; i++) {
        uint64_t pos = shape_u64(raw + i);
        if (pos == 0 || pos > 2 * SHAPE_FILE || moved(pos) == pos)
            continue;
        shape_put_u64(raw + i, moved(pos));
        i += 11;
    }
}

static void move_node(const struct shape *shape, int slot)
{
    uint8_t *node = shape->data + shape->node_pos[slot];
    uint32_t count = shape_u32(node + NODE_COUNT);
    uint32_t fits = (shape->page - NODE_PATH) / CHILD_LEN;
    shape_put_u64(node + 8, moved(shape_u64(node + 8)));
    shape_put_u64(node + NODE_META, moved(shape_u64(node + NODE_META)));
    for (uint32_t i = 0; i < count && i < fits; i++) {
        uint8_t *pos = node + NODE_PATH + i * CHILD_LEN + 1;
        shape_put_u64(pos, moved(shape_u64(pos)));
    }
    move_bytes(node + 2 * (size_t)shape->page, shape->block);
}

/* Block after block: what is in one leads backwards only, to places that are known by then. */
static size_t put_together(const struct shape *shape, unsigned stored_of_hundred, struct rng *rng,
                           size_t which, shape_change_fn *change, void *ctx)
{
    static uint8_t raw[SHAPE_RAW + 4096];
    size_t len = 0;
    for (size_t i = 0; i < parts.count; i++) {
        struct part *part = &parts.block[i];
        size_t raw_len = part->raw_len, packed;
        part->to = shape->data_pos + len;
        memcpy(raw, parts.raw + part->raw, raw_len);
        move_bytes(raw, raw_len);
        if (i == which && change != NULL)
            raw_len = change(ctx, raw, raw_len, sizeof raw);
        packed = len + 4 > sizeof built
                     ? 0
                     : shape_deflate(raw, raw_len, rng_chance(rng, stored_of_hundred),
                                     built + len + 4, sizeof built - len - 4);
        if (packed == 0)
            return 0;
        shape_put_u32(built + len, (uint32_t)packed);
        len += 4 + packed;
    }
    parts.end_to = shape->data_pos + len;
    return len;
}

size_t shape_rebuild(struct shape *shape, unsigned stored_of_hundred, struct rng *rng, size_t which,
                     shape_change_fn *change, void *ctx)
{
    static uint8_t rest[SHAPE_FILE];
    take_apart(shape);
    uint64_t limit = shape->limit[shape->newest];
    size_t old_end = (size_t)(limit + (shape->page - limit % shape->page) % shape->page);
    size_t rest_len = old_end < shape->size ? shape->size - old_end : 0;
    size_t len = put_together(shape, stored_of_hundred, rng, which, change, ctx);
    size_t new_end = shape->data_pos + (len + shape->page - 1);
    new_end -= new_end % shape->page;
    if (len == 0 || new_end + rest_len > shape->room || new_end + rest_len > SHAPE_FILE)
        return 0;
    memcpy(rest, shape->data + shape->size - rest_len, rest_len);
    move_node(shape, 0);
    move_node(shape, 1);
    memset(shape->data + shape->data_pos, 0, new_end - shape->data_pos);
    memcpy(shape->data + new_end, rest, rest_len);
    if (!shape_read(shape, shape->data, new_end + rest_len, shape->room))
        return 0;
    shape_scatter(shape, built, len);
    shape_mend_nodes(shape);
    return shape->size;
}
