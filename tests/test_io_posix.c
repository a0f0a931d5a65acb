/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table over the operating system, call by call: what real files, folders and limits answer,
 * calls that are interrupted, and systems that have less than this one. capf_io.h says what each
 * call gives.
 */
#include "tests/support/test.h"

#include "tests/support/refuse.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io_posix.h"

#define NO_FD 1000000 /* a descriptor that nobody has open */
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static const struct capf_io *io;
static char path[SCRATCH_PATH];
static int fd; /* of the file `path`, to read and write */

static int begin(void **state)
{
    (void)state;
    io = capf_io_posix();
    snprintf(path, sizeof path, "%s", scratch_path("file"));
    unlink(path);
    fd = io->open(io->ctx, path, CAPF_IO_NEW);
    return fd >= 0 ? 0 : -1;
}

/* What a failed test left to be refused must not reach the next one. */
static int end(void **state)
{
    (void)state;
    for (int call = 0; call < REFUSE_COUNT; call++)
        refuse((enum refused)call, 0, 0, 0);
    close(fd);
    return 0;
}

/* A descriptor, which is closed again. */
static void check_opened(int opened)
{
    assert_true(opened >= 0);
    io->close(io->ctx, opened);
}

/* ---- Real answers ---- */

static void a_closed_descriptor_is_said_by_every_call(void **state)
{
    (void)state;
    char byte = 0;
    long pid = 7;
    struct capf_io_stat st = {0};
    assert_int_equal(io->pread(io->ctx, NO_FD, &byte, 1, 0), -EBADF);
    assert_int_equal(io->pwrite(io->ctx, NO_FD, &byte, 1, 0), -EBADF);
    assert_int_equal(io->datasync(io->ctx, NO_FD), -EBADF);
    assert_int_equal(io->grow(io->ctx, NO_FD, 1), -EBADF);
    assert_int_equal(io->stat(io->ctx, NO_FD, &st), -EBADF);
    assert_int_equal(io->copy_owner(io->ctx, NO_FD, &st), -EBADF);
    assert_int_equal(io->lock(io->ctx, NO_FD, 0, 1, CAPF_IO_SHARED), -EBADF);
    assert_int_equal(io->lock_owner(io->ctx, NO_FD, 0, 1, &pid), -EBADF);
    assert_int_equal(io->link_unnamed(io->ctx, NO_FD, scratch_path("new")), -ENOENT);
    assert_int_equal(pid, 7);
}

static void transfers_say_why_they_fail(void **state)
{
    (void)state;
    char bytes[4] = "abc", back[4] = "";
    assert_int_equal(io->pwrite(io->ctx, fd, bytes, 4, 10), 4);
    assert_int_equal(io->pread(io->ctx, fd, back, 4, 10), 4);
    assert_memory_equal(back, bytes, 4);
    assert_int_equal(io->pread(io->ctx, fd, back, 4, 14), 0);
    int reading = io->open(io->ctx, path, CAPF_IO_READ);
    assert_int_equal(io->pwrite(io->ctx, reading, bytes, 4, 0), -EBADF);
    assert_int_equal(io->grow(io->ctx, reading, 100), -EINVAL);
    io->close(io->ctx, reading);
    int folder = io->open(io->ctx, scratch_path("."), CAPF_IO_READ);
    assert_int_equal(io->pread(io->ctx, folder, back, 4, 0), -EISDIR);
    io->close(io->ctx, folder);
    int full = io->open(io->ctx, "/dev/full", CAPF_IO_WRITE);
    if (full >= 0) {
        assert_int_equal(io->pwrite(io->ctx, full, bytes, 4, 0), -ENOSPC);
        assert_int_equal(io->datasync(io->ctx, full), -EINVAL);
        io->close(io->ctx, full);
    }
}

static void a_limit_on_files_is_said(void **state)
{
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 100, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int grown = io->grow(io->ctx, fd, 101);
    int64_t written = io->pwrite(io->ctx, fd, "x", 1, 100);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(grown, -EFBIG);
    assert_int_equal(written, -EFBIG);
    assert_int_equal(io->grow(io->ctx, fd, 101), 0);
}

static void a_limit_on_descriptors_is_said(void **state)
{
    (void)state;
    struct rlimit old, none;
    long pid = 7;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int opened = io->open(io->ctx, path, CAPF_IO_READ);
    int unnamed = io->open_unnamed(io->ctx, scratch_path("."));
    int synced = io->dirsync(io->ctx, scratch_path("."));
    int seen = io->writer_exists(io->ctx, path, &pid);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(opened, -EMFILE);
    assert_int_equal(unnamed, -EMFILE);
    assert_int_equal(synced, -EMFILE);
    assert_int_equal(seen, -EMFILE);
    assert_int_equal(pid, 7);
}

