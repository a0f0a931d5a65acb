/* SPDX-License-Identifier: MIT */
/*
 * The index from its first leaf to its last, children before their node,
 * without recursion. Everything that is visited must lie behind what was visited
 * before it, so each place of a file is visited once at most, and a hostile
 * index ends as soon as an honest one.
 */
#include <inttypes.h>

#include "bytes.h"
#include "check.h"
#include "error.h"
#include "io.h"

static uint32_t fan_out(const struct capf__check *check)
{
    return check->store->header.fan_out;
}

static uint64_t last_below(const struct capf__check *check, unsigned height, uint64_t first)
{
    return first - 1 + capf__path_span(fan_out(check), height);
}

/* What is below a node that is no use is not known; its records are lost to the index. */
static void say_lost(struct capf__check *check, struct capf_coord at, unsigned height,
                     uint64_t first, const char *why)
{
    uint64_t last = last_below(check, height, first);
    check->blind = true;
    capf__check_say(check, CAPF_FINDING_INDEX, at.pos, first, last,
                    "index node at %" PRIu64 "+%u: %s", at.pos, at.off, why);
}

static void lose_node(struct capf__check *check, struct capf_coord at, unsigned height,
                      uint64_t first, const struct capf_error *why)
{
    if (why->status != CAPF_CUT) {
        say_lost(check, at, height, first, why->text);
        return;
    }
    check->blind = true;
    capf__check_touch_cut(check, first, last_below(check, height, first));
}

/* Ascending, each in a place where something may begin, the last one before the node. */
static bool children_possible(const struct capf__check *check, struct capf_coord at,
                              const uint8_t *children)
{
    const struct capf__header *header = &check->store->header;
    struct capf_coord before = {0, 0};
    for (uint32_t i = 0; i < header->fan_out; i++) {
        struct capf_coord child = capf__coord_get(children + (size_t)i * CAPF__COORD_LEN);
        if (!capf__coord_less(before, child) || child.pos < header->data_pos ||
            child.off >= header->block_size)
            return false;
        before = child;
    }
    return capf__coord_less(before, at);
}

/* Where one node of a block could not be read, the next one is not tried: a bad block may be long. */
static enum capf_status read_node(struct capf__check *check, struct capf_coord at,
                                  uint8_t *children, struct capf_error *err)
{
    if (check->unread != 0 && check->unread == at.pos) {
        *err = check->unread_why;
        return err->status;
    }
    enum capf_status status =
        capf__view_bytes(&check->guide, at, 0, children, (size_t)fan_out(check) * CAPF__COORD_LEN,
                         "an index node", err);
    if (status != CAPF_OK && status != CAPF_NO_MEMORY && status != CAPF_CANCELLED) {
        check->unread = at.pos;
        check->unread_why = *err;
    }
    return status;
}

enum capf_status capf__check_node(struct capf__check *check, struct capf_coord at, unsigned height,
                                  uint64_t first, uint8_t **children, bool *good,
                                  struct capf_error *err)
{
    struct capf_error why;
    *good = false;
    if (*children == NULL)
        *children = capf__alloc(check->io, (size_t)fan_out(check) * CAPF__COORD_LEN);
    if (*children == NULL)
        return capf__fail_memory(err, (uint64_t)fan_out(check) * CAPF__COORD_LEN);
    enum capf_status status = read_node(check, at, *children, &why);
    if (capf__check_stops(status, &why, err))
        return status;
    if (status != CAPF_OK)
        lose_node(check, at, height, first, &why);
    else if (!children_possible(check, at, *children))
        say_lost(check, at, height, first, "its entries do not ascend within the data before it");
    else
        *good = true;
    return CAPF_OK;
}

/* A record is visited at once; a node when its children have been. */
static enum capf_status enter(struct capf__check *check, struct capf_coord at, unsigned height,
                              uint64_t first, struct capf_error *err)
{
    const struct capf__place *place = &check->place;
    struct capf_coord here = {place->pos, (uint32_t)place->end};
    if (height == 0)
        return capf__check_place(check, at, 0, first, err);
    if (capf__coord_less(at, here)) {
        say_lost(check, at, height, first, "it lies over what comes before it");
        return CAPF_OK;
    }
    struct capf__frame *frame = &check->frames[check->depth];
    bool good;
    enum capf_status status =
        capf__check_node(check, at, height, first, &frame->children, &good, err);
    if (status == CAPF_OK && good && capf__coord_less(capf__coord_get(frame->children), here)) {
        say_lost(check, at, height, first, "it leads back to what comes before it");
    } else if (status == CAPF_OK && good) {
        frame->at = at;
        frame->height = height;
        frame->first = first;
        frame->next = 0;
        check->depth++;
    }
    return status;
}

/* The next child of the innermost node, or that node itself. */
static enum capf_status visit_next(struct capf__check *check, struct capf_error *err)
{
    struct capf__frame *frame = &check->frames[check->depth - 1];
    if (frame->next == fan_out(check)) {
        check->depth--;
        return capf__check_place(check, frame->at, frame->height, frame->first, err);
    }
    uint32_t child = frame->next++;
    uint64_t span = capf__path_span(fan_out(check), frame->height - 1);
    return enter(check, capf__coord_get(frame->children + (size_t)child * CAPF__COORD_LEN),
                 frame->height - 1, frame->first + child * span, err);
}

static enum capf_status visit_all(struct capf__check *check, struct capf_coord top, unsigned height,
                                  uint64_t first, struct capf_error *err)
{
    enum capf_status status = enter(check, top, height, first, err);
    while (status == CAPF_OK && check->depth > 0)
        status = visit_next(check, err);
    return status;
}

enum capf_status capf__check_tree(struct capf__check *check, struct capf_error *err)
{
    const struct capf__path *path = &check->state->path;
    uint64_t first = 1;
    uint32_t i = 0;
    enum capf_status status = CAPF_OK;
    for (unsigned height = path->levels; height > 0; height--) {
        uint64_t span = capf__path_span(fan_out(check), height - 1);
        for (uint32_t n = path->children[height - 1]; n > 0 && status == CAPF_OK; n--, i++) {
            status = visit_all(check, path->coords[i], height - 1, first, err);
            first += span;
        }
    }
    return status;
}
