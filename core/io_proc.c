/* SPDX-License-Identifier: MIT */
/*
 * Who has a file open: the system's own list of processes, where there is one
 * (/proc on Linux, see proc(5)). For messages only: nothing depends on finding anybody.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io_posix.h"

#define FDINFO_MAX 4096 /* bytes read of one descriptor's description */

struct wanted {
    uint64_t device, inode;
    bool lock; /* a write lock on `off`, and not just a descriptor to write */
    uint64_t off;
};

static bool same_file(int folder, const char *name, const struct wanted *wanted)
{
    struct stat st;
    return fstatat(folder, name, &st, 0) == 0 && st.st_ino == wanted->inode &&
           st.st_dev == wanted->device;
}

/* "lock:	1: OFDLCK  ADVISORY  WRITE -1 08:01:1234 9223372036854775806 9223372036854775806" */
static bool has_lock(const char *text, uint64_t off)
{
    for (const char *line = strstr(text, "lock:"); line != NULL; line = strstr(line + 1, "lock:")) {
        char mode[8], file[64];
        uint64_t start;
        if (sscanf(line, "lock: %*s %*s %*s %7s %*s %63s %" SCNu64, mode, file, &start) == 3 &&
            strcmp(mode, "WRITE") == 0 && start == off)
            return true;
    }
    return false;
}

/* "flags:	0100002", in octal, as given to open(2). */
static bool is_to_write(const char *text)
{
    const char *line = strstr(text, "flags:");
    unsigned long flags = line != NULL ? strtoul(line + strlen("flags:"), NULL, 8) : 0;
    return (flags & O_ACCMODE) != O_RDONLY;
}

static bool matches(int proc, const char *pid, const char *fd, const struct wanted *wanted)
{
    char path[2 * NAME_MAX], text[FDINFO_MAX + 1];
    snprintf(path, sizeof path, "%s/fdinfo/%s", pid, fd);
    int info = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (info < 0)
        return false;
    ssize_t n = read(info, text, FDINFO_MAX);
    close(info);
    text[n > 0 ? n : 0] = '\0';
    return wanted->lock ? has_lock(text, wanted->off) : is_to_write(text);
}

static DIR *open_folder(int at, const char *path)
{
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL && fd >= 0)
        close(fd);
    return folder;
}

static bool process_has(int proc, const char *pid, const struct wanted *wanted)
{
    char path[NAME_MAX + 8];
    snprintf(path, sizeof path, "%s/fd", pid);
    DIR *fds = open_folder(proc, path);
    bool found = false;
    for (struct dirent *fd; !found && fds != NULL && (fd = readdir(fds)) != NULL;)
        found = fd->d_name[0] != '.' && same_file(dirfd(fds), fd->d_name, wanted) &&
                matches(proc, pid, fd->d_name, wanted);
    if (fds != NULL)
        closedir(fds);
    return found;
}

static long search(const struct wanted *wanted)
{
    DIR *proc = open_folder(AT_FDCWD, "/proc");
    long pid = -1;
    for (struct dirent *entry; pid < 0 && proc != NULL && (entry = readdir(proc)) != NULL;) {
        char *end;
        long number = strtol(entry->d_name, &end, 10);
        if (number > 0 && *end == '\0' && process_has(dirfd(proc), entry->d_name, wanted))
            pid = number;
    }
    if (proc != NULL)
        closedir(proc);
    return pid;
}

long capf__proc_lock_holder(uint64_t device, uint64_t inode, uint64_t off)
{
    return search(&(struct wanted){.device = device, .inode = inode, .lock = true, .off = off});
}

long capf__proc_writer(uint64_t device, uint64_t inode)
{
    return search(&(struct wanted){.device = device, .inode = inode});
}