static void names_that_are_not_there_or_taken_are_said(void **state)
{
    (void)state;
    const char *gone = scratch_path("gone"), *other = scratch_path("other");
    struct capf_io_stat st;
    char buf[PATH_MAX];
    assert_int_equal(io->open(io->ctx, gone, CAPF_IO_READ), -ENOENT);
    assert_int_equal(io->open(io->ctx, path, CAPF_IO_NEW), -EEXIST);
    assert_int_equal(io->open(io->ctx, scratch_path("."), CAPF_IO_WRITE), -EISDIR);
    assert_int_equal(io->stat_path(io->ctx, gone, &st), -ENOENT);
    assert_int_equal(io->real_path(io->ctx, gone, buf, sizeof buf), -ENOENT);
    assert_int_equal(io->open_unnamed(io->ctx, gone), -ENOENT);
    assert_int_equal(io->link(io->ctx, gone, other), -ENOENT);
    assert_int_equal(io->link(io->ctx, path, path), -EEXIST);
    assert_int_equal(io->rename(io->ctx, gone, other), -ENOENT);
    assert_int_equal(io->unlink(io->ctx, gone), -ENOENT);
    assert_int_equal(io->dirsync(io->ctx, gone), -ENOENT);
    assert_int_equal(io->dirsync(io->ctx, path), -ENOTDIR);
    assert_int_equal(io->link(io->ctx, path, other), 0);
    assert_int_equal(io->rename(io->ctx, other, gone), 0);
    assert_int_equal(io->unlink(io->ctx, gone), 0);
    assert_int_equal(io->dirsync(io->ctx, scratch_path(".")), 0);
}

static void a_path_that_is_too_long_is_said(void **state)
{
    (void)state;
    char buf[PATH_MAX], name[301];
    struct capf_io_stat st;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(io->open(io->ctx, name, CAPF_IO_NEW), -ENAMETOOLONG);
    assert_int_equal(io->stat_path(io->ctx, name, &st), -ENAMETOOLONG);
    assert_int_equal(io->real_path(io->ctx, path, buf, sizeof buf), 0);
    size_t len = strlen(buf);
    memset(name, 'x', 8);
    assert_int_equal(io->real_path(io->ctx, path, name, len), -ERANGE);
    assert_int_equal(name[0], 'x');
    assert_int_equal(io->real_path(io->ctx, path, buf, len + 1), 0);
    assert_int_equal(buf[len], '\0');
}

