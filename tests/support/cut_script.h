/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random scripts of a writer on a simulated disk: create, append, change the
 * metadata, commit in one call or two, roll back, reopen, replace, and be killed at
 * any call, after which the next writer finds in the page cache what the
 * killed one left there. After each call that changes the disk all power cuts are tried;
 * and now and then the script itself suffers one and goes on with what is left.
 */
#ifndef TESTS_CUT_SCRIPT_H
#define TESTS_CUT_SCRIPT_H

#include "tests/support/cut.h"
#include "tests/support/wrap_io.h"

#define CUT_CUTS_MAX 3

/* What is taken away from the library, to see that it is missed. */
enum cut_sabotage {
    CUT_SOUND,
    CUT_NO_BARRIER,      /* the sync of the data before the node */
    CUT_NO_SYNC_AT_OPEN, /* the sync before a session's first block or node */
    CUT_NO_FOLDER_SYNC,  /* the folder's sync then */
    CUT_NO_RENEWAL,      /* the current node is not written again then; some syncs fail */
    CUT_NO_SPOILING,     /* a torn node is not spoiled then */
    CUT_WRONG_SLOT,      /* nodes are written over the current one */
    CUT_NO_SYNC,         /* CAPF_DURABLE_NONE */
};

struct cut_plan {
    uint64_t seed;
    bool faults; /* some syncs fail, and some writes for lack of space */
    enum cut_sabotage sabotage;
};

/* A call that was made. */
struct cut_trace {
    struct cut_trace *next;
    unsigned step;
    const char *doing;
    enum io_op op;
    int fd;
    uint64_t off;
    size_t len;
    const char *fate; /* what was done to it */
};

struct cut_script {
    struct cut_plan plan;
    struct cut_level *level;
    struct rng rng;
    struct arena arena;
    struct sim_disk disks[CUT_CUTS_MAX + 1]; /* each after the first is what a power cut left */
    struct sim_disk *disk;                   /* the present one */
    struct wrap_io wrap;
    struct capf_options options;
    struct capf_creation creation;
    uint64_t data_pos, node_len;
    capf_file *file; /* NULL: none is open */
    struct cut_history history;
    unsigned base;          /* the version that the file has, as far as the system shows */
    struct cut_version now; /* base and what is pending */
    bool pending;
    bool has_long; /* some records are so long that the file has to grow */
    unsigned fuse; /* calls until the writer is killed; 0: it is not going to be */
    bool full;     /* the last write was cut short, and the next one fails */
    bool killed, over;
    bool fresh;        /* this session has synced nothing yet */
    bool unspoiled[2]; /* the library takes this node for spoiled, and it is not */
    bool data_written; /* this session's last write was of data */
    unsigned step;     /* of the script, from 1 */
    const char *doing;
    struct cut_trace *first, *last;
    unsigned kills, commits, cuts; /* for the figures */
};

void cut_script_init(struct cut_script *script);
void cut_script_release(struct cut_script *script);

/* One script of its own seed. Its memory is used again by the next. */
void cut_script_run(struct cut_script *script, const struct cut_plan *plan,
                    struct cut_level *level);

/* ---- For cut_script.c ---- */

/* Gives the library its table, on the present disk. */
void cut_script_set_table(struct cut_script *script);

/* The calls so far, and how to come here again. */
void cut_script_tell(void *script);

static inline uint64_t cut_pick(struct cut_script *script, uint64_t below)
{
    return rng_below(&script->rng, below);
}

#endif
