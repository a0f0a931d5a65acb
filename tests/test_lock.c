/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks on the real file system, against other processes: ours, ones that lock
 * the same bytes the classic way as the Python implementation does, and ones
 * that write without any lock. And, on a pretended clock, how long is waited.
 */
#include "tests/support/mem_file.h"

#include "tests/support/child.h"
#include "tests/support/locks.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEST(name) cmocka_unit_test_setup(name, locks_begin)
#define MEM_TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

#define MS 1000000u

/* A closed file with one record. */
static void make_file(void)
{
    capf_file *file;
    must(capf_create(locks_path(), NULL, NULL, &file, NULL, &test_err));
    mem_append(file, "first");
    must(capf_commit(file, &test_err));
    capf_close(file);
}

/* ---- What other processes do ---- */

static bool hold_classic_writer(const char *name)
{
    return locks_hold_classic(name, F_WRLCK, LOCKS_WRITER, 1);
}

static bool hold_nodes_shared(const char *name)
{
    return locks_hold_classic(name, F_RDLCK, LOCKS_NODES, LOCKS_NODES_LEN);
}

static bool find_writer_locked(const char *name)
{
    return !locks_hold_classic(name, F_WRLCK, LOCKS_WRITER, 1) &&
           (errno == EAGAIN || errno == EACCES);
}

static bool hold_open_for_writing(const char *name)
{
    return open(name, O_RDWR) >= 0;
}

static bool hold_open_for_reading(const char *name)
{
    capf_file *file;
    return capf_open(name, CAPF_READ, NULL, &file, NULL) == CAPF_OK;
}

/* ---- The writer's lock ---- */

