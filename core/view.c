/* SPDX-License-Identifier: MIT */
/*
 * From a record's number to its bytes (FORMAT.md 3). Every coordinate that
 * comes out of the file is checked before it is followed: it must lie within
 * the data, and below the node that names it, which rules out cycles.
 */
#include "view.h"

#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

#define WHOLE_STEP (1u << 20) /* a long record's memory grows as it inflates, from this */

void capf__view_init(struct capf__view *view, const struct capf_io *io)
{
    memset(view, 0, sizeof *view);
    view->io = io;
    capf__loader_init(&view->loader, io);
}

void capf__view_release(struct capf__view *view)
{
    capf__loader_release(&view->loader);
    capf__block_unref(view->block);
    capf__free(view->io, view->leaf);
    capf__free(view->io, view->whole);
    capf__state_unref(view->state);
    capf__store_unref(view->store);
    memset(view, 0, sizeof *view);
}

/* What was read for one state holds for a later one of the same file, unless the first was
 * rolled back: then other bytes may take its blocks' places. */
static void forget_blocks(struct capf__view *view)
{
    capf__big_close(&view->loader.big);
    capf__block_unref(view->block);
    view->block = NULL;
    view->leaf_good = false;
}

enum capf_status capf__view_show(struct capf__view *view, struct capf__store *store,
                                 struct capf__state *state, struct capf_error *err)
{
    if (view->store == store && view->state == state)
        return CAPF_OK;
    if (view->store != store) {
        uint8_t *leaf = capf__alloc(view->io, (size_t)store->header.fan_out * CAPF__COORD_LEN);
        if (leaf == NULL)
            return capf__fail_memory(err, (uint64_t)store->header.fan_out * CAPF__COORD_LEN);
        capf__free(view->io, view->leaf);
        view->leaf = leaf;
    }
    if (view->store != store || capf__state_stale(view->state))
        forget_blocks(view);
    capf__store_ref(store);
    capf__state_ref(state);
    capf__store_unref(view->store);
    capf__state_unref(view->state);
    view->store = store;
    view->state = state;
    return CAPF_OK;
}

/* ---- Bytes of a block ---- */

struct span {
    const uint8_t *data;
    size_t len;
    bool complete;
};

/* The fault is this block's, wherever in it, or behind it, the reading stopped. */
static enum capf_status blame(uint64_t pos, enum capf_status status, struct capf_error *err)
{
    if (err != NULL && capf__is_damage(status))
        err->offset = pos;
    return status;
}

static enum capf_status block_at(struct capf__view *view, uint64_t pos, struct span *span,
                                 struct capf_error *err)
{
    if (pos == view->state->limit) {
        *span = (struct span){view->state->open->data, view->state->open_len, true};
        return CAPF_OK;
    }
    if (view->block == NULL || view->block->pos != pos) {
        struct capf__block *block;
        enum capf_status status =
            capf__block_load(&view->loader, view->store, view->state, pos, &block, err);
        if (status != CAPF_OK)
            return blame(pos, status, err);
        capf__block_unref(view->block);
        view->block = block;
    }
    *span = (struct span){view->block->data, view->block->len, view->block->complete};
    return CAPF_OK;
}

static enum capf_status read_long(struct capf__view *view, uint64_t off, void *buf, size_t len,
                                  size_t *got, struct capf_error *err)
{
    struct capf__big *big = &view->loader.big;
    enum capf_status status = capf__big_open(big, view->block->pos, view->block->stored, err);
    if (status == CAPF_OK)
        status =
            capf__big_read(big, view->store, view->state, off, buf, len, got, &view->progress, err);
    return blame(view->block->pos, status, err);
}

enum capf_status capf__view_touch(struct capf__view *view, uint64_t pos, struct capf_error *err)
{
    struct span span;
    return block_at(view, pos, &span, err);
}

