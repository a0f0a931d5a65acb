/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What others do between two calls of core on the system, where it matters: they put another file
 * under the name, make or remove it, take the lock, cut the file. Each at exactly that call.
 */
#include "tests/support/mem_file.h"

#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OTHER "/other.capture"

/* At the calls of one kind from the n-th on, so many times, something is done and answered. */
struct race {
    struct capf_io io; /* what core is given: `wrap`, and files that are on another device */
    struct wrap_io wrap;
    const struct capf_io *base;
    enum io_op op;
    unsigned first, times, calls;
    void (*act)(struct race *race); /* NULL: nothing */
    int answer;                     /* of the call; 0: as it is */
    bool other_device;              /* of paths that are looked at; with `of_fds` of descriptors */
    bool of_fds;
};

static int run_race(void *ctx, struct io_call *call)
{
    struct race *race = ctx;
    if (call->op != race->op || ++race->calls < race->first ||
        race->calls >= race->first + race->times)
        return 0;
    if (race->act != NULL)
        race->act(race);
    return race->answer;
}

static struct race *race_of(void *ctx)
{
    struct wrap_io *wrap = ctx;
    return wrap->hook_ctx;
}

static int stat_race(void *ctx, int fd, struct capf_io_stat *st)
{
    struct race *race = race_of(ctx);
    int code = race->wrap.io.stat(ctx, fd, st);
    if (code == 0 && race->of_fds)
        st->device++;
    return code;
}

static int stat_path_race(void *ctx, const char *path, struct capf_io_stat *st)
{
    struct race *race = race_of(ctx);
    int code = race->wrap.io.stat_path(ctx, path, st);
    if (code == 0 && race->other_device)
        st->device++;
    return code;
}

static void race_init(struct race *race, struct mem_file_test *test)
{
    memset(race, 0, sizeof *race);
    race->base = mem_disk_io(test->disk);
    race->op = IO_OP_COUNT;
    wrap_io_init(&race->wrap, race->base);
    race->wrap.hook = run_race;
    race->wrap.hook_ctx = race;
    race->io = race->wrap.io;
    race->io.stat = stat_race;
    race->io.stat_path = stat_path_race;
    test->options.io = &race->io;
}

/* From now on, at the n-th of these calls. */
static void race_at(struct race *race, enum io_op op, unsigned first, void (*act)(struct race *),
                    int answer)
{
    race->op = op;
    race->first = first;
    race->times = 1;
    race->calls = 0;
    race->act = act;
    race->answer = answer;
}

static void race_over(struct race *race)
{
    race->op = IO_OP_COUNT;
    race->other_device = race->of_fds = false;
}

/* A file with that many records, under a name that is not looked at. */
static void make_file(struct mem_file_test *test, const char *name, uint64_t count)
{
    struct capf_creation creation = {.how = CAPF_REPLACE};
    struct capf_options options = {.io = mem_disk_io(test->disk)};
    capf_file *file;
    must(capf_create(name, &creation, &options, &file, NULL, &test_err));
    mem_append_numbered(file, count);
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void put_other_there(struct race *race)
{
    assert_int_equal(race->base->rename(race->base->ctx, OTHER, MEM_PATH), 0);
}

static void remove_it(struct race *race)
{
    assert_int_equal(race->base->unlink(race->base->ctx, MEM_PATH), 0);
}

static void another_device(struct race *race)
{
    race->other_device = true;
}

static void another_device_of_fds(struct race *race)
{
    race->of_fds = true;
}

static void check_count(struct mem_file_test *test, uint64_t count)
{
    struct capf_options options = {.io = mem_disk_io(test->disk)};
    capf_file *file;
    must(capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err));
    mem_check_numbered(file, count);
    capf_close(file);
}

/* ---- A sync of the node that failed is made good in the same file, or not at all ---- */

static capf_file *begin_commit(struct mem_file_test *test)
{
    make_file(test, MEM_PATH, 3);
    make_file(test, OTHER, 7);
    capf_file *file = mem_open_write(test);
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 1);
    return file;
}

static void test_a_node_is_not_mended_in_another_file(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    race_init(&race, test);
    capf_file *file = begin_commit(test);
    size_t len, now_len;
    uint8_t *other = mem_disk_copy(test->disk, OTHER, &len);
    race_at(&race, IO_DATASYNC, 1, put_other_there, -EIO);
    must_be(CAPF_UNKNOWN, capf_commit(file, &test_err));
    uint8_t *now = mem_disk_copy(test->disk, MEM_PATH, &now_len);
    assert_int_equal(now_len, len);
    assert_memory_equal(now, other, len);
    free(other);
    free(now);
    capf_close(file);
    check_count(test, 7);
}

static void test_a_node_is_not_mended_where_the_file_cannot_be_told(void **state)
{
    struct mem_file_test *test = *state;
    static void (*const acts[])(struct race *) = {remove_it, another_device_of_fds};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct race race;
        race_init(&race, test);
        capf_file *file = begin_commit(test);
        race_at(&race, IO_DATASYNC, 1, acts[i], -EIO);
        must_be(CAPF_UNKNOWN, capf_commit(file, &test_err));
        race_over(&race);
        capf_close(file);
    }
}

