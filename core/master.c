/* SPDX-License-Identifier: MIT */
/*
 * Encoding and decoding of master nodes. The checksum is looked at first, so
 * that a torn node is told from one whose writer was wrong; then every field
 * is checked before it is used.
 */
#include "master.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

/* Offsets in a node. */
#define AT_SERIAL 4u
#define AT_LIMIT 8u
#define AT_OPEN_LEN 16u
#define AT_META 20u
#define AT_CHILDREN 32u
#define AT_PATH 36u
#define CHILD_LEN 13u

uint32_t capf__master_crc(const struct capf__header *header, const uint8_t *bytes)
{
    return (uint32_t)crc32_z(0, bytes + 4, (size_t)header->node_len - 4);
}

/* Can something start at `c`? In a block of the data, or in what the open block holds. */
static bool coord_possible(const struct capf__state *state, const struct capf__header *header,
                           struct capf_coord c)
{
    if (c.pos < header->data_pos || c.pos > state->limit || c.off >= header->block_size)
        return false;
    return c.pos < state->limit || c.off < state->open_len;
}

static enum capf_status decode_fields(struct capf__state *state, const struct capf__header *header,
                                      const uint8_t *bytes, struct capf_error *err)
{
    state->crc = capf__get_u32(bytes);
    state->serial = capf__get_u32(bytes + AT_SERIAL);
    state->limit = capf__get_u64(bytes + AT_LIMIT);
    state->open_len = capf__get_u32(bytes + AT_OPEN_LEN);
    state->meta = capf__coord_get(bytes + AT_META);
    if (state->limit < header->data_pos || state->limit > INT64_MAX)
        return capf__fail(err, CAPF_DAMAGED, 0, "file limit %" PRIu64 " is not within the data",
                          state->limit);
    if (state->open_len >= header->block_size)
        return capf__fail(err, CAPF_DAMAGED, 0, "open block of %u bytes in blocks of %u",
                          state->open_len, header->block_size);
    if (!capf__coord_null(state->meta) && !coord_possible(state, header, state->meta))
        return capf__fail(err, CAPF_DAMAGED, 0,
                          "metadata at %" PRIu64 "+%u, which is outside the data", state->meta.pos,
                          state->meta.off);
    return CAPF_OK;
}

/* The node lists the lowest height first, the path the highest: so it is read in two passes, the
 * first of which counts the children of each height. */
static enum capf_status count_children(struct capf__path *path, const struct capf__header *header,
                                       const uint8_t *list, uint32_t total, struct capf_error *err)
{
    for (uint32_t i = 0; i < total; i++) {
        unsigned height = list[i * CHILD_LEN];
        if (height < 1 || height > CAPF_LEVELS_MAX || height < path->levels)
            return capf__fail(err, CAPF_DAMAGED, 0, "index height %u out of order", height);
        path->levels = height;
        if (++path->children[height - 1] >= header->fan_out)
            return capf__fail(err, CAPF_DAMAGED, 0,
                              "a full node of height %u in the rightmost path", height);
    }
    path->total = total;
    return CAPF_OK;
}

static enum capf_status read_children(struct capf__state *state, const struct capf__header *header,
                                      const uint8_t *list, struct capf_error *err)
{
    struct capf__path *path = &state->path;
    for (unsigned h = 1; h <= path->levels; h++) {
        uint32_t start = capf__path_start(path, h);
        for (uint32_t i = 0; i < path->children[h - 1]; i++, list += CHILD_LEN) {
            struct capf_coord c = capf__coord_get(list + 1);
            if (!coord_possible(state, header, c))
                return capf__fail(err, CAPF_DAMAGED, 0,
                                  "index entry at %" PRIu64 "+%u, which is outside the data", c.pos,
                                  c.off);
            path->coords[start + i] = c;
        }
    }
    return CAPF_OK;
}

static enum capf_status decode_path(struct capf__state *state, const struct capf__header *header,
                                    const uint8_t *bytes, uint32_t total, struct capf_error *err)
{
    const uint8_t *list = bytes + AT_PATH;
    enum capf_status status = count_children(&state->path, header, list, total, err);
    if (status == CAPF_OK)
        status = read_children(state, header, list, err);
    if (status == CAPF_OK && !capf__path_count(&state->path, header->fan_out, &state->count))
        status = capf__fail(err, CAPF_DAMAGED, 0, "more records than 64 bits can count");
    return status;
}

static enum capf_status decode_buffers(struct capf__state *state, const struct capf__header *header,
                                       const uint8_t *bytes, struct capf_error *err)
{
    state->tail = capf__buf_new(state->io, header->page_size);
    state->open = capf__buf_new(state->io, state->open_len);
    if (state->tail == NULL || state->open == NULL)
        return capf__fail_memory(err, (uint64_t)header->page_size + state->open_len);
    memcpy(state->tail->data, bytes + header->page_size, header->page_size);
    memcpy(state->open->data, bytes + 2 * (size_t)header->page_size, state->open_len);
    return CAPF_OK;
}

enum capf_status capf__master_decode(struct capf__state *state, const struct capf__header *header,
                                     const struct capf_io *io, const uint8_t *bytes,
                                     struct capf_error *err)
{
    if (capf__get_u32(bytes) != capf__master_crc(header, bytes))
        return capf__fail(err, CAPF_DAMAGED, 0, "checksum does not match");
    uint32_t total = capf__get_u32(bytes + AT_CHILDREN);
    if (total > header->path_max)
        return capf__fail(err, CAPF_DAMAGED, 0, "%u index entries where %u fit", total,
                          header->path_max);
    enum capf_status status = capf__state_init(state, io, total, err);
    if (status != CAPF_OK)
        return status;
    status = decode_fields(state, header, bytes, err);
    if (status == CAPF_OK)
        status = decode_path(state, header, bytes, total, err);
    if (status == CAPF_OK)
        status = decode_buffers(state, header, bytes, err);
    if (status != CAPF_OK)
        capf__state_release(state);
    return status;
}

static uint8_t *encode_path(const struct capf__path *path, uint8_t *p)
{
    for (unsigned h = 1; h <= path->levels; h++) {
        uint32_t start = capf__path_start(path, h);
        for (uint32_t i = 0; i < path->children[h - 1]; i++, p += CHILD_LEN) {
            *p = (uint8_t)h;
            capf__coord_put(p + 1, path->coords[start + i]);
        }
    }
    return p;
}

uint32_t capf__master_encode(const struct capf__state *state, const struct capf__header *header,
                             uint8_t *bytes)
{
    size_t page = header->page_size;
    capf__put_u32(bytes + AT_SERIAL, state->serial);
    capf__put_u64(bytes + AT_LIMIT, state->limit);
    capf__put_u32(bytes + AT_OPEN_LEN, state->open_len);
    capf__coord_put(bytes + AT_META, state->meta);
    capf__put_u32(bytes + AT_CHILDREN, state->path.total);
    uint8_t *end = encode_path(&state->path, bytes + AT_PATH);
    memset(end, 0, (size_t)(bytes + page - end));

    size_t tail_len = (size_t)(state->limit % page);
    if (tail_len > 0)
        memcpy(bytes + page, state->tail->data, tail_len);
    memset(bytes + page + tail_len, 0, page - tail_len);

    if (state->open_len > 0)
        memcpy(bytes + 2 * page, state->open->data, state->open_len);
    memset(bytes + 2 * page + state->open_len, 0, header->block_size - state->open_len);

    uint32_t crc = capf__master_crc(header, bytes);
    capf__put_u32(bytes, crc);
    return crc;
}
