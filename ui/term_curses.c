/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal. Curses draws and knows the terminal's sequences; keys are read and decoded by us
 * (keydecode.h), because the prompt wants them whole and at once, and pastes apart from keys.
 */
#include "ui/term.h"

#include "ui/keydecode.h"
#include "ui/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define ESCAPE_MS 25
#define ESCAPE_SLOW_MS 500 /* a slow line may tear a sequence apart */
#define QUIET_MS 30        /* drain: nothing came for so long */
#define DRAIN_MAX_MS 2000
#define RESCUE_SIZE 256

static struct {
    SCREEN *screen;
    struct termios modes; /* as they were found */
    struct keydecode decode;
    int escape_ms;
    bool colors, at_end, slow;
    uint8_t input[512]; /* read and not yet decoded */
    size_t input_at, input_len;
    int64_t input_ms; /* when it was read */
    char rescue[RESCUE_SIZE];
} term;

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

/* ---- Styles ---- */

struct look {
    attr_t attributes;
    short color; /* of the foreground; 0: the terminal's own */
};

/* Meaning is never in the colour alone. */
static const struct look looks[GRID_STYLES] = {
    [GRID_TITLE] = {A_REVERSE, 0},
    [GRID_WARNING] = {A_BOLD, COLOR_YELLOW},
    [GRID_NUMBER] = {0, COLOR_CYAN},
    [GRID_ESCAPED] = {0, COLOR_MAGENTA},
    [GRID_SELECTED] = {A_REVERSE, 0},
    [GRID_SELECTED_AWAY] = {A_BOLD, 0},
    [GRID_CURSOR] = {A_REVERSE, 0},
    [GRID_DIVIDER] = {0, COLOR_BLUE},
    [GRID_STAGED] = {A_BOLD, COLOR_GREEN},
    [GRID_FAULT] = {A_BOLD, COLOR_RED},
    [GRID_EMPTY] = {A_DIM, 0},
    [GRID_STATUS] = {A_REVERSE, 0},
    [GRID_HINT] = {A_DIM, 0},
    [GRID_FAILURE] = {A_BOLD, COLOR_RED},
    [GRID_QUESTION] = {A_BOLD, COLOR_YELLOW},
};

static void start_colors(void)
{
    const char *no_color = getenv("NO_COLOR");
    if ((no_color != NULL && no_color[0] != '\0') || !has_colors())
        return;
    if (start_color() != OK || use_default_colors() != OK)
        return;
    for (short color = 1; color < 8; color++)
        init_pair(color, color, -1);
    term.colors = true;
}

/* ---- Showing ---- */

static void show_cell(unsigned row, unsigned col, const struct grid_cell *cell)
{
    const struct look *look = &looks[cell->style];
    wchar_t text[CCHARW_MAX + 1];
    cchar_t out;
    size_t len = mbstowcs(text, cell->text, CCHARW_MAX);
    if (len == (size_t)-1 || len == 0)
        wcscpy(text, L"?");
    else
        text[len < CCHARW_MAX ? len : CCHARW_MAX] = L'\0';
    short pair = term.colors ? look->color : 0;
    if (setcchar(&out, text, look->attributes, pair, NULL) == OK)
        mvadd_wch((int)row, (int)col, &out);
}

static void term_show(void *ctx, const struct grid *grid)
{
    (void)ctx;
    for (unsigned row = 0; row < grid->rows; row++)
        for (unsigned col = 0; col < grid->cols; col++)
            if (grid_cell(grid, row, col)->width > 0)
                show_cell(row, col, grid_cell(grid, row, col));
    curs_set(grid->cursor_shown);
    if (grid->cursor_shown)
        move((int)grid->cursor_row, (int)grid->cursor_col);
    refresh();
}

static void term_forget(void *ctx)
{
    (void)ctx;
    clearok(curscr, TRUE);
}

static bool term_is_busy(void *ctx)
{
    int waiting = 0;
    (void)ctx;
    return term.slow && ioctl(STDOUT_FILENO, TIOCOUTQ, &waiting) == 0 && waiting > 0;
}

