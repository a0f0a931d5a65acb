/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line being typed, on the last row; above it a line about the command, and above that what
 * Tab found. All of it passes the grid's sanitiser, names of files too.
 */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#define NOTES_COLS 40u /* narrower screens show no notes beside what Tab found */
#define NAME_GAP 2u

static size_t cells_of(const struct grid *grid, const char *text)
{
    size_t len = strlen(text);
    return safetext_cell_of(grid->mode, text, len, len);
}

/* ---- The line ---- */

/* Bytes of the line that are left out so that the cursor, and a wide character under it, can be
 * seen. Whole characters, and whole notations. */
static size_t bytes_left_out(const struct grid *grid, const struct view_prompt *prompt, size_t len,
                             size_t room)
{
    enum safetext_mode mode = grid->mode;
    size_t cell = safetext_cell_of(mode, prompt->line, len, prompt->point);
    bool wide = room > 1 && prompt->point < len &&
                safetext_byte_of(mode, prompt->line, len, cell + 1) == prompt->point;
    if (cell + wide < room)
        return 0;
    size_t target = cell - room / 2;
    size_t skip = safetext_byte_of(mode, prompt->line, len, target);
    while (skip < prompt->point && safetext_cell_of(mode, prompt->line, len, skip) < target) {
        size_t before = skip;
        while (skip == before)
            skip = safetext_byte_of(mode, prompt->line, len, ++target);
    }
    return skip < prompt->point ? skip : prompt->point;
}

/* Readline's own words take the label's place where they leave room for the line. */
static const char *label_of(const struct grid *grid, const struct view_prompt *prompt)
{
    bool fits = prompt->says != NULL && 2 * cells_of(grid, prompt->says) <= grid->cols;
    return fits ? prompt->says : prompt->label;
}

static void put_line(struct grid *grid, const struct rect *last, const struct view_prompt *prompt)
{
    size_t len = strlen(prompt->line);
    unsigned row = last->row, end = last->cols;
    grid_fill(grid, row, 0, end, GRID_PLAIN, ' ');
    unsigned col = grid_put(grid, row, 0, end, GRID_PLAIN, label_of(grid, prompt));
    if (end - col < 2)
        col = 0;
    size_t skip = bytes_left_out(grid, prompt, len, end - col);
    size_t before =
        safetext_cell_of(grid->mode, prompt->line + skip, len - skip, prompt->point - skip);
    grid_fill(grid, row, col, end, GRID_PLAIN, ' ');
    grid_put_bytes(grid, row, col, end, GRID_PLAIN, prompt->line + skip, len - skip);
    grid->cursor_shown = true;
    grid->cursor_row = row;
    grid->cursor_col = col + before < end ? col + (unsigned)before : end - 1;
}

/* ---- What is said about it ---- */

/* What is wrong may take three rows; the rest is cut. */
static unsigned put_wrong(struct grid *grid, const struct rect *last, const char *text)
{
    size_t cols = last->cols > 2 ? last->cols - 2 : 1;
    unsigned rows = 0, most = last->row / 2 < 3 ? last->row / 2 : 3;
    for (const char *at = text; *at != '\0' && rows < most; rows++) {
        at += view_line_len(grid, at, cols);
        at += *at == ' ';
    }
    rows = rows > 0 ? rows : 1;
    for (unsigned row = last->row - rows; row < last->row; row++) {
        size_t len = view_line_len(grid, text, cols);
        grid_fill(grid, row, 0, last->cols, GRID_FAILURE, ' ');
        grid_put_bytes(grid, row, 1, last->cols, GRID_FAILURE, text, len);
        text += len;
        text += *text == ' ';
    }
    return last->row - rows;
}

/* With the part that is about the cursor marked; where it would not be seen the text begins there. */
static void put_help(struct grid *grid, unsigned row, unsigned end,
                     const struct explanation *explanation)
{
    const char *text = explanation->text;
    size_t mark = explanation->mark, mark_end = mark + explanation->mark_len;
    unsigned col = 1;
    grid_fill(grid, row, 0, end, GRID_STATUS, ' ');
    if (explanation->mark_len > 0 &&
        safetext_cell_of(grid->mode, text, strlen(text), mark_end) + 1 >= end) {
        col = grid_put(grid, row, col, end, GRID_STATUS, "...");
        text += mark;
        mark_end -= mark;
        mark = 0;
    }
    grid_put(grid, row, col, end, GRID_STATUS, text);
    if (explanation->mark_len > 0)
        grid_set_style(grid, row,
                       col + (unsigned)safetext_cell_of(grid->mode, text, strlen(text), mark),
                       col + (unsigned)safetext_cell_of(grid->mode, text, strlen(text), mark_end),
                       GRID_SELECTED_AWAY);
}

