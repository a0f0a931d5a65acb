/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where things stand on a screen of a given size. Pure arithmetic; every screen down to 1x1 has a
 * layout. What there is no room for has no rows.
 */
#ifndef APP_LAYOUT_H
#define APP_LAYOUT_H

#include <stdbool.h>

struct rect {
    unsigned row, col, rows, cols;
};

enum layout_panes { LAYOUT_LIST, LAYOUT_SPLIT, LAYOUT_RECORD };

struct layout {
    struct rect title;
    struct rect warning; /* a second title line */
    struct rect list;
    struct rect divider; /* the record's head line */
    struct rect side;    /* the line between panes that stand side by side */
    struct rect record;
    struct rect status;
    struct rect last; /* prompt, message or hints */
};

/* `record_first`: where a split does not fit, the record is shown and not the list. */
struct layout layout_compute(unsigned rows, unsigned cols, bool warning, enum layout_panes panes,
                             bool record_first);

#endif
