/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the shell when somebody ends them, when a file or folder may not be used, when
 * the file goes away under them, and when a sync fails: one clear line where the program can still speak, and what
 * was committed is in the file, once.
 */
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

/* The last run ended with 2 and one line, in which this stands. */
static void check_line(const char *what)
{
    assert_int_equal(program.status, 2);
    assert_string_equal(program.out, "");
    assert_memory_equal(program.err, "capscope: ", 10);
    assert_ptr_equal(strchr(program.err, '\n'), program.err + program.err_len - 1);
    if (strstr(program.err, what) == NULL)
        fail_msg("not a word of \"%s\" in %s", what, program.err);
}

/* ---- An append that waits for input ---- */

/* "append --commit-every 2 x.capture" behind a pipe. */
struct append {
    struct process process;
    int input; /* -1: ended */
    capf_file *reader;
};

static bool has_committed_six(void *ctx)
{
    struct append *append = ctx;
    must(capf_refresh(append->reader, NULL, &test_err));
    return capf_file_count(append->reader) == 6;
}

/* x.capture has four records; the program has committed "e" and "f", and added "g". */
static struct append start_append(void)
{
    const char *argv[] = {getenv("CAPSCOPE"), "append", "--commit-every", "2", "x.capture", NULL};
    struct append append;
    int input[2];
    program_make_file();
    must(capf_open(scratch_path("x.capture"), CAPF_READ, NULL, &append.reader, &test_err));
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    append.process = process_program(argv, input[0]);
    append.input = input[1];
    close(input[0]);
    assert_int_equal(write(append.input, "e\nf\ng\n", 6), 6);
    process_wait_until(has_committed_six, &append, "the commit of the first lines");
    return append;
}

/* Ends its input and waits for it; gives what it said. */
static int end_append(struct append *append, int signal_number, char *said, size_t size)
{
    if (signal_number != 0)
        kill(append->process.pid, signal_number);
    else
        close(append->input);
    size_t len = process_hear(&append->process, said, size - 1, process_patience_ms());
    said[len] = '\0';
    int status = process_end(&append->process, 0);
    if (signal_number != 0)
        close(append->input);
    capf_close(append->reader);
    return status;
}

static void a_signal_ends_an_append_and_what_was_committed_stays(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        char said[200];
        struct append append = start_append();
        assert_int_equal(end_append(&append, signals[i], said, sizeof said), 128 + signals[i]);
        assert_string_equal(said, "");
        program_gives("cat x.capture 5..", "e\nf\n");
        PROGRAM_INPUT("g\n");
        program_gives("append x.capture", "appended 1 record: 7\n");
        unlink(scratch_path("x.capture"));
    }
}

static void sigpipe_is_no_reason_to_stop_an_append(void **state)
{
    (void)state;
    char said[200];
    struct append append = start_append();
    kill(append.process.pid, SIGPIPE);
    assert_int_equal(write(append.input, "h\n", 2), 2);
    assert_int_equal(end_append(&append, 0, said, sizeof said), 0);
    assert_string_equal(said, "appended 4 records: 5..8\n");
    program_gives("cat x.capture 5..", "e\nf\ng\nh\n");
}

static void a_reader_that_leaves_half_way_is_no_trouble(void **state)
{
    (void)state;
    const char *argv[] = {"/bin/sh", "-c",
                          "{ \"$0\" cat d.capture; echo $? >status; } | head -n 1 | wc -l",
                          getenv("CAPSCOPE"), NULL};
    char said[200] = "";
    program_ends("demo d.capture", 0);
    struct process pipeline = process_program(argv, STDIN_FILENO);
    process_hear(&pipeline, said, sizeof said - 1, process_patience_ms());
    assert_int_equal(process_end(&pipeline, 0), 0);
    assert_string_equal(said, "1\n");
    size_t len;
    uint8_t *status = scratch_read(scratch_path("status"), &len);
    assert_int_equal(len, 2);
    assert_memory_equal(status, "0\n", 2);
    free(status);
}

/* ---- Files that go away ---- */

