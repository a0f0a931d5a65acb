/* SPDX-License-Identifier: MIT */
/*
 * From a block's bytes to records. An index node has no mark: it is one when
 * its coordinates are those of the things read before it, or of things in a gap,
 * and the last is of the one just before. What a node of height 1 lists is a
 * record; what stands between and is not listed is metadata; and what was waiting
 * for a node that is lost is neither, for certain.
 */
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

#define PENDING_MAX (1u << 18)

/* ---- Unsure items and metadata ---- */

static enum capf_status unsure_room(struct capf__salvage *s, struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    size_t room = r->unsure_count;
    if ((room & (room - 1)) != 0) /* grows at powers of two */
        return CAPF_OK;
    room = room > 0 ? 2 * room : 1;
    struct capf_unsure *grown = s->io->realloc(s->io->ctx, r->unsure, room * sizeof *r->unsure);
    if (grown == NULL)
        return capf__fail_memory(err, room * sizeof *r->unsure);
    r->unsure = grown;
    return CAPF_OK;
}

/* In an open block that no checksum covers? */
static bool is_unproven(const struct capf__salvage *s, const struct capf__pending *item)
{
    return s->look.open != NULL && item->at.pos == s->look.pos &&
           (uint64_t)item->at.off + 4 + item->len > s->proven_len;
}

static enum capf_status note_unsure(struct capf__salvage *s, const struct capf__pending *item,
                                    enum capf_unsure_why why, struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    bool written = s->options->unsure && why != CAPF_UNSURE_STRAY;
    enum capf_status status = CAPF_OK;
    r->unsure_total++;
    r->unsure_written += written;
    if (r->unsure_count < CAPF_UNSURE_MAX) {
        struct capf_unsure u = {.at = item->at,
                                .len = item->len,
                                .after = s->sure,
                                .number = s->loss_count,
                                .why = why,
                                .written = written};
        size_t got = 0;
        uint32_t len;
        status = unsure_room(s, err);
        if (status == CAPF_OK)
            status = capf__salvage_head(s, item->at, u.head, sizeof u.head, &got, &len, err);
        if (status != CAPF_OK)
            return status;
        u.head_len = (uint8_t)got;
        r->unsure[r->unsure_count++] = u;
    }
    return written ? capf__salvage_copy(s, item->at, CAPF__RECORD, err) : status;
}

/* The last few are kept. */
static void note_meta(struct capf__salvage *s, const struct capf__pending *item)
{
    struct capf_salvage_report *r = s->report;
    struct capf_meta_candidate candidate = {.at = item->at, .len = item->len};
    r->meta_seen++;
    if (r->candidate_count == CAPF_META_CANDIDATES) {
        memmove(r->candidate, r->candidate + 1, sizeof r->candidate - sizeof r->candidate[0]);
        r->candidate_count--;
    }
    r->candidate[r->candidate_count++] = candidate;
}

static bool is_stray(const struct capf__salvage *s, const struct capf__pending *item)
{
    return s->confirmed != NULL && !s->confirmed[item->run];
}

/* No node lists it, and none can that is lost. */
static enum capf_status not_listed(struct capf__salvage *s, const struct capf__pending *item,
                                   struct capf_error *err)
{
    if (is_stray(s, item))
        return note_unsure(s, item, CAPF_UNSURE_STRAY, err);
    note_meta(s, item);
    return CAPF_OK;
}

/* The node that listed it, if there was one, is lost. */
static enum capf_status orphan(struct capf__salvage *s, const struct capf__pending *item,
                               struct capf_error *err)
{
    enum capf_unsure_why why = is_unproven(s, item) ? CAPF_UNSURE_UNPROVEN : CAPF_UNSURE_KIND;
    return note_unsure(s, item, is_stray(s, item) ? CAPF_UNSURE_STRAY : why, err);
}

/* ---- Waiting items ---- */

