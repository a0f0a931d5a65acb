/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding and counting records that cannot be read; see damage.h. */
#include "app/damage.h"

#include "app/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PROGRESS_NS 20000000  /* between two calls of the progress callback */
#define LOOK_RECORDS 64u      /* the clock is looked at after so many records, */
#define LOOK_BYTES (1u << 18) /* or so many bytes of them */

/* A shorter record is whole in what is held of its block once its length was read, and has been
 * verified with it, but for blocks larger than anyone makes. */
#define LONG_RECORD (1u << 19)

bool damage_is(enum capf_status status)
{
    return status == CAPF_DAMAGED || status == CAPF_CUT || status == CAPF_IO;
}

/* Reading the last byte of a long record reads all of its block, and the checksum behind it. */
static enum capf_status probe_size(capf_cursor *cursor, uint64_t recno, uint64_t *size,
                                   struct capf_error *err)
{
    uint8_t byte;
    size_t got;
    enum capf_status status = capf_cursor_size(cursor, recno, size, err);
    if (status == CAPF_OK && *size >= LONG_RECORD)
        status = capf_cursor_read(cursor, recno, *size - 1, &byte, 1, &got, err);
    return status;
}

enum capf_status damage_probe(capf_cursor *cursor, uint64_t recno, struct capf_error *err)
{
    uint64_t size;
    return probe_size(cursor, recno, &size, err);
}

/* ---- Stretches ---- */

/* Is the record unreadable for the same reason as the damage? Then the damage grows by its reach.
 * Only its length is read: of two records in a block that is bad far on, none takes in the other. */
static bool take_in(capf_cursor *cursor, uint64_t recno, struct damage *damage)
{
    struct capf_error err;
    uint64_t first, last, size;
    enum capf_status status = capf_cursor_size(cursor, recno, &size, &err);
    if (status != damage->why.status || err.offset != damage->why.offset ||
        capf_cursor_reach(cursor, recno, &first, &last, &err) != CAPF_OK)
        return false;
    damage->first = first < damage->first ? first : damage->first;
    damage->last = last > damage->last ? last : damage->last;
    return true;
}

void damage_around(capf_cursor *cursor, uint64_t recno, const struct capf_error *why,
                   struct damage *damage)
{
    uint64_t count = capf_cursor_count(cursor);
    *damage = (struct damage){recno, recno, *why};
    if (capf_cursor_reach(cursor, recno, &damage->first, &damage->last, NULL) != CAPF_OK)
        return;
    while (damage->first > 1 && take_in(cursor, damage->first - 1, damage))
        continue;
    while (damage->last < count && take_in(cursor, damage->last + 1, damage))
        continue;
}

/* ---- Searching ---- */

struct pace {
    struct damage_search *search;
    uint64_t begin, total;
    uint64_t called_ns;
    uint64_t bytes;
    unsigned records;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool call_progress(struct pace *pace)
{
    struct damage_search *search = pace->search;
    uint64_t done = search->back ? pace->begin - search->at : search->at - pace->begin;
    uint64_t now;
    if (search->progress == NULL || (now = now_ns()) - pace->called_ns < PROGRESS_NS)
        return true;
    pace->called_ns = now;
    return search->progress(search->ctx, search->at, done, pace->total);
}

/* From within a long record. */
static bool on_bytes(void *ctx, uint64_t done, uint64_t total)
{
    (void)done, (void)total;
    return call_progress(ctx);
}

static bool go_on(struct pace *pace, uint64_t size)
{
    pace->bytes += size;
    if (++pace->records < LOOK_RECORDS && pace->bytes < LOOK_BYTES)
        return true;
    pace->records = 0;
    pace->bytes = 0;
    return call_progress(pace);
}

static enum damage_result look(struct damage_search *search, struct pace *pace)
{
    uint64_t count = capf_cursor_count(search->cursor), size;
    while (search->at >= 1 && search->at <= count) {
        enum capf_status status = probe_size(search->cursor, search->at, &size, &search->found.why);
        if (status == CAPF_CANCELLED)
            return DAMAGE_STOPPED;
        if (status != CAPF_OK)
            return damage_is(status) ? DAMAGE_FOUND : DAMAGE_FAILED;
        search->at = search->back ? search->at - 1 : search->at + 1;
        if (!go_on(pace, size))
            return DAMAGE_STOPPED;
    }
    return DAMAGE_NONE;
}

enum damage_result damage_search(struct damage_search *search)
{
    uint64_t count = capf_cursor_count(search->cursor);
    struct pace pace = {.search = search, .begin = search->at, .called_ns = now_ns()};
    pace.total = search->back ? search->at : count - search->at + 1;
    capf_cursor_on_progress(search->cursor, on_bytes, &pace);
    enum damage_result result = look(search, &pace);
    if (result == DAMAGE_FOUND) {
        struct capf_error why = search->found.why;
        damage_around(search->cursor, search->at, &why, &search->found);
    }
    capf_cursor_on_progress(search->cursor, NULL, NULL);
    return result;
}

/* ---- Counting ---- */

void damage_tally_add(struct damage_tally *tally, uint64_t first, uint64_t last)
{
    bool goes_on = tally->ranges > 0 && tally->end + 1 == first;
    size_t index = goes_on ? tally->ranges - 1 : tally->ranges;
    tally->records += last - first + 1;
    tally->ranges = index + 1;
    tally->end = last;
    if (index >= DAMAGE_TALLY_RANGES)
        return;
    tally->kept[index].last = last;
    if (!goes_on)
        tally->kept[index].first = first;
}

void damage_tally_text(const struct damage_tally *tally, char text[DAMAGE_TALLY_TEXT])
{
    size_t kept = tally->ranges < DAMAGE_TALLY_RANGES ? tally->ranges : DAMAGE_TALLY_RANGES, len;
    char number[FORMAT_NUMBER];
    len = (size_t)snprintf(text, DAMAGE_TALLY_TEXT,
                           "%s record%s could not be read:", format_grouped(tally->records, number),
                           format_plural(tally->records));
    for (size_t i = 0; i < kept; i++) {
        uint64_t first = tally->kept[i].first, last = tally->kept[i].last;
        len += (size_t)snprintf(text + len, DAMAGE_TALLY_TEXT - len, "%s %" PRIu64,
                                i > 0 ? "," : "", first);
        if (last > first)
            len += (size_t)snprintf(text + len, DAMAGE_TALLY_TEXT - len, "..%" PRIu64, last);
    }
    if (tally->ranges > kept)
        snprintf(text + len, DAMAGE_TALLY_TEXT - len, ", and %s more places",
                 format_grouped(tally->ranges - kept, number));
}