static void a_file_that_is_removed_under_an_append_is_said(void **state)
{
    (void)state;
    char said[400];
    struct append append = start_append();
    unlink(scratch_path("x.capture"));
    assert_int_equal(end_append(&append, 0, said, sizeof said), 2);
    assert_memory_equal(said, "capscope: x.capture: ", 21);
    assert_non_null(strstr(said, "removed"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    assert_int_equal(access(scratch_path("x.capture"), F_OK), -1);
}

static void a_file_that_is_replaced_under_an_append_is_said_and_left_alone(void **state)
{
    (void)state;
    char said[400];
    struct append append = start_append();
    PROGRAM_INPUT("other\n");
    program_ends("append other.capture --create", 0);
    assert_int_equal(rename(scratch_path("other.capture"), scratch_path("x.capture")), 0);
    assert_int_equal(end_append(&append, 0, said, sizeof said), 2);
    assert_memory_equal(said, "capscope: x.capture: ", 21);
    assert_non_null(strstr(said, "replaced"));
    program_gives("cat x.capture", "other\n");
}

/* Its records are in the file, whatever that is called now. */
static void a_file_that_is_renamed_under_an_append_gets_its_records(void **state)
{
    (void)state;
    char said[400];
    struct append append = start_append();
    assert_int_equal(rename(scratch_path("x.capture"), scratch_path("y.capture")), 0);
    end_append(&append, 0, said, sizeof said);
    program_gives("cat y.capture 5..", "e\nf\ng\n");
}

/* ---- Files and folders that may not be used ---- */

static void skip_unless_modes_count(void)
{
    if (!places_respect_modes()) {
        print_message("modes do not hold for this user\n");
        skip();
    }
}

static void set_mode(const char *name, mode_t mode)
{
    assert_int_equal(chmod(scratch_path(name), mode), 0);
}

static void a_read_only_file_is_read_and_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const lines[] = {"append x.capture", "append --create x.capture",
                                        "meta x.capture --set new", "meta x.capture --clear"};
    skip_unless_modes_count();
    program_make_file();
    program_gives("meta x.capture --set old", "");
    set_mode("x.capture", 0444);
    PROGRAM_INPUT("e\n");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        program_run(lines[i]);
        check_line("Permission denied; check who may read and write there");
    }
    program_gives("cat x.capture", "a\nb\n\nd e\n");
    program_gives("meta x.capture", "old");
    program_ends("info x.capture", 0);
}

static void what_may_not_be_read_is_refused_by_every_word(void **state)
{
    (void)state;
    static const char *const lines[] = {"cat x.capture", "info x.capture", "meta x.capture",
                                        "append x.capture", "x.capture"};
    skip_unless_modes_count();
    program_make_file();
    set_mode("x.capture", 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        program_run(lines[i]);
        check_line("Permission denied; check who may read and write there");
    }
    set_mode("x.capture", 0600);
    program_gives("cat x.capture 4", "d e\n");
}

static void a_read_only_folder_takes_no_new_file_and_keeps_the_old_one_writable(void **state)
{
    (void)state;
    skip_unless_modes_count();
    assert_int_equal(mkdir(scratch_path("folder"), 0700), 0);
    PROGRAM_INPUT("a\n");
    program_ends("append folder/x.capture --create", 0);
    set_mode("folder", 0500);
    program_run("append folder/new.capture --create");
    check_line("Permission denied; check who may read and write there");
    program_run("demo folder/new.capture");
    check_line("Permission denied; check who may read and write there");
    program_gives("append folder/x.capture", "appended 1 record: 2\n");
    set_mode("folder", 0);
    program_run("append folder/x.capture");
    check_line("Permission denied; check who may read and write there");
    set_mode("folder", 0700);
    program_gives("cat folder/x.capture", "a\na\n");
    assert_int_equal(access(scratch_path("folder/new.capture"), F_OK), -1);
}

static void an_input_that_may_not_be_read_appends_nothing(void **state)
{
    (void)state;
    skip_unless_modes_count();
    program_make_file();
    program_make_text("good", "good");
    program_make_text("secret", "secret");
    set_mode("secret", 0);
    program_run("append x.capture --whole good secret");
    check_line("secret cannot be opened: Permission denied; nothing was appended\n");
    program_run("meta x.capture --set-file secret");
    check_line("secret: Permission denied; the metadata stays as it was\n");
    program_gives("cat x.capture", "a\nb\n\nd e\n");
}

static void paths_that_lead_nowhere_are_said_in_one_line(void **state)
{
    (void)state;
    char line[400], name[301];
    memset(name, 'x', 300);
    name[300] = '\0';
    program_make_file();
    assert_int_equal(symlink("loop", scratch_path("loop")), 0);
    assert_int_equal(symlink("gone", scratch_path("dangling")), 0);
    const char *const names[] = {"loop", "x.capture/y.capture", "gone/x.capture", name};
    static const char *const words[] = {"cat", "append --create", "meta --set a", "demo"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++) {
            snprintf(line, sizeof line, "%s %s", words[j], names[i]);
            program_run(line);
            check_line("; ");
        }
    program_run("cat dangling");
    check_line("; ");
    program_gives("cat x.capture 4", "d e\n");
}

/* ---- A disk whose syncs fail ---- */

static void run_on_bad_disk(const char *syncs, const char *line)
{
    char *capscope = strdup(getenv("CAPSCOPE"));
    assert_non_null(capscope);
    setenv("CAPSCOPE", places_bad_disk(syncs), 1);
    program_run(line);
    setenv("CAPSCOPE", capscope, 1);
    free(capscope);
}

