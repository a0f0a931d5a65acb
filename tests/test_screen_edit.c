/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Appending, metadata, commit and the guard before quitting, as a person does them, and what the
 * file then holds. No terminal.
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

static const char *path;

static void open_quickstart(struct script_term *term)
{
    path = scratch_path("demo.capture");
    fixture_to_file("quickstart", path);
    script_term_open(term, path, 14, 80);
}

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)

static uint64_t count_in_file(void)
{
    capf_file *file;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    uint64_t count = capf_file_count(file);
    capf_close(file);
    return count;
}

static void assert_record_in_file(uint64_t recno, const char *text)
{
    capf_file *file;
    struct capf_bytes record;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    must(capf_get(file, recno, &record, &test_err));
    assert_int_equal(record.len, strlen(text));
    assert_memory_equal(record.data, text, record.len);
    capf_close(file);
}

static void assert_meta_in_file(const char *text)
{
    capf_file *file;
    struct capf_bytes meta;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    must(capf_get_meta(file, &meta, &test_err));
    if (text == NULL)
        assert_null(meta.data);
    else
        assert_true(meta.len == strlen(text) && memcmp(meta.data, text, meta.len) == 0);
    capf_close(file);
}

static void append_is_refused_until_editing_is_on(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "a");
    assert_row(&term, -1, " read-only: E turns editing on");
    script_term_type(&term, "E");
    assert_non_null(strstr(script_term_row(&term, 0), "EDIT"));
    script_term_type(&term, "a");
    assert_row(&term, -1, " append:");
    script_term_type(&term, "\033");
    script_term_close(&term);
}

static void appended_lines_are_staged_until_an_empty_one(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone é漢\r--two 'x\r");
    assert_row(&term, -1, " append:");
    script_term_type(&term, "\r");
    assert_row(&term, 0,
               " demo.capture                                                5 records  EDIT +2");
    assert_row(&term, 6, "       + 1      9  one é漢");
    assert_row(&term, 7, ">      + 2      8  --two 'x");
    assert_row(&term, -2, " +2 of 2 staged  list  utf-8  EDIT +2");
    assert_int_equal(count_in_file(), 5);
    script_term_type(&term, "k\rx");
    assert_non_null(strstr(term.text, "00000000  6f 6e 65 20 c3 a9 e6 bc  a2"));
    script_term_close(&term);
}

static void commit_reviews_asks_and_appends(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\rtwo\r\rC");
    assert_non_null(strstr(term.text, "append 2 -> #6-#7; cannot be undone"));
    assert_int_equal(count_in_file(), 5);
    script_term_type(&term, "");
    assert_row(&term, -1, " not committed; everything is still staged");
    script_term_type(&term, "C" SCRIPT_PAUSE "y");
    assert_row(&term, -1, " committed 2 records: 6..7");
    assert_row(&term, -2, " 7 / 7  100%  list  utf-8  EDIT");
    assert_int_equal(count_in_file(), 7);
    assert_record_in_file(6, "one");
    assert_record_in_file(7, "two");
    script_term_close(&term);
}

static void no_is_the_default_and_the_question_explains_itself(void **state)
{
    (void)state;
    static const char *const refusals[] = {"n", "\r", "\033" SCRIPT_PAUSE, "\003", "\007", "?xn"};
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\r\r");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char keys[32] = "C" SCRIPT_PAUSE;
        strcat(keys, refusals[i]);
        script_term_type(&term, keys);
        assert_row(&term, -1, " not committed; everything is still staged");
    }
    script_term_type(&term, "C" SCRIPT_PAUSE "?");
    assert_non_null(strstr(term.text, "y does it for good"));
    assert_int_equal(count_in_file(), 5);
    script_term_close(&term);
}

static void what_was_typed_before_the_question_does_not_answer_it(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\r\rCy");
    assert_non_null(strstr(term.text, "cannot be undone"));
    script_term_type(&term, "C" SCRIPT_PAUSE "\033[200~y\r\033[201~");
    assert_non_null(strstr(term.text, "cannot be undone"));
    assert_int_equal(count_in_file(), 5);
    script_term_close(&term);
}

static void metadata_is_shown_edited_and_cleared(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    assert_non_null(strstr(script_term_type(&term, "M"), "== metadata == "));
    script_term_type(&term, "e");
    assert_row(&term, -1, " read-only: E turns editing on");
    script_term_type(&term, "Ee\001\013note: 'x' --set\r");
    assert_non_null(strstr(term.text, "== metadata, staged == 15 bytes"));
    assert_non_null(strstr(term.text, "\nnote: 'x' --set\n"));
    assert_non_null(strstr(script_term_row(&term, 0), "EDIT meta"));
    script_term_type(&term, "C" SCRIPT_PAUSE "y");
    assert_row(&term, -1, " committed metadata");
    assert_meta_in_file("note: 'x' --set");
    script_term_type(&term, "x");
    assert_non_null(strstr(term.text, "00000000  6e 6f 74 65"));
    script_term_type(&term, "X");
    assert_non_null(strstr(term.text, "(none)"));
    script_term_type(&term, "C" SCRIPT_PAUSE "y");
    assert_meta_in_file(NULL);
    script_term_close(&term);
}

