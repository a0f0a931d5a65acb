/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record, or a page, as text or hex, below its head line. */
#include "ui/view.h"

#include "app/format.h"
#include "app/hexrow.h"
#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The head line ---- */

static const char *kind_name(enum looks_kind kind)
{
    static const char *const names[LOOKS_KINDS] = {"empty", "json", "text", "binary"};
    return names[kind];
}

static const char *view_name(const struct recordmodel *view)
{
    if (view->view == RECORD_HEX)
        return "hex";
    return view->wrap ? "text" : "text unwrapped";
}

/* "-- 71 bytes -- json -- hex ----": with = where the focus is. */
static void draw_head(struct grid *grid, const struct rect *rect, bool focus,
                      const char *const *parts)
{
    unsigned end = rect->col + rect->cols, col = rect->col;
    const char *bar = focus ? "== " : "-- ";
    grid_fill(grid, rect->row, col, end, GRID_DIVIDER, bar[0]);
    for (; *parts != NULL; parts++) {
        col = grid_put(grid, rect->row, col, end, GRID_DIVIDER, bar);
        col = grid_put(grid, rect->row, col, end, GRID_DIVIDER, *parts);
        col = grid_put(grid, rect->row, col, end, GRID_DIVIDER, " ");
    }
}

static void draw_record_head(struct grid *grid, const struct browser *browser,
                             const struct rect *rect)
{
    char number[FORMAT_NUMBER], size[FORMAT_NUMBER + 8];
    uint64_t bytes = browser->record.source.size;
    snprintf(size, sizeof size, "%s byte%s", view_number(grid, bytes, number),
             format_plural(bytes));
    bool damaged = browser->fault.status != CAPF_OK;
    const char *parts[] = {size, damaged ? "damaged" : kind_name(browser->kind),
                           view_name(&browser->record), NULL};
    const char *lost[] = {"damaged", NULL};
    draw_head(grid, rect, browser->record_focus, damaged && bytes == 0 ? lost : parts);
}

static void draw_page_head(struct grid *grid, const struct page *page, const struct rect *rect)
{
    char number[FORMAT_NUMBER], size[FORMAT_NUMBER + 8];
    uint64_t bytes = page->view.source.size;
    snprintf(size, sizeof size, "%s byte%s", view_number(grid, bytes, number),
             format_plural(bytes));
    const char *metadata[] = {page->title, size, view_name(&page->view), NULL};
    const char *text[] = {page->title, NULL};
    draw_head(grid, rect, true, page->is_metadata ? metadata : text);
}

/* ---- The bytes ---- */

struct text_place {
    struct grid *grid;
    const struct recordmodel *view;
    unsigned row, col, end;
    bool focus;
};

static void put_unit(void *ctx, const struct safetext_unit *unit, unsigned cell, uint64_t off)
{
    const struct text_place *place = ctx;
    unsigned col = place->col + cell;
    grid_put_unit(place->grid, place->row, col, place->end, GRID_PLAIN, unit);
    if (!place->focus || off != place->view->cursor || unit->cells == 0)
        return;
    grid_set_style(place->grid, place->row, col, col + unit->cells, GRID_CURSOR);
}

/* The cursor on a newline stands behind the row's text. */
static void mark_line_end(const struct text_place *place, const struct record_row *row)
{
    uint64_t cursor = place->view->cursor;
    if (!place->focus || cursor < row->end || cursor >= row->next)
        return;
    unsigned col = place->end;
    while (col > place->col && grid_cell(place->grid, place->row, col - 1)->text[0] == ' ')
        col--;
    if (col < place->end)
        grid_set_style(place->grid, place->row, col, col + 1, GRID_CURSOR);
}

static void draw_text_row(const struct text_place *place, const struct record_row *row)
{
    recordmodel_units(place->view, row, put_unit, (void *)(uintptr_t)place);
    mark_line_end(place, row);
}

static void draw_hex_row(const struct text_place *place, const struct record_row *row)
{
    uint8_t bytes[HEXROW_BYTES_MAX];
    char text[HEXROW_SIZE];
    unsigned per_row = recordmodel_hex_bytes(place->view);
    size_t got =
        byte_source_read(&place->view->source, row->start, bytes, (size_t)(row->end - row->start));
    hexrow_format(text, row->start, bytes, got, per_row);
    grid_put(place->grid, place->row, place->col, place->end, GRID_PLAIN, text);
    grid_set_style(place->grid, place->row, place->col, place->col + 8, GRID_NUMBER);
    uint64_t cursor = place->view->cursor;
    if (cursor < row->start || cursor >= row->end)
        return;
    unsigned index = (unsigned)(cursor - row->start);
    unsigned hex = place->col + hexrow_hex_column(index);
    unsigned character = place->col + hexrow_char_column(per_row, index);
    grid_set_style(place->grid, place->row, hex, hex + 2, GRID_CURSOR);
    grid_set_style(place->grid, place->row, character, character + 1, GRID_CURSOR);
}

static void draw_rows(struct grid *grid, const struct recordmodel *view, const struct rect *rect,
                      bool focus)
{
    struct text_place place = {grid, view, rect->row, rect->col, rect->col + rect->cols, focus};
    struct record_row *rows = memory_resize(NULL, rect->rows * sizeof rows[0]);
    unsigned count = recordmodel_rows(view, rows, rect->rows);
    for (unsigned i = 0; i < count; i++, place.row++) {
        if (view->view == RECORD_HEX)
            draw_hex_row(&place, &rows[i]);
        else
            draw_text_row(&place, &rows[i]);
    }
    free(rows);
}

static void draw_notice(struct grid *grid, const struct rect *rect, enum grid_style style,
                        const char *before, const char *text, const char *after)
{
    unsigned end = rect->col + rect->cols;
    unsigned col = grid_put(grid, rect->row, rect->col, end, style, before);
    col = grid_put(grid, rect->row, col, end, style, text);
    grid_put(grid, rect->row, col, end, style, after);
}

/* The reason, wrapped. What could be read of the record keeps half of the pane. */
static void draw_fault(struct grid *grid, struct browser *browser, const struct rect *rect)
{
    const char *reason = browser_fault_reason(browser);
    unsigned rows = browser->record.source.size > 0 ? (rect->rows + 1) / 2 : rect->rows;
    view_put_lines(grid, rect, rect->row, rect->row + rows, GRID_FAULT, reason);
}

static void draw_page(struct grid *grid, const struct page *page, const struct layout *layout)
{
    if (layout->divider.rows > 0)
        draw_page_head(grid, page, &layout->divider);
    if (page->view.source.size == 0)
        draw_notice(grid, &layout->record, GRID_EMPTY, "(", page->empty, ")");
    else
        draw_rows(grid, &page->view, &layout->record, page->is_metadata);
}

void view_record(struct grid *grid, struct browser *browser, const struct layout *layout)
{
    const struct rect *rect = &layout->record;
    for (unsigned row = 0; row < layout->side.rows; row++)
        grid_fill(grid, layout->side.row + row, layout->side.col, layout->side.col + 1,
                  GRID_DIVIDER, '|');
    if (rect->rows == 0)
        return;
    if (browser->page != NULL) {
        draw_page(grid, browser->page, layout);
        return;
    }
    draw_rows(grid, &browser->record, rect, browser->record_focus);
    if (layout->divider.rows > 0) /* after the rows, which may have met damage */
        draw_record_head(grid, browser, &layout->divider);
    if (browser->fault.status != CAPF_OK)
        draw_fault(grid, browser, rect);
    else if (browser->record.source.size == 0)
        draw_notice(grid, rect, GRID_EMPTY, "(", "an empty record", ")");
}
