/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The real program in a real pseudo-terminal: a whole session from opening to the bytes in the
 * file, signals and job control, resizing, what it does to the terminal and what it leaves.
 */
#include "tests/support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/fixture.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

static const char *path;

static struct pty *start(const char *name, const char *const *env, const char *term)
{
    path = scratch_path("demo.capture");
    fixture_to_file(name, path);
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    return pty_start(&(struct pty_options){.argv = argv, .env = env, .term = term});
}

/* From a shell with job control, whose script has the program as $1 and the file as $2. */
static struct pty *start_in_shell(const char *name, const char *script)
{
    path = scratch_path("demo.capture");
    fixture_to_file(name, path);
    const char *const argv[] = {"bash", "--norc",           "-m", "-c", script,
                                "sh",   getenv("CAPSCOPE"), path, NULL};
    return pty_start(&(struct pty_options){.argv = argv});
}

static uint64_t count_in_file(void)
{
    capf_file *file;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    uint64_t count = capf_file_count(file);
    capf_close(file);
    return count;
}

/* What is wrong with the configuration is said on the screen, and once more where it stays. */
static void the_configuration_is_read_at_the_start(void **state)
{
    static const char text[] = "set keys less\nbind z goto 1,234\nbind x nonsense\n";
    char folder[SCRATCH_PATH], variable[SCRATCH_PATH + 20];
    (void)state;
    snprintf(folder, sizeof folder, "%s", scratch_path("config-home"));
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(scratch_path("config-home/capscope"), 0700), 0);
    scratch_write(scratch_path("config-home/capscope/config"), text, sizeof text - 1);
    assert_int_equal(chmod(scratch_path("config-home/capscope/config"), 0600), 0);
    snprintf(variable, sizeof variable, "XDG_CONFIG_HOME=%s", folder);
    struct pty *pty = start("json-log", (const char *const[]){variable, NULL}, NULL);
    pty_expect(pty, "capscope/config:3: there");
    pty_type(pty, "z");
    pty_expect(pty, "1,234 / 5,000");
    pty_type(pty, "ZZ");
    pty_expect_end(pty, 0);
}

static void a_session_ends_with_its_work_in_the_file(void **state)
{
    (void)state;
    struct pty *pty = start("json-log", NULL, NULL);
    pty_expect(pty, "5,000 records");
    pty_type(pty, "1234\r");
    pty_expect(pty, "1,234 / 5,000");
    pty_type(pty, "\r");
    pty_expect(pty, "-- json -- text --");
    pty_type(pty, "x");
    pty_expect(pty, "00000000  7b 22 74 73");
    pty_type(pty, "q");
    pty_expect_gone(pty, "00000000");
    pty_type(pty, "E");
    pty_expect(pty, "EDIT");
    pty_type(pty, "a");
    pty_expect(pty, " append:");
    pty_type(pty, "h\xc3\xa9llo \xe6\xbc\xa2 \xf0\x9f\x99\x82\r");
    pty_expect(pty, "EDIT +1");
    pty_type(pty, "\r");
    pty_expect(pty, "+1 of 1 staged");
    pty_type(pty, "M");
    pty_expect(pty, "== metadata ==");
    pty_type(pty, "e");
    pty_expect(pty, " metadata: {");
    pty_type(pty, "\001\013changed\r");
    pty_expect(pty, "== metadata, staged ==");
    pty_type(pty, "C");
    pty_expect(pty, "commit? [y/N/?]");
    pty_type(pty, "y");
    pty_expect(pty, "committed 1 record: 5001");
    pty_type(pty, "qq");
    pty_expect_end(pty, 0);

    capf_file *file;
    struct capf_bytes bytes;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    assert_int_equal(capf_file_count(file), 5001);
    must(capf_get(file, 5001, &bytes, &test_err));
    must_hold_text(bytes, "h\xc3\xa9llo \xe6\xbc\xa2 \xf0\x9f\x99\x82");
    must(capf_get_meta(file, &bytes, &test_err));
    must_hold_text(bytes, "changed");
    capf_close(file);
}

static void a_window_of_2x1_and_back_keeps_the_record(void **state)
{
    (void)state;
    struct pty *pty = start("huge", NULL, NULL);
    pty_expect(pty, "1,234,567,890,123 records");
    pty_type(pty, "1000000000000\r\r");
    pty_expect(pty, "1,000,000,000,000 / 1,234,567,890,123");
    pty_resize(pty, 100, 300);
    pty_expect_in_row(pty, 98, "1,000,000,000,000 / 1,234,567,890,123");
    pty_resize(pty, 1, 2);
    pty_expect_in_row(pty, 0, ">");
    pty_type(pty, "x");
    pty_resize(pty, 12, 40);
    pty_expect_in_row(pty, 10, "1000000000000  81%  @0x0  hex  RO");
    pty_resize(pty, 24, 80);
    pty_expect_in_row(pty, 22, "1,000,000,000,000 / 1,234,567,890,123  81%  @0x0  hex");
    pty_type(pty, "Q");
    pty_expect_end(pty, 0);
}

