/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * append as a word of the shell: every form of input, options, and what is in
 * the file, and said to be, when it fails.
 */
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/child.h"
#include "tests/support/locks.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

/* ---- What goes in ---- */

static void append_takes_lines_also_the_last_without_its_end(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("e\n\nf");
    program_gives("append x.capture", "appended 3 records: 5..7\n");
    program_gives("cat x.capture 5..", "e\n\nf\n");
    PROGRAM_INPUT("g\r\n");
    program_gives("append x.capture", "appended 1 record: 8\n");
    program_gives("cat --format raw x.capture 8", "g\r");
}

static void append_takes_records_that_end_with_nul(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("two\nlines\0\0last");
    program_gives("append -0 x.capture", "appended 3 records: 5..7\n");
    program_gives("cat x.capture 5..", "two\nlines\n\nlast\n");
}

static void append_takes_frames_as_cat_writes_them(void **state)
{
    (void)state;
    PROGRAM_INPUT("\0\0\0\2a\n\0\0\0\0\0\0\0\1b");
    program_gives("append --framed x.capture --create", "appended 3 records: 1..3\n");
    program_ends("cat --format framed x.capture", 0);
    assert_int_equal(program.out_len, 15);
    assert_memory_equal(program.out, "\0\0\0\2a\n\0\0\0\0\0\0\0\1b", 15);
}

static void append_makes_whole_files_records(void **state)
{
    (void)state;
    program_make_file();
    program_make_text("one", "1\n2\n");
    program_make_text("none", "");
    PROGRAM_INPUT("from stdin");
    program_gives("append x.capture --whole one none -", "appended 3 records: 5..7\n");
    program_gives("cat --format raw x.capture 5..", "1\n2\nfrom stdin");
    program_ends("cat --format framed x.capture 6", 0);
    assert_int_equal(program.out_len, 4);
}

static void append_streams_what_is_longer_than_any_buffer(void **state)
{
    (void)state;
    size_t len = 5u << 20;
    char *input = test_bytes(len + 3);

    test_fill(input, len, 7, 50);
    for (size_t i = 0; i < len; i++)
        if (input[i] == '\n')
            input[i] = ' ';
    memcpy(input + len, "\nz\n", 3);
    program_input(input, len + 3);
    program_gives("append x.capture --create", "appended 2 records: 1..2\n");
    program_ends("cat x.capture 1", 0);
    assert_int_equal(program.out_len, len + 1);
    assert_memory_equal(program.out, input, len + 1);
    scratch_write(scratch_path("big"), input, len);
    program_gives("append x.capture --whole - big", "appended 2 records: 3..4\n");
    program_ends("cat --format raw x.capture 4", 0);
    assert_int_equal(program.out_len, len);
    assert_memory_equal(program.out, input, len);
    free(input);
}

static void append_creates_with_the_geometry_it_is_given(void **state)
{
    (void)state;
    PROGRAM_INPUT("a\n");
    program_gives("append x.capture --create --page-size 1K --block-size 2048 --fan-out 5 "
                  "--meta 'some metadata'",
                  "appended 1 record: 1\n");
    program_gives("meta x.capture", "some metadata");
    program_gives(
        "info --json x.capture",
        "{\"file\": \"x.capture\", \"version\": 2, \"page_size\": 1024, \"block_size\": 2048, "
        "\"fan_out\": 5, \"records\": 1, \"levels\": 1, \"serial\": 3, \"file_limit\": 9216, "
        "\"file_size\": 102400, \"open_block\": 22, \"metadata\": {\"length\": 13, "
        "\"crc32\": \"56c5d864\"}, \"warnings\": []}\n");
}

static void append_says_what_it_ignores_for_an_existing_file(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("e\n");
    program_ends("append x.capture --create --meta new --block-size 4K", 0);
    assert_string_equal(program.out, "appended 1 record: 5\n");
    assert_string_equal(program.err,
                        "capscope: x.capture: --meta is ignored: the file exists\n"
                        "capscope: x.capture: --block-size is ignored: the file exists\n");
    program_finds_nothing("meta x.capture");
}

static void append_needs_create_for_a_new_file(void **state)
{
    (void)state;
    PROGRAM_INPUT("a\n");
    program_ends("append x.capture", 2);
    assert_non_null(strstr(program.err, "or make it with --create\n"));
    assert_int_equal(access(scratch_path("x.capture"), F_OK), -1);
}

static void append_refuses_geometry_that_cannot_be(void **state)
{
    (void)state;
    program_ends("append x.capture --create --block-size 4097", 2);
    assert_non_null(strstr(program.err, "capscope: x.capture: "));
    program_fails("append x.capture --create --fan-out lots",
                  "capscope: append: --fan-out takes a number; "
                  "usage: append FILE [OPTION...] [--whole INPUT...]\n");
    assert_int_equal(access(scratch_path("x.capture"), F_OK), -1);
}