/* Bytes of the block at `pos`; fewer than `len` only at its end. */
static enum capf_status read_at(struct capf__view *view, uint64_t pos, uint64_t off, void *buf,
                                size_t len, size_t *got, struct capf_error *err)
{
    struct span span;
    enum capf_status status = block_at(view, pos, &span, err);
    if (status != CAPF_OK)
        return status;
    size_t here = off < span.len ? (size_t)capf__min_u64(len, span.len - off) : 0;
    if (here > 0)
        memcpy(buf, span.data + off, here);
    *got = here;
    if (here == len || span.complete)
        return CAPF_OK;
    size_t more;
    status = read_long(view, off + here, (uint8_t *)buf + here, len - here, &more, err);
    if (status == CAPF_OK)
        *got = here + more;
    return status;
}

static enum capf_status past_its_block(struct capf_coord at, const char *what, uint64_t len,
                                       struct capf_error *err)
{
    return capf__fail(err, CAPF_DAMAGED, at.pos,
                      "damaged: %s of %" PRIu64 " bytes at %" PRIu64 "+%u runs past its block",
                      what, len, at.pos, at.off);
}

enum capf_status capf__view_bytes(struct capf__view *view, struct capf_coord at, uint64_t skip,
                                  void *buf, size_t len, const char *what, struct capf_error *err)
{
    size_t got;
    enum capf_status status = read_at(view, at.pos, at.off + skip, buf, len, &got, err);
    if (status == CAPF_OK && got < len)
        status = past_its_block(at, what, len, err);
    return status;
}

/* ---- The way down the index ---- */

static enum capf_status check_child(const struct capf__view *view, struct capf_coord node,
                                    struct capf_coord child, struct capf_error *err)
{
    const struct capf__header *header = &view->store->header;
    if (child.pos >= header->data_pos && child.off < header->block_size &&
        capf__coord_less(child, node))
        return CAPF_OK;
    return capf__fail(err, CAPF_DAMAGED, node.pos,
                      "damaged index node at %" PRIu64 "+%u: it leads to %" PRIu64 "+%u", node.pos,
                      node.off, child.pos, child.off);
}

enum capf_status capf__view_child(struct capf__view *view, struct capf_coord node, uint32_t child,
                                  struct capf_coord *at, struct capf_error *err)
{
    uint8_t bytes[CAPF__COORD_LEN];
    enum capf_status status = capf__view_bytes(view, node, (uint64_t)child * CAPF__COORD_LEN, bytes,
                                               sizeof bytes, "an index node", err);
    if (status != CAPF_OK)
        return status;
    *at = capf__coord_get(bytes);
    return check_child(view, node, *at, err);
}

static enum capf_status leaf_child(const struct capf__view *view, uint64_t child,
                                   struct capf_coord *at, struct capf_error *err)
{
    *at = capf__coord_get(view->leaf + child * CAPF__COORD_LEN);
    return check_child(view, view->leaf_at, *at, err);
}

/* The node of height 1 is kept, for the records beside this one. */
static enum capf_status child_of_leaf(struct capf__view *view, struct capf_coord node,
                                      uint64_t first, uint32_t child, struct capf_coord *at,
                                      struct capf_error *err)
{
    view->leaf_good = false;
    enum capf_status status = capf__view_bytes(
        view, node, 0, view->leaf, (size_t)view->store->header.fan_out * CAPF__COORD_LEN,
        "an index node", err);
    if (status != CAPF_OK)
        return status;
    view->leaf_at = node;
    view->leaf_first = first;
    view->leaf_good = true;
    return leaf_child(view, child, at, err);
}

static enum capf_status find_from_top(struct capf__view *view, uint64_t index,
                                      struct capf_coord *at, struct capf_error *err)
{
    uint32_t fan_out = view->store->header.fan_out;
    struct capf__turn turn;
    if (!capf__path_find(&view->state->path, fan_out, index, &turn))
        return capf__fail(err, CAPF_DAMAGED, 0, "damaged index: no way to this record");
    enum capf_status status = CAPF_OK;
    *at = turn.at;
    for (unsigned height = turn.height - 1; height > 0 && status == CAPF_OK; height--) {
        uint64_t span = capf__path_span(fan_out, height - 1);
        uint32_t child = (uint32_t)(turn.rest / span);
        turn.rest %= span;
        struct capf_coord node = *at;
        status = height == 1 ? child_of_leaf(view, node, index - child, child, at, err)
                             : capf__view_child(view, node, child, at, err);
    }
    return status;
}

