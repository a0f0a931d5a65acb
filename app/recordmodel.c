/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The window on a record; see recordmodel.h. A row is found from any byte inside it: in hex by
 * division, in text from the start of its line (textlines.h), which is laid out anew each time. So
 * there is no table of lines to keep, and none that grows.
 */
#include "app/recordmodel.h"

#include "app/hexrow.h"

#include <string.h>

#define TAB_CELLS 8
#define SIDE_STEP 8       /* cells that one step sideways moves the window */
#define STEPS_MAX 100000u /* rows or characters one command goes through in text */

/* ---- Units: characters with their places ---- */

struct walk {
    const struct recordmodel *model;
    uint64_t off, end; /* of the next unit, and of the text */
    uint64_t cell;     /* of the next unit, from the row's start */
    struct safetext st;
    uint64_t buf_off;
    size_t buf_len;
    uint8_t buf[512];
};

static void walk_init(struct walk *walk, const struct recordmodel *model, uint64_t start,
                      uint64_t end)
{
    walk->model = model;
    walk->off = walk->buf_off = start;
    walk->end = end;
    walk->cell = 0;
    walk->buf_len = 0;
    safetext_init(&walk->st, model->mode);
}

/* Has the bytes of a whole character at hand, where there are so many; false: there are none. */
static bool walk_fill(struct walk *walk)
{
    uint64_t have = walk->buf_off + walk->buf_len - walk->off;
    if (have < 4 && walk->off + have < walk->end) {
        uint64_t want = walk->end - walk->off;
        size_t len = want < sizeof walk->buf ? (size_t)want : sizeof walk->buf;
        walk->buf_off = walk->off;
        walk->buf_len = byte_source_read(&walk->model->source, walk->off, walk->buf, len);
        have = walk->buf_len;
    }
    return have > 0;
}

static void make_tab(struct walk *walk, struct safetext_unit *unit)
{
    unit->cells = (uint8_t)(TAB_CELLS - walk->cell % TAB_CELLS);
    unit->text_len = unit->cells;
    unit->src_len = 1;
    unit->escaped = false;
    memset(unit->text, ' ', unit->cells);
    unit->text[unit->cells] = '\0';
    safetext_init(&walk->st, walk->model->mode);
}

/* Looks at the next unit without going over it. */
static bool walk_peek(struct walk *walk, struct safetext_unit *unit)
{
    if (walk->off >= walk->end || !walk_fill(walk))
        return false;
    const uint8_t *at = walk->buf + (walk->off - walk->buf_off);
    if (*at == '\t') {
        make_tab(walk, unit);
        return true;
    }
    size_t len = walk->buf_len - (size_t)(walk->off - walk->buf_off);
    return safetext_next(&walk->st, at, len, false, unit) > 0;
}

static void walk_over(struct walk *walk, const struct safetext_unit *unit)
{
    walk->off += unit->src_len;
    walk->cell += unit->cells;
}

/* ---- Rows ---- */

static struct record_row line_of(const struct recordmodel *model, uint64_t off)
{
    struct record_row line = {.start = textlines_start(&model->source, off)};
    line.end = textlines_end(&model->source, line.start, &line.next);
    return line;
}

/* The row that begins at `start` inside a line. */
static struct record_row row_in_line(const struct recordmodel *model, const struct record_row *line,
                                     uint64_t start)
{
    struct record_row row = {start, line->end, line->next};
    if (!model->wrap)
        return row;
    struct walk walk;
    walk_init(&walk, model, start, line->end);
    struct safetext_unit unit;
    uint64_t blank = start; /* behind the last one */
    while (walk_peek(&walk, &unit)) {
        if (walk.cell > 0 && walk.cell + unit.cells > model->width) {
            row.end = row.next = model->by_words && blank > start ? blank : walk.off;
            break;
        }
        walk_over(&walk, &unit);
        if (unit.text[0] == ' ')
            blank = walk.off;
    }
    return row;
}

unsigned recordmodel_hex_bytes(const struct recordmodel *model)
{
    return hexrow_bytes_for(model->width);
}

static struct record_row hex_row_of(const struct recordmodel *model, uint64_t off)
{
    unsigned bytes = recordmodel_hex_bytes(model);
    uint64_t start = off / bytes * bytes;
    uint64_t left = model->source.size - start;
    uint64_t end = start + (left < bytes ? left : bytes);
    return (struct record_row){start, end, end};
}

