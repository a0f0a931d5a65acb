/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader beside writers: refresh takes up commits and never goes back, torn
 * nodes are waited for, and files that are replaced, truncated or removed are
 * noticed. Waiting moves only the pretended clock.
 */
#include "tests/support/mem_file.h"

#include "tests/support/wrap_io.h"

#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define MS 1000000u

static bool refresh(capf_file *file)
{
    bool changed = false;
    must(capf_refresh(file, &changed, &test_err));
    return changed;
}

/* A closed file with `count` records in one commit. */
static void write_numbered(struct mem_file_test *test, uint64_t count)
{
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append_numbered(file, count);
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void test_refresh_takes_up_commits(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *writer = mem_create(test, 512, 1024, 8);
    capf_file *reader = mem_open_read(test);
    for (uint64_t count = 100; count <= 1000; count += 100) {
        mem_append_numbered(writer, 100);
        assert_false(refresh(reader));
        assert_int_equal(capf_file_count(reader), count - 100);
        must(capf_commit(writer, &test_err));
        assert_true(refresh(reader));
        mem_check_numbered(reader, count);
        assert_false(refresh(reader));
    }
    must(capf_set_meta(writer, "meta", 4, &test_err));
    must(capf_commit(writer, &test_err));
    assert_true(refresh(reader));
    struct capf_bytes meta;
    must(capf_get_meta(reader, &meta, &test_err));
    must_hold_text(meta, "meta");
    must(capf_refresh(reader, NULL, &test_err));
    assert_false(refresh(writer));
    capf_close(writer);
    capf_close(reader);
}

static void test_cursors_outlive_a_refresh(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *writer = mem_create(test, 512, 1024, 8);
    capf_cursor *cursor;
    struct capf_bytes record;
    mem_append_numbered(writer, 50);
    must(capf_commit(writer, &test_err));
    capf_file *reader = mem_open_read(test);
    must(capf_cursor_open(reader, &cursor, &test_err));
    mem_append_numbered(writer, 500);
    must(capf_commit(writer, &test_err));
    assert_true(refresh(reader));
    assert_int_equal(capf_file_count(reader), 550);
    assert_int_equal(capf_cursor_count(cursor), 50);
    capf_close(writer);
    capf_close(reader);
    for (unsigned i = 0; i < 50; i++)
        must(capf_cursor_next(cursor, NULL, &record, &test_err));
    must_hold_text(record, "record 50");
    must_be(CAPF_END, capf_cursor_next(cursor, NULL, &record, &test_err));
    capf_cursor_close(cursor);
}

static void test_refresh_of_an_unchanged_file_is_cheap(void **state)
{
    struct mem_file_test *test = *state;
    struct wrap_io wrap;
    write_numbered(test, 10);
    wrap_io_init(&wrap, test->options.io);
    struct capf_options options = test->options;
    options.io = &wrap.io;
    capf_file *reader;
    must(capf_open(MEM_PATH, CAPF_READ, &options, &reader, &test_err));
    size_t calls = wrap.memory.calls;
    for (unsigned i = 0; i < 100; i++)
        assert_false(refresh(reader));
    assert_true(wrap.memory.calls - calls < 200);
    capf_close(reader);
}

/* ---- Torn nodes ---- */

/* Changes a byte of a node's checksum, or changes it back: a refresh looks there first. */
static void flip(struct mem_file_test *test, uint64_t node_pos)
{
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    uint8_t byte = bytes[node_pos + 2] ^ 0xFF;
    mem_disk_poke(test->disk, MEM_PATH, node_pos + 2, &byte, 1);
    free(bytes);
}

static void test_a_refresh_keeps_its_state_beside_a_torn_node(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *writer = mem_create(test, 512, 1024, 8);
    mem_append_numbered(writer, 10);
    must(capf_commit(writer, &test_err));
    capf_file *reader = mem_open_read(test);
    mem_append_numbered(writer, 10);
    must(capf_commit(writer, &test_err));
    struct capf_info info = mem_info(writer);
    capf_close(writer);
    flip(test, info.node[info.current].pos);
    assert_false(refresh(reader));
    mem_check_numbered(reader, 10);
    flip(test, info.node[info.current].pos);
    assert_true(refresh(reader));
    mem_check_numbered(reader, 20);

    /* Its own node is torn, and the other is older: it does not go back. */
    flip(test, info.node[info.current].pos);
    assert_false(refresh(reader));
    mem_check_numbered(reader, 20);
    capf_close(reader);
}

struct mending {
    struct mem_file_test *test;
    uint64_t pos[2];
    unsigned naps, mend_at;
};

static void mend(void *ctx)
{
    struct mending *mending = ctx;
    if (++mending->naps != mending->mend_at)
        return;
    flip(mending->test, mending->pos[0]);
    flip(mending->test, mending->pos[1]);
}

static void test_a_first_open_waits_for_torn_nodes(void **state)
{
    struct mem_file_test *test = *state;
    struct mending mending = {.test = test, .mend_at = 5};
    write_numbered(test, 10);
    capf_file *file = mem_open_read(test);
    struct capf_info info = mem_info(file);
    capf_close(file);
    for (unsigned i = 0; i < 2; i++)
        flip(test, mending.pos[i] = info.node[i].pos);
    mem_disk_on_nap(test->disk, mend, &mending);
    file = mem_open_read(test);
    mem_check_numbered(file, 10);
    assert_true(mending.naps >= 5);
    mem_disk_on_nap(test->disk, NULL, NULL);
    capf_close(file);
}

static void test_a_first_open_gives_up_on_bad_nodes(void **state)
{
    struct mem_file_test *test = *state;
    write_numbered(test, 10);
    capf_file *file = mem_open_read(test);
    struct capf_info info = mem_info(file);
    capf_close(file);
    flip(test, info.node[0].pos);
    flip(test, info.node[1].pos);
    uint64_t before = test->options.io->now(test->options.io->ctx);
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    uint64_t waited = test->options.io->now(test->options.io->ctx) - before;
    assert_in_range(waited, 40ull * MS, 2500ull * MS);
}

/* Somebody keeps writing nodes that are never good. */
static void scribble(void *ctx)
{
    struct mending *mending = ctx;
    uint8_t byte = (uint8_t)++mending->naps;
    mem_disk_poke(mending->test->disk, MEM_PATH, mending->pos[0] + 41, &byte, 1);
}

static void test_a_first_open_gives_up_on_nodes_that_never_settle(void **state)
{
    struct mem_file_test *test = *state;
    struct mending mending = {.test = test, .naps = 0};
    write_numbered(test, 10);
    capf_file *file = mem_open_read(test);
    struct capf_info info = mem_info(file);
    capf_close(file);
    for (unsigned i = 0; i < 2; i++)
        flip(test, mending.pos[i] = info.node[i].pos);
    mem_disk_on_nap(test->disk, scribble, &mending);
    uint64_t before = test->options.io->now(test->options.io->ctx);
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    uint64_t waited = test->options.io->now(test->options.io->ctx) - before;
    assert_in_range(waited, 1900ull * MS, 2500ull * MS);
    mem_disk_on_nap(test->disk, NULL, NULL);
}

/* ---- Files that go away ---- */

static void test_a_replaced_file_is_noticed_and_shown(void **state)
{
    struct mem_file_test *test = *state;
    write_numbered(test, 300);
    capf_file *reader = mem_open_read(test);
    capf_cursor *cursor;
    struct capf_bytes record;
    must(capf_cursor_open(reader, &cursor, &test_err));
    capf_file *writer = mem_create(test, 0, 0, 0);
    mem_append(writer, "of the new file");
    must(capf_commit(writer, &test_err));
    assert_true(refresh(reader));
    assert_true(mem_info(reader).warnings & CAPF_WARN_REPLACED);
    assert_int_equal(capf_file_count(reader), 1);
    mem_check_text(reader, 1, "of the new file");
    must(capf_cursor_get(cursor, 300, &record, &test_err));
    must_hold_text(record, "record 300");
    mem_append(writer, "more of it");
    must(capf_commit(writer, &test_err));
    assert_true(refresh(reader));
    mem_check_text(reader, 2, "more of it");
    capf_cursor_close(cursor);
    capf_close(writer);
    capf_close(reader);
}

static void test_a_removed_file_is_noticed_and_still_shown(void **state)
{
    struct mem_file_test *test = *state;
    write_numbered(test, 300);
    capf_file *reader = mem_open_read(test);
    assert_int_equal(test->options.io->unlink(test->options.io->ctx, MEM_PATH), 0);
    either_way(capf_refresh(reader, NULL, NULL));
    assert_true(mem_info(reader).warnings & CAPF_WARN_REPLACED);
    mem_check_numbered(reader, 300);
    capf_close(reader);
}

/* Whatever refresh says of a file that was cut under it, records are right or an error. */
static void test_a_truncated_file_is_noticed(void **state)
{
    struct mem_file_test *test = *state;
    static const uint64_t sizes[] = {6000, 3000, 512, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct capf_info info;
        write_numbered(test, 2000);
        capf_file *reader = mem_open_read(test);
        mem_disk_truncate(test->disk, MEM_PATH, sizes[i]);
        either_way(capf_refresh(reader, NULL, NULL));
        if (capf_get_info(reader, &info, NULL) == CAPF_OK)
            assert_true(info.warnings & (CAPF_WARN_REPLACED | CAPF_WARN_CUT));
        uint64_t right = 0;
        for (uint64_t n = 1; n <= capf_file_count(reader); n += 9) {
            struct capf_bytes record;
            if (capf_get(reader, n, &record, NULL) == CAPF_OK)
                right++;
        }
        assert_true(right < 223);
        capf_close(reader);
    }
}

static void test_a_file_created_anew_in_place_is_noticed(void **state)
{
    struct mem_file_test *test = *state;
    size_t len;
    write_numbered(test, 2);
    uint8_t *young = mem_disk_copy(test->disk, MEM_PATH, &len);
    size_t young_len = len;
    capf_file *writer = mem_open_write(test);
    mem_append_numbered(writer, 9000);
    must(capf_commit(writer, &test_err));
    capf_close(writer);
    capf_file *reader = mem_open_read(test);
    assert_int_equal(capf_file_count(reader), 9002);
    mem_disk_put(test->disk, MEM_PATH, young, young_len);
    assert_true(refresh(reader));
    assert_true(mem_info(reader).warnings & CAPF_WARN_REPLACED);
    mem_check_numbered(reader, 2);
    capf_close(reader);
    free(young);
}

/* A writer whose file is overwritten by another's hand must not go on. */
static void test_a_writer_sees_another_hand(void **state)
{
    struct mem_file_test *test = *state;
    size_t len;
    uint64_t recno;
    write_numbered(test, 5);
    capf_file *writer = mem_open_write(test);
    mem_append_numbered(writer, 1);
    must(capf_commit(writer, &test_err));
    uint8_t *newer = mem_disk_copy(test->disk, MEM_PATH, &len);
    mem_append_numbered(writer, 1);
    must(capf_commit(writer, &test_err));
    capf_close(writer);

    capf_file *first = mem_open_write(test);
    mem_append_numbered(first, 1);
    mem_disk_put(test->disk, MEM_PATH, newer, len);
    must_be(CAPF_CHANGED, capf_commit(first, &test_err));
    assert_int_not_equal(capf_append(first, "x", 1, &recno, NULL), CAPF_IO);
    capf_close(first);
    capf_file *reader = mem_open_read(test);
    mem_check_numbered(reader, 6);
    capf_close(reader);
    free(newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_refresh_takes_up_commits),
        TEST(test_cursors_outlive_a_refresh),
        TEST(test_refresh_of_an_unchanged_file_is_cheap),
        TEST(test_a_refresh_keeps_its_state_beside_a_torn_node),
        TEST(test_a_first_open_waits_for_torn_nodes),
        TEST(test_a_first_open_gives_up_on_bad_nodes),
        TEST(test_a_first_open_gives_up_on_nodes_that_never_settle),
        TEST(test_a_replaced_file_is_noticed_and_shown),
        TEST(test_a_removed_file_is_noticed_and_still_shown),
        TEST(test_a_truncated_file_is_noticed),
        TEST(test_a_file_created_anew_in_place_is_noticed),
        TEST(test_a_writer_sees_another_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