static void signals_end_it_and_the_terminal_is_as_it_was(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct pty *pty = start("quickstart", NULL, NULL);
        pty_expect(pty, "5 records");
        pty_signal(pty, signals[i]);
        pty_expect_end(pty, 128 + signals[i]);
        pty_stop(pty);
    }
}

static void a_signal_ends_it_also_in_a_prompt_and_in_a_question(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_type(pty, ":goto");
    pty_expect(pty, ":goto");
    pty_signal(pty, SIGTERM);
    pty_expect_end(pty, 128 + SIGTERM);
    pty_stop(pty);

    pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_type(pty, "Eaone\r\r");
    pty_expect(pty, "+1 of 1 staged");
    pty_type(pty, "C");
    pty_expect(pty, "commit? [y/N/?]");
    pty_signal(pty, SIGTERM);
    pty_expect_end(pty, 128 + SIGTERM);
    assert_true(pty_shows(pty, "not committed, and lost: 1 staged record"));
    assert_int_equal(count_in_file(), 5);
}

static void a_crash_gives_the_terminal_back(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_signal(pty, SIGABRT);
    assert_int_equal(pty_exit_status(pty), 128 + SIGABRT);
    pty_expect_restored(pty);
}

/* kill(pid, 0) fails once the process is gone and was waited for, which pty_exit_status does. */
static void closing_the_window_ends_it(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_hang_up(pty);
    int status = pty_exit_status(pty);
    assert_true(status == 128 + SIGHUP || status == 0);
}

static void stop_and_go_on_shows_what_was_there(void **state)
{
    (void)state;
    struct pty *pty = start_in_shell("quickstart", "\"$1\" \"$2\"; echo stopped; fg >/dev/null; "
                                                   "echo done");
    pty_expect(pty, "5 records");
    pty_type(pty, "jj");
    pty_expect(pty, "3 / 5");
    pty_type(pty, "\032");
    pty_expect(pty, "3 / 5");
    pty_type(pty, "j");
    pty_expect(pty, "4 / 5");
    pty_type(pty, "q");
    pty_expect(pty, "done");
    assert_true(pty_shows(pty, "stopped"));
    pty_expect_end(pty, 0);
}

static void control_c_never_quits_and_escape_leaves_the_prompt_at_once(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_type(pty, "\003");
    pty_expect(pty, "q quits");
    pty_type(pty, "j");
    pty_expect_gone(pty, "q quits");
    pty_signal(pty, SIGINT);
    pty_expect(pty, "q quits");
    pty_type(pty, ":first");
    pty_expect(pty, ":first");
    pty_type(pty, "\033");
    pty_expect_gone(pty, ":first");
    pty_type(pty, "z");
    pty_expect(pty, "z means nothing here");
    pty_type(pty, "j");
    pty_expect_gone(pty, "z means nothing here");
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
}

static void a_paste_of_capital_c_and_y_commits_nothing(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_type(pty, "Eaone\r\r");
    pty_expect(pty, "+1 of 1 staged");
    pty_type(pty, "Cy");
    pty_expect(pty, "commit? [y/N/?]");
    pty_type(pty, "\033[200~y\r\033[201~");
    pty_let_pass(pty, 100);
    pty_type(pty, "n");
    pty_expect(pty, "not committed; everything is still staged");
    pty_type(pty, "\033[200~Cy\033[201~");
    pty_expect(pty, "pasted text is taken at a prompt");
    pty_type(pty, "q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    pty_expect_end(pty, 0);
    assert_int_equal(count_in_file(), 5);
}

static void the_prompt_takes_every_key_of_a_line_editor(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, NULL);
    pty_expect(pty, "5 records");
    pty_type(pty, ":x\xc3\xa9\xe6\xbc\xa2");
    pty_expect_cursor(pty, 23, 6); /* blank, colon, x, an accent, a wide character */
    pty_press(pty, VTERM_KEY_LEFT);
    pty_expect_cursor(pty, 23, 4);
    pty_press(pty, VTERM_KEY_HOME);
    pty_expect_cursor(pty, 23, 2);
    pty_type(pty, "\013goto 4");
    pty_press(pty, VTERM_KEY_BACKSPACE);
    pty_type(pty, "3\r");
    pty_expect(pty, "3 / 5");
    pty_type(pty, ":");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, ":goto 3");
    pty_resize(pty, 12, 40);
    pty_expect_in_row(pty, 11, ":goto 3");
    pty_type(pty, "\025goto 1\r");
    pty_expect_in_row(pty, 10, "1  20%");
    pty_type(pty, "Q");
    pty_expect_end(pty, 0);
}

