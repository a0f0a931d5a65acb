/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table whose calls fail on purpose: the n-th of the calls that count, once,
 * so many times in a row, or for good, with an error or with a short transfer.
 * Around a disk in memory or the simulated one. It remembers what failed, so that a test
 * knows which promise holds.
 */
#ifndef TESTS_FAULT_IO_H
#define TESTS_FAULT_IO_H

#include "tests/support/wrap_io.h"

#define FAULT_FOR_GOOD UINT64_MAX
#define FAULT_NEVER UINT64_MAX

/* Sets of calls. */
#define FAULT_OP(op) (UINT32_C(1) << (op))
#define FAULT_TRANSFERS (FAULT_OP(IO_PREAD) | FAULT_OP(IO_PWRITE))
#define FAULT_MEMORY FAULT_OP(IO_REALLOC)
#define FAULT_FILES (~(FAULT_MEMORY | FAULT_OP(IO_CLOSE) | FAULT_OP(IO_NOW) | FAULT_OP(IO_NAP)))

struct fault_plan {
    uint32_t ops;         /* the calls that count */
    uint64_t first;       /* which of them fails first, from 1 */
    uint64_t times;       /* how many in a row */
    unsigned let_through; /* one goes through after so many that failed; 0: none does */
    int error;            /* what they return, -EIO; 0: they transfer `most` bytes */
    size_t most;
};

struct fault_io {
    struct wrap_io wrap;
    struct fault_plan plan;
    bool paused;                     /* no call counts */
    uint64_t calls, failed;          /* of those that count */
    uint64_t nodes_begin, nodes_end; /* where the master nodes stand, to know a write of one */
    bool node_unsynced;              /* one was changed since the last sync */

    /* Since fault_step_begin: which calls failed, and how often a sync of data, and of a node. */
    uint32_t step_ops;
    unsigned data_syncs_failed, node_syncs_failed;
};

/* The address must not change while the table is in use. */
void fault_io_init(struct fault_io *fault, const struct capf_io *base,
                   const struct fault_plan *plan);

void fault_step_begin(struct fault_io *fault);

/* libdeflate's memory, too, comes from this table from now on; NULL: from malloc again. Does
 * nothing where there is no libdeflate. */
void fault_io_feed_libdeflate(struct fault_io *fault);

#endif
