/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several processes on one real file: writers that take turns, one that comes without a lock
 * after ours has begun, one that is killed; which bytes are locked, and when; one file under
 * several names; and a file that is replaced, cut or removed under a reader. test_lock.c has who
 * is refused.
 */
#include "tests/support/mem_file.h"

#include "tests/support/child.h"
#include "tests/support/locks.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"
#include "tests/support/wrap_io.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEST(name) cmocka_unit_test_setup(name, locks_begin)

#define NOBODY 65534

/* A closed file with so many numbered records. */
static void make_file(const char *name, uint64_t count)
{
    struct capf_creation creation = {.how = CAPF_REPLACE};
    capf_file *file;
    must(capf_create(name, &creation, NULL, &file, NULL, &test_err));
    mem_append_numbered(file, count);
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static capf_file *open_file(const char *name, enum capf_access access)
{
    capf_file *file;
    must(capf_open(name, access, NULL, &file, &test_err));
    return file;
}

/* ---- Writers that take turns ---- */

#define WRITERS 3
#define TURNS 25

struct turns {
    const char *path;
    unsigned writer;
};

/* Each record says whose it is and the how manieth of those. */
static int take_turns(void *ctx, int report)
{
    const struct turns *turns = ctx;
    struct capf_options options = {.wait_ms = 60000};
    for (unsigned i = 0; i < TURNS; i++) {
        capf_file *file;
        unsigned record[2] = {turns->writer, i};
        enum capf_status status = capf_open(turns->path, CAPF_WRITE, &options, &file, NULL);
        if (status != CAPF_OK)
            return 100 + (int)status;
        status = capf_append(file, record, sizeof record, NULL, NULL);
        if (status == CAPF_OK)
            status = capf_commit(file, NULL);
        capf_close(file);
        if (status != CAPF_OK)
            return 100 + (int)status;
    }
    (void)report;
    return 0;
}

static void test_writers_that_wait_for_each_other_lose_nothing(void **state)
{
    (void)state;
    struct process processes[WRITERS];
    struct turns turns[WRITERS];
    unsigned next[WRITERS] = {0};
    make_file(locks_path(), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        turns[i] = (struct turns){locks_path(), i};
        processes[i] = process_fork(take_turns, &turns[i]);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        assert_int_equal(process_end(&processes[i], 0), 0);
    capf_file *file = open_file(locks_path(), CAPF_READ);
    assert_int_equal(capf_file_count(file), WRITERS * TURNS);
    for (uint64_t n = 1; n <= WRITERS * TURNS; n++) {
        struct capf_bytes bytes;
        unsigned record[2];
        must(capf_get(file, n, &bytes, &test_err));
        assert_int_equal(bytes.len, sizeof record);
        memcpy(record, bytes.data, sizeof record);
        assert_true(record[0] < WRITERS && record[1] == next[record[0]]++);
    }
    capf_close(file);
}

/* ---- A stranger's hand, and a writer's end ---- */

static bool commit_without_a_lock(const char *name)
{
    struct capf_options options = {.locking = CAPF_LOCK_NONE};
    capf_file *file;
    return capf_open(name, CAPF_WRITE, &options, &file, NULL) == CAPF_OK &&
           capf_append(file, "theirs", 6, NULL, NULL) == CAPF_OK &&
           capf_commit(file, NULL) == CAPF_OK;
}

/* Of noise, so that blocks are closed and would be written. */
static enum capf_status append_blocks(capf_file *file)
{
    static uint8_t noise[100000];
    test_fill(noise, sizeof noise, 5, 100);
    return capf_append(file, noise, sizeof noise, NULL, &test_err);
}

static void
test_a_writer_without_a_lock_that_came_later_is_noticed_before_anything_is_written(void **state)
{
    (void)state;
    for (int with_blocks = 0; with_blocks < 2; with_blocks++) {
        make_file(locks_path(), 10);
        capf_file *file = open_file(locks_path(), CAPF_WRITE);
        mem_append_numbered(file, 1);
        struct child child = child_start(commit_without_a_lock, locks_path());
        if (with_blocks)
            must_be(CAPF_CHANGED, append_blocks(file));
        must_be(CAPF_CHANGED, capf_commit(file, &test_err));
        must_be(CAPF_CHANGED, capf_append(file, "x", 1, NULL, &test_err));
        capf_close(file);
        child_end(&child);
        file = open_file(locks_path(), CAPF_READ);
        assert_int_equal(capf_file_count(file), 11);
        mem_check_text(file, 10, "record 10");
        mem_check_text(file, 11, "theirs");
        capf_close(file);
    }
}

static void test_a_killed_writer_leaves_no_lock(void **state)
{
    (void)state;
    make_file(locks_path(), 1);
    struct child child = child_start(locks_hold_ours, locks_path());
    kill(child.pid, SIGKILL);
    child_end(&child);
    capf_close(open_file(locks_path(), CAPF_WRITE));
}

/* The records would go where nobody finds them. */
static void test_a_writer_notices_that_its_file_was_removed_replaced_or_cut(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        make_file(locks_path(), 10);
        capf_file *file = open_file(locks_path(), CAPF_WRITE);
        mem_append_numbered(file, 1);
        must(capf_commit(file, &test_err));
        mem_append_numbered(file, 1);
        make_file(scratch_path("other.capture"), 3);
        if (how == 0)
            assert_int_equal(unlink(locks_path()), 0);
        else if (how == 1)
            assert_int_equal(rename(scratch_path("other.capture"), locks_path()), 0);
        else
            assert_int_equal(truncate(locks_path(), 90000), 0);
        must_be(CAPF_CHANGED, capf_commit(file, &test_err));
        capf_close(file);
        assert_int_equal(access(locks_path(), F_OK), how == 0 ? -1 : 0);
    }
}

/* ---- Which bytes, and when ---- */

/* Who would refuse a classic lock of these bytes? F_UNLCK: nobody. Locks of a descriptor conflict
 * with classic ones of the same process too. */
static struct flock classic_look(int fd, short type, off_t start, off_t len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    assert_int_equal(fcntl(fd, F_GETLK, &lock), 0);
    return lock;
}

/* Exactly these bytes are locked, and no others. */
static void check_locked(int fd, short type, off_t start, off_t len)
{
    struct flock found = classic_look(fd, F_WRLCK, start, len);
    assert_int_equal(found.l_type, type);
    assert_int_equal(found.l_start, start);
    assert_int_equal(found.l_len, len);
}

static void test_the_writers_lock_is_the_byte_that_python_locks(void **state)
{
    (void)state;
    make_file(locks_path(), 1);
    int fd = open(locks_path(), O_RDWR | O_CLOEXEC);
    assert_int_equal(classic_look(fd, F_WRLCK, 0, 0).l_type, F_UNLCK);
    struct capf_options options = {.force = true}; /* `fd` is a writer of whom nothing is known */
    capf_file *file;
    must(capf_open(locks_path(), CAPF_WRITE, &options, &file, &test_err));
    check_locked(fd, F_WRLCK, LOCKS_WRITER, 1);
    assert_int_equal(classic_look(fd, F_WRLCK, 0, LOCKS_WRITER).l_type, F_UNLCK);
    capf_close(file);
    assert_int_equal(classic_look(fd, F_WRLCK, 0, 0).l_type, F_UNLCK);
    close(fd);
}

struct observer {
    struct wrap_io wrap;
    int fd;
    enum io_op op;
    short type;     /* as it must be locked during that call */
    unsigned calls; /* on a whole node */
};

static int observe(void *ctx, struct io_call *call)
{
    struct observer *observer = ctx;
    if (call->op == observer->op && call->len == LOCKS_NODES_LEN / 2) {
        check_locked(observer->fd, observer->type, LOCKS_NODES, LOCKS_NODES_LEN);
        observer->calls++;
    }
    return 0;
}

static void observe_from_now_on(struct observer *observer, enum io_op op, short type)
{
    wrap_io_init(&observer->wrap, capf_io_posix());
    observer->fd = open(locks_path(), O_RDWR | O_CLOEXEC);
    observer->op = op;
    observer->type = type;
    observer->wrap.hook = observe;
    observer->wrap.hook_ctx = observer;
}

static void test_a_commit_locks_the_bytes_of_both_nodes_while_it_writes_one(void **state)
{
    (void)state;
    struct observer observer = {0};
    make_file(locks_path(), 1);
    observe_from_now_on(&observer, IO_PWRITE, F_WRLCK);
    struct capf_options options = {.io = &observer.wrap.io, .force = true};
    capf_file *file;
    must(capf_open(locks_path(), CAPF_WRITE, &options, &file, &test_err));
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    assert_true(observer.calls >= 1);
    assert_int_equal(classic_look(observer.fd, F_WRLCK, LOCKS_NODES, LOCKS_NODES_LEN).l_type,
                     F_UNLCK);
    capf_close(file);
    close(observer.fd);
}

static void test_a_locking_reader_shares_the_bytes_of_both_nodes(void **state)
{
    (void)state;
    struct observer observer = {0};
    make_file(locks_path(), 1);
    observe_from_now_on(&observer, IO_PREAD, F_RDLCK);
    struct capf_options options = {.io = &observer.wrap.io, .locking = CAPF_LOCK_WRITER_AND_NODE};
    capf_file *file;
    must(capf_open(locks_path(), CAPF_READ, &options, &file, &test_err));
    assert_int_equal(observer.calls, 2);
    assert_int_equal(classic_look(observer.fd, F_WRLCK, 0, 0).l_type, F_UNLCK);
    assert_int_equal(classic_look(observer.fd, F_RDLCK, 0, 0).l_type, F_UNLCK);
    capf_close(file);
    close(observer.fd);
}

/* ---- One file, several names ---- */

static void check_refused_at_once(const char *name, long pid)
{
    capf_file *file = NULL;
    struct capf_creation open_it = {.how = CAPF_OPEN_OR_CREATE}, replace = {.how = CAPF_REPLACE};
    uint64_t start = process_now_ms();
    must_be(CAPF_LOCKED, capf_open(name, CAPF_WRITE, NULL, &file, &test_err));
    assert_int_equal(test_err.pid, pid);
    must_be(CAPF_LOCKED, capf_create(name, &open_it, NULL, &file, NULL, &test_err));
    assert_int_equal(test_err.pid, pid);
    must_be(CAPF_LOCKED, capf_create(name, &replace, NULL, &file, NULL, &test_err));
    assert_int_equal(test_err.pid, pid);
    assert_in_range(process_now_ms() - start, 0, process_patience_ms() / 4);
    assert_null(file);
}

static void test_symlinks_hard_links_and_relative_paths_are_the_same_file(void **state)
{
    (void)state;
    char *home = getcwd(NULL, 0);
    make_file(locks_path(), 1);
    assert_int_equal(chdir(scratch_path(".")), 0);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("../lock.capture", "folder/symlink"), 0);
    assert_int_equal(symlink("folder/symlink", "symlink"), 0);
    assert_int_equal(link("lock.capture", "hard"), 0);
    static const char *const names[] = {
        "lock.capture", "./lock.capture", "folder/../lock.capture", "folder/symlink",
        "symlink",      "hard",           "folder/../symlink"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct child child = child_start(locks_hold_ours, names[i]);
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            check_refused_at_once(names[j], child.pid);
        check_refused_at_once(locks_path(), child.pid);
        child_end(&child);
        capf_file *file = open_file(names[i], CAPF_WRITE);
        mem_append_numbered(file, 1);
        must(capf_commit(file, &test_err));
        capf_close(file);
    }
    capf_file *file = open_file(locks_path(), CAPF_READ);
    mem_check_numbered(file, 1 + sizeof names / sizeof names[0]);
    capf_close(file);
    unlink("hard");
    assert_int_equal(chdir(home), 0);
    free(home);
}