static void an_empty_value_is_not_none(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "EMe\001\013\rC" SCRIPT_PAUSE "y");
    assert_non_null(strstr(term.text, "(an empty value)"));
    assert_meta_in_file("");
    script_term_close(&term);
}

static void q_with_staged_work_asks(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\r\rq");
    assert_non_null(strstr(term.text, "not committed: 1 record"));
    script_term_type(&term, "q" SCRIPT_PAUSE "s");
    assert_row(&term, -1, " everything is still staged");
    assert_false(term.loop.browser.ctx.quit);
    script_term_type(&term, "Qd");
    assert_false(term.loop.browser.ctx.quit);
    script_term_type(&term, "Q" SCRIPT_PAUSE "d");
    assert_true(term.loop.browser.ctx.quit);
    assert_int_equal(count_in_file(), 5);
    script_term_close(&term);
}

static void q_can_commit_first(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\r\rq" SCRIPT_PAUSE "c" SCRIPT_PAUSE "n");
    assert_false(term.loop.browser.ctx.quit);
    script_term_type(&term, ":q\r" SCRIPT_PAUSE "c" SCRIPT_PAUSE "y");
    assert_true(term.loop.browser.ctx.quit);
    assert_int_equal(count_in_file(), 6);
    script_term_close(&term);
}

static void q_without_staged_work_quits_at_once(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, "E\rqq");
    assert_true(term.loop.browser.ctx.quit);
    script_term_close(&term);
}

static void a_change_under_the_question_is_said_and_asked_again(void **state)
{
    (void)state;
    struct script_term term;
    capf_file *file;
    open_quickstart(&term);
    script_term_type(&term, "Eaone\r\r");
    must(capf_open(path, CAPF_WRITE, NULL, &file, &test_err));
    must(capf_append(file, "other", 5, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    script_term_type(&term, "C");
    assert_non_null(strstr(term.text, "append 1 -> #7"));
    script_term_type(&term, "C" SCRIPT_PAUSE "y");
    assert_record_in_file(6, "other");
    assert_record_in_file(7, "one");
    script_term_close(&term);
}

static void a_locked_file_keeps_everything_staged(void **state)
{
    (void)state;
    struct script_term term;
    capf_file *file;
    open_quickstart(&term);
    must(capf_open(path, CAPF_WRITE, NULL, &file, &test_err));
    script_term_type(&term, "Eaone\r\rC" SCRIPT_PAUSE "y");
    assert_non_null(strstr(term.loop.browser.message, "is still staged"));
    assert_non_null(strstr(script_term_row(&term, 0), "EDIT +1"));
    capf_close(file);
    script_term_type(&term, "C" SCRIPT_PAUSE "y");
    assert_int_equal(count_in_file(), 6);
    script_term_close(&term);
}

static void half_a_key_ends_a_search_in_the_prompt(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term);
    script_term_type(&term, ":goto 2\rg");
    assert_int_equal(term.loop.browser.list.selected, 1);
    script_term_type(&term, ":\022goto\030m\r"); /* C-r, and C-x before what is no key with it */
    assert_int_equal(term.loop.browser.list.selected, 2);
    script_term_close(&term);
}

static void refresh_takes_up_what_others_committed(void **state)
{
    (void)state;
    struct script_term term;
    capf_file *file;
    open_quickstart(&term);
    script_term_type(&term, "R");
    assert_row(&term, -1, " nothing new");
    script_term_type(&term, "Eamine\r\r");
    must(capf_open(path, CAPF_WRITE, NULL, &file, &test_err));
    must(capf_append(file, "theirs", 6, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    script_term_type(&term, "R");
    assert_row(&term, -1, " 1 new record");
    assert_row(&term, 6, "         6      6  theirs");
    assert_row(&term, 7, ">      + 1      4  mine"); /* the selection stays on its piece */
    script_term_close(&term);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_is_refused_until_editing_is_on),
        cmocka_unit_test(appended_lines_are_staged_until_an_empty_one),
        cmocka_unit_test(commit_reviews_asks_and_appends),
        cmocka_unit_test(no_is_the_default_and_the_question_explains_itself),
        cmocka_unit_test(what_was_typed_before_the_question_does_not_answer_it),
        cmocka_unit_test(metadata_is_shown_edited_and_cleared),
        cmocka_unit_test(an_empty_value_is_not_none),
        cmocka_unit_test(q_with_staged_work_asks),
        cmocka_unit_test(q_can_commit_first),
        cmocka_unit_test(q_without_staged_work_quits_at_once),
        cmocka_unit_test(a_change_under_the_question_is_said_and_asked_again),
        cmocka_unit_test(a_locked_file_keeps_everything_staged),
        cmocka_unit_test(half_a_key_ends_a_search_in_the_prompt),
        cmocka_unit_test(refresh_takes_up_what_others_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
