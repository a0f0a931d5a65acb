/* SPDX-License-Identifier: MIT */
/*
 * Commit and rollback (FORMAT.md 5).
 *
 * capf__node_write is the commit point. Before it all data pages are durable;
 * it writes one master node over the older of the two, and syncs; only then do
 * serial and slot advance in memory. Everything that could fail for lack of
 * memory is done before it.
 */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

static bool syncing(const struct capf_file *file)
{
    return file->options.durability == CAPF_DURABLE_FULL;
}

static enum capf_status sync_data(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (!w->unsynced || !syncing(file))
        return CAPF_OK;
    int code = file->io->datasync(file->io->ctx, w->fd);
    if (code < 0) {
        capf__fail_io(err, code, 0, "not committed: cannot sync the file; open it again");
        if (err != NULL)
            err->status = CAPF_BROKEN;
        return capf__writer_break(file, CAPF_BROKEN);
    }
    w->unsynced = false;
    return CAPF_OK;
}

/* ---- Writing a node ---- */

static enum capf_status unknown(struct capf_file *file, int code, int slot, const char *why,
                                struct capf_error *err)
{
    capf__fail_io(err, code, file->store->header.node_pos[slot], why);
    if (err != NULL)
        err->status = CAPF_UNKNOWN;
    return capf__writer_break(file, CAPF_UNKNOWN);
}

/* A sync of the node has failed, so nobody knows what the disk holds: the system marks pages clean all
 * the same. Writing the same bytes again through a fresh descriptor, and syncing that, settles it. */
static enum capf_status mend(struct capf_file *file, int slot, int first_code,
                             struct capf_error *err)
{
    const struct capf_io *io = file->io;
    const struct capf__header *header = &file->store->header;
    struct capf_io_stat now;
    int fd = io->open(io->ctx, file->path, CAPF_IO_WRITE);
    bool same = fd >= 0 && io->stat(io->ctx, fd, &now) == 0 &&
                now.inode == file->store->stat.inode && now.device == file->store->stat.device;
    bool mended = same &&
                  capf__write_all(io, fd, file->writer->node, (size_t)header->node_len,
                                  header->node_pos[slot], NULL) == CAPF_OK &&
                  io->datasync(io->ctx, fd) == 0;
    if (fd >= 0)
        io->close(io->ctx, fd);
    if (mended)
        return CAPF_OK;
    return unknown(file, first_code, slot,
                   "the outcome of the commit is unknown: cannot sync the file", err);
}

/* A node was half written. Where its other half equals what stood there before, zeros as a rule, it
 * is whole all the same; so it must be spoiled before anybody may be told that it is not there. */
static enum capf_status take_back(struct capf_file *file, int slot, enum capf_status status,
                                  struct capf_error *err)
{
    struct capf_error why = {.sys_errno = EIO};
    int code = 0;
    if (capf__node_spoil(file, slot, &why) != CAPF_OK)
        code = -why.sys_errno;
    else if (syncing(file))
        code = file->io->datasync(file->io->ctx, file->writer->fd);
    if (code == 0)
        return status;
    return unknown(file, code, slot,
                   "the outcome of the commit is unknown: half of it cannot be taken back", err);
}

static enum capf_status put_node(struct capf_file *file, int slot, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    const struct capf__header *header = &file->store->header;
    size_t done;
    enum capf_status status = capf__write_counted(
        file->io, w->fd, w->node, (size_t)header->node_len, header->node_pos[slot], &done, err);
    if (status != CAPF_OK)
        return done == 0 ? status : take_back(file, slot, status, err);
    int code = syncing(file) ? file->io->datasync(file->io->ctx, w->fd) : 0;
    return code < 0 ? mend(file, slot, code, err) : CAPF_OK;
}

enum capf_status capf__node_write(struct capf_file *file, int slot, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    const struct capf__header *header = &file->store->header;
    bool locked = file->options.locking != CAPF_LOCK_NONE &&
                  capf__nodes_lock(file->io, w->fd, header, CAPF_IO_EXCLUSIVE);
    enum capf_status status = put_node(file, slot, err);
    if (locked)
        capf__nodes_unlock(file->io, w->fd, header);
    if (status == CAPF_OK)
        memcpy(w->peek[slot], w->node, CAPF__NODE_PEEK);
    return status;
}

/* ---- The two halves ---- */

static enum capf_status make_next(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    struct capf__state *next = capf__state_share(w->tip);
    if (next == NULL)
        return capf__fail_memory(err, sizeof *next);
    capf__txn_unref(next->txn);
    next->txn = NULL;
    next->serial = file->committed->serial + 1;
    next->slot = !file->committed->slot;
    next->crc = capf__master_encode(next, &file->store->header, w->node);
    w->next = next;
    return CAPF_OK;
}

