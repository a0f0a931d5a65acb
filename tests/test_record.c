/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records at the edges: empty ones, lengths around a full block, counts around
 * a full index node, cursors and parts at both ends, and appends that fail.
 */
#include "tests/support/mem_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

/* ---- Counts ---- */

static void check_count(struct mem_file_test *test, uint32_t fan_out, uint64_t count,
                        unsigned levels)
{
    capf_file *file = mem_create(test, 0, 0, fan_out);
    mem_append_numbered(file, count);
    mem_check_numbered(file, count);
    must(capf_commit(file, &test_err));
    mem_check_numbered(file, count);
    capf_close(file);
    file = mem_open_read(test);
    mem_check_numbered(file, count);
    struct capf_info info = mem_info(file);
    assert_int_equal(info.levels, levels);
    uint64_t sum = 0, span = 1;
    for (unsigned h = 0; h < info.levels; h++, span *= fan_out)
        sum += info.level_children[h] * span;
    assert_int_equal(sum, count);
    assert_true(info.levels == 0 || info.level_children[info.levels - 1] != 0);
    capf_close(file);
}

static void test_counts_around_full_index_nodes(void **state)
{
    check_count(*state, 32, 0, 0);
    check_count(*state, 32, 1, 1);
    check_count(*state, 32, 31, 1);
    check_count(*state, 32, 32, 2);
    check_count(*state, 32, 33, 2);
    check_count(*state, 32, 1023, 2);
    check_count(*state, 32, 1024, 3);
    check_count(*state, 32, 1025, 3);
    check_count(*state, 2, 1023, 10);
    check_count(*state, 2, 1024, 11);
    check_count(*state, 312, 312, 2);
}

/* ---- Lengths ---- */

/* One record of this length, between two short ones, at a block size of 4096. */
static void check_length(struct mem_file_test *test, size_t len, unsigned noise)
{
    uint8_t *data = test_bytes(len);
    uint64_t recno, size;
    struct capf_bytes record;
    test_fill(data, len, len, noise);
    capf_file *file = mem_create(test, 0, 4096, 0);
    mem_append(file, "before");
    must(capf_append(file, data, len, &recno, &test_err));
    assert_int_equal(recno, 2);
    mem_append(file, "behind");
    for (int round = 0; round < 2; round++) {
        must(capf_size(file, 2, &size, &test_err));
        assert_int_equal(size, len);
        mem_check_text(file, 3, "behind");
        must(capf_get(file, 2, &record, &test_err));
        must_hold(record, data, len);
        mem_check_text(file, 1, "before");
        must(capf_commit(file, &test_err));
        capf_close(file);
        file = mem_open_read(test);
        if (round == 0) {
            capf_close(file);
            file = mem_open_write(test);
        }
    }
    capf_close(file);
    free(data);
}

static void test_lengths_around_a_full_block(void **state)
{
    static const size_t lengths[] = {
        0,    1,    2,    3,    4,    4078, 4079, 4080, 4081, 4082, 4083,  4084,  4087,  4088,
        4089, 4090, 4091, 4092, 4093, 4095, 4096, 4097, 8187, 8192, 12288, 32763, 40000, 1 << 20};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (unsigned noise = 0; noise <= 100; noise += 50)
            check_length(*state, lengths[i], noise);
}

/* The open block holds `before` bytes of records; the next one fills it to exactly B + by. */
static void check_fill(struct mem_file_test *test, uint32_t before, int by, bool closes)
{
    const uint32_t block = 4096;
    capf_file *file = mem_create(test, 0, block, 0);
    uint8_t *data = test_bytes(block);
    uint64_t recno, limit = mem_info(file).file_limit;
    test_fill(data, block, 3, 40);
    if (before != 0)
        must(capf_append(file, data, before - 4, &recno, &test_err));
    assert_int_equal(mem_info(file).open_block, before);
    size_t len = (size_t)((int)(block - before) + by) - 4;
    must(capf_append(file, data, len, &recno, &test_err));
    struct capf_info info = mem_info(file);
    assert_int_equal(info.open_block, closes ? 0 : before + 4 + len);
    assert_int_equal(info.file_limit > limit, closes);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_write(test);
    struct capf_bytes record;
    must(capf_get(file, recno, &record, &test_err));
    must_hold(record, data, len);
    mem_append(file, "more");
    mem_check_text(file, recno + 1, "more");
    capf_close(file);
    free(data);
}

static void test_block_closes_exactly_when_full(void **state)
{
    static const uint32_t before[] = {0, 4, 100, 4000};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        check_fill(*state, before[i], -1, false);
        check_fill(*state, before[i], 0, true);
        check_fill(*state, before[i], 1, true);
    }
}

