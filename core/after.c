/* SPDX-License-Identifier: MIT */
/*
 * What a writer left behind the committed file limit and never committed.
 *
 * The blocks there continue the committed open block, so the first one begins
 * with its bytes; and the items in them were put there by one rule (FORMAT.md
 * 3), so that rule is replayed: where an index node is due, the bytes are its
 * children's coordinates, and it tells which of the items before it are records.
 * The replay makes a state as the writer had it, a ghost, over which an ordinary
 * cursor works. No master node leads to it and nothing here writes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "file.h"
#include "io.h"
#include "look.h"

#define PENDING_FIRST 1024u
#define PENDING_MAX (1u << 18) /* items since the last index node: 4 MiB of coordinates */

/* Items since the last node of height 1, in order: records, and perhaps metadata between. Those before
 * `start` were settled; they go when the next block begins, so that a block can be undone. */
struct pending {
    struct capf_coord *at;
    size_t start, end, room;
};

struct replay {
    const struct capf_file *file;
    const struct capf_io *io;
    struct capf__store *store;      /* our own: what is cached here may be written over */
    struct capf__state *from;       /* the commit */
    struct capf__state *sight;      /* all of the file, as far as it goes */
    struct capf__path path, before; /* now, and at the last block's begin */
    struct pending pending;
    unsigned due;   /* the height of the index node that must come next; 0: none must */
    uint8_t *node;  /* an index node's bytes */
    uint64_t limit; /* where the last good block ends */
    struct capf__look look;
    struct capf__progress inner;
    struct capf_after_info info;
};

static bool report_place(void *ctx, uint64_t done, uint64_t total)
{
    const struct replay *r = ctx;
    const struct capf_options *options = &r->file->options;
    (void)done, (void)total; /* of one block */
    return options->progress == NULL ||
           options->progress(options->progress_ctx, r->limit - r->from->limit,
                             r->sight->limit - r->from->limit);
}

/* ---- Setting up ---- */

static enum capf_status open_store(struct replay *r, struct capf_error *err)
{
    const struct capf_file *file = r->file;
    enum capf_status status =
        capf__store_open(&r->store, r->io, file->path, file->options.cache_bytes, err);
    if (status != CAPF_OK)
        return status;
    if (r->store->stat.inode != file->store->stat.inode ||
        r->store->stat.device != file->store->stat.device)
        return capf__fail(err, CAPF_CHANGED, 0, "the file was replaced: open it again");
    return CAPF_OK;
}

/* A state without records that covers the whole file, for reading from it. */
static enum capf_status see_all(struct replay *r, struct capf_error *err)
{
    uint32_t page = r->store->header.page_size;
    r->sight = capf__alloc(r->io, sizeof *r->sight);
    if (r->sight == NULL)
        return capf__fail_memory(err, sizeof *r->sight);
    enum capf_status status = capf__state_init(r->sight, r->io, 0, err);
    if (status != CAPF_OK) {
        capf__free(r->io, r->sight);
        r->sight = NULL;
        return status;
    }
    r->sight->limit = capf__round_down(r->store->stat.size, page);
    r->sight->tail = capf__buf_new(r->io, page);
    return r->sight->tail != NULL ? CAPF_OK : capf__fail_memory(err, page);
}

static enum capf_status make_room(struct replay *r, struct capf_error *err)
{
    const struct capf__header *header = &r->store->header;
    /* As the writer's own: the child that fills a level, and the node in its place. */
    uint32_t room = header->path_max + 2;
    size_t node_len = (size_t)header->fan_out * CAPF__COORD_LEN;
    if (room < r->from->path.total + 2)
        room = r->from->path.total + 2;
    r->path.coords = capf__alloc(r->io, room * sizeof *r->path.coords);
    r->before.coords = capf__alloc(r->io, room * sizeof *r->before.coords);
    r->node = capf__alloc(r->io, node_len);
    if (r->path.coords == NULL || r->before.coords == NULL || r->node == NULL)
        return capf__fail_memory(err, node_len);
    r->path.room = r->before.room = room;
    capf__path_copy(&r->path, &r->from->path);
    return CAPF_OK;
}

