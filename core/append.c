/* SPDX-License-Identifier: MIT */
/*
 * Appending (FORMAT.md 2 and 3): bytes into the open block, blocks into the
 * file, coordinates into the index.
 *
 * An append that neither closes a block nor fills an index node changes the
 * tip in place and cannot fail. Any other one is done on a copy, `work`, which
 * becomes the tip only when all of it, writing included, has succeeded. So a
 * failed append leaves no trace but bytes behind the file limit.
 */
#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

#define WHOLE_MORE (1u << 20)
#define OPEN_ROOM_FIRST (64u << 10)

uint64_t capf__whole_block_max(const struct capf__header *header)
{
    return (uint64_t)header->block_size + WHOLE_MORE;
}

/* Grows a state's open block to hold `extra` bytes more, of which the first `kept` are there already.
 * The old buffer may be in use elsewhere. */
static enum capf_status reserve(struct capf__state *state, uint64_t extra, size_t kept,
                                struct capf_error *err)
{
    uint64_t need = state->open_len + extra;
    if (state->open->room >= need)
        return CAPF_OK;
    size_t room = 2 * state->open->room > need ? 2 * state->open->room : (size_t)need;
    struct capf__buf *buf = capf__buf_new(state->io, room);
    if (buf == NULL)
        return capf__fail_memory(err, room);
    memcpy(buf->data, state->open->data, state->open_len + kept);
    capf__buf_unref(state->open);
    state->open = buf;
    return CAPF_OK;
}

enum capf_status capf__tip_reserve(struct capf_file *file, uint64_t extra, size_t kept,
                                   struct capf_error *err)
{
    struct capf__state *tip = file->writer->tip;
    if (tip->open->room >= tip->open_len + extra)
        return CAPF_OK;
    pthread_mutex_lock(&file->lock);
    enum capf_status status = reserve(tip, extra, kept, err);
    pthread_mutex_unlock(&file->lock);
    return status;
}

/* ---- Changes of `work` ---- */

void capf__work_begin(struct capf_file *file)
{
    capf__state_assign(file->writer->work, file->writer->tip);
}

void capf__work_publish(struct capf_file *file)
{
    struct capf__writer *w = file->writer;
    pthread_mutex_lock(&file->lock);
    struct capf__state *old = w->tip;
    w->tip = w->work;
    w->work = old;
    w->changed = true;
    capf__state_unref(file->shown);
    file->shown = NULL;
    pthread_mutex_unlock(&file->lock);
    atomic_store_explicit(&file->count, w->tip->count, memory_order_release);
}

enum capf_status capf__work_block_closed(struct capf_file *file, uint64_t stored,
                                         const uint8_t *tail, struct capf_error *err)
{
    struct capf__state *work = file->writer->work;
    const struct capf__header *header = &file->store->header;
    size_t room = (size_t)capf__min_u64(header->block_size, OPEN_ROOM_FIRST);
    struct capf__buf *page = capf__buf_new(file->io, header->page_size);
    struct capf__buf *open = capf__buf_new(file->io, room);
    if (page == NULL || open == NULL) {
        capf__buf_unref(page);
        capf__buf_unref(open);
        return capf__fail_memory(err, header->page_size + room);
    }
    work->limit += stored;
    size_t tail_len = (size_t)(work->limit % header->page_size);
    memcpy(page->data, tail, tail_len);
    memset(page->data + tail_len, 0, header->page_size - tail_len);
    capf__buf_unref(work->tail);
    capf__buf_unref(work->open);
    work->tail = page;
    work->open = open;
    work->open_len = 0;
    return CAPF_OK;
}

static enum capf_status reserve_pages(struct capf_file *file, size_t room, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (w->pages_room >= room)
        return CAPF_OK;
    capf__free(file->io, w->pages);
    w->pages = capf__alloc(file->io, room);
    w->pages_room = w->pages != NULL ? room : 0;
    return w->pages != NULL ? CAPF_OK : capf__fail_memory(err, room);
}

