/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records that cannot be read: finding them without reading what is good twice or what is bad one
 * by one, and counting those that were met on the way. No terminal, no commands.
 */
#ifndef APP_DAMAGE_H
#define APP_DAMAGE_H

#include "core/capf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does this status mean that a record cannot be read, while others may be? */
bool damage_is(enum capf_status status);

/* Can the record be read to its end? Only a long one has to be. */
CAPF_MUST_USE enum capf_status damage_probe(capf_cursor *cursor, uint64_t recno,
                                            struct capf_error *err);

/* Records beside each other that cannot be read for one reason. */
struct damage {
    uint64_t first, last;
    struct capf_error why; /* of the one that was met */
};

/* The stretch around record `recno`, which cannot be read because of *why. */
void damage_around(capf_cursor *cursor, uint64_t recno, const struct capf_error *why,
                   struct damage *damage);

/* ---- Searching ---- */

enum damage_result {
    DAMAGE_NONE,
    DAMAGE_FOUND,
    DAMAGE_STOPPED, /* `progress` said so; `at` is the record that would have been next */
    DAMAGE_FAILED,  /* found.why says what went wrong */
};

struct damage_search {
    capf_cursor *cursor; /* its progress callback is replaced, and none afterwards */
    uint64_t at;         /* begins with this record; 0 or more than there are: nothing to do */
    bool back;           /* downwards */
    /* Called some fifty times a second, with the record reached and how many are done of how many.
     * False stops. NULL: none. */
    bool (*progress)(void *ctx, uint64_t at, uint64_t done, uint64_t total);
    void *ctx;
    struct damage found;
};

enum damage_result damage_search(struct damage_search *search);

/* ---- Counting ---- */

#define DAMAGE_TALLY_RANGES 32 /* that are kept to be told; the others are counted */
#define DAMAGE_TALLY_TEXT 1536

struct damage_tally {
    uint64_t records;
    size_t ranges;
    struct {
        uint64_t first, last;
    } kept[DAMAGE_TALLY_RANGES];
    uint64_t end;   /* the last record of the last range */
    uint64_t notes; /* places that were told, or would have been; for who tells */
};

void damage_tally_add(struct damage_tally *tally, uint64_t first, uint64_t last);
/* "7 records could not be read: 3..8, 12" */
void damage_tally_text(const struct damage_tally *tally, char text[DAMAGE_TALLY_TEXT]);

#endif