/* Whole records from the front, as many as a commit left: at least and at most so many. */
static uint64_t check_count(uint64_t least, uint64_t most)
{
    capf_file *file;
    must(capf_open(scratch_path("x.capture"), CAPF_READ, NULL, &file, &test_err));
    uint64_t count = capf_file_count(file);
    assert_in_range(count, least, most);
    for (uint64_t n = 1; n <= count; n++) {
        struct capf_bytes record;
        must(capf_get(file, n, &record, &test_err));
    }
    capf_close(file);
    return count;
}

/* What is said of a failed sync is true of the file, and the next append goes on behind it. */
static void a_sync_that_fails_is_told_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *syncs, *line, *says;
        uint64_t least, most; /* records in the file afterwards */
        bool blocks;          /* so much that blocks are written before the commit */
    } cases[] = {
        {"x", "append x.capture",
         "cannot sync the file before writing to it: Input/output error; check the disk; "
         "nothing was appended\n",
         4, 4, false},
        {".x", "append x.capture",
         "not committed: cannot sync the file; open it again: Input/output error; check the disk; "
         "nothing was appended\n",
         4, 4, true},
        {".xx", "append x.capture",
         "the outcome of the commit is unknown: cannot sync the file: Input/output error; check "
         "the disk, and see which record is the last before trying again; whether 5..6 is in the "
         "file cannot be known\n",
         4, 6, false},
        {"..xx", "append x.capture --commit-every 1", "whether 6 is in the file cannot be known\n",
         5, 6, false},
        {"..xxx", "append x.capture", "; whether 5..6 is in the file cannot be known\n", 4, 6,
         true},
    };
    static char noise[200001];
    test_fill(noise, sizeof noise, 7, 100);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(noise[i] == '\n' ? ' ' : noise[i]);
    noise[100000] = '\n';
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char said[80];
        program_make_file();
        if (cases[i].blocks)
            program_input(noise, sizeof noise);
        else
            PROGRAM_INPUT("e\nf\n");
        run_on_bad_disk(cases[i].syncs, cases[i].line);
        check_line(cases[i].says);
        uint64_t count = check_count(cases[i].least, cases[i].most);
        snprintf(said, sizeof said, "appended 1 record: %llu\n", (unsigned long long)count + 1);
        PROGRAM_INPUT("next\n");
        program_gives("append x.capture", said);
        unlink(scratch_path("x.capture"));
    }
}

static void a_failed_sync_that_is_made_good_is_no_failure(void **state)
{
    (void)state;
    program_make_file();
    PROGRAM_INPUT("e\nf\n");
    run_on_bad_disk(".x.", "append x.capture");
    assert_int_equal(program.status, 0);
    assert_string_equal(program.out, "appended 2 records: 5..6\n");
    assert_string_equal(program.err, "");
    run_on_bad_disk(".x.", "meta x.capture --set new");
    assert_int_equal(program.status, 0);
    program_gives("meta x.capture", "new");
    program_gives("cat x.capture 5..", "e\nf\n");
}

static void metadata_is_old_or_new_as_is_said_when_a_sync_fails(void **state)
{
    (void)state;
    program_make_file();
    program_gives("meta x.capture --set old", "");
    run_on_bad_disk("x", "meta x.capture --set new");
    check_line("cannot sync the file before writing to it: Input/output error; check the disk\n");
    program_gives("meta x.capture", "old");
    run_on_bad_disk(".xx", "meta x.capture --set new");
    check_line("the outcome of the commit is unknown: cannot sync the file: Input/output error; ");
    program_run("meta x.capture");
    assert_int_equal(program.status, 0);
    assert_true(strcmp(program.out, "old") == 0 || strcmp(program.out, "new") == 0);
    program_gives("meta x.capture --set newer", "");
    program_gives("meta x.capture", "newer");
    check_count(4, 4);
}

#define SHELL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELL_TEST(a_signal_ends_an_append_and_what_was_committed_stays),
        SHELL_TEST(sigpipe_is_no_reason_to_stop_an_append),
        SHELL_TEST(a_reader_that_leaves_half_way_is_no_trouble),
        SHELL_TEST(a_file_that_is_removed_under_an_append_is_said),
        SHELL_TEST(a_file_that_is_replaced_under_an_append_is_said_and_left_alone),
        SHELL_TEST(a_file_that_is_renamed_under_an_append_gets_its_records),
        SHELL_TEST(a_read_only_file_is_read_and_refuses_the_rest),
        SHELL_TEST(what_may_not_be_read_is_refused_by_every_word),
        SHELL_TEST(a_read_only_folder_takes_no_new_file_and_keeps_the_old_one_writable),
        SHELL_TEST(an_input_that_may_not_be_read_appends_nothing),
        SHELL_TEST(paths_that_lead_nowhere_are_said_in_one_line),
        SHELL_TEST(a_sync_that_fails_is_told_as_it_is),
        SHELL_TEST(a_failed_sync_that_is_made_good_is_no_failure),
        SHELL_TEST(metadata_is_old_or_new_as_is_said_when_a_sync_fails),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
