/* SPDX-License-Identifier: MIT */
/*
 * Page size, block size and fan-out, which no checksum covers. A header that
 * is in order is believed unless the file contradicts it. Otherwise: a master
 * node's checksum holds for one size only; the first block stands at 5·P + 2·B,
 * so for a page size that is a power of two both follow from its position; and
 * the first index node ends with the record just before it, which is its F-th
 * child.
 */
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

#define PAGE_MIN 64u
#define PAGE_MAX (1u << 20)
#define FIRST_MIN (7u * PAGE_MIN) /* no block stands before this */
#define FIRST_MAX (UINT64_C(40) << 20)
#define NODE_MAX (UINT64_C(20) << 20) /* bytes of a node that are searched for its end */
#define PIECE 65536u
#define VERSION_MAX 255u /* a higher one is damage, not a later format */
#define ITEMS_MAX (1u << 18)
#define JUMPS_MAX 16
#define BLIND_BLOCK (1u << 20) /* items begin before this in a block of unknown size */

/* ---- What may be so ---- */

static bool take(struct capf__salvage *s, struct capf__header header, uint32_t page, uint32_t block)
{
    char why[120];
    const struct capf_salvage_options *given = s->options;
    if ((given->page_size != 0 && given->page_size != page) ||
        (given->block_size != 0 && given->block_size != block))
        return false;
    header.page_size = page;
    header.block_size = block;
    if (header.fan_out == 0)
        header.fan_out = CAPF_FAN_OUT;
    if (!capf__header_derive(&header, why, sizeof why))
        return false;
    s->store->header = header;
    capf__state_unref(s->plain);
    s->plain = NULL;
    return true;
}

/* The checksum of `len` bytes, going on from `crc`. */
static enum capf_status sum_bytes(struct capf__salvage *s, uint64_t pos, uint64_t len,
                                  uint32_t *crc, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    while (len > 0 && status == CAPF_OK) {
        size_t n = (size_t)capf__min_u64(len, PIECE), got = 0;
        status = capf__read_some(s->io, s->store->fd, s->part, n, pos, &got, err);
        *crc = capf_crc32(*crc, s->part, got);
        if (got < n)
            *crc = ~*crc; /* the end of the file: no sum is right */
        pos += n;
        len -= n;
    }
    return status;
}

static enum capf_status node_holds(struct capf__salvage *s, int slot, bool *holds,
                                   struct capf_error *err)
{
    const struct capf__header *header = &s->store->header;
    uint64_t pos = header->node_pos[slot];
    uint8_t sum[4];
    size_t got = 0;
    uint32_t crc = 0;
    *holds = false;
    if (pos + header->node_len > s->size)
        return CAPF_OK;
    enum capf_status status = capf__read_some(s->io, s->store->fd, sum, sizeof sum, pos, &got, err);
    if (status == CAPF_OK)
        status = sum_bytes(s, pos + 4, header->node_len - 4, &crc, err);
    *holds = status == CAPF_OK && got == sizeof sum && crc == capf__get_u32(sum);
    return status == CAPF_IO ? CAPF_OK : status;
}

/* Does the file show that this is its geometry? */
static enum capf_status is_shown(struct capf__salvage *s, bool *shown, struct capf_error *err)
{
    enum capf_status status = node_holds(s, 0, shown, err);
    if (status == CAPF_OK && !*shown)
        status = node_holds(s, 1, shown, err);
    if (status == CAPF_OK && !*shown)
        status = capf__salvage_block(s, s->store->header.data_pos, shown, err);
    return status;
}

/* ---- Master node 0 ends where its checksum says ---- */

static enum capf_status sum_for_page(struct capf__salvage *s, struct capf__header header,
                                     uint32_t page, bool *found, struct capf_error *err)
{
    uint8_t bytes[4];
    uint32_t crc = 0, blocks = 0;
    size_t got = 0;
    uint64_t pos = (uint64_t)page + 4, end = 3 * (uint64_t)page, max = page + NODE_MAX;
    enum capf_status status =
        capf__read_some(s->io, s->store->fd, bytes, sizeof bytes, page, &got, err);
    if (status != CAPF_OK || got < sizeof bytes)
        return status;
    uint32_t sum = capf__get_u32(bytes);
    max = capf__min_u64(max, s->size);
    while (status == CAPF_OK && !*found && end <= max) {
        status = sum_bytes(s, pos, end - pos, &crc, err);
        *found =
            status == CAPF_OK && blocks > 0 && crc == sum && take(s, header, page, blocks * page);
        pos = end;
        end += page;
        blocks++;
    }
    return status;
}

