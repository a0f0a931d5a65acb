/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console in a real pseudo-terminal: what readline makes of keys there, signals and job control,
 * questions about staged work, the pager, and what is kept for the next run.
 */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/fixture.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

static const char *path;
static char state_home[SCRATCH_PATH + 20];

/* The environment of every test: a history of its own, and what the test adds. */
static const char *const *environment(const char *more)
{
    static const char *env[4];

    snprintf(state_home, sizeof state_home, "XDG_STATE_HOME=%s", scratch_path("state"));
    env[0] = state_home;
    env[1] = more != NULL ? more : "PAGER=cat";
    env[2] = NULL;
    return env;
}

static struct pty *start_with(const char *name, const struct pty_options *how, const char *more)
{
    struct pty_options options = *how;
    path = scratch_path("demo.capture");
    fixture_to_file(name, path);
    const char *const argv[] = {getenv("CAPSCOPE"), "shell", "demo.capture", NULL};
    options.argv = argv;
    options.directory = scratch_path(".");
    options.env = environment(more);
    return pty_start(&options);
}

static struct pty *start(const char *name)
{
    return start_with(name, &(struct pty_options){0}, NULL);
}

/* From a shell with job control, whose script has the program as $1 and the file as $2. */
static struct pty *start_in_shell(const char *name, const char *script)
{
    path = scratch_path("demo.capture");
    fixture_to_file(name, path);
    const char *const argv[] = {"bash", "--norc",           "-m", "-c", script,
                                "sh",   getenv("CAPSCOPE"), path, NULL};
    return pty_start(&(struct pty_options){.argv = argv, .env = environment(NULL)});
}

static int end(void **state)
{
    pty_teardown(state);
    scratch_remove();
    return 0;
}

static uint64_t count_in_file(void)
{
    capf_file *file;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    uint64_t count = capf_file_count(file);
    capf_close(file);
    return count;
}

/* Text that may go over rows: the screen's rows have no blanks at their ends. */
static bool shows(struct pty *pty, void *text)
{
    return strstr(pty_screen(pty), text) != NULL;
}

static void expect_rows(struct pty *pty, const char *text)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", text);
    pty_expect_that(pty, text, shows, copy);
}

/* ---- A session ---- */

static void a_session_ends_with_its_work_in_the_file(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "goto 3\r");
    pty_expect(pty, "         3        23  Hey this is my record 3");
    pty_expect(pty, "demo.capture 3 RO>");
    pty_type(pty, "cat 9\r");
    pty_expect(pty, "no record 9 (last is 5)");
    pty_type(pty, "append x\r");
    pty_expect(pty, "read-only: E turns editing on");
    pty_type(pty, "E\r");
    pty_expect(pty, "demo.capture 3 EDIT>");
    pty_type(pty, "append h\xc3\xa9llo\r");
    pty_expect(pty, "demo.capture 3 EDIT +1>");
    pty_type(pty, "metadata --set m\r");
    pty_expect(pty, "EDIT +1 meta>");
    pty_type(pty, "commit\r");
    pty_expect(pty, "cannot be undone -- commit? [y/N/?]");
    pty_type(pty, "?\r");
    pty_expect(pty, "y does it for good.");
    pty_expect(pty, "commit? [y/N/?]");
    pty_let_pass(pty, 20);
    pty_type(pty, "y\r");
    pty_expect(pty, "committed 1 record: 6; metadata");
    pty_expect(pty, "demo.capture 3 EDIT>");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
    assert_int_equal(count_in_file(), 6);
}

static void what_was_typed_before_a_question_is_no_answer(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_type(pty, "append x\r");
    pty_expect(pty, "EDIT +1>");
    pty_type(pty, "commit\ry\r");
    pty_expect(pty, "commit? [y/N/?]");
    pty_let_pass(pty, 50);
    pty_type(pty, "\r");
    pty_expect(pty, "not committed; everything is still staged");
    pty_type(pty, "discard\r");
    pty_expect(pty, "discard? [y/N/?]");
    pty_let_pass(pty, 20);
    pty_type(pty, "y\r");
    pty_expect(pty, "discarded 1 record");
    pty_type(pty, "\004");
    pty_expect_end(pty, 0);
    assert_int_equal(count_in_file(), 5);
}

/* ---- Lines that follow ---- */

