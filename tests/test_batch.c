/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts, -c and the console through a pipe: in which order they run, where they stop and what they
 * say then, what they refuse; and the console's prompt, which is plain text.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/console.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

/* ---- Scripts ---- */

static void a_script_runs_its_lines_in_order(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("job", "# a comment\n\n  \t\ncat 1\n  cat 2\n");
    program_gives("-x job x.capture", "a\nb\n");
    program_make_text("job", "cat 1\r\ncat 2\r\n\r\n# end");
    program_gives("-x job x.capture", "a\nb\n");
    program_make_text("job", "");
    program_gives("-x job x.capture", "");
}

static void scripts_and_commands_mix_in_their_order(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("one", "cat 1\n");
    program_make_text("two", "goto 4\n");
    PROGRAM_INPUT("cat .\n");
    program_gives("-c 'cat 2' -x one --script two -x - -c prev x.capture",
                  "b\na\n         4         3  d e\nd e\n         3         0  \n");
}

static void a_script_stops_at_the_first_error_with_its_line(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("job", "cat 1\n\ncat 9\ncat 2\n");
    program_ends("-x job -c 'cat 4' x.capture", 2);
    assert_string_equal(program.out, "a\n");
    assert_string_equal(program.err, "capscope: job:3: x.capture: no record 9 (last is 4)\n");
    program_make_text("job", "ct 1\n");
    program_fails("-x job x.capture",
                  "capscope: job:1: there is no command \"ct\"; did you mean \"cat\"?\n");
}

static void it_goes_on_when_it_is_told_to(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("job", "cat 9\ncat 1\n");
    program_ends("--keep-going -x job -c nonsense -c 'cat 2' x.capture", 2);
    assert_string_equal(program.out, "a\nb\n");
    assert_string_equal(program.err,
                        "capscope: job:1: x.capture: no record 9 (last is 4)\n"
                        "capscope: there is no command \"nonsense\"; \"help\" lists them\n");
}

static void to_find_nothing_is_no_error(void **state)
{
    (void)state;
    program_make_file();
    program_ends("-c 'cat 6..' -c 'cat 1' x.capture", 1);
    assert_string_equal(program.out, "a\n");
    assert_string_equal(program.err, "");
}

static void nothing_is_committed_without_commit(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("job", "append e\nappend f\nmetadata --set m\n");
    program_ends("-e -x job x.capture", 0);
    assert_string_equal(program.err, "capscope: x.capture: 2 staged records were dropped: "
                                     "there was no commit\n");
    program_make_text("job", "metadata --set m\ncat 9\n");
    program_ends("-e -x job x.capture", 2);
    assert_string_equal(program.err, "capscope: job:2: x.capture: no record 9 (last is 4)\n"
                                     "capscope: x.capture: the staged metadata was dropped: "
                                     "there was no commit\n");
    program_make_text("job", "E\nappend e\ncommit\nquit\nnonsense\n");
    program_ends("-x job x.capture", 0);
    program_gives("cat x.capture 5", "e\n");
}

static void what_is_no_script_is_refused(void **state)
{
    (void)state;
    size_t len = (1u << 20) + 10;
    char *text = test_bytes(len);

    program_make_file();
    program_fails("-x gone x.capture", "capscope: gone: No such file or directory\n");
    program_ends("-x . x.capture", 2);
    scratch_write(scratch_path("job"), "cat 1\nca\0t 2\n", 13);
    program_ends("-k -x job x.capture", 2);
    assert_string_equal(program.out, "a\n");
    assert_string_equal(program.err, "capscope: job:2: the line has a NUL byte: this is no text\n");
    memset(text, 'x', len);
    scratch_write(scratch_path("job"), text, len);
    program_fails("-x job x.capture", "capscope: job:1: the line is longer than 1 MiB\n");
    test_fill(text, len, 7, 100);
    scratch_write(scratch_path("job"), text, 60000);
    program_ends("-k -x job x.capture", 2);
    free(text);
}

static void a_long_line_that_is_none_too_long_is_taken(void **state)
{
    (void)state;
    size_t len = (1u << 20) - 20;
    char *text = test_bytes(len + 20), out[64];

    program_make_file();
    memset(text, 'x', len + 20);
    memcpy(text, "append ", 7);
    memcpy(text + len, "\ncommit\n", 8);
    scratch_write(scratch_path("job"), text, len + 8);
    snprintf(out, sizeof(out), "staged +1, %zu bytes\ncommitted 1 record: 5\n", len - 7);
    program_gives("-e -x job x.capture", out);
    free(text);
}

/* ---- Lines that follow ---- */

static void append_takes_the_lines_behind_it(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("job",
                      "append\r\none\r\n\r\n  two\r\n.\r\nappend --multi\r\nm 1\r\n\r\nm 2\r\n"
                      ".\r\ncommit\r\ncat 5..\r\n");
    program_gives("-e -x job x.capture",
                  "staged 3 records: +1..+3\nstaged +4, 8 bytes\ncommitted 4 records: 5..8\n"
                  "one\n\n  two\nm 1\n\nm 2\n");
    PROGRAM_INPUT("three\n");
    program_gives("-e -c append -c commit x.capture",
                  "staged 1 record: +1\ncommitted 1 record: 9\n");
    PROGRAM_INPUT("append\n.\n");
    program_ends("shell -e x.capture", 1);
    program_fails("-e -c 'append --multi x' x.capture",
                  "capscope: append: --multi takes the lines that follow, and no TEXT; usage: "
                  "append [TEXT | --multi]\n");
}

