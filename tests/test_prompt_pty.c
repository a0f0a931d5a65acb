/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The browser's prompt in a real terminal: what is typed, edited, pasted, completed and looked for
 * in the history, in emacs' keys and vi's, whatever the user's inputrc says, while the window
 * changes and the program stops and goes on.
 */
#include "tests/support/test.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/fixture.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

#define PASTE(text) "\033[200~" text "\033[201~"

static bool readline_forgets; /* memory: it is not to be held against the program */
static char state_home[SCRATCH_PATH + 20], inputrc[SCRATCH_PATH + 20];

static struct pty *start_sized(int rows, int cols)
{
    static const char *path;
    path = scratch_path("demo.capture");
    fixture_to_file("quickstart", path);
    snprintf(state_home, sizeof state_home, "XDG_STATE_HOME=%s", scratch_path("state"));
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    const char *const env[] = {state_home, inputrc[0] != '\0' ? inputrc : "INPUTRC=/dev/null",
                               readline_forgets ? "ASAN_OPTIONS=detect_leaks=0" : "NOTHING", NULL};
    struct pty *pty =
        pty_start(&(struct pty_options){.argv = argv, .env = env, .rows = rows, .cols = cols});
    pty_expect(pty, ">");
    return pty;
}

static struct pty *start(void)
{
    return start_sized(24, 80);
}

/* The user's inputrc for the programs that are started from here on; "" for none. */
static void set_inputrc(const char *text)
{
    const char *path = scratch_path("inputrc");
    inputrc[0] = '\0';
    if (text[0] == '\0')
        return;
    scratch_write(path, text, strlen(text));
    snprintf(inputrc, sizeof inputrc, "INPUTRC=%s", path);
}

static int forget(void **state)
{
    pty_teardown(state);
    readline_forgets = false;
    set_inputrc("");
    unlink(scratch_path("state/capscope/history"));
    return 0;
}

static void end(struct pty *pty)
{
    pty_type(pty, "Q");
    assert_int_equal(pty_exit_status(pty), 0);
    pty_expect_restored(pty);
    pty_stop(pty);
}

/* ---- Typing ---- */

static void characters_of_every_width_are_typed_and_edited(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":x\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82"
                  "e\xcc\x81y");
    pty_expect_in_row(pty, 23,
                      ":x\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82"
                      "e\xcc\x81y");
    pty_expect_cursor(pty, 23, 10);
    pty_press(pty, VTERM_KEY_LEFT);
    pty_expect_cursor(pty, 23, 9);
    pty_press(pty, VTERM_KEY_LEFT); /* the letter with its accent */
    pty_expect_cursor(pty, 23, 8);
    pty_press(pty, VTERM_KEY_LEFT);
    pty_expect_cursor(pty, 23, 6);
    pty_press(pty, VTERM_KEY_BACKSPACE); /* the wide one before the face */
    pty_expect_in_row(pty, 23, ":x\xc3\xa9\xf0\x9f\x99\x82");
    pty_expect_cursor(pty, 23, 4);
    pty_press(pty, VTERM_KEY_END);
    pty_expect_cursor(pty, 23, 8);
    pty_press(pty, VTERM_KEY_HOME);
    pty_press(pty, VTERM_KEY_DEL);
    pty_expect_in_row(pty, 23, ":\xc3\xa9\xf0\x9f\x99\x82");
    pty_type(pty, "\003");
    end(pty);
}

static void a_line_longer_than_the_screen_keeps_its_cursor_in_sight(void **state)
{
    (void)state;
    struct pty *pty = start_sized(12, 40);
    pty_type(pty, ":");
    for (int i = 0; i < 60; i++)
        pty_type(pty, "\xe6\xbc\xa2");
    pty_type(pty, "end");
    pty_expect_in_row(pty, 11,
                      "\xe6\xbc\xa2"
                      "end");
    pty_press(pty, VTERM_KEY_HOME);
    pty_expect_cursor(pty, 11, 2);
    for (int i = 0; i < 18; i++)
        pty_press(pty, VTERM_KEY_RIGHT);
    pty_expect_cursor(pty, 11, 38); /* the last that fits whole */
    pty_press(pty, VTERM_KEY_RIGHT);
    pty_expect_cursor(pty, 11, 20);
    pty_resize(pty, 1, 2);
    pty_type(pty, "z");
    pty_resize(pty, 24, 80);
    pty_expect_in_row(pty, 23, "z");
    pty_type(pty, "\003");
    end(pty);
}