static void a_fifo_does_not_stop_anybody(void **state)
{
    (void)state;
    struct capf_io_stat st;
    char byte;
    const char *fifo = scratch_path("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    int opened = io->open(io->ctx, fifo, CAPF_IO_READ);
    assert_true(opened >= 0);
    assert_int_equal(io->stat(io->ctx, opened, &st), 0);
    assert_int_equal(st.kind, CAPF_IO_OTHER);
    assert_int_equal(io->pread(io->ctx, opened, &byte, 1, 0), -ESPIPE);
    assert_int_equal(io->datasync(io->ctx, opened), -EINVAL);
    io->close(io->ctx, opened);
    unlink(fifo);
}

/* Locks that belong to descriptors: two of this process are strangers to each other. */
static void locks_of_two_descriptors_are_told_apart(void **state)
{
    (void)state;
    long pid = 0;
    int other = io->open(io->ctx, path, CAPF_IO_WRITE);
    assert_int_equal(io->lock(io->ctx, fd, 10, 1, CAPF_IO_SHARED), 0);
    assert_int_equal(io->lock(io->ctx, fd, 20, 1, CAPF_IO_EXCLUSIVE), 0);
    assert_int_equal(io->lock(io->ctx, fd, 30, 1, CAPF_IO_EXCLUSIVE), 0);
    assert_int_equal(io->lock(io->ctx, other, 10, 1, CAPF_IO_SHARED), 0);
    assert_int_equal(io->lock(io->ctx, other, 30, 1, CAPF_IO_EXCLUSIVE), -EAGAIN);
    assert_int_equal(io->lock_owner(io->ctx, other, 30, 1, &pid), 1);
    assert_int_equal(pid, getpid());
    assert_int_equal(io->lock(io->ctx, fd, 30, 1, CAPF_IO_UNLOCK), 0);
    assert_int_equal(io->lock_owner(io->ctx, other, 30, 1, &pid), 0);
    io->close(io->ctx, other);
}

static void an_open_writer_is_seen_and_named(void **state)
{
    (void)state;
    long pid = 0;
    int seen = io->writer_exists(io->ctx, path, &pid);
    if (seen < 0)
        skip(); /* a system that does not tell */
    assert_int_equal(seen, 1);
    assert_int_equal(pid, getpid());
    close(fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(io->writer_exists(io->ctx, path, &pid), 0);
    assert_int_equal(io->writer_exists(io->ctx, scratch_path("gone"), &pid), -ENOENT);
}

/* ---- Calls that are interrupted ---- */

static void interrupted_calls_are_made_again(void **state)
{
    (void)state;
    refuse(REFUSE_OPEN, 0, 2, EINTR);
    check_opened(io->open(io->ctx, path, CAPF_IO_WRITE));
    refuse(REFUSE_OPEN, 0, 2, EINTR);
    check_opened(io->open_unnamed(io->ctx, scratch_path(".")));
    refuse(REFUSE_OPEN, 0, 2, EINTR);
    refuse(REFUSE_FSYNC, 0, 2, EINTR);
    assert_int_equal(io->dirsync(io->ctx, scratch_path(".")), 0);
    refuse(REFUSE_FDATASYNC, 0, 2, EINTR);
    assert_int_equal(io->datasync(io->ctx, fd), 0);
    refuse(REFUSE_FTRUNCATE, 0, 2, EINTR);
    assert_int_equal(io->grow(io->ctx, fd, 5000), 0);
    refuse(REFUSE_FCNTL, 0, 2, EINTR);
    assert_int_equal(io->lock(io->ctx, fd, 0, 1, CAPF_IO_EXCLUSIVE), 0);
    refuse_end();
    struct capf_io_stat st;
    assert_int_equal(io->stat(io->ctx, fd, &st), 0);
    assert_int_equal(st.size, 5000);
}

/* ---- Systems that have less ---- */

static void calls_that_fail_for_good_say_why(void **state)
{
    (void)state;
    refuse(REFUSE_FDATASYNC, 0, 1, EIO);
    assert_int_equal(io->datasync(io->ctx, fd), -EIO);
    refuse(REFUSE_FSYNC, 0, 1, EIO);
    assert_int_equal(io->dirsync(io->ctx, scratch_path(".")), -EIO);
    refuse(REFUSE_FSYNC, 0, 1, EINVAL); /* where a folder cannot be synced, it need not be */
    assert_int_equal(io->dirsync(io->ctx, scratch_path(".")), 0);
    refuse_end();
}

static void files_without_a_name_may_not_be_there(void **state)
{
    (void)state;
    static const int unknown[] = {EOPNOTSUPP, EISDIR, EINVAL}, others[] = {EACCES, ENOSPC, EROFS};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        refuse(REFUSE_OPEN, 0, 1, unknown[i]);
        assert_int_equal(io->open_unnamed(io->ctx, scratch_path(".")), -EOPNOTSUPP);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        refuse(REFUSE_OPEN, 0, 1, others[i]);
        assert_int_equal(io->open_unnamed(io->ctx, scratch_path(".")), -others[i]);
    }
    refuse_end();
}

/* Only root gives files away; the permissions are kept all the same. */
static void who_may_not_give_a_file_away_still_gives_it_its_mode(void **state)
{
    (void)state;
    struct capf_io_stat from, st;
    assert_int_equal(io->stat(io->ctx, fd, &from), 0);
    from.mode = 0640;
    refuse(REFUSE_FCHOWN, 0, 1, EPERM);
    assert_int_equal(io->copy_owner(io->ctx, fd, &from), 0);
    assert_int_equal(io->stat(io->ctx, fd, &st), 0);
    assert_int_equal(st.mode, 0640);
    refuse(REFUSE_FCHOWN, 0, 1, EROFS);
    assert_int_equal(io->copy_owner(io->ctx, fd, &from), -EROFS);
    refuse(REFUSE_FCHMOD, 0, 1, EPERM);
    assert_int_equal(io->copy_owner(io->ctx, fd, &from), -EPERM);
    refuse_end();
}

static void locks_that_are_refused_say_how(void **state)
{
    (void)state;
    long pid = 7;
    refuse(REFUSE_FCNTL, 0, 1, EACCES); /* some systems' word for a lock that is taken */
    assert_int_equal(io->lock(io->ctx, fd, 0, 1, CAPF_IO_EXCLUSIVE), -EAGAIN);
    refuse(REFUSE_FCNTL, 0, 1, ENOLCK);
    assert_int_equal(io->lock(io->ctx, fd, 0, 1, CAPF_IO_EXCLUSIVE), -ENOLCK);
    int other = io->open(io->ctx, path, CAPF_IO_WRITE);
    assert_int_equal(io->lock(io->ctx, fd, 0, 1, CAPF_IO_EXCLUSIVE), 0);
    refuse(REFUSE_FSTAT, 0, 1, EIO);
    assert_int_equal(io->lock_owner(io->ctx, other, 0, 1, &pid), 1);
    assert_int_equal(pid, -1); /* as the system tells it: a descriptor's */
    io->close(io->ctx, other);
    refuse_end();
}

static void writers_may_not_be_told(void **state)
{
    (void)state;
    long pid = -1;
    refuse(REFUSE_OPEN, 0, 1, EACCES);
    assert_int_equal(io->writer_exists(io->ctx, path, &pid), -EACCES);
    refuse(REFUSE_FCNTL, 0, 1, EINVAL); /* of the signal */
    assert_int_equal(io->writer_exists(io->ctx, path, &pid), -EINVAL);
    refuse(REFUSE_FCNTL, 1, 1, EACCES); /* of the lease: not the owner */
    assert_int_equal(io->writer_exists(io->ctx, path, &pid), -EACCES);
    refuse(REFUSE_FCNTL, 1, 1, EAGAIN);
    refuse(REFUSE_FSTAT, 0, 1, EIO);
    assert_int_equal(io->writer_exists(io->ctx, path, &pid), 1);
    assert_int_equal(pid, -1);
    refuse_end();
}

/* ---- The list of processes ---- */

static long holder_of(uint64_t off)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return capf__proc_lock_holder(st.st_dev, st.st_ino, off);
}