static enum capf_status check_stale(const struct capf__view *view, struct capf_error *err)
{
    if (!capf__state_stale(view->state))
        return CAPF_OK;
    return capf__fail(err, CAPF_STALE, 0, "these uncommitted records were rolled back");
}

/* The end of every public operation. A rollback in its course is the reason for whatever it
 * met: good bytes and damage alike may come from what was written since. */
static enum capf_status settle(const struct capf__view *view, enum capf_status status,
                               uint64_t recno, struct capf_error *err)
{
    if (capf__state_stale(view->state))
        status = check_stale(view, err);
    if (status != CAPF_OK && err != NULL)
        err->record = recno;
    return status;
}

/* A warning, so nothing fails here; looked at until it is known, once for each file. */
static void note_fan_out(struct capf__view *view)
{
    struct capf__store *store = view->store;
    if (atomic_load_explicit(&store->fan_out_known, memory_order_relaxed) ||
        view->state->count < store->header.fan_out)
        return;
    bool wrong;
    if (capf__view_prove_fan_out(view, &wrong, NULL) != CAPF_OK)
        return;
    atomic_store(&store->fan_out_wrong, wrong);
    atomic_store_explicit(&store->fan_out_known, true, memory_order_relaxed);
}

enum capf_status capf__view_find(struct capf__view *view, uint64_t recno, struct capf_coord *at,
                                 struct capf_error *err)
{
    uint64_t count = view->state->count;
    enum capf_status status = check_stale(view, err);
    if (status != CAPF_OK)
        return status;
    if (recno == 0)
        return capf__fail(err, CAPF_NO_RECORD, 0, "records start at 1");
    if (recno > count)
        return capf__fail(err, CAPF_NO_RECORD, 0,
                          count > 0 ? "no record %" PRIu64 " (last is %" PRIu64 ")"
                                    : "no record %" PRIu64 " (there are none)",
                          recno, count);
    note_fan_out(view);
    uint64_t index = recno - 1;
    if (view->leaf_good && index - view->leaf_first < view->store->header.fan_out)
        return leaf_child(view, index - view->leaf_first, at, err);
    return find_from_top(view, index, at, err);
}

enum capf_status capf__view_locate(struct capf__view *view, uint64_t recno,
                                   struct capf_step steps[CAPF_LEVELS_MAX], unsigned *count,
                                   struct capf_error *err)
{
    struct capf_coord at;
    struct capf__turn turn;
    enum capf_status status = capf__view_find(view, recno, &at, err);
    if (status != CAPF_OK)
        return settle(view, status, recno, err);
    uint32_t fan_out = view->store->header.fan_out;
    capf__path_find(&view->state->path, fan_out, recno - 1, &turn);
    steps[0] = (struct capf_step){turn.height - 1, turn.child, true, turn.at};
    unsigned n = 1;
    for (unsigned height = turn.height - 1; height > 0; height--, n++) {
        uint64_t span = capf__path_span(fan_out, height - 1);
        uint32_t child = (uint32_t)(turn.rest / span);
        turn.rest %= span;
        steps[n] = (struct capf_step){.height = height - 1, .index = child};
        status = capf__view_child(view, steps[n - 1].at, child, &steps[n].at, err);
        if (status != CAPF_OK)
            return settle(view, status, recno, err);
    }
    *count = n;
    return settle(view, CAPF_OK, recno, err);
}

/* ---- Sized data: records and metadata ---- */

