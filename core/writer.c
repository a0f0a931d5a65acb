/* SPDX-License-Identifier: MIT */
/*
 * The writer's life, and its way of putting pages into the file. Nothing here
 * is part of a commit yet: all of it goes behind the committed file limit.
 */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

#define GROWTH_MAX (UINT64_C(5) << 20)
#define LEVEL_DEFAULT 6

static struct capf__state *new_tip(struct capf_file *file)
{
    struct capf__state *tip = capf__alloc(file->io, sizeof *tip);
    /* Two more than fit at rest: the child that fills a level, and the node that replaces it. */
    uint32_t room = file->store->header.path_max + 2;
    if (tip != NULL && capf__state_init(tip, file->io, room, NULL) != CAPF_OK) {
        capf__free(file->io, tip);
        tip = NULL;
    }
    if (tip != NULL)
        capf__state_assign(tip, file->committed);
    return tip;
}

enum capf_status capf__writer_new(struct capf_file *file, int fd, struct capf_error *err)
{
    const struct capf_io *io = file->io;
    struct capf__writer *w = capf__alloc_zero(io, sizeof *w);
    if (w == NULL) {
        io->close(io->ctx, fd);
        return capf__fail_memory(err, sizeof *w);
    }
    file->writer = w;
    w->fd = fd;
    int level = file->options.level != 0 ? file->options.level : LEVEL_DEFAULT;
    capf__packer_init(&w->packer, io, level, file->options.zlib_only);
    w->node = capf__alloc(io, (size_t)file->store->header.node_len);
    w->tip = new_tip(file);
    w->work = new_tip(file);
    if (w->node == NULL || w->tip == NULL || w->work == NULL)
        return capf__fail_memory(err, file->store->header.node_len);
    struct capf_io_stat stat;
    int code = io->stat(io->ctx, fd, &stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    w->file_size = stat.size;
    return CAPF_OK;
}

void capf__writer_free(struct capf_file *file)
{
    struct capf__writer *w = file->writer;
    const struct capf_io *io = file->io;
    if (w == NULL)
        return;
    capf_append_cancel(file);
    if (w->tip != NULL && w->tip->txn != NULL)
        capf__cache_roll_back(&file->store->cache, file->committed->limit, w->tip->txn);
    capf__state_unref(w->tip);
    capf__state_unref(w->work);
    capf__state_unref(w->next);
    capf__packer_release(&w->packer);
    capf__free(io, w->stream.buf);
    capf__free(io, w->pages);
    capf__free(io, w->node);
    io->close(io->ctx, w->fd);
    capf__free(io, w);
    file->writer = NULL;
}

enum capf_status capf__writer_break(struct capf_file *file, enum capf_status status)
{
    file->writer->broken = status;
    return status;
}

enum capf_status capf__writer_changed(struct capf_file *file, struct capf_error *err)
{
    return capf__writer_break(file, capf__fail(err, CAPF_CHANGED, file->store->header.node_pos[0],
                                               "another process wrote to the file: open it again"));
}

static enum capf_status check_unbroken(const struct capf__writer *w, struct capf_error *err)
{
    if (w->broken == CAPF_OK)
        return CAPF_OK;
    if (w->broken == CAPF_UNKNOWN)
        return capf__fail(err, CAPF_BROKEN, 0,
                          "the outcome of an earlier commit is unknown: open the file again");
    if (w->broken == CAPF_CHANGED)
        return capf__fail(err, CAPF_CHANGED, 0,
                          "the file was changed, cut or removed by another: open it again");
    return capf__fail(err, CAPF_BROKEN, 0, "an earlier sync failed: open the file again");
}

enum capf_status capf__writer_ready(const struct capf_file *file, struct capf_error *err)
{
    const struct capf__writer *w = file->writer;
    if (w == NULL)
        return capf__fail(err, CAPF_NOT_WRITABLE, 0, "the file is not open for writing");
    if (w->stream.active)
        return capf__fail(err, CAPF_BUSY, 0, "a record is still being appended piece by piece");
    if (w->prepared)
        return capf__fail(err, CAPF_BUSY, 0, "a commit is prepared and not finished");
    return check_unbroken(w, err);
}

enum capf_status capf__writer_begin(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (w->tip->txn != NULL)
        return CAPF_OK;
    struct capf__txn *txn = capf__txn_new(file->io);
    if (txn == NULL)
        return capf__fail_memory(err, sizeof *txn);
    pthread_mutex_lock(&file->lock);
    w->tip->txn = txn;
    pthread_mutex_unlock(&file->lock);
    return CAPF_OK;
}

/* A file without a name would take our records with it; one that is shorter than we left it is
 * somebody else's work. */
static enum capf_status check_file(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    struct capf_io_stat stat;
    int code = file->io->stat(file->io->ctx, w->fd, &stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    if (stat.links == 0)
        return capf__writer_break(
            file, capf__fail(err, CAPF_CHANGED, 0,
                             "the file was removed or replaced while it was open for writing"));
    if (stat.size < w->file_size)
        return capf__writer_break(file,
                                  capf__fail(err, CAPF_CHANGED, stat.size,
                                             "the file was cut while it was open for writing"));
    return CAPF_OK;
}

static enum capf_status check_nodes(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    uint8_t peek[2][CAPF__NODE_PEEK];
    enum capf_status status = capf__nodes_peek(file->io, w->fd, &file->store->header, peek, err);
    for (int slot = 0; slot < 2 && status == CAPF_OK; slot++)
        if (memcmp(peek[slot], w->peek[slot], CAPF__NODE_PEEK) != 0)
            status = capf__writer_changed(file, err);
    return status;
}

enum capf_status capf__writer_touch(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    enum capf_status status = capf__writer_recover(file, err);
    if (status != CAPF_OK || w->watched)
        return status;
    status = check_file(file, err);
    if (status == CAPF_OK)
        status = check_nodes(file, err);
    if (status == CAPF_OK)
        w->watched = true;
    return status;
}

enum capf_status capf__writer_grow(struct capf_file *file, uint64_t limit, uint64_t end,
                                   struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    uint32_t page = file->store->header.page_size;
    if (end <= w->file_size)
        return CAPF_OK;
    uint64_t growth = capf__min_u64(GROWTH_MAX, limit) + page - 1;
    uint64_t size = w->file_size + capf__round_down(growth, page);
    int code = file->io->grow(file->io->ctx, w->fd, size);
    if (code == 0)
        w->file_size = size;
    if (code == 0 || code == -ENOSPC || code == -EFBIG || code == -EDQUOT)
        return CAPF_OK; /* writing extends the file by what is really needed, or says that it cannot */
    return capf__fail_io(err, code, w->file_size, "cannot grow the file");
}

enum capf_status capf__writer_put_pages(struct capf_file *file, const uint8_t *bytes, size_t len,
                                        uint64_t pos, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (len == 0)
        return CAPF_OK;
    w->unsynced = true; /* also when the write fails half-way */
    enum capf_status status = capf__write_all(file->io, w->fd, bytes, len, pos, err);
    if (status == CAPF_OK && w->file_size < pos + len)
        w->file_size = pos + len;
    return status;
}
