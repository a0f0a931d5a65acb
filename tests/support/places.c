/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limits of this process, and on Linux mounts in a namespace of its own and its capabilities.
 */
#include "tests/support/test.h"

#include "tests/support/places.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#endif

void places_fill(const char *name, unsigned leave_kib)
{
    static const char bytes[1024];
    struct statvfs disk;
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && fstatvfs(fd, &disk) == 0);
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_bsize / sizeof bytes;
    for (; room > leave_kib; room--)
        assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
}

void places_limit_files(unsigned long bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

const char *places_bad_disk(const char *syncs)
{
    static char program[512];
    snprintf(program, sizeof program, "%s/tests/capscope_bad_disk", getenv("BUILDDIR"));
    assert_int_equal(setenv("BAD_DISK", syncs, 1), 0);
    return program;
}

#ifdef __linux__

/* Mounts that others do not see, once for the process. */
static bool have_own_mounts(void)
{
    static bool own;
    if (!own)
        own = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    return own;
}

bool places_mount_small(const char *path, unsigned kib)
{
    char options[40];
    snprintf(options, sizeof options, "size=%uk,mode=0755", kib);
    return mkdir(path, 0755) == 0 && have_own_mounts() &&
           mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

bool places_make_read_only(const char *path)
{
    return mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

void places_unmount(const char *path)
{
    umount2(path, MNT_DETACH);
    rmdir(path);
}

/* A program that root starts has what is left in the bounding set. */
bool places_respect_modes(void)
{
    return geteuid() != 0 || (prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0 &&
                              prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0) == 0);
}

#else

bool places_mount_small(const char *path, unsigned kib)
{
    (void)path;
    (void)kib;
    return false;
}

bool places_make_read_only(const char *path)
{
    (void)path;
    return false;
}

void places_unmount(const char *path)
{
    (void)path;
}

bool places_respect_modes(void)
{
    return geteuid() != 0;
}

#endif
