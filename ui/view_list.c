/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list: for each row a mark when it is selected, number, size, and how the record begins.
 *
 *     >  100,000     71  {"ts":"2026-03-02T01:01:08.002Z","level":"WARN","service":"a
 */
#include "ui/view.h"

#include "app/format.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_COLS 9 /* at least, on a wide screen */
#define SIZE_COLS 7
#define NARROW_SIZE_COLS 5

struct columns {
    unsigned number_end, size_end, preview;
};

static struct columns columns_for(const struct grid *grid, const struct browser *browser)
{
    char number[FORMAT_NUMBER];
    unsigned len = (unsigned)strlen(view_number(grid, browser->records, number));
    if (browser->session->uncommitted > 0)
        len += 2; /* for the mark */
    if (grid->cols < VIEW_NARROW) {
        unsigned end = 1 + (len > 3 ? len : 3);
        return (struct columns){end, end + NARROW_SIZE_COLS, end + NARROW_SIZE_COLS + 1};
    }
    unsigned end = 1 + (len < NUMBER_COLS ? NUMBER_COLS : len + 1);
    return (struct columns){end, end + SIZE_COLS, end + SIZE_COLS + 2};
}

static void put_right(struct grid *grid, unsigned row, unsigned left, unsigned col_end,
                      unsigned end, enum grid_style style, const char *text)
{
    unsigned len = (unsigned)strlen(text);
    unsigned col = len < col_end - left ? col_end - len : left;
    grid_put(grid, row, col, end, style, text);
}

static const char *size_text(const struct grid *grid, uint64_t size, char buf[FORMAT_NUMBER])
{
    if (grid->cols >= VIEW_NARROW && strlen(format_grouped(size, buf)) < SIZE_COLS)
        return buf;
    return format_size(size, buf);
}

static void put_hex(struct grid *grid, unsigned row, unsigned col, unsigned end,
                    const struct browser_row *record)
{
    for (size_t i = 0; i < record->head_len && col < end; i++) {
        char byte[4];
        snprintf(byte, sizeof byte, "%02x ", record->head[i]);
        col = grid_put(grid, row, col, end, GRID_PLAIN, byte);
    }
}

static void put_preview(struct grid *grid, unsigned row, unsigned col, unsigned end,
                        const struct browser_row *record)
{
    if (record->fault.status != CAPF_OK) {
        char label[BROWSER_FAULT_LABEL];
        browser_fault_label(&record->fault, grid->cols >= VIEW_NARROW, label);
        col = grid_put(grid, row, col, end, GRID_FAULT, "<");
        col = grid_put(grid, row, col, end, GRID_FAULT, label);
        grid_put(grid, row, col, end, GRID_FAULT, ">");
    } else if (record->kind == LOOKS_BINARY) {
        put_hex(grid, row, col, end, record);
    } else {
        grid_put_bytes(grid, row, col, end, GRID_PLAIN, record->head, record->head_len);
    }
}

static void put_numbers(struct grid *grid, unsigned row, unsigned left, unsigned end,
                        const struct columns *columns, const struct browser_row *record)
{
    char number[FORMAT_NUMBER], label[FORMAT_NUMBER + 2];
    bool loose = record->staged || record->uncommitted;
    enum grid_style style = loose ? GRID_STAGED : GRID_NUMBER;
    snprintf(label, sizeof label, "%s%s",
             record->staged        ? "+ "
             : record->uncommitted ? "~ "
                                   : "",
             view_number(grid, record->number, number));
    put_right(grid, row, left + 1, left + columns->number_end, end, style, label);
    if (record->fault.status == CAPF_OK)
        put_right(grid, row, left + columns->number_end + 1, left + columns->size_end, end,
                  GRID_NUMBER, size_text(grid, record->size, number));
}

static void draw_row(struct grid *grid, struct browser *browser, const struct rect *rect,
                     unsigned line, const struct columns *columns)
{
    uint64_t listed = listmodel_row_at(&browser->list, line);
    unsigned row = rect->row + line, end = rect->col + rect->cols;
    struct browser_row record = {0};
    if (listed == 0)
        return;
    browser_read_row(browser, listed, (size_t)rect->cols * 4, &record);
    put_numbers(grid, row, rect->col, end, columns, &record);
    put_preview(grid, row, rect->col + columns->preview, end, &record);
    if (listed == browser->list.selected) {
        grid_put(grid, row, rect->col, end, GRID_PLAIN, ">");
        grid_set_style(grid, row, rect->col, end,
                       browser->record_focus ? GRID_SELECTED_AWAY : GRID_SELECTED);
    }
}

static void draw_nothing(struct grid *grid, const struct browser *browser, const struct rect *rect)
{
    unsigned end = rect->col + rect->cols;
    if (browser->session->aside != NULL) {
        grid_put(grid, rect->row, rect->col + 1, end, GRID_EMPTY, "There are no records in it.");
        return;
    }
    grid_put(grid, rect->row, rect->col + 1, end, GRID_EMPTY, "There are no records yet.");
    grid_put(grid, rect->row + 1, rect->col + 1, end, GRID_EMPTY,
             "E turns editing on, a appends a record, C commits it.");
}

void view_list(struct grid *grid, struct browser *browser, const struct layout *layout)
{
    const struct rect *rect = &layout->list;
    if (rect->rows == 0)
        return;
    if (browser->session->file == NULL) {
        view_closed(grid, browser, rect);
        return;
    }
    if (browser->list.count == 0) {
        draw_nothing(grid, browser, rect);
        return;
    }
    struct columns columns = columns_for(grid, browser);
    for (unsigned line = 0; line < rect->rows; line++)
        draw_row(grid, browser, rect, line, &columns);
}
