/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The places on the screen; see layout.h. */
#include "app/layout.h"

#define SPLIT_ROWS 5    /* a split below needs so many rows for list, divider and record */
#define BESIDE_COLS 160 /* from here on the record stands beside the list */

/* The frame around the panes: what is worth least goes first when rows are few. */
static struct rect take_frame(struct layout *layout, unsigned rows, unsigned cols, bool warning)
{
    struct rect body = {0, 0, rows, cols};
    if (rows >= 4)
        layout->title = (struct rect){body.row++, 0, 1, cols};
    if (rows >= 6 && warning)
        layout->warning = (struct rect){body.row++, 0, 1, cols};
    if (rows >= 3)
        layout->status = (struct rect){rows - 2, 0, 1, cols};
    if (rows >= 2)
        layout->last = (struct rect){rows - 1, 0, 1, cols};
    body.rows =
        rows - layout->title.rows - layout->warning.rows - layout->status.rows - layout->last.rows;
    return body;
}

static void place_record(struct layout *layout, struct rect body)
{
    if (body.rows >= 3) {
        layout->divider = (struct rect){body.row, body.col, 1, body.cols};
        body.row++;
        body.rows--;
    }
    layout->record = body;
}

static void place_beside(struct layout *layout, struct rect body)
{
    unsigned left = body.cols / 2;
    layout->list = (struct rect){body.row, body.col, body.rows, left};
    layout->side = (struct rect){body.row, body.col + left, body.rows, 1};
    place_record(layout,
                 (struct rect){body.row, body.col + left + 1, body.rows, body.cols - left - 1});
}

static void place_below(struct layout *layout, struct rect body)
{
    unsigned above = (body.rows - 1) / 2;
    layout->list = (struct rect){body.row, body.col, above, body.cols};
    place_record(layout, (struct rect){body.row + above, body.col, body.rows - above, body.cols});
}

struct layout layout_compute(unsigned rows, unsigned cols, bool warning, enum layout_panes panes,
                             bool record_first)
{
    struct layout layout = {0};
    struct rect body = take_frame(&layout, rows, cols, warning);
    if (panes == LAYOUT_SPLIT && body.cols < BESIDE_COLS && body.rows < SPLIT_ROWS)
        panes = record_first ? LAYOUT_RECORD : LAYOUT_LIST;
    if (panes == LAYOUT_LIST)
        layout.list = body;
    else if (panes == LAYOUT_RECORD)
        place_record(&layout, body);
    else if (body.cols >= BESIDE_COLS)
        place_beside(&layout, body);
    else
        place_below(&layout, body);
    return layout;
}
