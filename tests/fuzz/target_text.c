/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sanitise: any bytes on any way to a terminal. What comes out may be shown by an opinion of its
 * own (support/shown.h), is as wide as promised, covers all that went in, and does not depend on
 * the pieces in which it came.
 */
#include "tests/fuzz/fuzz.h"

#include "app/hexrow.h"
#include "app/json.h"
#include "app/looks.h"
#include "app/safestream.h"
#include "app/safetext.h"
#include "app/sink.h"
#include "tests/fuzz/paper.h"
#include "ui/grid.h"

#include <string.h>

#define FLAT 65536

static struct sink_text out, again;
static struct grid grid;

static void start(enum safetext_mode mode)
{
    if (out.text == NULL) {
        sink_text_init(&out, FLAT);
        sink_text_init(&again, FLAT);
    }
    sink_text_clear(&out);
    sink_text_clear(&again);
    out.sink.mode = again.sink.mode = mode;
}

/* ---- Units ---- */

static void check_unit(const struct safetext_unit *unit, enum safetext_mode mode)
{
    FUZZ_CHECK(unit->text_len > 0 && unit->text_len < SAFETEXT_UNIT_TEXT, "%u bytes",
               unit->text_len);
    FUZZ_CHECK(strlen(unit->text) == unit->text_len, "no NUL behind it");
    paper_may_show(unit->text, unit->text_len, false, "a unit");
    if (mode == SAFETEXT_ASCII || unit->escaped)
        FUZZ_CHECK(unit->cells == unit->text_len, "%u cells", unit->cells);
    FUZZ_CHECK(unit->cells <= 2 || unit->escaped, "%u cells", unit->cells);
}

/* Sanitises into `text` (FLAT bytes): its length; *cells is its width. */
static size_t sanitise(const uint8_t *data, size_t size, enum safetext_mode mode, char *text,
                       size_t *cells)
{
    struct safetext st;
    struct safetext_unit unit;
    size_t at = 0, len = 0, n;
    safetext_init(&st, mode);
    *cells = 0;
    while ((n = safetext_next(&st, data + at, size - at, false, &unit)) > 0) {
        FUZZ_CHECK(n <= size - at && n == unit.src_len && n <= 4, "%zu bytes taken", n);
        check_unit(&unit, mode);
        memcpy(text + len, unit.text, unit.text_len);
        len += unit.text_len;
        *cells += unit.cells;
        at += n;
    }
    FUZZ_CHECK(at == size, "%zu of %zu bytes", at, size);
    return len;
}

static void check_units(const uint8_t *data, size_t size, enum safetext_mode mode)
{
    static char once[FLAT], twice[FLAT];
    size_t cells, cells_again;
    size_t len = sanitise(data, size, mode, once, &cells);
    size_t len_again = sanitise((const uint8_t *)once, len, mode, twice, &cells_again);
    FUZZ_CHECK(cells == cells_again && len == len_again && memcmp(once, twice, len) == 0,
               "sanitised again it is another text");
    sink_safe(&out.sink, data, size);
    FUZZ_CHECK(out.len == len && memcmp(out.text, once, len) == 0, "a sink writes another text");
    sink_text_clear(&out);
}

static void check_fit(const uint8_t *data, size_t size, enum safetext_mode mode, size_t max)
{
    char text[80];
    size_t cells, taken = safetext_fit(mode, data, size, max, text, sizeof text, &cells);
    FUZZ_CHECK(taken <= size && cells <= max && strlen(text) < sizeof text, "%zu cells", cells);
    paper_may_show(text, strlen(text), false, "a fitted text");
    size_t byte = safetext_byte_of(mode, data, size, max);
    FUZZ_CHECK(byte <= size && safetext_cell_of(mode, data, size, byte) <= max, "byte %zu", byte);
}

/* ---- Streams ---- */

