/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands around the panes: the title with its warning, the state line, and the lowest rows,
 * where the person is asked, told and answered.
 */
#include "ui/view.h"

#include "app/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *view_number(const struct grid *grid, uint64_t number, char buf[32])
{
    if (grid->cols >= VIEW_NARROW)
        return format_grouped(number, buf);
    snprintf(buf, 32, "%" PRIu64, number);
    return buf;
}

#define MODE_SIZE 64

/* "RO", "EDIT", "EDIT +1 meta" */
static void mode_text(const struct browser *browser, char buf[MODE_SIZE])
{
    const struct stage *stage = &browser->session->stage;
    bool edit = browser->session->edit && browser->session->aside == NULL;
    int len = snprintf(buf, MODE_SIZE, "%s", edit ? "EDIT" : "RO");
    if (stage->count > 0)
        len += snprintf(buf + len, MODE_SIZE - (size_t)len, " +%zu", stage->count);
    if (stage->meta != STAGE_META_KEEP)
        snprintf(buf + len, MODE_SIZE - (size_t)len, " meta");
}

/* ---- Title ---- */

/* The file's name without its folder. The end of one that is too long says more than its
 * beginning. */
static void put_name(struct grid *grid, unsigned row, unsigned end, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = safetext_dup_string(slash != NULL ? slash + 1 : path);
    size_t len = strlen(name), cells = safetext_cell_of(grid->mode, name, len, len);
    size_t room = end > 1 ? end - 1 : 0, skip = 0;
    if (cells > room && room > 3) {
        skip = safetext_byte_of(grid->mode, name, len, cells - (room - 3));
        grid_put(grid, row, 1, end, GRID_TITLE, "...");
    }
    grid_put(grid, row, skip > 0 ? 4 : 1, end, GRID_TITLE, name + skip);
    free(name);
}

void view_title(struct grid *grid, const struct browser *browser, const struct layout *layout)
{
    const struct rect *rect = &layout->title;
    char number[FORMAT_NUMBER], mode[MODE_SIZE], right[FORMAT_NUMBER + MODE_SIZE + 24];
    if (rect->rows == 0)
        return;
    mode_text(browser, mode);
    if (browser->session->aside != NULL)
        snprintf(mode, sizeof mode, "%s", browser->session->aside);
    if (browser->session->file == NULL)
        snprintf(right, sizeof right, "  does not open ");
    else
        snprintf(right, sizeof right, "  %s record%s  %s ",
                 view_number(grid, browser->records, number), format_plural(browser->records),
                 mode);
    unsigned len = (unsigned)strlen(right);
    unsigned col = len < rect->cols ? rect->cols - len : 0;
    grid_fill(grid, rect->row, 0, rect->cols, GRID_TITLE, ' ');
    put_name(grid, rect->row, col, browser->session->path);
    grid_put(grid, rect->row, col, rect->cols, GRID_TITLE, right);
    char *warnings = browser_warnings(browser);
    if (warnings != NULL && layout->warning.rows > 0) {
        grid_fill(grid, layout->warning.row, 0, rect->cols, GRID_WARNING, ' ');
        unsigned at = grid_put(grid, layout->warning.row, 1, rect->cols, GRID_WARNING, "warning: ");
        grid_put(grid, layout->warning.row, at, rect->cols, GRID_WARNING, warnings);
    }
    free(warnings);
}

/* ---- State ---- */

#define PERCENT_SIZE 16

static void small_percent_text(uint32_t ppm, char buf[PERCENT_SIZE])
{
    int len = snprintf(buf, PERCENT_SIZE, "0.%04u", ppm);
    while (buf[len - 1] == '0')
        len--;
    snprintf(buf + len, PERCENT_SIZE - (size_t)len, "%%");
}

