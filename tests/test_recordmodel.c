/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The window on a record: lines found from anywhere agree with lines read from the beginning, the
 * cursor's byte stays when the view changes, only what is near is read, and no sequence of moves
 * leaves the cursor out of the window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "app/bytecache.h"
#include "app/recordmodel.h"

struct bytes {
    uint8_t *data;
    uint64_t read; /* how many bytes were asked for */
};

static size_t read_bytes(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct bytes *bytes = ctx;
    memcpy(buf, bytes->data + off, len);
    bytes->read += len;
    return len;
}

/* A text without end, of 64 cells a line, that is nowhere in memory. */
static size_t read_endless(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct bytes *bytes = ctx;
    for (size_t i = 0; i < len; i++)
        ((char *)buf)[i] = (off + i) % 64 == 63 ? '\n' : (char)('a' + (off + i) % 26);
    bytes->read += len;
    return len;
}

static size_t read_unbroken(void *ctx, uint64_t off, void *buf, size_t len)
{
    (void)off;
    ((struct bytes *)ctx)->read += len;
    memset(buf, 'x', len);
    return len;
}

static size_t read_nothing(void *ctx, uint64_t off, void *buf, size_t len)
{
    (void)ctx, (void)off, (void)buf, (void)len;
    return 0;
}

static struct recordmodel model_of(struct bytes *bytes, const char *text, unsigned width,
                                   unsigned height)
{
    *bytes = (struct bytes){.data = (uint8_t *)(uintptr_t)text};
    struct recordmodel model;
    recordmodel_init(&model, SAFETEXT_UTF8);
    recordmodel_set_window(&model, width, height);
    recordmodel_set_source(&model, &(struct byte_source){strlen(text), read_bytes, bytes});
    return model;
}

struct drawn {
    char text[256];
    size_t len;
};

static void draw_unit(void *ctx, const struct safetext_unit *unit, unsigned cell, uint64_t off)
{
    struct drawn *drawn = ctx;
    (void)cell, (void)off;
    memcpy(drawn->text + drawn->len, unit->text, unit->text_len);
    drawn->len += unit->text_len;
}

/* The rows in the window, each ended by a bar. */
static const char *rows_text(const struct recordmodel *model)
{
    static struct drawn drawn;
    struct record_row rows[16];
    drawn.len = 0;
    unsigned count = recordmodel_rows(model, rows, 16);
    for (unsigned i = 0; i < count; i++) {
        recordmodel_units(model, &rows[i], draw_unit, &drawn);
        drawn.text[drawn.len++] = '|';
    }
    drawn.text[drawn.len] = '\0';
    return drawn.text;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Text of a few spans with newlines now often, now seldom, and characters of two bytes. */
static uint8_t *random_text(uint64_t *seed, size_t size)
{
    uint8_t *text = malloc(size);
    assert_non_null(text);
    uint64_t rarity = 1;
    for (size_t i = 0; i < size; i++) {
        if (i % TEXTLINES_SPAN == 0)
            rarity = next_random(seed) % 2 ? 40 : 3 * TEXTLINES_SPAN;
        text[i] = next_random(seed) % rarity == 0 ? '\n' : (uint8_t)(i % 2 ? 0xa9 : 0xc3);
    }
    return text;
}

static void lines_found_from_anywhere_agree(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 20; round++) {
        size_t size = 1 + next_random(&seed) % (6 * TEXTLINES_SPAN);
        struct bytes bytes = {random_text(&seed, size), 0};
        struct byte_source source = {size, read_bytes, &bytes};
        uint64_t start = 0, next = 0;
        for (; start < size; start = next) {
            uint64_t end = textlines_end(&source, start, &next);
            assert_true(next > start && end <= next);
            assert_true(next - start <= 2 * TEXTLINES_SPAN + 8);
            assert_int_equal(textlines_start(&source, start), start);
            assert_int_equal(textlines_start(&source, next - 1), start);
            assert_int_equal(textlines_start(&source, start + (next - start) / 2), start);
        }
        assert_int_equal(start, size);
        free(bytes.data);
    }
}

static void text_wraps_at_the_width(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "abcdefgh\nij\n\nk", 3, 10);
    assert_string_equal(rows_text(&model), "abc|def|gh|ij||k|");
    recordmodel_set_wrap(&model, false);
    assert_string_equal(rows_text(&model), "abc|ij||k|");
    assert_true(recordmodel_move_right(&model, 1));
    assert_string_equal(rows_text(&model), "fgh||||");
    assert_false(recordmodel_move_right(&model, 1));
    assert_true(recordmodel_move_left(&model, 1));
    assert_string_equal(rows_text(&model), "abc|ij||k|");
}

static void text_keeps_wide_characters_and_accents_whole(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "a漢字e\xcc\x81\xffz\tq", 4, 10);
    assert_string_equal(rows_text(&model), "a漢|字e\xcc\x81|<FF>|z|        |q|");
}

static void text_makes_controls_visible(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "\x1b[31m\xe2\x80\xae", 40, 5);
    assert_string_equal(rows_text(&model), "^[[31m<U+202E>|");
}

