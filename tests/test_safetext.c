/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sanitiser: what leaves it is printable whatever came in. Every string of
 * one to three bytes is tried, in both modes, and every code point, each
 * against an opinion of its own (support/shown.h).
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "app/safetext.h"
#include "tests/support/shown.h"

static const char *show(enum safetext_mode mode, const char *bytes, size_t len)
{
    static char text[4096];

    assert_int_equal(safetext_fit(mode, bytes, len, 1000, text, sizeof(text), NULL), len);
    return text;
}

#define SHOW(literal) show(SAFETEXT_UTF8, literal, sizeof(literal) - 1)
#define SHOW_ASCII(literal) show(SAFETEXT_ASCII, literal, sizeof(literal) - 1)

static void controls_are_shown_in_caret_notation(void **state)
{
    (void)state;
    assert_string_equal(SHOW("\033[31mred\007\n\t\r\0\177"), "^[[31mred^G^J^I^M^@^?");
}

static void c1_controls_are_shown_as_their_byte(void **state)
{
    (void)state;
    assert_string_equal(SHOW("\xc2\x9b"
                             "31m"),
                        "<9B>31m");
    assert_string_equal(SHOW("\x9b"
                             "31m"),
                        "<9B>31m");
}

static void bad_utf8_is_shown_a_byte_at_a_time(void **state)
{
    (void)state;
    assert_string_equal(SHOW("caf\xe9!"), "caf<E9>!");
    assert_string_equal(SHOW("\xff\xfe"), "<FF><FE>");
    assert_string_equal(SHOW("\xe2\x82"), "<E2><82>");
    assert_string_equal(SHOW("\xc0\xaf"), "<C0><AF>");
    assert_string_equal(SHOW("\xed\xa0\x80"), "<ED><A0><80>");
    assert_string_equal(SHOW("\xf4\x90\x80\x80"), "<F4><90><80><80>");
}

static void direction_marks_and_unseen_characters_are_shown_by_number(void **state)
{
    (void)state;
    assert_string_equal(SHOW("user \u202Egnp.exe"), "user <U+202E>gnp.exe");
    assert_string_equal(SHOW("a\u200Bb\uFEFFc"), "a<U+200B>b<U+FEFF>c");
    assert_string_equal(SHOW("\uE000\U000E0041\uFFFE"), "<U+E000><U+E0041><U+FFFE>");
    assert_string_equal(SHOW("\u00AD\u2028\U0010FFFF"), "<U+00AD><U+2028><U+10FFFF>");
}

static void text_in_other_scripts_is_shown_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(SHOW("Grüße 漢字 Привет 🙂"),
                        "Grüße 漢字 Привет 🙂");
}

static void ascii_mode_shows_other_characters_by_number(void **state)
{
    (void)state;
    assert_string_equal(SHOW_ASCII("Gr\u00fc\xff\x01"), "Gr<U+00FC><FF>^A");
}

static void accents_need_a_letter_and_are_few(void **state)
{
    (void)state;
    assert_string_equal(SHOW("e\u0301"), "e\u0301");
    assert_string_equal(SHOW("\u0301"), "<U+0301>");
    assert_string_equal(SHOW("\x01\u0301"), "^A<U+0301>");
    assert_string_equal(SHOW("e\u0301\u0301\u0301\u0301\u0301"),
                        "e\u0301\u0301\u0301\u0301<U+0301>");
}

/* ---- Everything ---- */

/* Everything is tried many million times over, so these say yes or no and assert nothing. */

static bool ascii_is_printable(const struct safetext_unit *unit)
{
    for (size_t i = 0; i < unit->text_len; i++)
        if (unit->text[i] < 0x20 || unit->text[i] > 0x7e)
            return false;
    return unit->cells == unit->text_len;
}

/* The unit is whole: printable ASCII, or one character of the width that is told. */
static bool unit_is_safe(const struct safetext_unit *unit, enum safetext_mode mode)
{
    mbstate_t mbs = {0};
    wchar_t wide;

    if (unit->text_len == 0 || unit->text[unit->text_len] != '\0')
        return false;
    if ((uint8_t)unit->text[0] < 0x80)
        return ascii_is_printable(unit);
    return mode == SAFETEXT_UTF8 && !unit->escaped &&
           mbrtowc(&wide, unit->text, unit->text_len, &mbs) == unit->text_len &&
           wcwidth(wide) == unit->cells;
}

