/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sink for a person at a terminal. What fits the screen is simply shown. As soon as there is more,
 * the person's pager gets all of it, from the beginning, as it is produced; what has been produced
 * is never kept. The pager may be left at any time, which stops the command quietly.
 */
#ifndef APP_PAGER_H
#define APP_PAGER_H

#include "app/sink.h"

#include <sys/types.h>

#define PAGER_HELD 32768 /* bytes that are held until it is known whether they fit */

struct pager {
    struct sink sink;
    int fd;
    unsigned rows, cols; /* of the screen; rows 0: nothing is paged */
    bool holding;        /* it is not known yet */
    unsigned row, col;   /* where what is held would leave the cursor */
    size_t fill;
    pid_t pid; /* of the pager; 0: none runs */
    int pipe;
    bool missing;       /* the last one could not be run */
    const char *wanted; /* the person's own choice, which goes before $PAGER; NULL or "": none */
    char held[PAGER_HELD];
};

void pager_init(struct pager *pager, int fd);

/* A command's output begins, on a screen of this size. rows 0: it is not paged. */
void pager_begin(struct pager *pager, unsigned rows, unsigned cols);
/* Shows what is held, because something else is to be seen now. */
void pager_show(struct pager *pager);
/* The output ends: shows it, or waits until the person leaves the pager. */
void pager_end(struct pager *pager);

/* What the person reads with: `wanted` or $PAGER; else less or more; NULL: nothing, or there is none. */
const char *pager_command(const char *wanted);

#endif
