/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk: the whole file into memory, its blocks into one run of bytes, and
 * then item by item through them.
 */
#include "tests/support/walk.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_LEN 27u
#define COORD_LEN 12u
#define NODE_FIXED 36u
#define CHILD_LEN 13u

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct walk_coord coord(const uint8_t *p)
{
    return (struct walk_coord){(uint64_t)u32(p) << 32 | u32(p + 4), u32(p + 8)};
}

static bool same_coord(struct walk_coord a, struct walk_coord b)
{
    return a.pos == b.pos && a.off == b.off;
}

static void *grow(void *old, size_t *room, size_t need, size_t item)
{
    if (need <= *room && old != NULL)
        return old;
    *room = 2 * need + 64;
    void *grown = realloc(old, *room * item);
    if (grown == NULL)
        abort();
    return grown;
}

/* ---- Header and master node ---- */

static const char *read_raw(struct walk *walk, const struct capf_io *io, const char *path)
{
    struct capf_io_stat st;
    int fd = io->open(io->ctx, path, CAPF_IO_READ);
    if (fd < 0)
        return "it cannot be opened";
    int code = io->stat(io->ctx, fd, &st);
    walk->raw = grow(walk->raw, &walk->raw_room, (size_t)st.size, 1);
    int64_t got = code < 0 ? code : io->pread(io->ctx, fd, walk->raw, (size_t)st.size, 0);
    io->close(io->ctx, fd);
    walk->raw_len = got < 0 ? 0 : (size_t)got;
    return got == (int64_t)st.size ? NULL : "it cannot be read";
}

static const char *read_header(struct walk *walk)
{
    const uint8_t *raw = walk->raw;
    if (walk->raw_len < HEADER_LEN || u32(raw + 11) > 2 ||
        (memcmp(raw, "MioCapture", 11) != 0 && memcmp(raw, "WebCapture", 11) != 0))
        return "it has no header";
    walk->page = u32(raw + 15);
    walk->block = u32(raw + 19);
    walk->fan = u32(raw + 23);
    if (walk->page < 64 || walk->block == 0 || walk->block % walk->page != 0 || walk->fan < 2 ||
        walk->fan > WALK_FAN_MAX)
        return "its geometry cannot be";
    walk->node_len = 2 * (uint64_t)walk->page + walk->block;
    walk->data_pos = walk->page + 2 * walk->node_len;
    return walk->raw_len < walk->data_pos ? "it ends before its data" : NULL;
}

static bool node_good(const struct walk *walk, const uint8_t *node)
{
    return u32(node) == crc32_z(0, node + 4, (size_t)walk->node_len - 4);
}

/* The newer of the good ones; NULL: none. */
static const uint8_t *find_node(const struct walk *walk)
{
    const uint8_t *a = walk->raw + walk->page, *b = a + walk->node_len;
    bool a_good = node_good(walk, a), b_good = node_good(walk, b);
    if (!a_good || !b_good)
        return a_good ? a : b_good ? b : NULL;
    int32_t ahead = (int32_t)(u32(a + 4) - u32(b + 4));
    return ahead > 0 ? a : ahead < 0 ? b : NULL;
}

static const char *read_path(struct walk *walk, const uint8_t *node)
{
    uint32_t total = u32(node + 32), last = 1;
    if (NODE_FIXED + (uint64_t)CHILD_LEN * total > walk->page)
        return "the master node lists too much";
    for (uint32_t i = 0; i < total; i++) {
        const uint8_t *child = node + NODE_FIXED + i * CHILD_LEN;
        if (child[0] < last || child[0] > WALK_LEVELS_MAX)
            return "the master node's heights are out of order";
        last = child[0];
        struct walk_level *level = &walk->given[last - 1];
        if (level->count + 1 >= walk->fan)
            return "a full node in the rightmost path";
        level->child[level->count++] = coord(child + 1);
        walk->levels = last;
    }
    return NULL;
}

/* The committed bytes of the last page, and the open block, come from the master node. */
static const char *read_node(struct walk *walk)
{
    const uint8_t *node = find_node(walk);
    if (node == NULL)
        return "no master node counts";
    walk->limit = coord(node + 8).pos;
    uint32_t open_len = u32(node + 16);
    size_t rest = (size_t)(walk->limit % walk->page);
    if (walk->limit < walk->data_pos || open_len >= walk->block ||
        walk->limit - rest > walk->raw_len)
        return "the file limit or the open block cannot be";
    walk->meta_at = coord(node + 20);
    walk->flat = grow(walk->flat, &walk->flat_room, open_len, 1);
    memcpy(walk->flat, node + 2 * (size_t)walk->page, open_len);
    walk->flat_len = open_len;
    const char *why = read_path(walk, node);
    if (why != NULL)
        return why;
    uint64_t node_at = (uint64_t)(node - walk->raw);
    walk->raw = grow(walk->raw, &walk->raw_room, (size_t)walk->limit, 1);
    memcpy(walk->raw + walk->limit - rest, walk->raw + node_at + walk->page, rest);
    return NULL;
}

