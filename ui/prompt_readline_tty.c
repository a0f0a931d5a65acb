/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console's lines, edited by readline on the terminal itself: here readline draws, and has the
 * terminal's modes while a line is typed. Its callback interface is used all the same, because the
 * signals are ours: they come through a pipe, between keys. Like prompt_readline.c, which is never
 * at work in the same process, it is a file of globals.
 */
#include "ui/console.h"

#include "app/console.h"
#include "app/memory.h"
#include "ui/candidates.h"
#include "ui/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

static struct {
    struct console_input input;
    enum console_kind kind;
    bool is_done;
    char *line;   /* once it is done; NULL: ^D */
    bool stopped; /* by our own ^Z: the signal to go on is no news */
} reader;

/* ---- Completion ---- */

/* What is put on the terminal must be harmless; such a name has to be typed. */
static bool is_safe(const char *text)
{
    char *safe = safetext_dup_string(text);
    bool same = strcmp(safe, text) == 0;
    free(safe);
    return same;
}

static void replace_word(size_t start, const char *text, const char *behind)
{
    if (!is_safe(text))
        return;
    rl_begin_undo_group();
    rl_delete_text((int)start, rl_point);
    rl_point = (int)start;
    rl_insert_text(text);
    rl_insert_text(behind);
    rl_end_undo_group();
}

/* Readline's list has what is common first, and labels that are safe. */
static void show_found(const struct prompt_completion *found)
{
    char **list = memory_zeroed((found->count + 2) * sizeof list[0]);
    size_t widest = 0;
    list[0] = memory_string("");
    for (size_t i = 0; i < found->count; i++) {
        list[i + 1] = safetext_dup_string(found->items[i].label);
        size_t len = strlen(list[i + 1]);
        widest = len > widest ? len : widest;
    }
    rl_display_match_list(list, (int)found->count, (int)widest);
    rl_on_new_line();
    for (size_t i = 0; i <= found->count; i++)
        free(list[i]);
    free(list);
}

static int on_tab(int count, int key)
{
    struct prompt_completion found;
    if (reader.kind != CONSOLE_COMMAND)
        return reader.kind == CONSOLE_RECORD ? rl_insert(count, key) : 0;
    candidates_find(reader.input.ctx, rl_line_buffer, (size_t)rl_point, &found);
    if (found.count == 1)
        replace_word(found.start, found.items[0].insert, found.items[0].whole ? " " : "");
    else if (found.count > 1 && found.common != NULL)
        replace_word(found.start, found.common, "");
    if (found.count > 1)
        show_found(&found);
    candidates_release(&found);
    return 0;
}

/* Readline's own completion, under whatever key, knows nothing of our words. */
static char **complete_nothing(const char *text, int start, int end)
{
    (void)text, (void)start, (void)end;
    rl_attempted_completion_over = 1;
    return NULL;
}

/* ---- Readline ---- */

static void on_line(char *line)
{
    rl_eof_found = 0; /* or its newline comes in some modes and not in others: ours always comes */
    rl_callback_handler_remove();
    reader.line = line;
    reader.is_done = true;
}

/* In a search of the history, readline 8.2 follows a null pointer when the first key of two (C-x) is
 * followed by one that it does not know. Such a key gives up the search in its place. */
static int next_key(FILE *stream)
{
    int key = rl_getc(stream);
    if (RL_ISSTATE(RL_STATE_ISEARCH) && key > 0 && key != '\033' && key < KEYMAP_SIZE &&
        rl_get_keymap()[key].type == ISKMAP)
        return '\007';
    return key;
}

static void set_up(void)
{
    rl_readline_name = "capscope";
    rl_instream = stdin;
    rl_outstream = isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
    rl_getc_function = next_key;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_attempted_completion_function = complete_nothing;
    using_history();
    rl_initialize(); /* reads the user's inputrc, which must not take Tab away */
    rl_variable_bind("input-meta", "on");
    rl_variable_bind("output-meta", "on");
    rl_variable_bind("convert-meta", "off");
    rl_bind_key_in_map('\t', on_tab, emacs_standard_keymap);
    rl_bind_key_in_map('\t', on_tab, vi_insertion_keymap);
}

/* Only commands have a history here. */
static void fill_history(void)
{
    const struct history *history = reader.input.history;
    clear_history();
    for (size_t i = 0; reader.kind == CONSOLE_COMMAND && i < history->count; i++)
        add_history(history->lines[i]);
    using_history();
}