/* The row that holds byte `off`, and the line it belongs to, which in hex is the row itself. */
static struct record_row row_of(const struct recordmodel *model, uint64_t off,
                                struct record_row *line)
{
    if (model->view == RECORD_HEX)
        return *line = hex_row_of(model, off);
    *line = line_of(model, off);
    struct record_row row = row_in_line(model, line, line->start);
    while (row.next <= off && row.next < line->next)
        row = row_in_line(model, line, row.next);
    return row;
}

/* Goes on to the next row; false: this was the last. */
static bool row_step(const struct recordmodel *model, struct record_row *row,
                     struct record_row *line)
{
    if (row->next >= model->source.size)
        return false;
    if (row->next < line->next)
        *row = row_in_line(model, line, row->next);
    else
        *row = row_of(model, row->next, line);
    return true;
}

static uint64_t row_start_of(const struct recordmodel *model, uint64_t off)
{
    struct record_row line;
    return row_of(model, off, &line).start;
}

unsigned recordmodel_rows(const struct recordmodel *model, struct record_row *rows, unsigned max)
{
    if (model->source.size == 0 || max == 0)
        return 0;
    if (max > model->height)
        max = model->height;
    unsigned count = 0;
    struct record_row line, row = row_of(model, model->top, &line);
    do
        rows[count++] = row;
    while (count < max && row_step(model, &row, &line));
    return count;
}

/* ---- Cells in a row ---- */

static uint64_t cell_of(const struct recordmodel *model, const struct record_row *row, uint64_t off)
{
    struct walk walk;
    walk_init(&walk, model, row->start, row->end);
    struct safetext_unit unit;
    while (walk_peek(&walk, &unit) && walk.off + unit.src_len <= off)
        walk_over(&walk, &unit);
    return walk.cell;
}

/* The byte whose unit covers a cell, or the row's last. */
static uint64_t byte_at_cell(const struct recordmodel *model, const struct record_row *row,
                             uint64_t cell)
{
    struct walk walk;
    walk_init(&walk, model, row->start, row->end);
    struct safetext_unit unit;
    uint64_t at = row->start;
    while (walk_peek(&walk, &unit) && walk.cell <= cell) {
        if (unit.cells > 0)
            at = walk.off;
        walk_over(&walk, &unit);
    }
    return at;
}

void recordmodel_units(const struct recordmodel *model, const struct record_row *row,
                       record_emit_fn *emit, void *ctx)
{
    struct walk walk;
    walk_init(&walk, model, row->start, row->end);
    uint64_t left = model->wrap ? 0 : model->left;
    struct safetext_unit unit;
    for (; walk_peek(&walk, &unit) && walk.cell < left + model->width; walk_over(&walk, &unit)) {
        if (walk.cell + unit.cells <= left)
            continue;
        if (walk.cell < left) { /* cut by the left edge: what is left of it is blank */
            struct safetext_unit rest = unit;
            rest.cells = rest.text_len = (uint8_t)(walk.cell + unit.cells - left);
            memset(rest.text, ' ', rest.text_len);
            rest.text[rest.text_len] = '\0';
            emit(ctx, &rest, 0, walk.off);
            continue;
        }
        emit(ctx, &unit, (unsigned)(walk.cell - left), walk.off);
    }
}

/* ---- The window ---- */

static bool is_shown(const struct recordmodel *model, uint64_t start, unsigned rows)
{
    struct record_row line, row = row_of(model, model->top, &line);
    for (unsigned i = 0; i < rows && row.start <= start; i++) {
        if (row.start == start)
            return true;
        if (!row_step(model, &row, &line))
            break;
    }
    return false;
}

static void raise_top(struct recordmodel *model, unsigned rows)
{
    while (rows-- > 0 && model->top > 0)
        model->top = row_start_of(model, model->top - 1);
}

/* Leaves no rows empty at the bottom while there are bytes above. */
static void fill_window(struct recordmodel *model)
{
    struct record_row line, row = row_of(model, model->top, &line);
    unsigned rows = 1;
    while (rows < model->height && row_step(model, &row, &line))
        rows++;
    raise_top(model, model->height - rows);
}

/* Text that is not wrapped is seen from `left` on. */
static bool slides(const struct recordmodel *model)
{
    return model->view == RECORD_TEXT && !model->wrap;
}

