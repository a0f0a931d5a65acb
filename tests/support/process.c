/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Children and programs on pipes.
 */
#include "tests/support/test.h"

#include "tests/support/process.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 10000

uint64_t process_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int process_patience_ms(void)
{
    const char *patience = getenv("CAPF_TEST_PATIENCE");
    double factor = patience != NULL ? strtod(patience, NULL) : 1;
    return (int)(PATIENCE_MS * (factor > 0 ? factor : 1));
}

/* The ends that the child keeps. */
struct child_ends {
    int report, life;
};

/* A shell's background job has interrupts ignored, and all that it starts inherits that. */
static void set_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXFSZ};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
}

/* Forks; in the child pid is 0. The pipes are closed on exec, until somebody decides otherwise. */
static struct process fork_on_pipes(struct child_ends *ends)
{
    int reports[2], life[2];
    assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
    assert_int_equal(pipe2(life, O_CLOEXEC), 0);
    fflush(NULL);
    struct process process = {.pid = fork(), .reports = reports[0], .life = life[0]};
    assert_true(process.pid >= 0);
    if (process.pid == 0) {
        close(reports[0]);
        close(life[0]);
        *ends = (struct child_ends){reports[1], life[1]};
    } else {
        close(reports[1]);
        close(life[1]);
    }
    return process;
}

struct process process_fork(int (*run)(void *ctx, int report), void *ctx)
{
    struct child_ends ends;
    struct process process = fork_on_pipes(&ends);
    if (process.pid == 0)
        _exit(run(ctx, ends.report));
    return process;
}

static _Noreturn void become(const char *const *argv, int input, struct child_ends ends,
                             const char *folder)
{
    dup2(input, STDIN_FILENO);
    dup2(ends.report, STDOUT_FILENO);
    dup2(ends.report, STDERR_FILENO);
    fcntl(ends.life, F_SETFD, 0); /* to be held for as long as the program lives */
    set_signals();
    setenv("LC_ALL", "C.UTF-8", 1);
    if (chdir(folder) == 0)
        execv(argv[0],
              (char *const *)argv); /* changes nothing there, though its type does not say so */
    _exit(126);
}

struct process process_program(const char *const *argv, int input)
{
    struct child_ends ends;
    const char *folder = scratch_path("."); /* made here, and so removed here */
    struct process process = fork_on_pipes(&ends);
    if (process.pid == 0)
        become(argv, input, ends, folder);
    return process;
}

static int left_until(uint64_t deadline)
{
    uint64_t now = process_now_ms();
    return now >= deadline ? 0 : (int)(deadline - now);
}

size_t process_hear(const struct process *process, void *buf, size_t len, int ms)
{
    uint64_t deadline = process_now_ms() + (uint64_t)ms;
    struct pollfd poller = {.fd = process->reports, .events = POLLIN};
    size_t heard = 0;
    while (heard < len) {
        int ready = poll(&poller, 1, left_until(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t got = ready > 0 ? read(process->reports, (char *)buf + heard, len - heard) : 0;
        if (got <= 0)
            break;
        heard += (size_t)got;
    }
    return heard;
}

bool process_ended(const struct process *process, int ms)
{
    struct pollfd poller = {.fd = process->life, .events = POLLIN};
    uint64_t deadline = process_now_ms() + (uint64_t)ms;
    int ready;
    do
        ready = poll(&poller, 1, left_until(deadline));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

int process_end(struct process *process, int signal_number)
{
    int status;
    if (signal_number != 0)
        kill(process->pid, signal_number);
    bool ended = process_ended(process, process_patience_ms());
    if (!ended)
        kill(process->pid, SIGKILL);
    waitpid(process->pid, &status, 0);
    close(process->reports);
    close(process->life);
    if (!ended)
        fail_msg("process %ld did not end", (long)process->pid);
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_wait_until(bool (*holds)(void *ctx), void *ctx, const char *what)
{
    uint64_t deadline = process_now_ms() + (uint64_t)process_patience_ms();
    while (!holds(ctx)) {
        if (process_now_ms() >= deadline)
            fail_msg("%s never came", what);
        poll(NULL, 0, 1);
    }
}
