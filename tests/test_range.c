/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges and positions: every form, what they mean at the ends, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/range.h"

static const struct range_base of_hundred = {7, 100, NULL};
static const struct range_base of_none = {0, 0, NULL};

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
    static const struct range_base of_five = {1, 5, NULL};

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
    const struct range_base base = {1, (uint64_t)1 << 63, NULL};
    uint64_t recno = 0;
    char error[RANGE_ERROR];

    assert_true(range_parse_position("50%", &base, &recno, error));
    assert_int_equal(recno, (uint64_t)1 << 62);
    assert_true(range_parse_position("250%", &base, &recno, error));
    assert_int_equal(recno, base.last);
}

/* ---- Commas ---- */

static void a_comma_groups_digits_where_one_number_is_wanted(void **state)
{
    static const struct {
        const char *text;
        uint64_t recno; /* 0: refused */
    } cases[] = {
        {"1,234,567", 1234567},
        {"1,234", 1234},
        {"12,345", 12345},
        {"1_234,567", 0},
        {"1,23", 0},
        {"1234,567", 0},
        {"1,2345", 0},
        {"1,,234", 0},
        {"1,234,", 0},
        {",234", 0},
        {"0,123", 0},
        {"+1,000", 1007},
        {"1,234_5", 0},
        {"999,999", 999999},
        {"1_2_3", 123},
        {"1,234,56", 0},
    };
    const struct range_base base = {7, 2000000, NULL};
    char error[RANGE_ERROR];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t recno = 0;
        bool good = range_parse_position(cases[i].text, &base, &recno, error);

        if (good != (cases[i].recno > 0) || recno != cases[i].recno)
            fail_msg("%s", cases[i].text);
    }
}

static void a_comma_that_could_be_either_is_refused_in_a_list(void **state)
{
    static const char *const either[] = {"1,234",     "5,100",    "1..5,100", "..5,100",
                                         "+5,100",    "7,5,100",  "5,100..",  "1,234,567",
                                         "100,200,7", "1,234..9", "$,5,100",  "1..4,100,200..300"};
    static const char *const lists[] = {
        "1,23",  "1000,234", "1_0,100",  "$,100",   "50%,100",       "1,2345",     "5,100_0",
        ".,100", "5..,100",  "0099,100", "1,0_100", "1..4,958..970", "..4,100..,5"};
    const struct range_base base = {7, 5000, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(either) / sizeof(either[0]); i++) {
        const char *error = error_of(either[i], &base);

        if (!error || !strstr(error, "could be one number or a list"))
            fail_msg("%s", either[i]);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (error_of(lists[i], &base))
            fail_msg("%s: %s", lists[i], error_of(lists[i], &base));
    assert_string_equal(error_of("2..1,234", &base),
                        "\"1,234\" could be one number or a list: write 1_234 for the number, "
                        "1 234 for the list");
}

/* ---- Marks ---- */

static void marks_stand_for_records(void **state)
{
    uint64_t marks[RANGE_MARKS] = {30, 40};
    const struct range_base base = {7, 100, marks};
    struct range_list list = {0};
    char error[RANGE_ERROR];
    uint64_t recno;

    (void)state;
    assert_true(range_parse(&list, "'a,'a..'b,..'a,'b..", &base, error));
    assert_int_equal(list.count, 4);
    assert_int_equal(list.items[0].first, 30);
    assert_int_equal(list.items[1].last, 40);
    assert_int_equal(list.items[2].last, 30);
    assert_int_equal(list.items[3].last, 100);
    range_list_release(&list);
    assert_true(range_parse_position("'b", &base, &recno, error));
    assert_int_equal(recno, 40);
}

static void marks_that_are_none_are_refused(void **state)
{
    uint64_t marks[RANGE_MARKS] = {300, 40};
    const struct range_base base = {7, 100, marks}, without = {7, 100, NULL};

    (void)state;
    assert_string_equal(error_of("'c", &base), "mark c is not set");
    assert_string_equal(error_of("1..'c", &base), "mark c is not set");
    assert_string_equal(error_of("'A", &base), "there is no mark A: marks are a to z");
    assert_string_equal(error_of("'", &base), "a mark is ' and a letter, 'a to 'z");
    assert_string_equal(error_of("'a", &without), "mark a is not set");
    assert_string_equal(error_of("'a", &base), "no record 300 (last is 100)");
    assert_string_equal(error_of("'a..'b", &(struct range_base){7, 1000, marks}),
                        "range 'a..'b ends before it begins");
    assert_non_null(error_of("'bb", &base));
    assert_non_null(error_of("'b%", &base));
}

/* ---- Offsets ---- */

static void offsets_are_written_as_positions_are(void **state)
{
    static const struct {
        const char *text;
        uint64_t off;
    } good[] = {
        {"496", 496},
        {"0x1f0", 0x1f0},
        {"0X1F_0", 0x1f0},
        {"1,234", 1234},
        {"1_234", 1234},
        {"+16", 116},
        {"-16", 84},
        {"-1000", 0},
        {"+0x10", 116},
        {"50%", 1000},
        {"100%", 1999},
        {"$", 1999},
        {".", 100},
        {"0", 0},
        {"99999999999999999999", UINT64_MAX},
        {"0xfffffffffffffffff", UINT64_MAX},
        {"+99999999999999999999", UINT64_MAX},
    };
    static const char *const wrong[] = {"",  "x",  "0x", "0xg",  "0x-5", "1,23", "+50%", "+",
                                        "-", "$1", "'a", "1..2", "0x1 ", "5%%",  "_1",   "0x_1"};
    uint64_t off;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!range_parse_offset(good[i].text, 100, 2000, &off) || off != good[i].off)
            fail_msg("%s", good[i].text);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (range_parse_offset(wrong[i], 100, 2000, &off))
            fail_msg("\"%s\" was taken for an offset", wrong[i]);
    assert_true(range_parse_offset("$", 0, 0, &off));
    assert_int_equal(off, 0);
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
        cmocka_unit_test(a_comma_groups_digits_where_one_number_is_wanted),
        cmocka_unit_test(a_comma_that_could_be_either_is_refused_in_a_list),
        cmocka_unit_test(marks_stand_for_records),
        cmocka_unit_test(marks_that_are_none_are_refused),
        cmocka_unit_test(offsets_are_written_as_positions_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
