/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The browser in a pseudo-terminal, in places where a commit fails, beside somebody who changes
 * the file, and under signals: a clear sentence, what was committed is in the file, and what was
 * staged is still staged and can be committed when the trouble is over.
 */
#include "tests/support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/child.h"
#include "tests/support/fixture.h"
#include "tests/support/locks.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

static char path[SCRATCH_PATH];

static struct pty *start_program(const char *program, const char *option, const char *value)
{
    const char *argv[] = {program, path, option, value, NULL};
    return pty_start(&(struct pty_options){.argv = argv, .cols = 150});
}

static struct pty *start(const char *option, const char *value)
{
    return start_program(getenv("CAPSCOPE"), option, value);
}

/* The five records of a fixture, in a browser of their own. */
static struct pty *start_quickstart(void)
{
    snprintf(path, sizeof path, "%s", scratch_path("q.capture"));
    fixture_to_file("quickstart", path);
    struct pty *pty = start(NULL, NULL);
    pty_expect(pty, "5 records");
    return pty;
}

static void stage_one(struct pty *pty)
{
    pty_type(pty, "Eaone more\r\r");
    pty_expect(pty, "+1 of 1 staged");
}

/* Says yes to a commit; it must end with these words. */
static void commit(struct pty *pty, const char *end)
{
    pty_type(pty, "C");
    pty_expect(pty, "commit? [y/N/?]");
    pty_type(pty, "y");
    pty_expect(pty, end);
}

/* A commit has just failed for this reason. It is said, and goes away with the next key; nothing
 * else has. */
static void expect_failure(struct pty *pty, const char *why)
{
    pty_expect(pty, why);
    pty_expect(pty, "everything is still staged");
    pty_expect(pty, "EDIT +1");
}

static void expect_end(struct pty *pty, int status)
{
    assert_int_equal(pty_exit_status(pty), status);
    pty_expect_restored(pty);
    pty_stop(pty);
}

/* The file has so many records, and the last is this one. */
static void check_file(uint64_t count, const char *last)
{
    capf_file *file;
    struct capf_bytes record;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    assert_int_equal(capf_file_count(file), count);
    must(capf_get(file, count, &record, &test_err));
    if (last != NULL)
        must_hold(record, last, strlen(last));
    capf_close(file);
}

/* What failed before works now, and the session ends well. */
static void commit_at_last(struct pty *pty)
{
    commit(pty, "committed 1 record: 6");
    pty_type(pty, "Q");
    expect_end(pty, 0);
    check_file(6, "one more");
}

/* ---- Signals ---- */

static void a_signal_ends_it_says_what_is_lost_and_keeps_what_was_committed(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct pty *pty = start_quickstart();
        stage_one(pty);
        commit(pty, "committed 1 record: 6");
        pty_type(pty, "atwo more\r\r");
        pty_expect(pty, "+1 of 1 staged");
        pty_signal(pty, signals[i]);
        assert_int_equal(pty_exit_status(pty), 128 + signals[i]);
        pty_expect_restored(pty);
        assert_true(pty_shows(pty, "capscope: not committed, and lost: 1 staged record"));
        pty_stop(pty);
        check_file(6, "one more");
    }
}

static void sigpipe_is_no_reason_to_end(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    stage_one(pty);
    pty_signal(pty, SIGPIPE);
    pty_type(pty, "g");
    pty_expect(pty, "1 / 5");
    pty_signal(pty, SIGPIPE);
    commit_at_last(pty);
}

static void a_signal_ends_it_also_while_it_waits_for_the_lock(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch_path("q.capture"));
    fixture_to_file("quickstart", path);
    struct child child = child_start(locks_hold_ours, path);
    struct pty *pty = start("--wait", "600");
    pty_expect(pty, "5 records");
    stage_one(pty);
    pty_type(pty, "C");
    pty_expect(pty, "commit? [y/N/?]");
    pty_type(pty, "y");
    pty_let_pass(pty, 50);
    pty_signal(pty, SIGTERM);
    expect_end(pty, 128 + SIGTERM);
    child_end(&child);
    check_file(5, NULL);
}

static void a_locked_file_is_said_and_can_be_tried_again(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    char holder[40];
    struct child child = child_start(locks_hold_ours, path);
    stage_one(pty);
    snprintf(holder, sizeof holder, "process %ld has the file locked", (long)child.pid);
    commit(pty, holder);
    expect_failure(pty, holder);
    child_end(&child);
    commit_at_last(pty);
}

/* ---- Places ---- */

static void a_read_only_file_keeps_what_is_staged(void **state)
{
    (void)state;
    if (!places_respect_modes())
        skip();
    struct pty *pty = start_quickstart();
    stage_one(pty);
    assert_int_equal(chmod(path, 0444), 0);
    commit(pty, "Permission denied");
    expect_failure(pty, "check who may read and write there");
    assert_int_equal(chmod(path, 0644), 0);
    commit_at_last(pty);
}