static void append_takes_lines_up_to_a_dot_or_the_end(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_type(pty, "append\r");
    pty_expect(pty, "each line becomes a record: a lone dot or ^D ends, ^C drops them");
    pty_type(pty, "one\rtwo\r.\r");
    pty_expect(pty, "staged 2 records: +1..+2");
    pty_type(pty, "append --multi\r");
    pty_expect(pty, "the lines become one record");
    pty_type(pty, "a\rb\r");
    expect_rows(pty, "\n> b\n>"); /* before, ^D would be the terminal's own end of input */
    pty_type(pty, "\004");
    pty_expect(pty, "staged +3, 3 bytes");
    pty_type(pty, "append\r");
    expect_rows(pty, "\n>");
    pty_type(pty, "lost\r");
    expect_rows(pty, "\n> lost\n>");
    pty_type(pty, "\003");
    pty_expect(pty, "nothing of it is staged");
    pty_expect(pty, "EDIT +3>");
    pty_type(pty, "staged\r");
    pty_expect(pty, "+3            3  a^Jb");
    pty_signal(pty, SIGTERM);
    pty_expect(pty, "3 staged records were dropped: there was no commit");
    pty_expect_end(pty, 128 + SIGTERM);
}

static void a_pasted_block_waits_for_enter(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "\033[200~goto 2\rgoto 4\r\033[201~");
    pty_expect(pty, "goto 4");
    pty_let_pass(pty, 50);
    assert_false(pty_shows(pty, "record 2"));
    pty_type(pty, "\r");
    pty_expect(pty, "Hey this is my record 2");
    pty_expect(pty, "Hey this is my record 4");
    pty_expect(pty, "demo.capture 4 RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_type(pty, "\033[200~append\rp1\rp2\r.\rstaged\033[201~\r");
    pty_expect(pty, "staged 2 records: +1..+2");
    pty_expect(pty, "+2            2  p2");
    pty_type(pty, "\033[200~goto 9\rgoto 1\033[201~\r");
    pty_expect(pty, "no record 9 (last is 5)");
    pty_expect(pty, "demo.capture 4 EDIT +2>");
}

/* ---- Leaving ---- */

static void leaving_with_staged_work_asks(void **state)
{
    (void)state;
    static const char question[] = "c commit, d discard and quit, s stay? [c/d/S/?]";
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_type(pty, "append x\r");
    pty_expect(pty, "EDIT +1>");
    pty_type(pty, "\004");
    pty_expect(pty, question);
    pty_let_pass(pty, 20);
    pty_type(pty, "\004");
    pty_expect(pty, "everything is still staged");
    pty_type(pty, "\fquit\r"); /* C-l clears the screen */
    pty_expect(pty, question);
    pty_let_pass(pty, 20);
    pty_type(pty, "\003");
    pty_expect(pty, "everything is still staged");
    pty_type(pty, "\fquit\r");
    pty_expect(pty, question);
    pty_let_pass(pty, 20);
    pty_type(pty, "c\r");
    pty_expect(pty, "commit? [y/N/?]");
    pty_let_pass(pty, 20);
    pty_type(pty, "y\r");
    pty_expect(pty, "committed 1 record: 6");
    pty_expect_end(pty, 0);
    assert_int_equal(count_in_file(), 6);
}

static void discarding_leaves_at_once(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_type(pty, "append x\r");
    pty_expect(pty, "EDIT +1>");
    pty_type(pty, "q\r");
    pty_expect(pty, "s stay? [c/d/S/?]");
    pty_let_pass(pty, 20);
    pty_type(pty, "d\r");
    pty_expect_end(pty, 0);
    assert_int_equal(count_in_file(), 5);
}

static void a_lost_terminal_ends_it(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\r");
    pty_expect(pty, "EDIT>");
    pty_hang_up(pty);
    assert_int_equal(pty_exit_status(pty), 128 + SIGHUP);
}

/* ---- Keys ---- */

static void every_script_can_be_typed(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "x\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82");
    pty_expect(pty, "demo.capture 1 RO> x\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82");
    pty_expect_cursor(pty, 0, 19 + 6);
    pty_press(pty, VTERM_KEY_LEFT);
    pty_press(pty, VTERM_KEY_LEFT);
    pty_expect_cursor(pty, 0, 19 + 2);
    pty_press(pty, VTERM_KEY_BACKSPACE);
    pty_expect(pty, "RO> x\xe6\xbc\xa2\xf0\x9f\x99\x82");
    pty_type(pty, "\001\013E\rappend \xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82\r");
    pty_expect(pty, "staged +1, 9 bytes");
    pty_type(pty, "staged\r");
    pty_expect(pty, "            9  \xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82");
}

static void control_c_gives_up_the_line_and_never_quits(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "goto 4");
    pty_expect(pty, "RO> goto 4");
    pty_type(pty, "\003");
    pty_expect_in_row(pty, 0, "demo.capture 1 RO> goto 4^C");
    pty_expect_in_row(pty, 1, "demo.capture 1 RO>");
    pty_type(pty, "\003");
    pty_expect_in_row(pty, 2, "demo.capture 1 RO>");
    pty_type(pty, "goto 2\r");
    pty_expect(pty, "demo.capture 2 RO>");
    pty_type(pty, "\004");
    pty_expect_end(pty, 0);
}

