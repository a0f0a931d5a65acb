/* SPDX-License-Identifier: MIT */
/*
 * Where a salvage's bytes come from: the file as it stands, and for the last,
 * partial page a master node, whose own bytes no checksum may vouch for any
 * more. Whatever is taken, a block counts only when it inflates to its exact end
 * with a good Adler-32 and is as long as a closed block is.
 */
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

#define EFFORT_FREE (UINT64_C(8) << 30)
#define EFFORT_PER_BYTE 64u

static bool step(void *ctx, uint64_t done, uint64_t total)
{
    struct capf__salvage *s = ctx;
    const struct capf_options *options = s->open_options;
    (void)total;
    if (s->store->header.block_size > 0 && done > s->store->header.block_size + CAPF__SALVAGE_ITEM)
        return false; /* no block is so long: it is a bomb */
    s->cancelled =
        options->progress != NULL && !options->progress(options->progress_ctx, s->pos, s->size);
    return !s->cancelled;
}

/* ---- The file ---- */

static enum capf_status open_file(struct capf__salvage *s, const char *path, struct capf_error *err)
{
    struct capf__store *store = s->store;
    store->fd = s->io->open(s->io->ctx, path, CAPF_IO_READ);
    if (store->fd < 0)
        return capf__fail_io(err, store->fd, 0, "cannot open the file");
    int code = s->io->stat(s->io->ctx, store->fd, &store->stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    if (store->stat.kind != CAPF_IO_REGULAR)
        return capf__fail(err, CAPF_NOT_REGULAR, 0,
                          "not a regular file, so it cannot be a capture file");
    s->size = store->stat.size;
    return CAPF_OK;
}

/* A state that reads the file with `page_size` bytes of its own at the end. */
static struct capf__state *new_sight(struct capf__salvage *s, uint32_t page_size)
{
    struct capf__state *state = capf__alloc(s->io, sizeof *state);
    if (state == NULL || capf__state_init(state, s->io, 0, NULL) != CAPF_OK) {
        capf__free(s->io, state);
        return NULL;
    }
    state->tail = capf__buf_new(s->io, page_size);
    if (state->tail != NULL)
        return state;
    capf__state_unref(state);
    return NULL;
}

enum capf_status capf__salvage_open(struct capf__salvage *s, const char *path,
                                    struct capf_error *err)
{
    s->store = capf__store_new(s->io, s->open_options->cache_bytes);
    s->window = capf__alloc(s->io, CAPF__SALVAGE_WINDOW);
    if (s->store == NULL || s->window == NULL)
        return capf__fail_memory(err, sizeof *s->store);
    enum capf_status status = open_file(s, path, err);
    if (status != CAPF_OK)
        return status;
    s->effort_max = EFFORT_FREE + EFFORT_PER_BYTE * s->size;
    s->inner = (struct capf__progress){step, s};
    capf__look_init(&s->look, s->store, &s->inner);
    capf__look_init(&s->copy, s->store, &s->inner);
    s->top = -1;
    s->limit = s->size;
    return CAPF_OK;
}

static void release_witness(struct capf__salvage *s, struct capf__witness *w)
{
    if (w->good || w->fits)
        capf__state_release(&w->state);
    capf__state_unref(w->overlay);
    capf__free(s->io, w->bytes);
}

void capf__salvage_close(struct capf__salvage *s)
{
    capf__look_release(&s->look);
    capf__look_release(&s->copy);
    if (s->probe_ready)
        inflateEnd(&s->probe);
    for (int slot = 0; slot < 2; slot++)
        release_witness(s, &s->node[slot]);
    capf__state_unref(s->plain);
    capf__store_unref(s->store);
    capf__free(s->io, s->window);
}

/* ---- Master nodes ---- */

static enum capf_status read_witness(struct capf__salvage *s, struct capf__witness *w, uint64_t pos,
                                     struct capf_error *err)
{
    const struct capf__header *header = &s->store->header;
    size_t got = 0;
    if (pos > s->size || header->node_len > s->size - pos)
        return CAPF_OK;
    w->bytes = capf__alloc(s->io, (size_t)header->node_len);
    if (w->bytes == NULL)
        return capf__fail_memory(err, header->node_len);
    enum capf_status status =
        capf__read_some(s->io, s->store->fd, w->bytes, (size_t)header->node_len, pos, &got, err);
    if (status != CAPF_OK || got < header->node_len) {
        capf__free(s->io, w->bytes);
        w->bytes = NULL;
        return status == CAPF_IO ? CAPF_OK : status; /* a node on a bad sector is a bad node */
    }
    return CAPF_OK;
}

static enum capf_status decode_witness(struct capf__salvage *s, struct capf__witness *w,
                                       struct capf_error *err)
{
    if (w->bytes == NULL)
        return CAPF_OK;
    enum capf_status status =
        capf__master_decode(&w->state, &s->store->header, s->io, w->bytes, err);
    w->good = status == CAPF_OK;
    return status == CAPF_NO_MEMORY ? status : CAPF_OK;
}

/* The last block that the state's coordinates name; the data's start if none. */
static uint64_t last_named(const struct capf__salvage *s, const struct capf__state *state)
{
    uint64_t pos = s->store->header.data_pos;
    for (uint32_t i = 0; i < state->path.total; i++)
        if (state->path.coords[i].pos < state->limit && state->path.coords[i].pos > pos)
            pos = state->path.coords[i].pos;
    return pos;
}

/* Do lengths lead from the last block that it names exactly to its file limit, and is the last block
 * good? Where no block is named, from the start. */
static enum capf_status check_limit(struct capf__salvage *s, const struct capf__state *state,
                                    bool *fits, struct capf_error *err)
{
    uint64_t pos = last_named(s, state), last = 0;
    enum capf_status status = CAPF_OK;
    *fits = true;
    while (status == CAPF_OK && pos < state->limit) {
        uint32_t stored;
        last = pos;
        status = capf__stored_len(s->store, state, pos, &stored, err);
        if (status == CAPF_OK)
            pos += 4 + (uint64_t)stored;
    }
    if (status == CAPF_OK && last != 0)
        status = capf__look_prove(&s->look, state, last, err);
    if (status == CAPF_DAMAGED || status == CAPF_CUT) {
        *fits = false;
        status = CAPF_OK;
    }
    return status;
}

/* A node whose checksum is wrong may have all its fields all the same: decoded as if it were right,
 * they are believed when the blocks agree. */
static enum capf_status hear_witness(struct capf__salvage *s, struct capf__witness *w,
                                     struct capf_error *err)
{
    const struct capf__header *header = &s->store->header;
    uint8_t sum[4];
    if (w->good || w->bytes == NULL)
        return CAPF_OK;
    memcpy(sum, w->bytes, sizeof sum);
    capf__put_u32(w->bytes, capf__master_crc(header, w->bytes));
    enum capf_status status = capf__master_decode(&w->state, header, s->io, w->bytes, err);
    memcpy(w->bytes, sum, sizeof sum);
    if (status != CAPF_OK)
        return status == CAPF_NO_MEMORY ? status : CAPF_OK;
    status = check_limit(s, &w->state, &w->fits, err);
    /* A node that names nothing in the bytes that it holds cannot be held against anything. */
    if (w->state.limit == header->data_pos && w->state.path.total == 0 &&
        capf__coord_null(w->state.meta) && w->state.open_len > 0)
        w->fits = false;
    if (status != CAPF_OK || !w->fits) {
        w->fits = false;
        capf__state_release(&w->state);
    }
    return status;
}

/* The newer of two, or a good one. One alone without a checksum may be the older: then its limit is not
 * where the data ends, unless reading comes to an end just there. */
static void choose(struct capf__salvage *s)
{
    const struct capf__witness *w = s->node;
    bool usable[2] = {w[0].good || w[0].fits, w[1].good || w[1].fits};
    if (usable[0] && usable[1])
        s->top = (int32_t)(w[1].state.serial - w[0].state.serial) > 0;
    else if (w[0].good || w[1].good)
        s->top = w[0].good ? 0 : 1;
    if (s->top >= 0)
        s->limit = w[s->top].state.limit;
}

const struct capf__state *capf__salvage_state(const struct capf__salvage *s, uint64_t end)
{
    if (s->top >= 0)
        return &s->node[s->top].state;
    for (int slot = 0; slot < 2; slot++)
        if (s->node[slot].fits && s->node[slot].state.limit == end)
            return &s->node[slot].state;
    return NULL;
}

static enum capf_status make_overlays(struct capf__salvage *s, struct capf_error *err)
{
    uint32_t page = s->store->header.page_size;
    for (int slot = 0; slot < 2; slot++) {
        struct capf__witness *w = &s->node[slot];
        if (w->bytes == NULL)
            continue;
        w->overlay = new_sight(s, page);
        if (w->overlay == NULL)
            return capf__fail_memory(err, page);
        memcpy(w->overlay->tail->data, w->bytes + page, page);
    }
    return CAPF_OK;
}

enum capf_status capf__salvage_read_nodes(struct capf__salvage *s, struct capf_error *err)
{
    const struct capf__header *header = &s->store->header;
    enum capf_status status = CAPF_OK;
    if (s->blind)
        return CAPF_OK;
    for (int slot = 0; slot < 2 && status == CAPF_OK; slot++)
        status = read_witness(s, &s->node[slot], header->node_pos[slot], err);
    return status == CAPF_OK ? make_overlays(s, err) : status;
}

enum capf_status capf__salvage_nodes(struct capf__salvage *s, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    for (int slot = 0; slot < 2 && status == CAPF_OK; slot++)
        status = decode_witness(s, &s->node[slot], err);
    for (int slot = 0; slot < 2 && status == CAPF_OK; slot++)
        status = hear_witness(s, &s->node[slot], err);
    if (status == CAPF_OK)
        choose(s);
    return status;
}

/* ---- Blocks ---- */

/* The file's bytes as they stand. Its page size does not matter for that. */
enum capf_status capf__salvage_plain(struct capf__salvage *s, struct capf_error *err)
{
    uint32_t page = s->store->header.page_size;
    size_t rest = (size_t)(s->size % page), got;
    if (s->plain != NULL)
        return CAPF_OK;
    s->plain = new_sight(s, page);
    if (s->plain == NULL)
        return capf__fail_memory(err, page);
    s->plain->limit = s->size;
    return capf__read_some(s->io, s->store->fd, s->plain->tail->data, rest, s->size - rest, &got,
                           err);
}

/* The bytes at `pos` through one state. A read that the system refuses is a bad block too. */
static enum capf_status try_state(struct capf__salvage *s, const struct capf__state *state,
                                  uint64_t pos, bool *good, struct capf_error *err)
{
    enum capf_status status = capf__look_prove(&s->look, state, pos, err);
    uint32_t least = s->blind ? 1 : s->store->header.block_size;
    *good = status == CAPF_OK && s->look.raw >= least &&
            s->look.raw <= s->store->header.block_size + CAPF__SALVAGE_ITEM;
    if (status == CAPF_OK && !*good)
        s->effort += s->look.raw;
    if (status == CAPF_CANCELLED && !s->cancelled)
        s->effort += s->store->header.block_size + CAPF__SALVAGE_ITEM;
    if (status == CAPF_DAMAGED || status == CAPF_CUT || status == CAPF_IO ||
        (status == CAPF_CANCELLED && !s->cancelled))
        return CAPF_OK;
    return status;
}

/* With a node's tail as the page at `page_pos`. */
static enum capf_status try_overlay(struct capf__salvage *s, struct capf__witness *w,
                                    uint64_t page_pos, uint64_t pos, bool *good,
                                    struct capf_error *err)
{
    uint64_t before = w->overlay->limit;
    w->overlay->limit = page_pos + s->store->header.page_size - 1;
    *good = false;
    if (w->placed && w->overlay->limit != before) {
        w->overlay->limit = before; /* a node has one last page */
        return CAPF_OK;
    }
    enum capf_status status = try_state(s, w->overlay, pos, good, err);
    if (status != CAPF_OK || !*good)
        return status;
    if (!w->placed)
        w->first = pos;
    w->placed = true;
    w->last = pos;
    return CAPF_OK;
}

/* Does the node's tail go on with what stands in this block's page before it? Then that page is its. */
static bool overlay_joins(struct capf__salvage *s, const struct capf__witness *w, uint64_t pos)
{
    uint32_t page = s->store->header.page_size;
    size_t before = (size_t)(pos % page);
    if (w->placed)
        return pos / page == w->overlay->limit / page;
    if (before == 0 || before > CAPF__SALVAGE_WINDOW ||
        capf__data_read(s->store, s->plain, pos - before, s->window, before, NULL) != CAPF_OK)
        return false;
    return memcmp(s->window, w->overlay->tail->data, before) == 0;
}

/* The pages in which the block may end. */
static size_t last_pages(struct capf__salvage *s, uint64_t pos, uint64_t page_pos[3])
{
    uint32_t page = s->store->header.page_size;
    uint8_t prefix[4];
    size_t n = 0;
    page_pos[n++] = capf__round_down(pos, page);
    if ((pos + 3) / page != pos / page)
        page_pos[n++] = capf__round_down(pos + 3, page);
    if (capf__data_read(s->store, s->plain, pos, prefix, sizeof prefix, NULL) == CAPF_OK) {
        uint64_t end = pos + 4 + capf__get_u32(prefix);
        if (end > pos + 4 && (end - 1) / page > (pos + 3) / page)
            page_pos[n++] = capf__round_down(end - 1, page);
    }
    return n;
}

static enum capf_status try_overlays(struct capf__salvage *s, uint64_t pos, bool joined, bool *good,
                                     struct capf_error *err)
{
    uint64_t page_pos[3];
    size_t pages = last_pages(s, pos, page_pos);
    enum capf_status status = CAPF_OK;
    for (int slot = 0; slot < 2; slot++) {
        struct capf__witness *w = &s->node[slot];
        if (w->overlay == NULL || overlay_joins(s, w, pos) != joined)
            continue;
        for (size_t i = 0; i < (joined ? 1 : pages); i++) {
            status = try_overlay(s, w, page_pos[i], pos, good, err);
            if (status != CAPF_OK || *good)
                return status;
        }
    }
    return status;
}

enum capf_status capf__salvage_block(struct capf__salvage *s, uint64_t pos, bool *good,
                                     struct capf_error *err)
{
    *good = false;
    if (s->top >= 0)
        return try_state(s, &s->node[s->top].state, pos, good, err);
    enum capf_status status = capf__salvage_plain(s, err);
    if (status == CAPF_OK)
        status = try_overlays(s, pos, true, good, err);
    if (status == CAPF_OK && !*good)
        status = try_state(s, s->plain, pos, good, err);
    if (status == CAPF_OK && !*good)
        status = try_overlays(s, pos, false, good, err);
    return status;
}

/* Through which state the block at `pos` was good. */
static const struct capf__state *state_at(const struct capf__salvage *s, uint64_t pos)
{
    if (s->top >= 0)
        return &s->node[s->top].state;
    for (int slot = 0; slot < 2; slot++)
        if (s->node[slot].placed && pos >= s->node[slot].first && pos <= s->node[slot].last)
            return s->node[slot].overlay;
    return s->plain;
}

enum capf_status capf__salvage_again(struct capf__salvage *s, uint64_t pos, struct capf_error *err)
{
    return capf__look_at(&s->copy, state_at(s, pos), pos, err);
}

/* ---- The open block ---- */

static size_t stripped(const uint8_t *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    return len;
}

/* How much of the open block both nodes agree on, or is in the one whose checksum is good. */
static uint64_t agreed(const struct capf__salvage *s)
{
    const struct capf__witness *top = &s->node[s->top], *other = &s->node[!s->top];
    if (top->good)
        return top->state.open_len;
    if (!(other->good || other->fits) || other->state.limit != top->state.limit)
        return 0;
    uint64_t len = capf__min_u64(top->state.open_len, other->state.open_len), n = 0;
    while (n < len && top->state.open->data[n] == other->state.open->data[n])
        n++;
    return n;
}

/* Is the node's tail what stands before `end` in its page, and nothing behind it? */
static bool tail_ends_at(struct capf__salvage *s, const struct capf__witness *w, uint64_t end)
{
    uint32_t page = s->store->header.page_size;
    size_t kept = (size_t)(end % page);
    const uint8_t *tail = w->bytes + page;
    if (stripped(tail, page) > kept)
        return false;
    if (kept == 0)
        return true;
    for (int slot = 0; slot < 2; slot++) /* the page as it was read */
        if (s->node[slot].placed && end / page == s->node[slot].overlay->limit / page)
            return memcmp(s->node[slot].overlay->tail->data, tail, kept) == 0;
    for (size_t done = 0; done < kept;) {
        size_t n = (size_t)capf__min_u64(CAPF__SALVAGE_WINDOW, kept - done);
        if (capf__data_read(s->store, s->plain, end - kept + done, s->window, n, NULL) != CAPF_OK ||
            memcmp(s->window, tail + done, n) != 0)
            return false;
        done += n;
    }
    return true;
}

const uint8_t *capf__salvage_open_block(struct capf__salvage *s, uint64_t end, size_t *len,
                                        uint64_t *proven)
{
    const struct capf__header *header = &s->store->header;
    const uint8_t *best = NULL;
    *proven = 0;
    *len = 0;
    if (s->top >= 0) {
        *len = s->node[s->top].state.open_len;
        *proven = agreed(s);
        return s->node[s->top].state.open->data;
    }
    const struct capf__state *state = capf__salvage_state(s, end);
    if (state != NULL) {
        *len = state->open_len;
        return state->open->data;
    }
    for (int slot = 0; slot < 2 && s->plain != NULL; slot++) {
        const struct capf__witness *w = &s->node[slot];
        if (w->bytes == NULL || !tail_ends_at(s, w, end))
            continue;
        const uint8_t *open = w->bytes + 2 * (size_t)header->page_size;
        size_t here = stripped(open, header->block_size);
        if (best == NULL || here > *len) {
            best = open;
            *len = here;
        }
    }
    return best;
}