/* ---- Blocks ---- */

static void add_block(struct walk *walk, uint64_t pos, size_t start, size_t len)
{
    walk->blocks =
        grow(walk->blocks, &walk->block_room, walk->block_count + 1, sizeof *walk->blocks);
    walk->blocks[walk->block_count++] = (struct walk_block){pos, start, len};
}

static struct walk_known *known_at(struct walk *walk, uint64_t pos)
{
    return &walk->known[pos * 0x9E3779B97F4A7C15u >> 58];
}

static bool is_known(const struct walk_known *known, const struct walk *walk, uint64_t pos,
                     uint32_t stored)
{
    return known->pos == pos && known->stored == stored &&
           memcmp(known->bytes, walk->raw + pos + 4, stored) == 0;
}

static void keep_known(struct walk *walk, uint64_t pos, uint32_t stored, size_t start)
{
    struct walk_known *known = known_at(walk, pos);
    size_t len = walk->flat_len - start;
    known->bytes = grow(known->bytes, &known->room, stored + len, 1);
    known->pos = pos;
    known->stored = stored;
    known->len = len;
    memcpy(known->bytes, walk->raw + pos + 4, stored);
    memcpy(known->bytes + stored, walk->flat + start, len);
}

static bool inflate_new(struct walk *walk, uint64_t pos, uint32_t stored)
{
    int result = walk->z_ready ? inflateReset(&walk->z) : inflateInit(&walk->z);
    walk->z_ready = true;
    walk->z.next_in = walk->raw + pos + 4;
    walk->z.avail_in = stored;
    while (result == Z_OK) {
        walk->flat = grow(walk->flat, &walk->flat_room, walk->flat_len + walk->block, 1);
        size_t room = walk->flat_room - walk->flat_len;
        walk->z.next_out = walk->flat + walk->flat_len;
        walk->z.avail_out = (uInt)room;
        result = inflate(&walk->z, Z_NO_FLUSH);
        walk->flat_len += room - walk->z.avail_out;
    }
    return result == Z_STREAM_END && walk->z.avail_in == 0;
}

static const char *inflate_block(struct walk *walk, uint64_t pos, uint32_t stored)
{
    size_t start = walk->flat_len;
    const struct walk_known *known = known_at(walk, pos);
    if (is_known(known, walk, pos, stored)) {
        walk->flat = grow(walk->flat, &walk->flat_room, start + known->len, 1);
        memcpy(walk->flat + start, known->bytes + stored, known->len);
        walk->flat_len += known->len;
    } else if (inflate_new(walk, pos, stored)) {
        keep_known(walk, pos, stored, start);
    } else {
        return "a block does not inflate";
    }
    add_block(walk, pos, start, walk->flat_len - start);
    return walk->flat_len - start < walk->block ? "a closed block is too short" : NULL;
}

/* The open one, which was put first, comes last. */
static const char *inflate_all(struct walk *walk)
{
    size_t open_len = walk->flat_len;
    for (uint64_t pos = walk->data_pos; pos < walk->limit;) {
        if (walk->limit - pos < 4)
            return "blocks run past the file limit";
        uint32_t stored = u32(walk->raw + pos);
        if (stored > walk->limit - pos - 4)
            return "a block runs past the file limit";
        const char *why = inflate_block(walk, pos, stored);
        if (why != NULL)
            return why;
        pos += 4 + (uint64_t)stored;
    }
    add_block(walk, walk->limit, 0, open_len);
    return NULL;
}

/* The bytes at a coordinate, of which there are *len; NULL: it leads nowhere. */
static const uint8_t *bytes_at(const struct walk *walk, struct walk_coord at, size_t *len)
{
    size_t low = 0, high = walk->block_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (walk->blocks[middle].pos < at.pos)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == walk->block_count || walk->blocks[low].pos != at.pos ||
        at.off >= walk->blocks[low].len)
        return NULL;
    *len = walk->blocks[low].len - at.off;
    return walk->flat + walk->blocks[low].start + at.off;
}

/* ---- Index ---- */

static const char *count_records(struct walk *walk)
{
    for (unsigned h = 0; h < walk->levels; h++) {
        walk->span[h] = h == 0 ? 1 : walk->span[h - 1] * walk->fan;
        walk->records += walk->given[h].count * walk->span[h];
        if (walk->span[h] > UINT32_MAX || walk->records > UINT32_MAX)
            return "more records than this walk can do";
    }
    return NULL;
}

/* Where the path says that the record with this index (from 0) is; (0, 0): nowhere. */
static struct walk_coord locate(const struct walk *walk, uint64_t index)
{
    const uint64_t *span = walk->span;
    unsigned h = walk->levels;
    while (h > 0 && index / span[h - 1] >= walk->given[h - 1].count) {
        index -= walk->given[h - 1].count * span[h - 1];
        h--;
    }
    if (h == 0)
        return (struct walk_coord){0, 0};
    struct walk_coord at = walk->given[h - 1].child[index / span[h - 1]];
    for (; h > 1; h--) {
        size_t len;
        index %= span[h - 1];
        const uint8_t *node = bytes_at(walk, at, &len);
        if (node == NULL || len < (size_t)COORD_LEN * walk->fan)
            return (struct walk_coord){0, 0};
        at = coord(node + COORD_LEN * (index / span[h - 2]));
    }
    return at;
}

