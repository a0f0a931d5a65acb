/* SPDX-License-Identifier: MIT */
/*
 * The pass over the data: blocks in file order, each inflated to its exact end
 * and checksum, and things placed in them one behind the other. Behind a block
 * that cannot be read it goes on with the block after it, as far as lengths
 * can be believed, or else where the index says that one begins.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "error.h"

#define TRUST_TRIES 16 /* unreadable blocks in a row whose lengths are followed */

static struct capf_coord here(const struct capf__check *check)
{
    return (struct capf_coord){check->place.pos, (uint32_t)check->place.end};
}

/* ---- Blocks ---- */

/* Length and content of the closed block at `pos`. What can be said without reading it all is right
 * in *info also when it is bad. */
static enum capf_status probe(struct capf__check *check, uint64_t pos, struct capf_block_info *info,
                              struct capf_error *why)
{
    uint32_t stored;
    *info = (struct capf_block_info){.pos = pos};
    enum capf_status status = capf__stored_len(check->store, check->state, pos, &stored, why);
    if (status != CAPF_OK)
        return status;
    info->stored = stored;
    info->next = pos + 4 + stored;
    struct capf_block_info whole;
    status = capf__view_block_info(&check->pass, pos, &whole, why);
    if (status == CAPF_OK)
        *info = whole;
    return status;
}

static void check_fill(struct capf__check *check)
{
    uint32_t block_size = check->store->header.block_size;
    if (check->place.len < block_size)
        capf__check_say(check, CAPF_FINDING_BLOCK, check->place.pos, 0, 0,
                        "the block at %" PRIu64 " was closed with %" PRIu64
                        " bytes, which is less than the block size of %u",
                        check->place.pos, check->place.len, block_size);
}

enum capf_status capf__check_pass_from(struct capf__check *check, uint64_t pos,
                                       struct capf_error *err)
{
    struct capf__place *place = &check->place;
    struct capf_block_info info;
    *place = (struct capf__place){.pos = pos};
    if (pos == check->state->limit) {
        place->len = check->state->open_len;
        return CAPF_OK;
    }
    struct capf_error why;
    enum capf_status status = probe(check, pos, &info, &why);
    if (capf__check_stops(status, &why, err))
        return status;
    place->next = info.next;
    if (status != CAPF_OK) {
        place->bad = true;
        place->error = why;
        return CAPF_OK;
    }
    place->len = info.raw;
    check->result->blocks++;
    check->result->stored += info.stored;
    check->result->raw += info.raw;
    check_fill(check);
    return capf__progress_step(&check->progress, pos - check->store->header.data_pos,
                               check->state->limit - check->store->header.data_pos, err);
}

/* ---- What stands between the things that the index knows of ---- */

/* Metadata values from the place's end up to `to`, and nothing else. */
static enum capf_status check_gap(struct capf__check *check, uint64_t to, struct capf_error *err)
{
    struct capf__place *place = &check->place;
    while (place->end < to) {
        uint32_t len = 0;
        struct capf_error why = {0};
        enum capf_status status = CAPF_DAMAGED;
        if (place->end < check->store->header.block_size && to - place->end >= 4)
            status = capf__view_sized_len(&check->pass, here(check), &len, &why);
        if (capf__check_stops(status, &why, err))
            return status;
        if (status != CAPF_OK || len > to - place->end - 4) {
            capf__check_say(check, CAPF_FINDING_STRAY, place->pos, 0, 0,
                            "%" PRIu64 " bytes at %" PRIu64 "+%" PRIu64
                            " are no record, metadata or index node",
                            to - place->end, place->pos, place->end);
            break;
        }
        struct capf_coord meta = check->state->meta;
        if (meta.pos == place->pos && meta.off == place->end)
            check->meta_seen = true;
        check->result->metadata_values++;
        place->end += 4 + (uint64_t)len;
    }
    place->end = to;
    return CAPF_OK;
}

static enum capf_status leave(struct capf__check *check, struct capf_error *err)
{
    struct capf__place *place = &check->place;
    if (!place->bad)
        return check->blind ? CAPF_OK : check_gap(check, place->len, err);
    if (place->error.status == CAPF_CUT)
        capf__check_touch_cut(check, place->first, place->last);
    else
        capf__check_say(check, CAPF_FINDING_BLOCK, place->pos, place->first, place->last, "%s",
                        place->error.text);
    check->blind = true; /* how it ended is not known, nor what may be missing behind it */
    return CAPF_OK;
}

/* ---- From block to block ---- */

/* Behind a bad block: do lengths lead to a good one, or to `target`? */
static enum capf_status lengths_hold(struct capf__check *check, uint64_t target, bool *hold,
                                     struct capf_error *err)
{
    uint64_t pos = check->place.next;
    *hold = false;
    for (int tries = 0; tries < TRUST_TRIES && pos != 0 && pos <= target && !*hold; tries++) {
        struct capf_block_info info;
        struct capf_error why;
        if (pos == target) {
            *hold = true;
            break;
        }
        enum capf_status status = probe(check, pos, &info, &why);
        if (capf__check_stops(status, &why, err))
            return status;
        *hold = status == CAPF_OK;
        pos = info.next;
    }
    return CAPF_OK;
}

static void say_skipped(struct capf__check *check, uint64_t from, uint64_t to)
{
    if (check->place.error.status != CAPF_CUT)
        capf__check_say(check, CAPF_FINDING_CHAIN, from, 0, 0,
                        "%" PRIu64 " bytes at %" PRIu64
                        " were not checked: no block can be told from the next there",
                        to - from, from);
}