enum capf_status capf__view_sized_len(struct capf__view *view, struct capf_coord at, uint32_t *len,
                                      struct capf_error *err)
{
    uint8_t prefix[4];
    enum capf_status status = capf__view_bytes(view, at, 0, prefix, sizeof prefix, "a length", err);
    if (status != CAPF_OK)
        return status;
    *len = capf__get_u32(prefix);
    struct span span;
    status = block_at(view, at.pos, &span, err);
    if (status == CAPF_OK && span.complete && *len > span.len - at.off - sizeof prefix)
        status = past_its_block(at, "a record", *len, err);
    return status;
}

/* A record that goes beyond what is held of its block. Its length is only a claim until its bytes
 * have come, so the memory grows with them. */
static enum capf_status assemble(struct capf__view *view, struct capf_coord at, uint32_t len,
                                 struct capf_bytes *bytes, struct capf_error *err)
{
    size_t done = 0;
    while (done < len) {
        if (done == view->whole_room) {
            size_t room = (size_t)capf__min_u64(len, done < WHOLE_STEP ? WHOLE_STEP : 2 * done);
            uint8_t *grown = view->io->realloc(view->io->ctx, view->whole, room);
            if (grown == NULL)
                return capf__fail_memory(err, room);
            view->whole = grown;
            view->whole_room = room;
        }
        size_t want = (size_t)capf__min_u64(len, view->whole_room) - done;
        enum capf_status status = capf__view_bytes(view, at, 4 + (uint64_t)done, view->whole + done,
                                                   want, "a record", err);
        if (status != CAPF_OK)
            return status;
        done += want;
    }
    *bytes = (struct capf_bytes){view->whole, len};
    return CAPF_OK;
}

static enum capf_status sized_get(struct capf__view *view, struct capf_coord at,
                                  struct capf_bytes *bytes, struct capf_error *err)
{
    uint32_t len;
    struct span span;
    enum capf_status status = capf__view_sized_len(view, at, &len, err);
    if (status == CAPF_OK)
        status = block_at(view, at.pos, &span, err);
    if (status != CAPF_OK)
        return status;
    uint64_t end = (uint64_t)at.off + 4 + len;
    if (end > span.len)
        return assemble(view, at, len, bytes, err);
    *bytes = (struct capf_bytes){span.data + at.off + 4, len};
    return CAPF_OK;
}

enum capf_status capf__view_get(struct capf__view *view, uint64_t recno, struct capf_bytes *record,
                                struct capf_error *err)
{
    struct capf_coord at;
    struct capf_bytes bytes;
    enum capf_status status = capf__view_find(view, recno, &at, err);
    if (status == CAPF_OK)
        status = sized_get(view, at, &bytes, err);
    status = settle(view, status, recno, err);
    if (status == CAPF_OK)
        *record = bytes;
    return status;
}

enum capf_status capf__view_size(struct capf__view *view, uint64_t recno, uint64_t *size,
                                 struct capf_error *err)
{
    struct capf_coord at;
    uint32_t len = 0;
    enum capf_status status = capf__view_find(view, recno, &at, err);
    if (status == CAPF_OK)
        status = capf__view_sized_len(view, at, &len, err);
    status = settle(view, status, recno, err);
    if (status == CAPF_OK)
        *size = len;
    return status;
}

/* Part of an item's bytes; fewer than `len` only at its end. */
static enum capf_status sized_read(struct capf__view *view, struct capf_coord at, uint64_t off,
                                   void *buf, size_t len, size_t *got, struct capf_error *err)
{
    uint32_t size = 0;
    enum capf_status status = capf__view_sized_len(view, at, &size, err);
    size_t want = off < size ? (size_t)capf__min_u64(len, size - off) : 0;
    if (status == CAPF_OK && want > 0)
        status = capf__view_bytes(view, at, 4 + off, buf, want, "a record", err);
    *got = want;
    return status;
}

enum capf_status capf__view_read(struct capf__view *view, uint64_t recno, uint64_t off, void *buf,
                                 size_t len, size_t *got, struct capf_error *err)
{
    struct capf_coord at;
    size_t n = 0;
    enum capf_status status = capf__view_find(view, recno, &at, err);
    if (status == CAPF_OK)
        status = sized_read(view, at, off, buf, len, &n, err);
    status = settle(view, status, recno, err);
    if (status == CAPF_OK)
        *got = n;
    return status;
}