static void cursor_byte_stays_when_the_view_changes(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "one\ntwo\nthree\nfour\nfive\nsix\n", 40, 2);
    recordmodel_seek(&model, 16);
    assert_string_equal(rows_text(&model), "three|four|");
    recordmodel_set_view(&model, RECORD_HEX);
    assert_int_equal(model.cursor, 16);
    assert_int_equal(model.top, 12);
    recordmodel_move_right(&model, 8);
    assert_int_equal(model.cursor, 24);
    recordmodel_set_view(&model, RECORD_TEXT);
    assert_int_equal(model.cursor, 24);
    assert_string_equal(rows_text(&model), "five|six|");
}

static void hex_moves_by_rows_and_bytes(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "0123456789abcdefghijklmnopqrstuvwxyz", 80, 2);
    recordmodel_set_view(&model, RECORD_HEX);
    recordmodel_seek(&model, 5);
    assert_true(recordmodel_move_down(&model, 1));
    assert_int_equal(model.cursor, 21);
    assert_true(recordmodel_move_down(&model, 9));
    assert_int_equal(model.cursor, 35);
    assert_int_equal(model.top, 16);
    assert_false(recordmodel_move_down(&model, 1));
    assert_true(recordmodel_move_left(&model, 3));
    assert_int_equal(model.cursor, 32);
    assert_true(recordmodel_scroll_up(&model, 2));
    assert_int_equal(model.cursor, 0);
}

static void text_cursor_goes_by_characters(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "e\xcc\x81漢\nz", 40, 2);
    recordmodel_move_right(&model, 1);
    assert_int_equal(model.cursor, 3);
    recordmodel_move_right(&model, 2);
    assert_int_equal(model.cursor, 7);
    assert_false(recordmodel_move_right(&model, 1));
    recordmodel_move_left(&model, 2);
    assert_int_equal(model.cursor, 3);
    recordmodel_move_left(&model, 1);
    assert_int_equal(model.cursor, 0);
}

static void check_cells(void *ctx, const struct safetext_unit *unit, unsigned cell, uint64_t off)
{
    unsigned *next = ctx;
    (void)off;
    assert_int_equal(cell, *next);
    assert_int_equal(strlen(unit->text), unit->text_len);
    *next += unit->cells;
}

static void what_the_left_edge_cuts_is_as_wide_as_what_is_left_of_it(void **state)
{
    (void)state;
    struct bytes bytes;
    struct recordmodel model = model_of(&bytes, "漢\xff\t字z", 40, 1);
    recordmodel_set_wrap(&model, false);
    for (model.left = 0; model.left < 11; model.left++) { /* cells: 2, 4, 2, 2, 1 */
        struct record_row row;
        unsigned next = 0;
        assert_int_equal(recordmodel_rows(&model, &row, 1), 1);
        recordmodel_units(&model, &row, check_cells, &next);
        assert_int_equal(next, 11 - model.left);
    }
}

static void next_record_keeps_offset_and_scroll(void **state)
{
    (void)state;
    struct bytes bytes, other = {(uint8_t *)(uintptr_t) "short", 0};
    struct recordmodel model = model_of(&bytes, "a\nb\nc\nd\ne\nf\n", 20, 2);
    recordmodel_seek(&model, 8);
    uint64_t top = model.top;
    recordmodel_set_source(&model, &(struct byte_source){12, read_bytes, &bytes});
    assert_int_equal(model.top, top);
    assert_int_equal(model.cursor, 8);
    recordmodel_set_source(&model, &(struct byte_source){5, read_bytes, &other});
    assert_int_equal(model.cursor, 4);
    assert_string_equal(rows_text(&model), "short|");
    recordmodel_set_source(&model, &(struct byte_source){0, NULL, NULL});
    assert_string_equal(rows_text(&model), "");
    assert_false(recordmodel_move_down(&model, 1));
    assert_false(recordmodel_move_right(&model, 1));
}

static void a_record_of_4_gb_is_read_only_where_it_is_shown(void **state)
{
    (void)state;
    size_t (*const reads[])(void *, uint64_t, void *, size_t) = {read_endless, read_unbroken};
    for (size_t i = 0; i < 2; i++) {
        struct bytes bytes = {0};
        struct recordmodel model;
        recordmodel_init(&model, SAFETEXT_UTF8);
        recordmodel_set_window(&model, 80, 24);
        recordmodel_set_source(&model, &(struct byte_source){UINT32_MAX, reads[i], &bytes});
        assert_in_range(bytes.read, 1, 1 << 20);
        recordmodel_seek(&model, UINT32_MAX - 1);
        recordmodel_scroll_up(&model, 24);
        recordmodel_seek(&model, UINT32_MAX / 2);
        recordmodel_set_view(&model, RECORD_HEX);
        recordmodel_move_down(&model, 1000000);
        assert_in_range(bytes.read, 1, 64 << 20);
    }
}

/* Counts how often the place that is read lies before the one read last. */
struct tape {
    uint64_t at;
    unsigned rewinds;
};