static enum capf_status by_checksum(struct capf__salvage *s, struct capf__header header,
                                    bool *found, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    *found = false;
    for (uint32_t page = PAGE_MIN; page <= PAGE_MAX && !*found && status == CAPF_OK; page *= 2)
        if (s->options->page_size == 0 || s->options->page_size == page)
            status = sum_for_page(s, header, page, found, err);
    return status;
}

/* ---- The first block stands where the geometry puts it ---- */

/* A good block at `pos`: with P a power of two pos = (5 + 2k)·P, so P is its lowest bit. */
static bool take_first(struct capf__salvage *s, struct capf__header header, uint64_t pos)
{
    uint64_t page = s->options->page_size != 0 ? s->options->page_size : pos & (~pos + 1);
    if (page > PAGE_MAX || pos < 7 * page || (pos - 5 * page) % (2 * page) != 0)
        return false;
    uint64_t block = (pos - 5 * page) / 2;
    return block <= s->look.raw && take(s, header, (uint32_t)page, (uint32_t)block);
}

static enum capf_status try_first(struct capf__salvage *s, struct capf__header header, uint64_t pos,
                                  bool *found, struct capf_error *err)
{
    enum capf_status status = capf__salvage_plain(s, err);
    if (status == CAPF_OK)
        status = capf__look_prove(&s->look, s->plain, pos, err);
    if (status == CAPF_OK)
        *found = take_first(s, header, pos);
    if (status == CAPF_DAMAGED || status == CAPF_CUT || status == CAPF_IO ||
        (status == CAPF_CANCELLED && !s->cancelled))
        return CAPF_OK;
    return status;
}

static enum capf_status by_first_block(struct capf__salvage *s, struct capf__header header,
                                       bool *found, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    s->store->header.data_pos = FIRST_MIN;
    for (uint64_t pos = FIRST_MIN; pos < s->size && pos < FIRST_MAX && !*found;
         pos += PIECE - 4096) {
        size_t got = 0;
        status = capf__read_some(s->io, s->store->fd, s->part, PIECE, pos, &got, err);
        if (status == CAPF_IO)
            continue;
        for (size_t i = 0; status == CAPF_OK && !*found && i + 6 <= got && i < PIECE - 4096;
             i += PAGE_MIN)
            if (capf__salvage_promising(s, s->part + i, got - i, s->size - pos - i))
                status = try_first(s, header, pos + i, found, err);
        if (status != CAPF_OK)
            return status;
    }
    return CAPF_OK;
}

/* ---- All of it ---- */

static enum capf_status read_header(struct capf__salvage *s, bool *good,
                                    struct capf__header *header, struct capf_error *err)
{
    uint8_t bytes[CAPF__HEADER_LEN];
    size_t got = 0;
    enum capf_status status =
        capf__read_some(s->io, s->store->fd, bytes, sizeof bytes, 0, &got, err);
    if (status == CAPF_IO)
        got = 0;
    else if (status != CAPF_OK)
        return status;
    status = capf__header_decode(header, bytes, got, err);
    *good = s->header_good = status == CAPF_OK;
    if (status == CAPF_VERSION && header->version <= VERSION_MAX && s->options->page_size == 0)
        return status;
    if (!*good)
        *header = (struct capf__header){.version = CAPF__VERSION, .fan_out = CAPF_FAN_OUT};
    return CAPF_OK;
}

static enum capf_status infer(struct capf__salvage *s, struct capf__header header, bool *found,
                              struct capf_error *err)
{
    take(s, header, CAPF_PAGE_SIZE,
         CAPF_BLOCK_SIZE); /* something to read by; given ones may differ */
    if (s->store->header.page_size == 0) {
        char why[120];
        s->store->header = header;
        s->store->header.page_size = CAPF_PAGE_SIZE;
        s->store->header.block_size = CAPF_BLOCK_SIZE;
        capf__header_derive(&s->store->header, why, sizeof why);
    }
    enum capf_status status = by_checksum(s, header, found, err);
    if (status == CAPF_OK && !*found)
        status = by_first_block(s, header, found, err);
    return status;
}

/* The usual geometry's tail page at `pos`, which may hold short blocks whole: its end; 0: none is there. */
static uint64_t usual_tail(const struct capf__header *usual, uint64_t pos)
{
    for (int slot = 0; slot < 2; slot++) {
        uint64_t tail = usual->node_pos[slot] + usual->page_size;
        if (pos >= tail && pos < tail + usual->page_size)
            return tail + usual->page_size;
    }
    return 0;
}

