/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges and positions: every form, what they mean at the ends, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/range.h"

static const struct range_base of_hundred = {7, 100};
static const struct range_base of_none = {0, 0};

/* Parses, or gives the error. */
static const char *error_of(const char *text, const struct range_base *base)
{
    static char error[RANGE_ERROR];
    struct range_list list = {0};
    bool good = range_parse(&list, text, base, error);

    range_list_release(&list);
    return good ? NULL : error;
}

static void assert_one(const char *text, uint64_t first, uint64_t last)
{
    struct range_list list = {0};
    char error[RANGE_ERROR];

    assert_true(range_parse(&list, text, &of_hundred, error));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].first, first);
    assert_int_equal(list.items[0].last, last);
    range_list_release(&list);
}

static void every_form_of_a_range_is_understood(void **state)
{
    (void)state;
    assert_one("5", 5, 5);
    assert_one("1_0", 10, 10);
    assert_one(".", 7, 7);
    assert_one("$", 100, 100);
    assert_one("+3", 10, 10);
    assert_one("-6", 1, 1);
    assert_one("50%", 50, 50);
    assert_one("3..5", 3, 5);
    assert_one("98..", 98, 100);
    assert_one("..5", 1, 5);
    assert_one("..", 1, 100);
    assert_one("...$", 7, 100);
    assert_one("...", 7, 100);
    assert_one("....", 7, 7);
    assert_one("-2..+2", 5, 9);
}

static void a_list_keeps_its_order(void **state)
{
    (void)state;
    struct range_list list = {0};
    char error[RANGE_ERROR];

    assert_true(range_parse(&list, "9,1,3..4,$", &of_hundred, error));
    assert_int_equal(list.count, 4);
    assert_int_equal(list.items[0].first, 9);
    assert_int_equal(list.items[2].last, 4);
    assert_int_equal(list.items[3].first, 100);
    assert_int_equal(range_list_total(&list), 5);
    range_list_release(&list);
}

static void a_range_gives_what_exists(void **state)
{
    (void)state;
    struct range_list list = {0};
    char error[RANGE_ERROR];

    assert_one("98..1000", 98, 100);
    assert_one("1..99999999999999999999999", 1, 100);
    assert_true(range_parse(&list, "101..200", &of_hundred, error));
    assert_true(range_parse(&list, "200..", &of_hundred, error));
    assert_int_equal(range_list_total(&list), 0);
    assert_true(range_parse(&list, "..", &of_none, error));
    assert_true(range_parse(&list, "1..5", &of_none, error));
    assert_true(range_parse(&list, "$..,0..,50%..,...", &of_none, error));
    assert_int_equal(range_list_total(&list), 0);
    range_list_release(&list);
}

static void a_single_number_must_exist(void **state)
{
    (void)state;
    static const struct range_base of_five = {1, 5};

    assert_string_equal(error_of("9", &of_five), "no record 9 (last is 5)");
    assert_string_equal(error_of("1,9", &of_five), "no record 9 (last is 5)");
    assert_string_equal(error_of("0", &of_five), "records start at 1");
    assert_string_equal(error_of("0..3", &of_five), "records start at 1");
    assert_string_equal(error_of("1", &of_none), "no record 1 (there are none yet)");
    assert_string_equal(error_of("$", &of_none), "there are no records yet");
    assert_string_equal(error_of("99999999999999999999", &of_five),
                        "no record 18446744073709551615 (last is 5)");
}

static void what_is_no_range_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "x",  "5x",  "5.",   "1..x", "1...5",
                                        ",",    "1,", ",1",  "1,,2", "_1",   "1_",
                                        "5..3", "%",  "1 2", "-",    "+",    "1..2..3"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (!error_of(wrong[i], &of_hundred))
            fail_msg("\"%s\" was taken for a range", wrong[i]);
    assert_string_equal(error_of("5..3", &of_hundred), "range 5..3 ends before it begins");
}

static void positions_reach_both_ends_and_no_further(void **state)
{
    (void)state;
    uint64_t recno = 0;
    char error[RANGE_ERROR];

    assert_true(range_parse_position("0%", &of_hundred, &recno, error));
    assert_int_equal(recno, 1);
    assert_true(range_parse_position("100%", &of_hundred, &recno, error));
    assert_int_equal(recno, 100);
    assert_false(range_parse_position("+94", &of_hundred, &recno, error));
    assert_string_equal(error, "no record 101 (last is 100)");
    assert_false(range_parse_position("-7", &of_hundred, &recno, error));
    assert_string_equal(error, "records start at 1");
    assert_false(range_parse_position("1..2", &of_hundred, &recno, error));
    assert_int_equal(recno, 100);
}

static void percent_is_right_in_the_largest_file(void **state)
{
    (void)state;
    const struct range_base base = {1, (uint64_t)1 << 63};
    uint64_t recno = 0;
    char error[RANGE_ERROR];

    assert_true(range_parse_position("50%", &base, &recno, error));
    assert_int_equal(recno, (uint64_t)1 << 62);
    assert_true(range_parse_position("250%", &base, &recno, error));
    assert_int_equal(recno, base.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_range_is_understood),
        cmocka_unit_test(a_list_keeps_its_order),
        cmocka_unit_test(a_range_gives_what_exists),
        cmocka_unit_test(a_single_number_must_exist),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(positions_reach_both_ends_and_no_further),
        cmocka_unit_test(percent_is_right_in_the_largest_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
