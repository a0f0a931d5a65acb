/* SPDX-License-Identifier: MIT */
/*
 * Checking a whole file: header, master nodes, then the data (check.h), or
 * for a quick check its ends.
 */
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "io.h"
#include "nodes.h"

static const char *const kind_names[] = {
    [CAPF_FINDING_HEADER] = "header", [CAPF_FINDING_NODE] = "master-node",
    [CAPF_FINDING_CUT] = "cut",       [CAPF_FINDING_BLOCK] = "block",
    [CAPF_FINDING_CHAIN] = "chain",   [CAPF_FINDING_INDEX] = "index",
    [CAPF_FINDING_RECORD] = "record", [CAPF_FINDING_METADATA] = "metadata",
    [CAPF_FINDING_STRAY] = "stray",
};

const char *capf_finding_kind_name(enum capf_finding_kind kind)
{
    if ((size_t)kind >= sizeof kind_names / sizeof kind_names[0])
        return "unknown";
    return kind_names[kind];
}

/* ---- Findings ---- */

static void report(struct capf__check *check, const struct capf_finding *finding)
{
    if (finding->note)
        check->result->notes++;
    else
        check->result->damage++;
    if (check->wish->found != NULL)
        check->wish->found(check->wish->ctx, finding);
}

void capf__check_say(struct capf__check *check, enum capf_finding_kind kind, uint64_t offset,
                     uint64_t first, uint64_t last, const char *format, ...)
{
    struct capf_finding finding = {.kind = kind, .offset = offset, .first = first, .last = last};
    va_list args;
    va_start(args, format);
    vsnprintf(finding.text, sizeof finding.text, format, args);
    va_end(args);
    report(check, &finding);
}

static void note(struct capf__check *check, enum capf_finding_kind kind, uint64_t offset,
                 const char *text)
{
    struct capf_finding finding = {.kind = kind, .note = true, .offset = offset};
    snprintf(finding.text, sizeof finding.text, "%s", text);
    report(check, &finding);
}

void capf__check_touch_cut(struct capf__check *check, uint64_t first, uint64_t last)
{
    if (first != 0 && (check->cut_first == 0 || first < check->cut_first))
        check->cut_first = first;
    if (last > check->cut_last)
        check->cut_last = last;
}

bool capf__check_stops(enum capf_status status, const struct capf_error *why,
                       struct capf_error *err)
{
    bool stops = status == CAPF_NO_MEMORY || status == CAPF_CANCELLED;
    if (stops && err != NULL)
        *err = *why;
    return stops;
}

/* ---- Header ---- */

/* Nothing writes behind the header's fields, so what is there is zeros. */
static enum capf_status check_header_page(struct capf__check *check, struct capf_error *err)
{
    size_t len = check->store->header.page_size - CAPF__HEADER_LEN, got;
    uint8_t *bytes = capf__alloc(check->io, len);
    if (bytes == NULL)
        return capf__fail_memory(err, len);
    struct capf_error why;
    enum capf_status status =
        capf__read_some(check->io, check->store->fd, bytes, len, CAPF__HEADER_LEN, &got, &why);
    if (status != CAPF_OK)
        capf__check_say(check, CAPF_FINDING_HEADER, CAPF__HEADER_LEN, 0, 0, "%s", why.text);
    for (size_t i = 0; status == CAPF_OK && i < got; i++)
        if (bytes[i] != 0) {
            capf__check_say(check, CAPF_FINDING_HEADER, CAPF__HEADER_LEN + i, 0, 0,
                            "the header's page has a byte %02x at %zu, where all are zeros",
                            bytes[i], CAPF__HEADER_LEN + i);
            break;
        }
    capf__free(check->io, bytes);
    return CAPF_OK;
}

/* ---- Master nodes ---- */

static void check_node_states(struct capf__check *check, const struct capf__nodes *nodes)
{
    const struct capf__header *header = &check->store->header;
    for (int slot = 0; slot < 2; slot++)
        if (!nodes->good[slot])
            capf__check_say(check, CAPF_FINDING_NODE, header->node_pos[slot], 0, 0,
                            "master node %d at %" PRIu64 " is bad: %s", slot,
                            header->node_pos[slot], nodes->fault[slot]);
    if ((nodes->warnings & CAPF_WARN_NOT_CONSECUTIVE) != 0)
        note(check, CAPF_FINDING_NODE, header->node_pos[0],
             "the serial numbers of the master nodes are not consecutive, as a commit that failed "
             "and "
             "was tried again leaves them; the next commit mends that");
}

