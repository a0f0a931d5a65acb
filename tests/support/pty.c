/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device and the process behind pty.h. One loop does all the waiting:
 * take_in() hands what the program has written to the emulator, and what the
 * emulator answers to the program, until something holds or time is up.
 */
#include "tests/support/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    DEADLINE_MS = 10000,
    SLICE_MS = 10, /* how late the end of a program is seen, at most */
    SHOWN_OUTPUT = 400,
};

struct pty {
    struct pty *next;
    struct emulator *emulator;
    int device;   /* our end, the master's; -1 after a hang-up */
    int terminal; /* the program's end, held open so that its settings outlive the program */
    struct termios found;
    pid_t pid;
    bool alive;
    int wait_status; /* when it is no longer */
    char *output;    /* everything that the program wrote */
    size_t output_len, output_size;
    char *screen; /* what pty_screen() gave last */
    const char *file;
    int line;
};

/* Those that were started and not stopped. */
static struct pty *running;

/* ---- failing ---- */

struct pty *pty_called_from(struct pty *pty, const char *file, int line)
{
    pty->file = file;
    pty->line = line;
    return pty;
}

static void print_border(const struct pty *pty)
{
    char dashes[] = "----------------------------------------------------------------------------"
                    "----------------------------------------------------------------------------";
    print_error("+%.*s+\n", emulator_cols(pty->emulator), dashes);
}

static void print_screen(struct pty *pty)
{
    int row, col;
    emulator_cursor(pty->emulator, &row, &col);
    print_error("screen, %d rows by %d columns, cursor in row %d, column %d:\n",
                emulator_rows(pty->emulator), emulator_cols(pty->emulator), row, col);
    print_border(pty);
    for (int i = 0; i < emulator_rows(pty->emulator); i++)
        print_error("|%s\n", emulator_row(pty->emulator, i));
    print_border(pty);
}

static void print_last_output(const struct pty *pty)
{
    size_t shown = pty->output_len < SHOWN_OUTPUT ? pty->output_len : SHOWN_OUTPUT;
    print_error("the last of %zu bytes of output: ", pty->output_len);
    for (size_t i = pty->output_len - shown; i < pty->output_len; i++) {
        unsigned char c = (unsigned char)pty->output[i];
        print_error(c < ' ' || c >= 0x7f ? "\\x%02x" : "%c", c);
    }
    print_error("\n");
}

/* Ends the program first, so that nothing outlives a failed test. */
static _Noreturn void fail_test(struct pty *pty, const char *message)
{
    print_error("%s; the program is %srunning\n", message, pty->alive ? "" : "not ");
    print_screen(pty);
    print_last_output(pty);
    if (pty->alive)
        kill(-pty->pid, SIGKILL);
    _fail(pty->file, pty->line);
    abort(); /* _fail() does not return, but does not say so */
}

static _Noreturn void fail_call(struct pty *pty, const char *call)
{
    char message[200];
    snprintf(message, sizeof message, "%s: %s", call, strerror(errno));
    fail_test(pty, message);
}

/* ---- time ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t deadline(void)
{
    const char *patience = getenv("CAPF_TEST_PATIENCE");
    double factor = patience != NULL ? strtod(patience, NULL) : 1;
    return now_ms() + (int64_t)(DEADLINE_MS * (factor > 0 ? factor : 1));
}

/* ---- bytes in and out ---- */

static void keep_output(struct pty *pty, const char *data, size_t len)
{
    if (pty->output_size - pty->output_len < len) {
        pty->output_size = 2 * (pty->output_size + len);
        pty->output = realloc(pty->output, pty->output_size);
        if (pty->output == NULL)
            abort();
    }
    memcpy(pty->output + pty->output_len, data, len);
    pty->output_len += len;
}

static bool take_in(struct pty *pty, int wait_ms);

