/* SPDX-License-Identifier: MIT */
/*
 * Behind a bad block: the next good one. Its own length may still lead there;
 * else every byte is looked at as the start of one. That costs little, because a
 * block shows in its first six bytes, and because what is inflated in vain is
 * counted: a file made to waste time ends the search.
 */
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

#define PROBE_IN 4096u /* compressed bytes that show whether inflating is worth while */
#define CHAIN_MAX 64   /* bad blocks in a row whose lengths are believed */
#define STORED_MIN 8u

static const struct capf__state *bytes_of(const struct capf__salvage *s)
{
    return s->top >= 0 ? &s->node[s->top].state : s->plain;
}

/* The bad block's own length may be right, and lead to the next. */
static enum capf_status follow_lengths(struct capf__salvage *s, uint64_t pos, uint64_t *next,
                                       bool *found, struct capf_error *err)
{
    *found = false;
    for (int i = 0; i < CHAIN_MAX && !*found; i++) {
        uint32_t stored;
        if (capf__stored_len(s->store, bytes_of(s), pos, &stored, NULL) != CAPF_OK)
            return CAPF_OK;
        pos += 4 + (uint64_t)stored;
        *next = pos;
        *found = s->top >= 0 && pos == s->limit;
        if (pos >= s->limit)
            return CAPF_OK;
        enum capf_status status = CAPF_OK;
        if (!*found)
            status = capf__salvage_block(s, pos, found, err);
        if (status != CAPF_OK)
            return status;
    }
    return CAPF_OK;
}

/* A look at the first bytes of what may be a zlib stream, before it is read as a whole. */
static bool probe(struct capf__salvage *s, const uint8_t *bytes, size_t len)
{
    uint8_t out[1024];
    if (!s->probe_ready) {
        capf__z_use_io(&s->probe, s->io);
        s->probe_ready = inflateInit(&s->probe) == Z_OK;
    } else if (inflateReset(&s->probe) != Z_OK) {
        return true;
    }
    if (!s->probe_ready)
        return true;                              /* no memory for it: the whole look will say so */
    s->probe.next_in = (Bytef *)(uintptr_t)bytes; /* zlib does not write there */
    s->probe.avail_in = (uInt)capf__min_u64(len, PROBE_IN);
    int result = Z_OK;
    while (result == Z_OK && s->probe.avail_in > 0) {
        s->probe.next_out = out;
        s->probe.avail_out = sizeof out;
        result = inflate(&s->probe, Z_NO_FLUSH);
    }
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

/* Could a block begin with these bytes, of which `left` stand before the end? */
static bool looks_like_block(const uint8_t *p, uint64_t left)
{
    uint32_t len = capf__get_u32(p);
    unsigned head = (unsigned)p[4] << 8 | p[5];
    return p[4] == 0x78 && head % 31 == 0 && (p[5] & 0x20) == 0 && len >= STORED_MIN &&
           len <= left - 4;
}

bool capf__salvage_promising(struct capf__salvage *s, const uint8_t *bytes, size_t len,
                             uint64_t left)
{
    return len >= 6 && looks_like_block(bytes, left) && probe(s, bytes + 4, len - 4);
}

/* The bytes from `pos` on as a block is read, zeros where there are none. */
static enum capf_status fill_window(struct capf__salvage *s, uint64_t pos, size_t *len,
                                    struct capf_error *err)
{
    const struct capf__state *state = bytes_of(s);
    uint64_t whole = capf__round_down(s->limit, s->store->header.page_size);
    size_t got;
    *len = (size_t)capf__min_u64(CAPF__SALVAGE_WINDOW, s->limit - pos);
    memset(s->window, 0, *len);
    size_t in_file = pos < whole ? (size_t)capf__min_u64(*len, whole - pos) : 0;
    if (in_file < *len)
        memcpy(s->window + in_file, state->tail->data + (pos + in_file - whole), *len - in_file);
    enum capf_status status =
        capf__read_some(s->io, s->store->fd, s->window, in_file, pos, &got, err);
    return status == CAPF_IO ? CAPF_OK : status; /* a bad sector */
}

static enum capf_status search_window(struct capf__salvage *s, uint64_t pos, size_t len,
                                      uint64_t *next, bool *found, struct capf_error *err)
{
    for (size_t i = 0; i + 6 <= len; i++) {
        if (!capf__salvage_promising(s, s->window + i, len - i, s->limit - pos - i))
            continue;
        if (s->effort > s->effort_max) {
            s->report->gave_up = true;
            return CAPF_OK;
        }
        *next = pos + i;
        enum capf_status status = capf__look_prove(&s->look, bytes_of(s), *next, err);
        if (status == CAPF_OK || status == CAPF_DAMAGED || status == CAPF_CUT) {
            s->effort += capf__get_u32(s->window + i);
            status = capf__salvage_block(s, *next, found, err);
        } else if (status == CAPF_CANCELLED && !s->cancelled) {
            s->effort += s->store->header.block_size + CAPF__SALVAGE_ITEM;
            status = CAPF_OK;
        }
        if (status != CAPF_OK || *found)
            return status;
        size_t again; /* the window is used for other things too */
        status = fill_window(s, pos, &again, err);
        if (status != CAPF_OK)
            return status;
    }
    return CAPF_OK;
}

static enum capf_status search(struct capf__salvage *s, uint64_t pos, uint64_t *next,
                               struct capf_error *err)
{
    bool found = false;
    uint64_t whole = capf__round_down(s->limit, s->store->header.page_size);
    while (pos < s->limit && !s->report->gave_up) {
        size_t got = 0;
        /* Between the end of the file and the last page, which a master node has, there is nothing,
         * and it may be as much as 64 bits can count. */
        if (pos >= s->size && pos < whole)
            pos = whole;
        enum capf_status status = fill_window(s, pos, &got, err);
        if (status == CAPF_OK && got > 6)
            status = search_window(s, pos, got, next, &found, err);
        if (status == CAPF_OK)
            status = capf__progress_step(&s->inner, 0, 0, err);
        if (status != CAPF_OK || found)
            return status;
        if (got < CAPF__SALVAGE_WINDOW)
            break;
        pos += got - 5; /* a block may begin with the window's last bytes */
    }
    *next = s->limit;
    return CAPF_OK;
}

enum capf_status capf__salvage_next(struct capf__salvage *s, uint64_t pos, uint64_t *next,
                                    bool *chained, struct capf_error *err)
{
    enum capf_status status = capf__salvage_plain(s, err);
    if (status == CAPF_OK)
        status = follow_lengths(s, pos, next, chained, err);
    if (status == CAPF_OK && !*chained)
        status = search(s, pos + 1, next, err);
    return status;
}
