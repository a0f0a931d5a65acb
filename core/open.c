/* SPDX-License-Identifier: MIT */
/*
 * Opening a file to read or to write, and refreshing.
 *
 * A reader takes any state that a master node vouches for. A writer is more
 * careful, because what it appends rests on what is there: the geometry must
 * be proven, nothing may be missing, and the data must end where it is said to.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

#define LAST_BLOCK_MAX (1u << 20) /* compressed; the last block is inflated when it is no longer */
#define WATCH_FOR UINT64_C(200000000) /* ns, where the system does not tell of other writers */
#define WATCH_NAP UINT64_C(5000000)

static enum capf_status read_nodes(struct capf_file *file, const struct capf__store *store,
                                   struct capf__nodes *nodes, struct capf_error *err)
{
    bool locked = file->options.locking == CAPF_LOCK_WRITER_AND_NODE &&
                  capf__nodes_lock(file->io, store->fd, &store->header, CAPF_IO_SHARED);
    enum capf_status status =
        capf__nodes_read_settled(nodes, file->io, store->fd, &store->header, err);
    if (locked)
        capf__nodes_unlock(file->io, store->fd, &store->header);
    return status;
}

/* Warnings that belong to the nodes and the size, as they were when last read. */
static void note_nodes(struct capf_file *file, const struct capf__nodes *nodes)
{
    file->warnings &= ~(unsigned)(CAPF_WARN_NODE_BAD | CAPF_WARN_NOT_CONSECUTIVE);
    file->warnings |= nodes->warnings;
    memcpy(file->peek, nodes->peek, sizeof file->peek);
    file->settled = nodes->good[0] && nodes->good[1];
    file->node_code = nodes->io_code;
}

static enum capf_status pick(const struct capf_file *file, const struct capf__nodes *nodes,
                             const struct capf__state **state, struct capf_error *err)
{
    int slot = nodes->best;
    if (file->options.which == CAPF_PREVIOUS)
        slot = !slot;
    if (!nodes->good[slot])
        return capf__fail(err, CAPF_DAMAGED, file->store->header.node_pos[slot],
                          "the state before the last commit is gone: its master node is bad (%s)",
                          nodes->fault[slot]);
    *state = &nodes->state[slot];
    return CAPF_OK;
}

static enum capf_status load_state(struct capf_file *file, struct capf_error *err)
{
    struct capf__nodes nodes;
    const struct capf__state *state = NULL;
    enum capf_status status = read_nodes(file, file->store, &nodes, err);
    if (status != CAPF_OK)
        return status;
    note_nodes(file, &nodes);
    status = pick(file, &nodes, &state, err);
    if (status == CAPF_OK)
        status = capf__file_adopt(file, file->store, state, err);
    capf__nodes_release(&nodes);
    return status;
}

/* ---- What a writer insists on ---- */

/* A node that could not be read just now may be the newest, and is not to be written over. */
static enum capf_status check_nodes(const struct capf_file *file, struct capf_error *err)
{
    if (file->node_code == 0)
        return CAPF_OK;
    return capf__fail_io(err, file->node_code, file->store->header.node_pos[0],
                         "cannot read a master node, so nothing can be written");
}

