/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing files of stored blocks: see plain.h.
 */
#include "tests/support/plain.h"

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define STORED_HEAD 7u /* zlib header, and the head of one stored deflate block */

static void put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static uint64_t get(const uint8_t *p, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | p[i];
    return value;
}

static size_t node_len(const struct plain *plain)
{
    return 2 * (size_t)plain->page + plain->block;
}

size_t plain_node_pos(const struct plain *plain, int slot)
{
    return plain->page + (size_t)slot * node_len(plain);
}

void plain_begin(struct plain *plain, uint32_t page, uint32_t block, uint32_t fan)
{
    *plain = (struct plain){.page = page, .block = block, .fan = fan};
    plain->len = page + 2 * node_len(plain);
    plain->bytes = calloc(1, plain->len);
    plain->open = test_bytes(65536 + 65536);
    assert_non_null(plain->bytes);
    memcpy(plain->bytes, "MioCapture", 11);
    put(plain->bytes + 11, 2, 4);
    put(plain->bytes + 15, page, 4);
    put(plain->bytes + 19, block, 4);
    put(plain->bytes + 23, fan, 4);
}

static void close_block(struct plain *plain)
{
    size_t raw = plain->open_len, stored = STORED_HEAD + raw + 4;
    assert_true(raw < 65536 && plain->block_count < PLAIN_BLOCKS);
    plain->bytes = realloc(plain->bytes, plain->len + 4 + stored);
    assert_non_null(plain->bytes);
    uint8_t *p = plain->bytes + plain->len;
    plain->blocks[plain->block_count++] = plain->len;
    put(p, stored, 4);
    put(p + 4, 0x7801, 2);
    p[6] = 1; /* the last block, stored; then its length and the complement, little-endian */
    p[7] = (uint8_t)raw;
    p[8] = (uint8_t)(raw >> 8);
    p[9] = (uint8_t)~p[7];
    p[10] = (uint8_t)~p[8];
    memcpy(p + 11, plain->open, raw);
    put(p + 11 + raw, adler32(1, plain->open, (uInt)raw), 4);
    plain->len += 4 + stored;
    plain->open_len = 0;
}

/* Into the open block, which is closed when it is full. */
static struct plain_coord add(struct plain *plain, const void *head, size_t head_len,
                              const void *data, size_t len)
{
    struct plain_coord at = {plain->len, (uint32_t)plain->open_len};
    if (head_len > 0)
        memcpy(plain->open + plain->open_len, head, head_len);
    if (len > 0)
        memcpy(plain->open + plain->open_len + head_len, data, len);
    plain->open_len += head_len + len;
    if (plain->open_len >= plain->block)
        close_block(plain);
    return at;
}

static struct plain_coord add_sized(struct plain *plain, const void *data, size_t len)
{
    uint8_t head[4];
    put(head, len, 4);
    plain->last = add(plain, head, 4, data, len);
    return plain->last;
}

void plain_record(struct plain *plain, const void *data, size_t len)
{
    struct plain_coord at = add_sized(plain, data, len);
    for (unsigned level = 0;; level++) {
        uint8_t node[12 * PLAIN_FAN_MAX];
        plain->child[level][plain->count[level]++] = at;
        if (plain->count[level] < plain->fan)
            return;
        for (uint32_t i = 0; i < plain->fan; i++) {
            put(node + 12 * i, plain->child[level][i].pos, 8);
            put(node + 12 * i + 8, plain->child[level][i].off, 4);
        }
        plain->count[level] = 0;
        at = add(plain, NULL, 0, node, 12 * (size_t)plain->fan);
    }
}

void plain_meta(struct plain *plain, const void *data, size_t len)
{
    plain->meta = add_sized(plain, data, len);
}

static void put_path(const struct plain *plain, uint8_t *node)
{
    uint32_t total = 0;
    for (unsigned level = 0; level < PLAIN_LEVELS; level++)
        for (uint32_t i = 0; i < plain->count[level]; i++, total++) {
            put(node + 36 + 13 * (size_t)total, level + 1, 1);
            put(node + 37 + 13 * (size_t)total, plain->child[level][i].pos, 8);
            put(node + 45 + 13 * (size_t)total, plain->child[level][i].off, 4);
        }
    put(node + 32, total, 4);
}

void plain_end(struct plain *plain)
{
    size_t tail = plain->len / plain->page * plain->page;
    for (int slot = 0; slot < 2; slot++) {
        uint8_t *node = plain->bytes + plain_node_pos(plain, slot);
        put(node + 4, slot == 0 ? 2 : 1, 4);
        put(node + 8, plain->len, 8);
        put(node + 16, plain->open_len, 4);
        put(node + 20, plain->meta.pos, 8);
        put(node + 28, plain->meta.off, 4);
        put_path(plain, node);
        memcpy(node + plain->page, plain->bytes + tail, plain->len - tail);
        memcpy(node + 2 * (size_t)plain->page, plain->open, plain->open_len);
        plain_mend_node(plain, slot);
    }
}

void plain_release(struct plain *plain)
{
    free(plain->bytes);
    free(plain->open);
}

size_t plain_at(const struct plain *plain, uint64_t pos, uint32_t off)
{
    if (pos == plain->len)
        return plain_node_pos(plain, 0) + 2 * (size_t)plain->page + off;
    return (size_t)pos + 4 + STORED_HEAD + off;
}

/* The last, partial page is read from the master nodes. */
static void copy_tail(struct plain *plain)
{
    size_t tail = plain->len / plain->page * plain->page;
    for (int slot = 0; slot < 2; slot++) {
        uint8_t *node = plain->bytes + plain_node_pos(plain, slot);
        memcpy(node + plain->page, plain->bytes + tail, plain->len - tail);
        plain_mend_node(plain, slot);
    }
}

void plain_mend_block(struct plain *plain, uint64_t pos)
{
    uint8_t *block = plain->bytes + pos;
    size_t raw = (size_t)get(block, 4) - STORED_HEAD - 4;
    put(block + 11 + raw, adler32(1, block + 11, (uInt)raw), 4);
    copy_tail(plain);
}

void plain_mend_node(struct plain *plain, int slot)
{
    uint8_t *node = plain->bytes + plain_node_pos(plain, slot);
    put(node, crc32(0, node + 4, (uInt)node_len(plain) - 4), 4);
}
