/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals as bytes in a pipe, and the rescue of the terminal; see signals.h. */
#include "ui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int asking[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crashing[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM};

#define ASKING (sizeof asking / sizeof asking[0])
#define CRASHING (sizeof crashing / sizeof crashing[0])
#define END_SECONDS 1 /* an end that is asked for may take no longer */

static int pipe_fds[2] = {-1, -1};
static volatile sig_atomic_t ending; /* the signal that asked for the end */
static struct sigaction old_asking[ASKING], old_crashing[CRASHING], old_pipe;

static struct {
    int fd;
    struct termios modes;
    const char *string;
    size_t len;
} rescue = {.fd = -1};

void signals_set_rescue(int fd, const struct termios *modes, const char *string, size_t len)
{
    rescue.modes = *modes;
    rescue.string = string;
    rescue.len = len;
    rescue.fd = fd;
}

/* Called in a handler: nothing here may allocate, lock or wait. */
static void give_terminal_back(void)
{
    if (rescue.fd < 0)
        return;
    int flags = fcntl(rescue.fd, F_GETFL);
    if (flags >= 0) /* a terminal that takes nothing must not keep us */
        fcntl(rescue.fd, F_SETFL, flags | O_NONBLOCK);
    ssize_t written = write(rescue.fd, rescue.string, rescue.len);
    (void)written;
    if (flags >= 0)
        fcntl(rescue.fd, F_SETFL, flags);
    tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
    rescue.fd = -1;
}

static void on_crash(int signal_number)
{
    int wanted = signal_number == SIGALRM && ending ? (int)ending : signal_number;
    give_terminal_back();
    signal(wanted, SIG_DFL);
    raise(wanted);
    /* Blocked until this handler returns; then it does what it does by default. */
}

static void on_signal(int signal_number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)signal_number;
    ssize_t written = write(pipe_fds[1], &byte, 1);
    (void)written; /* a full pipe has woken the loop already */
    if (signal_number == SIGTERM || signal_number == SIGHUP || signal_number == SIGQUIT) {
        ending = signal_number;
        alarm(END_SECONDS);
    }
    errno = saved;
}

static bool make_pipe(void)
{
    if (pipe(pipe_fds) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
        fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

bool signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    if (!make_pipe())
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ASKING; i++)
        sigaction(asking[i], &action, &old_asking[i]);
    action.sa_handler = on_crash;
    action.sa_flags = SA_NODEFER;
    for (size_t i = 0; i < CRASHING; i++)
        sigaction(crashing[i], &action, &old_crashing[i]);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &old_pipe);
    return true;
}

void signals_remove(void)
{
    rescue.fd = -1;
    alarm(0);
    for (size_t i = 0; i < ASKING; i++)
        sigaction(asking[i], &old_asking[i], NULL);
    for (size_t i = 0; i < CRASHING; i++)
        sigaction(crashing[i], &old_crashing[i], NULL);
    sigaction(SIGPIPE, &old_pipe, NULL);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    pipe_fds[0] = pipe_fds[1] = -1;
}

int signals_fd(void)
{
    return pipe_fds[0];
}

int signals_next(void)
{
    unsigned char byte;
    return read(pipe_fds[0], &byte, 1) == 1 ? byte : 0;
}

void signals_stop(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, ours;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTSTP, &action, &ours);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}
