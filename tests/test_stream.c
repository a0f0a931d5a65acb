/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Appends in pieces: what they refuse, that reads see the state before until
 * the end, and that a stream which fails or is cancelled was never there.
 */
#include "tests/support/mem_file.h"

#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

/* Appends `len` bytes of noise in equal pieces. */
static void stream(capf_file *file, const uint8_t *data, size_t len, size_t piece,
                   uint64_t announced)
{
    uint64_t recno;
    must(capf_append_begin(file, announced, &test_err));
    for (size_t done = 0; done < len; done += piece) {
        size_t now = len - done < piece ? len - done : piece;
        must(capf_append_data(file, data + done, now, &test_err));
    }
    must(capf_append_end(file, &recno, &test_err));
    assert_int_equal(recno, capf_file_count(file));
}

static void check_stream(struct mem_file_test *test, size_t len, size_t piece, bool known,
                         unsigned noise)
{
    uint8_t *data = test_bytes(len);
    struct capf_bytes record;
    test_fill(data, len, len + piece, noise);
    capf_file *file = mem_create(test, 0, 4096, 0);
    mem_append(file, "before");
    stream(file, data, len, piece, known ? len : CAPF_UNKNOWN_LENGTH);
    mem_append(file, "behind");
    must(capf_get(file, 2, &record, &test_err));
    must_hold(record, data, len);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_write(test);
    must(capf_get(file, 2, &record, &test_err));
    must_hold(record, data, len);
    mem_check_text(file, 1, "before");
    mem_check_text(file, 3, "behind");
    capf_close(file);
    free(data);
}