/* A commit writes, and looks at its file once before; the second look is for mending. */
static int fail_syncs_and_looks(void *ctx, struct io_call *call)
{
    struct race *race = ctx;
    race->calls += call->op == IO_DATASYNC;
    if (call->op == IO_DATASYNC)
        return -EIO;
    return call->op == IO_STAT && race->calls > 0 ? -EIO : 0;
}

static void test_a_node_is_not_mended_in_a_file_that_cannot_be_looked_at(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    race_init(&race, test);
    capf_file *file = begin_commit(test);
    race.calls = 0;
    race.wrap.hook = fail_syncs_and_looks;
    must_be(CAPF_UNKNOWN, capf_commit(file, &test_err));
    race.wrap.hook = NULL;
    capf_close(file);
}

/* ---- A node that was half written ---- */

/* The first write of a whole node moves 100 bytes, what follows of it fails. */
static int write_half(void *ctx, struct io_call *call)
{
    struct race *race = ctx;
    if (call->op != IO_PWRITE || call->len < 1000)
        return 0;
    if (race->calls++ > 0)
        return -ENOSPC;
    call->len = 100;
    return 0;
}

static void test_half_a_node_is_taken_back_without_syncs_too(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    race_init(&race, test);
    test->options.durability = CAPF_DURABLE_NONE;
    capf_file *file = begin_commit(test);
    race.calls = 0;
    race.wrap.hook = write_half;
    must_be(CAPF_NO_SPACE, capf_commit(file, &test_err));
    assert_int_equal(race.calls, 2);
    race.wrap.hook = NULL;
    check_count(test, 4);
    must(capf_commit(file, &test_err));
    capf_close(file);
    check_count(test, 5);
}

/* ---- Before the first write ---- */

static void test_a_file_that_was_cut_within_its_nodes_is_noticed(void **state)
{
    struct mem_file_test *test = *state;
    make_file(test, MEM_PATH, 3);
    capf_file *file = mem_open_write(test);
    mem_append_numbered(file, 1);
    mem_disk_truncate(test->disk, MEM_PATH, 6000);
    must_be(CAPF_CHANGED, capf_commit(file, &test_err));
    must_be(CAPF_CHANGED, capf_append(file, "x", 1, NULL, &test_err));
    capf_close(file);
}

static void test_a_folder_that_may_not_be_read_does_not_stop_a_commit(void **state)
{
    struct mem_file_test *test = *state;
    static const int codes[] = {-EACCES, -ENOENT};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct race race;
        race_init(&race, test);
        make_file(test, MEM_PATH, 3);
        capf_file *file = mem_open_write(test);
        mem_append_numbered(file, 1);
        race_at(&race, IO_DIRSYNC, 1, NULL, codes[i]);
        must(capf_commit(file, &test_err));
        assert_int_equal(race.calls, 1);
        capf_close(file);
        check_count(test, 4);
    }
}

/* Growing in good time saves work later; writing says whether there is room. */
static void test_a_file_that_cannot_be_grown_is_written_all_the_same(void **state)
{
    struct mem_file_test *test = *state;
    static const int codes[] = {-EDQUOT, -ENOSPC, -EFBIG};
    static uint8_t noise[1000000];
    test_fill(noise, sizeof noise, 6, 100);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct race race;
        struct capf_bytes record;
        race_init(&race, test);
        make_file(test, MEM_PATH, 3);
        capf_file *file = mem_open_write(test);
        race_at(&race, IO_GROW, 1, NULL, codes[i]);
        must(capf_append(file, noise, sizeof noise, NULL, &test_err));
        assert_int_equal(race.calls, 1);
        must(capf_commit(file, &test_err));
        must(capf_get(file, 4, &record, &test_err));
        must_hold(record, noise, sizeof noise);
        capf_close(file);
    }
}

/* ---- Opening to write ---- */

static void test_a_file_replaced_while_it_is_opened_is_opened_anew(void **state)
{
    struct mem_file_test *test = *state;
    static const enum io_op ops[] = {IO_OPEN, IO_STAT_PATH, IO_LOCK, IO_LOCK_OWNER};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        struct race race;
        race_init(&race, test);
        make_file(test, MEM_PATH, 3);
        make_file(test, OTHER, 7);
        /* of the openings the second, which is to write */
        race_at(&race, ops[i], ops[i] == IO_OPEN ? 2 : 1, put_other_there, 0);
        capf_file *file = mem_open_write(test);
        mem_check_numbered(file, 7);
        mem_append_numbered(file, 1);
        must(capf_commit(file, &test_err));
        capf_close(file);
        check_count(test, 8);
    }
}