static void check_refused(enum capf_status status, long pid)
{
    capf_file *file = NULL;
    struct capf_creation replace = {.how = CAPF_REPLACE};
    must_be(status, capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    assert_int_equal(test_err.pid, pid);
    must_be(status, capf_create(locks_path(), &replace, NULL, &file, NULL, &test_err));
    assert_int_equal(test_err.pid, pid);
    assert_null(file);
    must(capf_open(locks_path(), CAPF_READ, NULL, &file, &test_err));
    mem_check_text(file, 1, "first");
    capf_close(file);
}

static void check_open_again(void)
{
    capf_file *file = NULL;
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    assert_int_equal(mem_append(file, "second"), 2);
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void test_second_writer_is_refused_and_told_the_pid(void **state)
{
    (void)state;
    make_file();
    struct child child = child_start(locks_hold_ours, locks_path());
    check_refused(CAPF_LOCKED, child.pid);
    child_end(&child);
    check_open_again();
}

static void test_a_classic_lock_is_respected(void **state)
{
    (void)state;
    make_file();
    struct child child = child_start(hold_classic_writer, locks_path());
    check_refused(CAPF_LOCKED, child.pid);
    child_end(&child);
    check_open_again();
}

static void test_a_classic_locker_finds_our_lock(void **state)
{
    (void)state;
    capf_file *file;
    make_file();
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    struct child child = child_start(find_writer_locked, locks_path());
    child_end(&child);
    capf_close(file);
    child = child_start(hold_classic_writer, locks_path());
    child_end(&child);
}

static void test_a_new_file_is_locked_from_the_start(void **state)
{
    (void)state;
    capf_file *file;
    must(capf_create(locks_path(), NULL, NULL, &file, NULL, &test_err));
    struct child child = child_start(find_writer_locked, locks_path());
    child_end(&child);
    capf_close(file);
}

static void test_closing_another_descriptor_keeps_the_lock(void **state)
{
    (void)state;
    capf_file *file, *reader;
    make_file();
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    close(open(locks_path(), O_RDONLY));
    must(capf_open(locks_path(), CAPF_READ, NULL, &reader, &test_err));
    capf_close(reader);
    struct child child = child_start(find_writer_locked, locks_path());
    child_end(&child);
    capf_close(file);
}

static void test_a_second_handle_of_this_process_is_refused(void **state)
{
    (void)state;
    capf_file *file, *second = NULL;
    make_file();
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    must_be(CAPF_LOCKED, capf_open(locks_path(), CAPF_WRITE, NULL, &second, &test_err));
    capf_close(file);
}

/* ---- Writers without a lock ---- */

/* Can this system tell? If not, nothing here can be shown. */
static void skip_unless_writers_are_told(void)
{
    struct capf_info info;
    capf_file *file;
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    must(capf_get_info(file, &info, &test_err));
    capf_close(file);
    if (info.warnings & CAPF_WARN_WRITERS_UNSEEN)
        skip();
}

static void test_a_writer_without_a_lock_is_seen(void **state)
{
    (void)state;
    make_file();
    skip_unless_writers_are_told();
    struct child child = child_start(hold_open_for_writing, locks_path());
    check_refused(CAPF_OTHER_WRITER, child.pid);
    child_end(&child);
    check_open_again();
}

static void test_force_writes_beside_a_writer_without_a_lock(void **state)
{
    (void)state;
    capf_file *file;
    struct capf_options options = {.force = true};
    make_file();
    struct child child = child_start(hold_open_for_writing, locks_path());
    must(capf_open(locks_path(), CAPF_WRITE, &options, &file, &test_err));
    assert_int_equal(mem_append(file, "forced"), 2);
    must(capf_commit(file, &test_err));
    capf_close(file);
    child_end(&child);
}

static void test_force_does_not_break_a_lock(void **state)
{
    (void)state;
    capf_file *file = NULL;
    struct capf_options options = {.force = true};
    make_file();
    struct child child = child_start(hold_classic_writer, locks_path());
    must_be(CAPF_LOCKED, capf_open(locks_path(), CAPF_WRITE, &options, &file, &test_err));
    child_end(&child);
}

static void test_without_locking_nobody_is_looked_for(void **state)
{
    (void)state;
    capf_file *file;
    struct capf_options options = {.locking = CAPF_LOCK_NONE};
    struct capf_info info;
    make_file();
    struct child child = child_start(hold_classic_writer, locks_path());
    must(capf_open(locks_path(), CAPF_WRITE, &options, &file, &test_err));
    must(capf_get_info(file, &info, &test_err));
    assert_true(info.warnings & CAPF_WARN_NO_LOCK);
    capf_close(file);
    child_end(&child);
}

static void test_a_reader_does_not_stop_a_writer(void **state)
{
    (void)state;
    make_file();
    struct child child = child_start(hold_open_for_reading, locks_path());
    check_open_again();
    child_end(&child);
}

/* ---- The nodes' lock ---- */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void test_a_stopped_reader_does_not_stop_a_commit(void **state)
{
    (void)state;
    capf_file *file;
    make_file();
    must(capf_open(locks_path(), CAPF_WRITE, NULL, &file, &test_err));
    struct child child = child_start(hold_nodes_shared, locks_path());
    uint64_t start = now_ms();
    assert_int_equal(mem_append(file, "second"), 2);
    must(capf_commit(file, &test_err));
    uint64_t took = now_ms() - start;
    assert_in_range(took, 0, 5000);
    child_end(&child);
    capf_close(file);
}

/* The same on a clock that only naps move, where the wait can be told exactly. */
static void test_a_commit_waits_250_ms_for_the_nodes(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "a");
    int fd = io->open(io->ctx, MEM_PATH, CAPF_IO_READ);
    assert_int_equal(io->lock(io->ctx, fd, LOCKS_NODES, LOCKS_NODES_LEN, CAPF_IO_SHARED), 0);
    uint64_t start = io->now(io->ctx);
    must(capf_commit(file, &test_err));
    assert_in_range(io->now(io->ctx) - start, 200ull * MS, 300ull * MS);
    io->close(io->ctx, fd);
    start = io->now(io->ctx);
    mem_append(file, "b");
    must(capf_commit(file, &test_err));
    assert_int_equal(io->now(io->ctx) - start, 0);
    capf_close(file);
}

static void test_a_locking_reader_waits_for_the_nodes_and_then_goes_on(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    capf_close(mem_create(test, 0, 0, 0));
    int fd = io->open(io->ctx, MEM_PATH, CAPF_IO_WRITE);
    assert_int_equal(io->lock(io->ctx, fd, LOCKS_NODES, LOCKS_NODES_LEN, CAPF_IO_EXCLUSIVE), 0);
    uint64_t start = io->now(io->ctx);
    capf_file *file = mem_open_read(test);
    assert_int_equal(io->now(io->ctx) - start, 0);
    capf_close(file);
    test->options.locking = CAPF_LOCK_WRITER_AND_NODE;
    file = mem_open_read(test);
    assert_in_range(io->now(io->ctx) - start, 50ull * MS, 5000ull * MS);
    capf_close(file);
    io->close(io->ctx, fd);
}

static void test_no_lock_of_the_nodes_is_left(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    long pid;
    test->options.locking = CAPF_LOCK_WRITER_AND_NODE;
    capf_file *writer = mem_create(test, 0, 0, 0);
    mem_append(writer, "a");
    must(capf_commit(writer, &test_err));
    capf_file *reader = mem_open_read(test);
    must(capf_refresh(reader, NULL, &test_err));
    int fd = io->open(io->ctx, MEM_PATH, CAPF_IO_WRITE);
    assert_int_equal(io->lock_owner(io->ctx, fd, LOCKS_NODES, LOCKS_NODES_LEN, &pid), 0);
    assert_int_equal(io->lock_owner(io->ctx, fd, LOCKS_WRITER, 1, &pid), 1);
    capf_close(writer);
    assert_int_equal(io->lock_owner(io->ctx, fd, 0, UINT64_MAX, &pid), 0);
    io->close(io->ctx, fd);
    capf_close(reader);
}

/* ---- Waiting for the writer's lock ---- */

static void close_handle(void *ctx)
{
    capf_file **file = ctx;
    capf_close(*file);
    *file = NULL;
}

static void test_wait_ms_gets_a_lock_that_is_released(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *first = mem_create(test, 0, 0, 0), *second = NULL;
    test->options.wait_ms = 10000;
    mem_disk_on_nap(test->disk, close_handle, &first);
    must(capf_open(MEM_PATH, CAPF_WRITE, &test->options, &second, &test_err));
    assert_null(first);
    mem_disk_on_nap(test->disk, NULL, NULL);
    capf_close(second);
}

static void test_wait_ms_ends(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    capf_file *first = mem_create(test, 0, 0, 0), *second = NULL;
    uint64_t start = io->now(io->ctx);
    must_be(CAPF_LOCKED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &second, &test_err));
    assert_int_equal(io->now(io->ctx) - start, 0);
    test->options.wait_ms = 3000;
    must_be(CAPF_LOCKED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &second, &test_err));
    assert_in_range(io->now(io->ctx) - start, 3000ull * MS, 3300ull * MS);
    capf_close(first);
}