/* A program that does not read fills the line; it may be waiting for us to take its output. */
static void send_bytes(struct pty *pty, const char *data, size_t len)
{
    int64_t until = deadline();
    while (len > 0) {
        ssize_t sent = write(pty->device, data, len);
        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            fail_call(pty, "typing at the program");
        } else if (now_ms() > until) {
            fail_test(pty, "the program does not read what is typed");
        } else {
            take_in(pty, SLICE_MS);
        }
    }
}

static void send_answers(struct pty *pty)
{
    char answer[256];
    size_t len;
    while ((len = emulator_read(pty->emulator, answer, sizeof answer)) > 0)
        send_bytes(pty, answer, len);
}

/* Waits for output, at most so long, and takes one portion. False if there was none. */
static bool take_in(struct pty *pty, int wait_ms)
{
    char data[4096];
    struct pollfd poller = {.fd = pty->device, .events = POLLIN};
    if (poll(&poller, 1, wait_ms) <= 0)
        return false;
    ssize_t got = read(pty->device, data, sizeof data);
    if (got <= 0)
        return false;
    keep_output(pty, data, (size_t)got);
    emulator_write(pty->emulator, data, (size_t)got);
    send_answers(pty);
    return true;
}

/* ---- starting ---- */

static void open_device(struct pty *pty)
{
    struct winsize size = {
        .ws_row = (unsigned short)emulator_rows(pty->emulator),
        .ws_col = (unsigned short)emulator_cols(pty->emulator),
    };
    char name[64];
    pty->device = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (pty->device < 0 || grantpt(pty->device) != 0 || unlockpt(pty->device) != 0 ||
        ptsname_r(pty->device, name, sizeof name) != 0)
        fail_call(pty, "making a pseudo-terminal");
    pty->terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->terminal < 0 || ioctl(pty->terminal, TIOCSWINSZ, &size) != 0 ||
        tcgetattr(pty->terminal, &pty->found) != 0)
        fail_call(pty, "opening the pseudo-terminal");
}

static void set_environment(const struct pty_options *options)
{
    static const char *const removed[] = {
        "COLORTERM", "COLUMNS",         "EDITOR",        "ESCDELAY",        "INPUTRC",
        "LANG",      "LANGUAGE",        "LINES",         "NO_COLOR",        "TERMINFO",
        "VISUAL",    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    };
    for (size_t i = 0; i < sizeof removed / sizeof *removed; i++)
        unsetenv(removed[i]);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("HOME", "/nonexistent", 1);
    setenv("XDG_STATE_HOME", "/dev/null",
           1); /* nothing is kept, also where root may make folders */
    setenv("TERM", options->term != NULL ? options->term : "xterm-256color", 1);

    for (const char *const *entry = options->env; entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL) {
            unsetenv(*entry);
        } else {
            char *name = strndup(*entry, (size_t)(equals - *entry));
            setenv(name, equals + 1, 1);
            free(name);
        }
    }
}

/* A shell's background job has interrupts ignored, and all that it starts inherits that; whoever
 * types at a terminal has not. */
static void set_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP, SIGXFSZ};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}

/* In the child. Returns only if the program cannot be run. */
static void run_program(const struct pty *pty, const struct pty_options *options)
{
    setsid();
    set_signals();
    ioctl(pty->terminal, TIOCSCTTY, 0);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(pty->terminal, fd);
    set_environment(options);
    if (options->directory != NULL && chdir(options->directory) != 0)
        return;
    /* execvp() changes nothing there, though its type does not say so. */
    execvp(options->argv[0], (char *const *)options->argv);
}

struct pty *pty_start(const struct pty_options *options)
{
    struct pty *pty = calloc(1, sizeof *pty);
    if (pty == NULL)
        abort();
    pty->emulator = emulator_new(options->rows > 0 ? options->rows : 24,
                                 options->cols > 0 ? options->cols : 80);
    pty_called_from(pty, __FILE__, __LINE__);
    pty->next = running;
    running = pty;
    open_device(pty);

