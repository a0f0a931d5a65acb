/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of a capture file are; see shape.h. Rebuilding is in rebuild.c. */
#include "tests/fuzz/shape.h"

#include <string.h>

#include <zlib.h>

#define NODE_LIMIT 8
#define STREAM_HEAD 2

uint32_t shape_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint64_t shape_u64(const uint8_t *at)
{
    return (uint64_t)shape_u32(at) << 32 | shape_u32(at + 4);
}

void shape_put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
}

void shape_put_u64(uint8_t *at, uint64_t value)
{
    shape_put_u32(at, (uint32_t)(value >> 32));
    shape_put_u32(at + 4, (uint32_t)value);
}

static uint64_t clip_limit(const struct shape *shape, int slot)
{
    uint64_t limit = shape_u64(shape->data + shape->node_pos[slot] + NODE_LIMIT);
    uint64_t end = shape->size + shape->page; /* the last page may be in the node alone */
    if (limit < shape->data_pos)
        return shape->data_pos;
    return limit < end ? limit : end;
}

bool shape_read(struct shape *shape, uint8_t *data, size_t size, size_t room)
{
    if (size < 27 || size > SHAPE_FILE)
        return false;
    *shape = (struct shape){.data = data, .size = size, .room = room};
    shape->page = shape_u32(data + 15);
    shape->block = shape_u32(data + 19);
    shape->fan = shape_u32(data + 23);
    if (shape->page < 36 || shape->page > size || shape->block > size)
        return false;
    shape->node_len = 2 * (size_t)shape->page + shape->block;
    shape->node_pos[0] = shape->page;
    shape->node_pos[1] = shape->page + shape->node_len;
    shape->data_pos = shape->page + 2 * shape->node_len;
    if (shape->data_pos > size)
        return false;
    shape->limit[0] = clip_limit(shape, 0);
    shape->limit[1] = clip_limit(shape, 1);
    shape->newest = shape->limit[1] > shape->limit[0];
    return true;
}

size_t shape_gather(const struct shape *shape, uint8_t flat[SHAPE_FILE])
{
    uint64_t limit = shape->limit[shape->newest];
    size_t whole = (size_t)(limit - limit % shape->page), tail = (size_t)(limit % shape->page);
    size_t in_file = whole < shape->size ? whole : shape->size;
    if (limit - shape->data_pos > SHAPE_FILE || whole < shape->data_pos)
        return 0;
    memset(flat, 0, whole - shape->data_pos);
    memcpy(flat, shape->data + shape->data_pos, in_file - shape->data_pos);
    memcpy(flat + (whole - shape->data_pos),
           shape->data + shape->node_pos[shape->newest] + shape->page, tail);
    return (size_t)(limit - shape->data_pos);
}

void shape_scatter(struct shape *shape, const uint8_t *flat, size_t len)
{
    size_t there = shape->size - shape->data_pos;
    memcpy(shape->data + shape->data_pos, flat, len < there ? len : there);
    for (int slot = 0; slot < 2; slot++) {
        size_t tail = (size_t)(shape->limit[slot] % shape->page);
        size_t end = (size_t)(shape->limit[slot] - shape->data_pos);
        if (tail <= end && end <= len)
            memcpy(shape->data + shape->node_pos[slot] + shape->page, flat + end - tail, tail);
    }
}

void shape_mend_nodes(struct shape *shape)
{
    for (int slot = 0; slot < 2; slot++) {
        uint8_t *node = shape->data + shape->node_pos[slot];
        shape_put_u32(node, (uint32_t)crc32_z(0, node + 4, shape->node_len - 4));
    }
}

/* ---- Streams ---- */

static z_stream inflater, deflater;
static bool inflater_ready, deflater_ready;

static bool start_inflater(void)
{
    if (inflater_ready)
        return inflateReset(&inflater) == Z_OK;
    return inflater_ready = inflateInit2(&inflater, -15) == Z_OK;
}

size_t shape_inflate(const uint8_t *at, size_t len, uint8_t *raw, size_t *raw_len, uint32_t *adler)
{
    static uint8_t waste[SHAPE_RAW];
    uint8_t *out = raw != NULL ? raw : waste;
    if (len < STREAM_HEAD || (at[0] & 15) != 8 || !start_inflater())
        return 0;
    inflater.next_in = (Bytef *)(uintptr_t)(at + STREAM_HEAD); /* zlib does not write there */
    inflater.avail_in = (uInt)(len - STREAM_HEAD);
    inflater.next_out = out;
    inflater.avail_out = SHAPE_RAW;
    if (inflate(&inflater, Z_FINISH) != Z_STREAM_END)
        return 0;
    *raw_len = SHAPE_RAW - inflater.avail_out;
    *adler = (uint32_t)adler32_z(1, out, *raw_len);
    return len - inflater.avail_in;
}

static size_t store(const uint8_t *raw, size_t len, uint8_t *out, size_t room)
{
    size_t need = STREAM_HEAD + 5 + len + 4;
    if (len > 65535 || room < need)
        return 0;
    memcpy(out, "\x78\x01\x01", 3);
    out[3] = (uint8_t)len;
    out[4] = (uint8_t)(len >> 8);
    out[5] = (uint8_t)~len;
    out[6] = (uint8_t)(~len >> 8);
    memcpy(out + 7, raw, len);
    shape_put_u32(out + 7 + len, (uint32_t)adler32_z(1, raw, len));
    return need;
}

size_t shape_deflate(const uint8_t *raw, size_t len, bool stored, uint8_t *out, size_t room)
{
    if (stored)
        return store(raw, len, out, room);
    if (deflater_ready)
        deflateReset(&deflater);
    else
        deflater_ready = deflateInit2(&deflater, 1, Z_DEFLATED, 9, 1, Z_DEFAULT_STRATEGY) == Z_OK;
    deflater.next_in = (Bytef *)(uintptr_t)raw; /* zlib does not write there */
    deflater.avail_in = (uInt)len;
    deflater.next_out = out;
    deflater.avail_out = (uInt)room;
    if (!deflater_ready || deflate(&deflater, Z_FINISH) != Z_STREAM_END)
        return 0;
    return room - deflater.avail_out;
}