static void show_cursor_sideways(struct recordmodel *model)
{
    if (!slides(model) || model->source.size == 0)
        return;
    struct record_row line, row = row_of(model, model->cursor, &line);
    uint64_t cell = cell_of(model, &row, model->cursor);
    if (cell < model->left || cell - model->left >= model->width)
        model->left = cell < model->width ? 0 : cell - model->width / 2;
}

/* Brings the cursor's row into the window: at the edge when it is near, else in the middle. */
static void show_cursor(struct recordmodel *model)
{
    if (model->source.size == 0) {
        model->top = model->cursor = model->left = 0;
        return;
    }
    uint64_t last = model->source.size - 1;
    model->cursor = model->cursor < last ? model->cursor : last;
    model->top = row_start_of(model, model->top < last ? model->top : last);
    uint64_t start = row_start_of(model, model->cursor);
    if (start < model->top) {
        model->top = start;
    } else if (!is_shown(model, start, model->height)) {
        bool near = is_shown(model, start, 2 * model->height);
        model->top = start;
        raise_top(model, near ? model->height - 1 : model->height / 2);
    }
    fill_window(model);
}

void recordmodel_init(struct recordmodel *model, enum safetext_mode mode)
{
    *model = (struct recordmodel){.mode = mode, .wrap = true, .width = 1, .height = 1};
}

void recordmodel_set_source(struct recordmodel *model, const struct byte_source *source)
{
    model->source = *source;
    show_cursor(model);
}

void recordmodel_set_window(struct recordmodel *model, unsigned width, unsigned height)
{
    if (width == model->width && height == model->height)
        return;
    model->width = width > 0 ? width : 1;
    model->height = height > 0 ? height : 1;
    show_cursor(model);
}

void recordmodel_set_view(struct recordmodel *model, enum record_view view)
{
    model->view = view;
    recordmodel_seek(model, model->cursor);
}

void recordmodel_set_wrap(struct recordmodel *model, bool wrap)
{
    model->wrap = wrap;
    model->left = 0;
    recordmodel_seek(model, model->cursor);
}

void recordmodel_seek(struct recordmodel *model, uint64_t off)
{
    model->cursor = off;
    show_cursor(model);
    show_cursor_sideways(model);
}

/* ---- Moving ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t hex_down(const struct recordmodel *model, uint64_t *rows)
{
    unsigned bytes = recordmodel_hex_bytes(model);
    uint64_t last = model->source.size - 1;
    *rows = least(*rows, last / bytes - model->cursor / bytes);
    return least(model->cursor + *rows * bytes, last);
}

/* Where the cursor comes to by going down; *rows becomes how far there was to go. */
static uint64_t down_from(const struct recordmodel *model, uint64_t *rows)
{
    if (model->view == RECORD_HEX)
        return hex_down(model, rows);
    struct record_row line, row = row_of(model, model->cursor, &line);
    uint64_t cell = cell_of(model, &row, model->cursor);
    uint64_t want = least(*rows, STEPS_MAX);
    for (*rows = 0; *rows < want && row_step(model, &row, &line);)
        ++*rows;
    return *rows > 0 ? byte_at_cell(model, &row, cell) : model->cursor;
}

static uint64_t up_from(const struct recordmodel *model, uint64_t *rows)
{
    if (model->view == RECORD_HEX) {
        unsigned bytes = recordmodel_hex_bytes(model);
        *rows = least(*rows, model->cursor / bytes);
        return model->cursor - *rows * bytes;
    }
    struct record_row line, row = row_of(model, model->cursor, &line);
    uint64_t cell = cell_of(model, &row, model->cursor);
    uint64_t want = least(*rows, STEPS_MAX);
    for (*rows = 0; *rows < want && row.start > 0; ++*rows)
        row = row_of(model, row.start - 1, &line);
    return *rows > 0 ? byte_at_cell(model, &row, cell) : model->cursor;
}

/* The top goes the way the cursor went, before show_cursor sets it right at either end. */
static void shift_top(struct recordmodel *model, uint64_t rows, bool down)
{
    struct recordmodel probe = *model;
    probe.cursor = model->top;
    model->top = down ? down_from(&probe, &rows) : up_from(&probe, &rows);
}

static bool move_rows(struct recordmodel *model, uint64_t rows, bool down, bool with_window)
{
    if (model->source.size == 0)
        return false;
    uint64_t cursor = down ? down_from(model, &rows) : up_from(model, &rows);
    if (rows == 0)
        return false;
    if (with_window)
        shift_top(model, rows, down);
    model->cursor = cursor;
    show_cursor(model);
    return true;
}

