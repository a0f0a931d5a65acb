/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the shell where there is no room: on a small disk that is full, on one that is
 * read-only, under a limit on the size of files, and with an output that takes nothing. One clear
 * line, and what was in the file is in the file.
 */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/places.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

#define SMALL_KIB 700
#define LINES 4000
#define LINE 400 /* bytes of each of them, its end included */

static char *noise; /* lines that hardly compress, more of them than the disk has room for */

static int make_noise(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-";
    noise = test_bytes(LINES * LINE);
    test_fill(noise, LINES * LINE, 99, 100);
    for (size_t i = 0; i < LINES * LINE; i++)
        noise[i] = (i + 1) % LINE == 0 ? '\n' : digits[(unsigned char)noise[i] % 64];
    return 0;
}

static int free_noise(void **state)
{
    (void)state;
    free(noise);
    return 0;
}

static const char *small(void)
{
    return scratch_path("small");
}

static int leave_small(void **state)
{
    places_unmount(small());
    return program_end(state);
}

/* small/x.capture, with the records "a" and "b". */
static void make_on_small_disk(void)
{
    if (!places_mount_small(small(), SMALL_KIB)) {
        print_message("no disk can be mounted here\n");
        skip();
    }
    PROGRAM_INPUT("a\nb\n");
    program_gives("append small/x.capture --create --meta old", "appended 2 records: 1..2\n");
}

/* The last run ended with 2 and one line, in which this stands. */
static void check_line(const char *what)
{
    assert_int_equal(program.status, 2);
    assert_memory_equal(program.err, "capscope: ", 10);
    assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
    if (strstr(program.err, what) == NULL)
        fail_msg("not a word of \"%s\" in %s", what, program.err);
}

/* "a", "b" and then the first lines of the noise, as many as there are; gives how many. */
static size_t check_records(const char *file)
{
    char line[80];
    snprintf(line, sizeof line, "cat %s", file);
    program_ends(line, 0);
    assert_memory_equal(program.out, "a\nb\n", 4);
    size_t len = program.out_len - 4;
    assert_int_equal(len % LINE, 0);
    assert_memory_equal(program.out + 4, noise, len);
    return len / LINE;
}

/* ---- A full disk ---- */

static void a_full_disk_costs_only_the_append_that_met_it(void **state)
{
    (void)state;
    make_on_small_disk();
    program_input(noise, LINES * LINE);
    program_run("append small/x.capture");
    check_line("No space left on device; make room and try again; nothing was appended\n");
    assert_string_equal(program.out, "");
    assert_int_equal(check_records("small/x.capture"), 0);
}

static void what_was_committed_before_the_disk_was_full_stays_and_is_named(void **state)
{
    (void)state;
    char in[60];
    make_on_small_disk();
    places_fill(scratch_path("small/ballast"), 300);
    program_input(noise, LINES * LINE);
    program_run("append small/x.capture --commit-every 10");
    check_line("No space left on device; make room and try again; 3..");
    char *said = program.err;
    program.err = NULL; /* the next run would free it */
    size_t count = check_records("small/x.capture");
    assert_true(count >= 100 && count % 10 == 0);
    snprintf(in, sizeof in, "3..%zu is in the file", count + 2);
    assert_non_null(strstr(said, in));
    free(said);

    unlink(scratch_path("small/ballast"));
    program_input(noise + count * LINE, 10 * LINE);
    program_ends("append small/x.capture", 0);
    assert_int_equal(check_records("small/x.capture"), count + 10);
}

static void metadata_that_has_no_room_leaves_the_old(void **state)
{
    (void)state;
    make_on_small_disk();
    scratch_write(scratch_path("large"), noise, LINES * LINE);
    program_run("meta small/x.capture --set-file large");
    check_line("No space left on device; make room and try again");
    program_gives("meta small/x.capture", "old");
    assert_int_equal(check_records("small/x.capture"), 0);
}

static void a_file_that_has_no_room_is_not_made(void **state)
{
    (void)state;
    make_on_small_disk();
    places_fill(scratch_path("small/ballast"), 30);
    PROGRAM_INPUT("c\n");
    program_run("append small/new.capture --create");
    check_line("No space left on device; make room and try again");
    assert_int_equal(access(scratch_path("small/new.capture"), F_OK), -1);
    program_run("demo small/demo.capture");
    check_line("No space left on device; make room and try again");
    assert_int_equal(access(scratch_path("small/demo.capture"), F_OK), -1);
    assert_int_equal(check_records("small/x.capture"), 0);
}