static enum capf_status choose_state(struct capf__check *check, struct capf_error *err)
{
    struct capf__nodes nodes;
    const struct capf__header *header = &check->store->header;
    bool certain;
    enum capf_status status =
        capf__nodes_read_certain(&nodes, check->io, check->store->fd, header, &certain, err);
    if (status != CAPF_OK)
        return status;
    if (certain)
        check_node_states(check, &nodes);
    if (nodes.best < 0)
        status = capf__nodes_none_good(&nodes, header, err);
    else if ((check->state = capf__state_share(&nodes.state[nodes.best])) == NULL)
        status = capf__fail_memory(err, sizeof *check->state);
    capf__nodes_release(&nodes);
    if (status != CAPF_OK)
        return status;
    check->result->records = check->state->count;
    check->result->serial = check->state->serial;
    check->result->file_limit = check->state->limit;
    return CAPF_OK;
}

/* ---- What is left to be said behind the data ---- */

static void say_cut(struct capf__check *check)
{
    struct capf_io_stat stat;
    if (check->io->stat(check->io->ctx, check->store->fd, &stat) < 0)
        return;
    uint64_t missing = capf__missing_bytes(&check->store->header, check->state, stat.size);
    if (missing > 0)
        capf__check_say(check, CAPF_FINDING_CUT, stat.size, check->cut_first, check->cut_last,
                        "the file is cut: %" PRIu64 " bytes are missing behind its end at %" PRIu64,
                        missing, stat.size);
}

/* It was not met among the blocks: because of damage, or because the master node is wrong. */
static enum capf_status check_meta(struct capf__check *check, struct capf_error *err)
{
    struct capf_coord meta = check->state->meta;
    struct capf_error why;
    uint32_t len;
    if (capf__coord_null(meta) || check->meta_seen)
        return CAPF_OK;
    enum capf_status status = capf__view_sized_len(&check->guide, meta, &len, &why);
    if (capf__check_stops(status, &why, err))
        return status;
    if (status != CAPF_OK)
        capf__check_say(check, CAPF_FINDING_METADATA, meta.pos, 0, 0,
                        "the metadata at %" PRIu64 "+%u cannot be read: %s", meta.pos, meta.off,
                        why.text);
    else if (check->result->damage == 0 && !check->wish->quick)
        capf__check_say(check, CAPF_FINDING_METADATA, meta.pos, 0, 0,
                        "the master node's metadata at %" PRIu64 "+%u is something else", meta.pos,
                        meta.off);
    return CAPF_OK;
}

/* ---- The data, whole or in part ---- */

/* Does the index have the header's fan-out? If not, nothing that it says can be placed. */
static enum capf_status check_fan_out(struct capf__check *check, bool *usable,
                                      struct capf_error *err)
{
    bool wrong = false;
    struct capf_error why;
    enum capf_status status = capf__view_prove_fan_out(&check->guide, &wrong, &why);
    if (capf__check_stops(status, &why, err))
        return status;
    *usable = !wrong; /* where it cannot be proven, the nodes themselves are reported */
    if (wrong)
        capf__check_say(check, CAPF_FINDING_HEADER, 23, 1, check->state->count,
                        "the index does not have the header's fan-out of %u, so record numbers "
                        "cannot be believed",
                        check->store->header.fan_out);
    return CAPF_OK;
}

static enum capf_status check_all(struct capf__check *check, bool index_usable,
                                  struct capf_error *err)
{
    enum capf_status status = capf__check_pass_from(check, check->store->header.data_pos, err);
    check->blind = !index_usable;
    if (status == CAPF_OK && index_usable)
        status = capf__check_tree(check, err);
    if (status == CAPF_OK)
        status = capf__check_pass_end(check, err);
    return status;
}