static bool is_node(const struct walk_level *level, uint32_t fan, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < fan; i++)
        if (!same_coord(coord(bytes + COORD_LEN * i), level->child[i]))
            return false;
    return true;
}

/* ---- Item by item ---- */

struct walker {
    struct walk *walk;
    uint64_t found; /* records */
    unsigned full;  /* height whose node comes next; 0: none */
    bool meta_found;
};

static void push(struct walker *walker, unsigned height, struct walk_coord at)
{
    struct walk_level *level = &walker->walk->built[height - 1];
    level->child[level->count++] = at;
    walker->full = level->count == walker->walk->fan ? height : 0;
}

/* A record, when it stands where the index says; or metadata, present or past. */
static const char *take_sized(struct walker *walker, struct walk_coord at, const uint8_t *bytes,
                              size_t len, size_t *taken)
{
    struct walk *walk = walker->walk;
    if (len < 4 || u32(bytes) > len - 4)
        return "an item runs past its block";
    *taken = 4 + (size_t)u32(bytes);
    if (walker->found < walk->records && same_coord(locate(walk, walker->found), at)) {
        walk->crc = (uint32_t)crc32_z(walk->crc, bytes, *taken);
        walker->found++;
        push(walker, 1, at);
    } else if (same_coord(walk->meta_at, at)) {
        walk->has_meta = true;
        walk->meta = bytes + 4;
        walk->meta_len = u32(bytes);
    }
    return NULL;
}

static const char *take_item(struct walker *walker, struct walk_coord at, const uint8_t *bytes,
                             size_t len, size_t *taken)
{
    struct walk *walk = walker->walk;
    unsigned height = walker->full;
    if (height == 0)
        return take_sized(walker, at, bytes, len, taken);
    struct walk_level *level = &walk->built[height - 1];
    *taken = (size_t)COORD_LEN * walk->fan;
    if (len < *taken || !is_node(level, walk->fan, bytes) || height == WALK_LEVELS_MAX)
        return "an index node is not what its records say";
    level->count = 0;
    push(walker, height + 1, at);
    return NULL;
}

static const char *take_block(struct walker *walker, const struct walk_block *block)
{
    for (size_t off = 0, taken; off < block->len; off += taken) {
        struct walk_coord at = {block->pos, (uint32_t)off};
        const char *why = take_item(walker, at, walker->walk->flat + block->start + off,
                                    block->len - off, &taken);
        if (why != NULL)
            return why;
    }
    return NULL;
}

static const char *same_path(const struct walk *walk)
{
    for (unsigned h = 0; h < WALK_LEVELS_MAX; h++) {
        const struct walk_level *given = &walk->given[h], *built = &walk->built[h];
        if (given->count != built->count)
            return "the rightmost path is not that of the records";
        for (uint32_t i = 0; i < given->count; i++)
            if (!same_coord(given->child[i], built->child[i]))
                return "the rightmost path is not that of the records";
    }
    return NULL;
}

static const char *take_all(struct walk *walk)
{
    struct walker walker = {.walk = walk};
    for (size_t i = 0; i < walk->block_count; i++) {
        const char *why = take_block(&walker, &walk->blocks[i]);
        if (why != NULL)
            return why;
    }
    if (walker.full != 0 || walker.found != walk->records)
        return "the index counts other records than there are";
    if (walk->has_meta != (walk->meta_at.pos != 0))
        return "the metadata is not where it should be";
    return same_path(walk);
}

static void start(struct walk *walk)
{
    walk->records = 0;
    walk->crc = 0;
    walk->has_meta = false;
    walk->meta = NULL;
    walk->meta_len = 0;
    walk->flat_len = walk->block_count = 0;
    walk->levels = 0;
    for (unsigned h = 0; h < WALK_LEVELS_MAX; h++)
        walk->given[h].count = walk->built[h].count = 0;
}

const char *walk_file(struct walk *walk, const struct capf_io *io, const char *path)
{
    start(walk);
    const char *why = read_raw(walk, io, path);
    if (why == NULL)
        why = read_header(walk);
    if (why == NULL)
        why = read_node(walk);
    if (why == NULL)
        why = inflate_all(walk);
    if (why == NULL)
        why = count_records(walk);
    return why == NULL ? take_all(walk) : why;
}

void walk_release(struct walk *walk)
{
    if (walk->z_ready)
        inflateEnd(&walk->z);
    for (unsigned i = 0; i < WALK_KNOWN; i++)
        free(walk->known[i].bytes);
    free(walk->raw);
    free(walk->flat);
    free(walk->blocks);
    memset(walk, 0, sizeof *walk);
}