/* What the second opinion says of each character, asked once. */
static uint8_t may_show[0x110000];

static void ask_second_opinion(void)
{
    for (uint32_t code_point = 0; code_point < sizeof(may_show); code_point++)
        may_show[code_point] = shown_may(code_point);
}

static bool text_may_be_shown(const char *text, size_t len)
{
    uint32_t code_point;

    for (size_t at = 0, n = 1; at < len; at += n) {
        if (text[at] >= 0x20 && text[at] < 0x7f) {
            n = 1;
            continue;
        }
        n = shown_decode(text + at, len - at, &code_point);
        if (n == 0 || !may_show[code_point])
            return false;
    }
    return true;
}

struct flat {
    char text[64];
    size_t len, cells;
};

/* All bytes are taken, each once, and those of a shown character are its own. */
static bool flatten(const void *bytes, size_t len, enum safetext_mode mode, struct flat *flat)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t taken = 0, n;

    flat->len = flat->cells = 0;
    safetext_init(&st, mode);
    while ((n = safetext_next(&st, src + taken, len - taken, false, &unit)) > 0) {
        if (n != unit.src_len || !unit_is_safe(&unit, mode))
            return false;
        if (!unit.escaped && (n != unit.text_len || memcmp(src + taken, unit.text, n) != 0))
            return false;
        memcpy(flat->text + flat->len, unit.text, unit.text_len);
        flat->len += unit.text_len;
        flat->cells += unit.cells;
        taken += n;
    }
    return taken == len;
}

/* Sanitised, a text may be shown; and it stays as it is when it is sanitised again. */
static bool string_is_safe(const uint8_t *bytes, size_t len, enum safetext_mode mode, bool again)
{
    struct flat once, twice;

    if (!flatten(bytes, len, mode, &once) || !text_may_be_shown(once.text, once.len))
        return false;
    if (!again || (once.len == len && memcmp(once.text, bytes, len) == 0))
        return true;
    return flatten(once.text, once.len, mode, &twice) && twice.len == once.len &&
           twice.cells == once.cells && memcmp(once.text, twice.text, once.len) == 0;
}

static void assert_string_is_safe(const uint8_t *bytes, size_t len, enum safetext_mode mode,
                                  bool again)
{
    if (!string_is_safe(bytes, len, mode, again))
        fail_msg("mode %d, %zu bytes %02x %02x %02x", mode, len, bytes[0], bytes[1], bytes[2]);
}

static void every_string_of_one_to_three_bytes_is_safe(void **state)
{
    (void)state;
    uint32_t stride = 100 / test_scaled(100); /* of those that are sanitised again */

    ask_second_opinion();
    for (int mode = SAFETEXT_UTF8; mode <= SAFETEXT_ASCII; mode++)
        for (uint32_t value = 0; value < 1u << 24; value++) {
            uint8_t bytes[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
            bool again = stride <= 1 || value % stride == 0;

            assert_string_is_safe(bytes, 3, (enum safetext_mode)mode, again);
            if (bytes[2] == 0)
                assert_string_is_safe(bytes, 2, (enum safetext_mode)mode, true);
            if (bytes[1] == 0 && bytes[2] == 0)
                assert_string_is_safe(bytes, 1, (enum safetext_mode)mode, true);
        }
}

/* Characters that no letter bears and that take no cell would be invisible. */
static void every_code_point_is_safe_and_seen(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point < 0x120000; code_point++) {
        struct safetext_unit unit;
        struct safetext st;

        safetext_init(&st, SAFETEXT_UTF8);
        safetext_unit_of(&st, code_point, &unit);
        if (!unit_is_safe(&unit, SAFETEXT_UTF8) || unit.cells == 0)
            fail_msg("U+%04X", code_point);
        if (!unit.escaped && !shown_may(code_point))
            fail_msg("U+%04X is shown", code_point);
        safetext_unit_of(&st, 'e', &unit); /* which would bear it, if it were a mark */
        safetext_unit_of(&st, code_point, &unit);
        if (!unit.escaped && !shown_may(code_point))
            fail_msg("U+%04X is shown behind a letter", code_point);
    }
    struct safetext_unit unit;
    struct safetext st;

    safetext_init(&st, SAFETEXT_UTF8);
    safetext_unit_of(&st, UINT32_MAX, &unit);
    assert_string_equal(unit.text, "<U+FFFFFFFF>");
}

