/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session: what it shows, what it stages, and a commit that puts all of it
 * into the file or nothing, and keeps what it could not put there.
 */
#include "tests/support/mem_file.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "app/session.h"

/* A file of five records on a disk in memory, and a session on it. */
struct bench {
    struct mem_file_test *test;
    struct session session;
};

static void bench_open(struct bench *bench, void **state)
{
    bench->test = *state;
    capf_file *file = mem_create(bench->test, 0, 0, 0);
    mem_append_numbered(file, 5);
    must(capf_set_meta(file, "old", 3, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);

    session_init(&bench->session);
    bench->session.io = mem_disk_io(bench->test->disk);
    must(session_open(&bench->session, MEM_PATH, &test_err));
    bench->session.edit = true;
}

static void bench_close(struct bench *bench)
{
    session_release(&bench->session);
}

static void stage_text(struct bench *bench, const char *text)
{
    stage_add(&bench->session.stage, text, strlen(text), STAGE_TYPED, NULL);
}

/* Another process appends a record and commits. */
static void other_appends(struct bench *bench, const char *text)
{
    capf_file *file = mem_open_write(bench->test);

    mem_append(file, text);
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static enum session_result commit(struct bench *bench, const struct session_review *review,
                                  struct session_outcome *outcome)
{
    test_err = (struct capf_error){0};
    return session_commit(&bench->session, review, outcome, &test_err);
}

static void assert_record(struct bench *bench, uint64_t recno, const char *text)
{
    struct capf_bytes record;

    must(capf_cursor_get(bench->session.cursor, recno, &record, &test_err));
    assert_int_equal(record.len, strlen(text));
    assert_memory_equal(record.data, text, record.len);
}

/* ---- Opening and refreshing ---- */

static void opening_shows_the_first_record_of_the_newest_state(void **state)
{
    struct bench bench;

    bench_open(&bench, state);
    assert_int_equal(session_count(&bench.session), 5);
    assert_int_equal(bench.session.recno, 1);
    assert_int_equal(bench.session.info.records, 5);
    assert_string_equal(bench.session.path, MEM_PATH);
    bench_close(&bench);
}

static void a_file_that_does_not_open_leaves_its_name(void **state)
{
    struct bench bench;

    bench_open(&bench, state);
    must_be(CAPF_NO_FILE, session_open(&bench.session, "/none", &test_err));
    assert_null(bench.session.file);
    assert_null(bench.session.cursor);
    assert_int_equal(session_count(&bench.session), 0);
    assert_string_equal(bench.session.path, "/none");
    must(session_open(&bench.session, MEM_PATH, &test_err));
    assert_int_equal(session_count(&bench.session), 5);
    bench_close(&bench);
}

static void a_refresh_shows_what_others_committed_and_stays_on_the_record(void **state)
{
    struct bench bench;
    bool changed = true;

    bench_open(&bench, state);
    bench.session.recno = 3;
    must(session_refresh(&bench.session, &changed, &test_err));
    assert_false(changed);
    other_appends(&bench, "six");
    assert_int_equal(session_count(&bench.session), 5);
    must(session_refresh(&bench.session, &changed, &test_err));
    assert_true(changed);
    assert_int_equal(session_count(&bench.session), 6);
    assert_int_equal(bench.session.recno, 3);
    bench_close(&bench);
}

static void the_first_record_of_an_empty_file_becomes_the_current_one(void **state)
{
    struct bench bench = {.test = *state};

    capf_close(mem_create(bench.test, 0, 0, 0));
    session_init(&bench.session);
    bench.session.io = mem_disk_io(bench.test->disk);
    must(session_open(&bench.session, MEM_PATH, &test_err));
    assert_int_equal(bench.session.recno, 0);
    other_appends(&bench, "one");
    must(session_refresh(&bench.session, NULL, &test_err));
    assert_int_equal(bench.session.recno, 1);
    bench_close(&bench);
}

/* ---- Committing ---- */

static void what_is_staged_is_not_in_the_file_until_the_commit(void **state)
{
    struct bench bench;
    struct session_outcome outcome;
    capf_file *file;

    bench_open(&bench, state);
    stage_text(&bench, "six");
    stage_text(&bench, "");
    stage_set_meta(&bench.session.stage, "new", 3);
    file = mem_open_read(bench.test);
    assert_int_equal(capf_file_count(file), 5);
    capf_close(file);

    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_COMMITTED);
    assert_int_equal(outcome.first, 6);
    assert_int_equal(outcome.last, 7);
    assert_true(outcome.meta_changed);
    assert_true(stage_is_empty(&bench.session.stage));
    assert_int_equal(session_count(&bench.session), 7);
    assert_record(&bench, 6, "six");
    assert_record(&bench, 7, "");
    struct session_meta meta;
    must(session_meta(&bench.session, &meta, &test_err));
    assert_int_equal(meta.len, 3);
    assert_memory_equal(meta.head, "new", 3);
    bench_close(&bench);
}

static void cleared_metadata_is_none_after_the_commit(void **state)
{
    struct bench bench;
    struct session_outcome outcome;
    struct session_meta meta;

    bench_open(&bench, state);
    stage_clear_meta(&bench.session.stage);
    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_COMMITTED);
    assert_int_equal(outcome.first, 0);
    must(session_meta(&bench.session, &meta, &test_err));
    assert_false(meta.present);
    bench_close(&bench);
}