static void keys_of_no_meaning_leave_no_letters(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":ab\033[57~\033[1;5Z\033[15~\033[?1;2c\033Oz\033\xc3\xa9"
                  "cd");
    pty_expect_in_row(pty, 23, " :abcd");
    pty_expect_cursor(pty, 23, 6);
    pty_type(pty, "\033[1~X\033OFY\033[7~Z"); /* Home and End as other terminals send them */
    pty_expect_in_row(pty, 23, " :ZXabcdY");
    pty_type(pty, "\003");
    end(pty);
}

static void a_sequence_in_pieces_moves_the_cursor(void **state)
{
    (void)state;
    const char *path = scratch_path("demo.capture");
    fixture_to_file("quickstart", path);
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    const char *const env[] = {"ESCDELAY=2000", NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv, .env = env});
    pty_expect(pty, "5 records");
    pty_type(pty, ":abc\033");
    pty_let_pass(pty, 60);
    pty_type(pty, "[");
    pty_let_pass(pty, 60);
    pty_type(pty, "Dx");
    pty_expect_in_row(pty, 23, " :abxc");
    pty_type(pty, "\003");
    end(pty);
}

static void escape_and_its_like_leave_at_once(void **state)
{
    (void)state;
    static const char *const keys[] = {"\033", "\003", "\007", "\025\004"};
    struct pty *pty = start();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        pty_type(pty, ":goto 4");
        pty_expect_in_row(pty, 23, ":goto 4");
        pty_type(pty, keys[i]);
        pty_expect_in_row(pty, 23, "?:help");
    }
    pty_expect(pty, "1 / 5");
    end(pty);
}

static void any_key_can_be_put_in_literally(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":a\026\003\026\032\026\033");
    pty_expect_in_row(pty, 23, " :a^C^Z^[");
    pty_type(pty, "b");
    pty_expect_cursor(pty, 23, 10);
    pty_press(pty, VTERM_KEY_BACKSPACE);
    pty_press(pty, VTERM_KEY_BACKSPACE);
    pty_expect_cursor(pty, 23, 7);
    pty_type(pty, "\003");
    end(pty);
}

/* ---- Pastes ---- */

static void a_pasted_block_runs_nothing_and_shows_what_it_holds(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":");
    pty_type(pty, PASTE("goto 2\rgoto 3\r\ngoto\t4\n\033[2Jx\001\b\r"));
    pty_expect_in_row(pty, 23, " :goto 2 goto 3 goto 4 ^[[2Jx^A^H");
    pty_expect(pty, ">        1 ");
    pty_type(pty, "\003");
    end(pty);
}

static void a_paste_with_its_own_end_does_not_break_out(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":");
    pty_type(pty, PASTE("goto 2\033[201~\rQ\r:goto 3\r"));
    pty_expect_in_row(pty, 23, " :goto 2 Q :goto 3");
    pty_expect(pty, ">        1 ");
    pty_type(pty, "\003");
    pty_type(pty, PASTE("a\033[201~Q"));
    pty_expect(pty, "pasted text is taken at a prompt");
    pty_type(pty, ":"); /* keys right behind a paste are keys */
    pty_type(pty, PASTE("goto ") "4\r");
    pty_expect(pty, "4 / 5");
    pty_type(pty, ":" PASTE("goto ") PASTE("2") "\r");
    pty_expect(pty, "2 / 5");
    end(pty);
}

static void a_paste_of_a_million_bytes_is_refused(void **state)
{
    (void)state;
    size_t len = 1u << 20;
    char *text = malloc(len);
    struct pty *pty = start();
    memset(text, 'x', len);
    pty_type(pty, ":goto 3\033[200~");
    pty_type_bytes(pty, text, len);
    pty_type(pty, "\033[201~");
    pty_expect(pty, "1,048,576 bytes are too many to paste");
    pty_expect_in_row(pty, 23, " :goto 3");
    pty_type(pty, "\r");
    pty_expect(pty, "3 / 5");
    pty_type(pty, ":\033[200~");
    pty_type_bytes(pty, text, 60000);
    pty_type(pty, "\033[201~y");
    pty_expect_in_row(pty, 23, "xxxy");
    pty_type(pty, "\003");
    free(text);
    end(pty);
}

/* ---- History ---- */

