/* SPDX-License-Identifier: MIT */
/*
 * How far damage reaches. A record that cannot be read shares its fate with
 * those in the same block, or with all that the same index node leads to. This
 * is found from the index alone, so that nobody tries a billion records to learn
 * that they are gone.
 */
#include "view.h"

#include "error.h"

#define REACH_MAX 65536u /* records that are looked at one by one, each way */

/* The records below a node: `rest` of them before the one at `index`. */
static void set_group(uint64_t index, uint64_t rest, uint64_t span, uint64_t *first, uint64_t *last)
{
    *first = index - rest + 1;
    *last = index - rest + span;
}

static bool stands_in(struct capf__view *view, uint64_t recno, uint64_t pos)
{
    struct capf_coord at;
    return capf__view_find(view, recno, &at, NULL) == CAPF_OK && at.pos == pos;
}

/* The neighbours in the same block. */
static void set_run(struct capf__view *view, uint64_t recno, uint64_t pos, uint64_t *first,
                    uint64_t *last)
{
    uint64_t count = view->state->count;
    *first = *last = recno;
    while (*last < count && *last - recno < REACH_MAX && stands_in(view, *last + 1, pos))
        ++*last;
    while (*first > 1 && recno - *first < REACH_MAX && stands_in(view, *first - 1, pos))
        --*first;
}

/* A record whose coordinate is known. */
static void reach_in_block(struct capf__view *view, uint64_t recno, struct capf_coord at,
                           uint64_t *first, uint64_t *last)
{
    if (capf__is_damage(capf__view_touch(view, at.pos, NULL)))
        set_run(view, recno, at.pos, first, last);
    else
        *first = *last = recno; /* its own length is wrong, or its block is bad further on */
}

enum capf_status capf__view_reach(struct capf__view *view, uint64_t recno, uint64_t *first,
                                  uint64_t *last, struct capf_error *err)
{
    uint32_t fan_out = view->store->header.fan_out;
    struct capf__turn turn;
    if (recno < 1 || recno > view->state->count ||
        !capf__path_find(&view->state->path, fan_out, recno - 1, &turn))
        return capf__fail(err, CAPF_NO_RECORD, 0, "no such record");
    struct capf_coord at = turn.at;
    uint64_t rest = turn.rest;
    for (unsigned height = turn.height - 1; height > 0; height--) {
        uint64_t span = capf__path_span(fan_out, height - 1);
        struct capf_coord node = at;
        enum capf_status status = capf__view_child(view, node, (uint32_t)(rest / span), &at, err);
        if (status != CAPF_OK && !capf__is_damage(status))
            return status;
        if (status != CAPF_OK && capf__is_damage(capf__view_touch(view, node.pos, NULL)))
            span = capf__path_span(fan_out, height); /* not one child of the node, but all */
        if (status != CAPF_OK) {
            set_group(recno - 1, rest % span, span, first, last);
            return CAPF_OK;
        }
        rest %= span;
    }
    reach_in_block(view, recno, at, first, last);
    return CAPF_OK;
}