/* One block on, towards the one at `target`; *off: a good block reaches beyond that. */
static enum capf_status step(struct capf__check *check, uint64_t target, bool *off,
                             struct capf_error *err)
{
    struct capf__place *place = &check->place;
    uint64_t next = place->next;
    bool hold = true;
    enum capf_status status = CAPF_OK;
    if (place->bad)
        status = lengths_hold(check, target, &hold, err);
    if (status != CAPF_OK)
        return status;
    *off = !place->bad && next > target;
    if (*off)
        return CAPF_OK;
    status = leave(check, err);
    if (status == CAPF_OK && !hold) {
        uint64_t from = next != 0 && next < target ? next : place->pos;
        say_skipped(check, from, target);
        next = target;
    }
    return status == CAPF_OK ? capf__check_pass_from(check, next, err) : status;
}

static enum capf_status step_to(struct capf__check *check, uint64_t target, bool *off,
                                struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    *off = false;
    while (status == CAPF_OK && check->place.pos < target && !*off)
        status = step(check, target, off, err);
    return status;
}

/* ---- Placing ---- */

/* Right behind its last child, or at the start of the next block when that child closed one. */
static bool stands_behind_last(const struct capf__check *check, struct capf_coord node)
{
    const struct capf__place *place = &check->place;
    if (place->bad || check->blind)
        return true; /* not known */
    if (place->end < place->len || place->pos == check->state->limit)
        return node.pos == place->pos && node.off == place->end;
    return node.pos == place->next && node.off == 0;
}

static void say_misplaced(struct capf__check *check, struct capf_coord at, unsigned height,
                          uint64_t recno, const char *why)
{
    check->blind = true;
    if (height == 0)
        capf__check_say(check, CAPF_FINDING_RECORD, at.pos, recno, recno,
                        "record %" PRIu64 " at %" PRIu64 "+%u %s", recno, at.pos, at.off, why);
    else
        capf__check_say(check, CAPF_FINDING_INDEX, at.pos, 0, 0,
                        "the index node at %" PRIu64 "+%u %s", at.pos, at.off, why);
}

/* Length of the thing in its block; *fits false: it was reported. */
static enum capf_status extent_of(struct capf__check *check, struct capf_coord at, unsigned height,
                                  uint64_t recno, uint64_t *len, bool *fits, struct capf_error *err)
{
    uint32_t size = 0;
    struct capf_error why = {0};
    enum capf_status status = CAPF_OK;
    *len = (uint64_t)check->store->header.fan_out * CAPF__COORD_LEN;
    if (height == 0) {
        status = capf__view_sized_len(&check->pass, at, &size, &why);
        *len = 4 + (uint64_t)size;
    }
    if (capf__check_stops(status, &why, err))
        return status;
    *fits = status == CAPF_OK && at.off + *len <= check->place.len;
    if (!*fits)
        say_misplaced(check, at, height, recno, "runs past its block");
    return CAPF_OK;
}

static enum capf_status place_in_block(struct capf__check *check, struct capf_coord at,
                                       unsigned height, uint64_t recno, struct capf_error *err)
{
    struct capf__place *place = &check->place;
    uint64_t len;
    bool fits;
    enum capf_status status = check->blind ? CAPF_OK : check_gap(check, at.off, err);
    if (status == CAPF_OK)
        status = extent_of(check, at, height, recno, &len, &fits, err);
    if (status != CAPF_OK || !fits)
        return status;
    place->end = at.off + len;
    check->blind = false;
    check->result->sound += height == 0;
    check->result->index_nodes += height > 0;
    return CAPF_OK;
}

static void place_in_bad_block(struct capf__check *check, struct capf_coord at, unsigned height,
                               uint64_t recno)
{
    struct capf__place *place = &check->place;
    place->end = at.off;
    if (height > 0)
        return;
    if (place->first == 0)
        place->first = recno;
    place->last = recno;
}

enum capf_status capf__check_place(struct capf__check *check, struct capf_coord at, unsigned height,
                                   uint64_t recno, struct capf_error *err)
{
    if (capf__coord_less(at, here(check))) {
        say_misplaced(check, at, height, recno, "lies over what comes before it");
        return CAPF_OK;
    }
    if (height > 0 && !stands_behind_last(check, at))
        say_misplaced(check, at, height, recno, "does not stand behind its last child");
    bool off;
    enum capf_status status = step_to(check, at.pos, &off, err);
    if (status != CAPF_OK)
        return status;
    if (off)
        say_misplaced(check, at, height, recno, "is said to be where no block begins");
    else if (check->place.bad)
        place_in_bad_block(check, at, height, recno);
    else
        return place_in_block(check, at, height, recno, err);
    return CAPF_OK;
}

enum capf_status capf__check_pass_at(struct capf__check *check, uint64_t pos,
                                     struct capf_error *err)
{
    enum capf_status status = capf__check_pass_from(check, pos, err);
    return status == CAPF_OK ? leave(check, err) : status;
}

enum capf_status capf__check_pass_end(struct capf__check *check, struct capf_error *err)
{
    bool off;
    uint64_t limit = check->state->limit;
    enum capf_status status = step_to(check, limit, &off, err);
    if (status == CAPF_OK && off)
        capf__check_say(check, CAPF_FINDING_CHAIN, check->place.pos, 0, 0,
                        "the block at %" PRIu64 " reaches beyond the file limit of %" PRIu64,
                        check->place.pos, limit);
    else if (status == CAPF_OK)
        status = leave(check, err);
    return status;
}