static void the_history_is_there_in_the_next_run(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":goto 2\r:goto 3\r:goto 2\r");
    pty_expect(pty, "2 / 5");
    pty_type(pty, "E:append secret\r:edit off\r");
    pty_expect_gone(pty, ":edit off");
    pty_type(pty, ":discard\r");
    pty_expect(pty, "[y/N/?]");
    pty_type(pty, "y");
    pty_expect_gone(pty, "+1");
    end(pty);

    struct stat about;
    const char *path = scratch_path("state/capscope/history");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    size_t len;
    char *kept = (char *)scratch_read(path, &len);
    assert_null(memmem(kept, len, "secret", 6));
    free(kept);

    pty = start();
    pty_type(pty, ":");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect_in_row(pty, 23, ":discard");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect_in_row(pty, 23, ":edit off");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect_in_row(pty, 23, ":goto 2");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect_in_row(pty, 23, ":goto 3");
    pty_press(pty, VTERM_KEY_UP); /* the first "goto 2" stands where it was typed last */
    pty_press(pty, VTERM_KEY_DOWN);
    pty_expect_in_row(pty, 23, ":goto 2");
    pty_type(pty, "\003");
    end(pty);
}

static void a_search_in_the_history_is_shown_and_given_up(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":goto 2\r:goto 33\r:goto 4\r");
    pty_expect(pty, "4 / 5");
    pty_type(pty, ":abc\022");
    pty_expect_in_row(pty, 23, "(reverse-i-search)`': abc");
    pty_type(pty, "33");
    pty_expect_in_row(pty, 23, "(reverse-i-search)`33': goto 33");
    pty_expect_cursor(pty, 23, 29);
    pty_type(pty, "9");
    pty_expect_in_row(pty, 23, "(failed reverse-i-search)`339'");
    pty_type(pty, "\033"); /* gives up the search, not the line */
    pty_expect_in_row(pty, 23, " :abc");
    pty_type(pty, "\022got\022\022");
    pty_expect_in_row(pty, 23, "`got': goto 2");
    pty_type(pty, "\007");
    pty_expect_in_row(pty, 23, " :abc");
    pty_type(pty, "\022to 2" PASTE("x\ry"));
    pty_expect_in_row(pty, 23, " :gox yto 2");
    pty_resize(pty, 12, 40);
    pty_type(pty, "\022to 2");
    pty_expect_in_row(pty, 10, "(reverse-i-search)`to 2'");
    pty_type(pty, "\003\003");
    pty_expect_gone(pty, " :gox");
    end(pty);
}

static void a_search_by_beginning_follows_the_inputrc(void **state)
{
    (void)state;
    set_inputrc("\"\\e[A\": history-search-backward\n\"\\C-xr\": re-read-init-file\n");
    struct pty *pty = start();
    pty_type(pty, ":goto 2\r:first\r:goto 3\r:first\r");
    pty_expect(pty, "1 / 5");
    pty_type(pty, ":go\033[A");
    pty_expect_in_row(pty, 23, ":goto 3");
    pty_type(pty, "\033[A");
    pty_expect_in_row(pty, 23, ":goto 2");
    pty_type(pty, "\030r\001\013inf\t");
    pty_expect_in_row(pty, 23, ":info");
    pty_type(pty, "\003");
    end(pty);
}

/* ---- Completion ---- */

static void tab_lists_and_goes_through_what_fits(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":pa\t");
    pty_expect_in_row(pty, 23, ":pa");
    pty_expect(pty, " page-down  go down a page");
    pty_expect(pty, " pane       go to the other pane");
    pty_type(pty, "\t");
    pty_expect_in_row(pty, 23, ":page-down");
    pty_type(pty, "\t\t");
    pty_expect_in_row(pty, 23, ":pane");
    pty_type(pty, "\t"); /* and what was typed */
    pty_expect_cursor(pty, 23, 4);
    pty_type(pty, "\033[Z");
    pty_expect_in_row(pty, 23, ":pane");
    pty_type(pty, " ");
    pty_expect_gone(pty, "go down a page");
    pty_type(pty, "\025\t");
    pty_expect(pty, " append ");
    pty_resize(pty, 8, 40);
    pty_expect(pty, " more");
    pty_expect_in_row(pty, 0, "demo.capture");
    pty_resize(pty, 2, 8);
    pty_resize(pty, 24, 80);
    pty_expect(pty, " append ");
    pty_type(pty, "\003");
    pty_expect_gone(pty, " append ");
    end(pty);
}

