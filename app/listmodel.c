/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list's arithmetic; see listmodel.h. Sums are written so that nothing wraps near 2^64. */
#include "app/listmodel.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The last row that may be on top: the window is filled as far as there are rows. */
static uint64_t top_max(const struct listmodel *list)
{
    return list->count > list->height ? list->count - list->height + 1 : 1;
}

static void clamp_top(struct listmodel *list)
{
    if (list->count == 0) {
        list->top = list->selected = 0;
        return;
    }
    if (list->top == 0)
        list->top = 1;
    list->top = least(list->top, top_max(list));
}

/* Moves the window no further than it takes to show the selection. */
static void show_selected(struct listmodel *list)
{
    clamp_top(list);
    if (list->count == 0)
        return;
    if (list->selected < list->top)
        list->top = list->selected;
    else if (list->selected - list->top >= list->height)
        list->top = list->selected - list->height + 1;
}

void listmodel_init(struct listmodel *list)
{
    *list = (struct listmodel){.height = 1};
}

void listmodel_set_height(struct listmodel *list, uint64_t height)
{
    list->height = height > 0 ? height : 1;
    show_selected(list);
}

void listmodel_set_count(struct listmodel *list, uint64_t count)
{
    list->count = count;
    list->selected = least(list->selected, count);
    if (list->selected == 0 && count > 0)
        list->selected = 1;
    show_selected(list);
}

static bool is_far(const struct listmodel *list, uint64_t row)
{
    if (row < list->top)
        return list->top - row > 1;
    return row - list->top > list->height;
}

void listmodel_select(struct listmodel *list, uint64_t row)
{
    if (list->count == 0)
        return;
    row = least(row, list->count);
    list->selected = row > 0 ? row : 1;
    if (is_far(list, list->selected))
        list->top = list->selected > list->height / 2 ? list->selected - list->height / 2 : 1;
    show_selected(list);
}

bool listmodel_move_down(struct listmodel *list, uint64_t rows)
{
    uint64_t step = least(rows, list->count - list->selected);
    list->selected += step;
    show_selected(list);
    return step > 0;
}

bool listmodel_move_up(struct listmodel *list, uint64_t rows)
{
    uint64_t step = list->selected > 0 ? least(rows, list->selected - 1) : 0;
    list->selected -= step;
    show_selected(list);
    return step > 0;
}

bool listmodel_scroll_down(struct listmodel *list, uint64_t rows)
{
    if (list->count == 0)
        return false;
    list->top += least(rows, top_max(list) - list->top);
    return listmodel_move_down(list, rows);
}

bool listmodel_scroll_up(struct listmodel *list, uint64_t rows)
{
    if (list->count == 0)
        return false;
    list->top -= least(rows, list->top - 1);
    return listmodel_move_up(list, rows);
}

uint64_t listmodel_row_at(const struct listmodel *list, uint64_t line)
{
    if (list->count == 0 || line > list->count - list->top)
        return 0;
    return list->top + line;
}

/* a * b / c without overflow of the product; the result must fit. */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t whole = a / c * b;
    uint64_t rest = a % c;
    if (rest > UINT64_MAX / b) /* c is beyond 2^64 / b then, and dividing first costs no digit */
        return whole + rest / (c / b);
    return whole + rest * b / c;
}

uint32_t listmodel_ppm(uint64_t row, uint64_t count)
{
    if (count == 0)
        return 0;
    return (uint32_t)scale(least(row, count), 1000000, count);
}