static void arrows_and_a_torn_sequence_are_no_letters(void **state)
{
    (void)state;
    const char *const env[] = {"ESCDELAY=500", NULL};
    struct pty *pty = start("quickstart", env, "vt220");
    pty_expect(pty, "5 records");
    pty_type(pty, "3\r\r\r");
    pty_expect(pty, "== 23 bytes ==");
    pty_type(pty, "\033");
    pty_let_pass(pty, 60);
    pty_type(pty, "[C");
    pty_expect(pty, "@0x1");
    pty_type(pty, "Q");
    pty_expect_end(pty, 0);
}

static void no_color_emits_none(void **state)
{
    (void)state;
    const char *const env[] = {"NO_COLOR=1", NULL};
    struct pty *pty = start("torn-newest", env, NULL);
    pty_expect(pty, "warning: ");
    assert_false(pty_shows_color(pty));
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
    pty_stop(pty);
    pty = start("torn-newest", NULL, NULL);
    pty_expect(pty, "warning: ");
    assert_true(pty_shows_color(pty));
}

static void without_utf8_the_screen_is_ascii(void **state)
{
    (void)state;
    const char *const env[] = {"LC_ALL=C", NULL};
    struct pty *pty = start("quickstart", env, NULL);
    pty_expect(pty, "ascii  RO");
    pty_type(pty, "Ea\xc3\xa9\r\r");
    pty_expect(pty, "+1 of 1 staged");
    size_t len;
    const char *output = pty_output(pty, &len);
    for (size_t i = 0; i < len; i++)
        assert_true((unsigned char)output[i] < 0x80);
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    pty_expect_end(pty, 0);
}

static void a_dumb_terminal_is_told_what_else_there_is(void **state)
{
    (void)state;
    struct pty *pty = start("quickstart", NULL, "dumb");
    assert_int_equal(pty_exit_status(pty), 2);
    assert_true(pty_shows(pty, "capscope"));
    assert_true(pty_shows(pty, "cat"));
}

static void records_cannot_act_on_the_terminal(void **state)
{
    (void)state;
    static const char hostile[] = "\033]0;owned\a\033[2J\033[31m\xe2\x80\xae\b\r\xc2\x9b"
                                  "31m";
    path = scratch_path("hostile.capture");
    capf_file *file;
    must(capf_create(path, NULL, NULL, &file, NULL, &test_err));
    must(capf_append(file, hostile, sizeof hostile - 1, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    pty_expect(pty, "1 record");
    pty_type(pty, "\rt");
    pty_expect(pty, "^[]0;owned^G^[[2J^[[31m<U+202E>^H^M<9B>31m");
    size_t len;
    const char *output = pty_output(pty, &len);
    assert_null(memmem(output, len, "\033]0;owned", 9));
    assert_null(memmem(output, len, "\xe2\x80\xae", 3));
    assert_null(memmem(output, len, "\xc2\x9b", 2));
    pty_type(pty, "Q");
    pty_expect_end(pty, 0);
}

#define pty_test(test) cmocka_unit_test_teardown(test, pty_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pty_test(the_configuration_is_read_at_the_start),
        pty_test(a_session_ends_with_its_work_in_the_file),
        pty_test(a_window_of_2x1_and_back_keeps_the_record),
        pty_test(signals_end_it_and_the_terminal_is_as_it_was),
        pty_test(a_signal_ends_it_also_in_a_prompt_and_in_a_question),
        pty_test(a_crash_gives_the_terminal_back),
        pty_test(closing_the_window_ends_it),
        pty_test(stop_and_go_on_shows_what_was_there),
        pty_test(control_c_never_quits_and_escape_leaves_the_prompt_at_once),
        pty_test(a_paste_of_capital_c_and_y_commits_nothing),
        pty_test(the_prompt_takes_every_key_of_a_line_editor),
        pty_test(arrows_and_a_torn_sequence_are_no_letters),
        pty_test(no_color_emits_none),
        pty_test(without_utf8_the_screen_is_ascii),
        pty_test(a_dumb_terminal_is_told_what_else_there_is),
        pty_test(records_cannot_act_on_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
