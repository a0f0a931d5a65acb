/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commit, rollback, the commit in two halves and its receipt, and the state
 * before the last commit.
 */
#include "tests/support/mem_file.h"

#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

static uint32_t serial_of(capf_file *file)
{
    return mem_info(file).serial;
}

static enum capf_verdict verdict_of(capf_file *file, const struct capf_receipt *receipt)
{
    enum capf_verdict verdict;
    must(capf_receipt_check(file, receipt, &verdict, &test_err));
    return verdict;
}

/* ---- Commit and rollback ---- */

static void test_uncommitted_is_seen_by_its_writer_alone(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 5000);
    mem_check_numbered(file, 5000);
    assert_true(mem_info(file).pending);
    assert_int_equal(mem_info(file).committed, 0);
    capf_file *reader = mem_open_read(test);
    assert_int_equal(capf_file_count(reader), 0);
    must(capf_commit(file, &test_err));
    assert_false(mem_info(file).pending);
    assert_int_equal(mem_info(file).committed, 5000);
    assert_int_equal(capf_file_count(reader), 0);
    capf_close(reader);
    reader = mem_open_read(test);
    mem_check_numbered(reader, 5000);
    capf_close(reader);
    capf_close(file);
}

static void test_close_drops_what_is_uncommitted(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 10);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 5000);
    capf_close(file);
    file = mem_open_write(test);
    mem_check_numbered(file, 10);
    mem_append_numbered(file, 5000);
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    mem_check_numbered(file, 5010);
    capf_close(file);
}

static void test_commit_of_nothing_writes_nothing(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    uint32_t serial = serial_of(file);
    must(capf_commit(file, &test_err));
    assert_int_equal(serial_of(file), serial);
    mem_append(file, "a");
    must(capf_commit(file, &test_err));
    must(capf_commit(file, &test_err));
    assert_int_equal(serial_of(file), serial + 1);
    capf_close(file);
}

static void test_rollback_forgets_records_and_metadata(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_bytes meta;
    mem_append_numbered(file, 40);
    must(capf_set_meta(file, "kept", 4, &test_err));
    must(capf_commit(file, &test_err));
    struct capf_info before = mem_info(file);
    for (unsigned i = 0; i < 3; i++) {
        mem_append_numbered(file, 4000);
        must(capf_set_meta(file, "dropped", 7, &test_err));
        must(capf_rollback(file, &test_err));
        mem_check_numbered(file, 40);
        must(capf_get_meta(file, &meta, &test_err));
        must_hold_text(meta, "kept");
        assert_false(mem_info(file).pending);
    }
    struct capf_info after = mem_info(file);
    assert_int_equal(after.file_limit, before.file_limit);
    assert_int_equal(after.serial, before.serial);
    must(capf_rollback(file, &test_err));
    mem_append_numbered(file, 100);
    must(capf_commit(file, &test_err));
    mem_check_numbered(file, 140);
    capf_close(file);
}

/* A rolled-back record must not be read from a cache of inflated blocks. */
static void test_new_records_replace_rolled_back_ones(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 64, 64, 2);
    for (unsigned round = 0; round < 20; round++) {
        char text[60];
        memset(text, 'a' + (int)round, sizeof text);
        text[sizeof text - 1] = '\0';
        mem_append(file, text);
        mem_append(file, text);
        mem_check_text(file, 1, text);
        mem_check_text(file, 2, text);
        must(capf_rollback(file, &test_err));
        assert_int_equal(capf_file_count(file), 0);
    }
    capf_close(file);
}

static void test_cursors_on_rolled_back_records_are_stale(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 4096, 0);
    capf_cursor *committed, *uncommitted;
    struct capf_bytes record;
    uint64_t size;
    uint8_t byte;
    size_t got;
    bool present;
    mem_append_numbered(file, 500);
    must(capf_commit(file, &test_err));
    must(capf_cursor_open(file, &committed, &test_err));
    mem_append_numbered(file, 1000);
    must(capf_cursor_open(file, &uncommitted, &test_err));
    must(capf_cursor_next(uncommitted, NULL, &record, &test_err));
    must(capf_rollback(file, &test_err));
    must_be(CAPF_STALE, capf_cursor_next(uncommitted, NULL, &record, &test_err));
    must_be(CAPF_STALE, capf_cursor_get(uncommitted, 1400, &record, &test_err));
    must_be(CAPF_STALE, capf_cursor_size(uncommitted, 1, &size, &test_err));
    must_be(CAPF_STALE, capf_cursor_meta(uncommitted, &record, &test_err));
    must_be(CAPF_STALE, capf_cursor_meta_size(uncommitted, &present, &size, &test_err));
    must_be(CAPF_STALE, capf_cursor_meta_read(uncommitted, 0, &byte, 1, &got, &test_err));
    for (unsigned i = 0; i < 500; i++)
        must(capf_cursor_next(committed, NULL, &record, &test_err));
    capf_cursor_close(committed);
    capf_cursor_close(uncommitted);
    capf_close(file);
}