static struct capf_receipt make_receipt(const struct capf_file *file)
{
    const struct capf__state *before = file->committed;
    const struct capf__state *next = file->writer->next != NULL ? file->writer->next : before;
    return (struct capf_receipt){
        .device = file->store->stat.device,
        .inode = file->store->stat.inode,
        .serial_before = before->serial,
        .serial = next->serial,
        .crc_before = before->crc,
        .crc = next->crc,
        .count_before = before->count,
        .count = next->count,
    };
}

enum capf_status capf_commit_prepare(capf_file *file, struct capf_receipt *receipt,
                                     struct capf_error *err)
{
    enum capf_status status = capf__writer_ready(file, err);
    if (status != CAPF_OK)
        return status;
    if (file->writer->changed) {
        status = capf__writer_touch(file, err); /* which uses the memory of the node's image */
        if (status == CAPF_OK)
            status = sync_data(file, err);
        if (status == CAPF_OK)
            status = make_next(file, err);
        if (status != CAPF_OK)
            return status;
    }
    file->writer->prepared = true;
    if (receipt != NULL)
        *receipt = make_receipt(file);
    return CAPF_OK;
}

/* The node is in the file: what was pending is committed, for cursors too that were opened on it. */
static void advance(struct capf_file *file)
{
    struct capf__writer *w = file->writer;
    pthread_mutex_lock(&file->lock);
    w->tip->serial = w->next->serial;
    w->tip->slot = w->next->slot;
    w->tip->crc = w->next->crc;
    capf__txn_unref(w->tip->txn);
    w->tip->txn = NULL;
    capf__state_unref(file->committed);
    capf__state_unref(file->shown);
    file->committed = w->next;
    file->shown = capf__state_ref(w->next);
    w->next = NULL;
    w->changed = false;
    w->watched = false; /* look again before the next write */
    pthread_mutex_unlock(&file->lock);
}

enum capf_status capf_commit_finish(capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (w == NULL)
        return capf__writer_ready(file, err);
    if (!w->prepared)
        return capf__fail(err, CAPF_BUSY, 0, "no commit is prepared");
    w->prepared = false;
    if (w->next == NULL)
        return CAPF_OK;
    w->watched = false;
    enum capf_status status = capf__writer_touch(file, err);
    if (status == CAPF_OK)
        status = capf__node_write(file, w->next->slot, err);
    if (status == CAPF_OK) {
        advance(file);
        return CAPF_OK;
    }
    capf__state_unref(w->next);
    w->next = NULL;
    return status;
}

enum capf_status capf_commit(capf_file *file, struct capf_error *err)
{
    enum capf_status status = capf_commit_prepare(file, NULL, err);
    return status == CAPF_OK ? capf_commit_finish(file, err) : status;
}

enum capf_status capf_rollback(capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (w == NULL)
        return capf__writer_ready(file, err);
    capf_append_cancel(file);
    capf__state_unref(w->next);
    w->next = NULL;
    w->prepared = false;
    if (w->tip->txn == NULL)
        return CAPF_OK;
    capf__cache_roll_back(&file->store->cache, file->committed->limit, w->tip->txn);
    pthread_mutex_lock(&file->lock);
    capf__state_assign(w->tip, file->committed);
    /* Cursors may still be giving out what was rolled back, in the open block behind the committed
     * bytes. What is appended next does not go there: it finds no room, and takes another buffer. */
    w->tip->open->room = w->tip->open_len;
    w->changed = false;
    capf__state_unref(file->shown);
    file->shown = capf__state_ref(file->committed);
    pthread_mutex_unlock(&file->lock);
    atomic_store_explicit(&file->count, w->tip->count, memory_order_release);
    return CAPF_OK;
}

enum capf_status capf_receipt_check(capf_file *file, const struct capf_receipt *receipt,
                                    enum capf_verdict *verdict, struct capf_error *err)
{
    struct capf__nodes nodes;
    enum capf_status status =
        capf__nodes_read_settled(&nodes, file->io, file->store->fd, &file->store->header, err);
    if (status != CAPF_OK)
        return status;
    if (nodes.io_code != 0) {
        status = capf__fail_io(err, nodes.io_code, 0, "cannot read a master node");
        capf__nodes_release(&nodes);
        return status;
    }
    *verdict = CAPF_VERDICT_UNKNOWN;
    bool same =
        file->store->stat.device == receipt->device && file->store->stat.inode == receipt->inode;
    const struct capf__state *best = &nodes.state[nodes.best];
    if (same && best->serial == receipt->serial_before && best->crc == receipt->crc_before)
        *verdict = CAPF_VERDICT_NO;
    for (int slot = 0; slot < 2; slot++)
        if (same && nodes.good[slot] && nodes.state[slot].serial == receipt->serial &&
            nodes.state[slot].crc == receipt->crc)
            *verdict = CAPF_VERDICT_YES;
    capf__nodes_release(&nodes);
    return CAPF_OK;
}