/* ---- Pieces, widths, places ---- */

static void a_character_may_come_in_pieces(void **state)
{
    (void)state;
    static const char face[] = "🙂";
    struct safetext_unit unit;
    struct safetext st;

    safetext_init(&st, SAFETEXT_UTF8);
    for (size_t len = 0; len < 4; len++)
        assert_int_equal(safetext_next(&st, face, len, true, &unit), 0);
    assert_int_equal(safetext_next(&st, face, 4, true, &unit), 4);
    assert_int_equal(safetext_next(&st, face, 3, false, &unit), 1);
    assert_string_equal(unit.text, "<F0>");
    assert_int_equal(safetext_next(&st, "\xf0\x41", 2, true, &unit), 1);
}

static void a_text_is_cut_to_cells_at_a_character(void **state)
{
    (void)state;
    char text[64];
    size_t cells;

    assert_int_equal(safetext_fit(SAFETEXT_UTF8, "漢字", 6, 3, text, sizeof(text), &cells), 3);
    assert_string_equal(text, "漢");
    assert_int_equal(cells, 2);
    assert_int_equal(safetext_fit(SAFETEXT_UTF8, "a\xff", 2, 4, text, sizeof(text), &cells), 1);
    assert_int_equal(cells, 1);
    assert_int_equal(safetext_fit(SAFETEXT_UTF8, "漢字", 6, 80, text, 5, &cells), 3);
    assert_int_equal(safetext_fit(SAFETEXT_UTF8, "abc", 3, 0, text, sizeof(text), &cells), 0);
    assert_string_equal(text, "");
}

static void bytes_and_cells_find_each_other(void **state)
{
    (void)state;
    static const char text[] = "a漢\x01z"; /* cells: a 0, han 1-2, ^A 3-4, z 5 */
    static const size_t byte_of_cell[] = {0, 1, 1, 4, 4, 5, 6};
    static const size_t cell_of_byte[] = {0, 1, 1, 1, 3, 5, 6};

    for (size_t cell = 0; cell < 7; cell++)
        assert_int_equal(safetext_byte_of(SAFETEXT_UTF8, text, 6, cell), byte_of_cell[cell]);
    for (size_t off = 0; off < 7; off++)
        assert_int_equal(safetext_cell_of(SAFETEXT_UTF8, text, 6, off), cell_of_byte[off]);
}

static void a_name_is_made_safe_whole(void **state)
{
    (void)state;
    char *safe = safetext_dup_string("evil\033]0;title\a\xff.capture");

    assert_string_equal(safe, "evil^[]0;title^G<FF>.capture");
    free(safe);
}

static void the_mode_follows_the_locale(void **state)
{
    (void)state;
    assert_int_equal(safetext_mode_of_locale(), SAFETEXT_UTF8);
    setlocale(LC_CTYPE, "C");
    assert_int_equal(safetext_mode_of_locale(), SAFETEXT_ASCII);
    setlocale(LC_CTYPE, "C.UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_are_shown_in_caret_notation),
        cmocka_unit_test(c1_controls_are_shown_as_their_byte),
        cmocka_unit_test(bad_utf8_is_shown_a_byte_at_a_time),
        cmocka_unit_test(direction_marks_and_unseen_characters_are_shown_by_number),
        cmocka_unit_test(text_in_other_scripts_is_shown_as_it_is),
        cmocka_unit_test(ascii_mode_shows_other_characters_by_number),
        cmocka_unit_test(accents_need_a_letter_and_are_few),
        cmocka_unit_test(every_string_of_one_to_three_bytes_is_safe),
        cmocka_unit_test(every_code_point_is_safe_and_seen),
        cmocka_unit_test(a_character_may_come_in_pieces),
        cmocka_unit_test(a_text_is_cut_to_cells_at_a_character),
        cmocka_unit_test(bytes_and_cells_find_each_other),
        cmocka_unit_test(a_name_is_made_safe_whole),
        cmocka_unit_test(the_mode_follows_the_locale),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