    fflush(NULL);
    pty->pid = fork();
    if (pty->pid < 0)
        fail_call(pty, "fork");
    if (pty->pid == 0) {
        run_program(pty, options);
        perror(options->argv[0]);
        _exit(127);
    }
    pty->alive = true;
    return pty;
}

/* ---- ending ---- */

static bool is_alive(struct pty *pty)
{
    if (pty->alive && waitpid(pty->pid, &pty->wait_status, WNOHANG) == pty->pid)
        pty->alive = false;
    return pty->alive;
}

static void unlink_running(struct pty *pty)
{
    struct pty **link = &running;
    while (*link != pty)
        link = &(*link)->next;
    *link = pty->next;
}

static void close_device(struct pty *pty)
{
    if (pty->device >= 0)
        close(pty->device);
    if (pty->terminal >= 0)
        close(pty->terminal);
    pty->device = -1;
    pty->terminal = -1;
}

void pty_stop(struct pty *pty)
{
    if (pty == NULL)
        return;
    if (pty->alive) {
        kill(-pty->pid, SIGKILL);
        waitpid(pty->pid, NULL, 0);
    }
    unlink_running(pty);
    close_device(pty);
    emulator_free(pty->emulator);
    free(pty->output);
    free(pty->screen);
    free(pty);
}

int pty_teardown(void **state)
{
    (void)state;
    while (running != NULL)
        pty_stop(running);
    return 0;
}

/* ---- what a person does ---- */

void(pty_type_bytes)(struct pty *pty, const void *bytes, size_t len)
{
    send_bytes(pty, bytes, len);
}

void(pty_type)(struct pty *pty, const char *keys)
{
    send_bytes(pty, keys, strlen(keys));
}

void(pty_press)(struct pty *pty, VTermKey key)
{
    emulator_press(pty->emulator, key);
    send_answers(pty);
}

void pty_resize(struct pty *pty, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    emulator_resize(pty->emulator, rows, cols);
    if (ioctl(pty->device, TIOCSWINSZ, &size) != 0)
        fail_call(pty, "resizing the terminal");
}

void pty_signal(struct pty *pty, int signal_number)
{
    if (pty->alive)
        kill(pty->pid, signal_number);
}

void pty_hang_up(struct pty *pty)
{
    close_device(pty);
}

/* ---- looking ---- */

const char *pty_screen(struct pty *pty)
{
    char *text = NULL;
    size_t size = 0;
    FILE *lines = open_memstream(&text, &size);
    if (lines == NULL)
        abort();
    for (int row = 0; row < emulator_rows(pty->emulator); row++)
        fprintf(lines, "%s\n", emulator_row(pty->emulator, row));
    fclose(lines);
    free(pty->screen);
    pty->screen = text;
    return text;
}

bool pty_shows(struct pty *pty, const char *text)
{
    for (int row = 0; row < emulator_rows(pty->emulator); row++) {
        if (strstr(emulator_row(pty->emulator, row), text) != NULL)
            return true;
    }
    return false;
}

bool pty_shows_color(struct pty *pty)
{
    for (int row = 0; row < emulator_rows(pty->emulator); row++) {
        for (int col = 0; col < emulator_cols(pty->emulator); col++) {
            if (emulator_cell(pty->emulator, row, col).colored)
                return true;
        }
    }
    return false;
}

struct emulator *pty_emulator(struct pty *pty)
{
    return pty->emulator;
}

pid_t pty_pid(const struct pty *pty)
{
    return pty->pid;
}

const char *pty_output(const struct pty *pty, size_t *len)
{
    *len = pty->output_len;
    return pty->output;
}

/* ---- waiting ---- */

/* What the program wrote before its end may still be on its way. */
static void take_in_the_rest(struct pty *pty)
{
    while (take_in(pty, 0))
        continue;
}