static void check_stream(const uint8_t *data, size_t size, size_t step)
{
    struct safestream stream;
    safestream_init(&stream, &out.sink);
    safestream_write(&stream, data, size);
    safestream_finish(&stream);
    safestream_init(&stream, &again.sink);
    for (size_t at = 0; at < size; at += step)
        safestream_write(&stream, data + at, step < size - at ? step : size - at);
    safestream_finish(&stream);
    FUZZ_CHECK(out.len == again.len && memcmp(out.text, again.text, out.len) == 0,
               "in pieces of %zu bytes another text", step);
    FUZZ_CHECK(out.len > 0 && out.text[out.len - 1] == '\n', "the last line has no end");
    paper_may_show(out.text, out.len, true, "a stream");
    sink_text_clear(&out);
    sink_text_clear(&again);
}

static bool is_hex(const char *at, const char *end)
{
    for (int i = 0; i < 4; i++, at++)
        if (at >= end || strchr("0123456789abcdef", *at) == NULL)
            return false;
    return true;
}

/* Between its quotes: no quote, and no backslash that is not JSON's. */
static void check_json(const uint8_t *data, size_t size)
{
    json_string(&out.sink, data, size);
    paper_may_show(out.text, out.len, false, "JSON");
    const char *at = out.text, *end = out.text + out.len - 1;
    FUZZ_CHECK(out.len >= 2 && *at == '"' && *end == '"', "no quotes");
    for (at++; at < end; at++) {
        FUZZ_CHECK(*at != '"', "a bare quote");
        if (*at != '\\')
            continue;
        at++;
        FUZZ_CHECK(at < end && strchr("bfnrt\"\\u", *at) != NULL, "an escape");
        FUZZ_CHECK(*at != 'u' || is_hex(at + 1, end), "four digits");
    }
    sink_text_clear(&out);
}

/* ---- Rows and cells ---- */

static void check_hex(const uint8_t *data, size_t size, uint64_t off)
{
    static const unsigned widths[] = {4, 8, 16, 24, 32};
    char row[HEXROW_SIZE];
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        size_t len = size < widths[i] ? size : widths[i];
        size_t text = hexrow_format(row, off, data, len, widths[i]);
        FUZZ_CHECK(strlen(row) == text && text <= hexrow_width(widths[i]), "%zu columns", text);
        paper_may_show(row, text, false, "a row of hex");
    }
}

static void check_looks(const uint8_t *data, size_t size)
{
    struct looks looks;
    char text[LOOKS_TEXT_SIZE];
    looks_init(&looks);
    looks_add(&looks, data, size, size);
    looks_add(&looks, data, size / 2, size);
    FUZZ_CHECK(looks_kind_of(data, size, size) < LOOKS_KINDS, "no kind");
    looks_describe(&looks, text);
    paper_may_show(text, strlen(text), false, "looks");
}

static void check_grid(const uint8_t *data, size_t size, enum safetext_mode mode, unsigned cols)
{
    grid.mode = mode;
    grid_clear(&grid, 2, cols);
    unsigned col = grid_put_bytes(&grid, 0, cols / 4, cols, GRID_PLAIN, data, size);
    FUZZ_CHECK(col <= cols, "column %u", col);
    grid_put_bytes(&grid, 1, 0, cols / 2, GRID_SELECTED, data, size);
    paper_check(&grid);
}

void fuzz_text_run(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    unsigned number = fuzz_byte(&input);
    if (input.size > 1024)
        input.size = 1024;
    enum safetext_mode mode = number & 128 ? SAFETEXT_ASCII : SAFETEXT_UTF8;
    start(mode);
    check_units(input.data, input.size, mode);
    check_fit(input.data, input.size, mode, number % 60);
    check_stream(input.data, input.size, 1 + number % 7);
    check_json(input.data, input.size);
    check_grid(input.data, input.size, mode, 1 + number % 40);
    check_hex(input.data, input.size, (uint64_t)number << (number % 60));
    check_looks(input.data, input.size);
}
