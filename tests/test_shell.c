/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the shell, run as a shell runs them: what they print, what they
 * complain of in one line, and what they end with. Scripts rely on all of it.
 */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

/* ---- cat ---- */

static void cat_prints_a_record_a_line(void **state)
{
    (void)state;
    program_make_file();
    program_gives("cat x.capture", "a\nb\n\nd e\n");
    program_gives("cat x.capture 2", "b\n");
}

static void cat_takes_ranges_and_lists(void **state)
{
    (void)state;
    program_make_file();
    program_gives("cat x.capture 1,4", "a\nd e\n");
    program_gives("cat x.capture 2.. 1", "b\n\nd e\na\n");
    program_gives("cat x.capture ..2 $", "a\nb\nd e\n");
    program_gives("cat x.capture 4..1_000", "d e\n");
    program_gives("cat x.capture -- 1", "a\n");
}

static void cat_ends_with_1_when_the_range_is_empty(void **state)
{
    (void)state;
    program_make_file();
    program_finds_nothing("cat x.capture 5..9");
    program_finds_nothing("cat x.capture 5..");
    program_input(NULL, 0);
    program_gives("append empty.capture --create", "appended nothing: there was no input\n");
    program_finds_nothing("cat empty.capture");
}

static void cat_refuses_a_number_that_is_no_record(void **state)
{
    (void)state;
    program_make_file();
    program_fails("cat x.capture 9", "capscope: x.capture: no record 9 (last is 4)\n");
    program_fails("cat x.capture 1,9", "capscope: x.capture: no record 9 (last is 4)\n");
    program_fails("cat x.capture 0", "capscope: x.capture: records start at 1\n");
    program_fails("cat x.capture x",
                  "capscope: x.capture: \"x\" is no range: give N, A..B, A.., ..B, "
                  ". or $\n");
}

static void cat_writes_every_format(void **state)
{
    (void)state;
    program_make_file();
    program_gives("cat x.capture --format lines 1..2", "a\nb\n");
    program_gives("cat x.capture --format=raw 1..4", "abd e");
    program_ends("cat --format framed x.capture 2..3", 0);
    assert_int_equal(program.out_len, 9);
    assert_memory_equal(program.out, "\0\0\0\1b\0\0\0\0", 9);
    program_gives("cat x.capture --format hex 3..4",
                  "#3  0 bytes\n"
                  "#4  3 bytes\n"
                  "00000000  64 20 65                                          |d e|\n");
    program_fails("cat x.capture --format zip",
                  "capscope: cat: --format is lines, raw, framed, hex or text; "
                  "usage: cat FILE [--format FORMAT] [-k] [RANGE...]\n");
}

static void cat_as_text_is_safe_for_a_terminal(void **state)
{
    (void)state;
    static const char unsafe[] = "\033]0;title\a\xff\u202E\ttab";

    scratch_write(scratch_path("unsafe"), unsafe, sizeof(unsafe) - 1);
    program_gives("append x.capture --create --whole unsafe", "appended 1 record: 1\n");
    program_gives("cat --format text x.capture", "^[]0;title^G<FF><U+202E>        tab\n");
    program_ends("cat x.capture", 0);
    assert_int_equal(program.out_len, sizeof(unsafe));
    assert_memory_equal(program.out, unsafe, sizeof(unsafe) - 1);
    program.where = PROGRAM_TERMINAL;
    program_gives("cat x.capture", "^[]0;title^G<FF><U+202E>        tab\n");
    program_fails(
        "cat --format raw x.capture",
        "capscope: x.capture: --format raw gives bytes on which a terminal would act; take "
        "text or hex, or send them to a file or a pipe\n");
    program.locale = "C";
    program_gives("cat x.capture", "^[]0;title^G<FF><U+202E>        tab\n");
}

/* ---- meta ---- */