static void test_a_file_system_without_locks_says_so(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    capf_close(mem_create(test, 0, 0, 0));
    mem_disk_limits(test->disk)->no_locks = true;
    enum capf_status status = capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err);
    if (status == CAPF_OK) {
        assert_true(mem_info(file).warnings & CAPF_WARN_NO_LOCK);
        capf_close(file);
    } else {
        assert_int_equal(status, CAPF_IO);
        assert_int_equal(test_err.sys_errno, EOPNOTSUPP);
    }
    test->options.locking = CAPF_LOCK_NONE;
    file = mem_open_write(test);
    assert_true(mem_info(file).warnings & CAPF_WARN_NO_LOCK);
    capf_close(file);
}

static void test_writers_that_cannot_be_told_are_watched_for(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    capf_close(mem_create(test, 0, 0, 0));
    mem_disk_limits(test->disk)->writers_untold = true;
    uint64_t start = io->now(io->ctx);
    capf_file *file = mem_open_write(test);
    assert_in_range(io->now(io->ctx) - start, 150ull * MS, 600ull * MS);
    assert_true(mem_info(file).warnings & CAPF_WARN_WRITERS_UNSEEN);
    capf_close(file);
}

/* A writer without a lock that cannot be told otherwise commits while we look. */
static void commit_beside(void *ctx)
{
    struct mem_file_test *test = ctx;
    struct capf_options options = {.io = test->options.io, .locking = CAPF_LOCK_NONE};
    capf_file *file = NULL;
    mem_disk_on_nap(test->disk, NULL, NULL);
    must(capf_open(MEM_PATH, CAPF_WRITE, &options, &file, &test_err));
    mem_append(file, "theirs");
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void test_a_commit_during_the_watch_is_another_writer(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    capf_close(mem_create(test, 0, 0, 0));
    mem_disk_limits(test->disk)->writers_untold = true;
    mem_disk_on_nap(test->disk, commit_beside, test);
    enum capf_status status = capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, NULL);
    assert_int_equal(status, CAPF_OTHER_WRITER);
}

