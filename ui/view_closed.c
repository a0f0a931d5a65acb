/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the list's place when the file does not open. */
#include "ui/view.h"

#include <stdio.h>

static const char where_records_are[] =
    "The header says how the file is built, and two master nodes say where its records are; one "
    "good one would do. The records themselves may still be there: salvage looks for them all over "
    "the file, block by block, and writes what it finds to a new one.";

/* One choice a line: those that there are. */
static unsigned put_choices(struct grid *grid, const struct keymap *map, const struct rect *rect,
                            unsigned row, unsigned end)
{
    static const struct {
        const char *key, *text;
    } choices[] = {
        {"v", "verify: list what is wrong with it"},
        {"s", "salvage: copy what can be read"},
        {"R", "try again to open it"},
        {"q", "quit"},
    };
    for (size_t i = 0; i < sizeof choices / sizeof choices[0] && row < end; i++) {
        uint32_t key = (uint32_t)choices[i].key[0];
        char line[80];
        if (keymap_find(map, KEYS_CLOSED, &key, 1, NULL) == NULL)
            continue;
        snprintf(line, sizeof line, "%s  %s", choices[i].key, choices[i].text);
        row = view_put_lines(grid, rect, row, end, GRID_PLAIN, line);
    }
    return row;
}

void view_closed(struct grid *grid, const struct browser *browser, const struct rect *rect)
{
    struct rect inner = *rect;
    char what[CAPF_ERROR_TEXT + 48];
    unsigned row = rect->row, end = rect->row + rect->rows;
    bool roomy = rect->rows > 12;
    if (inner.cols > 4) {
        inner.col++;
        inner.cols -= 2;
    }
    row += roomy;
    snprintf(what, sizeof what, "This file does not open: %s.", browser->session->unopened.text);
    row = view_put_lines(grid, &inner, row, end, GRID_FAULT, what) + 1;
    row = put_choices(grid, &browser->session->keymap, &inner, row, end) + 1;
    view_put_lines(grid, &inner, row, end, GRID_EMPTY, where_records_are);
}