/* As many places behind the point as it takes to tell neighbours apart, at most four. */
static void percent_text(uint64_t row, uint64_t count, char buf[PERCENT_SIZE])
{
    uint32_t ppm = listmodel_ppm(row, count);
    if (ppm >= 100000 || (ppm % 10000 == 0 && ppm > 0))
        snprintf(buf, PERCENT_SIZE, "%u%%", ppm / 10000);
    else if (ppm >= 10000)
        snprintf(buf, PERCENT_SIZE, "%u.%u%%", ppm / 10000, ppm / 1000 % 10);
    else if (ppm > 0)
        small_percent_text(ppm, buf);
    else
        snprintf(buf, PERCENT_SIZE, count > 0 ? "<0.0001%%" : "0%%");
}

/* "99,999 / 100,000  99%", or "+1 of 2 staged" */
static void where_text(const struct grid *grid, const struct browser *browser, char *buf,
                       size_t size)
{
    char here[FORMAT_NUMBER], all[FORMAT_NUMBER], percent[PERCENT_SIZE];
    uint64_t selected = browser->list.selected;
    if (selected > browser->records) {
        snprintf(buf, size, "+%s of %s staged",
                 view_number(grid, selected - browser->records, here),
                 view_number(grid, browser->session->stage.count, all));
        return;
    }
    percent_text(selected, browser->records, percent);
    if (grid->cols < VIEW_NARROW) /* the title says of how many */
        snprintf(buf, size, "%s  %s", view_number(grid, selected, here), percent);
    else
        snprintf(buf, size, "%s / %s  %s", view_number(grid, selected, here),
                 view_number(grid, browser->records, all), percent);
}

/* Offset and view of what shows bytes; the list has neither. */
static void bytes_text(const struct browser *browser, char *buf, size_t size)
{
    const struct recordmodel *view = NULL;
    if (browser->page != NULL)
        view = browser->page->is_metadata ? &browser->page->view : NULL;
    else if (browser->record_open)
        view = &browser->record;
    if (view == NULL)
        snprintf(buf, size, "%s", browser->page != NULL ? browser->page->title : "list");
    else
        snprintf(buf, size, "@0x%" PRIx64 "  %s", view->cursor,
                 view->view == RECORD_HEX ? "hex" : "text");
}

void view_status(struct grid *grid, const struct browser *browser, const struct layout *layout)
{
    const struct rect *rect = &layout->status;
    char where[3 * FORMAT_NUMBER], bytes[96], mode[MODE_SIZE];
    if (rect->rows == 0)
        return;
    if (browser->session->file == NULL && browser->page == NULL) {
        grid_fill(grid, rect->row, 0, rect->cols, GRID_STATUS, ' ');
        grid_put(grid, rect->row, 1, rect->cols, GRID_STATUS, "nothing is written to the file");
        return;
    }
    where_text(grid, browser, where, sizeof where);
    bytes_text(browser, bytes, sizeof bytes);
    mode_text(browser, mode);
    const char *encoding = grid->mode == SAFETEXT_UTF8 ? "utf-8" : "ascii";
    const char *parts[] = {browser->session->file != NULL ? where : NULL, bytes,
                           grid->cols < VIEW_NARROW ? NULL : encoding, mode};
    grid_fill(grid, rect->row, 0, rect->cols, GRID_STATUS, ' ');
    unsigned col = 1;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i] != NULL)
            col = 2 + grid_put(grid, rect->row, col, rect->cols, GRID_STATUS, parts[i]);
}

/* ---- The lowest rows ---- */

size_t view_line_len(const struct grid *grid, const char *text, size_t cols)
{
    size_t len = strcspn(text, "\n"), fits = safetext_byte_of(grid->mode, text, len, cols);
    if (fits >= len)
        return len;
    size_t at = fits;
    while (at > 0 && text[at] != ' ')
        at--;
    return at > 0 ? at : fits;
}