/* Is there a block before the usual first one, and not one that a usual node's tail holds? */
static enum capf_status find_early(struct capf__salvage *s, const struct capf__header *usual,
                                   bool *early, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    uint64_t pos = FIRST_MIN, next = 0;
    bool chained, good = true;
    *early = false;
    while (status == CAPF_OK && !*early) {
        status = capf__salvage_next(s, pos, &next, &chained, err);
        if (status != CAPF_OK || next >= s->limit || next >= usual->data_pos)
            return status;
        uint64_t end = usual_tail(usual, next);
        for (good = true; status == CAPF_OK && good && next < s->limit;) {
            status = capf__salvage_block(s, next, &good, err);
            next = status == CAPF_OK && good ? capf__look_next(&s->look) : next;
        }
        *early = end == 0 || next > end;
        pos = end;
    }
    return status;
}

/* Blocks before the usual first one: then the geometry is another, and stays unknown. Blocks can be read
 * all the same, but for what only a master node has, since nothing says where these are. */
static enum capf_status look_blindly(struct capf__salvage *s, struct capf__header header,
                                     struct capf_error *err)
{
    const struct capf__header usual = s->store->header;
    take(s, header, PAGE_MIN, PAGE_MIN);
    enum capf_status status = find_early(s, &usual, &s->blind, err);
    if (s->blind)
        take(s, header, PAGE_MIN, BLIND_BLOCK);
    else
        take(s, header, CAPF_PAGE_SIZE, CAPF_BLOCK_SIZE);
    if (s->blind)
        s->store->header.data_pos = FIRST_MIN;
    return status;
}

/* Nothing shows it. A good header may be right all the same; so may the usual values be. */
static enum capf_status assume(struct capf__salvage *s, struct capf__header header, bool good,
                               struct capf_error *err)
{
    const struct capf_salvage_options *given = s->options;
    uint32_t page = given->page_size != 0 ? given->page_size : good ? header.page_size : 0;
    uint32_t block = given->block_size != 0 ? given->block_size : good ? header.block_size : 0;
    if (!take(s, header, page != 0 ? page : CAPF_PAGE_SIZE, block != 0 ? block : CAPF_BLOCK_SIZE))
        return capf__fail(err, CAPF_ARGUMENT, 0, "there is no such page size and block size");
    s->report->geometry = good ? CAPF_GEOMETRY_HEADER : CAPF_GEOMETRY_ASSUMED;
    if (page == 0 && block == 0)
        return look_blindly(s, header, err);
    return CAPF_OK;
}

enum capf_status capf__salvage_geometry(struct capf__salvage *s, struct capf_error *err)
{
    const struct capf_salvage_options *given = s->options;
    struct capf__header header;
    bool good = false, found = false;
    enum capf_status status = read_header(s, &good, &header, err);
    if (status != CAPF_OK)
        return status;
    if (given->fan_out != 0)
        header.fan_out = given->fan_out;
    s->report->geometry = CAPF_GEOMETRY_HEADER;
    if (given->page_size != 0 && given->block_size != 0) {
        status = assume(s, header, false, err);
        s->report->geometry = CAPF_GEOMETRY_GIVEN;
        return status;
    }
    if (good && take(s, header, header.page_size, header.block_size))
        status = is_shown(s, &found, err);
    if (status != CAPF_OK || found)
        return status;
    status = infer(s, header, &found, err);
    s->report->geometry = CAPF_GEOMETRY_INFERRED;
    return status == CAPF_OK && !found ? assume(s, header, good, err) : status;
}

/* ---- Fan-out ---- */

struct items {
    struct capf_coord *at;
    size_t count, room;
};

static bool among(const struct items *items, struct capf_coord at)
{
    size_t low = 0, high = items->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (capf__coord_less(items->at[middle], at))
            low = middle + 1;
        else
            high = middle;
    }
    return low < items->count && !capf__coord_less(at, items->at[low]);
}

/* How many ascending coordinates of items begin at `off` and end with the last item; 0: none. */
static enum capf_status count_node(struct capf__salvage *s, const struct items *items, uint64_t off,
                                   uint32_t *count, struct capf_error *err)
{
    struct capf_coord before = {0, 0};
    uint32_t n = 0;
    *count = 0;
    while (items->count > 1) {
        uint8_t bytes[CAPF__COORD_LEN];
        size_t got = 0;
        enum capf_status status = capf__look_read(&s->look, off, bytes, sizeof bytes, &got, err);
        if (status != CAPF_OK || got < sizeof bytes)
            return status;
        struct capf_coord at = capf__coord_get(bytes), last = items->at[items->count - 1];
        if (!capf__coord_less(before, at) || !among(items, at))
            return CAPF_OK;
        n++;
        if (at.pos == last.pos && at.off == last.off) {
            *count = n > 1 ? n : 0;
            return CAPF_OK;
        }
        before = at;
        off += CAPF__COORD_LEN;
    }
    return CAPF_OK;
}

