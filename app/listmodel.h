/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of up to 2^64 - 1 rows seen through a window: which row is selected and which is on top.
 * Rows are numbered from 1; 0 means that there is none. Plain arithmetic: it knows neither what a
 * row holds nor where it is shown.
 */
#ifndef APP_LISTMODEL_H
#define APP_LISTMODEL_H

#include <stdbool.h>
#include <stdint.h>

struct listmodel {
    uint64_t count;    /* rows there are */
    uint64_t top;      /* first row in the window; 0 only when count is 0 */
    uint64_t selected; /* always in the window; 0 only when count is 0 */
    uint64_t height;   /* rows the window shows, at least 1 */
};

void listmodel_init(struct listmodel *list);

/* The window changed, or rows came or went. The selected row stays where it can. */
void listmodel_set_height(struct listmodel *list, uint64_t height);
void listmodel_set_count(struct listmodel *list, uint64_t count);

/* Selects a row, clamped to those there are; the window follows as little as it must. A row that
 * was out of sight comes to the middle. */
void listmodel_select(struct listmodel *list, uint64_t row);

/* Moves the selection by rows, as far as there are any; false when it did not move. */
bool listmodel_move_down(struct listmodel *list, uint64_t rows);
bool listmodel_move_up(struct listmodel *list, uint64_t rows);

/* Moves the window by rows and the selection with it, so that it stays at its height on the
 * screen; at either end only the selection moves. */
bool listmodel_scroll_down(struct listmodel *list, uint64_t rows);
bool listmodel_scroll_up(struct listmodel *list, uint64_t rows);

/* The row shown at `line` of the window, from 0; 0: none. */
uint64_t listmodel_row_at(const struct listmodel *list, uint64_t line);

/* How far `row` is through `count` rows, in 1/10,000 of a percent: 1,000,000 at the end. */
uint32_t listmodel_ppm(uint64_t row, uint64_t count);

#endif
