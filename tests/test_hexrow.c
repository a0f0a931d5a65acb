/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hex dump rows: their text, and that the columns told to the record view are where things are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/hexrow.h"

static void hexrow_shows_offset_bytes_and_characters(void **state)
{
    (void)state;
    char row[HEXROW_SIZE];
    size_t len = hexrow_format(row, 0, (const uint8_t *)"{\"ts\":\"2026-03-02T", 16, 16);
    assert_string_equal(
        row, "00000000  7b 22 74 73 22 3a 22 32  30 32 36 2d 30 33 2d 30  |{\"ts\":\"2026-03-0|");
    assert_int_equal(len, strlen(row));
    assert_int_equal(len, hexrow_width(16));
}

static void hexrow_keeps_the_columns_of_a_short_row(void **state)
{
    (void)state;
    char row[HEXROW_SIZE];
    hexrow_format(row, 0xfffffff0, (const uint8_t *)"\x00\x7f\xff", 3, 8);
    assert_string_equal(row, "fffffff0  00 7f ff                 |...|");
}

static void hexrow_shows_no_control_or_high_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char row[HEXROW_SIZE];
        uint8_t data = (uint8_t)byte;
        size_t len = hexrow_format(row, byte, &data, 1, HEXROW_BYTES);
        for (size_t i = 0; i < len; i++)
            assert_in_range((unsigned char)row[i], 0x20, 0x7e);
    }
}

static void hexrow_columns_agree_with_the_text(void **state)
{
    (void)state;
    static const unsigned widths[] = {4, 8, 16, 24, 32};
    uint8_t data[HEXROW_BYTES_MAX];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)('A' + i);
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        char row[HEXROW_SIZE];
        assert_int_equal(hexrow_format(row, 0, data, widths[w], widths[w]),
                         hexrow_width(widths[w]));
        for (unsigned i = 0; i < widths[w]; i++) {
            assert_int_equal(row[hexrow_char_column(widths[w], i)], data[i]);
            assert_int_equal(row[hexrow_hex_column(i)], "0123456789abcdef"[data[i] >> 4]);
        }
    }
}

static void hexrow_takes_as_many_bytes_as_fit(void **state)
{
    (void)state;
    assert_int_equal(hexrow_bytes_for(200), 32);
    assert_int_equal(hexrow_bytes_for(80), 16);
    assert_int_equal(hexrow_bytes_for(hexrow_width(16)), 16);
    assert_int_equal(hexrow_bytes_for(hexrow_width(16) - 1), 8);
    assert_int_equal(hexrow_bytes_for(40), 4);
    assert_int_equal(hexrow_bytes_for(2), 4);
    assert_true(hexrow_width(HEXROW_BYTES_MAX) < HEXROW_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hexrow_shows_offset_bytes_and_characters),
        cmocka_unit_test(hexrow_keeps_the_columns_of_a_short_row),
        cmocka_unit_test(hexrow_shows_no_control_or_high_byte),
        cmocka_unit_test(hexrow_columns_agree_with_the_text),
        cmocka_unit_test(hexrow_takes_as_many_bytes_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