static enum capf_status add_items(struct capf__salvage *s, struct items *items, uint32_t *fan_out,
                                  struct capf_error *err)
{
    uint64_t off = 0;
    while (off < s->look.raw && *fan_out == 0 && off < s->store->header.block_size) {
        uint8_t prefix[4];
        size_t got = 0;
        enum capf_status status = count_node(s, items, off, fan_out, err);
        if (status == CAPF_OK && *fan_out == 0)
            status = capf__look_read(&s->look, off, prefix, sizeof prefix, &got, err);
        if (status != CAPF_OK || *fan_out != 0 || got < sizeof prefix)
            return status;
        if (!capf__salvage_room(s, &items->at, items->count, &items->room, sizeof *items->at))
            return capf__fail_memory(err, items->count * sizeof *items->at);
        items->at[items->count++] = (struct capf_coord){s->look.pos, (uint32_t)off};
        off += 4 + (uint64_t)capf__get_u32(prefix);
    }
    return CAPF_OK;
}

/* Blocks in the last page, which only the nodes hold, and the open block. */
static enum capf_status find_in_nodes(struct capf__salvage *s, struct items *items, uint64_t pos,
                                      uint32_t *fan_out, struct capf_error *err)
{
    const struct capf__header *header = &s->store->header;
    enum capf_status status = CAPF_OK;
    bool good = pos >= s->limit;
    while (status == CAPF_OK && good && *fan_out == 0) {
        status = capf__salvage_block(s, pos, &good, err);
        if (status == CAPF_OK && good) {
            pos = capf__look_next(&s->look);
            status = add_items(s, items, fan_out, err);
        }
    }
    for (int slot = 0; slot < 2 && status == CAPF_OK && *fan_out == 0; slot++) {
        const uint8_t *bytes = s->node[slot].bytes;
        if (bytes == NULL || capf__get_u32(bytes + 16) > header->block_size)
            continue;
        uint64_t limit = capf__get_u64(bytes + 8);
        if (limit != pos)
            items->count = 0;
        pos = limit + 1; /* the other node's items are others */
        capf__look_open(&s->look, limit, bytes + 2 * (size_t)header->page_size,
                        capf__get_u32(bytes + 16));
        status = add_items(s, items, fan_out, err);
    }
    return status;
}

/* From the first good block on, until an index node shows itself. */
static enum capf_status find_fan_out(struct capf__salvage *s, struct items *items,
                                     uint32_t *fan_out, struct capf_error *err)
{
    uint64_t pos = s->store->header.data_pos;
    int jumps = 0;
    while (pos < s->limit && *fan_out == 0 && items->count < ITEMS_MAX) {
        bool good, chained;
        enum capf_status status = capf__salvage_block(s, pos, &good, err);
        if (status == CAPF_OK && good) {
            status = add_items(s, items, fan_out, err);
            pos = capf__look_next(&s->look);
        } else if (status == CAPF_OK) {
            if (jumps++ == JUMPS_MAX)
                return CAPF_OK;
            items->count = 0;
            status = capf__salvage_next(s, pos, &pos, &chained, err);
        }
        if (status == CAPF_OK)
            status = capf__progress_step(&s->inner, 0, 0, err);
        if (status != CAPF_OK)
            return status;
    }
    return find_in_nodes(s, items, pos, fan_out, err);
}

enum capf_status capf__salvage_fan_out(struct capf__salvage *s, struct capf_error *err)
{
    struct capf__header *header = &s->store->header;
    struct items items = {0};
    uint32_t found = 0;
    s->report->fan_out_source = CAPF_GEOMETRY_GIVEN;
    if (s->options->fan_out != 0)
        return CAPF_OK;
    enum capf_status status = find_fan_out(s, &items, &found, err);
    capf__free(s->io, items.at);
    s->report->fan_out_source =
        s->report->geometry == CAPF_GEOMETRY_HEADER ? CAPF_GEOMETRY_HEADER : CAPF_GEOMETRY_ASSUMED;
    if (status == CAPF_OK && found != 0 && (found != header->fan_out || !s->header_good))
        s->report->fan_out_source = CAPF_GEOMETRY_INFERRED;
    if (found != 0)
        header->fan_out = found;
    return status;
}
