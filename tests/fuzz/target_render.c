/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Render: any bytes, perhaps many times over, through the window of a record as text and as hex,
 * while the cursor and the window move. Rows follow each other without a gap, units stay in the
 * window, the cursor stays in sight, and everything gets on.
 */
#include "tests/fuzz/fuzz.h"

#include "app/recordmodel.h"
#include "tests/fuzz/paper.h"

#include <string.h>

#define ROWS_MAX 12

#define LONGEST 16390u /* more than a span without a newline (textlines.h) */
#define LONG 4000u     /* from here on only few rows are gone through at once */

static uint8_t record[LONGEST];

static size_t read_record(void *ctx, uint64_t off, void *buf, size_t len)
{
    (void)ctx;
    memcpy(buf, record + off, len);
    return len;
}

/* The same bytes over and over, so that a short input makes a long record. */
static void make_record(const uint8_t *bytes, size_t len, size_t size)
{
    size_t done = len < size ? len : size;
    memcpy(record, bytes, done);
    for (; done < size; done += done < size - done ? done : size - done)
        memcpy(record + done, record, done < size - done ? done : size - done);
}

struct units {
    const struct recordmodel *model;
    const struct record_row *row;
    uint64_t next_off;
    unsigned next_cell;
};

static void check_unit(void *ctx, const struct safetext_unit *unit, unsigned cell, uint64_t off)
{
    struct units *units = ctx;
    FUZZ_CHECK(off >= units->next_off && off < units->row->end, "a unit at %llu",
               (unsigned long long)off);
    FUZZ_CHECK(cell >= units->next_cell && cell < units->model->width + (unit->cells == 0),
               "cell %u of %u", cell, units->model->width);
    paper_may_show(unit->text, unit->text_len, false, "a unit");
    units->next_off = off + unit->src_len;
    units->next_cell = cell + unit->cells;
}

static void check_rows(const struct recordmodel *model)
{
    struct record_row rows[ROWS_MAX];
    uint64_t size = model->source.size;
    unsigned count = recordmodel_rows(model, rows, ROWS_MAX);
    FUZZ_CHECK(count <= ROWS_MAX && count <= model->height, "%u rows", count);
    FUZZ_CHECK(model->cursor < size || model->cursor == 0, "the cursor behind the end");
    if (size > 0)
        FUZZ_CHECK(count > 0 && model->cursor >= rows[0].start &&
                       model->cursor < rows[count - 1].next,
                   "the cursor out of sight");
    for (unsigned i = 0; i < count; i++) {
        struct units units = {.model = model, .row = &rows[i], .next_off = rows[i].start};
        FUZZ_CHECK(rows[i].start <= rows[i].end && rows[i].end <= rows[i].next &&
                       rows[i].next <= size,
                   "row %u", i);
        FUZZ_CHECK(rows[i].next > rows[i].start || rows[i].start == size, "row %u has nothing", i);
        FUZZ_CHECK(i == 0 || rows[i].start == rows[i - 1].next, "a gap before row %u", i);
        if (model->view == RECORD_TEXT)
            recordmodel_units(model, &rows[i], check_unit, &units);
    }
}

static void act(struct recordmodel *model, uint8_t op, uint8_t number)
{
    static const uint64_t counts[] = {1, 2, 5, 20, 300, 5000, UINT64_MAX / 2, UINT64_MAX};
    uint64_t count = counts[number & (model->source.size > LONG ? 3 : 7)];
    switch (op % 12) {
    case 0:
        recordmodel_move_down(model, count);
        break;
    case 1:
        recordmodel_move_up(model, count);
        break;
    case 2:
        recordmodel_scroll_down(model, count);
        break;
    case 3:
        recordmodel_scroll_up(model, count);
        break;
    case 4:
        recordmodel_move_right(model, count);
        break;
    case 5:
        recordmodel_move_left(model, count);
        break;
    case 6:
        recordmodel_seek(model, model->source.size / 256 * number + op);
        break;
    case 7:
        recordmodel_seek(model, count);
        break;
    case 8:
        recordmodel_set_view(model, number & 1 ? RECORD_HEX : RECORD_TEXT);
        break;
    case 9:
        recordmodel_set_wrap(model, number & 1);
        break;
    case 10:
        model->by_words = number & 1;
        recordmodel_seek(model, model->cursor);
        break;
    default:
        recordmodel_set_window(model, 1 + number % 100, 1 + op % ROWS_MAX);
    }
}

void fuzz_render_run(const uint8_t *data, size_t size)
{
    static const size_t sizes[] = {0, 1, 3, 50, 100, 1000, 3000, LONGEST};
    struct fuzz_input input = {data, size};
    struct recordmodel model;
    uint8_t flags = fuzz_byte(&input);
    size_t ops_len = 0;
    const uint8_t *ops = fuzz_bytes(&input, fuzz_byte(&input) % 24, &ops_len);
    size_t whole = flags & 16 ? sizes[flags & 7] : input.size;
    struct byte_source source = {input.size > 0 ? whole : 0, read_record, NULL};
    if (whole > LONGEST)
        return;
    if (source.size > 0)
        make_record(input.data, input.size, whole);
    recordmodel_init(&model, flags & 8 ? SAFETEXT_ASCII : SAFETEXT_UTF8);
    recordmodel_set_window(&model, 20, 5);
    recordmodel_set_source(&model, &source);
    check_rows(&model);
    for (size_t i = 0; i + 1 < ops_len; i += 2) {
        act(&model, ops[i], ops[i + 1]);
        check_rows(&model);
    }
}
