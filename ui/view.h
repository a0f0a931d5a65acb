/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views: each draws a part of the browser into the grid. They read, and change nothing. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "app/browser.h"
#include "ui/grid.h"
#include "ui/prompt.h"

/* A line being typed, as the prompt shows it. */
struct view_prompt {
    const char *label;
    const char *says; /* in the label's place; NULL: nothing */
    const char *line;
    size_t point;                          /* the byte before which the cursor stands */
    const struct explanation *explanation; /* NULL: none */
    const struct prompt_completion *found; /* what Tab could make of it; NULL: nothing */
    size_t chosen;                         /* of those; the count: none */
};

/* The whole screen. `prompt` and `question` may be NULL. */
void view_draw(struct grid *grid, struct browser *browser, const struct view_prompt *prompt,
               const char *question);

void view_list(struct grid *grid, struct browser *browser, const struct layout *layout);
/* In the list's place: why the file does not open, and what can be done. */
void view_closed(struct grid *grid, const struct browser *browser, const struct rect *rect);
/* The record in its pane, or the topmost page in the same place. */
void view_record(struct grid *grid, struct browser *browser, const struct layout *layout);
void view_title(struct grid *grid, const struct browser *browser, const struct layout *layout);
void view_status(struct grid *grid, const struct browser *browser, const struct layout *layout);
/* The lowest rows: message, prompt, question, or hints. */
void view_bottom(struct grid *grid, const struct browser *browser, const struct layout *layout,
                 const struct view_prompt *prompt, const char *question);

/* The line being typed on the last row, and what belongs to it above. view_prompt.c */
void view_put_prompt(struct grid *grid, const struct rect *last, const struct view_prompt *prompt);

/* Below this width numbers have no commas and sizes are short. */
#define VIEW_NARROW 60

/* Puts a text from `row` on, wrapped, up to row `end`; returns the row behind it. */
unsigned view_put_lines(struct grid *grid, const struct rect *rect, unsigned row, unsigned end,
                        enum grid_style style, const char *text);

/* How much of a text fits so many cells: up to a newline, or at a blank where there is one. */
size_t view_line_len(const struct grid *grid, const char *text, size_t cols);

/* A number as the width of the screen allows. */
const char *view_number(const struct grid *grid, uint64_t number, char buf[32]);

#endif