/* Appends the text whole, or as a stream of this length. */
static void append_as(capf_file *file, const char *text, size_t len, unsigned how)
{
    if (how == 0) {
        must(capf_append(file, text, len, NULL, &test_err));
        return;
    }
    must(capf_append_begin(file, how == 1 ? len : CAPF_UNKNOWN_LENGTH, &test_err));
    must(capf_append_data(file, text, len, &test_err));
    must(capf_append_end(file, NULL, &test_err));
}

/* What it gave is borrowed until its own next call, whatever comes to stand at that place. */
static void test_what_a_cursor_gave_outlives_a_rollback_and_new_records(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    for (unsigned i = 0; i < 300; i++) {
        uint64_t count = capf_file_count(file);
        capf_cursor *cursor;
        struct capf_bytes record;
        mem_append(file, "rolled back");
        must(capf_cursor_open(file, &cursor, &test_err));
        must(capf_cursor_get(cursor, count + 1, &record, &test_err));
        must(capf_rollback(file, &test_err));
        append_as(file, "quite other", 11, i % 3);
        must_hold_text(record, "rolled back");
        mem_check_text(file, count + 1, "quite other");
        capf_cursor_close(cursor);
        must(capf_commit(file, &test_err));
    }
    capf_close(file);
}

static void test_cursors_on_records_committed_later_stay_good(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 4096, 0);
    capf_cursor *cursor;
    struct capf_bytes record;
    mem_append_numbered(file, 300);
    must(capf_cursor_open(file, &cursor, &test_err));
    mem_append_numbered(file, 300);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 300);
    must(capf_rollback(file, &test_err));
    assert_int_equal(capf_cursor_count(cursor), 300);
    must(capf_cursor_get(cursor, 300, &record, &test_err));
    must_hold_text(record, "record 300");
    capf_cursor_close(cursor);
    capf_close(file);
}

static void test_serial_numbers_and_slots_alternate(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    for (uint32_t serial = 3; serial < 10; serial++) {
        mem_append(file, "x");
        must(capf_commit(file, &test_err));
        struct capf_info info = mem_info(file);
        assert_int_equal(info.serial, serial);
        assert_int_equal(info.current, serial % 2);
        assert_int_equal(info.node[info.current].serial, serial);
        assert_int_equal(info.node[!info.current].serial, serial - 1);
        assert_int_equal(info.node[!info.current].records, serial - 3);
        assert_int_equal(info.node[info.current].records, serial - 2);
    }
    capf_close(file);
}

/* ---- Two halves ---- */

static void test_a_receipt_tells_what_will_be_written(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    uint64_t recno;
    mem_append_numbered(file, 7);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 3);
    struct capf_info before = mem_info(file);
    must(capf_commit_prepare(file, &receipt, &test_err));
    assert_int_equal(receipt.serial_before, before.serial);
    assert_int_equal(receipt.serial, before.serial + 1);
    assert_int_equal(receipt.crc_before, before.node[before.current].crc);
    assert_int_equal(receipt.count_before, 7);
    assert_int_equal(receipt.count, 10);
    assert_int_equal(receipt.inode, before.inode);
    assert_int_equal(receipt.device, before.device);
    must_be(CAPF_BUSY, capf_append(file, "x", 1, &recno, &test_err));
    must_be(CAPF_BUSY, capf_append_begin(file, 1, &test_err));
    must_be(CAPF_BUSY, capf_set_meta(file, "x", 1, &test_err));
    mem_check_numbered(file, 10);
    must(capf_commit_finish(file, &test_err));
    struct capf_info after = mem_info(file);
    assert_int_equal(after.serial, receipt.serial);
    assert_int_equal(after.node[after.current].crc, receipt.crc);
    capf_close(file);
}

static void test_a_receipt_says_yes_and_no(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    mem_append_numbered(file, 3);
    must(capf_commit_prepare(file, &receipt, &test_err));
    capf_file *reader = mem_open_read(test);
    assert_int_equal(verdict_of(reader, &receipt), CAPF_VERDICT_NO);
    must(capf_commit_finish(file, &test_err));
    assert_int_equal(verdict_of(reader, &receipt), CAPF_VERDICT_YES);
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_YES);
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_YES);
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_UNKNOWN);
    capf_close(reader);
    capf_close(file);
}

static void test_a_receipt_of_another_file_is_unknown(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    mem_append_numbered(file, 3);
    must(capf_commit_prepare(file, &receipt, &test_err));
    must(capf_commit_finish(file, &test_err));
    capf_close(file);
    file = mem_create(test, 0, 0, 0);
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_UNKNOWN);
    mem_append_numbered(file, 4);
    must(capf_commit(file, &test_err));
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_UNKNOWN);
    capf_close(file);
}

