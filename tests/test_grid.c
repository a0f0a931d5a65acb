/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen in memory: widths, edges, and that nothing unsafe gets in whatever is put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ui/grid.h"

static void assert_text(const struct grid *grid, const char *expected)
{
    char *text = grid_text(grid);
    assert_string_equal(text, expected);
    free(text);
}

static void grid_holds_wide_characters_and_accents(void **state)
{
    (void)state;
    struct grid grid;
    grid_init(&grid, SAFETEXT_UTF8);
    grid_clear(&grid, 1, 8);
    assert_int_equal(grid_put(&grid, 0, 0, 8, GRID_PLAIN, "a漢e\xcc\x81z"), 5);
    assert_text(&grid, "a漢e\xcc\x81z\n");
    assert_int_equal(grid_cell(&grid, 0, 1)->width, 2);
    assert_int_equal(grid_cell(&grid, 0, 2)->width, 0);
    assert_string_equal(grid_cell(&grid, 0, 3)->text, "e\xcc\x81");
    grid_release(&grid);
}

static void grid_leaves_out_what_does_not_fit(void **state)
{
    (void)state;
    struct grid grid;
    grid_init(&grid, SAFETEXT_UTF8);
    grid_clear(&grid, 2, 4);
    grid_put(&grid, 0, 0, 99, GRID_PLAIN, "abc漢d");
    grid_put(&grid, 1, 2, 4, GRID_PLAIN, "xyz");
    grid_put(&grid, 2, 0, 4, GRID_PLAIN, "below");
    grid_put(&grid, 0, 9, 4, GRID_PLAIN, "beside");
    grid_fill(&grid, 7, 0, 4, GRID_PLAIN, '#');
    grid_set_style(&grid, 7, 0, 4, GRID_TITLE);
    assert_text(&grid, "abc\n  xy\n");
    grid_release(&grid);
}

static void grid_shows_controls_and_marks_them(void **state)
{
    (void)state;
    struct grid grid;
    grid_init(&grid, SAFETEXT_UTF8);
    grid_clear(&grid, 1, 30);
    grid_put_bytes(&grid, 0, 0, 30, GRID_PLAIN, "x\033[2J\xff\xe2\x80\xae\n\0y", 12);
    assert_text(&grid, "x^[[2J<FF><U+202E>^J^@y\n");
    assert_int_equal(grid_cell(&grid, 0, 0)->style, GRID_PLAIN);
    assert_int_equal(grid_cell(&grid, 0, 1)->style, GRID_ESCAPED);
    grid_release(&grid);
}

static void grid_without_utf8_is_ascii(void **state)
{
    (void)state;
    struct grid grid;
    grid_init(&grid, SAFETEXT_ASCII);
    grid_clear(&grid, 1, 30);
    grid_put(&grid, 0, 0, 30, GRID_PLAIN, "caf\xc3\xa9");
    assert_text(&grid, "caf<U+00E9>\n");
    grid_release(&grid);
}

static void grid_takes_no_unsafe_byte(void **state)
{
    (void)state;
    struct grid grid;
    grid_init(&grid, SAFETEXT_UTF8);
    for (unsigned byte = 0; byte < 65536; byte++) {
        const uint8_t bytes[] = {(uint8_t)(byte >> 8), (uint8_t)byte};
        grid_clear(&grid, 1, 12);
        grid_put_bytes(&grid, 0, 0, 12, GRID_PLAIN, bytes, 2);
        for (unsigned col = 0; col < 12; col++)
            for (const char *at = grid_cell(&grid, 0, col)->text; *at != '\0'; at++)
                assert_false((unsigned char)*at < 0x20 || *at == 0x7f);
    }
    grid_release(&grid);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_holds_wide_characters_and_accents),
        cmocka_unit_test(grid_leaves_out_what_does_not_fit),
        cmocka_unit_test(grid_shows_controls_and_marks_them),
        cmocka_unit_test(grid_without_utf8_is_ascii),
        cmocka_unit_test(grid_takes_no_unsafe_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