static void meta_prints_sets_and_clears(void **state)
{
    (void)state;
    program_make_file();
    program_finds_nothing("meta x.capture");
    program_gives("meta x.capture --set 'a b'", "");
    program_gives("meta x.capture", "a b");
    program_gives("meta --set '' x.capture", "");
    program_gives("meta x.capture", "");
    program_gives("metadata x.capture --clear", "");
    program_finds_nothing("meta x.capture");
    scratch_write(scratch_path("value"), "\0\n\xff", 3);
    program_gives("meta x.capture --set-file value", "");
    program_ends("meta x.capture", 0);
    assert_int_equal(program.out_len, 3);
    assert_memory_equal(program.out, "\0\n\xff", 3);
}

static void meta_is_safe_on_a_terminal(void **state)
{
    (void)state;
    program_make_file();
    program_gives("meta x.capture --set \"\\e]0;t\\x07\"", "");
    program.where = PROGRAM_TERMINAL;
    program_gives("meta x.capture", "^[]0;t^G\n");
}

static void meta_changes_nothing_when_it_fails(void **state)
{
    (void)state;
    program_make_file();
    program_gives("meta x.capture --set old", "");
    program_fails("meta x.capture --set-file gone",
                  "capscope: gone: No such file or directory; the metadata stays as it was\n");
    program_fails("meta x.capture --set a --clear",
                  "capscope: meta: one change at a time; "
                  "usage: meta FILE [OPTION...] [--set TEXT | --set-file FILE | --clear]\n");
    program_gives("meta x.capture", "old");
}

/* ---- info ---- */

static void info_says_in_words_what_the_file_holds(void **state)
{
    (void)state;
    PROGRAM_INPUT("{\"a\":1}\n{\"a\":22}\n");
    program_ends("append x.capture --create --meta m", 0);
    program_gives("info x.capture",
                  "file        x.capture\n"
                  "records     2\n"
                  "size        409,600 bytes, used up to 86,016\n"
                  "format      version 2, page size 4,096, block size 32,768, fan-out 32\n"
                  "state       serial 3, 1 index level, 28 bytes in the open block\n"
                  "metadata    1 byte: m\n"
                  "looks like  JSON, in single lines; 7 to 8 bytes, half of them at most 7\n");
}

static void info_as_json_has_null_for_no_metadata_and_escapes_names(void **state)
{
    (void)state;
    program_make_file();
    assert_int_equal(rename(scratch_path("x.capture"), scratch_path("\xff\"\n.capture")), 0);
    program_ends("info --json \"\\xff\\\"\\n.capture\"", 0);
    assert_memory_equal(program.out, "{\"file\": \"\\ufffd\\\"\\n.capture\", ", 31);
    assert_non_null(strstr(program.out, "\"metadata\": null, \"warnings\": []}\n"));
    program_ends("info \"\\xff\\\"\\n.capture\"", 0);
    assert_memory_equal(program.out, "file        <FF>\"^J.capture\n", 28);
    program_ends("cat \"\\xff\\\"\\n.capture\" 9", 2);
    assert_string_equal(program.err, "capscope: <FF>\"^J.capture: no record 9 (last is 4)\n");
}

static void info_reads_a_trillion_records_as_quickly_as_ten(void **state)
{
    (void)state;
    fixture_to_file("huge", scratch_path("huge.capture"));
    program_ends("info huge.capture", 0);
    assert_non_null(strstr(program.out, "records     1,234,567,890,123\n"));
    assert_non_null(strstr(program.out, "(a guess from a sample of 300 records)\n"));
    program_gives("cat huge.capture 1_000_000_000_000", "506 = (n-1) mod 1009\n");
}

/* ---- Files that are none ---- */

static void what_is_no_capture_file_is_refused_in_one_line(void **state)
{
    (void)state;
    static const char *const words[] = {"info", "cat", "meta", "append", ""};
    static const char *const names[] = {"gone.capture", ".", "text", "/dev/null"};
    char line[64];

    program_make_text("text", "just text\n");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            snprintf(line, sizeof(line), "%s %s", words[i], names[j]);
            program_ends(line, 2);
            assert_string_equal(program.out, "");
            assert_memory_equal(program.err, "capscope: ", 10);
            assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
            assert_non_null(strchr(program.err, ';'));
        }
}

