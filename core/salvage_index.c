/* SPDX-License-Identifier: MIT */
/*
 * Which records are missing, by number. Full nodes have F^h records each, so a
 * node that lists children on both sides of a gap says how many were in it, and
 * the rightmost path, which knows the number of each of its children, does so for
 * all gaps at the end. A loss is noted where it is in the sequence of records that
 * are not lost, and becomes numbers only when everything was read.
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

#define STACK_MAX (1u << 18)

bool capf__salvage_room(const struct capf__salvage *s, void *array_of, size_t count, size_t *room,
                        size_t item)
{
    void **array = array_of;
    if (count < *room)
        return true;
    size_t more = *room > 0 ? 2 * *room : 64;
    void *grown = s->io->realloc(s->io->ctx, *array, more * item);
    if (grown == NULL)
        return false;
    *array = grown;
    *room = more;
    return true;
}

/* ---- Gaps ---- */

bool capf__salvage_is_lost(const struct capf__salvage *s, struct capf_coord at)
{
    size_t low = 0, high = s->gap_count;
    if (!capf__coord_less(s->forgotten, at))
        return true;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->gaps[middle].to <= at.pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->gap_count && s->gaps[low].from <= at.pos;
}

static enum capf_status note_skipped(struct capf__salvage *s, uint64_t from, uint64_t to,
                                     struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    size_t room = r->skipped_count;
    r->skipped_total++;
    r->skipped_bytes += to - from;
    if (r->skipped_count >= CAPF_SKIPPED_MAX)
        return CAPF_OK;
    if ((room & (room - 1)) == 0) { /* grows at powers of two */
        room = room > 0 ? 2 * room : 1;
        struct capf_skipped *grown =
            s->io->realloc(s->io->ctx, r->skipped, room * sizeof *r->skipped);
        if (grown == NULL)
            return capf__fail_memory(err, room * sizeof *r->skipped);
        r->skipped = grown;
    }
    r->skipped[r->skipped_count++] = (struct capf_skipped){from, to - from};
    return CAPF_OK;
}

enum capf_status capf__salvage_gap(struct capf__salvage *s, uint64_t from, uint64_t to,
                                   bool chained, struct capf_error *err)
{
    s->after_item = s->after_node = false;
    if (s->gap_count == CAPF__GAPS_MAX) { /* what is between is given up with it */
        s->gaps[s->gap_count - 1].to = to;
        return note_skipped(s, from, to, err);
    }
    size_t room = s->gap_room;
    if (!capf__salvage_room(s, &s->gaps, s->gap_count, &s->gap_room, sizeof *s->gaps))
        return capf__fail_memory(err, s->gap_count * sizeof *s->gaps);
    if (s->gap_room != room || s->confirmed == NULL) {
        bool *grown = s->io->realloc(s->io->ctx, s->confirmed, s->gap_room + 1);
        if (grown == NULL)
            return capf__fail_memory(err, s->gap_room);
        if (s->confirmed == NULL)
            grown[0] = true; /* the first run begins where data must */
        s->confirmed = grown;
    }
    s->gaps[s->gap_count++] = (struct capf__gap){from, to};
    s->confirmed[s->gap_count] = chained;
    return note_skipped(s, from, to, err);
}

/* ---- The stack ---- */

const struct capf__element *capf__salvage_find(const struct capf__salvage *s, struct capf_coord at)
{
    size_t low = 0, high = s->depth;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (capf__coord_less(s->stack[middle].at, at))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == s->depth || capf__coord_less(at, s->stack[low].at))
        return NULL;
    return &s->stack[low];
}

enum capf_status capf__salvage_push(struct capf__salvage *s, struct capf__element element,
                                    struct capf_error *err)
{
    if (s->depth >= STACK_MAX) { /* the oldest will find no parent any more */
        memmove(s->stack, s->stack + STACK_MAX / 2, STACK_MAX / 2 * sizeof *s->stack);
        s->depth -= STACK_MAX / 2;
    }
    if (!capf__salvage_room(s, &s->stack, s->depth, &s->stack_room, sizeof *s->stack))
        return capf__fail_memory(err, s->depth * sizeof *s->stack);
    s->stack[s->depth++] = element;
    return CAPF_OK;
}

/* ---- Losses ---- */