unsigned view_put_lines(struct grid *grid, const struct rect *rect, unsigned row, unsigned end,
                        enum grid_style style, const char *text)
{
    unsigned edge = rect->col + rect->cols;
    for (const char *at = text; *at != '\0' && row < end; row++) {
        size_t len = view_line_len(grid, at, rect->cols);
        grid_fill(grid, row, rect->col, edge, style, ' ');
        grid_put_bytes(grid, row, rect->col, edge, style, at, len);
        at += len;
        at += *at == ' ' || *at == '\n';
    }
    return row;
}

static void put_cursor(struct grid *grid, unsigned row, size_t col)
{
    grid->cursor_shown = true;
    grid->cursor_row = row;
    grid->cursor_col = col < grid->cols ? (unsigned)col : grid->cols - 1;
}

/* Text that is too long for the last row takes rows above it, over whatever stands there. */
static void put_wrapped(struct grid *grid, const struct rect *last, enum grid_style style,
                        const char *text, bool cursor)
{
    size_t cols = last->cols > 2 ? last->cols - 2 : 1;
    unsigned rows = 0;
    for (const char *at = text; *at != '\0' && rows <= last->row; rows++) {
        at += view_line_len(grid, at, cols);
        at += *at == ' ';
    }
    unsigned row = last->row + 1 - (rows > 0 ? rows : 1);
    for (const char *at = text; row <= last->row; row++) {
        size_t len = view_line_len(grid, at, cols);
        grid_fill(grid, row, 0, last->cols, style, ' ');
        unsigned col = grid_put_bytes(grid, row, 1, last->cols, style, at, len);
        if (cursor)
            put_cursor(grid, row, col + 1);
        at += len;
        at += *at == ' ';
    }
}

static void put_digits(struct grid *grid, const struct browser *browser, const struct rect *last)
{
    bool records = (browser_context(browser) & (KEYS_LIST | KEYS_RECORD)) != 0;
    const struct view_prompt prompt = {
        .label = records ? " record: " : " count: ",
        .line = browser->typing.digits,
        .point = strlen(browser->typing.digits),
    };
    view_put_prompt(grid, last, &prompt);
}

/* Over the line being typed, where there is one. */
static void put_message(struct grid *grid, const struct browser *browser, const struct rect *last,
                        bool typing)
{
    struct rect place = *last;
    place.row -= typing && place.row > 0;
    put_wrapped(grid, &place, browser->message_is_failure ? GRID_FAILURE : GRID_MESSAGE,
                browser->message, false);
}

static void put_hints(struct grid *grid, const struct browser *browser, const struct rect *last)
{
    char hints[KEYMAP_HINTS];
    keymap_hints(&browser->session->keymap, browser_context(browser), browser_back_hint(browser),
                 hints);
    grid_put(grid, last->row, 1, last->cols, GRID_HINT, hints);
}

void view_bottom(struct grid *grid, const struct browser *browser, const struct layout *layout,
                 const struct view_prompt *prompt, const char *question)
{
    /* On a screen of one row the person's own line comes before the list's. */
    struct rect last = layout->last;
    bool has_row = last.rows > 0;
    if (!has_row)
        last = (struct rect){grid->rows - 1, 0, 1, grid->cols};
    bool digits = browser->typing.digits[0] != '\0';
    if (question != NULL)
        put_wrapped(grid, &last, GRID_QUESTION, question, true);
    else if (prompt != NULL)
        view_put_prompt(grid, &last, prompt);
    else if (digits)
        put_digits(grid, browser, &last);
    if (question != NULL || !has_row)
        return;
    if (browser->message != NULL)
        put_message(grid, browser, &last, prompt != NULL || digits);
    else if (prompt == NULL && !digits)
        put_hints(grid, browser, &last);
}

/* ---- All of it ---- */

void view_draw(struct grid *grid, struct browser *browser, const struct view_prompt *prompt,
               const char *question)
{
    struct layout layout = browser_layout(browser);
    grid_clear(grid, browser->rows, browser->cols);
    view_list(grid, browser, &layout);
    view_record(grid, browser, &layout);
    view_title(grid, browser, &layout);
    view_status(grid, browser, &layout);
    view_bottom(grid, browser, &layout, prompt, question);
}
