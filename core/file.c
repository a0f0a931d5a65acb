/* SPDX-License-Identifier: MIT */
/*
 * The handle itself: making and freeing it, and its newest state, which
 * cursors in other threads may ask for at any moment.
 */
#include "file.h"

#include <assert.h>
#include <string.h>

#include "error.h"
#include "io.h"

enum capf_status capf__file_new(struct capf_file **out, const char *path,
                                const struct capf_options *options, struct capf_error *err)
{
    static const struct capf_options defaults;
    const struct capf_options *o = options != NULL ? options : &defaults;
    const struct capf_io *io = o->io != NULL ? o->io : capf_io_posix();
    struct capf_file *file = capf__alloc_zero(io, sizeof *file);
    if (file == NULL)
        return capf__fail_memory(err, sizeof *file);
    file->io = io;
    file->options = *o;
    pthread_mutex_init(&file->lock, NULL); /* cannot fail with default attributes */
    atomic_init(&file->count, 0);
    capf__view_init(&file->view, io);
    file->view.progress = (struct capf__progress){o->progress, o->progress_ctx};
    file->path = capf__strdup(io, path);
    if (file->path == NULL) {
        capf_close(file);
        return capf__fail_memory(err, strlen(path));
    }
    *out = file;
    return CAPF_OK;
}

void capf_close(capf_file *file)
{
    if (file == NULL)
        return;
    const struct capf_io *io = file->io;
    capf__writer_free(file);
    capf__view_release(&file->view);
    capf__state_unref(file->shown);
    capf__state_unref(file->committed);
    capf__store_unref(file->store);
    capf__free(io, file->path);
    pthread_mutex_destroy(&file->lock);
    capf__free(io, file);
}

enum capf_status capf__file_adopt(struct capf_file *file, struct capf__store *store,
                                  const struct capf__state *state, struct capf_error *err)
{
    struct capf__state *shared = capf__state_share(state);
    if (shared == NULL)
        return capf__fail_memory(err, sizeof *shared);
    pthread_mutex_lock(&file->lock);
    struct capf__store *old = file->store;
    file->store = store;
    capf__state_unref(file->committed);
    capf__state_unref(file->shown);
    file->committed = shared;
    file->shown = capf__state_ref(shared);
    pthread_mutex_unlock(&file->lock);
    if (old != store)
        capf__store_unref(old);
    atomic_store_explicit(&file->count, shared->count, memory_order_release);
    return CAPF_OK;
}

#ifndef NDEBUG
/* The list at the top of file.h. Under the lock. */
static void file_assert(const struct capf_file *file)
{
    const struct capf__header *header = &file->store->header;
    assert(file->committed != NULL && file->committed->txn == NULL);
    assert(file->shown != NULL || file->writer != NULL);
    if (file->writer == NULL)
        return;
    const struct capf__state *tip = file->writer->tip;
    assert(tip->open_len < header->block_size);
    assert(tip->limit >= file->committed->limit && file->committed->limit >= header->data_pos);
    assert(tip->txn != NULL || !file->writer->changed);
    assert(tip->path.total <= header->path_max);
    for (unsigned h = 1; h <= tip->path.levels; h++)
        assert(tip->path.children[h - 1] < header->fan_out);
}
#else
static void file_assert(const struct capf_file *file)
{
    (void)file;
}
#endif

struct capf__state *capf__file_state(struct capf_file *file, struct capf__store **store)
{
    pthread_mutex_lock(&file->lock);
    file_assert(file);
    if (file->shown == NULL)
        file->shown = capf__state_share(file->writer->tip);
    struct capf__state *state = capf__state_ref(file->shown);
    if (state != NULL)
        *store = capf__store_ref(file->store);
    pthread_mutex_unlock(&file->lock);
    return state;
}

enum capf_status capf__file_look(struct capf_file *file, struct capf_error *err)
{
    struct capf__store *store = NULL;
    struct capf__state *state = capf__file_state(file, &store);
    if (state == NULL)
        return capf__fail_memory(err, sizeof *state);
    enum capf_status status = capf__view_show(&file->view, store, state, err);
    capf__state_unref(state);
    capf__store_unref(store);
    return status;
}

uint64_t capf_file_count(const capf_file *file)
{
    return atomic_load_explicit(&file->count, memory_order_acquire);
}

/* ---- Reading through the handle ---- */

enum capf_status capf_get(capf_file *file, uint64_t recno, struct capf_bytes *record,
                          struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_get(&file->view, recno, record, err) : status;
}

enum capf_status capf_size(capf_file *file, uint64_t recno, uint64_t *size, struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_size(&file->view, recno, size, err) : status;
}

enum capf_status capf_read(capf_file *file, uint64_t recno, uint64_t off, void *buf, size_t len,
                           size_t *got, struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_read(&file->view, recno, off, buf, len, got, err)
                             : status;
}

enum capf_status capf_get_meta(capf_file *file, struct capf_bytes *meta, struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_meta(&file->view, meta, err) : status;
}

enum capf_status capf_meta_size(capf_file *file, bool *present, uint64_t *size,
                                struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_meta_size(&file->view, present, size, err) : status;
}

enum capf_status capf_meta_read(capf_file *file, uint64_t off, void *buf, size_t len, size_t *got,
                                struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_meta_read(&file->view, off, buf, len, got, err) : status;
}

enum capf_status capf_locate(capf_file *file, uint64_t recno,
                             struct capf_step steps[CAPF_LEVELS_MAX], unsigned *count,
                             struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_locate(&file->view, recno, steps, count, err) : status;
}

enum capf_status capf_get_block_info(capf_file *file, uint64_t pos, struct capf_block_info *info,
                                     struct capf_error *err)
{
    enum capf_status status = capf__file_look(file, err);
    return status == CAPF_OK ? capf__view_block_info(&file->view, pos, info, err) : status;
}