static enum capf_status check_complete(struct capf_file *file, struct capf_error *err)
{
    struct capf_io_stat stat;
    int code = file->io->stat(file->io->ctx, file->store->fd, &stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    uint64_t missing = capf__missing_bytes(&file->store->header, file->committed, stat.size);
    if (missing > 0)
        return capf__fail(err, CAPF_CUT, stat.size,
                          "the file is cut: %" PRIu64
                          " bytes are missing at its end; it can only be read",
                          missing);
    return CAPF_OK;
}

static enum capf_status check_geometry(struct capf_file *file, struct capf_error *err)
{
    const struct capf__header *header = &file->store->header;
    if (!capf__header_writable(header))
        return capf__fail(
            err, CAPF_DAMAGED, 23,
            "a page of %u bytes has no room for an index of fan-out %u; it can only be read",
            header->page_size, header->fan_out);
    bool wrong;
    enum capf_status status = capf__file_look(file, err);
    if (status == CAPF_OK)
        status = capf__view_prove_fan_out(&file->view, &wrong, err);
    if (status == CAPF_OK && wrong)
        status = capf__fail(
            err, CAPF_DAMAGED, 23,
            "damaged header: the index does not have its fan-out of %u; the file can only be read",
            header->fan_out);
    return status;
}

/* Do the blocks end exactly at the file limit, where ours will begin? And is the last one good? */
static enum capf_status check_blocks(struct capf_file *file, struct capf_error *err)
{
    const struct capf__state *state = file->committed;
    uint64_t pos = capf__state_last_block(state, &file->store->header), last = 0;
    uint32_t stored = 0;
    while (pos < state->limit) {
        enum capf_status status = capf__stored_len(file->store, state, pos, &stored, err);
        if (status == CAPF_OK)
            status = capf__progress_step(&file->view.progress, pos, state->limit, err);
        if (status != CAPF_OK)
            return status;
        last = pos;
        pos += 4 + (uint64_t)stored;
    }
    if (last == 0 || stored > LAST_BLOCK_MAX)
        return CAPF_OK;
    struct capf_block_info info;
    return capf__view_block_info(&file->view, last, &info, err);
}

/* Where the system cannot tell whether somebody writes without a lock, their hand may show. */
static enum capf_status watch(struct capf_file *file, struct capf_error *err)
{
    uint64_t start = file->io->now(file->io->ctx);
    uint8_t peek[2][CAPF__NODE_PEEK];
    while (file->io->now(file->io->ctx) - start < WATCH_FOR) {
        enum capf_status status =
            capf__nodes_peek(file->io, file->store->fd, &file->store->header, peek, err);
        if (status != CAPF_OK)
            return status;
        if (memcmp(peek, file->peek, sizeof peek) != 0)
            return capf__fail(err, CAPF_OTHER_WRITER, file->store->header.node_pos[0],
                              "another process is writing to the file without a lock");
        file->io->nap(file->io->ctx, WATCH_NAP);
    }
    return CAPF_OK;
}

/* ---- Opening ---- */

enum capf_status capf__options_check(const struct capf_options *options, enum capf_access access,
                                     struct capf_error *err)
{
    if (options->level < 0 || options->level > 9)
        return capf__fail(err, CAPF_ARGUMENT, 0, "compression level %d is not within 1 to 9",
                          options->level);
    if (options->which == CAPF_PREVIOUS && access == CAPF_WRITE)
        return capf__fail(err, CAPF_ARGUMENT, 0, "the previous state can only be read");
    return CAPF_OK;
}

static bool same_file(const struct capf_file *file, int fd)
{
    struct capf_io_stat stat;
    return file->io->stat(file->io->ctx, fd, &stat) == 0 && stat.inode == file->store->stat.inode &&
           stat.device == file->store->stat.device;
}

/* Takes the lock, then makes sure that it is the lock of the file whose header was read. */
static enum capf_status lock_store(struct capf_file *file, const char *path, int *fd,
                                   struct capf_error *err)
{
    for (int tries = 0;; tries++) {
        enum capf_status status = capf__writer_lock(file->io, &file->options, path, file->store->fd,
                                                    fd, &file->warnings, err);
        if (status == CAPF_OK && same_file(file, *fd))
            return CAPF_OK;
        if (status == CAPF_OK) {
            file->io->close(file->io->ctx, *fd);
            status = capf__fail(err, CAPF_CHANGED, 0, "the file is being replaced again and again");
        }
        if (status != CAPF_CHANGED || tries == 10)
            return status;
        struct capf__store *fresh;
        status = capf__store_open(&fresh, file->io, path, file->options.cache_bytes, err);
        if (status != CAPF_OK)
            return status;
        capf__store_unref(file->store);
        file->store = fresh;
    }
}

static enum capf_status make_writer(struct capf_file *file, int fd, struct capf_error *err)
{
    enum capf_status status = capf__writer_new(file, fd, err);
    if (status == CAPF_OK)
        memcpy(file->writer->peek, file->peek, sizeof file->peek);
    if (status == CAPF_OK && file->options.durability == CAPF_DURABLE_NONE)
        file->warnings |= CAPF_WARN_NO_SYNC;
    return status;
}

static enum capf_status start_writing(struct capf_file *file, const char *path,
                                      struct capf_error *err)
{
    int fd;
    enum capf_status status = lock_store(file, path, &fd, err);
    if (status != CAPF_OK)
        return status;
    status = load_state(file, err);
    if (status == CAPF_OK)
        status = check_nodes(file, err);
    if (status == CAPF_OK && (file->warnings & CAPF_WARN_WRITERS_UNSEEN) != 0)
        status = watch(file, err);
    if (status == CAPF_OK)
        status = check_complete(file, err);
    if (status == CAPF_OK)
        status = check_geometry(file, err);
    if (status == CAPF_OK)
        status = check_blocks(file, err);
    if (status == CAPF_OK)
        return make_writer(file, fd, err);
    file->io->close(file->io->ctx, fd);
    return status;
}

enum capf_status capf_open(const char *path, enum capf_access access,
                           const struct capf_options *options, capf_file **out,
                           struct capf_error *err)
{
    struct capf_file *file;
    enum capf_status status = CAPF_OK;
    if (options != NULL)
        status = capf__options_check(options, access, err);
    if (status == CAPF_OK)
        status = capf__file_new(&file, path, options, err);
    if (status != CAPF_OK)
        return status;
    status = capf__store_open(&file->store, file->io, path, file->options.cache_bytes, err);
    if (status == CAPF_OK)
        status = access == CAPF_WRITE ? start_writing(file, path, err) : load_state(file, err);
    if (status == CAPF_OK)
        *out = file;
    else
        capf_close(file);
    return status;
}

/* ---- Refreshing ---- */

/* Is the file under our name another one now, or shorter than what we have seen of it? */
static bool was_replaced(struct capf_file *file)
{
    struct capf_io_stat ours, named;
    const struct capf_io *io = file->io;
    if (io->stat(io->ctx, file->store->fd, &ours) < 0)
        return false;
    if (ours.links == 0)
        file->warnings |= CAPF_WARN_REPLACED; /* perhaps only removed: what we hold stays true */
    if (io->stat_path(io->ctx, file->path, &named) < 0)
        return false;
    if (ours.inode != named.inode || ours.device != named.device)
        return true;
    if (ours.size < file->store->stat.size)
        return true;
    file->store->stat.size = ours.size;
    return false;
}

static enum capf_status start_anew(struct capf_file *file, struct capf_error *err)
{
    struct capf__store *fresh;
    struct capf__nodes nodes;
    file->warnings |= CAPF_WARN_REPLACED; /* also when what is there now cannot be shown */
    enum capf_status status =
        capf__store_open(&fresh, file->io, file->path, file->options.cache_bytes, err);
    if (status != CAPF_OK)
        return status;
    status = read_nodes(file, fresh, &nodes, err);
    if (status == CAPF_OK) {
        status = capf__file_adopt(file, fresh, &nodes.state[nodes.best], err);
        if (status == CAPF_OK)
            note_nodes(file, &nodes);
        capf__nodes_release(&nodes);
    }
    if (status != CAPF_OK)
        capf__store_unref(fresh);
    return status;
}

static enum capf_status take_newer(struct capf_file *file, bool *changed, struct capf_error *err)
{
    struct capf__nodes nodes;
    enum capf_status status = read_nodes(file, file->store, &nodes, err);
    if (status != CAPF_OK)
        return status;
    const struct capf__state *best = &nodes.state[nodes.best];
    int32_t ahead = (int32_t)(best->serial - file->committed->serial);
    if (ahead > 0)
        status = capf__file_adopt(file, file->store, best, err);
    if (ahead >= 0 && status == CAPF_OK) {
        note_nodes(file, &nodes);
        *changed = ahead > 0;
    }
    capf__nodes_release(&nodes);
    return status;
}

enum capf_status capf_refresh(capf_file *file, bool *changed, struct capf_error *err)
{
    bool any = false;
    uint8_t peek[2][CAPF__NODE_PEEK];
    enum capf_status status = CAPF_OK;
    if (file->writer == NULL && file->options.which == CAPF_CURRENT) {
        if (was_replaced(file)) {
            any = true;
            status = start_anew(file, err);
        } else {
            status = capf__nodes_peek(file->io, file->store->fd, &file->store->header, peek, err);
            if (status == CAPF_OK && (!file->settled || memcmp(peek, file->peek, sizeof peek) != 0))
                status = take_newer(file, &any, err);
        }
    }
    if (status == CAPF_OK && changed != NULL)
        *changed = any;
    return status;
}
