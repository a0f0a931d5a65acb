/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pager: see pager.h. It runs as a child that reads a pipe. The only thing that a shell ever
 * sees is the person's own $PAGER.
 */
#include "app/pager.h"

#include "app/memory.h"
#include "app/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Which ---- */

static bool in_folder(const char *folder, size_t len, const char *name)
{
    size_t size = len + strlen(name) + 2;
    char *path = memory_zeroed(size);
    bool found;

    snprintf(path, size, "%.*s/%s", (int)len, folder, name);
    found = access(path, X_OK) == 0;
    free(path);
    return found;
}

static bool is_installed(const char *name)
{
    const char *at = getenv("PATH");

    while (at && *at) {
        size_t len = strcspn(at, ":");

        if (len > 0 && in_folder(at, len, name))
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

const char *pager_command(const char *wanted)
{
    const char *own = wanted && *wanted ? wanted : getenv("PAGER");

    if (own)
        return own[strspn(own, " ")] == '\0' || strcmp(own, "cat") == 0 ? NULL : own;
    if (is_installed("less"))
        return "less";
    return is_installed("more") ? "more" : NULL;
}

/* ---- Writing ---- */

/* A terminal that takes nothing (C-s) must not keep what ^C wants to stop. */
static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && (errno != EINTR || progress_interrupted()))
            return errno == EINTR ? -EPIPE : -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int write_out(struct pager *pager, const char *bytes, size_t len)
{
    return write_all(pager->pid > 0 ? pager->pipe : pager->fd, bytes, len);
}

static int let_go(struct pager *pager)
{
    size_t fill = pager->fill;

    pager->holding = false;
    pager->fill = 0;
    return write_out(pager, pager->held, fill);
}

/* ---- The child ---- */

static _Noreturn void become_pager(const char *command, const int ends[2], int fd)
{
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    dup2(ends[0], STDIN_FILENO);
    if (fd != STDOUT_FILENO)
        dup2(fd, STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Where none can be started the output goes on as it is. */
static void start(struct pager *pager)
{
    const char *command = pager->missing ? NULL : pager_command(pager->wanted);
    int ends[2];

    if (!command || pipe(ends) != 0)
        return;
    pager->pid = fork();
    if (pager->pid == 0)
        become_pager(command, ends, pager->fd);
    close(ends[0]);
    pager->pipe = ends[1];
    if (pager->pid < 0) {
        pager->pid = 0;
        close(ends[1]);
    }
}

static void finish(struct pager *pager)
{
    int status = 0;

    close(pager->pipe);
    while (waitpid(pager->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    pager->pid = 0;
    pager->missing =
        WIFEXITED(status) && (WEXITSTATUS(status) == 127 || WEXITSTATUS(status) == 126);
}

/* ---- The sink ---- */

/* Where the cursor would be behind these bytes. Each character of a script that may be wide
 * counts for two cells: at worst a pager starts a little early. */
static void move_cursor(struct pager *pager, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        unsigned cells = byte >= 0xe1 ? 2 : (byte & 0xc0) != 0x80;

        if (byte == '\n') {
            pager->row++;
            pager->col = 0;
        } else if (pager->col + cells > pager->cols) {
            pager->row++;
            pager->col = cells;
        } else {
            pager->col += cells;
        }
    }
}

/* The last row is for the prompt. */
static bool fits(const struct pager *pager)
{
    return pager->row < pager->rows;
}

static int pager_write(struct sink *sink, const void *bytes, size_t len)
{
    struct pager *pager = (struct pager *)sink;
    int rc;

    if (progress_interrupted())
        return -EPIPE;
    if (pager->holding) {
        move_cursor(pager, bytes, len);
        if (fits(pager) && len <= sizeof(pager->held) - pager->fill) {
            memcpy(pager->held + pager->fill, bytes, len);
            pager->fill += len;
            return 0;
        }
        start(pager);
        rc = let_go(pager);
        if (rc < 0)
            return rc;
    }
    return write_out(pager, bytes, len);
}

void pager_init(struct pager *pager, int fd)
{
    memset(pager, 0, sizeof(*pager));
    pager->sink.write = pager_write;
    pager->sink.mode = safetext_mode_of_locale();
    pager->sink.to_terminal = isatty(fd) == 1;
    pager->fd = fd;
}

void pager_begin(struct pager *pager, unsigned rows, unsigned cols)
{
    pager->sink.state = SINK_GOOD;
    pager->rows = rows;
    pager->cols = cols > 0 ? cols : 1;
    pager->row = pager->col = 0;
    pager->fill = 0;
    pager->missing = false;
    pager->holding = rows > 0;
}

/* A failure shows in the sink's state, as any other. */
static void keep_state(struct pager *pager, int rc)
{
    if (rc >= 0 || pager->sink.state != SINK_GOOD)
        return;
    pager->sink.state = rc == -EPIPE ? SINK_CLOSED : SINK_FAILED;
    pager->sink.sys_errno = -rc;
}

void pager_show(struct pager *pager)
{
    if (pager->holding)
        keep_state(pager, let_go(pager));
}

void pager_end(struct pager *pager)
{
    pager_show(pager);
    if (pager->pid > 0)
        finish(pager);
}