static void replay_release(struct replay *r)
{
    if (r->store != NULL)
        capf__look_release(&r->look);
    capf__free(r->io, r->pending.at);
    capf__free(r->io, r->node);
    capf__free(r->io, r->path.coords);
    capf__free(r->io, r->before.coords);
    capf__state_unref(r->sight);
    capf__state_unref(r->from);
    capf__store_unref(r->store);
}

/* ---- Items ---- */

static enum capf_status add_pending(struct replay *r, struct capf_coord at, struct capf_error *err)
{
    struct pending *p = &r->pending;
    if (p->end == p->room) {
        size_t room = p->room > 0 ? 2 * p->room : PENDING_FIRST;
        struct capf_coord *grown = r->io->realloc(r->io->ctx, p->at, room * sizeof *grown);
        if (grown == NULL)
            return capf__fail_memory(err, room * sizeof *grown);
        p->at = grown;
        p->room = room;
    }
    p->at[p->end++] = at;
    return CAPF_OK;
}

static bool same(struct capf_coord a, struct capf_coord b)
{
    return a.pos == b.pos && a.off == b.off;
}

static struct capf_coord child_at(const struct replay *r, uint32_t i)
{
    return capf__coord_get(r->node + (size_t)i * CAPF__COORD_LEN);
}

/* Does the node in r->node begin with the path's children of `height`? */
static bool begins_with_path(const struct replay *r, unsigned height)
{
    uint32_t start = capf__path_start(&r->path, height);
    for (uint32_t i = 0; i < r->path.children[height - 1]; i++)
        if (!same(child_at(r, i), r->path.coords[start + i]))
            return false;
    return true;
}

/* Are the other children pending items, in order, the last one the item just read? */
static bool ends_with_pending(const struct replay *r)
{
    const struct pending *p = &r->pending;
    size_t next = p->start;
    for (uint32_t i = r->path.children[0]; i < r->store->header.fan_out; i++) {
        struct capf_coord child = child_at(r, i);
        while (next < p->end && capf__coord_less(p->at[next], child))
            next++;
        if (next == p->end || !same(p->at[next++], child))
            return false;
    }
    return next == p->end;
}

/* Reads what may be an index node at `off`; false when it cannot be one of height 1 by its first child
 * or by the number of items there are. */
static enum capf_status read_node(struct replay *r, uint64_t off, bool *whole,
                                  struct capf_error *err)
{
    size_t len = (size_t)r->store->header.fan_out * CAPF__COORD_LEN, got = 0;
    enum capf_status status = capf__look_read(&r->look, off, r->node, len, &got, err);
    *whole = status == CAPF_OK && got == len;
    return status;
}

static bool may_be_leaf(const struct replay *r)
{
    size_t items = r->pending.end - r->pending.start;
    return items > 0 && items + r->path.children[0] >= r->store->header.fan_out;
}

static void take_node(struct replay *r, struct capf_coord at, unsigned height)
{
    if (height == 1) {
        size_t items = r->pending.end - r->pending.start;
        r->info.metadata += items - (r->store->header.fan_out - r->path.children[0]);
        r->pending.start = r->pending.end;
    }
    capf__path_pop(&r->path, height);
    capf__path_push(&r->path, height + 1, at);
    r->due = r->path.children[height] == r->store->header.fan_out ? height + 1 : 0;
}

/* An index node at `off`, if there is one: *taken. A node that is due and not there is wrong. */
static enum capf_status try_node(struct replay *r, uint64_t off, bool *taken, bool *wrong,
                                 struct capf_error *err)
{
    unsigned height = r->due > 0 ? r->due : 1;
    enum capf_status status = CAPF_OK;
    bool whole = false;
    *taken = false;
    if (r->due > 0 || may_be_leaf(r))
        status = read_node(r, off, &whole, err);
    if (status != CAPF_OK)
        return status;
    *taken = whole && begins_with_path(r, height) && (height > 1 || ends_with_pending(r));
    *wrong = r->due > 0 && !*taken;
    if (*taken && (height == CAPF_LEVELS_MAX || r->path.total >= r->path.room))
        *taken = false, *wrong = true; /* no writer goes so far */
    if (*taken)
        take_node(r, (struct capf_coord){r->look.pos, (uint32_t)off}, height);
    return CAPF_OK;
}