bool recordmodel_move_down(struct recordmodel *model, uint64_t rows)
{
    return move_rows(model, rows, true, false);
}

bool recordmodel_move_up(struct recordmodel *model, uint64_t rows)
{
    return move_rows(model, rows, false, false);
}

bool recordmodel_scroll_down(struct recordmodel *model, uint64_t rows)
{
    return move_rows(model, rows, true, true);
}

bool recordmodel_scroll_up(struct recordmodel *model, uint64_t rows)
{
    return move_rows(model, rows, false, true);
}

static uint64_t widest_row(const struct recordmodel *model)
{
    uint64_t widest = 0;
    struct record_row line, row = row_of(model, model->top, &line);
    for (unsigned i = 0; i < model->height; i++) {
        uint64_t cells = cell_of(model, &row, row.end);
        widest = cells > widest ? cells : widest;
        if (!row_step(model, &row, &line))
            break;
    }
    return widest;
}

/* The window is at `left`: the cursor comes along where it would be out of sight. */
static bool slide_to(struct recordmodel *model, uint64_t left)
{
    if (left == model->left)
        return false;
    model->left = left;
    struct record_row line, row = row_of(model, model->cursor, &line);
    uint64_t cell = cell_of(model, &row, model->cursor);
    if (cell < left)
        model->cursor = byte_at_cell(model, &row, left);
    else if (cell - left >= model->width)
        model->cursor = byte_at_cell(model, &row, left + model->width - 1);
    return true;
}

static bool slide_right(struct recordmodel *model, uint64_t count)
{
    uint64_t widest = widest_row(model);
    if (widest <= model->left + model->width)
        return false;
    uint64_t most = widest - model->width;
    return slide_to(model, least(model->left + least(count, STEPS_MAX) * SIDE_STEP, most));
}

/* The character after, and before, the one under the cursor. */
static uint64_t unit_after(const struct recordmodel *model, uint64_t off)
{
    struct walk walk;
    walk_init(&walk, model, off, model->source.size);
    struct safetext_unit unit;
    do {
        if (!walk_peek(&walk, &unit))
            break;
        walk_over(&walk, &unit);
    } while (walk_peek(&walk, &unit) && unit.cells == 0);
    return walk.off;
}

static uint64_t unit_before(const struct recordmodel *model, uint64_t off)
{
    struct record_row line, row = row_of(model, off - 1, &line);
    if (off - 1 >= row.end) /* the newline */
        return off - 1;
    struct walk walk;
    walk_init(&walk, model, row.start, off);
    struct safetext_unit unit;
    uint64_t at = row.start;
    for (; walk_peek(&walk, &unit); walk_over(&walk, &unit))
        if (unit.cells > 0)
            at = walk.off;
    return at;
}

static uint64_t right_from(const struct recordmodel *model, uint64_t count)
{
    uint64_t last = model->source.size - 1;
    if (model->view == RECORD_HEX)
        return model->cursor + least(count, last - model->cursor);
    uint64_t cursor = model->cursor;
    for (uint64_t i = 0; i < least(count, STEPS_MAX); i++) {
        uint64_t next = unit_after(model, cursor);
        if (next > last)
            break;
        cursor = next;
    }
    return cursor;
}

static uint64_t left_from(const struct recordmodel *model, uint64_t count)
{
    if (model->view == RECORD_HEX)
        return model->cursor - least(count, model->cursor);
    uint64_t cursor = model->cursor;
    for (uint64_t i = 0; i < least(count, STEPS_MAX) && cursor > 0; i++)
        cursor = unit_before(model, cursor);
    return cursor;
}

static bool move_to(struct recordmodel *model, uint64_t cursor)
{
    if (cursor == model->cursor)
        return false;
    recordmodel_seek(model, cursor);
    return true;
}

bool recordmodel_move_right(struct recordmodel *model, uint64_t count)
{
    if (model->source.size == 0)
        return false;
    return slides(model) ? slide_right(model, count) : move_to(model, right_from(model, count));
}

bool recordmodel_move_left(struct recordmodel *model, uint64_t count)
{
    if (model->source.size == 0)
        return false;
    if (slides(model))
        return slide_to(model,
                        model->left - least(model->left, least(count, STEPS_MAX) * SIDE_STEP));
    return move_to(model, left_from(model, count));
}