/* It may have the same numbers; its checksum is not the same. */
static void test_a_receipt_of_another_content_is_unknown(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt, other;
    mem_append_numbered(file, 3);
    must(capf_commit_prepare(file, &receipt, &test_err));
    other = receipt;
    other.crc_before++;
    assert_int_equal(verdict_of(file, &other), CAPF_VERDICT_UNKNOWN);
    other = receipt;
    other.device++;
    assert_int_equal(verdict_of(file, &other), CAPF_VERDICT_UNKNOWN);
    must(capf_commit_finish(file, &test_err));
    other = receipt;
    other.crc++;
    assert_int_equal(verdict_of(file, &other), CAPF_VERDICT_UNKNOWN);
    capf_close(file);
}

static void test_the_second_half_needs_the_first(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 3);
    must_be(CAPF_BUSY, capf_commit_finish(file, &test_err));
    must(capf_commit_prepare(file, NULL, &test_err));
    must(capf_commit_finish(file, &test_err));
    must_be(CAPF_BUSY, capf_commit_finish(file, &test_err));
    capf_close(file);
}

static void test_rollback_undoes_a_prepared_commit(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    mem_append_numbered(file, 5);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 3000);
    must(capf_commit_prepare(file, &receipt, &test_err));
    must(capf_rollback(file, &test_err));
    mem_check_numbered(file, 5);
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_NO);
    mem_append_numbered(file, 5);
    must(capf_commit(file, &test_err));
    mem_check_numbered(file, 10);
    assert_int_not_equal(verdict_of(file, &receipt), CAPF_VERDICT_YES);
    capf_close(file);
}

static void test_preparing_nothing_leaves_the_serial(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_receipt receipt;
    must(capf_commit_prepare(file, &receipt, &test_err));
    assert_int_equal(receipt.serial, receipt.serial_before);
    assert_int_equal(receipt.count, receipt.count_before);
    must(capf_commit_finish(file, &test_err));
    assert_int_equal(serial_of(file), receipt.serial);
    assert_int_equal(mem_append(file, "goes on"), 1);
    capf_close(file);
}

/* ---- Previous ---- */

static void test_the_previous_state_can_be_read(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_bytes meta;
    bool changed = true;
    mem_append_numbered(file, 2000);
    must(capf_set_meta(file, "older", 5, &test_err));
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 2000);
    must(capf_clear_meta(file, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);

    test->options.which = CAPF_PREVIOUS;
    file = mem_open_read(test);
    mem_check_numbered(file, 2000);
    must(capf_get_meta(file, &meta, &test_err));
    must_hold_text(meta, "older");
    must(capf_refresh(file, &changed, &test_err));
    assert_false(changed);
    mem_check_numbered(file, 2000);
    capf_close(file);
}

static void test_no_previous_state_is_said(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 3);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    mem_disk_poke(test->disk, MEM_PATH, info.node[!info.current].pos + 9, "\xff", 1);
    test->options.which = CAPF_PREVIOUS;
    file = NULL;
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
}

/* ---- The calls that a commit makes ---- */

struct counted {
    unsigned syncs, writes;
    uint64_t nap_ns;
    enum io_op fails; /* IO_OP_COUNT: none */
};

static int count_call(void *ctx, struct io_call *call)
{
    struct counted *counted = ctx;
    counted->syncs += call->op == IO_DATASYNC;
    counted->writes += call->op == IO_PWRITE;
    counted->nap_ns += call->op == IO_NAP ? call->off : 0;
    return call->op == counted->fails ? -EIO : 0;
}

/* A handle on MEM_PATH through a wrapper that counts. */
static capf_file *open_counted(struct mem_file_test *test, struct wrap_io *wrap,
                               struct counted *counted)
{
    capf_file *file;
    struct capf_options options = test->options;
    *counted = (struct counted){.fails = IO_OP_COUNT};
    wrap_io_init(wrap, test->options.io);
    wrap->hook = count_call;
    wrap->hook_ctx = counted;
    options.io = &wrap->io;
    must(capf_open(MEM_PATH, CAPF_WRITE, &options, &file, &test_err));
    return file;
}

static void test_a_small_commit_costs_one_sync_and_one_write(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    struct counted counted;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = open_counted(test, &wrap, &counted);
    mem_append(file, "the first commit may sync what it found");
    must(capf_commit(file, &test_err));
    for (unsigned i = 0; i < 5; i++) {
        unsigned syncs = counted.syncs, writes = counted.writes;
        mem_append(file, "small");
        must(capf_commit(file, &test_err));
        assert_int_equal(counted.syncs - syncs, 1);
        assert_int_equal(counted.writes - writes, 1);
    }
    unsigned syncs = counted.syncs;
    mem_append_numbered(file, 3000);
    must(capf_commit(file, &test_err));
    assert_int_equal(counted.syncs - syncs, 2);
    capf_close(file);
    assert_int_equal(wrap.memory.live_blocks, 0);
}