static void test_pieces_of_any_size_make_the_record(void **state)
{
    static const size_t lengths[] = {0, 1, 4000, 4081, 4082, 4083, 4092, 4096, 70000, 1500000};
    static const size_t pieces[] = {1, 1000, 4096, 65536, 4000000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (size_t k = lengths[i] > 100000 ? 1 : 0; k < sizeof pieces / sizeof pieces[0]; k++)
            for (int known = 0; known < 2; known++)
                check_stream(*state, lengths[i], pieces[k], known != 0, (unsigned)(i + k) % 3 * 50);
}

static void test_reads_see_the_state_before_until_the_end(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 500000;
    uint8_t *data = test_bytes(len);
    uint64_t recno;
    test_fill(data, len, 3, 100);
    for (int known = 0; known < 2; known++) {
        capf_file *file = mem_create(test, 0, 4096, 0);
        mem_append_numbered(file, 40);
        must(capf_append_begin(file, known != 0 ? len : CAPF_UNKNOWN_LENGTH, &test_err));
        must(capf_append_data(file, data, len / 2, &test_err));
        mem_check_numbered(file, 40);
        must(capf_append_data(file, data + len / 2, len - len / 2, &test_err));
        mem_check_numbered(file, 40);
        capf_cursor *cursor;
        must(capf_cursor_open(file, &cursor, &test_err));
        assert_int_equal(capf_cursor_count(cursor), 40);
        must(capf_append_end(file, &recno, &test_err));
        assert_int_equal(recno, 41);
        assert_int_equal(capf_file_count(file), 41);
        assert_int_equal(capf_cursor_count(cursor), 40);
        capf_cursor_close(cursor);
        capf_close(file);
    }
    free(data);
}

static void test_others_are_busy_until_the_end(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    uint64_t recno;
    must(capf_append_begin(file, 8, &test_err));
    must(capf_append_data(file, "half", 4, &test_err));
    must_be(CAPF_BUSY, capf_append(file, "x", 1, &recno, &test_err));
    must_be(CAPF_BUSY, capf_append_begin(file, 1, &test_err));
    must_be(CAPF_BUSY, capf_set_meta(file, "x", 1, &test_err));
    must_be(CAPF_BUSY, capf_clear_meta(file, &test_err));
    must_be(CAPF_BUSY, capf_commit(file, &test_err));
    must_be(CAPF_BUSY, capf_commit_prepare(file, &receipt, &test_err));
    must(capf_append_data(file, "half", 4, &test_err));
    must(capf_append_end(file, &recno, &test_err));
    mem_check_text(file, 1, "halfhalf");
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void test_pieces_without_a_beginning_are_refused(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint64_t recno = 5;
    must_be(CAPF_BUSY, capf_append_data(file, "x", 1, &test_err));
    must_be(CAPF_BUSY, capf_append_end(file, &recno, &test_err));
    capf_append_cancel(file);
    assert_int_equal(recno, 5);
    assert_int_equal(mem_append(file, "fine"), 1);
    capf_close(file);
}

static void test_too_few_bytes_are_refused_at_the_end(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint64_t recno = 5;
    mem_append(file, "first");
    must(capf_append_begin(file, 100000, &test_err));
    must(capf_append_data(file, "few", 3, &test_err));
    must_be(CAPF_ARGUMENT, capf_append_end(file, &recno, &test_err));
    assert_int_equal(recno, 5);
    assert_int_equal(capf_file_count(file), 1);
    assert_int_equal(mem_append(file, "second"), 2);
    mem_check_text(file, 2, "second");
    capf_close(file);
}

static void test_too_many_bytes_are_refused_at_once(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint64_t recno;
    mem_append(file, "first");
    must(capf_append_begin(file, 4, &test_err));
    must_be(CAPF_ARGUMENT, capf_append_data(file, "12345", 5, &test_err));
    must_be(CAPF_BUSY, capf_append_end(file, &recno, &test_err));
    assert_int_equal(mem_append(file, "second"), 2);
    capf_close(file);
}

/* The bytes are not looked at: there are not so many. */
static void test_more_bytes_than_a_record_can_have_are_refused_at_once(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "first");
    must(capf_append_begin(file, CAPF_UNKNOWN_LENGTH, &test_err));
    must(capf_append_data(file, "x", 1, &test_err));
    must_be(CAPF_TOO_LARGE, capf_append_data(file, "x", UINT32_MAX, &test_err));
    must_be(CAPF_BUSY, capf_append_end(file, NULL, &test_err));
    assert_int_equal(mem_append(file, "second"), 2);
    capf_close(file);
}

static void test_a_reader_streams_nothing(void **state)
{
    struct mem_file_test *test = *state;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = mem_open_read(test);
    must_be(CAPF_NOT_WRITABLE, capf_append_begin(file, 1, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_append_data(file, "x", 1, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_append_end(file, NULL, &test_err));
    capf_append_cancel(file);
    capf_close(file);
}

/* More than 1 MiB of compressed bytes come before the place of the length is known. */
static void test_a_stream_behind_a_large_open_block(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 9u << 20;
    uint8_t *data = test_bytes(len);
    struct capf_bytes record;
    test_fill(data, len, 9, 100);
    capf_file *file = mem_create(test, 0, 4u << 20, 0);
    must(capf_append(file, data, 3u << 20, NULL, &test_err));
    stream(file, data, len, 1u << 20, CAPF_UNKNOWN_LENGTH);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_write(test);
    must(capf_get(file, 1, &record, &test_err));
    must_hold(record, data, 3u << 20);
    must(capf_get(file, 2, &record, &test_err));
    must_hold(record, data, len);
    capf_close(file);
    free(data);
}

static bool say_stop(void *ctx, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    return --*(int *)ctx > 0;
}

static void test_a_stream_can_be_stopped_by_the_progress_callback(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 5u << 20;
    int steps = 3;
    uint8_t *data = test_bytes(len);
    test_fill(data, len, 9, 50);
    test->options.progress = say_stop;
    test->options.progress_ctx = &steps;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "first");
    must_be(CAPF_CANCELLED, capf_append(file, data, len, NULL, &test_err));
    assert_int_equal(steps, 0);
    steps = 1000000;
    assert_int_equal(mem_append(file, "second"), 2);
    must(capf_append(file, data, len, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    free(data);
}

/* A stream of 3 MB that is given up leaves the records before it, also for what comes next. */
static void check_given_up(struct mem_file_test *test, bool known, bool at_close)
{
    size_t len = 3000000;
    uint8_t *data = test_bytes(len);
    test_fill(data, len, 8, 90);
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 1500);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 100);
    must(capf_append_begin(file, known ? len : CAPF_UNKNOWN_LENGTH, &test_err));
    must(capf_append_data(file, data, len - 10, &test_err));
    if (!at_close) {
        capf_append_cancel(file);
        mem_check_numbered(file, 1600);
        mem_append_numbered(file, 3000);
        must(capf_commit(file, &test_err));
        mem_check_numbered(file, 4600);
    }
    capf_close(file);
    file = mem_open_write(test);
    mem_check_numbered(file, at_close ? 1500 : 4600);
    mem_append_numbered(file, 10);
    capf_close(file);
    free(data);
}

static void test_a_cancelled_stream_was_never_there(void **state)
{
    check_given_up(*state, true, false);
    check_given_up(*state, false, false);
}

static void test_a_stream_that_close_interrupts_was_never_there(void **state)
{
    check_given_up(*state, true, true);
    check_given_up(*state, false, true);
}

static void check_full_disk(struct mem_file_test *test, bool known)
{
    size_t len = 1 << 20;
    uint8_t *data = test_bytes(len);
    enum capf_status status;
    uint64_t recno = 5;
    test_fill(data, len, 8, 100);
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 2000);
    mem_disk_limits(test->disk)->space = 4 << 20;
    status = capf_append_begin(file, known ? 20 * len : CAPF_UNKNOWN_LENGTH, &test_err);
    for (unsigned i = 0; i < 20 && status == CAPF_OK; i++)
        status = capf_append_data(file, data, len, &test_err);
    must_be(CAPF_NO_SPACE, status);
    must_be(CAPF_BUSY, capf_append_end(file, &recno, &test_err));
    mem_check_numbered(file, 2000);
    must(capf_commit(file, &test_err));
    mem_disk_limits(test->disk)->space = 0;
    mem_append_numbered(file, 500);
    stream(file, data, len, 99999, known ? len : CAPF_UNKNOWN_LENGTH);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    struct capf_bytes record;
    must(capf_get(file, 2501, &record, &test_err));
    must_hold(record, data, len);
    capf_close(file);
    free(data);
}

static void test_a_full_disk_ends_the_stream_and_nothing_else(void **state)
{
    check_full_disk(*state, true);
    check_full_disk(*state, false);
}

static void test_rollback_undoes_streams(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 2000000;
    uint8_t *data = test_bytes(len);
    test_fill(data, len, 8, 70);
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 10);
    must(capf_commit(file, &test_err));
    stream(file, data, len, 100000, CAPF_UNKNOWN_LENGTH);
    stream(file, data, len, 100000, len);
    must(capf_rollback(file, &test_err));
    mem_check_numbered(file, 10);
    stream(file, data, 1000, 10, CAPF_UNKNOWN_LENGTH);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    struct capf_bytes record;
    must(capf_get(file, 11, &record, &test_err));
    must_hold(record, data, 1000);
    capf_close(file);
    free(data);
}

