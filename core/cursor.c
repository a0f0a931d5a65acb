/* SPDX-License-Identifier: MIT */
/*
 * Cursors: a view with a position between two records.
 */
#include <inttypes.h>

#include "error.h"
#include "file.h"
#include "io.h"

struct capf_cursor {
    struct capf__view view;
    uint64_t next; /* the record that stands behind the position; 1 to count + 1 */
};

enum capf_status capf__cursor_new(const struct capf_file *file, struct capf__store *store,
                                  struct capf__state *state, capf_cursor **out,
                                  struct capf_error *err)
{
    struct capf_cursor *cursor = capf__alloc_zero(file->io, sizeof *cursor);
    if (cursor == NULL)
        return capf__fail_memory(err, sizeof *cursor);
    capf__view_init(&cursor->view, file->io);
    cursor->view.progress =
        (struct capf__progress){file->options.progress, file->options.progress_ctx};
    cursor->next = 1;
    enum capf_status status = capf__view_show(&cursor->view, store, state, err);
    if (status == CAPF_OK)
        *out = cursor;
    else
        capf_cursor_close(cursor);
    return status;
}

enum capf_status capf_cursor_open(capf_file *file, capf_cursor **out, struct capf_error *err)
{
    struct capf__store *store = NULL;
    struct capf__state *state = capf__file_state(file, &store);
    if (state == NULL)
        return capf__fail_memory(err, sizeof *state);
    enum capf_status status = capf__cursor_new(file, store, state, out, err);
    capf__state_unref(state);
    capf__store_unref(store);
    return status;
}

void capf_cursor_close(capf_cursor *cursor)
{
    if (cursor == NULL)
        return;
    const struct capf_io *io = cursor->view.io;
    capf__view_release(&cursor->view);
    capf__free(io, cursor);
}

uint64_t capf_cursor_count(const capf_cursor *cursor)
{
    return cursor->view.state->count;
}

void capf_cursor_on_progress(capf_cursor *cursor, capf_progress_fn *progress, void *ctx)
{
    cursor->view.progress = (struct capf__progress){progress, ctx};
}

enum capf_status capf_cursor_seek(capf_cursor *cursor, uint64_t recno, struct capf_error *err)
{
    uint64_t count = cursor->view.state->count;
    if (recno < 1 || recno > count + 1)
        return capf__fail(err, CAPF_NO_RECORD, 0,
                          recno < 1 ? "records start at 1"
                                    : "no record %" PRIu64 " (last is %" PRIu64 ")",
                          recno, count);
    cursor->next = recno;
    return CAPF_OK;
}

/* Gives a record to a caller who wants its number too, also when it cannot be read. */
static enum capf_status give(capf_cursor *cursor, uint64_t at, uint64_t *recno,
                             struct capf_bytes *record, struct capf_error *err)
{
    if (recno != NULL)
        *recno = at;
    return capf__view_get(&cursor->view, at, record, err);
}

enum capf_status capf_cursor_next(capf_cursor *cursor, uint64_t *recno, struct capf_bytes *record,
                                  struct capf_error *err)
{
    if (cursor->next > cursor->view.state->count)
        return capf__fail(err, CAPF_END, 0, "behind the last record");
    return give(cursor, cursor->next++, recno, record, err);
}

enum capf_status capf_cursor_prev(capf_cursor *cursor, uint64_t *recno, struct capf_bytes *record,
                                  struct capf_error *err)
{
    if (cursor->next <= 1)
        return capf__fail(err, CAPF_END, 0, "before the first record");
    return give(cursor, --cursor->next, recno, record, err);
}

enum capf_status capf_cursor_get(capf_cursor *cursor, uint64_t recno, struct capf_bytes *record,
                                 struct capf_error *err)
{
    return capf__view_get(&cursor->view, recno, record, err);
}

enum capf_status capf_cursor_size(capf_cursor *cursor, uint64_t recno, uint64_t *size,
                                  struct capf_error *err)
{
    return capf__view_size(&cursor->view, recno, size, err);
}

enum capf_status capf_cursor_read(capf_cursor *cursor, uint64_t recno, uint64_t off, void *buf,
                                  size_t len, size_t *got, struct capf_error *err)
{
    return capf__view_read(&cursor->view, recno, off, buf, len, got, err);
}

enum capf_status capf_cursor_meta(capf_cursor *cursor, struct capf_bytes *meta,
                                  struct capf_error *err)
{
    return capf__view_meta(&cursor->view, meta, err);
}

enum capf_status capf_cursor_meta_size(capf_cursor *cursor, bool *present, uint64_t *size,
                                       struct capf_error *err)
{
    return capf__view_meta_size(&cursor->view, present, size, err);
}

enum capf_status capf_cursor_meta_read(capf_cursor *cursor, uint64_t off, void *buf, size_t len,
                                       size_t *got, struct capf_error *err)
{
    return capf__view_meta_read(&cursor->view, off, buf, len, got, err);
}

enum capf_status capf_cursor_reach(capf_cursor *cursor, uint64_t recno, uint64_t *first,
                                   uint64_t *last, struct capf_error *err)
{
    return capf__view_reach(&cursor->view, recno, first, last, err);
}