static void a_read_only_folder_is_no_trouble_for_a_commit(void **state)
{
    (void)state;
    if (!places_respect_modes())
        skip();
    struct pty *pty = start_quickstart();
    stage_one(pty);
    assert_int_equal(chmod(scratch_path("."), 0500), 0);
    commit_at_last(pty);
    assert_int_equal(chmod(scratch_path("."), 0700), 0);
}

static void a_limit_on_files_keeps_what_is_staged(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch_path("q.capture"));
    fixture_to_file("quickstart", path);
    places_limit_files(4096 + 40960); /* the second master node cannot be written */
    struct pty *pty = start(NULL, NULL);
    places_limit_files(0);
    pty_expect(pty, "5 records");
    stage_one(pty);
    commit(pty, "File too large");
    expect_failure(pty, "File too large");
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    expect_end(pty, 0);
    check_file(5, NULL);
}

/* A file of small blocks, so that what a person types is more than its pages hold. */
static void make_on_small_disk(void)
{
    struct capf_creation creation = {.page_size = 512, .block_size = 512};
    capf_file *file;
    if (!places_mount_small(scratch_path("small"), 300)) {
        print_message("no disk can be mounted here\n");
        skip();
    }
    snprintf(path, sizeof path, "%s", scratch_path("small/x.capture"));
    must(capf_create(path, &creation, NULL, &file, NULL, &test_err));
    must(capf_append(file, "first", 5, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    places_fill(scratch_path("small/ballast"), 0);
}

/* Typed, and hard to compress. */
static void stage_long(struct pty *pty, char *text, size_t len)
{
    test_fill(text, len, 3, 100);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('0' + (unsigned char)text[i] % 64);
    text[len] = '\0';
    pty_type(pty, "Ea");
    pty_expect(pty, " append:");
    pty_type(pty, text);
    pty_type(pty, "\r");
    pty_expect(pty, "EDIT +1");
    pty_type(pty, "\r");
    pty_expect(pty, "+1 of 1 staged");
}

static void a_full_disk_keeps_what_is_staged(void **state)
{
    (void)state;
    char text[3001];
    make_on_small_disk();
    struct pty *pty = start(NULL, NULL);
    pty_expect(pty, "1 record");
    stage_long(pty, text, sizeof text - 1);
    commit(pty, "No space left on device");
    expect_failure(pty, "make room and try again");
    check_file(1, "first");
    assert_int_equal(unlink(scratch_path("small/ballast")), 0);
    commit(pty, "committed 1 record: 2");
    pty_type(pty, "Q");
    expect_end(pty, 0);
    check_file(2, text);
}

/* ---- A disk whose syncs fail ---- */

static struct pty *start_on_bad_disk(const char *syncs)
{
    snprintf(path, sizeof path, "%s", scratch_path("q.capture"));
    fixture_to_file("quickstart", path);
    struct pty *pty = start_program(places_bad_disk(syncs), NULL, NULL);
    pty_expect(pty, "5 records");
    stage_one(pty);
    return pty;
}

static void a_sync_that_fails_before_anything_is_written_keeps_what_is_staged(void **state)
{
    (void)state;
    struct pty *pty = start_on_bad_disk("x");
    commit(pty, "cannot sync the file before writing to it");
    expect_failure(pty, "check the disk");
    check_file(5, NULL);
    commit_at_last(pty);
}

static void a_sync_of_blocks_that_fails_is_not_committed_and_keeps_what_is_staged(void **state)
{
    (void)state;
    struct capf_creation creation = {.how = CAPF_REPLACE, .page_size = 512, .block_size = 512};
    capf_file *file;
    char text[3001];
    snprintf(path, sizeof path, "%s", scratch_path("blocks.capture"));
    must(capf_create(path, &creation, NULL, &file, NULL, &test_err));
    must(capf_append(file, "first", 5, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    struct pty *pty = start_program(places_bad_disk(".x"), NULL, NULL);
    pty_expect(pty, "1 record");
    stage_long(pty, text, sizeof text - 1);
    commit(pty, "not committed: cannot sync the file");
    expect_failure(pty, "check the disk");
    check_file(1, "first");
    commit(pty, "committed 1 record: 2");
    pty_type(pty, "Q");
    expect_end(pty, 0);
    check_file(2, text);
}

static void a_sync_of_the_commit_that_can_be_made_good_is_no_failure(void **state)
{
    (void)state;
    struct pty *pty = start_on_bad_disk(".x.");
    commit_at_last(pty);
}

/* It is said not to be known, and the screen then shows what the file shows; what is staged is
 * staged, and committed again only when somebody says so. */
static void a_commit_whose_outcome_is_unknown_is_said_and_shown_and_still_staged(void **state)
{
    (void)state;
    capf_file *file;
    char shown[40], review[40];
    struct pty *pty = start_on_bad_disk(".xx");
    commit(pty, "the outcome of the commit is unknown: cannot sync the file");
    pty_expect(pty, "see which record is the last before trying");
    expect_failure(pty, "check the disk");
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    uint64_t count = capf_file_count(file);
    capf_close(file);
    assert_in_range(count, 5, 6);
    check_file(count, count == 6 ? "one more" : NULL);
    snprintf(shown, sizeof shown, "%llu records", (unsigned long long)count);
    snprintf(review, sizeof review, "append 1 -> #%llu", (unsigned long long)count + 1);
    pty_type(pty, "R");
    pty_expect(pty, shown);
    pty_expect(pty, "EDIT +1");
    pty_type(pty, "C");
    pty_expect(pty, review);
    pty_type(pty, "n");
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    expect_end(pty, 0);
    check_file(count, NULL);
}

static int leave_small(void **state)
{
    int failed = pty_teardown(state);
    places_unmount(scratch_path("small"));
    return failed;
}

/* ---- A file that goes away ---- */

static void a_removed_file_keeps_what_is_staged(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    char away[SCRATCH_PATH];
    snprintf(away, sizeof away, "%s", scratch_path("away"));
    stage_one(pty);
    assert_int_equal(rename(path, away), 0);
    commit(pty, "No such file or directory");
    expect_failure(pty, "check the name");
    pty_type(pty, "g\r");
    pty_expect(pty, "Hey this is my record 1");
    assert_int_equal(rename(away, path), 0);
    commit_at_last(pty);
}

static void a_file_that_was_removed_is_said_to_be(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    stage_one(pty);
    unlink(path);
    pty_type(pty, "R");
    pty_expect(pty, "the file was replaced, removed or truncated while it was open");
    pty_type(pty, "g\r");
    pty_expect(pty, "Hey this is my record 1");
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    expect_end(pty, 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_replaced_file_is_shown_said_and_written_only_after_a_question(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    stage_one(pty);
    fixture_to_file("json-log", scratch_path("other.capture"));
    pty_type(pty, "C");
    pty_expect(pty, "append 1 -> #6");
    assert_int_equal(rename(scratch_path("other.capture"), path), 0);
    pty_type(pty, "y");
    pty_expect(pty, "append 1 -> #5,001");
    pty_expect(pty, "5,000 records");
    pty_expect(pty, "commit? [y/N/?]");
    pty_type(pty, "n");
    pty_expect(pty, "not committed; everything is still staged");
    pty_expect(pty, "5,000 records");
    pty_expect(pty, "the file was replaced, removed or truncated while it was open");
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    expect_end(pty, 0);
    check_file(5000, NULL);
}

static void a_truncated_file_costs_the_records_that_are_gone_and_no_more(void **state)
{
    (void)state;
    struct pty *pty = start_quickstart();
    pty_type(pty, "Q");
    expect_end(pty, 0);
    fixture_to_file("json-log", path);
    pty = start(NULL, NULL);
    pty_expect(pty, "5,000 records");
    pty_type(pty, "Eaone more\r\r");
    assert_int_equal(truncate(path, 90000), 0);
    pty_type(pty, "R");
    pty_expect(pty, "bytes missing at the end of the file");
    pty_type(pty, "2500\r");
    pty_expect(pty, "2,500 / 5,000");
    commit(pty, "it can only be read");
    expect_failure(pty, "saves what can be saved");
    pty_type(pty, "Q");
    pty_expect(pty, "c commit, d discard and quit, s stay?");
    pty_type(pty, "d");
    expect_end(pty, 0);
}

#define pty_test(test) cmocka_unit_test_teardown(test, pty_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pty_test(a_signal_ends_it_says_what_is_lost_and_keeps_what_was_committed),
        pty_test(sigpipe_is_no_reason_to_end),
        pty_test(a_signal_ends_it_also_while_it_waits_for_the_lock),
        pty_test(a_locked_file_is_said_and_can_be_tried_again),
        pty_test(a_read_only_file_keeps_what_is_staged),
        pty_test(a_read_only_folder_is_no_trouble_for_a_commit),
        pty_test(a_limit_on_files_keeps_what_is_staged),
        cmocka_unit_test_teardown(a_full_disk_keeps_what_is_staged, leave_small),
        pty_test(a_sync_that_fails_before_anything_is_written_keeps_what_is_staged),
        pty_test(a_sync_of_blocks_that_fails_is_not_committed_and_keeps_what_is_staged),
        pty_test(a_sync_of_the_commit_that_can_be_made_good_is_no_failure),
        pty_test(a_commit_whose_outcome_is_unknown_is_said_and_shown_and_still_staged),
        pty_test(a_removed_file_keeps_what_is_staged),
        pty_test(a_file_that_was_removed_is_said_to_be),
        pty_test(a_replaced_file_is_shown_said_and_written_only_after_a_question),
        pty_test(a_truncated_file_costs_the_records_that_are_gone_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