/* ---- Somebody else's file ---- */

struct stranger {
    const char *path;
    int finds; /* the status that it must meet */
};

/* The system tells only an owner who has a file open; anybody else must watch it for a while. */
static int write_as_nobody(void *ctx, int report)
{
    const struct stranger *stranger = ctx;
    capf_file *file;
    struct capf_info info;
    (void)report;
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return 1;
    enum capf_status status = capf_open(stranger->path, CAPF_WRITE, NULL, &file, NULL);
    if (status != CAPF_OK)
        return (int)status == stranger->finds ? 0 : 100 + (int)status;
    if (capf_get_info(file, &info, NULL) != CAPF_OK || info.warnings != CAPF_WARN_WRITERS_UNSEEN)
        return 2;
    if (capf_append(file, "record 2", 8, NULL, NULL) != CAPF_OK ||
        capf_commit(file, NULL) != CAPF_OK)
        return 3;
    capf_close(file);
    return stranger->finds == CAPF_OK ? 0 : 4;
}

static void end_stranger(enum capf_status finds)
{
    struct stranger stranger = {locks_path(), (int)finds};
    assert_int_equal(chmod(scratch_path("."), 0711), 0);
    assert_int_equal(chmod(locks_path(), 0666), 0);
    struct process process = process_fork(write_as_nobody, &stranger);
    assert_int_equal(process_end(&process, 0), 0);
}

