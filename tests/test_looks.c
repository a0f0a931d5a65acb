/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guess of what records look like, and the sample it is made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/looks.h"

static enum looks_kind kind_of(const char *bytes, size_t len)
{
    return looks_kind_of((const uint8_t *)bytes, len, len);
}

#define KIND(literal) kind_of(literal, sizeof(literal) - 1)

static void kinds_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(KIND(""), LOOKS_EMPTY);
    assert_int_equal(KIND("{\"a\": 1}"), LOOKS_JSON);
    assert_int_equal(KIND(" [1, 2]\n"), LOOKS_JSON);
    assert_int_equal(KIND("{}"), LOOKS_JSON);
    assert_int_equal(KIND("{\"a\": 1"), LOOKS_TEXT);
    assert_int_equal(KIND("{a: 1}"), LOOKS_TEXT);
    assert_int_equal(KIND("[warn] low"), LOOKS_TEXT);
    assert_int_equal(KIND("Grüße\t漢字\r\n"), LOOKS_TEXT);
    assert_int_equal(KIND("\033[31mred"), LOOKS_TEXT);
    assert_int_equal(KIND("caf\xe9"), LOOKS_BINARY);
    assert_int_equal(KIND("a\0b"), LOOKS_BINARY);
}

static void the_beginning_of_a_long_record_is_enough(void **state)
{
    (void)state;
    assert_int_equal(looks_kind_of((const uint8_t *)"{\"a\": \"lo", 9, 5000), LOOKS_JSON);
    assert_int_equal(looks_kind_of((const uint8_t *)"Gr\xc3", 3, 5000), LOOKS_TEXT);
    assert_int_equal(looks_kind_of((const uint8_t *)"Gr\xc3", 3, 3), LOOKS_BINARY);
}

static void a_sample_is_spread_from_the_first_to_the_last(void **state)
{
    (void)state;
    const uint64_t counts[] = {1, 2, 299, 300, 301, 12345, 1234567890123, (uint64_t)1 << 50};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint64_t count = counts[i], sample = count < 300 ? count : 300, before = 0;

        for (uint64_t index = 0; index < sample; index++) {
            uint64_t recno = looks_pick(count, sample, index);

            assert_true(recno > before);
            before = recno;
        }
        assert_int_equal(looks_pick(count, sample, 0), 1);
        assert_int_equal(before, count);
    }
}

static void add(struct looks *looks, const char *text)
{
    looks_add(looks, (const uint8_t *)text, strlen(text), strlen(text));
}

static void the_guess_is_said_in_words(void **state)
{
    (void)state;
    struct looks looks;
    char text[LOOKS_TEXT_SIZE];

    looks_init(&looks);
    looks_describe(&looks, text);
    assert_string_equal(text, "");
    add(&looks, "{\"a\":1}");
    add(&looks, "{\"a\":2}");
    looks_describe(&looks, text);
    assert_string_equal(text, "JSON, in single lines; 7 bytes each");
    add(&looks, "a text of\nmany lines");
    add(&looks, "");
    looks_describe(&looks, text);
    assert_string_equal(text, "JSON (2), empty (1), text (1); "
                              "0 to 20 bytes, half of them at most 7");
}

static void the_longest_guess_fits(void **state)
{
    (void)state;
    struct looks looks;
    char text[LOOKS_TEXT_SIZE];

    looks_init(&looks);
    for (int i = 0; i < LOOKS_SAMPLE; i++)
        looks_add(&looks, (const uint8_t *)"{}\xff a", (size_t)(i % 4 * 2),
                  UINT64_MAX - (unsigned)i);
    looks_describe(&looks, text);
    assert_non_null(strstr(text, "18,446,744,073,709,551,615 bytes, half of them at most 18,446"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(the_beginning_of_a_long_record_is_enough),
        cmocka_unit_test(a_sample_is_spread_from_the_first_to_the_last),
        cmocka_unit_test(the_guess_is_said_in_words),
        cmocka_unit_test(the_longest_guess_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