enum capf_status capf__salvage_lose(struct capf__salvage *s, uint64_t count, bool known,
                                    struct capf_error *err)
{
    if (s->loss_count == 2 * CAPF_LOSTS_MAX) { /* more than anybody reads: they run together */
        struct capf__loss *last = &s->losses[s->loss_count - 1];
        last->known = last->known && known;
        last->count += count;
        return CAPF_OK;
    }
    if (!capf__salvage_room(s, &s->losses, s->loss_count, &s->loss_room, sizeof *s->losses))
        return capf__fail_memory(err, s->loss_count * sizeof *s->losses);
    s->losses[s->loss_count++] = (struct capf__loss){s->sure, count, known, false, 0};
    return CAPF_OK;
}

/* A place in the sequence: so many sure records and so many losses come before it. */
struct place {
    uint64_t sure;
    size_t loss;
};

/* There are `expect` records between two places. False: there are others already. Only a question
 * when `apply` is false. */
static bool measure(struct capf__salvage *s, struct place from, struct place to, uint64_t expect,
                    bool apply)
{
    uint64_t have = to.sure - from.sure;
    size_t first = SIZE_MAX, last = SIZE_MAX;
    for (size_t i = from.loss; i < to.loss; i++) {
        have += s->losses[i].known ? s->losses[i].count : 0;
        if (!s->losses[i].known) {
            first = first == SIZE_MAX ? i : first;
            last = i;
        }
    }
    if (have > expect || (first == SIZE_MAX && have != expect))
        return false;
    if (!apply || first == SIZE_MAX)
        return true;
    s->losses[first].count = expect - have;
    s->losses[first].joined = first != last ? last : 0;
    for (size_t i = first; i <= last; i++)
        s->losses[i].known = true;
    return true;
}

/* ---- Nodes above others ---- */

static struct capf_coord child_at(const struct capf__salvage *s, uint32_t i)
{
    return capf__coord_get(s->node_bytes + (size_t)i * CAPF__COORD_LEN);
}

struct family {
    unsigned height; /* of the children that are here */
    uint32_t first;  /* the first of these */
    const struct capf__element *eldest;
    uint64_t span; /* records under each */
};

/* The children's height; false when those that are here do not fit together. */
static bool meet_children(const struct capf__salvage *s, struct family *f)
{
    uint32_t fan_out = s->store->header.fan_out;
    *f = (struct family){0};
    for (uint32_t i = 0; i < fan_out; i++) {
        const struct capf__element *e = capf__salvage_find(s, child_at(s, i));
        if (e == NULL || e->height == 0)
            continue;
        if (f->eldest == NULL)
            *f = (struct family){e->height, i, e, 0};
        else if (e->height != f->height)
            return false;
    }
    if (f->eldest == NULL || f->height + 1 >= CAPF_LEVELS_MAX)
        return false;
    f->span = capf__path_span(fan_out, f->height);
    return f->span < UINT64_MAX / fan_out;
}

static bool measure_children(struct capf__salvage *s, const struct family *f, bool apply)
{
    uint32_t fan_out = s->store->header.fan_out;
    struct place from = {f->eldest->sure, f->eldest->loss};
    uint64_t at = f->first * f->span + f->eldest->lead;
    for (uint32_t i = f->first + 1; i < fan_out; i++) {
        const struct capf__element *e = capf__salvage_find(s, child_at(s, i));
        if (e == NULL || e->height == 0)
            continue;
        struct place to = {e->sure, e->loss};
        uint64_t to_at = i * f->span + e->lead;
        if (!measure(s, from, to, to_at - at, apply))
            return false;
        from = to;
        at = to_at;
    }
    return measure(s, from, (struct place){s->sure, s->loss_count}, fan_out * f->span - at, apply);
}

enum capf_status capf__salvage_upper(struct capf__salvage *s, struct capf_coord at, bool *taken,
                                     struct capf_error *err)
{
    struct family f;
    *taken =
        meet_children(s, &f) && measure_children(s, &f, false) && measure_children(s, &f, true);
    if (!*taken)
        return CAPF_OK;
    struct capf__element parent = {at, f.height + 1, f.first * f.span + f.eldest->lead,
                                   f.eldest->sure, f.eldest->loss};
    s->depth = (size_t)(f.eldest - s->stack);
    return capf__salvage_push(s, parent, err);
}

/* ---- The rightmost path ---- */

bool capf__salvage_path_fits(const struct capf__salvage *s, const struct capf__path *path)
{
    for (unsigned h = path->levels; h > 1; h--) {
        uint32_t start = capf__path_start(path, h);
        for (uint32_t i = 0; i < path->children[h - 1]; i++) {
            const struct capf__element *e = capf__salvage_find(s, path->coords[start + i]);
            if (e == NULL ? !capf__salvage_is_lost(s, path->coords[start + i])
                          : e->height != 0 && e->height != h - 1)
                return false;
        }
    }
    return true;
}