static void names_of_files_are_quoted_and_cannot_act_on_the_terminal(void **state)
{
    (void)state;
    static const char hostile[] = "\033]0;owned\ae\xcc\x81 \"q\".x";
    char line[SCRATCH_PATH + 20];
    mkdir(scratch_path("names"), 0700);
    snprintf(line, sizeof line, "names/%s", hostile);
    scratch_write(scratch_path(line), "", 0);
    scratch_write(scratch_path("names/new\nline"), "", 0);
    struct pty *pty = start_sized(24, 200);
    snprintf(line, sizeof line, ":salvage %s\t", scratch_path("names/"));
    pty_type(pty, line);
    pty_expect(pty, "new^Jline");
    pty_expect(pty, "^[]0;owned^G");
    pty_type(pty, "\t");
    pty_expect_in_row(pty, 23, "/\\e]0;owned\\x07e\xcc\x81 \\\"q\\\".x\"");
    pty_type(pty, "\r");
    pty_expect(pty, "there is something under that name");
    size_t len;
    const char *output = pty_output(pty, &len);
    assert_null(memmem(output, len, "\033]0;owned", 9));
    end(pty);
}

/* ---- The window, and stopping ---- */

static void a_line_outlives_resizing_and_redrawing(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_type(pty, ":goto 4\002");
    pty_expect_cursor(pty, 23, 7);
    pty_resize(pty, 50, 200);
    pty_expect_cursor(pty, 49, 7);
    pty_resize(pty, 12, 40);
    pty_expect_cursor(pty, 11, 7);
    pty_type(pty, "\f");
    pty_resize(pty, 1, 2);
    pty_resize(pty, 24, 80);
    pty_expect_cursor(pty, 23, 7);
    pty_expect_in_row(pty, 23, ":goto 4");
    pty_type(pty, "\r");
    pty_expect(pty, "4 / 5");
    end(pty);
}