static void control_c_stops_what_takes_long(void **state)
{
    (void)state;
    struct pty *pty = start("huge");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "cat\r");
    pty_expect(pty, "= (n-1) mod 1009");
    pty_type(pty, "\003");
    pty_expect(pty, "stopped");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "\f");
    pty_expect_in_row(pty, 0, "demo.capture 1 RO>");
    pty_type(pty, "next-damage\r");
    pty_let_pass(pty, 100);
    pty_type(pty, "\003");
    pty_expect(pty, "stopped at record");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
}

static void tab_completes_and_lists(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "got\t4\r");
    pty_expect(pty, "RO> goto 4");
    pty_expect(pty, "demo.capture 4 RO>");
    pty_type(pty, "ne\t");
    pty_expect(pty, "next         next-damage");
    pty_expect(pty, "demo.capture 4 RO> next");
    pty_type(pty, "\003cat --f\thex 1\r");
    pty_expect(pty, "#1  23 bytes");
}

static void tab_completes_file_names(void **state)
{
    (void)state;
    scratch_write(scratch_path("a value"), "v", 1);
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\rmetadata --set-file a\t\r");
    pty_expect(pty, "metadata --set-file \"a value\"");
    pty_expect(pty, "the change of the metadata is staged");
}

/* ---- The terminal ---- */

static void a_resize_keeps_the_line(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "goto 3");
    pty_expect(pty, "RO> goto 3");
    pty_resize(pty, 10, 40);
    pty_type(pty, "\b4");
    pty_expect(pty, "RO> goto 4");
    pty_type(pty, "\r");
    expect_rows(pty, "Hey this is my ...\ndemo.capture 4 RO>");
    pty_resize(pty, 10, 12);
    pty_type(pty, "\r");
    expect_rows(pty, "\n4 RO>");
    pty_resize(pty, 10, 8);
    pty_type(pty, "\r");
    expect_rows(pty, "\n>");
    pty_type(pty, "q\r");
    pty_expect_end(pty, 0);
}

static void suspending_and_coming_back_keeps_the_line(void **state)
{
    (void)state;
    struct pty *pty = start_in_shell("quickstart", "\"$1\" shell \"$2\"; echo stopped; read _; fg");
    pty_expect(pty, "RO>");
    pty_type(pty, "E\rappend x\rgoto 3");
    pty_expect(pty, "EDIT +1> goto 3");
    pty_type(pty, "\032");
    pty_expect(pty, "stopped");
    pty_type(pty, "\r");
    expect_rows(pty, "\"$2\"\ndemo.capture 1 EDIT +1> goto 3");
}

static void a_dumb_terminal_is_good_enough(void **state)
{
    (void)state;
    struct pty *pty = start_with("quickstart", &(struct pty_options){.term = "dumb"}, NULL);
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "goto 3\r");
    pty_expect(pty, "Hey this is my record 3");
    pty_type(pty, "list\r");
    pty_expect(pty, "demo.capture 3 RO>");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
}

static void the_inputrc_is_honoured_with_vi_mode(void **state)
{
    (void)state;
    char inputrc[SCRATCH_PATH + 20];
    scratch_write(scratch_path("inputrc"), "set editing-mode vi\n", 20);
    snprintf(inputrc, sizeof inputrc, "INPUTRC=%s", scratch_path("inputrc"));
    struct pty *pty = start_with("quickstart", &(struct pty_options){0}, inputrc);
    pty_expect(pty, "RO>");
    pty_type(pty, "goto 44");
    pty_expect(pty, "RO> goto 44");
    pty_type(pty, "\033");
    pty_let_pass(pty, 50);
    pty_type(pty, "x");
    pty_expect_in_row(pty, 0, "demo.capture 1 RO> goto 4");
    pty_let_pass(pty, 20);
    pty_type(pty, "r2\r");
    pty_expect(pty, "Hey this is my record 2");
    pty_type(pty, "\033k");
    pty_expect(pty, "demo.capture 2 RO> goto 2");
}

/* ---- The pager ---- */

