/* SPDX-License-Identifier: MIT */
/*
 * What a writer does before its first write: whatever an earlier writer left
 * half done becomes durable, or can never come back. Opening writes nothing.
 *
 * - The current node is written to its own place again, byte for byte. A writer that was killed may
 *   have left it in the system's memory only; and after a sync that failed the system believes that
 *   it is on the disk, so that a sync alone would write nothing. Our next commit overwrites the other
 *   node: a power cut then must find this one.
 * - A torn node is spoiled. Its missing bytes are, as a rule, zeros behind the open block, and so are
 *   those of our next node with the same serial: if that one were torn in its turn, both
 *   together could make the first one whole, over data that is not there any more.
 * - The folder is synced. The file's maker may have been killed between giving it its name and that,
 *   and what we are about to acknowledge must be found again under the name.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "error.h"
#include "file.h"
#include "io.h"

static enum capf_status renew_node(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    const struct capf__header *header = &file->store->header;
    uint64_t pos = header->node_pos[file->committed->slot];
    size_t got;
    enum capf_status status =
        capf__read_some(file->io, w->fd, w->node, (size_t)header->node_len, pos, &got, err);
    if (status != CAPF_OK)
        return status;
    if (got < header->node_len || capf__master_crc(header, w->node) != file->committed->crc)
        return capf__writer_changed(file, err);
    return capf__write_all(file->io, w->fd, w->node, (size_t)header->node_len, pos, err);
}

enum capf_status capf__node_spoil(struct capf_file *file, int slot, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    memset(w->peek[slot], 0, CAPF__NODE_PEEK);
    return capf__write_all(file->io, w->fd, w->peek[slot], CAPF__NODE_PEEK,
                           file->store->header.node_pos[slot], err);
}

static enum capf_status renew_and_spoil(struct capf_file *file, struct capf_error *err)
{
    const struct capf__header *header = &file->store->header;
    bool locked = file->options.locking != CAPF_LOCK_NONE &&
                  capf__nodes_lock(file->io, file->writer->fd, header, CAPF_IO_EXCLUSIVE);
    enum capf_status status = renew_node(file, err);
    if (status == CAPF_OK && !file->settled)
        status = capf__node_spoil(file, !file->committed->slot, err);
    if (locked)
        capf__nodes_unlock(file->io, file->writer->fd, header);
    return status;
}

/* 0, or a negative errno. A folder that is not ours to read, or whose name has changed, is left alone. */
static int sync_folder(const struct capf_file *file)
{
    const struct capf_io *io = file->io;
    char path[PATH_MAX];
    if (io->real_path(io->ctx, file->path, path, sizeof path) < 0)
        return 0;
    char *folder = capf__folder_of(io, path);
    if (folder == NULL)
        return -ENOMEM;
    int code = io->dirsync(io->ctx, folder);
    capf__free(io, folder);
    return code == -EACCES || code == -ENOENT ? 0 : code;
}

enum capf_status capf__writer_recover(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    if (w->started || file->options.durability == CAPF_DURABLE_NONE)
        return CAPF_OK;
    enum capf_status status = renew_and_spoil(file, err);
    if (status != CAPF_OK)
        return status;
    int code = file->io->datasync(file->io->ctx, w->fd);
    if (code == 0)
        code = sync_folder(file);
    if (code == -ENOMEM)
        return capf__fail_memory(err, PATH_MAX);
    if (code < 0) {
        capf__fail_io(err, code, 0, "cannot sync the file before writing to it");
        if (err != NULL)
            err->status = CAPF_BROKEN;
        return capf__writer_break(file, CAPF_BROKEN);
    }
    w->started = true;
    return CAPF_OK;
}