static long writer(void)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return capf__proc_writer(st.st_dev, st.st_ino);
}

static void skip_without_proc(void)
{
    if (access("/proc/self/fdinfo", F_OK) != 0)
        skip();
}

static void the_holder_of_a_lock_is_who_has_that_byte_to_write(void **state)
{
    (void)state;
    struct stat st;
    skip_without_proc();
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(holder_of(20), -1);
    assert_int_equal(io->lock(io->ctx, fd, 10, 1, CAPF_IO_SHARED), 0);
    assert_int_equal(io->lock(io->ctx, fd, 20, 1, CAPF_IO_EXCLUSIVE), 0);
    assert_int_equal(holder_of(20), getpid());
    assert_int_equal(holder_of(10), -1);
    assert_int_equal(holder_of(30), -1);
    assert_int_equal(writer(), getpid());
    assert_int_equal(capf__proc_lock_holder(st.st_dev + 1, st.st_ino, 20), -1);
    assert_int_equal(capf__proc_writer(st.st_dev + 1, st.st_ino), -1);
}

static void what_the_list_does_not_tell_is_nobody(void **state)
{
    (void)state;
    skip_without_proc();
    assert_int_equal(writer(), getpid());
    refuse_path(REFUSE_OPENAT, "/proc", 1, ENOENT); /* not mounted */
    assert_int_equal(writer(), -1);
    refuse(REFUSE_FDOPENDIR, 0, 1, ENOMEM);
    assert_int_equal(writer(), -1);
    refuse_end();
    refuse_path(REFUSE_OPENAT, "/fd", UINT_MAX, EACCES); /* processes of others */
    assert_int_equal(writer(), -1);
    refuse_path(REFUSE_OPENAT, "/fdinfo", UINT_MAX, ENOENT); /* gone since it was listed */
    assert_int_equal(writer(), -1);
    refuse(REFUSE_OPENAT, 0, 0, 0);
    refuse(REFUSE_READ, 0, UINT_MAX, ESRCH); /* ended since it was opened */
    assert_int_equal(writer(), -1);
    assert_int_equal(holder_of(0), -1);
    refuse(REFUSE_READ, 0, 0, 0);
    assert_int_equal(writer(), getpid());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_closed_descriptor_is_said_by_every_call),
        TEST(transfers_say_why_they_fail),
        TEST(a_limit_on_files_is_said),
        TEST(a_limit_on_descriptors_is_said),
        TEST(names_that_are_not_there_or_taken_are_said),
        TEST(a_path_that_is_too_long_is_said),
        TEST(a_fifo_does_not_stop_anybody),
        TEST(locks_of_two_descriptors_are_told_apart),
        TEST(an_open_writer_is_seen_and_named),
        TEST(interrupted_calls_are_made_again),
        TEST(calls_that_fail_for_good_say_why),
        TEST(files_without_a_name_may_not_be_there),
        TEST(who_may_not_give_a_file_away_still_gives_it_its_mode),
        TEST(locks_that_are_refused_say_how),
        TEST(writers_may_not_be_told),
        TEST(the_holder_of_a_lock_is_who_has_that_byte_to_write),
        TEST(what_the_list_does_not_tell_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
