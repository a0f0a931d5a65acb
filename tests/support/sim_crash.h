/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a power cut can leave of a simulated disk. What is not decided yet, a
 * unit with several versions, a size, an event of a folder, is a dimension; a
 * number for each of them is a choice, and a choice is a crash state. Units
 * and sizes count only for files that one watched name may lead to: content
 * that nobody will look at makes no state.
 */
#ifndef TESTS_SIM_CRASH_H
#define TESTS_SIM_CRASH_H

#include "tests/support/rng.h"
#include "tests/support/sim_disk.h"

#define SIM_DIMS_MAX 2048
#define SIM_DIGITS_MAX 36 /* versions of one thing; with more, the oldest of them are left out */

struct sim_dim {
    enum { SIM_UNIT_OF, SIM_SIZE_OF, SIM_EVENT_OF } kind;
    struct sim_file *file; /* of a unit or a size */
    uint32_t at;           /* which of the file's pending units, which event */
    uint32_t count;        /* choices */
};

struct sim_crash {
    const struct sim_disk *disk;
    const char *path; /* watched */
    unsigned count;
    uint64_t combinations;             /* UINT64_MAX: at least that many */
    uint64_t decided;                  /* a hash of what is no dimension */
    struct sim_dim dims[SIM_DIMS_MAX]; /* in the order of the first writes */
    uint8_t digits[SIM_DIMS_MAX];      /* the choice: 0 is the oldest */
};

/* How thorough sim_crash_each is: all combinations up to `exhaustive`, else those that are most
 * likely to hurt and `picks` at random. Units below `split` bytes are paired with those above. */
struct sim_picks {
    uint64_t exhaustive;
    unsigned picks;
    uint64_t split;
    uint64_t seed;
};

typedef void sim_crash_fn(void *ctx);

/* Looks at the disk as it is now; it must not change while this is in use. */
void sim_crash_begin(struct sim_crash *crash, const struct sim_disk *disk, const char *path);

/* Calls `fn` with each choice in turn in crash->digits. */
void sim_crash_each(struct sim_crash *crash, const struct sim_picks *picks, sim_crash_fn *fn,
                    void *ctx);

/* A hash of the choice and of what it chooses from: the same for two choices, also at two moments
 * of a disk, only when they make the same. */
uint64_t sim_crash_key(const struct sim_crash *crash);

/* Makes `to` the disk that the choice leaves, with nothing pending. It lives on the other one's
 * memory, which must not be reset before it. */
void sim_crash_make(const struct sim_crash *crash, struct sim_disk *to);

/* Of all that a disk without pending things holds: its names, and the content under one. */
uint64_t sim_disk_hash(const struct sim_disk *disk, const char *path);

/* The choice as text, a character for each dimension, and back; false: it does not fit. */
void sim_crash_format(const struct sim_crash *crash, char text[SIM_DIMS_MAX + 1]);
bool sim_crash_parse(struct sim_crash *crash, const char *text, size_t len);

#endif