static void every_broken_file_of_the_data_is_refused_in_one_line(void **state)
{
    (void)state;
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    char line[64];

    for (size_t i = 0; i < count; i++) {
        if (rows[i].opens == CAPF_OK)
            continue;
        fixture_to_file(rows[i].name, scratch_path("broken.capture"));
        for (int word = 0; word < 4; word++) {
            static const char *const words[] = {"info", "cat", "meta", "append"};

            snprintf(line, sizeof(line), "%s broken.capture", words[word]);
            program_ends(line, 2);
            assert_string_equal(program.out, "");
            assert_memory_equal(program.err, "capscope: broken.capture: ", 26);
            assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
        }
    }
}

static void a_bad_master_node_is_a_warning(void **state)
{
    (void)state;
    fixture_to_file("torn-newest", scratch_path("x.capture"));
    program_ends("info x.capture", 0);
    assert_non_null(strstr(program.out, "\nwarning     "));
    program_ends("info --json x.capture", 0);
    assert_null(strstr(program.out, "\"warnings\": []"));
    assert_non_null(strstr(program.out, "\"warnings\": [\""));
}

/* ---- demo ---- */

static void demo_writes_the_sample_and_never_over_a_file(void **state)
{
    (void)state;
    program_gives("demo x.capture", "wrote x.capture: 10,240 records\n");
    program_ends("info --json x.capture", 0);
    assert_non_null(strstr(program.out, "\"records\": 10240, "));
    program_ends("cat x.capture 7000", 0);
    assert_int_equal(program.out_len, (2u << 20) + 1);
    program_ends("demo x.capture", 2);
    assert_non_null(strstr(program.err, "; choose another name\n"));
    program_ends("demo nowhere/x.capture", 2);
}

/* ---- The program ---- */

static void version_and_help_need_no_file(void **state)
{
    (void)state;
    program_ends("--version", 0);
    assert_memory_equal(program.out, "capscope ", 9);
    program_ends("--help", 0);
    assert_non_null(strstr(program.out, "  append FILE "));
    program_ends("help", 0);
    assert_non_null(strstr(program.out, "  demo FILE "));
    program_ends("help cat", 0);
    assert_memory_equal(program.out, "capscope cat FILE [--format FORMAT] [-k] [RANGE...]\n", 52);
    program_ends("append --help", 0);
    assert_non_null(strstr(program.out, "-0, --null"));
}

static void wrong_use_is_answered_in_one_line(void **state)
{
    (void)state;
    program_make_file();
    program_fails("", "capscope: which file? capscope FILE opens it, capscope --help tells more\n");
    program_fails("inof",
                  "capscope: inof: there is no such file or command; did you mean \"info\"?\n");
    program_fails("--nonsense x.capture", "capscope: --nonsense: there is no such option, or its "
                                          "value is missing; see capscope --help\n");
    program_fails("x.capture y.capture",
                  "capscope: y.capture: only one file at a time; see capscope --help\n");
    program_fails("x.capture +9", "capscope: x.capture: no record 9 (last is 4)\n");
    program_fails("info", "capscope: info: the file is missing; usage: info FILE [--json]\n");
}

static void without_a_terminal_browsing_names_the_shell_commands(void **state)
{
    (void)state;
    static const char refusal[] =
        "capscope: x.capture: browsing needs a terminal that can; elsewhere there are capscope "
        "shell FILE, -c COMMAND and -x SCRIPT, and capscope info, cat, append and meta (capscope "
        "--help)\n";

    program_make_file();
    program.term = "xterm";
    program_fails("x.capture", refusal);
    program.term = "dumb";
    program_fails("x.capture +2", refusal);
}

static void commands_given_with_c_run_in_turn(void **state)
{
    (void)state;
    program_make_file();
    program_gives("-c 'cat 1' -c 'cat 4' x.capture", "a\nd e\n");
    program_gives("x.capture -e -c 'append  e f' --command commit -c 'cat $'",
                  "staged +1, 4 bytes\ncommitted 1 record: 5\n e f\n");
    program_ends("-c 'cat 1' -c 'ct 2' -c 'cat 3' x.capture", 2);
    assert_string_equal(program.out, "a\n");
    assert_string_equal(program.err,
                        "capscope: there is no command \"ct\"; did you mean \"cat\"?\n");
    program_fails("-c 'append x' x.capture",
                  "capscope: x.capture: read-only: E turns editing on\n");
    program_finds_nothing("-c 'cat 6..' x.capture");
}