static size_t read_tape(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct tape *tape = ctx;
    tape->rewinds += off < tape->at;
    tape->at = off + len;
    for (size_t i = 0; i < len; i++)
        ((char *)buf)[i] = (char)((off + i) % 251);
    return len;
}

static void cache_gives_the_bytes_and_seldom_goes_back(void **state)
{
    (void)state;
    struct tape tape = {0};
    struct bytecache cache;
    uint64_t seed = 9;
    bytecache_init(&cache);
    bytecache_set_source(&cache, &(struct byte_source){UINT32_MAX, read_tape, &tape});
    for (uint64_t off = 3000000; off > 2000000; off -= 400) {
        uint8_t buf[700];
        size_t len = next_random(&seed) % sizeof buf;
        assert_int_equal(bytecache_read(&cache, off, buf, len), len);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(buf[i], (off + i) % 251);
    }
    assert_in_range(tape.rewinds, 1, 1000000 / BYTECACHE_PART);
    uint8_t end[100];
    assert_int_equal(bytecache_read(&cache, UINT32_MAX - 30, end, sizeof end), 30);
    assert_int_equal(bytecache_read(&cache, UINT32_MAX, end, sizeof end), 0);
    bytecache_set_source(&cache, &(struct byte_source){100, read_nothing, NULL});
    assert_int_equal(bytecache_read(&cache, 0, end, sizeof end), 0);
    bytecache_release(&cache);
}

static void bytes_that_cannot_be_read_leave_rows_empty(void **state)
{
    (void)state;
    struct recordmodel model;
    recordmodel_init(&model, SAFETEXT_UTF8);
    recordmodel_set_window(&model, 10, 5);
    recordmodel_set_source(&model, &(struct byte_source){100000, read_nothing, NULL});
    recordmodel_move_down(&model, 3);
    recordmodel_move_right(&model, 3);
    recordmodel_seek(&model, 99999);
    assert_true(strlen(rows_text(&model)) <= 5);
}

static void assert_window(const struct recordmodel *model)
{
    struct record_row rows[64];
    unsigned count = recordmodel_rows(model, rows, 64);
    if (model->source.size == 0)
        return;
    assert_true(model->cursor < model->source.size);
    assert_int_equal(rows[0].start, model->top);
    bool seen = false;
    for (unsigned i = 0; i < count; i++) {
        seen = seen || (rows[i].start <= model->cursor && model->cursor < rows[i].next);
        assert_true(rows[i].next > rows[i].start);
        assert_true(i == 0 || rows[i].start == rows[i - 1].next);
    }
    assert_true(seen);
    assert_true(model->top == 0 || count == model->height || count == 64);
}

static void any_step(struct recordmodel *model, uint64_t *seed)
{
    uint64_t amount = next_random(seed) % 40;
    switch (next_random(seed) % 11) {
    case 0:
        recordmodel_move_down(model, amount);
        break;
    case 1:
        recordmodel_move_up(model, amount);
        break;
    case 2:
        recordmodel_scroll_down(model, amount);
        break;
    case 3:
        recordmodel_scroll_up(model, amount);
        break;
    case 4:
        recordmodel_move_right(model, amount);
        break;
    case 5:
        recordmodel_move_left(model, amount);
        break;
    case 6:
        recordmodel_seek(model, next_random(seed) % (model->source.size + 2));
        break;
    case 7:
        recordmodel_set_view(model, amount % 2 ? RECORD_TEXT : RECORD_HEX);
        break;
    case 8:
        recordmodel_set_wrap(model, amount % 2);
        break;
    default:
        recordmodel_set_window(model, (unsigned)amount * 3, (unsigned)amount % 9);
        break;
    }
}

static void cursor_is_in_the_window_after_any_walk(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 30; round++) {
        size_t size = next_random(&seed) % (round % 2 ? 900 : 2 * TEXTLINES_SPAN + 900);
        struct bytes bytes = {random_text(&seed, size + 1), 0};
        struct recordmodel model;
        recordmodel_init(&model, SAFETEXT_UTF8);
        recordmodel_set_source(&model, &(struct byte_source){size, read_bytes, &bytes});
        for (int step = 0; step < 60; step++) {
            any_step(&model, &seed);
            assert_window(&model);
        }
        free(bytes.data);
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_found_from_anywhere_agree),
        cmocka_unit_test(text_wraps_at_the_width),
        cmocka_unit_test(text_keeps_wide_characters_and_accents_whole),
        cmocka_unit_test(text_makes_controls_visible),
        cmocka_unit_test(cursor_byte_stays_when_the_view_changes),
        cmocka_unit_test(hex_moves_by_rows_and_bytes),
        cmocka_unit_test(text_cursor_goes_by_characters),
        cmocka_unit_test(what_the_left_edge_cuts_is_as_wide_as_what_is_left_of_it),
        cmocka_unit_test(next_record_keeps_offset_and_scroll),
        cmocka_unit_test(a_record_of_4_gb_is_read_only_where_it_is_shown),
        cmocka_unit_test(cache_gives_the_bytes_and_seldom_goes_back),
        cmocka_unit_test(bytes_that_cannot_be_read_leave_rows_empty),
        cmocka_unit_test(cursor_is_in_the_window_after_any_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