static void no_lock_is_held_while_a_person_thinks(void **state)
{
    struct bench bench;
    struct session_review review;

    bench_open(&bench, state);
    stage_text(&bench, "six");
    must(session_look(&bench.session, &review, &test_err));
    other_appends(&bench, "another's");
    bench_close(&bench);
}

static void a_file_that_changed_since_the_review_is_left_alone_and_the_change_is_said(void **state)
{
    struct bench bench;
    struct session_review review;
    struct session_outcome outcome;

    bench_open(&bench, state);
    stage_text(&bench, "mine");
    must(session_look(&bench.session, &review, &test_err));
    other_appends(&bench, "another's");
    assert_int_equal(commit(&bench, &review, &outcome), SESSION_CHANGED);
    assert_string_equal(outcome.changes,
                        "another process added 1 record meanwhile, it now ends at #6");
    assert_int_equal(bench.session.stage.count, 1);

    must(session_look(&bench.session, &review, &test_err));
    assert_int_equal(commit(&bench, &review, &outcome), SESSION_COMMITTED);
    assert_int_equal(outcome.first, 7);
    assert_record(&bench, 6, "another's");
    assert_record(&bench, 7, "mine");
    bench_close(&bench);
}

static void changed_metadata_is_a_change_too(void **state)
{
    struct bench bench;
    struct session_review review;
    struct session_outcome outcome;
    capf_file *file;

    bench_open(&bench, state);
    stage_text(&bench, "mine");
    must(session_look(&bench.session, &review, &test_err));
    file = mem_open_write(bench.test);
    must(capf_set_meta(file, "theirs", 6, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    assert_int_equal(commit(&bench, &review, &outcome), SESSION_CHANGED);
    assert_string_equal(outcome.changes,
                        "another process committed meanwhile; its metadata is another");
    bench_close(&bench);
}

static void a_replaced_file_is_a_change(void **state)
{
    struct bench bench;
    struct session_review review;
    struct session_outcome outcome;
    const struct capf_creation creation = {.how = CAPF_REPLACE};
    capf_file *file;

    bench_open(&bench, state);
    stage_text(&bench, "mine");
    must(session_look(&bench.session, &review, &test_err));
    must(capf_create(MEM_PATH, &creation, &bench.test->options, &file, NULL, &test_err));
    capf_close(file);
    assert_int_equal(commit(&bench, &review, &outcome), SESSION_CHANGED);
    assert_string_equal(outcome.changes, "the file was replaced by another of the same name");
    assert_int_equal(bench.session.stage.count, 1);
    bench_close(&bench);
}

static void a_locked_file_costs_nothing_that_is_staged(void **state)
{
    struct bench bench;
    struct session_outcome outcome;
    capf_file *holder;

    bench_open(&bench, state);
    stage_text(&bench, "mine");
    holder = mem_open_write(bench.test);
    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_FAILED);
    assert_int_equal(test_err.status, CAPF_LOCKED);
    assert_int_equal(bench.session.stage.count, 1);
    capf_close(holder);
    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_COMMITTED);
    assert_record(&bench, 6, "mine");
    bench_close(&bench);
}

