/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting the power. A script works on a simulated disk; after each of its
 * calls the states that a power cut could leave are made, and on each of them the
 * real library must find a version of the file that was really committed, no
 * older than the last one that was acknowledged, and must be able to go on.
 * While it goes on, the power can be cut again.
 */
#ifndef TESTS_CUT_H
#define TESTS_CUT_H

#include "capf.h"
#include "tests/support/seen.h"
#include "tests/support/sim_crash.h"
#include "tests/support/walk.h"

#define CUT_PATH "/p.capture"

struct cut_value {
    const uint8_t *data; /* NULL: none, which only metadata can be */
    uint32_t len;
};

/* What a file may hold, or that there is none. */
struct cut_version {
    bool exists;
    bool dead; /* its commit failed: nobody may ever see it */
    uint32_t count;
    struct cut_value *records;
    struct cut_value meta;
    uint32_t crc; /* chained over u32 length and bytes of each record */
};

/* Versions in the order in which their commits were tried. A crash must leave one from `promised`
 * on that is not dead. */
struct cut_history {
    struct cut_version *list;
    unsigned count, room;
    unsigned promised;
    uint64_t epoch; /* changes with what a crash may leave */
};

struct cut_report {
    bool quiet; /* failures are counted and not shown */
    uint64_t failures;
    /* Says on standard error how the failure can be repeated, up to the first cut. */
    void (*tell)(void *ctx);
    void *ctx;
};

/* One depth of cuts. */
struct cut_level {
    struct cut_level *above; /* the power was cut there before; NULL: this is the first cut */
    struct cut_level *below; /* cut again while a state of this level goes on; NULL: do not */
    uint32_t below_one_in;   /* which of the states are cut again */
    const struct cut_history *history;
    struct cut_report *report;
    const char *replay; /* the only cut to be made: "BOUNDARY:CHOICE"; NULL: all */

    struct sim_picks picks;
    struct sim_crash crash;
    struct sim_disk disk; /* what the power cut left */
    struct capf_options options;
    uint64_t boundary;   /* how many there were since the script or the state began */
    uint64_t hash;       /* of the state being checked */
    struct seen tried;   /* choices since then, */
    struct seen checked; /* and the states that they made, each with what it was checked for */
    struct arena arena;  /* for the check of one state */
    struct walk walk;
    struct seen distinct; /* states, of all scripts */
    uint64_t states;      /* checks made */
};

void cut_level_init(struct cut_level *level, struct cut_report *report);
void cut_level_release(struct cut_level *level);

/* Another script, or another state of the level above, begins. */
void cut_level_begin(struct cut_level *level, const struct cut_history *history);

/* The power may be cut now: makes and checks what could be left of `disk`. */
void cut_power(struct cut_level *level, const struct sim_disk *disk);

/* Something is wrong with the state that the level is at. Shown once and counted. */
void cut_fail(struct cut_level *level, const char *why);

/* ---- Versions (cut_history.c) ---- */

/* Gives its place in the list. */
unsigned cut_history_add(struct cut_history *history, struct arena *arena,
                         const struct cut_version *version);
void cut_history_promise(struct cut_history *history, unsigned version);
void cut_history_kill(struct cut_history *history, unsigned version);

/* `from` with a record more. */
struct cut_version cut_version_add(struct arena *arena, const struct cut_version *from,
                                   struct cut_value record);

/* Does the rightmost path have room for one more record? */
bool cut_version_has_room(const struct cut_version *version, uint32_t page_size, uint32_t fan_out);

struct cut_value cut_value_new(struct arena *arena, uint32_t len, uint64_t seed, unsigned noise);

/* Does the file hold this version? NULL: yes. `differs` is given for another one, any other word
 * for one that cannot be read. */
const char *cut_version_compare(const struct cut_version *version, capf_file *file);
extern const char cut_differs[];

/* Which of those that the history allows is it? -1: none of them, or (*why) it cannot be read. */
int cut_history_find(const struct cut_history *history, capf_file *file, const char **why);

#endif
