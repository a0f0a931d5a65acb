/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Proves the pseudo-terminal harness with programs that every system has, so
 * that a failing test of our own program speaks of the program.
 */
#include "tests/support/pty.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct pty *start_shell(const char *script, int rows, int cols)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    return pty_start(&(struct pty_options){.argv = argv, .rows = rows, .cols = cols});
}

/* ---- what is seen ---- */

static void test_shows_what_is_printed(void **state)
{
    (void)state;
    struct pty *pty = start_shell("printf 'one\\ntwo   '", 3, 20);
    pty_expect_in_row(pty, 1, "two");
    assert_string_equal(pty_screen(pty), "one\ntwo\n\n");
    assert_false(pty_shows(pty, "three"));
    assert_int_equal(pty_exit_status(pty), 0);
}

static void test_a_wide_character_takes_two_columns(void **state)
{
    (void)state;
    struct pty *pty = start_shell("printf 'a\xe6\xbc\xa2"
                                  "e\xcc\x81z'",
                                  2, 10);
    pty_expect_in_row(pty, 0,
                      "a\xe6\xbc\xa2"
                      "e\xcc\x81z");
    pty_expect_cursor(pty, 0, 5);
    assert_int_equal(emulator_cell(pty_emulator(pty), 0, 1).width, 2);
    assert_string_equal(emulator_cell(pty_emulator(pty), 0, 2).text, "");
    assert_string_equal(emulator_cell(pty_emulator(pty), 0, 3).text, "e\xcc\x81");
}

static void test_the_end_of_a_long_output_is_seen(void **state)
{
    (void)state;
    struct pty *pty = start_shell("seq 1 100000", 5, 20);
    assert_int_equal(pty_exit_status(pty), 0);
    assert_string_equal(pty_screen(pty), "99997\n99998\n99999\n100000\n\n");
    size_t len;
    assert_memory_equal(pty_output(pty, &len), "1\r\n2\r\n", 6);
    assert_int_equal(len, 588895 + 100000); /* digits and newlines, and a CR for each */
}

static void test_color_and_attributes_are_told_apart(void **state)
{
    (void)state;
    struct pty *pty = start_shell("printf '\\033[1;7mbold\\033[0m\\n'; read _;"
                                  "printf '\\033[31mred\\033[0m\\n'",
                                  0, 0);
    pty_expect(pty, "bold");
    struct emulator_cell cell = emulator_cell(pty_emulator(pty), 0, 0);
    assert_true(cell.bold && cell.reverse && !cell.underline && !cell.colored);
    assert_false(pty_shows_color(pty));

    pty_type(pty, "\r");
    pty_expect(pty, "red");
    assert_true(pty_shows_color(pty));
}

static bool has_even_cursor_row(struct pty *pty, void *arg)
{
    int row, col;
    emulator_cursor(pty_emulator(pty), &row, &col);
    *(int *)arg = row;
    return row > 0 && row % 2 == 0;
}

static void test_waits_for_a_condition_of_the_test(void **state)
{
    (void)state;
    int row = -1;
    struct pty *pty = start_shell("echo; echo; read _", 0, 0);
    pty_expect_that(pty, "the cursor in an even row", has_even_cursor_row, &row);
    assert_int_equal(row, 2);
}

/* ---- what is typed ---- */

static void test_typed_text_reaches_the_program(void **state)
{
    (void)state;
    struct pty *pty = start_shell("read line; echo \"got <$line>\"; read _;"
                                  "printf '\\033[2J\\033[Hcleared\\n'; cat",
                                  0, 0);
    pty_type(pty, "hello\r");
    pty_expect(pty, "got <hello>");
    pty_type(pty, "\r");
    pty_expect_in_row(pty, 0, "cleared");
    pty_expect_gone(pty, "hello");
    pty_type(pty, "again\r");
    pty_expect_in_row(pty, 2, "again");
    pty_type(pty, "\004");
    assert_int_equal(pty_exit_status(pty), 0);
}

static void test_more_can_be_typed_than_the_line_holds(void **state)
{
    (void)state;
    static char keys[60000];
    memset(keys, 'k', sizeof keys);
    struct pty *pty = start_shell("stty raw -echo; echo ready; head -c 60000 | wc -c", 0, 0);
    pty_expect(pty, "ready");
    pty_type_bytes(pty, keys, sizeof keys);
    pty_expect(pty, "60000");
}

static void test_keys_follow_the_mode_of_the_terminal(void **state)
{
    (void)state;
    struct pty *pty = start_shell("printf 'ready\\n'; cat -v", 0, 0);
    pty_expect(pty, "ready");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, "^[[A");
    pty_stop(pty);

    pty = start_shell("printf '\\033[?1happlication\\n'; cat -v", 0, 0);
    pty_expect(pty, "application");
    pty_press(pty, VTERM_KEY_UP);
    pty_expect(pty, "^[OA");
}

static void test_the_terminal_answers_questions(void **state)
{
    (void)state;
    struct pty *pty = start_shell("printf 'abc\\033[6n'; cat -v", 0, 0);
    pty_expect(pty, "^[[1;4R");
}

static void test_control_c_interrupts(void **state)
{
    (void)state;
    struct pty *pty =
        start_shell("trap 'exit 5' INT; echo ready; while :; do sleep 0.01; done", 0, 0);
    pty_expect(pty, "ready");
    pty_type(pty, "\003");
    assert_int_equal(pty_exit_status(pty), 5);
}

/* ---- size ---- */