static int commit_busily(void *ctx, int report)
{
    struct capf_options options = {.locking = CAPF_LOCK_NONE, .durability = CAPF_DURABLE_NONE};
    capf_file *file;
    if (capf_open(ctx, CAPF_WRITE, &options, &file, NULL) != CAPF_OK)
        return 1;
    while (capf_append(file, "busy", 4, NULL, NULL) == CAPF_OK &&
           capf_commit(file, NULL) == CAPF_OK)
        if (capf_file_count(file) == 2 && write(report, "b", 1) != 1)
            return 2;
    return 3;
}

static void test_where_writers_cannot_be_told_a_busy_one_is_seen_by_its_hand(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    char name[SCRATCH_PATH], byte;
    snprintf(name, sizeof name, "%s", locks_path());
    make_file(name, 1);
    end_stranger(CAPF_OK);
    capf_file *file = open_file(name, CAPF_READ);
    mem_check_numbered(file, 2);
    capf_close(file);

    make_file(name, 1);
    struct process busy = process_fork(commit_busily, name);
    assert_int_equal(process_hear(&busy, &byte, 1, process_patience_ms()), 1);
    end_stranger(CAPF_OTHER_WRITER);
    assert_int_equal(process_end(&busy, SIGKILL), 128 + SIGKILL);
}