static void stopping_and_going_on_keeps_the_line(void **state)
{
    (void)state;
    const char *path = scratch_path("demo.capture");
    fixture_to_file("quickstart", path);
    const char *const argv[] = {"bash",
                                "--norc",
                                "-m",
                                "-c",
                                "\"$1\" \"$2\"; echo stopped; fg >/dev/null; echo done",
                                "sh",
                                getenv("CAPSCOPE"),
                                path,
                                NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    pty_expect(pty, "5 records");
    pty_type(pty, ":goto 4\002");
    pty_expect_cursor(pty, 23, 7);
    pty_type(pty, "\032");
    pty_expect_cursor(pty, 23, 7);
    pty_expect_in_row(pty, 23, ":goto 4");
    pty_type(pty, "\r");
    pty_expect(pty, "4 / 5");
    pty_type(pty, "Q");
    pty_expect(pty, "done");
    assert_true(pty_shows(pty, "stopped"));
    assert_int_equal(pty_exit_status(pty), 0);
}

/* ---- vi, and whatever an inputrc says ---- */

static void in_vi_mode_escape_goes_to_commands_and_then_leaves(void **state)
{
    (void)state;
    readline_forgets = true; /* 32 bytes for a motion that waits for a letter */
    set_inputrc("set editing-mode vi\nset show-mode-in-prompt on\n"
                "set vi-cmd-mode-string \"\\1\\e[2 q\\2\"\n");
    struct pty *pty = start();
    pty_type(pty, ":goto 44");
    pty_expect_in_row(pty, 23, " :goto 44");
    pty_type(pty, "\033");
    pty_expect_in_row(pty, 23, " (cmd) :goto 44");
    pty_expect_cursor(pty, 23, 14);
    pty_type(pty, "x0");
    pty_expect_in_row(pty, 23, " (cmd) :goto 4");
    pty_expect_cursor(pty, 23, 8);
    pty_type(pty, PASTE("dd:q!\r"));
    pty_expect_in_row(pty, 23, " (cmd) :dd:q!goto 4");
    pty_type(pty, "0dtgA0");
    pty_expect_in_row(pty, 23, " :goto 40");
    pty_press(pty, VTERM_KEY_BACKSPACE);
    pty_type(pty, "\r");
    pty_expect(pty, "4 / 5");
    pty_type(pty, ":goto 2\033");
    pty_expect_in_row(pty, 23, " (cmd) :goto 2");
    pty_type(pty, "d"); /* half a command, given up */
    pty_let_pass(pty, 50);
    pty_type(pty, "\033");
    pty_let_pass(pty, 100);
    pty_expect_in_row(pty, 23, " (cmd) :goto 2");
    pty_type(pty, "/got");
    pty_expect_in_row(pty, 23, "/got");
    pty_expect(pty, "Enter looks for it");
    pty_type(pty, "\033");
    pty_expect_in_row(pty, 23, " (cmd) :goto 2");
    pty_type(pty, "\033");
    pty_expect_gone(pty, "(cmd)");
    pty_expect(pty, "4 / 5");
    pty_type(pty, ":\033k"); /* Esc and k in one: the line before */
    pty_expect_in_row(pty, 23, " (cmd) :goto 4");
    pty_type(pty, "\003:x");
    pty_press(pty, VTERM_KEY_LEFT);
    pty_type(pty, "y");
    pty_expect_in_row(pty, 23, " :yx");
    pty_type(pty, "\007");
    pty_expect_gone(pty, ":yx");
    size_t len;
    const char *output = pty_output(pty, &len);
    assert_null(memmem(output, len, "\033[2 q", 5));
    end(pty);
}

static void an_inputrc_cannot_break_the_screen(void **state)
{
    (void)state;
    readline_forgets = true; /* a macro that it gives up for being without end */
    set_inputrc("set bell-style audible\nset enable-bracketed-paste on\nset convert-meta on\n"
                "set nonsense on\nset blink-matching-paren on\nset show-mode-in-prompt on\n"
                "set emacs-mode-string \"\\1\\e[31m\\2\"\n\"unclosed: no-such-function\n"
                "$if nothing\n\"\\C-t\": no-such-function\n\"\\C-b\": \"goto 3\\C-mjunk\"\n"
                "a: \"aa\"\n\"\\C-i\": self-insert\n\"\\C-f\": dump-functions\n"
                "\"\\C-y\": operate-and-get-next\n\"\\C-p\": possible-completions\n"
                "\"\\C-n\": \"\\e[200~goto 9\"\n\"\\C-u\": display-shell-version\n$endif\n"
                "\"\\C-b\": \"goto 3\\C-mjunk\"\na: \"aa\"\n\"\\C-i\": self-insert\n"
                "\"\\C-f\": dump-functions\n\"\\C-y\": operate-and-get-next\n"
                "\"\\C-p\": possible-completions\n\"\\C-n\": \"\\e[200~goto 9\"\n");
    struct pty *pty = start();
    pty_type(pty, ":\x7f\x7f(x)\xc3\xa9");
    pty_expect_in_row(pty, 23, " :(x)\xc3\xa9");
    pty_type(pty, "\001\013a\006");
    pty_expect_in_row(pty, 23, " :");
    pty_type(pty, "\001\013\016");
    pty_expect_in_row(pty, 23, " :goto 9");
    pty_type(pty, "\001\013unst\020\t");
    pty_expect_in_row(pty, 23, " :unstage");
    pty_type(pty, "\001\013edi\t");
    pty_expect(pty, "edit-metadata");
    pty_type(pty, "\001\013goto 2\031"); /* as Enter */
    pty_expect(pty, "2 / 5");
    pty_type(pty, ":\002");
    pty_expect(pty, "3 / 5");
    pty_type(pty, ":");
    pty_expect_in_row(pty, 23, " :");
    pty_expect_cursor(pty, 23, 2);
    pty_type(pty, "\003");
    pty_expect_in_row(pty, 23, "?:help");
    size_t len;
    const char *output = pty_output(pty, &len);
    assert_null(memchr(output, '\a', len));
    assert_null(memmem(output, len, "readline", 8));
    end(pty);
}

static void completion_can_be_turned_off(void **state)
{
    (void)state;
    set_inputrc("set disable-completion on\n");
    struct pty *pty = start();
    pty_type(pty, ":edi\t");
    pty_expect_in_row(pty, 23, " :edi^I");
    pty_type(pty, "\003");
    end(pty);
}

#define prompt_test(test) cmocka_unit_test_teardown(test, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        prompt_test(characters_of_every_width_are_typed_and_edited),
        prompt_test(a_line_longer_than_the_screen_keeps_its_cursor_in_sight),
        prompt_test(keys_of_no_meaning_leave_no_letters),
        prompt_test(a_sequence_in_pieces_moves_the_cursor),
        prompt_test(escape_and_its_like_leave_at_once),
        prompt_test(any_key_can_be_put_in_literally),
        prompt_test(a_pasted_block_runs_nothing_and_shows_what_it_holds),
        prompt_test(a_paste_with_its_own_end_does_not_break_out),
        prompt_test(a_paste_of_a_million_bytes_is_refused),
        prompt_test(the_history_is_there_in_the_next_run),
        prompt_test(a_search_in_the_history_is_shown_and_given_up),
        prompt_test(a_search_by_beginning_follows_the_inputrc),
        prompt_test(tab_lists_and_goes_through_what_fits),
        prompt_test(names_of_files_are_quoted_and_cannot_act_on_the_terminal),
        prompt_test(a_line_outlives_resizing_and_redrawing),
        prompt_test(stopping_and_going_on_keeps_the_line),
        prompt_test(in_vi_mode_escape_goes_to_commands_and_then_leaves),
        prompt_test(an_inputrc_cannot_break_the_screen),
        prompt_test(completion_can_be_turned_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