static void test_a_receipt_that_cannot_be_checked_says_why(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    struct counted counted;
    struct capf_receipt receipt;
    enum capf_verdict verdict = CAPF_VERDICT_UNKNOWN;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = open_counted(test, &wrap, &counted);
    mem_append(file, "a");
    must(capf_commit_prepare(file, &receipt, &test_err));
    counted.fails = IO_PREAD;
    must_be(CAPF_IO, capf_receipt_check(file, &receipt, &verdict, &test_err));
    assert_int_equal(verdict, CAPF_VERDICT_UNKNOWN);
    counted.fails = IO_OP_COUNT;
    must(capf_receipt_check(file, &receipt, &verdict, &test_err));
    assert_int_equal(verdict, CAPF_VERDICT_NO);
    capf_close(file);
}

static void test_a_failed_write_can_be_tried_again(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    struct counted counted;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = open_counted(test, &wrap, &counted);
    mem_append_numbered(file, 9);
    counted.fails = IO_PWRITE;
    must_be(CAPF_IO, capf_commit(file, &test_err));
    assert_int_equal(test_err.sys_errno, EIO);
    must_be(CAPF_IO, capf_commit(file, &test_err));
    assert_true(mem_info(file).pending);
    counted.fails = IO_OP_COUNT;
    must(capf_commit(file, &test_err));
    assert_int_equal(serial_of(file), 3);
    capf_close(file);
    file = mem_open_read(test);
    mem_check_numbered(file, 9);
    assert_int_equal(mem_info(file).warnings, 0);
    capf_close(file);
}

static void test_a_failed_sync_of_data_breaks_the_handle(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    struct counted counted;
    uint64_t recno;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = open_counted(test, &wrap, &counted);
    mem_append_numbered(file, 9);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 5000);
    counted.fails = IO_DATASYNC;
    must_be(CAPF_BROKEN, capf_commit(file, &test_err));
    counted.fails = IO_OP_COUNT;
    must_be(CAPF_BROKEN, capf_commit(file, &test_err));
    must_be(CAPF_BROKEN, capf_append(file, "x", 1, &recno, &test_err));
    mem_check_numbered(file, 5009);
    capf_close(file);
    file = mem_open_write(test);
    mem_check_numbered(file, 9);
    capf_close(file);
}

static void test_a_failed_sync_of_the_node_is_unknown(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    struct counted counted;
    struct capf_receipt receipt;
    capf_close(mem_create(test, 0, 0, 0));
    capf_file *file = open_counted(test, &wrap, &counted);
    mem_append_numbered(file, 8);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 1);
    must(capf_commit_prepare(file, &receipt, &test_err));
    counted.fails = IO_DATASYNC;
    must_be(CAPF_UNKNOWN, capf_commit_finish(file, &test_err));
    counted.fails = IO_OP_COUNT;
    assert_int_not_equal(capf_commit(file, NULL), CAPF_OK);
    mem_check_numbered(file, 9);
    capf_close(file);
    file = mem_open_read(test);
    assert_int_equal(verdict_of(file, &receipt), CAPF_VERDICT_YES);
    capf_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_uncommitted_is_seen_by_its_writer_alone),
        TEST(test_close_drops_what_is_uncommitted),
        TEST(test_commit_of_nothing_writes_nothing),
        TEST(test_rollback_forgets_records_and_metadata),
        TEST(test_new_records_replace_rolled_back_ones),
        TEST(test_cursors_on_rolled_back_records_are_stale),
        TEST(test_what_a_cursor_gave_outlives_a_rollback_and_new_records),
        TEST(test_cursors_on_records_committed_later_stay_good),
        TEST(test_serial_numbers_and_slots_alternate),
        TEST(test_a_receipt_tells_what_will_be_written),
        TEST(test_a_receipt_says_yes_and_no),
        TEST(test_a_receipt_of_another_file_is_unknown),
        TEST(test_a_receipt_of_another_content_is_unknown),
        TEST(test_the_second_half_needs_the_first),
        TEST(test_rollback_undoes_a_prepared_commit),
        TEST(test_preparing_nothing_leaves_the_serial),
        TEST(test_the_previous_state_can_be_read),
        TEST(test_no_previous_state_is_said),
        TEST(test_a_small_commit_costs_one_sync_and_one_write),
        TEST(test_a_receipt_that_cannot_be_checked_says_why),
        TEST(test_a_failed_write_can_be_tried_again),
        TEST(test_a_failed_sync_of_data_breaks_the_handle),
        TEST(test_a_failed_sync_of_the_node_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