/* The item at *off; *wrong when there cannot be one. */
static enum capf_status take_item(struct replay *r, uint64_t *off, bool *wrong,
                                  struct capf_error *err)
{
    uint8_t prefix[4];
    size_t got;
    bool taken;
    if (*off >= r->store->header.block_size) {
        *wrong = true;
        return CAPF_OK;
    }
    enum capf_status status = try_node(r, *off, &taken, wrong, err);
    if (status == CAPF_OK && taken)
        *off += (uint64_t)r->store->header.fan_out * CAPF__COORD_LEN;
    if (status != CAPF_OK || taken || *wrong)
        return status;
    status = capf__look_read(&r->look, *off, prefix, sizeof prefix, &got, err);
    if (status != CAPF_OK)
        return status;
    uint64_t end = *off + 4 + (got == 4 ? capf__get_u32(prefix) : 0);
    if (got < 4 || end > r->look.raw) {
        *wrong = true;
        return CAPF_OK;
    }
    status = add_pending(r, (struct capf_coord){r->look.pos, (uint32_t)*off}, err);
    *off = end;
    return status;
}

/* ---- Blocks ---- */

/* The items of the block that the look stands on, all of them or none. */
static enum capf_status take_block(struct replay *r, bool *wrong, struct capf_error *err)
{
    struct pending *p = &r->pending;
    if (p->start > 0)
        memmove(p->at, p->at + p->start, (p->end - p->start) * sizeof *p->at);
    p->end -= p->start;
    p->start = 0;
    size_t end = p->end;
    unsigned due = r->due;
    uint64_t metadata = r->info.metadata;
    capf__path_copy(&r->before, &r->path);

    uint64_t off = r->look.pos == r->from->limit ? r->from->open_len : 0;
    enum capf_status status = CAPF_OK;
    *wrong = r->look.raw < r->store->header.block_size;
    while (status == CAPF_OK && !*wrong && off < r->look.raw)
        status = take_item(r, &off, wrong, err);
    if (!*wrong)
        return status;
    p->start = 0;
    p->end = end;
    r->due = due;
    r->info.metadata = metadata;
    capf__path_copy(&r->path, &r->before);
    return status;
}

/* A block that does not inflate: its last page was never written, or other bytes stand there. */
static enum capf_status why_bad(struct replay *r, uint32_t stored, struct capf_error *err)
{
    uint32_t page = r->store->header.page_size;
    uint64_t end = r->limit + 4 + stored, last = capf__round_down(end, page);
    size_t rest = (size_t)(end - last);
    r->info.why = CAPF_AFTER_OTHER;
    if (rest == 0 || last < r->limit + 4)
        return CAPF_OK;
    uint8_t *bytes = capf__alloc_zero(r->io, rest);
    if (bytes == NULL)
        return capf__fail_memory(err, rest);
    enum capf_status status = capf__data_read(r->store, r->sight, last, bytes, rest, err);
    size_t zeros = 0;
    while (zeros < rest && bytes[zeros] == 0)
        zeros++;
    if (status == CAPF_OK && zeros == rest)
        r->info.why = CAPF_AFTER_CUT;
    capf__free(r->io, bytes);
    return status;
}

/* The length of the block at r->limit, or 0 and why there is none. */
static enum capf_status next_block(struct replay *r, uint32_t *stored, struct capf_error *err)
{
    uint8_t prefix[4];
    *stored = 0;
    r->info.why = CAPF_AFTER_FILE_END;
    if (r->sight->limit < r->limit + sizeof prefix)
        return CAPF_OK;
    enum capf_status status =
        capf__data_read(r->store, r->sight, r->limit, prefix, sizeof prefix, err);
    if (status != CAPF_OK)
        return status;
    uint32_t len = capf__get_u32(prefix);
    if (len > r->sight->limit - r->limit - sizeof prefix)
        r->info.why = CAPF_AFTER_CUT;
    else if (len > 0)
        *stored = len;
    return CAPF_OK;
}

