/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A screen in memory: cells with a character and a style. Views draw into it, term_curses.c shows
 * it, tests read it as text. Everything that is put here passes the sanitiser once more, so no view
 * can let a byte through that a terminal would act on.
 */
#ifndef UI_GRID_H
#define UI_GRID_H

#include "app/layout.h"
#include "app/safetext.h"

/* What a cell means; how that looks is the terminal's matter. */
enum grid_style {
    GRID_PLAIN,
    GRID_TITLE,
    GRID_WARNING,
    GRID_NUMBER,        /* record numbers, sizes, offsets */
    GRID_ESCAPED,       /* ^A, <FF>: a notation, not the character itself */
    GRID_SELECTED,      /* the selected row */
    GRID_SELECTED_AWAY, /* the same while the focus is elsewhere */
    GRID_CURSOR,        /* the byte under the cursor */
    GRID_DIVIDER,
    GRID_STAGED,
    GRID_FAULT,
    GRID_EMPTY, /* says that there is nothing */
    GRID_STATUS,
    GRID_HINT,
    GRID_MESSAGE,
    GRID_FAILURE,
    GRID_QUESTION,
    GRID_STYLES,
};

#define GRID_CLUSTER 32 /* bytes of a character with its accents, and a NUL */

struct grid_cell {
    char text[GRID_CLUSTER]; /* "" in the right half of a wide character */
    uint8_t width;           /* 1 or 2; 0 in the right half of a wide character */
    uint8_t style;
};

struct grid {
    unsigned rows, cols;
    struct grid_cell *cells;
    enum safetext_mode mode;
    bool cursor_shown; /* the terminal's own cursor */
    unsigned cursor_row, cursor_col;
};

void grid_init(struct grid *grid, enum safetext_mode mode);
void grid_release(struct grid *grid);

/* Makes it empty, of this size. */
void grid_clear(struct grid *grid, unsigned rows, unsigned cols);

/* Puts text from a column on and returns the column behind it; what does not fit before column
 * `end` is left out. Escapes of the sanitiser get GRID_ESCAPED where `style` is GRID_PLAIN. */
unsigned grid_put_bytes(struct grid *grid, unsigned row, unsigned col, unsigned end,
                        enum grid_style style, const void *bytes, size_t len);
unsigned grid_put(struct grid *grid, unsigned row, unsigned col, unsigned end,
                  enum grid_style style, const char *text);

/* One unit that the sanitiser gave out. */
void grid_put_unit(struct grid *grid, unsigned row, unsigned col, unsigned end,
                   enum grid_style style, const struct safetext_unit *unit);

/* Blanks, or another ASCII character, over [col, end); a style over what stands there. */
void grid_fill(struct grid *grid, unsigned row, unsigned col, unsigned end, enum grid_style style,
               char character);
void grid_set_style(struct grid *grid, unsigned row, unsigned col, unsigned end,
                    enum grid_style style);

const struct grid_cell *grid_cell(const struct grid *grid, unsigned row, unsigned col);

/* The rows as lines of text without blanks at their ends, to be freed. */
char *grid_text(const struct grid *grid);

#endif
