/* SPDX-License-Identifier: MIT */
/*
 * What a person may want to know of a file, and the words for its warnings.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "file.h"
#include "io.h"

static void fill_node(struct capf_node_info *info, const struct capf__nodes *nodes, int slot,
                      const struct capf__header *header)
{
    const struct capf__state *state = &nodes->state[slot];
    *info = (struct capf_node_info){.good = nodes->good[slot], .pos = header->node_pos[slot]};
    if (!info->good) {
        memcpy(info->fault, nodes->fault[slot], sizeof info->fault);
        return;
    }
    info->crc = state->crc;
    info->serial = state->serial;
    info->limit = state->limit;
    info->open_len = state->open_len;
    info->records = state->count;
    info->levels = state->path.levels;
    info->meta = state->meta;
}

static void fill_header(struct capf_info *info, const struct capf__store *store)
{
    info->version = store->header.version;
    info->page_size = store->header.page_size;
    info->block_size = store->header.block_size;
    info->fan_out = store->header.fan_out;
    info->old_magic = store->header.old_magic;
    info->device = store->stat.device;
    info->inode = store->stat.inode;
}

static void fill_state(struct capf_info *info, const struct capf__state *state)
{
    info->records = state->count;
    info->levels = state->path.levels;
    memcpy(info->level_children, state->path.children, sizeof info->level_children);
    info->serial = state->serial;
    info->file_limit = state->limit;
    info->open_block = state->open_len;
    info->meta = state->meta;
}

static enum capf_status fill_from_file(struct capf_file *file, struct capf_info *info,
                                       struct capf_error *err)
{
    const struct capf__store *store = file->store;
    struct capf_io_stat stat;
    struct capf__nodes nodes;
    int code = file->io->stat(file->io->ctx, store->fd, &stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    info->file_size = stat.size;
    info->missing = capf__missing_bytes(&store->header, file->committed, stat.size);
    enum capf_status status = capf__nodes_read(&nodes, file->io, store->fd, &store->header, err);
    if (status != CAPF_OK)
        return status;
    for (int slot = 0; slot < 2; slot++)
        fill_node(&info->node[slot], &nodes, slot, &store->header);
    capf__nodes_release(&nodes);
    return CAPF_OK;
}

enum capf_status capf_get_info(capf_file *file, struct capf_info *out, struct capf_error *err)
{
    struct capf_info info = {.writable = file->writer != NULL};
    enum capf_status status = capf__file_look(file, err);
    if (status == CAPF_OK)
        status = fill_from_file(file, &info, err);
    if (status != CAPF_OK)
        return status;
    fill_header(&info, file->store);
    fill_state(&info, file->view.state);
    info.committed = file->committed->count;
    info.current = file->committed->slot;
    info.pending = file->writer != NULL && file->writer->changed;
    info.warnings = file->warnings;
    if (info.missing > 0)
        info.warnings |= CAPF_WARN_CUT;
    if (atomic_load(&file->store->fan_out_wrong))
        info.warnings |= CAPF_WARN_FAN_OUT;
    *out = info;
    return CAPF_OK;
}

static void node_bad_text(const struct capf_info *info, char *buf, size_t size)
{
    int slot = info->node[0].good ? 1 : 0;
    snprintf(buf, size, "master node %d at byte %" PRIu64 " is bad (%s); the other one is used",
             slot, info->node[slot].pos, info->node[slot].good ? "it was" : info->node[slot].fault);
}

void capf_warning_text(const struct capf_info *info, enum capf_warning warning, char *buf,
                       size_t size)
{
    switch (warning) {
    case CAPF_WARN_NODE_BAD:
        node_bad_text(info, buf, size);
        return;
    case CAPF_WARN_NOT_CONSECUTIVE:
        snprintf(buf, size, "the master nodes have serial numbers %u and %u; the newer one is used",
                 info->node[0].serial, info->node[1].serial);
        return;
    case CAPF_WARN_CUT:
        snprintf(buf, size, "cut: %" PRIu64 " bytes missing at the end of the file", info->missing);
        return;
    case CAPF_WARN_FAN_OUT:
        snprintf(buf, size,
                 "the header's fan-out of %u contradicts the index: record numbers may be wrong",
                 info->fan_out);
        return;
    case CAPF_WARN_NO_LOCK:
        snprintf(buf, size, "no lock held: another writer would not be kept out");
        return;
    case CAPF_WARN_WRITERS_UNSEEN:
        snprintf(buf, size,
                 "this system does not tell whether another process writes without a lock");
        return;
    case CAPF_WARN_NO_SYNC:
        snprintf(buf, size, "commits are not synced: a power cut can lose the whole file");
        return;
    case CAPF_WARN_REPLACED:
        snprintf(buf, size, "the file was replaced, removed or truncated while it was open");
        return;
    }
    snprintf(buf, size, "no warning");
}

const char *capf_version(void)
{
    return "0.1.0";
}