static void what_fits_is_shown_and_what_does_not_is_paged(void **state)
{
    (void)state;
    struct pty *pty =
        start_with("json-log", &(struct pty_options){0}, "PAGER=sed -n 's/^/paged: /;1,3p;$='");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "list 1..22\r");
    pty_expect(pty, "        22");
    pty_expect(pty, "demo.capture 1 RO>");
    assert_false(pty_shows(pty, "paged: "));
    pty_type(pty, "list 1..24\r");
    pty_expect(pty, "paged:          3");
    expect_rows(pty, "\n24\n");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "\fcat\r");
    expect_rows(pty, "\n5000\n");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
}

static void a_pager_that_is_left_stops_the_command(void **state)
{
    (void)state;
    struct pty *pty = start_with("huge", &(struct pty_options){0}, "PAGER=head -n 2");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "cat\r");
    expect_rows(pty, "1 = (n-1) mod 1009\ndemo.capture 1 RO>");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
}

static void a_pager_that_is_missing_is_said(void **state)
{
    (void)state;
    struct pty *pty = start_with("json-log", &(struct pty_options){0}, "PAGER=no-such-pager");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "cat\r");
    pty_expect(pty, "the pager did not start: see $PAGER");
    pty_expect(pty, "demo.capture 1 RO>");
}

static void without_a_variable_less_pages(void **state)
{
    (void)state;
    struct pty *pty = start_with("json-log", &(struct pty_options){0}, "PAGER");
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "list ..100\r");
    expect_rows(pty, "\n:");
    pty_type(pty, "\003");
    /* less throws away what was typed before it took up ^C, so it may take more than one. */
    for (int i = 0; i < 100 && !pty_shows(pty, "demo.capture 1 RO>"); i++) {
        pty_type(pty, "q");
        pty_let_pass(pty, 50);
    }
    pty_expect(pty, "demo.capture 1 RO>");
    pty_type(pty, "\025quit\r");
    pty_expect_end(pty, 0);
}

/* ---- The history ---- */

static void the_history_is_kept_for_the_next_run(void **state)
{
    (void)state;
    struct stat about;
    struct pty *pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_type(pty, "goto 3\r");
    pty_expect(pty, "demo.capture 3 RO>");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, "3 RO> goto 3");
    pty_type(pty, "\b4\r");
    pty_expect(pty, "demo.capture 4 RO>");
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
    pty_stop(pty);
    assert_int_equal(stat(scratch_path("state/capscope/history"), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);

    pty = start("quickstart");
    pty_expect(pty, "RO>");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, "1 RO> quit");
    pty_press(pty, VTERM_KEY_UP);
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, "1 RO> goto 3");
    pty_type(pty, "\022got");
    pty_expect(pty, "(reverse-i-search)`got': goto");
    pty_type(pty, "\030z"); /* readline 8.2 alone would crash */
    pty_expect_gone(pty, "reverse-i-search");
    pty_type(pty, "\003");
    expect_rows(pty, "^C\ndemo.capture 1 RO>"); /* before, what is typed would go with the line */
    pty_type(pty, "quit\r");
    pty_expect_end(pty, 0);
}

#define CONSOLE_TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(a_session_ends_with_its_work_in_the_file),
        CONSOLE_TEST(what_was_typed_before_a_question_is_no_answer),
        CONSOLE_TEST(append_takes_lines_up_to_a_dot_or_the_end),
        CONSOLE_TEST(a_pasted_block_waits_for_enter),
        CONSOLE_TEST(leaving_with_staged_work_asks),
        CONSOLE_TEST(discarding_leaves_at_once),
        CONSOLE_TEST(a_lost_terminal_ends_it),
        CONSOLE_TEST(every_script_can_be_typed),
        CONSOLE_TEST(control_c_gives_up_the_line_and_never_quits),
        CONSOLE_TEST(control_c_stops_what_takes_long),
        CONSOLE_TEST(tab_completes_and_lists),
        CONSOLE_TEST(tab_completes_file_names),
        CONSOLE_TEST(a_resize_keeps_the_line),
        CONSOLE_TEST(suspending_and_coming_back_keeps_the_line),
        CONSOLE_TEST(a_dumb_terminal_is_good_enough),
        CONSOLE_TEST(the_inputrc_is_honoured_with_vi_mode),
        CONSOLE_TEST(what_fits_is_shown_and_what_does_not_is_paged),
        CONSOLE_TEST(a_pager_that_is_left_stops_the_command),
        CONSOLE_TEST(a_pager_that_is_missing_is_said),
        CONSOLE_TEST(without_a_variable_less_pages),
        CONSOLE_TEST(the_history_is_kept_for_the_next_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