static void test_a_resize_is_told_to_the_program(void **state)
{
    (void)state;
    struct pty *pty =
        start_shell("trap 'stty size' WINCH; stty size; while :; do sleep 0.01; done", 7, 40);
    pty_expect_in_row(pty, 0, "7 40");
    pty_resize(pty, 30, 100);
    pty_expect(pty, "30 100");
    pty_resize(pty, 2, 1);
    pty_expect_in_row(pty, 0, "1"); /* of "2 1", one character in each row */
    pty_resize(pty, 24, 80);
    pty_expect(pty, "24 80");
    assert_int_equal(emulator_rows(pty_emulator(pty)), 24);
    assert_int_equal(emulator_cols(pty_emulator(pty)), 80);
}

/* ---- the environment ---- */

static void test_environment_is_fixed_but_for_what_the_test_sets(void **state)
{
    (void)state;
    const char *const argv[] = {
        "sh", "-c", "echo \"$TERM,$LC_ALL,$HOME,${NO_COLOR-unset},${PATH-unset},$PWD\"", NULL};
    const char *const env[] = {"NO_COLOR=1", "HOME=/tmp", "LC_ALL", NULL};
    struct pty *pty = pty_start(
        &(struct pty_options){.argv = argv, .env = env, .term = "vt220", .directory = "/"});
    pty_expect(pty, "vt220,,/tmp,1,");
    pty_expect(pty, ",/");
    assert_false(pty_shows(pty, "unset"));
}

/* ---- the end ---- */

static void test_a_signal_shows_in_the_exit_status(void **state)
{
    (void)state;
    struct pty *pty = start_shell("echo ready; exec cat", 0, 0);
    pty_expect(pty, "ready");
    pty_signal(pty, SIGTERM);
    assert_int_equal(pty_exit_status(pty), 128 + SIGTERM);
}

static void test_a_program_that_is_missing_ends_with_127(void **state)
{
    (void)state;
    const char *const argv[] = {"/nonexistent/program", NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_int_equal(pty_exit_status(pty), 127);
    pty_expect(pty, "No such file");
}

static void test_hanging_up_ends_the_program(void **state)
{
    (void)state;
    struct pty *pty =
        start_shell("trap 'exit 7' HUP; echo ready; while :; do sleep 0.01; done", 0, 0);
    pty_expect(pty, "ready");
    pty_hang_up(pty);
    assert_int_equal(pty_exit_status(pty), 7);
}

static void test_a_clean_program_leaves_nothing_behind(void **state)
{
    (void)state;
    struct pty *pty =
        start_shell("stty -echo; printf '\\033[?1049h\\033[?25l\\033[?2004h'; echo in;"
                    "read _; printf '\\033[?2004l\\033[?25h\\033[?1049l'; stty echo",
                    0, 0);
    pty_expect(pty, "in");
    assert_true(emulator_modes(pty_emulator(pty)).alternate_screen);
    assert_non_null(pty_left_behind(pty));
    pty_type(pty, "\r");
    assert_int_equal(pty_exit_status(pty), 0);
    pty_expect_restored(pty);
    pty_expect_gone(pty, "in");
}

static void test_names_what_a_program_leaves_behind(void **state)
{
    (void)state;
    static const struct {
        const char *script, *left;
    } cases[] = {
        {"true", NULL},
        {"stty -icanon", "changed terminal settings"},
        {"stty intr x", "changed terminal settings"},
        {"printf '\\033[?1049h'", "the alternate screen"},
        {"printf '\\033[?25l'", "a hidden cursor"},
        {"printf '\\033[?1000h'", "mouse reports"},
        {"printf '\\033[?2004h'", "bracketed paste"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pty *pty = start_shell(cases[i].script, 0, 0);
        assert_int_equal(pty_exit_status(pty), 0);
        const char *left = pty_left_behind(pty);
        assert_string_equal(left != NULL ? left : "-", cases[i].left != NULL ? cases[i].left : "-");
        pty_stop(pty);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_shows_what_is_printed, pty_teardown),
        cmocka_unit_test_teardown(test_a_wide_character_takes_two_columns, pty_teardown),
        cmocka_unit_test_teardown(test_the_end_of_a_long_output_is_seen, pty_teardown),
        cmocka_unit_test_teardown(test_color_and_attributes_are_told_apart, pty_teardown),
        cmocka_unit_test_teardown(test_waits_for_a_condition_of_the_test, pty_teardown),
        cmocka_unit_test_teardown(test_typed_text_reaches_the_program, pty_teardown),
        cmocka_unit_test_teardown(test_more_can_be_typed_than_the_line_holds, pty_teardown),
        cmocka_unit_test_teardown(test_keys_follow_the_mode_of_the_terminal, pty_teardown),
        cmocka_unit_test_teardown(test_the_terminal_answers_questions, pty_teardown),
        cmocka_unit_test_teardown(test_control_c_interrupts, pty_teardown),
        cmocka_unit_test_teardown(test_a_resize_is_told_to_the_program, pty_teardown),
        cmocka_unit_test_teardown(test_environment_is_fixed_but_for_what_the_test_sets,
                                  pty_teardown),
        cmocka_unit_test_teardown(test_a_signal_shows_in_the_exit_status, pty_teardown),
        cmocka_unit_test_teardown(test_a_program_that_is_missing_ends_with_127, pty_teardown),
        cmocka_unit_test_teardown(test_hanging_up_ends_the_program, pty_teardown),
        cmocka_unit_test_teardown(test_a_clean_program_leaves_nothing_behind, pty_teardown),
        cmocka_unit_test_teardown(test_names_what_a_program_leaves_behind, pty_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
