/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen in memory; see grid.h. */
#include "ui/grid.h"

#include "app/memory.h"

#include <stdlib.h>
#include <string.h>

void grid_init(struct grid *grid, enum safetext_mode mode)
{
    *grid = (struct grid){.mode = mode};
}

void grid_release(struct grid *grid)
{
    free(grid->cells);
    grid->cells = NULL;
    grid->rows = grid->cols = 0;
}

static struct grid_cell *cell_at(struct grid *grid, unsigned row, unsigned col)
{
    return &grid->cells[(size_t)row * grid->cols + col];
}

const struct grid_cell *grid_cell(const struct grid *grid, unsigned row, unsigned col)
{
    return &grid->cells[(size_t)row * grid->cols + col];
}

static void set_cell(struct grid *grid, unsigned row, unsigned col, const char *text, size_t len,
                     unsigned width, enum grid_style style)
{
    struct grid_cell *cell = cell_at(grid, row, col);
    len = len < sizeof cell->text ? len : sizeof cell->text - 1;
    memcpy(cell->text, text, len);
    cell->text[len] = '\0';
    cell->width = (uint8_t)width;
    cell->style = (uint8_t)style;
}

void grid_clear(struct grid *grid, unsigned rows, unsigned cols)
{
    size_t count = (size_t)rows * cols;
    grid->cells = memory_resize(grid->cells, count * sizeof grid->cells[0]);
    grid->rows = rows;
    grid->cols = cols;
    grid->cursor_shown = false;
    for (unsigned row = 0; row < rows; row++)
        grid_fill(grid, row, 0, cols, GRID_PLAIN, ' ');
}

static unsigned clip(const struct grid *grid, unsigned row, unsigned end)
{
    if (row >= grid->rows)
        return 0;
    return end < grid->cols ? end : grid->cols;
}

void grid_fill(struct grid *grid, unsigned row, unsigned col, unsigned end, enum grid_style style,
               char character)
{
    end = clip(grid, row, end);
    for (; col < end; col++)
        set_cell(grid, row, col, &character, 1, 1, style);
}

void grid_set_style(struct grid *grid, unsigned row, unsigned col, unsigned end,
                    enum grid_style style)
{
    end = clip(grid, row, end);
    for (; col < end; col++)
        cell_at(grid, row, col)->style = (uint8_t)style;
}

/* An accent joins the character before it. */
static void join_accent(struct grid *grid, unsigned row, unsigned col,
                        const struct safetext_unit *unit)
{
    while (col > 0 && cell_at(grid, row, col - 1)->width == 0)
        col--;
    if (col == 0)
        return;
    char *text = cell_at(grid, row, col - 1)->text;
    size_t len = strlen(text);
    if (len + unit->text_len < GRID_CLUSTER)
        memcpy(text + len, unit->text, unit->text_len + 1u);
}

/* A notation or blanks: a cell for each of its ASCII characters. */
static void put_ascii(struct grid *grid, unsigned row, unsigned col, unsigned end,
                      enum grid_style style, const struct safetext_unit *unit)
{
    for (unsigned i = 0; i < unit->text_len && col + i < end; i++)
        set_cell(grid, row, col + i, unit->text + i, 1, 1, style);
}

void grid_put_unit(struct grid *grid, unsigned row, unsigned col, unsigned end,
                   enum grid_style style, const struct safetext_unit *unit)
{
    end = clip(grid, row, end);
    if (unit->escaped && style == GRID_PLAIN)
        style = GRID_ESCAPED;
    if (unit->cells == 0 && col <= end) {
        join_accent(grid, row, col, unit);
    } else if (unit->cells == unit->text_len) {
        put_ascii(grid, row, col, end, style, unit);
    } else if (col < end && unit->cells <= end - col) {
        set_cell(grid, row, col, unit->text, unit->text_len, unit->cells, style);
        if (unit->cells == 2)
            set_cell(grid, row, col + 1, "", 0, 0, style);
    }
}

unsigned grid_put_bytes(struct grid *grid, unsigned row, unsigned col, unsigned end,
                        enum grid_style style, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    struct safetext st;
    struct safetext_unit unit;
    end = clip(grid, row, end);
    safetext_init(&st, grid->mode);
    while (len > 0 && col < end) {
        size_t taken = safetext_next(&st, at, len, false, &unit);
        if (taken == 0)
            break;
        grid_put_unit(grid, row, col, end, style, &unit);
        col += unit.cells;
        at += taken;
        len -= taken;
    }
    return col < end ? col : end;
}

unsigned grid_put(struct grid *grid, unsigned row, unsigned col, unsigned end,
                  enum grid_style style, const char *text)
{
    return grid_put_bytes(grid, row, col, end, style, text, strlen(text));
}

static size_t row_text(const struct grid *grid, unsigned row, char *out)
{
    size_t len = 0;
    for (unsigned col = 0; col < grid->cols; col++) {
        const char *text = grid_cell(grid, row, col)->text;
        size_t part = strlen(text);
        memcpy(out + len, text, part);
        len += part;
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\n';
    return len + 1;
}

char *grid_text(const struct grid *grid)
{
    size_t size = (size_t)grid->rows * ((size_t)grid->cols * GRID_CLUSTER + 1) + 1;
    char *text = memory_resize(NULL, size);
    size_t len = 0;
    for (unsigned row = 0; row < grid->rows; row++)
        len += row_text(grid, row, text + len);
    text[len] = '\0';
    return text;
}