/* A commit that closes no block writes over what the file has already. */
static void small_commits_go_on_on_a_full_disk(void **state)
{
    (void)state;
    make_on_small_disk();
    places_fill(scratch_path("small/ballast"), 0);
    program_input(noise, 20 * LINE);
    program_gives("append small/x.capture --commit-every 1", "appended 20 records: 3..22\n");
    assert_int_equal(check_records("small/x.capture"), 20);
}

static void a_read_only_disk_is_read_and_refuses_the_rest_in_one_line(void **state)
{
    (void)state;
    static const char *const lines[] = {"append small/x.capture", "meta small/x.capture --set new",
                                        "append small/new.capture --create",
                                        "demo small/demo.capture"};
    make_on_small_disk();
    assert_true(places_make_read_only(small()));
    PROGRAM_INPUT("c\n");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        program_run(lines[i]);
        check_line("Read-only file system; choose a place that can be written");
    }
    assert_int_equal(check_records("small/x.capture"), 0);
    program_gives("meta small/x.capture", "old");
    program_ends("info small/x.capture", 0);
}

/* ---- A limit on files ---- */

static void a_limit_on_files_costs_only_the_append_that_met_it(void **state)
{
    (void)state;
    PROGRAM_INPUT("a\nb\n");
    program_gives("append x.capture --create", "appended 2 records: 1..2\n");
    program_input(noise, LINES * LINE);
    places_limit_files(500000);
    program_run("append x.capture");
    places_limit_files(0);
    check_line("File too large");
    assert_non_null(strstr(program.err, "; nothing was appended\n"));
    assert_int_equal(check_records("x.capture"), 0);

    places_limit_files(500000);
    program_run("append x.capture --commit-every 10");
    places_limit_files(0);
    check_line("File too large");
    size_t count = check_records("x.capture");
    assert_true(count >= 500 && count % 10 == 0);
    program_input(noise + count * LINE, (LINES - count) * LINE);
    program_ends("append x.capture", 0);
    assert_int_equal(check_records("x.capture"), LINES);
}

static void a_limit_on_files_that_is_too_low_makes_none(void **state)
{
    (void)state;
    PROGRAM_INPUT("a\n");
    places_limit_files(50000);
    program_run("append x.capture --create");
    places_limit_files(0);
    check_line("File too large");
    assert_int_equal(access(scratch_path("x.capture"), F_OK), -1);
}

/* ---- An output that takes nothing ---- */

static void what_cannot_be_reported_is_in_the_file_once(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("e\n");
    program.where = PROGRAM_FULL;
    program_run("append x.capture");
    check_line("standard output: No space left on device");
    program.where = PROGRAM_CAPTURED;
    program_gives("cat x.capture 4..", "d e\ne\n");
}

static void an_output_that_is_full_half_way_is_said(void **state)
{
    (void)state;
    PROGRAM_INPUT("a\n");
    program_gives("append x.capture --create", "appended 1 record: 1\n");
    program_input(noise, LINES * LINE);
    program_ends("append x.capture", 0);
    places_limit_files(300000);
    program_run("cat x.capture");
    places_limit_files(0);
    check_line("standard output: File too large");
    assert_int_equal(program.out_len, 300000);
}

#define SHELL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)
#define SMALL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, leave_small)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL_TEST(a_full_disk_costs_only_the_append_that_met_it),
        SMALL_TEST(what_was_committed_before_the_disk_was_full_stays_and_is_named),
        SMALL_TEST(metadata_that_has_no_room_leaves_the_old),
        SMALL_TEST(a_file_that_has_no_room_is_not_made),
        SMALL_TEST(small_commits_go_on_on_a_full_disk),
        SMALL_TEST(a_read_only_disk_is_read_and_refuses_the_rest_in_one_line),
        SHELL_TEST(a_limit_on_files_costs_only_the_append_that_met_it),
        SHELL_TEST(a_limit_on_files_that_is_too_low_makes_none),
        SHELL_TEST(what_cannot_be_reported_is_in_the_file_once),
        SHELL_TEST(an_output_that_is_full_half_way_is_said),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_noise, free_noise) != 0;
}