static void term_get_size(void *ctx, unsigned *rows, unsigned *cols)
{
    struct winsize size;
    (void)ctx;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        (size.ws_row != LINES || size.ws_col != COLS))
        resizeterm(size.ws_row, size.ws_col);
    *rows = (unsigned)LINES;
    *cols = (unsigned)COLS;
}

/* ---- Reading ---- */

static struct event event_of_signal(int signal_number)
{
    switch (signal_number) {
    case SIGWINCH:
        return (struct event){.kind = EVENT_RESIZE};
    case SIGTSTP:
        return (struct event){.kind = EVENT_SUSPEND};
    case SIGCONT:
        return (struct event){.kind = EVENT_CONTINUE};
    case SIGINT:
        return (struct event){.kind = EVENT_KEY, .key = K_CTRL_C, .bytes = "\003", .len = 1};
    default:
        return (struct event){.kind = EVENT_END, .signal = signal_number};
    }
}

/* Waits for a signal or for input; true: there may be either. */
static bool wait_input(int timeout_ms)
{
    struct pollfd fds[] = {
        {.fd = signals_fd(), .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN},
    };
    return poll(fds, 2, timeout_ms) != 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void read_input(void)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&fd, 1, 0) <= 0)
        return;
    ssize_t got = read(STDIN_FILENO, term.input, sizeof term.input);
    term.input_at = 0;
    term.input_len = got > 0 ? (size_t)got : 0;
    term.input_ms = now_ms();
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        term.at_end = true;
}

/* What is at hand without waiting. */
static bool next_event(struct event *event)
{
    int signal_number = signals_next();
    if (signal_number != 0) {
        *event = event_of_signal(signal_number);
        return true;
    }
    if (keydecode_next(&term.decode, event))
        return true;
    if (term.input_at == term.input_len)
        read_input();
    while (term.input_at < term.input_len)
        if (keydecode_feed(&term.decode, term.input[term.input_at++], event))
            return true;
    if (term.at_end)
        *event = (struct event){.kind = EVENT_END};
    return term.at_end;
}

static int least_wait(int a, int b)
{
    if (a == WAIT_FOREVER || b == WAIT_FOREVER)
        return a == WAIT_FOREVER ? b : a;
    return a < b ? a : b;
}

/* How long a key that has begun still may take. Whoever only looks (0 ms) must not cut it off. */
static int key_wait(void)
{
    int whole = keydecode_wait(&term.decode, term.escape_ms);
    int64_t left = term.input_ms + whole - now_ms();
    if (whole == WAIT_FOREVER)
        return WAIT_FOREVER;
    return left > 0 ? (int)left : 0;
}

static struct event term_read(void *ctx, int timeout_ms)
{
    struct event event = {.kind = EVENT_NONE};
    (void)ctx;
    for (;;) {
        if (next_event(&event))
            return event;
        int key_ms = key_wait();
        if (wait_input(least_wait(timeout_ms, key_ms)))
            continue;
        if (key_wait() == 0 && keydecode_timeout(&term.decode, &event))
            return event;
        if (timeout_ms != WAIT_FOREVER && least_wait(timeout_ms, key_ms) == timeout_ms)
            return event;
    }
}

/* Keys that are still on their way over a slow line count as typed before, too. Signals stay. */
static void term_drain(void *ctx)
{
    (void)ctx;
    for (int waited = 0; waited < DRAIN_MAX_MS; waited += QUIET_MS) {
        struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
        tcflush(STDIN_FILENO, TCIFLUSH);
        if (poll(&fd, 1, QUIET_MS) == 0)
            break;
    }
    term.input_at = term.input_len = 0;
    keydecode_release(&term.decode);
    keydecode_init(&term.decode);
}

/* ---- Taking and giving back ---- */

static void write_all(const char *string)
{
    ssize_t written = write(STDOUT_FILENO, string, strlen(string));
    (void)written;
}