enum capf_status capf__view_meta(struct capf__view *view, struct capf_bytes *meta,
                                 struct capf_error *err)
{
    struct capf_bytes bytes = {NULL, 0};
    enum capf_status status = check_stale(view, err);
    if (status == CAPF_OK && !capf__coord_null(view->state->meta))
        status = sized_get(view, view->state->meta, &bytes, err);
    status = settle(view, status, 0, err);
    if (status == CAPF_OK)
        *meta = bytes;
    return status;
}

enum capf_status capf__view_meta_size(struct capf__view *view, bool *present, uint64_t *size,
                                      struct capf_error *err)
{
    uint32_t len = 0;
    bool any = !capf__coord_null(view->state->meta);
    enum capf_status status = check_stale(view, err);
    if (status == CAPF_OK && any)
        status = capf__view_sized_len(view, view->state->meta, &len, err);
    status = settle(view, status, 0, err);
    if (status == CAPF_OK) {
        *present = any;
        *size = len;
    }
    return status;
}

enum capf_status capf__view_meta_read(struct capf__view *view, uint64_t off, void *buf, size_t len,
                                      size_t *got, struct capf_error *err)
{
    size_t n = 0;
    enum capf_status status = check_stale(view, err);
    if (status == CAPF_OK && !capf__coord_null(view->state->meta))
        status = sized_read(view, view->state->meta, off, buf, len, &n, err);
    status = settle(view, status, 0, err);
    if (status == CAPF_OK)
        *got = n;
    return status;
}

/* The length of a block of which only the beginning is held: it must be inflated to its end. */
static enum capf_status measure_long(struct capf__view *view, uint64_t *len, struct capf_error *err)
{
    struct capf__big *big = &view->loader.big;
    enum capf_status status = capf__big_open(big, view->block->pos, view->block->stored, err);
    if (status == CAPF_OK)
        status = capf__big_len(big, view->store, view->state, len, &view->progress, err);
    return blame(view->block->pos, status, err);
}

enum capf_status capf__view_block_info(struct capf__view *view, uint64_t pos,
                                       struct capf_block_info *info, struct capf_error *err)
{
    struct span span;
    struct capf_block_info found = {.pos = pos};
    enum capf_status status = check_stale(view, err);
    if (status == CAPF_OK)
        status = block_at(view, pos, &span, err);
    if (status == CAPF_OK) {
        found.raw = span.len;
        found.open = pos == view->state->limit;
        found.stored = found.open ? 0 : view->block->stored;
        found.next = found.open ? 0 : pos + 4 + found.stored;
        if (!span.complete)
            status = measure_long(view, &found.raw, err);
    }
    status = settle(view, status, 0, err);
    if (status == CAPF_OK)
        *info = found;
    return status;
}

/* ---- The fan-out's proof ---- */

enum capf_status capf__view_prove_fan_out(struct capf__view *view, bool *wrong,
                                          struct capf_error *err)
{
    uint32_t fan_out = view->store->header.fan_out;
    struct capf__turn turn;
    *wrong = false;
    if (view->state->count < fan_out || !capf__path_find(&view->state->path, fan_out, 0, &turn) ||
        turn.height < 2)
        return CAPF_OK;
    enum capf_status status = CAPF_OK;
    struct capf_coord node = turn.at, last;
    for (unsigned height = turn.height - 1; height > 1 && status == CAPF_OK; height--)
        status = capf__view_child(view, node, 0, &node, err);
    uint32_t len = 0;
    if (status == CAPF_OK)
        status = capf__view_child(view, node, fan_out - 1, &last, err);
    if (status == CAPF_OK)
        status = capf__view_sized_len(view, last, &len, err);
    if (status == CAPF_OK)
        *wrong = last.pos == node.pos ? (uint64_t)last.off + 4 + len != node.off : node.off != 0;
    return status;
}