/* Does the first block continue the committed open block? */
static enum capf_status continues(struct replay *r, bool *does, struct capf_error *err)
{
    const struct capf__state *from = r->from;
    size_t got = 0;
    uint8_t *head = capf__alloc(r->io, from->open_len);
    if (head == NULL)
        return capf__fail_memory(err, from->open_len);
    enum capf_status status = capf__look_read(&r->look, 0, head, from->open_len, &got, err);
    *does = status == CAPF_OK && got == from->open_len &&
            (got == 0 || memcmp(head, from->open->data, got) == 0);
    capf__free(r->io, head);
    return status;
}

/* One block further; *more says whether there was one. */
static enum capf_status step(struct replay *r, bool *more, struct capf_error *err)
{
    uint32_t stored;
    bool wrong = false, does = true;
    *more = false;
    enum capf_status status = next_block(r, &stored, err);
    if (status != CAPF_OK || stored == 0)
        return status;
    status = capf__look_prove(&r->look, r->sight, r->limit, err);
    if (status == CAPF_DAMAGED || status == CAPF_CUT)
        return why_bad(r, stored, err);
    if (status == CAPF_OK && r->limit == r->from->limit)
        status = continues(r, &does, err);
    if (status == CAPF_OK && does)
        status = take_block(r, &wrong, err);
    if (status != CAPF_OK)
        return status;
    r->info.why = CAPF_AFTER_OTHER;
    if (wrong || !does)
        return CAPF_OK;
    r->limit = capf__look_next(&r->look);
    r->info.blocks++;
    *more = r->pending.end - r->pending.start < PENDING_MAX;
    r->info.why = CAPF_AFTER_TOO_MANY;
    return capf__progress_step(&r->inner, 0, 0, err);
}

/* The writer wrote the last committed page again, from the bytes it had kept. */
static enum capf_status page_continues(struct replay *r, bool *does, struct capf_error *err)
{
    uint64_t limit = r->from->limit;
    size_t kept = (size_t)(limit % r->store->header.page_size), got = 0;
    uint8_t *bytes = capf__alloc(r->io, kept);
    if (bytes == NULL)
        return capf__fail_memory(err, kept);
    enum capf_status status =
        capf__read_some(r->io, r->store->fd, bytes, kept, limit - kept, &got, err);
    *does = status == CAPF_OK && got == kept &&
            (kept == 0 || memcmp(bytes, r->from->tail->data, kept) == 0);
    capf__free(r->io, bytes);
    return status;
}

static enum capf_status walk(struct replay *r, struct capf_error *err)
{
    bool more = false;
    r->limit = r->from->limit;
    r->info.why = CAPF_AFTER_OTHER;
    enum capf_status status = page_continues(r, &more, err);
    while (status == CAPF_OK && more)
        status = step(r, &more, err);
    return status;
}

/* ---- The ghost ---- */

static enum capf_status fill_ghost(struct replay *r, struct capf__state *ghost,
                                   struct capf_error *err)
{
    const struct pending *p = &r->pending;
    uint32_t page = r->store->header.page_size;
    size_t kept = (size_t)(r->limit % page);
    capf__path_copy(&ghost->path, &r->path);
    for (size_t i = p->start; i < p->end; i++)
        capf__path_push(&ghost->path, 1, p->at[i]);
    ghost->serial = r->from->serial;
    ghost->meta = r->from->meta;
    ghost->limit = r->limit;
    ghost->tail = capf__buf_new(r->io, page);
    ghost->open = capf__buf_new(r->io, 0);
    if (ghost->tail == NULL || ghost->open == NULL)
        return capf__fail_memory(err, page);
    if (!capf__path_count(&ghost->path, r->store->header.fan_out, &ghost->count))
        return capf__fail(err, CAPF_DAMAGED, 0, "more records than 64 bits can count");
    return kept > 0
               ? capf__data_read(r->store, r->sight, r->limit - kept, ghost->tail->data, kept, err)
               : CAPF_OK;
}