static void a_full_disk_costs_nothing_that_is_staged(void **state)
{
    struct bench bench;
    struct session_outcome outcome;
    uint8_t *noise = test_bytes(3u << 20);
    size_t len;

    bench_open(&bench, state);
    test_fill(noise, 3u << 20, 1, 100);
    stage_text(&bench, "first");
    stage_add(&bench.session.stage, noise, 3u << 20, STAGE_TYPED, NULL);
    free(mem_disk_copy(bench.test->disk, MEM_PATH, &len));
    mem_disk_limits(bench.test->disk)->space = len;
    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_FAILED);
    assert_int_equal(test_err.status, CAPF_NO_SPACE);
    assert_int_equal(bench.session.stage.count, 2);
    assert_int_equal(session_count(&bench.session), 5);

    mem_disk_limits(bench.test->disk)->space = 0;
    assert_int_equal(commit(&bench, NULL, &outcome), SESSION_COMMITTED);
    assert_int_equal(session_count(&bench.session), 7);
    assert_record(&bench, 6, "first");
    bench_close(&bench);
    free(noise);
}

/* ---- Words ---- */

static void the_review_says_numbers_and_the_metadatas_difference(void **state)
{
    struct bench bench;
    struct session_review review;
    char text[SESSION_TEXT];

    bench_open(&bench, state);
    stage_text(&bench, "six");
    must(session_look(&bench.session, &review, &test_err));
    session_review_text(&bench.session, &review, text);
    assert_string_equal(text, "append 1 -> #6; cannot be undone");
    stage_text(&bench, "seven");
    stage_set_meta(&bench.session.stage, "n\033[31mew", 8);
    session_review_text(&bench.session, &review, text);
    assert_string_equal(text, "append 2 -> #6-#7; metadata: \"old\" -> \"n^[[31mew\"; "
                              "cannot be undone");
    stage_discard(&bench.session.stage);
    stage_clear_meta(&bench.session.stage);
    session_review_text(&bench.session, &review, text);
    assert_string_equal(text, "metadata: \"old\" -> none; cannot be undone");
    bench_close(&bench);
}

static void every_failure_comes_with_advice(void **state)
{
    (void)state;
    for (int status = CAPF_END; status <= CAPF_ARGUMENT; status++) {
        const struct capf_error err = {.status = (enum capf_status)status};

        assert_true(strlen(session_advice(&err)) > 5);
    }
}

#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(opening_shows_the_first_record_of_the_newest_state),
        SESSION_TEST(a_file_that_does_not_open_leaves_its_name),
        SESSION_TEST(a_refresh_shows_what_others_committed_and_stays_on_the_record),
        SESSION_TEST(the_first_record_of_an_empty_file_becomes_the_current_one),
        SESSION_TEST(what_is_staged_is_not_in_the_file_until_the_commit),
        SESSION_TEST(cleared_metadata_is_none_after_the_commit),
        SESSION_TEST(no_lock_is_held_while_a_person_thinks),
        SESSION_TEST(a_file_that_changed_since_the_review_is_left_alone_and_the_change_is_said),
        SESSION_TEST(changed_metadata_is_a_change_too),
        SESSION_TEST(a_replaced_file_is_a_change),
        SESSION_TEST(a_locked_file_costs_nothing_that_is_staged),
        SESSION_TEST(a_full_disk_costs_nothing_that_is_staged),
        SESSION_TEST(the_review_says_numbers_and_the_metadatas_difference),
        cmocka_unit_test(every_failure_comes_with_advice),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
