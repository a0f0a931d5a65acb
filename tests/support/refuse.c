/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wrapped calls.
 */
#include "tests/support/test.h"

#include "tests/support/refuse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct refusal {
    unsigned let, times;
    int sys_errno;
    const char *part; /* NULL: whatever the path */
};

static struct refusal refusals[REFUSE_COUNT];

void refuse(enum refused call, unsigned let, unsigned times, int sys_errno)
{
    refusals[call] = (struct refusal){.let = let, .times = times, .sys_errno = sys_errno};
}

void refuse_path(enum refused call, const char *part, unsigned times, int sys_errno)
{
    refusals[call] = (struct refusal){.times = times, .sys_errno = sys_errno, .part = part};
}

void refuse_end(void)
{
    unsigned left = 0;
    for (int i = 0; i < REFUSE_COUNT; i++)
        left += refusals[i].times;
    memset(refusals, 0, sizeof refusals);
    assert_int_equal(left, 0);
}

/* Sets errno when the call is to fail. */
static bool refused(enum refused call, const char *path)
{
    struct refusal *refusal = &refusals[call];
    bool elsewhere = refusal->part != NULL && (path == NULL || strstr(path, refusal->part) == NULL);
    if (refusal->times == 0 || elsewhere)
        return false;
    if (refusal->let > 0) {
        refusal->let--;
        return false;
    }
    refusal->times--;
    errno = refusal->sys_errno;
    return true;
}

/* __real_NAME is the system's, __wrap_NAME is what everybody in the program calls. */
#define WRAP(type, name, parameters, call, failed, ...)                                            \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return refused(call, NULL) ? (failed) : __real_##name(__VA_ARGS__);                        \
    }

WRAP(ssize_t, read, (int fd, void *buf, size_t len), REFUSE_READ, -1, fd, buf, len)
WRAP(int, fdatasync, (int fd), REFUSE_FDATASYNC, -1, fd)
WRAP(int, fsync, (int fd), REFUSE_FSYNC, -1, fd)
WRAP(int, ftruncate, (int fd, off_t len), REFUSE_FTRUNCATE, -1, fd, len)
WRAP(int, fstat, (int fd, struct stat *st), REFUSE_FSTAT, -1, fd, st)
WRAP(int, fchown, (int fd, uid_t owner, gid_t group), REFUSE_FCHOWN, -1, fd, owner, group)
WRAP(int, fchmod, (int fd, mode_t mode), REFUSE_FCHMOD, -1, fd, mode)
WRAP(DIR *, fdopendir, (int fd), REFUSE_FDOPENDIR, NULL, fd)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

/* Given or not, a mode that is not asked for does no harm. */
int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return refused(REFUSE_OPEN, path) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int at, const char *path, int flags, ...)
{
    return refused(REFUSE_OPENAT, path) ? -1 : __real_openat(at, path, flags);
}

/* As the C library itself takes it, whatever the command. */
int __wrap_fcntl(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return refused(REFUSE_FCNTL, NULL) ? -1 : __real_fcntl(fd, command, argument);
}