/* ---- What is not a file ---- */

static void test_fifos_and_folders_are_refused_and_left_alone(void **state)
{
    (void)state;
    struct capf_creation replace = {.how = CAPF_REPLACE}, open_it = {.how = CAPF_OPEN_OR_CREATE};
    capf_file *file = NULL;
    struct stat st;
    const char *fifo = scratch_path("fifo"), *folder = scratch_path("");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const char *const paths[] = {fifo, folder, "/dev/null"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        must_be(CAPF_NOT_REGULAR, capf_open(paths[i], CAPF_READ, NULL, &file, &test_err));
        must_be(CAPF_NOT_REGULAR, capf_open(paths[i], CAPF_WRITE, NULL, &file, &test_err));
        must_be(CAPF_NOT_REGULAR, capf_create(paths[i], &replace, NULL, &file, NULL, &test_err));
        must_be(CAPF_NOT_REGULAR, capf_create(paths[i], &open_it, NULL, &file, NULL, &test_err));
    }
    assert_int_equal(lstat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    unlink(fifo);
}

static void test_replace_keeps_the_mode_of_a_real_file(void **state)
{
    (void)state;
    struct capf_creation replace = {.how = CAPF_REPLACE};
    capf_file *file;
    struct stat st;
    make_file();
    assert_int_equal(chmod(locks_path(), 0640), 0);
    const char *link = scratch_path("link.capture");
    assert_int_equal(symlink("lock.capture", link), 0);
    must(capf_create(link, &replace, NULL, &file, NULL, &test_err));
    capf_close(file);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(locks_path(), &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0640);
    unlink(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_second_writer_is_refused_and_told_the_pid),
        TEST(test_a_classic_lock_is_respected),
        TEST(test_a_classic_locker_finds_our_lock),
        TEST(test_a_new_file_is_locked_from_the_start),
        TEST(test_closing_another_descriptor_keeps_the_lock),
        TEST(test_a_second_handle_of_this_process_is_refused),
        TEST(test_a_writer_without_a_lock_is_seen),
        TEST(test_force_writes_beside_a_writer_without_a_lock),
        TEST(test_force_does_not_break_a_lock),
        TEST(test_without_locking_nobody_is_looked_for),
        TEST(test_a_reader_does_not_stop_a_writer),
        TEST(test_a_stopped_reader_does_not_stop_a_commit),
        MEM_TEST(test_a_commit_waits_250_ms_for_the_nodes),
        MEM_TEST(test_a_locking_reader_waits_for_the_nodes_and_then_goes_on),
        MEM_TEST(test_no_lock_of_the_nodes_is_left),
        MEM_TEST(test_wait_ms_gets_a_lock_that_is_released),
        MEM_TEST(test_wait_ms_ends),
        MEM_TEST(test_a_file_system_without_locks_says_so),
        MEM_TEST(test_writers_that_cannot_be_told_are_watched_for),
        MEM_TEST(test_a_commit_during_the_watch_is_another_writer),
        TEST(test_fifos_and_folders_are_refused_and_left_alone),
        TEST(test_replace_keeps_the_mode_of_a_real_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
