/* SPDX-License-Identifier: MIT */
/*
 * Salvage: the whole of it, in one pass over the source. See salvage.h for what
 * its parts do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

/* ---- The walk ---- */

/* Where nothing says where the data ends: does something seem to go on at `pos`? */
static bool goes_on(struct capf__salvage *s, uint64_t pos)
{
    uint8_t prefix[4];
    for (int slot = 0; slot < 2; slot++)
        if (s->node[slot].placed)
            return false; /* a node's last page ends there */
    return capf__data_read(s->store, s->plain, pos, prefix, sizeof prefix, NULL) == CAPF_OK &&
           capf__get_u32(prefix) != 0;
}

static enum capf_status pass_gap(struct capf__salvage *s, uint64_t *pos, bool *end,
                                 struct capf_error *err)
{
    uint64_t next = 0;
    bool chained = false;
    enum capf_status status = capf__salvage_next(s, *pos, &next, &chained, err);
    if (status != CAPF_OK)
        return status;
    *end = next >= s->limit;
    if (s->top < 0 && *end && !goes_on(s, *pos))
        return CAPF_OK;
    status = capf__salvage_gap(s, *pos, next, chained, err);
    if (!*end || s->top >= 0)
        *pos = next;
    return status;
}

/* All blocks. *end is where the last one ends. */
static enum capf_status walk(struct capf__salvage *s, uint64_t *end, struct capf_error *err)
{
    uint64_t pos = s->store->header.data_pos;
    enum capf_status status = CAPF_OK;
    bool over = false;
    while (status == CAPF_OK && !over && pos < s->limit) {
        bool good;
        size_t gaps = s->gap_count;
        s->pos = pos;
        status = capf__progress_step(&s->inner, 0, 0, err);
        if (status == CAPF_OK)
            status = capf__salvage_block(s, pos, &good, err);
        if (status != CAPF_OK)
            break;
        if (!good) {
            status = pass_gap(s, &pos, &over, err);
            continue;
        }
        pos = capf__look_next(&s->look);
        status = capf__salvage_parse(s, s->look.raw, err);
        s->report->blocks_good += s->gap_count == gaps;
        s->report->blocks_odd += s->gap_count != gaps;
    }
    *end = pos;
    return status;
}

/* The open block, which only a master node holds. */
static enum capf_status read_open(struct capf__salvage *s, uint64_t end, bool len_known,
                                  struct capf_error *err)
{
    size_t len;
    const uint8_t *bytes = capf__salvage_open_block(s, end, &len, &s->proven_len);
    if (bytes == NULL)
        return CAPF_OK;
    /* Where its length is not known, zeros that ended the last item were taken for padding. */
    capf__look_open(&s->look, end, bytes, len_known ? len : s->store->header.block_size);
    return capf__salvage_parse(s, len, err);
}

/* ---- Metadata ---- */

static enum capf_status take_meta(struct capf__salvage *s, const struct capf__state *state,
                                  struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    if (state == NULL || !r->state_known)
        return CAPF_OK;
    r->meta_known = true;
    r->meta = state->meta;
    r->meta_present = !capf__coord_null(state->meta);
    bool open = s->look.open != NULL && state->meta.pos == s->look.pos;
    if (!r->meta_present || (!open && capf__salvage_is_lost(s, state->meta)) ||
        (open && state->meta.off >= s->proven_len))
        return CAPF_OK;
    enum capf_status status = capf__salvage_copy(s, state->meta, CAPF__META, err);
    if (status == CAPF_DAMAGED || status == CAPF_CUT)
        return CAPF_OK; /* what it names is no item */
    r->meta_written = status == CAPF_OK;
    return status;
}

static enum capf_status read_candidates(struct capf__salvage *s, struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    enum capf_status status = CAPF_OK;
    for (size_t i = 0; i < r->candidate_count && status == CAPF_OK; i++) {
        struct capf_meta_candidate *c = &r->candidate[i];
        size_t got = 0;
        status = capf__salvage_head(s, c->at, c->head, sizeof c->head, &got, &c->len, err);
        c->head_len = (uint8_t)got;
    }
    return status;
}

/* ---- The whole ---- */

static enum capf_status prepare(struct capf__salvage *s, const char *path, struct capf_error *err)
{
    enum capf_status status = capf__salvage_open(s, path, err);
    s->part = capf__alloc(s->io, CAPF__SALVAGE_PART);
    if (status == CAPF_OK && s->part == NULL)
        status = capf__fail_memory(err, CAPF__SALVAGE_PART);
    if (status == CAPF_OK)
        status = capf__salvage_geometry(s, err);
    if (status == CAPF_OK)
        status = capf__salvage_read_nodes(s, err);
    if (status == CAPF_OK)
        status = capf__salvage_fan_out(s, err);
    if (status == CAPF_OK)
        status = capf__salvage_nodes(s, err);
    if (status != CAPF_OK)
        return status;
    size_t node_len = (size_t)s->store->header.fan_out * CAPF__COORD_LEN;
    s->node_bytes = capf__alloc(s->io, node_len);
    return s->node_bytes != NULL ? CAPF_OK : capf__fail_memory(err, node_len);
}