/* Returns the topmost row that it took. */
static unsigned put_explanation(struct grid *grid, const struct rect *last,
                                const struct view_prompt *prompt)
{
    const struct explanation *explanation = prompt->explanation;
    unsigned row = last->row - 1;
    if (prompt->says != NULL && label_of(grid, prompt) != prompt->says) {
        const struct explanation said = {.text = (char *)prompt->says};
        put_help(grid, row, last->cols, &said);
        return row;
    }
    if (explanation == NULL || explanation->text == NULL || explanation->text[0] == '\0')
        return last->row;
    if (explanation->wrong)
        return put_wrong(grid, last, explanation->text);
    put_help(grid, row, last->cols, explanation);
    return row;
}

/* ---- What Tab found ---- */

/* A page of what was found, in columns; or, with their notes, one in a row. */
struct found_page {
    const struct prompt_completion *found;
    size_t chosen;
    bool notes;
    unsigned rows, columns, width; /* of a column, its gap included */
    size_t first, count;
};

static unsigned widest(const struct grid *grid, const struct prompt_completion *found)
{
    size_t most = 1;
    for (size_t i = 0; i < found->count; i++) {
        size_t cells = cells_of(grid, found->items[i].label);
        most = cells > most ? cells : most;
    }
    return (unsigned)(most < grid->cols ? most : grid->cols) + NAME_GAP;
}

static bool has_notes(const struct prompt_completion *found)
{
    bool has = false;
    for (size_t i = 0; i < found->count; i++)
        has = has || found->items[i].note != NULL;
    return has;
}

/* The page with the chosen one; at most so many rows. */
static struct found_page page_of(const struct grid *grid, const struct view_prompt *prompt,
                                 unsigned rows)
{
    struct found_page page = {.found = prompt->found, .chosen = prompt->chosen, .columns = 1};
    size_t all = prompt->found->count;
    page.width = widest(grid, prompt->found);
    page.notes = grid->cols >= NOTES_COLS && all <= rows && has_notes(prompt->found);
    if (!page.notes && grid->cols > page.width)
        page.columns = (grid->cols - 1) / page.width;
    size_t places = (size_t)rows * page.columns;
    page.count = all;
    if (all > places) {
        size_t whole = places > 1 ? places - 1 : 1; /* one place says how many more there are */
        page.first = prompt->chosen < all ? prompt->chosen / whole * whole : 0;
        page.count = all - page.first < whole ? all - page.first : whole;
    }
    size_t taken = page.count < all && places > 1 ? page.count + 1 : page.count;
    page.rows = (unsigned)((taken + page.columns - 1) / page.columns);
    return page;
}

static void put_candidate(struct grid *grid, const struct found_page *page, unsigned row,
                          unsigned col, size_t i)
{
    const struct prompt_candidate *item = &page->found->items[i];
    unsigned end = col + page->width - 1 < grid->cols ? col + page->width - 1 : grid->cols;
    enum grid_style style = i == page->chosen ? GRID_SELECTED : GRID_MESSAGE;
    grid_put(grid, row, col, end, style, item->label);
    if (page->notes && item->note != NULL)
        grid_put(grid, row, col + page->width, grid->cols, GRID_HINT, item->note);
}

/* Above row `end`, downwards and then to the right. */
static void put_found(struct grid *grid, const struct view_prompt *prompt, unsigned end,
                      unsigned rows)
{
    struct found_page page = page_of(grid, prompt, rows);
    unsigned top = end - page.rows;
    char more[40];
    for (unsigned row = top; row < end; row++)
        grid_fill(grid, row, 0, grid->cols, GRID_MESSAGE, ' ');
    for (size_t i = 0; i < page.count; i++)
        put_candidate(grid, &page, top + (unsigned)(i % page.rows),
                      1 + (unsigned)(i / page.rows) * page.width, page.first + i);
    if (page.count == page.found->count || page.count == (size_t)page.rows * page.columns)
        return;
    snprintf(more, sizeof more, "+%zu more", page.found->count - page.count);
    grid_put(grid, top + (unsigned)(page.count % page.rows),
             1 + (unsigned)(page.count / page.rows) * page.width, grid->cols, GRID_HINT, more);
}

void view_put_prompt(struct grid *grid, const struct rect *last, const struct view_prompt *prompt)
{
    put_line(grid, last, prompt);
    if (last->row == 0)
        return;
    bool small = last->row < 4; /* room for one of the two */
    bool found = prompt->found != NULL;
    unsigned end = found && small ? last->row : put_explanation(grid, last, prompt);
    unsigned rows = last->row / 2 > 0 ? last->row / 2 : 1;
    if (found)
        put_found(grid, prompt, end, rows < end ? rows : end);
}