/* ---- A file that is not what it was ---- */

static void check_said(capf_file *file, unsigned warning)
{
    struct capf_info info;
    char text[256];
    must(capf_get_info(file, &info, &test_err));
    assert_true(info.warnings & warning);
    capf_warning_text(&info, (enum capf_warning)warning, text, sizeof text);
    assert_true(strlen(text) > 10);
}

static void test_a_file_replaced_by_a_rename_is_noticed_and_said(void **state)
{
    (void)state;
    make_file(locks_path(), 3000);
    capf_file *file = open_file(locks_path(), CAPF_READ);
    make_file(scratch_path("other.capture"), 20);
    assert_int_equal(rename(scratch_path("other.capture"), locks_path()), 0);
    bool changed = false;
    must(capf_refresh(file, &changed, &test_err));
    assert_true(changed);
    check_said(file, CAPF_WARN_REPLACED);
    mem_check_numbered(file, 20);
    capf_close(file);
}

static void test_a_removed_file_is_said_and_goes_on_being_shown(void **state)
{
    (void)state;
    make_file(locks_path(), 3000);
    capf_file *file = open_file(locks_path(), CAPF_READ);
    assert_int_equal(unlink(locks_path()), 0);
    either_way(capf_refresh(file, NULL, NULL));
    check_said(file, CAPF_WARN_REPLACED);
    mem_check_numbered(file, 3000);
    capf_close(file);
}

/* A mapped file would end the process here. */
static void test_a_truncated_file_gives_errors_in_place_of_what_is_gone(void **state)
{
    (void)state;
    static const off_t sizes[] = {200000, 90000, 50000, 3000, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct capf_bytes record;
        struct capf_options options = {.cache_bytes = 1};
        capf_file *file;
        make_file(locks_path(), 60000);
        must(capf_open(locks_path(), CAPF_READ, &options, &file, &test_err));
        struct capf_info info;
        must(capf_get_info(file, &info, &test_err));
        assert_true(info.file_limit > 200000);
        assert_int_equal(truncate(locks_path(), sizes[i]), 0);
        enum capf_status status = capf_refresh(file, NULL, &test_err);
        check_said(file, CAPF_WARN_CUT);
        if (status ==
            CAPF_OK) /* where so little is left that it is no capture file, refresh says so */
            check_said(file, CAPF_WARN_REPLACED);
        else
            assert_true(status == CAPF_DAMAGED || status == CAPF_NOT_CAPTURE);
        uint64_t faults = 0;
        for (uint64_t n = 1; n <= 60000; n += 100) {
            char text[40];
            if (capf_get(file, n, &record, NULL) != CAPF_OK) {
                faults++;
                continue;
            }
            snprintf(text, sizeof text, "record %llu", (unsigned long long)n);
            must_hold(record, text, strlen(text));
        }
        assert_true(faults > 0);
        capf_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_writers_that_wait_for_each_other_lose_nothing),
        TEST(test_a_writer_without_a_lock_that_came_later_is_noticed_before_anything_is_written),
        TEST(test_a_killed_writer_leaves_no_lock),
        TEST(test_a_writer_notices_that_its_file_was_removed_replaced_or_cut),
        TEST(test_the_writers_lock_is_the_byte_that_python_locks),
        TEST(test_a_commit_locks_the_bytes_of_both_nodes_while_it_writes_one),
        TEST(test_a_locking_reader_shares_the_bytes_of_both_nodes),
        TEST(test_symlinks_hard_links_and_relative_paths_are_the_same_file),
        TEST(test_where_writers_cannot_be_told_a_busy_one_is_seen_by_its_hand),
        TEST(test_a_file_replaced_by_a_rename_is_noticed_and_said),
        TEST(test_a_removed_file_is_said_and_goes_on_being_shown),
        TEST(test_a_truncated_file_gives_errors_in_place_of_what_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