static enum capf_status make_ghost(struct replay *r, struct capf__state **out,
                                   struct capf_error *err)
{
    uint32_t items = (uint32_t)(r->pending.end - r->pending.start);
    struct capf__state *ghost = capf__alloc(r->io, sizeof *ghost);
    if (ghost == NULL)
        return capf__fail_memory(err, sizeof *ghost);
    enum capf_status status = capf__state_init(ghost, r->io, r->path.total + items, err);
    if (status != CAPF_OK) {
        capf__free(r->io, ghost);
        return status;
    }
    status = fill_ghost(r, ghost, err);
    if (status != CAPF_OK) {
        capf__state_unref(ghost);
        return status;
    }
    *out = ghost;
    r->info.committed = r->from->count;
    r->info.first = r->from->count + 1;
    r->info.last = ghost->count;
    r->info.unsure = ghost->count - items + 1;
    r->info.bytes = r->limit - r->from->limit;
    r->info.end = r->limit;
    return CAPF_OK;
}

static enum capf_status nothing(const struct replay *r, struct capf_error *err)
{
    return capf__fail(err, CAPF_END, r->from->limit,
                      r->info.why == CAPF_AFTER_CUT ? "nothing whole stands behind the last commit"
                                                    : "nothing was written behind the last commit");
}

/* Did a commit happen since this handle last looked? */
static void note_writer(struct replay *r)
{
    const struct capf_file *file = r->file;
    uint8_t peek[2][CAPF__NODE_PEEK];
    const uint8_t *known = file->writer != NULL ? file->writer->peek[0] : file->peek[0];
    r->info.changed =
        capf__nodes_peek(r->io, r->store->fd, &r->store->header, peek, NULL) != CAPF_OK ||
        memcmp(peek, known, sizeof peek) != 0;
}

static enum capf_status replay_start(struct replay *r, capf_file *file, struct capf_error *err)
{
    if (file->options.which == CAPF_PREVIOUS)
        return capf__fail(err, CAPF_ARGUMENT, 0,
                          "what follows the state before the last commit is the last commit");
    pthread_mutex_lock(&file->lock);
    r->from = capf__state_ref(file->committed);
    pthread_mutex_unlock(&file->lock);
    enum capf_status status = open_store(r, err);
    if (status == CAPF_OK) {
        r->inner = (struct capf__progress){report_place, r};
        capf__look_init(&r->look, r->store, &r->inner);
        status = see_all(r, err);
    }
    return status == CAPF_OK ? make_room(r, err) : status;
}

enum capf_status capf_cursor_open_after(capf_file *file, capf_cursor **out,
                                        struct capf_after_info *info, struct capf_error *err)
{
    struct replay r = {.file = file, .io = file->io};
    struct capf__state *ghost = NULL;
    enum capf_status status = replay_start(&r, file, err);
    if (status == CAPF_OK && r.sight->limit >= r.from->limit)
        status = walk(&r, err);
    if (status == CAPF_OK && r.info.blocks == 0)
        status = nothing(&r, err);
    if (status == CAPF_OK)
        status = make_ghost(&r, &ghost, err);
    if (status == CAPF_OK) {
        note_writer(&r);
        status = capf__cursor_new(file, r.store, ghost, out, err);
    }
    if (status == CAPF_OK && info != NULL)
        *info = r.info;
    capf__state_unref(ghost);
    replay_release(&r);
    return status;
}

void capf_after_text(const struct capf_after_info *info, char *buf, size_t size)
{
    static const char *const why[] = {
        [CAPF_AFTER_FILE_END] = "nothing more was written",
        [CAPF_AFTER_CUT] = "the block there was not written to its end",
        [CAPF_AFTER_OTHER] = "what stands there is no continuation",
        [CAPF_AFTER_TOO_MANY] = "more items than can be kept apart follow",
    };
    snprintf(buf, size, "it ends at byte %" PRIu64 ": %s", info->end, why[info->why]);
}