/* An index node that fills the block to the byte, and one that starts the next block. */
static void test_index_node_at_a_block_edge(void **state)
{
    struct mem_file_test *test = *state;
    for (size_t last = 0; last < 80; last++) {
        capf_file *file = mem_create(test, 128, 128, 4);
        uint8_t data[128] = {0};
        uint64_t recno;
        for (unsigned i = 0; i < 3; i++)
            must(capf_append(file, data, 16, &recno, &test_err));
        must(capf_append(file, data, last, &recno, &test_err));
        mem_append(file, "behind");
        must(capf_commit(file, &test_err));
        capf_close(file);
        file = mem_open_write(test);
        struct capf_bytes record;
        must(capf_get(file, 4, &record, &test_err));
        must_hold(record, data, last);
        mem_check_text(file, 5, "behind");
        capf_close(file);
    }
}

static void test_many_empty_records(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 4096, 0);
    uint64_t recno;
    for (unsigned i = 0; i < 3000; i++)
        must(capf_append(file, i % 2 == 0 ? NULL : "", 0, &recno, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    assert_int_equal(capf_file_count(file), 3000);
    for (uint64_t i = 1; i <= 3000; i += 7)
        mem_check_text(file, i, "");
    capf_close(file);
}

static void test_the_file_grows_by_pages(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint8_t *data = test_bytes(1 << 20);
    uint64_t recno;
    test_fill(data, 1 << 20, 9, 100);
    for (unsigned i = 0; i < 12; i++)
        must(capf_append(file, data, 1 << 20, &recno, &test_err));
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    assert_int_equal(info.file_size % 4096, 0);
    assert_true(info.file_size + 4096 >= info.file_limit);
    assert_true(info.file_limit > 12 << 20);
    capf_close(file);
    free(data);
}

/* ---- Cursors and parts ---- */

static void check_next(capf_cursor *cursor, uint64_t expected)
{
    struct capf_bytes record;
    uint64_t recno = 0;
    char text[40];
    must(capf_cursor_next(cursor, &recno, &record, &test_err));
    assert_int_equal(recno, expected);
    int len = snprintf(text, sizeof text, "record %llu", (unsigned long long)expected);
    must_hold(record, text, (size_t)len);
}

static void test_cursor_stands_between_records(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 512, 512, 4);
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno = 0;
    mem_append_numbered(file, 100);
    must(capf_cursor_open(file, &cursor, &test_err));
    must_be(CAPF_END, capf_cursor_prev(cursor, &recno, &record, &test_err));
    check_next(cursor, 1);
    check_next(cursor, 2);
    must(capf_cursor_prev(cursor, &recno, &record, &test_err));
    assert_int_equal(recno, 2);
    check_next(cursor, 2);
    must(capf_cursor_seek(cursor, 101, &test_err));
    must_be(CAPF_END, capf_cursor_next(cursor, &recno, &record, &test_err));
    must(capf_cursor_prev(cursor, NULL, &record, &test_err));
    must_hold_text(record, "record 100");
    must(capf_cursor_seek(cursor, 50, &test_err));
    check_next(cursor, 50);
    must_be(CAPF_NO_RECORD, capf_cursor_seek(cursor, 0, &test_err));
    must_be(CAPF_NO_RECORD, capf_cursor_seek(cursor, 102, &test_err));
    check_next(cursor, 51);
    must(capf_cursor_get(cursor, 7, &record, &test_err));
    must_hold_text(record, "record 7");
    check_next(cursor, 52);
    capf_cursor_close(cursor);
    capf_cursor_close(NULL);
    capf_close(file);
}

static void test_cursor_sees_only_its_own_state(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 256, 256, 4);
    capf_cursor *old, *fresh;
    struct capf_bytes bytes;
    mem_append_numbered(file, 10);
    must(capf_set_meta(file, "ten", 3, &test_err));
    must(capf_cursor_open(file, &old, &test_err));
    mem_append_numbered(file, 200);
    must(capf_set_meta(file, "many", 4, &test_err));
    must(capf_commit(file, &test_err));
    assert_int_equal(capf_cursor_count(old), 10);
    must(capf_cursor_meta(old, &bytes, &test_err));
    must_hold_text(bytes, "ten");
    must_be(CAPF_NO_RECORD, capf_cursor_get(old, 11, &bytes, &test_err));
    must(capf_cursor_open(file, &fresh, &test_err));
    assert_int_equal(capf_cursor_count(fresh), 210);
    capf_close(file);
    for (uint64_t i = 1; i <= 10; i++)
        check_next(old, i);
    must_be(CAPF_END, capf_cursor_next(old, NULL, &bytes, &test_err));
    for (uint64_t i = 1; i <= 210; i++)
        check_next(fresh, i);
    capf_cursor_close(old);
    capf_cursor_close(fresh);
}

