/* SPDX-License-Identifier: MIT */
/*
 * Locks of the posix table. Where the system has locks that belong to an open
 * descriptor (F_OFD_SETLK), those are used: a classic one belongs to the process
 * and is lost when it closes any other descriptor of the file. Both kinds see each other.
 *
 * Whether somebody else has a file open for writing is asked with a read
 * lease: the system refuses one for a file that is open for writing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io_posix.h"

#ifdef F_OFD_SETLK
#define SETLK F_OFD_SETLK
#define GETLK F_OFD_GETLK
#else
#define SETLK F_SETLK
#define GETLK F_GETLK
#endif

static struct flock lock_range(uint64_t off, uint64_t len, short type)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)off, .l_len = (off_t)len};
}

int capf__posix_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode)
{
    (void)ctx;
    static const short types[] = {
        [CAPF_IO_UNLOCK] = F_UNLCK, [CAPF_IO_SHARED] = F_RDLCK, [CAPF_IO_EXCLUSIVE] = F_WRLCK};
    struct flock range = lock_range(off, len, types[mode]);
    int result;
    do
        result = fcntl(fd, SETLK, &range);
    while (result < 0 && errno == EINTR);
    if (result == 0)
        return 0;
    return errno == EACCES ? -EAGAIN : -errno; /* POSIX allows either for a lock that is taken */
}

int capf__posix_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid)
{
    (void)ctx;
    struct flock range = lock_range(off, len, F_WRLCK);
    if (fcntl(fd, GETLK, &range) < 0)
        return -errno;
    if (range.l_type == F_UNLCK)
        return 0;
    *pid = range.l_pid;
    struct stat st;
    if (range.l_pid <= 0 && fstat(fd, &st) == 0) /* a lock of a descriptor has no process */
        *pid = capf__proc_lock_holder(st.st_dev, st.st_ino, off);
    return 1;
}

int capf__posix_writer_exists(void *ctx, const char *path, long *pid)
{
    (void)ctx;
#ifdef F_SETLEASE
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    /* Somebody who opens the file for writing during these few microseconds makes the system send a
     * signal. The default one would end the process; this one is ignored by default. */
    int code = fcntl(fd, F_SETSIG, SIGURG) < 0 || fcntl(fd, F_SETLEASE, F_RDLCK) < 0 ? -errno : 0;
    struct stat st;
    if (code == 0)
        fcntl(fd, F_SETLEASE, F_UNLCK);
    else if (code == -EAGAIN && fstat(fd, &st) == 0)
        *pid = capf__proc_writer(st.st_dev, st.st_ino);
    close(fd);
    return code == -EAGAIN ? 1 : code;
#else
    (void)path;
    (void)pid;
    return -ENOSYS;
#endif
}
