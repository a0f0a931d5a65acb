/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far damage reaches: what capf_cursor_reach calls unreadable is, all of it, and the records
 * that it leaves out are few enough that nobody has to try each.
 */
#include "tests/support/mem_file.h"

#include <stdlib.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define RECORDS 3000

static bool can_be_read(capf_cursor *cursor, uint64_t recno)
{
    struct capf_bytes record;
    enum capf_status status = capf_cursor_get(cursor, recno, &record, &test_err);
    assert_true(status == CAPF_OK || status == CAPF_DAMAGED || status == CAPF_CUT);
    assert_true(status == CAPF_OK || test_err.offset > 0);
    return status == CAPF_OK;
}

/* Goes through the file by reaches; gives how many there were, and how many records were in them. */
static unsigned count_reaches(struct mem_file_test *test, uint64_t *lost)
{
    capf_file *file = mem_open_read(test);
    capf_cursor *cursor;
    unsigned reaches = 0;
    *lost = 0;
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t recno = 1; recno <= RECORDS; recno++) {
        uint64_t first = 0, last = 0;
        if (can_be_read(cursor, recno))
            continue;
        must(capf_cursor_reach(cursor, recno, &first, &last, &test_err));
        assert_true(first <= recno && recno <= last && last <= RECORDS);
        for (uint64_t i = first; i <= last; i++)
            assert_false(can_be_read(cursor, i));
        reaches++;
        *lost += last - recno + 1;
        recno = last;
    }
    capf_cursor_close(cursor);
    capf_close(file);
    return reaches;
}

static uint64_t count_lost(struct mem_file_test *test)
{
    capf_file *file = mem_open_read(test);
    capf_cursor *cursor;
    uint64_t lost = 0;
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t recno = 1; recno <= RECORDS; recno++)
        lost += !can_be_read(cursor, recno);
    capf_cursor_close(cursor);
    capf_close(file);
    return lost;
}

static struct capf_info make_file(struct mem_file_test *test)
{
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append_numbered(file, RECORDS);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    return info;
}

static void a_bad_block_is_a_handful_of_reaches(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = make_file(test);
    uint64_t start = 512 + 2 * (2 * 512 + 1024), whole = info.file_limit / 512 * 512, most = 0;
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    for (uint64_t at = start + 100; at < whole; at += 97) {
        uint8_t flipped = (uint8_t)(bytes[at] ^ 0x5a);
        uint64_t lost;
        mem_disk_poke(test->disk, MEM_PATH, at, &flipped, 1);
        unsigned reaches = count_reaches(test, &lost);
        assert_int_equal(lost, count_lost(test));
        assert_in_range(reaches, lost > 0, 12); /* a run of records, and the nodes in the block */
        most = lost > most ? lost : most;
        mem_disk_poke(test->disk, MEM_PATH, at, &bytes[at], 1);
    }
    assert_true(most >= 512); /* one of them had a node of height 3 */
    free(bytes);
}

static void a_cut_file_is_a_reach_for_each_lost_block(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = make_file(test);
    uint64_t lost;
    for (unsigned i = 0; i < 5; i++) {
        mem_disk_truncate(test->disk, MEM_PATH, info.file_limit / 512 * 512 - 700 * (i + 1));
        unsigned reaches = count_reaches(test, &lost);
        assert_int_equal(lost, count_lost(test));
        assert_true(reaches > 0 && reaches <= 20 * (i + 1));
    }
}

static void a_number_that_is_no_record_is_refused(void **state)
{
    struct mem_file_test *test = *state;
    make_file(test);
    capf_file *file = mem_open_read(test);
    capf_cursor *cursor;
    uint64_t first = 7, last = 7;
    must(capf_cursor_open(file, &cursor, &test_err));
    must_be(CAPF_NO_RECORD, capf_cursor_reach(cursor, 0, &first, &last, &test_err));
    must_be(CAPF_NO_RECORD, capf_cursor_reach(cursor, RECORDS + 1, &first, &last, &test_err));
    assert_true(first == 7 && last == 7);
    must(capf_cursor_reach(cursor, 9, &first, &last, &test_err)); /* which can be read */
    assert_true(first == 9 && last == 9);
    capf_cursor_close(cursor);
    capf_close(file);
}

/* 170,000 empty records in one block that is bad: from each of them it reaches as far as is looked. */
static void a_reach_has_an_end(void **state)
{
    struct mem_file_test *test = *state;
    uint64_t first = 0, last = 0;
    capf_cursor *cursor;
    capf_file *file = mem_create(test, 4096, 1 << 20, 128);
    for (unsigned i = 0; i < 400000; i++)
        must(capf_append(file, "", 0, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    uint64_t start = 5 * 4096 + 2 * (1u << 20);
    mem_disk_poke(test->disk, MEM_PATH, start + 100, "sixteen bytes...", 16);
    file = mem_open_read(test);
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t recno = 1; recno <= 400000 && last < 400000; recno = last + 1) {
        must(capf_cursor_reach(cursor, recno, &first, &last, &test_err));
        assert_true(first <= recno && recno <= last);
    }
    must(capf_cursor_reach(cursor, 180000, &first, &last, &test_err));
    capf_cursor_close(cursor);
    capf_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bad_block_is_a_handful_of_reaches),
        TEST(a_cut_file_is_a_reach_for_each_lost_block),
        TEST(a_number_that_is_no_record_is_refused),
        TEST(a_reach_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