/* Compresses work's open block and writes it behind the file limit: whole pages, the first of which
 * begins with the bytes that were kept from the block before. */
static enum capf_status close_block(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    struct capf__state *work = w->work;
    uint32_t page = file->store->header.page_size;
    size_t kept = (size_t)(work->limit % page), packed = 0;
    size_t bound = capf__packer_bound(work->open_len);
    enum capf_status status = reserve_pages(file, kept + 4 + bound, err);
    if (status == CAPF_OK)
        status = capf__pack(&w->packer, work->open->data, work->open_len, w->pages + kept + 4,
                            bound, &packed, err);
    if (status == CAPF_OK)
        status = capf__writer_touch(file, err);
    if (status == CAPF_OK)
        status = capf__writer_grow(file, work->limit, work->limit + 4 + packed, err);
    if (status != CAPF_OK)
        return status;
    memcpy(w->pages, work->tail->data, kept);
    capf__put_u32(w->pages + kept, (uint32_t)packed);
    size_t whole = (size_t)capf__round_down(kept + 4 + packed, page);
    status = capf__writer_put_pages(file, w->pages, whole, work->limit - kept, err);
    if (status == CAPF_OK)
        status = capf__work_block_closed(file, 4 + packed, w->pages + whole, err);
    return status;
}

static enum capf_status close_if_full(struct capf_file *file, struct capf_error *err)
{
    if (file->writer->work->open_len < file->store->header.block_size)
        return CAPF_OK;
    return close_block(file, err);
}

/* Writes the full last node of `height` into the open block and empties it in the path. */
static enum capf_status store_node(struct capf_file *file, unsigned height, struct capf_coord *at,
                                   struct capf_error *err)
{
    struct capf__state *work = file->writer->work;
    uint32_t fan_out = file->store->header.fan_out;
    enum capf_status status = reserve(work, (uint64_t)fan_out * CAPF__COORD_LEN, 0, err);
    if (status != CAPF_OK)
        return status;
    *at = (struct capf_coord){work->limit, work->open_len};
    const struct capf_coord *child = work->path.coords + capf__path_start(&work->path, height);
    uint8_t *p = work->open->data + work->open_len;
    for (uint32_t i = 0; i < fan_out; i++)
        capf__coord_put(p + i * CAPF__COORD_LEN, child[i]);
    work->open_len += fan_out * CAPF__COORD_LEN;
    capf__path_pop(&work->path, height);
    return close_if_full(file, err);
}

enum capf_status capf__work_index(struct capf_file *file, struct capf_coord record,
                                  struct capf_error *err)
{
    struct capf__path *path = &file->writer->work->path;
    const struct capf__header *header = &file->store->header;
    struct capf_coord at = record;
    capf__path_push(path, 1, at);
    for (unsigned h = 1; path->children[h - 1] == header->fan_out; h++) {
        if (h == CAPF_LEVELS_MAX)
            return capf__fail(err, CAPF_TOO_LARGE, 0, "the file holds as many records as it can");
        enum capf_status status = store_node(file, h, &at, err);
        if (status != CAPF_OK)
            return status;
        capf__path_push(path, h + 1, at);
    }
    if (path->total > header->path_max)
        return capf__fail(err, CAPF_TOO_LARGE, 0,
                          "the file holds as many records as its page size has room to index");
    file->writer->work->count++;
    return CAPF_OK;
}

/* ---- Taking an item in ---- */

static struct capf_coord put_item(struct capf__state *state, uint32_t len)
{
    struct capf_coord at = {state->limit, state->open_len};
    capf__put_u32(state->open->data + state->open_len, len);
    state->open_len += 4 + len;
    return at;
}

static bool is_simple(const struct capf_file *file, enum capf__item kind, uint32_t len)
{
    const struct capf__state *tip = file->writer->tip;
    const struct capf__header *header = &file->store->header;
    if ((uint64_t)tip->open_len + 4 + len >= header->block_size)
        return false;
    return kind == CAPF__META ||
           (tip->path.children[0] + 1 < header->fan_out && tip->path.total < header->path_max);
}

