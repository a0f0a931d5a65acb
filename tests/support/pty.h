/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a real program in a pseudo-terminal of its own, types at it, and looks
 * at its screen as a person would.
 *
 * Nothing here sleeps and hopes. Each pty_expect…() goes on as soon as the
 * screen is as it should be; otherwise, after a deadline of ten seconds times
 * the environment's CAPF_TEST_PATIENCE, or when the program has ended, it fails
 * the test and prints the screen. So a test reads like a conversation:
 *
 *     struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
 *     pty_expect(pty, "record 1");
 *     pty_type(pty, "G");
 *     pty_expect(pty, "record 100");
 *     pty_type(pty, "q");
 *     assert_int_equal(pty_exit_status(pty), 0);
 *     pty_expect_restored(pty);
 *
 * Give pty_teardown to cmocka as the test's teardown: it ends what a failed
 * test left running.
 *
 * The program leads a session of its own, so ^C reaches it as a signal when its
 * terminal mode says so. ^Z does not stop it: for that, run it from a shell with
 * job control inside the terminal.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/support/emulator.h"

struct pty;

/* What is left zero takes the value in brackets. */
struct pty_options {
    const char *const *argv; /* ends with NULL; argv[0] is looked up in PATH */

    /* "NAME=value" sets and "NAME" removes a variable; ends with NULL. Beforehand the environment
     * is the test's own, with LC_ALL=C.UTF-8, HOME=/nonexistent, and without what changes how a
     * program draws (LINES, COLUMNS, ESCDELAY, NO_COLOR, INPUTRC, …). [nothing] */
    const char *const *env;

    int rows, cols;        /* [24, 80] */
    const char *term;      /* [xterm-256color] */
    const char *directory; /* to start in [the test's own] */
};

struct pty *pty_start(const struct pty_options *options);

/* Ends the program if it still runs, and frees everything. */
void pty_stop(struct pty *pty);
int pty_teardown(void **state);

/* ---- what a person does ---- */

void pty_type(struct pty *pty, const char *keys);
void pty_type_bytes(struct pty *pty, const void *bytes, size_t len);

/* A key without a character, such as VTERM_KEY_UP, as the terminal would send it now. */
void pty_press(struct pty *pty, VTermKey key);

void pty_resize(struct pty *pty, int rows, int cols);
void pty_signal(struct pty *pty, int signal_number);

/* Closes the window: the program gets SIGHUP, and its terminal is gone. */
void pty_hang_up(struct pty *pty);

/* ---- waiting for what the program shows ---- */

/* Rows and columns count from 0. */
void pty_expect(struct pty *pty, const char *text);
void pty_expect_gone(struct pty *pty, const char *text);
void pty_expect_in_row(struct pty *pty, int row, const char *text);
void pty_expect_cursor(struct pty *pty, int row, int col);

/* Waits until holds(pty, arg); "what" completes "the screen never showed …". */
void pty_expect_that(struct pty *pty, const char *what, bool (*holds)(struct pty *, void *),
                     void *arg);

/* Takes in what the program writes for this long: for what is a matter of time itself, such as keys
 * that arrive in pieces, and to see that nothing happens. */
void pty_let_pass(struct pty *pty, int ms);

/* Waits for the program's end: its exit status, or 128 + the signal that ended it, as in a shell.
 */
int pty_exit_status(struct pty *pty);

/* After its end: the terminal must be as the program found it. The second names what is not, or
 * returns NULL. */
void pty_expect_restored(struct pty *pty);
/* It ends with this status, and the terminal is as it was. */
void pty_expect_end(struct pty *pty, int status);
const char *pty_left_behind(struct pty *pty);

/* ---- looking, without waiting ---- */

/* All rows, each with a newline at its end; as long as the next call on this pty. */
const char *pty_screen(struct pty *pty);
bool pty_shows(struct pty *pty, const char *text);

/* Is anything on the screen in a colour of its own? */
bool pty_shows_color(struct pty *pty);

struct emulator *pty_emulator(struct pty *pty);
pid_t pty_pid(const struct pty *pty);

/* Every byte that the program has written so far. */
const char *pty_output(const struct pty *pty, size_t *len);

/* ---- so that a failure names the line of the test, not one in here ---- */

struct pty *pty_called_from(struct pty *pty, const char *file, int line);

#define PTY_HERE(pty) pty_called_from(pty, __FILE__, __LINE__)
#define pty_type(pty, keys) pty_type(PTY_HERE(pty), keys)
#define pty_type_bytes(pty, bytes, len) pty_type_bytes(PTY_HERE(pty), bytes, len)
#define pty_press(pty, key) pty_press(PTY_HERE(pty), key)
#define pty_expect(pty, text) pty_expect(PTY_HERE(pty), text)
#define pty_expect_gone(pty, text) pty_expect_gone(PTY_HERE(pty), text)
#define pty_expect_in_row(pty, row, text) pty_expect_in_row(PTY_HERE(pty), row, text)
#define pty_expect_cursor(pty, row, col) pty_expect_cursor(PTY_HERE(pty), row, col)
#define pty_expect_that(pty, what, holds, arg) pty_expect_that(PTY_HERE(pty), what, holds, arg)
#define pty_exit_status(pty) pty_exit_status(PTY_HERE(pty))
#define pty_expect_restored(pty) pty_expect_restored(PTY_HERE(pty))
#define pty_expect_end(pty, status) pty_expect_end(PTY_HERE(pty), status)

#endif