/* The first waiting item at or behind a coordinate. */
static size_t find_pending(const struct capf__salvage *s, struct capf_coord at)
{
    size_t low = s->pending_start, high = s->pending_end;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (capf__coord_less(s->pending[middle].at, at))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_pending(const struct capf__salvage *s, struct capf_coord at, size_t *index)
{
    *index = find_pending(s, at);
    return *index < s->pending_end && !capf__coord_less(at, s->pending[*index].at);
}

static enum capf_status add_pending(struct capf__salvage *s, struct capf__pending item,
                                    struct capf_error *err)
{
    if (s->pending_start > 0 && s->pending_start == s->pending_end)
        s->pending_start = s->pending_end = 0;
    if (s->pending_end == PENDING_MAX) {
        size_t kept = (s->pending_end - s->pending_start) / 2;
        size_t from = s->pending_end - kept;
        s->report->unsure_total += from - s->pending_start;
        s->forgotten = s->pending[from - 1].at;
        memmove(s->pending, s->pending + from, kept * sizeof *s->pending);
        s->pending_start = 0;
        s->pending_end = kept;
    }
    if (!capf__salvage_room(s, &s->pending, s->pending_end, &s->pending_room, sizeof *s->pending))
        return capf__fail_memory(err, s->pending_end * sizeof *s->pending);
    s->pending[s->pending_end++] = item;
    return CAPF_OK;
}

/* ---- A group of records ---- */

/* Coordinates of records that belong together, from a node's bytes or the rightmost path. */
struct listing {
    const uint8_t *bytes;
    const struct capf_coord *coords;
    uint32_t count;
};

static struct capf_coord listed(const struct listing *list, uint32_t i)
{
    return list->bytes != NULL ? capf__coord_get(list->bytes + (size_t)i * CAPF__COORD_LEN)
                               : list->coords[i];
}

/* How many gaps there are before it. */
static uint32_t run_of(const struct capf__salvage *s, struct capf_coord at)
{
    size_t index, low = 0, high = s->gap_count;
    if (is_pending(s, at, &index))
        return s->pending[index].run;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->gaps[middle].from <= at.pos)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static void confirm(struct capf__salvage *s, const struct listing *list)
{
    size_t index;
    for (uint32_t i = 0; i < list->count && s->confirmed != NULL; i++)
        if (is_pending(s, listed(list, i), &index))
            s->confirmed[s->pending[index].run] = true;
}

/* Items before `end`, with `run` gaps before that: those from before the last of these gaps may be a
 * lost node's records. And so may there be others in it. */
static enum capf_status end_group(struct capf__salvage *s, size_t end, uint32_t run,
                                  struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    for (; s->pending_start < end && status == CAPF_OK; s->pending_start++) {
        const struct capf__pending *item = &s->pending[s->pending_start];
        status = item->run < run ? orphan(s, item, err) : not_listed(s, item, err);
    }
    if (status == CAPF_OK && s->node_run < run)
        status = capf__salvage_lose(s, 0, false, err);
    return status;
}

/* A record of which everything is known; but where no checksum covers its bytes it stays unsure. */
static enum capf_status take_record(struct capf__salvage *s, const struct capf__pending *item,
                                    struct capf_error *err)
{
    if (is_unproven(s, item)) {
        enum capf_status status = note_unsure(s, item, CAPF_UNSURE_UNPROVEN, err);
        if (status == CAPF_OK)
            status = capf__salvage_lose(s, 1, true, err);
        if (status == CAPF_OK)
            s->losses[s->loss_count - 1].held = true;
        return status;
    }
    enum capf_status status = capf__salvage_copy(s, item->at, CAPF__RECORD, err);
    s->sure += status == CAPF_OK;
    return status;
}

static enum capf_status take_listed(struct capf__salvage *s, const struct listing *list,
                                    struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    uint64_t missing = 0;
    for (uint32_t i = 0; i < list->count && status == CAPF_OK; i++) {
        size_t index;
        bool here = is_pending(s, listed(list, i), &index);
        for (; s->pending_start < index && status == CAPF_OK; s->pending_start++)
            status = not_listed(s, &s->pending[s->pending_start], err);
        missing += !here;
        if (missing > 0 && (here || i + 1 == list->count) && status == CAPF_OK) {
            status = capf__salvage_lose(s, missing, true, err);
            missing = 0;
        }
        if (here && status == CAPF_OK)
            status = take_record(s, &s->pending[s->pending_start++], err);
    }
    return status;
}

/* ---- Index nodes ---- */

enum kind { KIND_ITEM, KIND_LEAF, KIND_UPPER, KIND_OPAQUE };

struct census {
    uint32_t items, nodes, opaque, lost, strange;
};

static bool could_be(const struct capf__salvage *s, struct capf_coord child, struct capf_coord node)
{
    return child.pos >= s->store->header.data_pos && child.off < s->store->header.block_size &&
           capf__coord_less(child, node);
}

/* Who are the children? False: this is not even the shape of a node. */
static bool count_children(const struct capf__salvage *s, struct capf_coord at, struct census *c)
{
    struct capf_coord before = {0, 0};
    *c = (struct census){0};
    for (uint32_t i = 0; i < s->store->header.fan_out; i++) {
        struct capf_coord child = capf__coord_get(s->node_bytes + (size_t)i * CAPF__COORD_LEN);
        const struct capf__element *e = capf__salvage_find(s, child);
        size_t index;
        if (!could_be(s, child, at) || !capf__coord_less(before, child))
            return false;
        before = child;
        if (is_pending(s, child, &index))
            c->items++;
        else if (e != NULL)
            *(e->height > 0 ? &c->nodes : &c->opaque) += 1;
        else if (capf__salvage_is_lost(s, child))
            c->lost++;
        else
            c->strange++;
    }
    return true;
}

static bool same(struct capf_coord a, struct capf_coord b)
{
    return a.pos == b.pos && a.off == b.off;
}

static enum kind judge(const struct capf__salvage *s, struct capf_coord at)
{
    struct census c;
    if (!count_children(s, at, &c))
        return KIND_ITEM;
    uint32_t fan_out = s->store->header.fan_out;
    struct capf_coord last =
        capf__coord_get(s->node_bytes + (size_t)(fan_out - 1) * CAPF__COORD_LEN);
    bool follows_item = s->after_item ? same(last, s->last_item) : !s->after_node;
    bool follows_node = s->after_node ? same(last, s->last_node) : !s->after_item;
    if (c.strange == 0 && c.items > 0 && c.nodes + c.opaque == 0 && follows_item)
        return KIND_LEAF;
    if (c.strange == 0 && c.nodes > 0 && c.items == 0 && follows_node)
        return KIND_UPPER;
    /* Where nothing is missing every node can be told, and this is an item that looks like one. */
    return s->gap_count > 0 || s->forgotten.pos > 0 ? KIND_OPAQUE : KIND_ITEM;
}

static enum capf_status take_leaf(struct capf__salvage *s, struct capf_coord at,
                                  struct capf_error *err)
{
    struct listing list = {s->node_bytes, NULL, s->store->header.fan_out};
    uint32_t run = run_of(s, listed(&list, 0));
    confirm(s, &list);
    enum capf_status status = end_group(s, find_pending(s, listed(&list, 0)), run, err);
    struct capf__element leaf = {at, 1, 0, s->sure, s->loss_count};
    if (status == CAPF_OK)
        status = take_listed(s, &list, err);
    for (; s->pending_start < s->pending_end && status == CAPF_OK; s->pending_start++)
        status = not_listed(s, &s->pending[s->pending_start], err);
    if (status == CAPF_OK)
        status = capf__salvage_push(s, leaf, err);
    s->pending_start = s->pending_end = 0;
    s->node_run = (uint32_t)s->gap_count;
    return status;
}

static enum capf_status take_other(struct capf__salvage *s, struct capf_coord at, enum kind kind,
                                   struct capf_error *err)
{
    bool taken = false;
    enum capf_status status = CAPF_OK;
    /* In a run that nothing knows, it may be another file's node: then items still wait for ours. */
    if (kind == KIND_UPPER || s->confirmed == NULL || s->confirmed[s->gap_count]) {
        status = end_group(s, s->pending_end, (uint32_t)s->gap_count, err);
        s->pending_start = s->pending_end = 0;
        s->node_run = (uint32_t)s->gap_count;
    }
    if (status == CAPF_OK && kind == KIND_UPPER)
        status = capf__salvage_upper(s, at, &taken, err);
    if (status == CAPF_OK && !taken)
        status = capf__salvage_push(
            s, (struct capf__element){.at = at, .sure = s->sure, .loss = s->loss_count}, err);
    return status;
}

static enum capf_status take_node(struct capf__salvage *s, struct capf_coord at, enum kind kind,
                                  struct capf_error *err)
{
    enum capf_status status =
        kind == KIND_LEAF ? take_leaf(s, at, err) : take_other(s, at, kind, err);
    s->last_node = at;
    s->after_node = true;
    s->after_item = false;
    return status;
}

/* What stands at `off`? A node's bytes are in s->node_bytes then. */
static enum capf_status look_at(struct capf__salvage *s, uint64_t off, enum kind *kind,
                                struct capf_error *err)
{
    struct capf_coord at = {s->look.pos, (uint32_t)off};
    size_t len = (size_t)s->store->header.fan_out * CAPF__COORD_LEN, got = 0;
    *kind = KIND_ITEM;
    enum capf_status status =
        capf__look_read(&s->look, off, s->node_bytes, CAPF__COORD_LEN, &got, err);
    if (status != CAPF_OK || got < CAPF__COORD_LEN ||
        !could_be(s, capf__coord_get(s->node_bytes), at))
        return status;
    status = capf__look_read(&s->look, off, s->node_bytes, len, &got, err);
    if (status == CAPF_OK && got == len)
        *kind = judge(s, at);
    return status;
}

/* ---- A block ---- */

static enum capf_status take_item(struct capf__salvage *s, uint64_t *off, bool *wrong,
                                  struct capf_error *err)
{
    struct capf__pending item = {{s->look.pos, (uint32_t)*off}, (uint32_t)s->gap_count, 0};
    uint8_t prefix[4];
    size_t got = 0;
    enum capf_status status = capf__look_read(&s->look, *off, prefix, sizeof prefix, &got, err);
    if (status != CAPF_OK)
        return status;
    item.len = capf__get_u32(prefix);
    *wrong = got < sizeof prefix || *off + 4 + item.len > s->look.raw;
    if (*wrong)
        return CAPF_OK;
    *off += 4 + (uint64_t)item.len;
    s->last_item = item.at;
    s->after_item = true;
    s->after_node = false;
    return add_pending(s, item, err);
}

enum capf_status capf__salvage_parse(struct capf__salvage *s, uint64_t end, struct capf_error *err)
{
    uint64_t off = 0, pos = s->look.pos;
    bool wrong = false;
    enum capf_status status = CAPF_OK;
    while (status == CAPF_OK && off < end && !wrong) {
        enum kind kind;
        wrong = off >= s->store->header.block_size;
        if (wrong)
            break;
        status = look_at(s, off, &kind, err);
        if (status != CAPF_OK)
            break;
        if (kind == KIND_ITEM) {
            status = take_item(s, &off, &wrong, err);
        } else {
            status = take_node(s, (struct capf_coord){pos, (uint32_t)off}, kind, err);
            off += (uint64_t)s->store->header.fan_out * CAPF__COORD_LEN;
        }
    }
    if (status == CAPF_OK && wrong) {
        uint64_t next = s->look.open != NULL ? pos + 1 : capf__look_next(&s->look);
        bool known = s->confirmed == NULL || s->confirmed[s->gap_count];
        status = capf__salvage_gap(s, pos, next, known, err);
    }
    return status;
}

/* ---- The end ---- */

/* A state that no checksum vouches for must agree with everything that was read. */
static bool agrees(const struct capf__salvage *s, const struct capf__state *state)
{
    size_t index;
    if (!capf__salvage_path_fits(s, &state->path))
        return false;
    uint32_t start = capf__path_start(&state->path, 1);
    for (uint32_t i = 0; state->path.levels > 0 && i < state->path.children[0]; i++)
        if (!is_pending(s, state->path.coords[start + i], &index) &&
            !capf__salvage_is_lost(s, state->path.coords[start + i]))
            return false;
    return true;
}

static enum capf_status settle_with(struct capf__salvage *s, const struct capf__state *state,
                                    struct capf_error *err)
{
    const struct capf__path *path = &state->path;
    struct listing list = {NULL, path->coords + capf__path_start(path, 1), 0};
    list.count = path->levels > 0 ? path->children[0] : 0;
    uint32_t run = list.count > 0 ? run_of(s, listed(&list, 0)) : (uint32_t)s->gap_count;
    size_t first = list.count > 0 ? find_pending(s, listed(&list, 0)) : s->pending_end;
    confirm(s, &list);
    enum capf_status status = end_group(s, first, run, err);
    if (status == CAPF_OK)
        status = take_listed(s, &list, err);
    for (; s->pending_start < s->pending_end && status == CAPF_OK; s->pending_start++)
        status = not_listed(s, &s->pending[s->pending_start], err);
    if (status == CAPF_OK)
        capf__salvage_measure(s, state);
    return status;
}

enum capf_status capf__salvage_settle(struct capf__salvage *s, const struct capf__state *state,
                                      struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    if (state != NULL && (s->report->state_proven || agrees(s, state))) {
        s->report->state_known = true;
        return settle_with(s, state, err);
    }
    for (; s->pending_start < s->pending_end && status == CAPF_OK; s->pending_start++)
        status = orphan(s, &s->pending[s->pending_start], err);
    if (status == CAPF_OK && s->node_run < s->gap_count)
        status = capf__salvage_lose(s, 0, false, err);
    return status;
}