/* Gives up the line, and the terminal's modes. */
static void abandon(const char *mark)
{
    rl_callback_sigcleanup();
    rl_free_undo_list();
    rl_clear_message();
    rl_point = rl_end;
    rl_redisplay();
    rl_reset_line_state();
    fputs(mark, rl_outstream); /* where the cursor is; what follows goes to the row's beginning */
    rl_callback_handler_remove();
    fputc('\n', rl_outstream);
    fflush(rl_outstream);
}

/* ---- Signals ---- */

static void show_again(void)
{
    rl_prep_terminal(1);
    rl_resize_terminal();
    rl_on_new_line();
    rl_forced_update_display();
}

static void stop(void)
{
    rl_point = rl_end;
    rl_redisplay();
    fputs("^Z", rl_outstream);
    rl_deprep_terminal();
    fflush(rl_outstream);
    reader.stopped = true;
    signals_stop();
    show_again();
}

/* Something else stopped us; whoever let us go on may have set the terminal's modes. */
static void go_on(void)
{
    if (!reader.stopped) {
        rl_deprep_terminal();
        show_again();
    }
    reader.stopped = false;
}

/* CONSOLE_LINE: the line goes on. */
static enum console_read handle_signal(int signal_number)
{
    switch (signal_number) {
    case SIGINT:
        abandon("^C");
        return CONSOLE_CANCELLED;
    case SIGTERM:
    case SIGHUP:
    case SIGQUIT:
        abandon("");
        reader.input.signal = signal_number;
        return CONSOLE_GONE;
    case SIGTSTP:
        stop();
        break;
    case SIGCONT:
        go_on();
        break;
    case SIGWINCH:
        rl_resize_terminal();
        break;
    default:
        break;
    }
    return CONSOLE_LINE;
}

/* ---- One line ---- */

static enum console_read read_keys(void)
{
    enum console_read status = CONSOLE_LINE;
    while (!reader.is_done && status == CONSOLE_LINE) {
        struct pollfd from[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = signals_fd(), .events = POLLIN}};
        int signal_number;
        if (poll(from, 2, -1) < 0 && errno != EINTR)
            return CONSOLE_GONE;
        signal_number = signals_next();
        if (signal_number != 0) {
            status = handle_signal(signal_number);
        } else if ((from[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
            abandon("");
            return CONSOLE_GONE;
        } else if ((from[0].revents & POLLIN) != 0) {
            rl_callback_read_char();
        }
    }
    return status;
}

static void set_rescue(void)
{
    static const char end_paste[] = "\033[?2004l";
    const char *term = getenv("TERM");
    bool plain = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) == 0)
        signals_set_rescue(STDIN_FILENO, &modes, end_paste, plain ? 0 : sizeof end_paste - 1);
}

static enum console_read read_line(struct console_input *input, enum console_kind kind,
                                   const char *prompt, char **line)
{
    enum console_read status;
    (void)input;
    reader.kind = kind;
    reader.is_done = reader.stopped = false;
    reader.line = NULL;
    if (!signals_install())
        return CONSOLE_GONE;
    set_rescue();
    if (kind == CONSOLE_ANSWER)
        tcflush(STDIN_FILENO, TCIFLUSH);
    fill_history();
    rl_callback_handler_install(prompt, on_line);
    status = read_keys();
    signals_remove();
    if (status != CONSOLE_LINE)
        return status;
    if (reader.line == NULL) {
        fputc('\n', rl_outstream);
        fflush(rl_outstream);
        return CONSOLE_END;
    }
    *line = reader.line;
    return CONSOLE_LINE;
}

/* ---- */

static void get_size(struct console_input *input, unsigned *rows, unsigned *cols)
{
    struct winsize size;
    (void)input;
    *rows = 24;
    *cols = 80;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0)
        return;
    if (size.ws_row > 0)
        *rows = size.ws_row;
    if (size.ws_col > 0)
        *cols = size.ws_col;
}

static bool can_page(void)
{
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

static void give_terminal_back(void)
{
    rl_deprep_terminal();
}

int ui_console(struct session *session)
{
    int status;
    set_up();
    reader.input =
        (struct console_input){.read = read_line, .get_size = get_size, .pages = can_page()};
    memory_on_exhausted(give_terminal_back);
    status = console_run(session, &reader.input);
    memory_on_exhausted(NULL);
    clear_history();
    return status;
}