static void what_is_staged_with_c_and_not_committed_is_said(void **state)
{
    (void)state;
    program_make_file();
    program_ends("-e -c 'append e' x.capture", 0);
    assert_string_equal(program.err, "capscope: x.capture: 1 staged record was dropped: "
                                     "there was no commit\n");
    program_fails("cat x.capture 5", "capscope: x.capture: no record 5 (last is 4)\n");
}

/* ---- Output ---- */

static void an_output_that_cannot_be_written_is_trouble(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "cat x.capture", "info x.capture", "info --json x.capture", "meta x.capture", "help",
        "--version",     "--help",         "-c 'cat 1' x.capture"};

    program_make_file();
    program_gives("meta x.capture --set m", "");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        program.where = PROGRAM_FULL;
        program_ends(lines[i], 2);
        assert_memory_equal(program.err, "capscope: standard output: No space left on device", 50);
        assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
        program.where = PROGRAM_CLOSED;
        program_ends(lines[i], 2);
        assert_memory_equal(program.err, "capscope: standard output: Bad file descriptor", 46);
    }
}

static void a_reader_that_left_is_no_trouble(void **state)
{
    (void)state;
    program_make_file();
    program.where = PROGRAM_NO_READER;
    program_gives("cat x.capture", "");
    program_gives("info x.capture", "");
    program_gives("--help", "");
    program_gives("-c 'cat 1' -c 'cat 2' x.capture", "");
    PROGRAM_INPUT("e\n");
    program_gives("append x.capture", "");
    program.where = PROGRAM_CAPTURED;
    program_gives("cat x.capture 5", "e\n");
}

static void a_closed_output_is_never_the_file(void **state)
{
    (void)state;
    size_t before_len, after_len;

    program_make_file();
    uint8_t *before = scratch_read(scratch_path("x.capture"), &before_len);
    program.where = PROGRAM_CLOSED;
    program_ends("append x.capture", 2);
    program_ends("info x.capture", 2);
    uint8_t *after = scratch_read(scratch_path("x.capture"), &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
    free(before);
    free(after);
}

#define SHELL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELL_TEST(cat_prints_a_record_a_line),
        SHELL_TEST(cat_takes_ranges_and_lists),
        SHELL_TEST(cat_ends_with_1_when_the_range_is_empty),
        SHELL_TEST(cat_refuses_a_number_that_is_no_record),
        SHELL_TEST(cat_writes_every_format),
        SHELL_TEST(cat_as_text_is_safe_for_a_terminal),
        SHELL_TEST(meta_prints_sets_and_clears),
        SHELL_TEST(meta_is_safe_on_a_terminal),
        SHELL_TEST(meta_changes_nothing_when_it_fails),
        SHELL_TEST(info_says_in_words_what_the_file_holds),
        SHELL_TEST(info_as_json_has_null_for_no_metadata_and_escapes_names),
        SHELL_TEST(info_reads_a_trillion_records_as_quickly_as_ten),
        SHELL_TEST(what_is_no_capture_file_is_refused_in_one_line),
        SHELL_TEST(every_broken_file_of_the_data_is_refused_in_one_line),
        SHELL_TEST(a_bad_master_node_is_a_warning),
        SHELL_TEST(demo_writes_the_sample_and_never_over_a_file),
        SHELL_TEST(version_and_help_need_no_file),
        SHELL_TEST(wrong_use_is_answered_in_one_line),
        SHELL_TEST(without_a_terminal_browsing_names_the_shell_commands),
        SHELL_TEST(commands_given_with_c_run_in_turn),
        SHELL_TEST(what_is_staged_with_c_and_not_committed_is_said),
        SHELL_TEST(an_output_that_cannot_be_written_is_trouble),
        SHELL_TEST(a_reader_that_left_is_no_trouble),
        SHELL_TEST(a_closed_output_is_never_the_file),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