static void test_metadata_behind_a_stream(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 3000000;
    uint8_t *data = test_bytes(len);
    struct capf_bytes meta;
    test_fill(data, len, 8, 100);
    capf_file *file = mem_create(test, 64, 64, 2);
    stream(file, data, len, 77777, CAPF_UNKNOWN_LENGTH);
    must(capf_set_meta(file, data, len, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_write(test);
    must(capf_get_meta(file, &meta, &test_err));
    must_hold(meta, data, len);
    capf_close(file);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pieces_of_any_size_make_the_record),
        TEST(test_reads_see_the_state_before_until_the_end),
        TEST(test_others_are_busy_until_the_end),
        TEST(test_pieces_without_a_beginning_are_refused),
        TEST(test_too_few_bytes_are_refused_at_the_end),
        TEST(test_too_many_bytes_are_refused_at_once),
        TEST(test_more_bytes_than_a_record_can_have_are_refused_at_once),
        TEST(test_a_reader_streams_nothing),
        TEST(test_a_stream_behind_a_large_open_block),
        TEST(test_a_stream_can_be_stopped_by_the_progress_callback),
        TEST(test_a_cancelled_stream_was_never_there),
        TEST(test_a_stream_that_close_interrupts_was_never_there),
        TEST(test_a_full_disk_ends_the_stream_and_nothing_else),
        TEST(test_rollback_undoes_streams),
        TEST(test_metadata_behind_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