static void append_refuses_options_that_do_not_go_together(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "append x.capture -0 --framed", "append x.capture --whole",
        "append x.capture input",       "append x.capture --commit-every 0",
        "append x.capture --wait soon", "append",
        "append x.capture --nonsense",
    };

    program_make_file();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        program_ends(wrong[i], 2);
        assert_string_equal(program.out, "");
        assert_memory_equal(program.err, "capscope: append: ", 18);
        assert_non_null(strstr(program.err, "usage: append FILE"));
    }
    program_gives("cat x.capture 4", "d e\n");
}

/* ---- When it fails ---- */

static void input_that_breaks_off_appends_nothing(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("\0\0\0\1a\0\0\0\5bc");
    program_fails("append --framed x.capture",
                  "capscope: x.capture: standard input ends within a record: 2 of 5 bytes; "
                  "nothing was appended\n");
    PROGRAM_INPUT("\0\0\0\1a\0\0");
    program_fails("append --framed x.capture",
                  "capscope: x.capture: standard input ends within a length: 2 of 4 bytes; "
                  "nothing was appended\n");
    program_make_text("one", "1");
    program_fails("append x.capture --whole one gone",
                  "capscope: x.capture: gone cannot be opened: No such file or directory; "
                  "nothing was appended\n");
    program_fails(
        "append x.capture --whole one .",
        "capscope: x.capture: . cannot be opened: Is a directory; nothing was appended\n");
    program_fails("cat x.capture 5", "capscope: x.capture: no record 5 (last is 4)\n");
}

static void what_was_committed_before_a_failure_is_said_and_is_there(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("\0\0\0\1e\0\0\0\1f\0\0\0\1g\0\0\0\5bc");
    program_fails("append --framed --commit-every 2 x.capture",
                  "capscope: x.capture: standard input ends within a record: 2 of 5 bytes; "
                  "5..6 is in the file, 7 is not\n");
    program_gives("cat x.capture 5..", "e\nf\n");
    PROGRAM_INPUT("\0\0\0\1e\0\0\0\1f\0\0\0\5bc");
    program_fails("append --framed --commit-every 2 x.capture",
                  "capscope: x.capture: standard input ends within a record: 2 of 5 bytes; "
                  "7..8 is in the file, nothing behind it\n");
}

static void a_locked_file_is_refused_and_the_holder_named(void **state)
{
    (void)state;
    program_make_file();
    struct child child = child_start(locks_hold_ours, scratch_path("x.capture"));

    PROGRAM_INPUT("e\n");
    program_ends("append x.capture", 2);
    assert_memory_equal(program.err, "capscope: x.capture: ", 21);
    assert_non_null(strstr(program.err, "lock"));
    assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
    program_ends("append x.capture --wait 0.05", 2);
    program_ends("meta x.capture --set m", 2);
    program_gives("cat x.capture 4", "d e\n");
    child_end(&child);
    program_gives("append x.capture --wait 10", "appended 1 record: 5\n");
}

/* As the Python implementation does by default. */
static bool write_without_lock(const char *path)
{
    return open(path, O_RDWR) >= 0;
}

static void a_writer_without_a_lock_is_refused_unless_forced(void **state)
{
    (void)state;
    program_make_file();
    struct child child = child_start(write_without_lock, scratch_path("x.capture"));

    PROGRAM_INPUT("e\n");
    program_run("append x.capture");
    if (program.status == 2)
        assert_non_null(strstr(program.err, "--force"));
    else /* a system that does not tell of other writers */
        print_message("the other writer was not seen: %s", program.err);
    program_ends("append --force x.capture", 0);
    program_ends("append --no-lock x.capture", 0);
    child_end(&child);
}

#define SHELL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELL_TEST(append_takes_lines_also_the_last_without_its_end),
        SHELL_TEST(append_takes_records_that_end_with_nul),
        SHELL_TEST(append_takes_frames_as_cat_writes_them),
        SHELL_TEST(append_makes_whole_files_records),
        SHELL_TEST(append_streams_what_is_longer_than_any_buffer),
        SHELL_TEST(append_creates_with_the_geometry_it_is_given),
        SHELL_TEST(append_says_what_it_ignores_for_an_existing_file),
        SHELL_TEST(append_needs_create_for_a_new_file),
        SHELL_TEST(append_refuses_geometry_that_cannot_be),
        SHELL_TEST(append_refuses_options_that_do_not_go_together),
        SHELL_TEST(input_that_breaks_off_appends_nothing),
        SHELL_TEST(what_was_committed_before_a_failure_is_said_and_is_there),
        SHELL_TEST(a_locked_file_is_refused_and_the_holder_named),
        SHELL_TEST(a_writer_without_a_lock_is_refused_unless_forced),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
