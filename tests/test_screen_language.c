/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Marks, bound keys, options, messages and another file, as a person meets them in the browser. No
 * terminal.
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

static void open_fixture(struct script_term *term, const char *name)
{
    const char *path = scratch_path("demo.capture");

    fixture_to_file(name, path);
    script_term_open(term, path, 14, 80);
}

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)
#define assert_shows(term, shown) assert_non_null(strstr((term)->text, shown))

static void marks_are_set_and_gone_to_with_two_keys(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "json-log");
    script_term_type(&term, "40\rm");
    assert_row(&term, -1, " m: Letter mark LETTER");
    script_term_type(&term, "a");
    assert_row(&term, -1, " mark a is on record 40");
    script_term_type(&term, "G'a");
    assert_int_equal(term.session.recno, 40);
    script_term_type(&term, "''");
    assert_int_not_equal(term.session.recno, 40);
    script_term_type(&term, "''");
    assert_int_equal(term.session.recno, 40);
    script_term_type(&term, ":goto 'a\r:mark b 7\r:marks\r");
    assert_shows(&term, "'a                   40");
    assert_shows(&term, "'b                    7");
    script_term_type(&term, "q'c");
    assert_row(&term, -1, " mark c is not set");
    script_term_type(&term, "mB");
    assert_row(&term, -1, " B is no mark: marks are a to z, and last until the program ends");
    script_term_type(&term, ":cat 'b..8\r");
    assert_non_null(term.loop.browser.page);
    script_term_close(&term);
}

static void what_is_staged_cannot_be_marked(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, "Eaone\r\rma");
    assert_row(&term, -1, " what is staged has no number yet: it can be marked after commit");
    script_term_close(&term);
}

static void keys_are_bound_and_their_help_follows(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, ":bind z goto 3\rz");
    assert_int_equal(term.session.recno, 3);
    script_term_type(&term, ":bind -c list ZZ goto 5\rZZ");
    assert_int_equal(term.session.recno, 5);
    script_term_type(&term, ":unbind z\rz");
    assert_row(&term, -1, " z means nothing here; ? shows the keys");
    script_term_type(&term, ":unbind ?\r");
    assert_null(strstr(script_term_row(&term, -1), "?:help"));
    script_term_type(&term, ":help keys\rG");
    assert_shows(&term, "redraw           everywhere: draw the screen anew");
    script_term_type(&term, "q:bind z gotoo 3\r");
    assert_row(&term, -1, " there is no command \"gotoo\"; did you mean \"goto\"?");
    script_term_close(&term);
}

static void options_change_what_is_shown(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, ":set view hex\r\r");
    assert_shows(&term, "00000000  ");
    script_term_type(&term, ":set view auto\r");
    assert_null(strstr(term.text, "00000000  "));
    script_term_type(&term, "x:set view\r");
    assert_shows(&term, " view     hex       auto | text | hex: how records are shown; auto goes");
    script_term_type(&term, "t:set nowrap\r");
    assert_false(term.loop.browser.record.wrap);
    script_term_type(&term, "w:set wrap\r");
    assert_shows(&term, "wrap     on ");
    script_term_type(&term, ":set keys less\rd");
    assert_int_equal(term.session.recno, 3); /* half of the rows that the split leaves */
    script_term_close(&term);
}

static void messages_are_kept_and_shown_the_last_first(void **state)
{
    struct script_term term;
    const char *first, *second;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, "9\r\033" SCRIPT_PAUSE "R");
    assert_row(&term, -1, " nothing new");
    script_term_type(&term, "m\033" SCRIPT_PAUSE "\033" SCRIPT_PAUSE "L"); /* hints are not kept */
    assert_null(strstr(term.text, "mark LETTER"));
    first = strstr(term.text, "  nothing new");
    second = strstr(term.text, "! no record 9 (last is 5)");
    assert_true(first && second && first < second);
    script_term_type(&term, "q");
    assert_null(term.loop.browser.page);
    for (int i = 0; i < MESSAGES_KEPT + 5; i++)
        script_term_type(&term, "R");
    assert_int_equal(term.session.messages.count, MESSAGES_KEPT);
    script_term_type(&term, "L");
    assert_null(strstr((char *)term.loop.browser.page->bytes, "no record 9"));
    script_term_close(&term);
}

static void what_a_message_quotes_cannot_act_on_the_terminal(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    messages_add(&term.session.messages, "a\033[2J\nb", true);
    script_term_type(&term, "L");
    assert_shows(&term, "! a^[[2J^Jb");
    script_term_close(&term);
}

static void another_file_is_opened_from_the_start(void **state)
{
    struct script_term term;
    char line[SCRATCH_PATH + 20];

    (void)state;
    open_fixture(&term, "json-log");
    fixture_to_file("quickstart", scratch_path("other.capture"));
    snprintf(line, sizeof line, ":open %s\r", scratch_path("other.capture"));
    script_term_type(&term, "30\rma\rJ");
    script_term_type(&term, line);
    assert_row(&term, 0,
               " other.capture                                                    5 records  RO");
    assert_row(&term, -2, " 1 / 5  20%  list  utf-8  RO");
    script_term_type(&term, "'a");
    assert_row(&term, -1, " mark a is not set");
    script_term_type(&term, "[");
    assert_row(&term, -1, " no jump to go back to");
    script_term_type(&term, "\r");
    assert_shows(&term, "Hey this is my record 1");
    script_term_close(&term);
}

static void a_file_that_does_not_open_leaves_the_one_that_is_open(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, "3\rma:open /nonexistent/x.capture\r");
    assert_shows(&term, "/nonexistent/x.capture: ");
    script_term_type(&term, "G'a");
    assert_int_equal(term.session.recno, 3);
    script_term_close(&term);
}

static void a_file_with_staged_work_is_not_left(void **state)
{
    struct script_term term;

    (void)state;
    open_fixture(&term, "quickstart");
    script_term_type(&term, "Eaone\r\r:open other.capture\r");
    assert_row(&term, -1, " something is staged: commit or discard it first");
    assert_row(&term, 0,
               " demo.capture                                                5 records  EDIT +1");
    script_term_close(&term);
}

static int end(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_set_and_gone_to_with_two_keys),
        cmocka_unit_test(what_is_staged_cannot_be_marked),
        cmocka_unit_test(keys_are_bound_and_their_help_follows),
        cmocka_unit_test(options_change_what_is_shown),
        cmocka_unit_test(messages_are_kept_and_shown_the_last_first),
        cmocka_unit_test(what_a_message_quotes_cannot_act_on_the_terminal),
        cmocka_unit_test(another_file_is_opened_from_the_start),
        cmocka_unit_test(a_file_that_does_not_open_leaves_the_one_that_is_open),
        cmocka_unit_test(a_file_with_staged_work_is_not_left),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, end) != 0;
}
