/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the Quickstart of the Python package shows, example by example, done
 * with libcapf on a real file.
 */
#include "tests/support/test.h"

#include "tests/support/scratch.h"

#include <stdio.h>
#include <string.h>

static const char *path(void)
{
    return scratch_path("quick.capture");
}

static void check_is(struct capf_bytes record, uint64_t recno)
{
    char text[40];
    snprintf(text, sizeof text, "Hey this is my record %llu", (unsigned long long)recno);
    must_hold(record, text, strlen(text));
}

/* Example 1: a new file, five records, a commit. */
static void test_new_file_with_five_committed_records(void **state)
{
    (void)state;
    const struct capf_creation creation = {.how = CAPF_REPLACE};
    capf_file *file;
    must(capf_create(path(), &creation, NULL, &file, NULL, &test_err));
    for (uint64_t i = 1; i <= 5; i++) {
        char text[40];
        uint64_t recno;
        int len = snprintf(text, sizeof text, "Hey this is my record %llu", (unsigned long long)i);
        must(capf_append(file, text, (size_t)len, &recno, &test_err));
        assert_int_equal(recno, i);
    }
    must(capf_commit(file, &test_err));
    assert_int_equal(capf_file_count(file), 5);
    capf_close(file);
}

/* Example 2: one record by its number. */
static void test_second_record_of_an_existing_file(void **state)
{
    (void)state;
    capf_file *file;
    struct capf_bytes record;
    must(capf_open(path(), CAPF_READ, NULL, &file, &test_err));
    must(capf_get(file, 2, &record, &test_err));
    check_is(record, 2);
    capf_close(file);
}

/* Example 3: a range of records, which ends before its last number. */
static void test_range_of_records(void **state)
{
    (void)state;
    capf_file *file;
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno = 0, seen = 0;
    must(capf_open(path(), CAPF_READ, NULL, &file, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    must(capf_cursor_seek(cursor, 2, &test_err));
    while (recno + 1 < 4 && capf_cursor_next(cursor, &recno, &record, &test_err) == CAPF_OK) {
        check_is(record, recno);
        seen++;
    }
    assert_int_equal(seen, 2);
    assert_int_equal(recno, 3);
    capf_cursor_close(cursor);
    capf_close(file);
}

/* A range that reaches past the end gives what there is. */
static void test_range_past_the_end_gives_what_exists(void **state)
{
    (void)state;
    capf_file *file;
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno = 0, seen = 0;
    must(capf_open(path(), CAPF_READ, NULL, &file, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    must(capf_cursor_seek(cursor, 4, &test_err));
    while (recno + 1 < 100 && capf_cursor_next(cursor, &recno, &record, &test_err) == CAPF_OK)
        seen++;
    assert_int_equal(seen, 2);
    assert_int_equal(test_err.status, CAPF_END);
    capf_cursor_close(cursor);
    capf_close(file);
}

/* Example 4: every record, one after the other. */
static void test_every_record_in_turn(void **state)
{
    (void)state;
    capf_file *file;
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno, seen = 0;
    must(capf_open(path(), CAPF_READ, NULL, &file, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    capf_close(file);
    while (capf_cursor_next(cursor, &recno, &record, NULL) == CAPF_OK) {
        check_is(record, ++seen);
        assert_int_equal(recno, seen);
    }
    assert_int_equal(seen, 5);
    capf_cursor_close(cursor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_file_with_five_committed_records),
        cmocka_unit_test(test_second_record_of_an_existing_file),
        cmocka_unit_test(test_range_of_records),
        cmocka_unit_test(test_range_past_the_end_gives_what_exists),
        cmocka_unit_test(test_every_record_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