static void enter_modes(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, FALSE);
    if (tigetflag("xon") > 0) { /* a terminal that asks for it loses bytes without */
        struct termios modes;
        if (tcgetattr(STDIN_FILENO, &modes) == 0) {
            modes.c_iflag |= IXON | IXOFF;
            tcsetattr(STDIN_FILENO, TCSANOW, &modes);
        }
    }
    def_prog_mode();
    write_all(paste_on);
}

static void term_suspend(void *ctx)
{
    (void)ctx;
    write_all(paste_off);
    endwin();
    signals_stop();
    reset_prog_mode();
    write_all(paste_on);
    clearok(curscr, TRUE);
    refresh();
}

/* Without the delays ($<5>) that a terminal of old wants; in a crash nobody waits. */
static void add_rescue(const char *string)
{
    size_t len = strlen(term.rescue);
    if (string == NULL || string == (const char *)-1)
        return;
    while (*string != '\0' && len + 1 < sizeof term.rescue) {
        if (string[0] == '$' && string[1] == '<') {
            string += strcspn(string, ">");
            string += *string == '>';
            continue;
        }
        term.rescue[len++] = *string++;
    }
    term.rescue[len] = '\0';
}

static void prepare_rescue(void)
{
    char sgr0[] = "sgr0", cnorm[] = "cnorm", rmcup[] = "rmcup";
    term.rescue[0] = '\0';
    add_rescue(paste_off);
    add_rescue(tigetstr(sgr0));
    add_rescue(tigetstr(cnorm));
    add_rescue(tigetstr(rmcup));
    signals_set_rescue(STDOUT_FILENO, &term.modes, term.rescue, strlen(term.rescue));
}

static bool is_slow_line(void)
{
    speed_t speed = cfgetospeed(&term.modes);
    const char *name = getenv("TERM");
    bool slow_speed = speed == B300 || speed == B1200 || speed == B2400 || speed == B4800 ||
                      speed == B9600 || speed == B19200;
    return slow_speed || (name != NULL && strncmp(name, "vt", 2) == 0);
}

static int escape_time(void)
{
    const char *set = getenv("ESCDELAY");
    if (set != NULL && set[0] >= '0' && set[0] <= '9')
        return (int)strtol(set, NULL, 10);
    return term.slow ? ESCAPE_SLOW_MS : ESCAPE_MS;
}

/* Null when the terminal can be drawn on. */
static const char *find_obstacle(void)
{
    const char *name = getenv("TERM");
    char cup[] = "cup";
    int error = 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return "standard input and output are not both a terminal";
    if (name == NULL || name[0] == '\0')
        return "TERM is not set";
    if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
        return "this terminal (TERM) is not known here";
    const char *motion = tigetstr(cup);
    bool moves = motion != NULL && motion != (const char *)-1;
    del_curterm(cur_term); /* newterm makes its own */
    return moves ? NULL : "this terminal cannot place its cursor";
}

static const struct terminal terminal = {
    .get_size = term_get_size,
    .show = term_show,
    .read = term_read,
    .drain = term_drain,
    .suspend = term_suspend,
    .forget = term_forget,
    .is_busy = term_is_busy,
};

const struct terminal *term_open(const char **why)
{
    *why = find_obstacle();
    if (*why != NULL)
        return NULL;
    tcgetattr(STDIN_FILENO, &term.modes);
    term.slow = is_slow_line();
    term.escape_ms = escape_time();
    keydecode_init(&term.decode);
    if (!signals_install()) { /* before curses, which then installs none of its own */
        *why = "no pipe could be made";
        return NULL;
    }
    term.screen = newterm(NULL, stdout, stdin);
    if (term.screen == NULL) {
        signals_remove();
        *why = "the terminal could not be taken";
        return NULL;
    }
    prepare_rescue();
    typeahead(-1);
    start_colors();
    enter_modes();
    return &terminal;
}

void term_close(void)
{
    if (term.screen == NULL)
        return;
    write_all(paste_off);
    endwin();
    delscreen(term.screen);
    term.screen = NULL;
    tcsetattr(STDIN_FILENO, TCSANOW, &term.modes);
    keydecode_release(&term.decode);
    signals_remove();
}
