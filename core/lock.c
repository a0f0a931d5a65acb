/* SPDX-License-Identifier: MIT */
/*
 * Who may write (FORMAT.md 6). The writer's lock keeps out writers that ask
 * for it. The Python implementation asks only when told to, so we also look
 * whether anybody has the file open for writing at all, since two writers that
 * do not know of each other destroy each other's records.
 *
 * That look comes before our own descriptor is opened to write, because it could
 * not tell that one from a stranger's; the lock, which needs such a descriptor,
 * comes after. A stranger that slips in between is found by its hand on
 * the master nodes (capf__writer_touch).
 */
#include <errno.h>
#include <stdio.h>

#include "error.h"
#include "file.h"
#include "io.h"

#define MILLISECOND UINT64_C(1000000)
#define RACE_PATIENCE (250 * MILLISECOND) /* for openers that are between two of their steps */
#define NODE_PATIENCE (250 * MILLISECOND) /* a stopped reader must not stop the writer */
#define NAP (2 * MILLISECOND)

static enum capf_status fail_pid(struct capf_error *err, enum capf_status status, long pid,
                                 const char *what)
{
    char who[40] = "another process";
    if (pid > 0)
        snprintf(who, sizeof who, "process %ld", pid);
    capf__fail(err, status, 0, "%s %s", who, what);
    if (err != NULL)
        err->pid = pid;
    return status;
}

static enum capf_status locked_by(const struct capf_io *io, int fd, struct capf_error *err)
{
    long pid = -1;
    io->lock_owner(io->ctx, fd, CAPF__WRITER_LOCK_POS, 1, &pid);
    return fail_pid(err, CAPF_LOCKED, pid,
                    "has the file locked for writing; try again when it is done");
}

static enum capf_status unlocked_writer(long pid, struct capf_error *err)
{
    return fail_pid(err, CAPF_OTHER_WRITER, pid,
                    "has the file open for writing without a lock; two writers would lose records");
}

/* Is there a writer already, with the lock or without? */
static enum capf_status look_for_writers(const struct capf_io *io,
                                         const struct capf_options *options, const char *path,
                                         int reader_fd, unsigned *warnings, struct capf_error *err)
{
    long pid = -1;
    if (io->lock_owner(io->ctx, reader_fd, CAPF__WRITER_LOCK_POS, 1, &pid) == 1)
        return locked_by(io, reader_fd, err);
    if (options->force)
        return CAPF_OK;
    int seen = io->writer_exists(io->ctx, path, &pid);
    if (seen < 0)
        *warnings |= CAPF_WARN_WRITERS_UNSEEN;
    return seen == 1 ? unlocked_writer(pid, err) : CAPF_OK;
}

static enum capf_status open_to_write(const struct capf_io *io, const char *path, int *fd,
                                      struct capf_error *err)
{
    *fd = io->open(io->ctx, path, CAPF_IO_WRITE);
    if (*fd == -EAGAIN) /* somebody is asking the system just now, as look_for_writers does */
        return unlocked_writer(-1, err);
    if (*fd < 0)
        return capf__fail_io(err, *fd, 0, "cannot open the file for writing");
    return CAPF_OK;
}

static enum capf_status take_lock(const struct capf_io *io, int fd, struct capf_error *err)
{
    int code = io->lock(io->ctx, fd, CAPF__WRITER_LOCK_POS, 1, CAPF_IO_EXCLUSIVE);
    if (code == 0)
        return CAPF_OK;
    if (code == -EAGAIN || code == -EACCES)
        return locked_by(io, fd, err);
    return capf__fail_io(err, code, 0, "cannot lock the file here (locking can be switched off)");
}

/* The name may have been given to another file meanwhile; a lock on the old one means nothing. */
static enum capf_status still_there(const struct capf_io *io, int fd, const char *path,
                                    struct capf_error *err)
{
    struct capf_io_stat ours, named;
    int code = io->stat(io->ctx, fd, &ours);
    if (code == 0)
        code = io->stat_path(io->ctx, path, &named);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    if (ours.device == named.device && ours.inode == named.inode)
        return CAPF_OK;
    return capf__fail(err, CAPF_CHANGED, 0, "the file was replaced while it was being opened");
}

static enum capf_status attempt(const struct capf_io *io, const struct capf_options *options,
                                const char *path, int reader_fd, int *fd, unsigned *warnings,
                                struct capf_error *err)
{
    bool locking = options->locking != CAPF_LOCK_NONE;
    enum capf_status status = CAPF_OK;
    if (locking)
        status = look_for_writers(io, options, path, reader_fd, warnings, err);
    if (status == CAPF_OK)
        status = open_to_write(io, path, fd, err);
    if (status != CAPF_OK)
        return status;
    if (locking)
        status = take_lock(io, *fd, err);
    if (status == CAPF_OK)
        status = still_there(io, *fd, path, err);
    if (status != CAPF_OK)
        io->close(io->ctx, *fd);
    return status;
}

enum capf_status capf__writer_lock(const struct capf_io *io, const struct capf_options *options,
                                   const char *path, int reader_fd, int *fd, unsigned *warnings,
                                   struct capf_error *err)
{
    uint64_t start = io->now(io->ctx);
    if (options->locking == CAPF_LOCK_NONE)
        *warnings |= CAPF_WARN_NO_LOCK;
    for (;;) {
        enum capf_status status = attempt(io, options, path, reader_fd, fd, warnings, err);
        uint64_t patience = options->wait_ms * MILLISECOND;
        if (status == CAPF_OTHER_WRITER && patience < RACE_PATIENCE)
            patience = RACE_PATIENCE;
        if (status != CAPF_LOCKED && status != CAPF_OTHER_WRITER)
            return status;
        if (io->now(io->ctx) - start >= patience)
            return status;
        io->nap(io->ctx, NAP);
    }
}

bool capf__nodes_lock(const struct capf_io *io, int fd, const struct capf__header *header,
                      enum capf_io_lock mode)
{
    uint64_t start = io->now(io->ctx);
    for (;;) {
        int code = io->lock(io->ctx, fd, header->node_pos[0], 2 * header->node_len, mode);
        if (code == 0)
            return true;
        if ((code != -EAGAIN && code != -EACCES) || io->now(io->ctx) - start >= NODE_PATIENCE)
            return false;
        io->nap(io->ctx, NAP);
    }
}

void capf__nodes_unlock(const struct capf_io *io, int fd, const struct capf__header *header)
{
    io->lock(io->ctx, fd, header->node_pos[0], 2 * header->node_len, CAPF_IO_UNLOCK);
}