static void fill_report(struct capf__salvage *s)
{
    struct capf_salvage_report *r = s->report;
    r->page_size = s->store->header.page_size;
    r->block_size = s->store->header.block_size;
    r->fan_out = s->store->header.fan_out;
    r->source_size = s->size;
    for (int slot = 0; slot < 2; slot++)
        r->node_good[slot] = s->node[slot].good;
    r->state_proven = s->top >= 0 && s->node[s->top].good;
}

static enum capf_status run(struct capf__salvage *s, struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    const struct capf__state *state = NULL;
    uint64_t end = 0;
    enum capf_status status = walk(s, &end, err);
    if (status == CAPF_OK) {
        state = capf__salvage_state(s, end);
        status = read_open(s, end, state != NULL, err);
    }
    if (status == CAPF_OK)
        status = capf__salvage_settle(s, state, err);
    if (status == CAPF_OK)
        status = take_meta(s, state, err);
    if (status == CAPF_OK)
        status = read_candidates(s, err);
    if (status == CAPF_OK)
        status = capf__salvage_number(s, err);
    capf__salvage_number_unsure(s);
    r->limit = end;
    r->recovered = s->sure;
    r->written = s->written;
    return status;
}

/* An empty file that is known to be empty is something; one of which nothing is known is nothing. */
static enum capf_status check_use(const struct capf__salvage *s, struct capf_error *err)
{
    const struct capf_salvage_report *r = s->report;
    if (r->written > 0 || r->meta_written || (r->state_known && r->lost == 0 && !r->unsure_total))
        return CAPF_OK;
    if (r->unsure_total > 0)
        return capf__fail(err, CAPF_END, 0,
                          "nothing is certain; %" PRIu64 " items may be records or metadata",
                          r->unsure_total);
    return capf__fail(err, CAPF_END, 0, "nothing can be had of it");
}

static void release(struct capf__salvage *s)
{
    capf__salvage_close(s);
    capf__free(s->io, s->part);
    capf__free(s->io, s->node_bytes);
    capf__free(s->io, s->gaps);
    capf__free(s->io, s->confirmed);
    capf__free(s->io, s->pending);
    capf__free(s->io, s->stack);
    capf__free(s->io, s->losses);
}

static enum capf_status check_free(const struct capf__salvage *s, const char *name,
                                   struct capf_error *err)
{
    struct capf_io_stat stat;
    if (s->io->stat_path(s->io->ctx, name, &stat) < 0)
        return CAPF_OK;
    return capf__fail(err, CAPF_EXISTS, 0, "not written: there is something under that name");
}

static enum capf_status salvage_to(struct capf__salvage *s, const char *out, char *temporary,
                                   struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    if (out != NULL)
        status = capf__salvage_out_begin(s, temporary, err);
    if (status == CAPF_OK)
        status = run(s, err);
    if (status == CAPF_OK)
        status = check_use(s, err);
    enum capf_status end = capf__salvage_out_end(s, temporary, out, status == CAPF_OK, err);
    return status == CAPF_OK ? end : status;
}

static char *temporary_name(const struct capf_io *io, const char *out)
{
    static const char suffix[] = ".salvage";
    size_t len = strlen(out);
    char *name = capf__alloc(io, len + sizeof suffix);
    if (name != NULL) {
        memcpy(name, out, len);
        memcpy(name + len, suffix, sizeof suffix);
    }
    return name;
}

enum capf_status capf_salvage(const char *path, const char *out,
                              const struct capf_salvage_options *salvage,
                              const struct capf_options *options,
                              struct capf_salvage_report *report, struct capf_error *err)
{
    static const struct capf_salvage_options no_wishes;
    static const struct capf_options defaults;
    struct capf__salvage s = {.options = salvage != NULL ? salvage : &no_wishes,
                              .open_options = options != NULL ? options : &defaults,
                              .report = report};
    s.io = s.open_options->io != NULL ? s.open_options->io : capf_io_posix();
    *report = (struct capf_salvage_report){.io = s.io};
    char *temporary = out != NULL ? temporary_name(s.io, out) : NULL;
    enum capf_status status = CAPF_OK;
    if (out != NULL && temporary == NULL)
        status = capf__fail_memory(err, strlen(out));
    if (status == CAPF_OK && out != NULL)
        status = check_free(&s, out, err);
    if (status == CAPF_OK)
        status = prepare(&s, path, err);
    if (status == CAPF_OK) {
        fill_report(&s);
        status = salvage_to(&s, out, temporary, err);
    }
    release(&s);
    capf__free(s.io, temporary);
    return status;
}

void capf_salvage_release(struct capf_salvage_report *report)
{
    const struct capf_io *io = report->io;
    if (io == NULL)
        return;
    capf__free(io, report->losts);
    capf__free(io, report->unsure);
    capf__free(io, report->skipped);
    *report = (struct capf_salvage_report){0};
}

bool capf_salvage_complete(const struct capf_salvage_report *r)
{
    /* Of one good node and a bad one, the bad one may have been the newer. */
    if (r->node_good[0] != r->node_good[1])
        return false;
    return r->lost == 0 && !r->lost_more && r->unsure_total == 0 && !r->gave_up && r->meta_known &&
           r->meta_present == r->meta_written;
}