void(pty_expect_that)(struct pty *pty, const char *what, bool (*holds)(struct pty *, void *),
                      void *arg)
{
    int64_t until = deadline();
    bool alive = true;
    while (!holds(pty, arg)) {
        if (!alive || now_ms() > until) {
            char message[300];
            snprintf(message, sizeof message, "the screen never showed %s", what);
            fail_test(pty, message);
        }
        alive = is_alive(pty);
        if (alive)
            take_in(pty, SLICE_MS);
        else
            take_in_the_rest(pty);
    }
}

static bool shows(struct pty *pty, void *text)
{
    return pty_shows(pty, text);
}

void(pty_expect)(struct pty *pty, const char *text)
{
    char what[200];
    snprintf(what, sizeof what, "\"%s\"", text);
    (pty_expect_that)(pty, what, shows, (void *)text);
}

static bool shows_not(struct pty *pty, void *text)
{
    return !pty_shows(pty, text);
}

void(pty_expect_gone)(struct pty *pty, const char *text)
{
    char what[200];
    snprintf(what, sizeof what, "itself without \"%s\"", text);
    (pty_expect_that)(pty, what, shows_not, (void *)text);
}

struct text_in_row {
    int row;
    const char *text;
};

static bool shows_in_row(struct pty *pty, void *arg)
{
    const struct text_in_row *wanted = arg;
    return wanted->row < emulator_rows(pty->emulator) &&
           strstr(emulator_row(pty->emulator, wanted->row), wanted->text) != NULL;
}

void(pty_expect_in_row)(struct pty *pty, int row, const char *text)
{
    struct text_in_row wanted = {.row = row, .text = text};
    char what[200];
    snprintf(what, sizeof what, "\"%s\" in row %d", text, row);
    (pty_expect_that)(pty, what, shows_in_row, &wanted);
}

static bool cursor_is_at(struct pty *pty, void *arg)
{
    const int *wanted = arg;
    int row, col;
    emulator_cursor(pty->emulator, &row, &col);
    return row == wanted[0] && col == wanted[1];
}

void(pty_expect_cursor)(struct pty *pty, int row, int col)
{
    int wanted[] = {row, col};
    char what[80];
    snprintf(what, sizeof what, "the cursor in row %d, column %d", row, col);
    (pty_expect_that)(pty, what, cursor_is_at, wanted);
}

void pty_let_pass(struct pty *pty, int ms)
{
    int64_t until = now_ms() + ms;
    for (int64_t left = ms; left > 0; left = until - now_ms())
        take_in(pty, (int)left);
}

int(pty_exit_status)(struct pty *pty)
{
    int64_t until = deadline();
    while (is_alive(pty)) {
        if (now_ms() > until)
            fail_test(pty, "the program did not end");
        take_in(pty, SLICE_MS);
    }
    take_in_the_rest(pty);
    return WIFSIGNALED(pty->wait_status) ? 128 + WTERMSIG(pty->wait_status)
                                         : WEXITSTATUS(pty->wait_status);
}

/* ---- the terminal afterwards ---- */

static bool same_settings(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
           a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

const char *pty_left_behind(struct pty *pty)
{
    struct termios left;
    if (tcgetattr(pty->terminal, &left) != 0)
        fail_call(pty, "reading the terminal's settings");
    if (!same_settings(&left, &pty->found))
        return "changed terminal settings";

    struct emulator_modes modes = emulator_modes(pty->emulator);
    if (modes.alternate_screen)
        return "the alternate screen";
    if (modes.cursor_hidden)
        return "a hidden cursor";
    if (modes.mouse)
        return "mouse reports";
    if (modes.bracketed_paste)
        return "bracketed paste";
    return NULL;
}

void(pty_expect_restored)(struct pty *pty)
{
    const char *left = pty_left_behind(pty);
    if (left == NULL)
        return;
    char message[100];
    snprintf(message, sizeof message, "the program left %s behind", left);
    fail_test(pty, message);
}

void(pty_expect_end)(struct pty *pty, int status)
{
    assert_int_equal((pty_exit_status)(pty), status);
    (pty_expect_restored)(pty);
}
