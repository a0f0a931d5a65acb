/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Children on two pipes: one byte says that the child holds what it should,
 * and the end of the other pipe that it may go.
 */
#include "tests/support/test.h"

#include "tests/support/child.h"

#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void run(bool (*hold)(const char *path), const char *path, int ready, int release)
{
    char byte = hold(path) ? 'y' : 'n';
    if (write(ready, &byte, 1) != 1)
        _exit(1);
    while (read(release, &byte, 1) > 0)
        continue;
    _exit(0);
}

struct child child_start(bool (*hold)(const char *path), const char *path)
{
    int ready[2], release[2];
    char byte = 'n';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(release), 0);
    struct child child = {.pid = fork(), .release = release[1]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(release[1]);
        close(ready[0]);
        run(hold, path, ready[1], release[0]);
    }
    close(ready[1]);
    close(release[0]);
    ssize_t got = read(ready[0], &byte, 1);
    close(ready[0]);
    if (got != 1 || byte != 'y') {
        child_end(&child);
        fail_msg("the other process could not do its part");
    }
    return child;
}

void child_end(struct child *child)
{
    close(child->release);
    waitpid(child->pid, NULL, 0);
    child->pid = 0;
}