static void lines_of_a_refused_append_are_no_commands(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("append\ncat 1\n.\ncat 2\nappend --mutli\ncat 3\n.\ncat 4\n");
    program_ends("shell x.capture", 2);
    assert_string_equal(program.out, "b\nd e\n");
    assert_string_equal(program.err,
                        "capscope: standard input:1: x.capture: read-only: E turns editing on\n"
                        "capscope: standard input:5: append: there is no option --mutli; usage: "
                        "append [TEXT | --multi]\n");
}

/* ---- The console through a pipe ---- */

static void a_piped_console_is_silent_but_for_answers(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("cat 1\ncat 9\ncat 2\nE\nappend x\n");
    program_ends("shell x.capture", 2);
    assert_string_equal(program.out, "a\nb\nediting is on: what you append is staged until commit\n"
                                     "staged +1, 1 byte\n");
    assert_string_equal(program.err,
                        "capscope: standard input:2: x.capture: no record 9 (last is 4)\n"
                        "capscope: x.capture: 1 staged record was dropped: there was no commit\n");
    PROGRAM_INPUT("cat .");
    program_gives("shell x.capture +4", "d e\n");
    program_input(NULL, 0);
    program_gives("shell x.capture", "");
    program.where = PROGRAM_TERMINAL;
    PROGRAM_INPUT("cat 1\n");
    program_gives("shell x.capture", "a\n");
}

static void the_console_says_what_it_wants(void **state)
{
    (void)state;
    program_make_file();
    program_fails("shell", "capscope: which file? capscope FILE opens it, capscope --help tells "
                           "more\n");
    program_fails("shell x.capture +9", "capscope: x.capture: no record 9 (last is 4)\n");
    program_fails("shell -c info x.capture",
                  "capscope: shell: -c and -x run without a console: leave out the word shell\n");
    program_ends("shell gone.capture", 2);
    program_ends("shell --help", 0);
    assert_memory_equal(program.out, "capscope shell FILE [OPTION...] [+N]\n", 37);
    program_ends("--help", 0);
    assert_non_null(strstr(program.out, "capscope shell FILE "));
    assert_non_null(strstr(program.out, "-x, --script SCRIPT "));
    assert_non_null(strstr(program.out, "-c, --command COMMAND "));
    program_fails("-c shell x.capture",
                  "capscope: shell: works only from the shell: capscope shell FILE\n");
}

static void a_reader_that_left_ends_it_quietly(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("cat\ncat\n");
    program.where = PROGRAM_NO_READER;
    program_gives("shell x.capture", "");
    program.where = PROGRAM_FULL;
    program_ends("shell x.capture", 2);
    assert_non_null(strstr(program.err, "standard output: No space left on device"));
}

/* ---- The prompt ---- */

static void assert_prompt(struct session *session, unsigned cols, const char *text)
{
    char prompt[CONSOLE_PROMPT];

    console_prompt(session, SAFETEXT_UTF8, cols, prompt);
    assert_string_equal(prompt, text);
}

static void the_prompt_says_where_one_is(void **state)
{
    (void)state;
    struct session session;

    session_init(&session);
    session_set_path(&session, "folder/demo.capture");
    assert_prompt(&session, 80, "demo.capture 0 RO> ");
    session.recno = 42;
    session.edit = true;
    assert_prompt(&session, 80, "demo.capture 42 EDIT> ");
    stage_add(&session.stage, "x", 1, STAGE_TYPED, NULL);
    assert_prompt(&session, 80, "demo.capture 42 EDIT +1> ");
    stage_set_meta(&session.stage, "m", 1);
    assert_prompt(&session, 80, "demo.capture 42 EDIT +1 meta> ");
    assert_prompt(&session, 50, "...ture 42 EDIT +1 meta> ");
    assert_prompt(&session, 40, "42 EDIT +1 meta> ");
    assert_prompt(&session, 12, "+> ");
    session_release(&session);
}

static void a_name_cannot_touch_the_terminal(void **state)
{
    (void)state;
    struct session session;
    char name[300];

    session_init(&session);
    session_set_path(&session, "\033]0;x\a\xff.capture");
    assert_prompt(&session, 80, "^[]0;x^G<FF>.capture 0 RO> ");
    memset(name, 'n', sizeof(name));
    memcpy(name + sizeof(name) - 5, "end!", 5);
    session_set_path(&session, name);
    assert_prompt(&session, 80, "...nnnnnnnnnnnnnnnnnnnnnnnnnnend! 0 RO> ");
    session_release(&session);
}

#define BATCH_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BATCH_TEST(a_script_runs_its_lines_in_order),
        BATCH_TEST(scripts_and_commands_mix_in_their_order),
        BATCH_TEST(a_script_stops_at_the_first_error_with_its_line),
        BATCH_TEST(it_goes_on_when_it_is_told_to),
        BATCH_TEST(to_find_nothing_is_no_error),
        BATCH_TEST(nothing_is_committed_without_commit),
        BATCH_TEST(what_is_no_script_is_refused),
        BATCH_TEST(a_long_line_that_is_none_too_long_is_taken),
        BATCH_TEST(append_takes_the_lines_behind_it),
        BATCH_TEST(lines_of_a_refused_append_are_no_commands),
        BATCH_TEST(a_piped_console_is_silent_but_for_answers),
        BATCH_TEST(the_console_says_what_it_wants),
        BATCH_TEST(a_reader_that_left_ends_it_quietly),
        BATCH_TEST(the_prompt_says_where_one_is),
        BATCH_TEST(a_name_cannot_touch_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
