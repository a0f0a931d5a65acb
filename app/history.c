/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History files: see history.h. A save takes a lock on the folder, reads the file as it is by then,
 * adds to it, and puts a new file in its place, so a reader never sees half of one and no program
 * loses another's lines.
 */
#include "app/history.h"

#include "app/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read of a file: as much as one of ours can have. */
#define FILE_MAX (HISTORY_LINES * (size_t)(HISTORY_LINE_MAX + 1))

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = memory_zeroed(size);

    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* A variable that holds no absolute path counts as not set. */
static const char *absolute(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] == '/' ? value : NULL;
}

char *history_path(enum history_kind kind)
{
    const char *name = kind == HISTORY_SEARCHES ? "capscope/searches" : "capscope/history";
    const char *state = absolute("XDG_STATE_HOME"), *home = absolute("HOME");
    char *folder, *path;

    if (state)
        return join(state, name);
    if (!home)
        return NULL;
    folder = join(home, ".local/state");
    path = join(folder, name);
    free(folder);
    return path;
}

/* ---- Lines in memory ---- */

/* The oldest go where there are too many. */
static void make_room(struct history *history)
{
    if (history->count < HISTORY_LINES)
        return;
    free(history->lines[0]);
    memmove(history->lines, history->lines + 1, (history->count - 1) * sizeof(char *));
    history->count--;
    if (history->saved > 0)
        history->saved--;
}

static bool is_last(const struct history *history, const char *line, size_t len)
{
    const char *last = history->count > 0 ? history->lines[history->count - 1] : NULL;

    return last && strlen(last) == len && memcmp(last, line, len) == 0;
}

static void add_line(struct history *history, const char *line, size_t len)
{
    if (len == 0 || len > HISTORY_LINE_MAX || memchr(line, '\0', len) ||
        is_last(history, line, len))
        return;
    make_room(history);
    history->lines =
        memory_grow(history->lines, &history->room, history->count + 1, sizeof(history->lines[0]));
    history->lines[history->count++] = memory_copy(line, len);
}

static void add_lines(struct history *history, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line_len = end ? (size_t)(end - text) : len;

        add_line(history, text, line_len);
        line_len += end != NULL;
        text += line_len;
        len -= line_len;
    }
}

void history_add(struct history *history, const char *text)
{
    add_lines(history, text, strlen(text));
}

static void forget_lines(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        free(history->lines[i]);
    free(history->lines);
    history->lines = NULL;
    history->count = history->room = history->saved = 0;
}

void history_release(struct history *history)
{
    forget_lines(history);
    free(history->path);
    history->path = NULL;
}

/* ---- The file ---- */

static size_t read_some(int fd, char *buf, size_t size)
{
    size_t fill = 0;

    while (fill < size) {
        ssize_t n = read(fd, buf + fill, size - fill);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        fill += (size_t)n;
    }
    return fill;
}

/* The end of a file that is too long, from a line's beginning on. */
static void read_lines(struct history *history, int fd, off_t size)
{
    char *bytes = memory_zeroed(FILE_MAX + 1);
    const char *text = bytes;
    size_t len;

    if (size > (off_t)FILE_MAX && lseek(fd, size - (off_t)FILE_MAX, SEEK_SET) < 0)
        size = 0;
    len = read_some(fd, bytes, FILE_MAX);
    if (size > (off_t)FILE_MAX) {
        const char *end = memchr(bytes, '\n', len);

        text = end ? end + 1 : bytes + len;
    }
    add_lines(history, text, len - (size_t)(text - bytes));
    free(bytes);
}

/* Only a regular file is a history: who links it to /dev/null wants none. False: neither is it one,
 * nor can one be made there. */
static bool read_file(struct history *history, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    bool good;

    if (fd < 0)
        return errno == ENOENT;
    good = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    if (good)
        read_lines(history, fd, about.st_size);
    close(fd);
    return good;
}

void history_load(struct history *history, const char *path)
{
    *history = (struct history){.path = path ? memory_string(path) : NULL};
    if (path)
        read_file(history, path);
    history->saved = history->count;
}

/* ---- Saving ---- */

/* Makes the folder of a path, and what is missing above it. */
static void make_folder(const char *path)
{
    char *folder = memory_string(path);

    for (char *at = strchr(folder + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(folder, 0700);
        *at = '/';
    }
    free(folder);
}

/* The folder, locked, until it is closed. One that is another's gets no file of ours: under sudo it
 * would be one that its owner could not read. Negative: none. */
static int lock_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = memory_copy(path, slash > path ? (size_t)(slash - path) : 1);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat about;

    free(folder);
    if (fd < 0)
        return -1;
    if (fstat(fd, &about) != 0 || about.st_uid != geteuid()) {
        close(fd);
        return -1;
    }
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) /* a file system without locks has to do */
        continue;
    return fd;
}

static bool write_lines(const struct history *all, int fd)
{
    FILE *file = fdopen(fd, "w");
    bool good = file != NULL;

    if (!file) {
        close(fd);
        return false;
    }
    for (size_t i = 0; i < all->count; i++)
        good = fprintf(file, "%s\n", all->lines[i]) >= 0 && good;
    return fclose(file) == 0 && good;
}

/* Not synced: a power cut may cost the last lines, and a person should not wait for a disk. */
static bool replace_file(const struct history *all, const char *path)
{
    size_t size = strlen(path) + sizeof(".XXXXXX");
    char *name = memory_zeroed(size);
    bool good;
    int fd;

    snprintf(name, size, "%s.XXXXXX", path);
    fd = mkstemp(name); /* 0600 */
    good = fd >= 0 && write_lines(all, fd) && rename(name, path) == 0;
    if (fd >= 0 && !good)
        unlink(name);
    free(name);
    return good;
}

static bool merge(const struct history *history, const char *path)
{
    struct history all = {0};
    bool good = read_file(&all, path);

    for (size_t i = history->saved; good && i < history->count; i++)
        add_line(&all, history->lines[i], strlen(history->lines[i]));
    good = good && replace_file(&all, path);
    forget_lines(&all);
    return good;
}

bool history_save(struct history *history)
{
    char *real;
    int folder;
    bool good;

    if (history->saved == history->count)
        return true;
    if (!history->path)
        return false;
    make_folder(history->path);
    real = realpath(history->path, NULL); /* a link of the person's stays one */
    folder = lock_folder(real ? real : history->path);
    good = folder >= 0 && merge(history, real ? real : history->path);
    if (folder >= 0)
        close(folder);
    if (good)
        history->saved = history->count;
    free(real);
    return good;
}
