/* SPDX-License-Identifier: MIT */
/*
 * The I/O table over the operating system: files, folders, clock and memory.
 * Locks are in io_lock.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io_posix.h"

#define CREATE_MODE 0666 /* less the umask */

static int posix_open(void *ctx, const char *path, enum capf_io_open how)
{
    (void)ctx;
    static const int flags[] = {
        [CAPF_IO_READ] = O_RDONLY,
        [CAPF_IO_WRITE] = O_RDWR,
        [CAPF_IO_NEW] = O_RDWR | O_CREAT | O_EXCL,
    };
    int fd;
    do
        fd = open(path, flags[how] | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, CREATE_MODE);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

static void posix_close(void *ctx, int fd)
{
    (void)ctx;
    close(fd);
}

static int64_t posix_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    (void)ctx;
    ssize_t n = pread(fd, buf, len, (off_t)off);
    return n < 0 ? -errno : n;
}

static int64_t posix_pwrite(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    (void)ctx;
    ssize_t n = pwrite(fd, buf, len, (off_t)off);
    return n < 0 ? -errno : n;
}

static int posix_datasync(void *ctx, int fd)
{
    (void)ctx;
    int result;
    do
        result = fdatasync(fd);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

static int posix_grow(void *ctx, int fd, uint64_t size)
{
    (void)ctx;
    int result;
    do
        result = ftruncate(fd, (off_t)size);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

static void fill_stat(struct capf_io_stat *out, const struct stat *st)
{
    *out = (struct capf_io_stat){
        .kind = S_ISREG(st->st_mode)   ? CAPF_IO_REGULAR
                : S_ISDIR(st->st_mode) ? CAPF_IO_DIRECTORY
                                       : CAPF_IO_OTHER,
        .size = (uint64_t)st->st_size,
        .device = st->st_dev,
        .inode = st->st_ino,
        .links = st->st_nlink,
        .mode = st->st_mode & 07777,
        .owner = st->st_uid,
        .group = st->st_gid,
    };
}

static int posix_stat(void *ctx, int fd, struct capf_io_stat *out)
{
    (void)ctx;
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    fill_stat(out, &st);
    return 0;
}

static int posix_stat_path(void *ctx, const char *path, struct capf_io_stat *out)
{
    (void)ctx;
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    fill_stat(out, &st);
    return 0;
}

static int posix_real_path(void *ctx, const char *path, char *buf, size_t size)
{
    (void)ctx;
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL)
        return -errno;
    size_t len = strlen(resolved);
    if (len >= size)
        return -ERANGE;
    memcpy(buf, resolved, len + 1);
    return 0;
}

static int posix_open_unnamed(void *ctx, const char *folder)
{
    (void)ctx;
#ifdef O_TMPFILE
    int fd;
    do
        fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, CREATE_MODE);
    while (fd < 0 && errno == EINTR);
    if (fd >= 0)
        return fd;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return -errno;
#else
    (void)folder;
#endif
    return -EOPNOTSUPP;
}

static int posix_link_unnamed(void *ctx, int fd, const char *path)
{
    (void)ctx;
    char self[40]; /* the way that open(2) describes for O_TMPFILE */
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

static int posix_link(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return link(from, to) < 0 ? -errno : 0;
}

static int posix_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return rename(from, to) < 0 ? -errno : 0;
}

static int posix_unlink(void *ctx, const char *path)
{
    (void)ctx;
    return unlink(path) < 0 ? -errno : 0;
}

static int posix_dirsync(void *ctx, const char *folder)
{
    (void)ctx;
    int fd, result;
    do
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return -errno;
    do
        result = fsync(fd);
    while (result < 0 && errno == EINTR);
    int code = result < 0 ? -errno : 0;
    close(fd);
    return code == -EINVAL ? 0 : code; /* a file system whose folders need no sync */
}

static int posix_copy_owner(void *ctx, int fd, const struct capf_io_stat *from)
{
    (void)ctx;
    /* Who is not allowed to give the file away keeps it, and still gives it the same permissions. */
    if (fchown(fd, from->owner, from->group) < 0 && errno != EPERM)
        return -errno;
    return fchmod(fd, from->mode) < 0 ? -errno : 0;
}

static uint64_t posix_now(void *ctx)
{
    (void)ctx;
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static void posix_nap(void *ctx, uint64_t nanoseconds)
{
    (void)ctx;
    struct timespec ts = {.tv_sec = (time_t)(nanoseconds / 1000000000),
                          .tv_nsec = (long)(nanoseconds % 1000000000)};
    nanosleep(&ts, NULL); /* woken early by a signal: callers look at the clock themselves */
}

static void *posix_realloc(void *ctx, void *ptr, size_t size)
{
    (void)ctx;
    if (size > 0)
        return realloc(ptr, size);
    free(ptr);
    return NULL;
}

const struct capf_io *capf_io_posix(void)
{
    static const struct capf_io table = {
        .open = posix_open,
        .close = posix_close,
        .pread = posix_pread,
        .pwrite = posix_pwrite,
        .datasync = posix_datasync,
        .grow = posix_grow,
        .stat = posix_stat,
        .stat_path = posix_stat_path,
        .real_path = posix_real_path,
        .open_unnamed = posix_open_unnamed,
        .link_unnamed = posix_link_unnamed,
        .link = posix_link,
        .rename = posix_rename,
        .unlink = posix_unlink,
        .dirsync = posix_dirsync,
        .copy_owner = posix_copy_owner,
        .lock = capf__posix_lock,
        .lock_owner = capf__posix_lock_owner,
        .writer_exists = capf__posix_writer_exists,
        .now = posix_now,
        .nap = posix_nap,
        .realloc = posix_realloc,
    };
    return &table;
}