static void take_in_place(struct capf_file *file, enum capf__item kind, uint32_t len)
{
    struct capf__writer *w = file->writer;
    struct capf__state *tip = w->tip;
    pthread_mutex_lock(&file->lock);
    struct capf_coord at = put_item(tip, len);
    if (kind == CAPF__RECORD) {
        capf__path_push(&tip->path, 1, at);
        tip->count++;
    } else {
        tip->meta = at;
    }
    w->changed = true;
    capf__state_unref(file->shown);
    file->shown = NULL;
    pthread_mutex_unlock(&file->lock);
    atomic_store_explicit(&file->count, tip->count, memory_order_release);
}

enum capf_status capf__tip_take(struct capf_file *file, enum capf__item kind, uint32_t len,
                                struct capf_error *err)
{
    if (is_simple(file, kind, len)) {
        take_in_place(file, kind, len);
        return CAPF_OK;
    }
    capf__work_begin(file);
    struct capf__state *work = file->writer->work;
    struct capf_coord at = put_item(work, len);
    if (kind == CAPF__META)
        work->meta = at;
    enum capf_status status = close_if_full(file, err);
    if (status == CAPF_OK && kind == CAPF__RECORD)
        status = capf__work_index(file, at, err);
    if (status == CAPF_OK)
        capf__work_publish(file);
    return status;
}

/* ---- The public calls ---- */

static enum capf_status append_item(struct capf_file *file, enum capf__item kind, const void *data,
                                    size_t len, struct capf_error *err)
{
    enum capf_status status = capf__item_begin(file, kind, len, err);
    if (status == CAPF_OK)
        status = capf__item_data(file, data, len, err);
    if (status == CAPF_OK)
        status = capf__item_end(file, err);
    return status;
}

enum capf_status capf_append(capf_file *file, const void *data, size_t len, uint64_t *recno,
                             struct capf_error *err)
{
    enum capf_status status = append_item(file, CAPF__RECORD, data, len, err);
    if (status == CAPF_OK && recno != NULL)
        *recno = file->writer->tip->count;
    return status;
}

enum capf_status capf_set_meta(capf_file *file, const void *data, size_t len,
                               struct capf_error *err)
{
    return append_item(file, CAPF__META, data, len, err);
}

enum capf_status capf_clear_meta(capf_file *file, struct capf_error *err)
{
    enum capf_status status = capf__writer_ready(file, err);
    if (status == CAPF_OK)
        status = capf__writer_begin(file, err);
    if (status != CAPF_OK || capf__coord_null(file->writer->tip->meta))
        return status;
    capf__work_begin(file);
    file->writer->work->meta = (struct capf_coord){0, 0};
    capf__work_publish(file);
    return CAPF_OK;
}

enum capf_status capf_append_begin(capf_file *file, uint64_t len, struct capf_error *err)
{
    return capf__item_begin(file, CAPF__RECORD, len, err);
}

static enum capf_status check_streaming(const struct capf_file *file, struct capf_error *err)
{
    if (file->writer == NULL)
        return capf__writer_ready(file, err);
    if (!file->writer->stream.active)
        return capf__fail(err, CAPF_BUSY, 0, "no record is being appended piece by piece");
    return CAPF_OK;
}

enum capf_status capf_append_data(capf_file *file, const void *data, size_t len,
                                  struct capf_error *err)
{
    enum capf_status status = check_streaming(file, err);
    return status == CAPF_OK ? capf__item_data(file, data, len, err) : status;
}

enum capf_status capf_append_end(capf_file *file, uint64_t *recno, struct capf_error *err)
{
    enum capf_status status = check_streaming(file, err);
    if (status == CAPF_OK)
        status = capf__item_end(file, err);
    if (status == CAPF_OK && recno != NULL)
        *recno = file->writer->tip->count;
    return status;
}