static enum capf_status check_path_entry(struct capf__check *check, struct capf_coord at,
                                         unsigned height, uint64_t first, struct capf_error *err)
{
    struct capf_error why;
    bool good;
    uint32_t len;
    if (height > 0)
        return capf__check_node(check, at, height, first, &check->frames[0].children, &good, err);
    enum capf_status status = capf__view_sized_len(&check->guide, at, &len, &why);
    if (capf__check_stops(status, &why, err))
        return status;
    if (status == CAPF_CUT)
        capf__check_touch_cut(check, first, first);
    else if (status != CAPF_OK)
        capf__check_say(check, CAPF_FINDING_RECORD, at.pos, first, first, "record %" PRIu64 ": %s",
                        first, why.text);
    return CAPF_OK;
}

static enum capf_status check_path(struct capf__check *check, struct capf_error *err)
{
    const struct capf__path *path = &check->state->path;
    uint64_t first = 1;
    uint32_t i = 0;
    enum capf_status status = CAPF_OK;
    for (unsigned height = path->levels; height > 0; height--)
        for (uint32_t n = path->children[height - 1]; n > 0 && status == CAPF_OK; n--, i++) {
            status = check_path_entry(check, path->coords[i], height - 1, first, err);
            first += capf__path_span(check->store->header.fan_out, height - 1);
        }
    return status;
}

/* The first block, those from the last one that the master node names, and what it names. */
static enum capf_status check_ends(struct capf__check *check, bool index_usable,
                                   struct capf_error *err)
{
    const struct capf__header *header = &check->store->header;
    uint64_t last = capf__state_last_block(check->state, header);
    check->blind = true;
    enum capf_status status = index_usable ? check_path(check, err) : CAPF_OK;
    if (status == CAPF_OK && last > header->data_pos)
        status = capf__check_pass_at(check, header->data_pos, err);
    if (status == CAPF_OK)
        status = capf__check_pass_from(check, last, err);
    if (status == CAPF_OK)
        status = capf__check_pass_end(check, err);
    return status;
}

static enum capf_status check_data(struct capf__check *check, struct capf_error *err)
{
    bool usable = true;
    enum capf_status status = capf__view_show(&check->guide, check->store, check->state, err);
    if (status == CAPF_OK)
        status = capf__view_show(&check->pass, check->store, check->state, err);
    if (status == CAPF_OK)
        status = check_fan_out(check, &usable, err);
    if (status == CAPF_OK)
        status =
            check->wish->quick ? check_ends(check, usable, err) : check_all(check, usable, err);
    if (status == CAPF_OK)
        status = check_meta(check, err);
    if (status == CAPF_OK)
        say_cut(check);
    return status;
}

/* ---- */

/* A long block takes its time too; how far the pass is says more than how far that block is. */
static bool on_block_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct capf__check *check = ctx;
    uint64_t start = check->store->header.data_pos;
    (void)done, (void)total;
    return capf__progress_step(&check->progress, check->place.pos - start,
                               check->state->limit - start, NULL) == CAPF_OK;
}

static void release(struct capf__check *check)
{
    for (size_t i = 0; i < CAPF_LEVELS_MAX; i++)
        capf__free(check->io, check->frames[i].children);
    capf__view_release(&check->guide);
    capf__view_release(&check->pass);
    capf__state_unref(check->state);
    capf__store_unref(check->store);
    capf__free(check->io, check);
}

enum capf_status capf_check(const char *path, const struct capf_check *wish,
                            const struct capf_options *options, struct capf_check_result *result,
                            struct capf_error *err)
{
    static const struct capf_check no_wish = {0};
    static const struct capf_options no_options = {0};
    options = options != NULL ? options : &no_options;
    const struct capf_io *io = options->io != NULL ? options->io : capf_io_posix();
    *result = (struct capf_check_result){0};
    struct capf__check *check = capf__alloc_zero(io, sizeof *check);
    if (check == NULL)
        return capf__fail_memory(err, sizeof *check);
    check->io = io;
    check->wish = wish != NULL ? wish : &no_wish;
    check->result = result;
    check->progress = (struct capf__progress){options->progress, options->progress_ctx};
    capf__view_init(&check->guide, io);
    capf__view_init(&check->pass, io);
    check->guide.progress = check->pass.progress =
        (struct capf__progress){on_block_progress, check};
    enum capf_status status = capf__store_open(&check->store, io, path, options->cache_bytes, err);
    if (status == CAPF_OK)
        status = check_header_page(check, err);
    if (status == CAPF_OK)
        status = choose_state(check, err);
    if (status == CAPF_OK)
        status = check_data(check, err);
    release(check);
    return status;
}