static void test_parts_at_the_ends(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    char part[16] = "";
    size_t got = 77;
    mem_append(file, "0123456789");
    mem_append(file, "");
    must(capf_read(file, 1, 0, part, 10, &got, &test_err));
    assert_int_equal(got, 10);
    must(capf_read(file, 1, 7, part, 10, &got, &test_err));
    assert_int_equal(got, 3);
    assert_memory_equal(part, "789", 3);
    must(capf_read(file, 1, 10, part, 10, &got, &test_err));
    assert_int_equal(got, 0);
    must(capf_read(file, 1, 3, part, 0, &got, &test_err));
    assert_int_equal(got, 0);
    must(capf_read(file, 2, 0, part, 10, &got, &test_err));
    assert_int_equal(got, 0);
    must(capf_read(file, 1, UINT64_MAX, part, 10, &got, &test_err));
    assert_int_equal(got, 0);
    must_be(CAPF_NO_RECORD, capf_read(file, 3, 0, part, 10, &got, &test_err));
    assert_int_equal(test_err.record, 3);
    capf_close(file);
}

/* ---- Failures ---- */

/* Appends whole megabytes until the disk is full; a smaller append, a commit and more space after
 * that find everything as it was. */
static void test_full_disk_leaves_the_state(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    size_t len = 300000;
    uint8_t *data = test_bytes(len);
    uint64_t recno = 0, kept = 0;
    enum capf_status status;
    test_fill(data, len, 1, 100);
    mem_append(file, "first");
    must(capf_commit(file, &test_err));
    mem_disk_limits(test->disk)->space = 2000000;
    while ((status = capf_append(file, data, len, &recno, &test_err)) == CAPF_OK)
        kept = recno;
    must_be(CAPF_NO_SPACE, status);
    assert_int_equal(capf_file_count(file), kept);
    must_be(CAPF_NO_SPACE, capf_append(file, data, len, &recno, &test_err));
    must_be(CAPF_NO_SPACE, capf_set_meta(file, data, len, &test_err));
    must(capf_commit(file, &test_err));
    assert_int_equal(mem_append(file, "small"), kept + 1);
    mem_disk_limits(test->disk)->space = 0;
    must(capf_append(file, data, len, &recno, &test_err));
    assert_int_equal(recno, kept + 2);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    for (uint64_t i = 2; i <= kept + 2; i++) {
        struct capf_bytes record;
        must(capf_get(file, i, &record, &test_err));
        if (i != kept + 1)
            must_hold(record, data, len);
    }
    mem_check_text(file, kept + 1, "small");
    capf_close(file);
    free(data);
}

static void test_missing_arguments_are_refused(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint64_t recno;
    must_be(CAPF_ARGUMENT, capf_append(file, NULL, 5, &recno, &test_err));
    must_be(CAPF_ARGUMENT, capf_set_meta(file, NULL, 5, &test_err));
    assert_int_equal(capf_file_count(file), 0);
    capf_close(file);
}

#if SIZE_MAX > UINT32_MAX
/* Refused by its length alone: the bytes are not there. */
static void test_record_of_more_than_4_gb_is_refused(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint64_t recno = 99;
    mem_append(file, "first");
    must_be(CAPF_TOO_LARGE, capf_append(file, "x", (size_t)UINT32_MAX + 1, &recno, &test_err));
    must_be(CAPF_TOO_LARGE, capf_set_meta(file, "x", (size_t)UINT32_MAX + 1, &test_err));
    must_be(CAPF_TOO_LARGE, capf_append_begin(file, (uint64_t)UINT32_MAX + 1, &test_err));
    must_be(CAPF_TOO_LARGE, capf_append_begin(file, UINT64_MAX - 1, &test_err));
    assert_int_equal(recno, 99);
    assert_int_equal(mem_append(file, "second"), 2);
    mem_check_text(file, 1, "first");
    mem_check_text(file, 2, "second");
    capf_close(file);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_counts_around_full_index_nodes),
        TEST(test_lengths_around_a_full_block),
        TEST(test_block_closes_exactly_when_full),
        TEST(test_index_node_at_a_block_edge),
        TEST(test_many_empty_records),
        TEST(test_the_file_grows_by_pages),
        TEST(test_cursor_stands_between_records),
        TEST(test_cursor_sees_only_its_own_state),
        TEST(test_parts_at_the_ends),
        TEST(test_full_disk_leaves_the_state),
        TEST(test_missing_arguments_are_refused),
#if SIZE_MAX > UINT32_MAX
        TEST(test_record_of_more_than_4_gb_is_refused),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