void capf__salvage_measure(struct capf__salvage *s, const struct capf__state *state)
{
    const struct capf__path *path = &state->path;
    struct place from = {0, 0};
    uint64_t at = 0, here = 0;
    for (unsigned h = path->levels; h > 1; h--) {
        uint32_t start = capf__path_start(path, h);
        uint64_t span = capf__path_span(s->store->header.fan_out, h - 1);
        for (uint32_t i = 0; i < path->children[h - 1]; i++, here += span) {
            const struct capf__element *e = capf__salvage_find(s, path->coords[start + i]);
            if (e == NULL || e->height != h - 1)
                continue;
            struct place to = {e->sure, e->loss};
            if (here + e->lead < at || !measure(s, from, to, here + e->lead - at, true))
                return; /* it contradicts what is here: then its numbers say nothing */
            from = to;
            at = here + e->lead;
        }
    }
    if (state->count >= at)
        measure(s, from, (struct place){s->sure, s->loss_count}, state->count - at, true);
}

/* ---- Numbers ---- */

static bool joins(const struct capf_lost *a, const struct capf_lost *b)
{
    return a->first > 0 && b->first == a->last + 1 && a->count == a->last - a->first + 1 &&
           b->count == b->last - b->first + 1;
}

static enum capf_status add_lost(struct capf__salvage *s, struct capf_lost lost,
                                 struct capf_error *err)
{
    struct capf_salvage_report *r = s->report;
    r->lost += lost.count;
    r->lost_more = r->lost_more || (lost.last == 0 && lost.count == 0);
    if (r->losts == NULL) {
        size_t room = (size_t)capf__min_u64(s->loss_count, CAPF_LOSTS_MAX);
        r->losts = capf__alloc(s->io, room * sizeof *r->losts);
        if (r->losts == NULL)
            return capf__fail_memory(err, room * sizeof *r->losts);
    }
    struct capf_lost *last = r->lost_count > 0 ? &r->losts[r->lost_count - 1] : NULL;
    if (last != NULL && joins(last, &lost)) {
        last->last = lost.last;
        last->count += lost.count;
    } else if (r->lost_count < CAPF_LOSTS_MAX) {
        r->losts[r->lost_count++] = lost;
    }
    return CAPF_OK;
}

/* Several losses whose division is not known: their numbers, and the records between them. */
static struct capf_lost joined_loss(const struct capf__salvage *s, size_t i, uint64_t before)
{
    const struct capf__loss *loss = &s->losses[i];
    uint64_t count = loss->count;
    for (size_t k = i + 1; k <= loss->joined; k++)
        count += s->losses[k].count;
    uint64_t between = s->losses[loss->joined].sure - loss->sure;
    uint64_t first = loss->sure + before + 1;
    return (struct capf_lost){first, first + between + count - 1, count, loss->sure};
}

enum capf_status capf__salvage_number(struct capf__salvage *s, struct capf_error *err)
{
    uint64_t before = 0;
    bool numbered = true;
    enum capf_status status = CAPF_OK;
    for (size_t i = 0; i < s->loss_count && status == CAPF_OK; i++) {
        const struct capf__loss *loss = &s->losses[i];
        if (loss->known && loss->count == 0 && loss->joined == 0)
            continue;
        struct capf_lost lost = joined_loss(s, i, before);
        if (loss->joined == 0)
            lost = (struct capf_lost){loss->sure + before + 1, loss->sure + before + loss->count,
                                      loss->count, loss->sure};
        if (!loss->known)
            lost.last = lost.count = 0;
        if (!numbered)
            lost.first = lost.last = 0;
        numbered = numbered && loss->known;
        before += lost.count;
        if (loss->joined != 0)
            i = loss->joined;
        if ((!loss->known || lost.count > 0) && !loss->held)
            status = add_lost(s, lost, err);
    }
    return status;
}

/* Until now an unsure item's number was how many losses come before it. */
void capf__salvage_number_unsure(struct capf__salvage *s)
{
    struct capf_salvage_report *r = s->report;
    uint64_t before = 0, same = 0;
    size_t loss = 0;
    bool numbered = true;
    for (size_t i = 0; i < r->unsure_count; i++) {
        struct capf_unsure *u = &r->unsure[i];
        bool moved = loss < u->number || i == 0 || u->after != u[-1].after;
        for (; loss < u->number; loss++) {
            numbered = numbered && s->losses[loss].known && s->losses[loss].joined == 0;
            before += s->losses[loss].count;
        }
        same = moved ? 1 : same + 1;
        u->number = numbered && u->why != CAPF_UNSURE_STRAY ? u->after + before + same : 0;
    }
}