/* The inode alone does not make a file. */
static void test_a_file_of_another_device_is_another_file(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    capf_file *file = NULL;
    bool changed = false;
    race_init(&race, test);
    make_file(test, MEM_PATH, 3);
    race.other_device = true;
    must_be(CAPF_CHANGED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    race_over(&race);
    race_at(&race, IO_STAT_PATH, 1, another_device_of_fds, 0);
    file = mem_open_read(test);
    race.of_fds = false;
    race.other_device = true;
    must(capf_refresh(file, &changed, &test_err));
    assert_true(changed);
    assert_true(mem_info(file).warnings & CAPF_WARN_REPLACED);
    mem_check_numbered(file, 3);
    capf_close(file);
}

static void test_who_asks_for_a_moment_is_waited_for(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    race_init(&race, test);
    make_file(test, MEM_PATH, 3);
    race_at(&race, IO_OPEN, 2, NULL, -EAGAIN); /* a lease is being tried, for microseconds */
    capf_file *file = mem_open_write(test);
    assert_true(race.calls > 2);
    capf_close(file);
    race.times = 1000000;
    race.calls = 0;
    must_be(CAPF_OTHER_WRITER, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    assert_int_equal(test_err.pid, -1);
    race.calls = 0;
    test->options.wait_ms = 400; /* longer than such a moment is waited for anyway */
    must_be(CAPF_OTHER_WRITER, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, NULL));
}

static void test_a_lock_taken_behind_the_look_for_it_is_respected(void **state)
{
    struct mem_file_test *test = *state;
    struct race race;
    capf_file *file = NULL;
    race_init(&race, test);
    make_file(test, MEM_PATH, 3);
    race_at(&race, IO_LOCK, 1, NULL, -EAGAIN);
    must_be(CAPF_LOCKED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    test->options.wait_ms = 1000;
    race_at(&race, IO_LOCK, 1, NULL, -EAGAIN);
    file = mem_open_write(test);
    capf_close(file);
}

/* ---- Creating ---- */

static void test_a_file_replaced_before_its_replacement_is_not_lost(void **state)
{
    struct mem_file_test *test = *state;
    static void (*const acts[])(struct race *) = {put_other_there, another_device};
    struct capf_creation replace = {.how = CAPF_REPLACE};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct race race;
        capf_file *file = NULL;
        race_init(&race, test);
        make_file(test, MEM_PATH, 3);
        make_file(test, OTHER, 7);
        race_at(&race, IO_DATASYNC, 1, acts[i], 0);
        must_be(CAPF_CHANGED,
                capf_create(MEM_PATH, &replace, &test->options, &file, NULL, &test_err));
        assert_null(file);
        check_count(test, i == 0 ? 7 : 3);
        race_over(&race);
    }
    assert_int_equal(mem_disk_name_count(test->disk), 2);
}

static void test_who_creates_a_moment_later_opens(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_OPEN_OR_CREATE};
    struct race race;
    capf_file *file = NULL;
    bool created = true;
    race_init(&race, test);
    make_file(test, OTHER, 7);
    race_at(&race, IO_LINK_UNNAMED, 1, put_other_there, 0);
    must(capf_create(MEM_PATH, &creation, &test->options, &file, &created, &test_err));
    assert_false(created);
    mem_check_numbered(file, 7);
    capf_close(file);
}

/* There when it is to be made, and gone when it is to be opened, again and again. */
static int blink(void *ctx, struct io_call *call)
{
    struct race *race = ctx;
    if (call->op == IO_OPEN && race->calls > 0)
        race->base->unlink(race->base->ctx, MEM_PATH);
    if (call->op != IO_LINK_UNNAMED)
        return 0;
    race->calls++;
    int fd = race->base->open(race->base->ctx, MEM_PATH, CAPF_IO_NEW);
    assert_true(fd >= 0);
    race->base->close(race->base->ctx, fd);
    return 0;
}

static void test_a_name_that_comes_and_goes_is_given_up(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_OPEN_OR_CREATE};
    struct race race;
    capf_file *file = NULL;
    race_init(&race, test);
    race.wrap.hook = blink;
    must_be(CAPF_EXISTS, capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    assert_in_range(race.calls, 2, 10);
    assert_null(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_node_is_not_mended_in_another_file),
        TEST(test_a_node_is_not_mended_where_the_file_cannot_be_told),
        TEST(test_a_node_is_not_mended_in_a_file_that_cannot_be_looked_at),
        TEST(test_half_a_node_is_taken_back_without_syncs_too),
        TEST(test_a_file_that_was_cut_within_its_nodes_is_noticed),
        TEST(test_a_folder_that_may_not_be_read_does_not_stop_a_commit),
        TEST(test_a_file_that_cannot_be_grown_is_written_all_the_same),
        TEST(test_a_file_replaced_while_it_is_opened_is_opened_anew),
        TEST(test_a_file_of_another_device_is_another_file),
        TEST(test_who_asks_for_a_moment_is_waited_for),
        TEST(test_a_lock_taken_behind_the_look_for_it_is_respected),
        TEST(test_a_file_replaced_before_its_replacement_is_not_lost),
        TEST(test_who_creates_a_moment_later_opens),
        TEST(test_a_name_that_comes_and_goes_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
