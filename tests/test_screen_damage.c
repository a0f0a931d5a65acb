/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Damage as a person sees it in the browser: rows, the reason, and the way from one place to the next. */
#include "tests/support/test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/damaged.h"
#include "tests/support/fixture.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

static const char *path;

static void open_damaged(struct script_term *term, unsigned rows, unsigned cols)
{
    path = scratch_path("demo.capture");
    damaged_fixture("json-log", path, (const uint64_t[]){DAMAGED_BLOCK_1, 0});
    script_term_open(term, path, rows, cols);
}

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)

/* ---- Rows and reasons ---- */

static void a_record_that_cannot_be_read_is_a_row_that_names_its_block(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 24, 80);
    script_term_type(&term, "704\r");
    assert_non_null(strstr(script_term_row(&term, 11), ">      704    119  {\"ts\""));
    assert_row(&term, 12, "       705         <damaged: block 109,263>");
    assert_row(&term, 21, "       714         <damaged: block 109,263>");
    script_term_type(&term, "958\r");
    assert_row(&term, 10, "       957         <damaged: block 109,263>");
    assert_non_null(strstr(script_term_row(&term, 11), ">      958    1"));
    script_term_close(&term);
}

static void a_narrow_list_names_the_block_too(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 12, 40);
    script_term_type(&term, "705\r");
    assert_row(&term, 5, "> 705      <damaged: block 109263>");
    script_term_close(&term);
}

static void the_record_view_says_what_where_and_what_to_do(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 24, 80);
    script_term_type(&term, "705\r\r");
    assert_non_null(strstr(script_term_row(&term, 11), "-- damaged ----"));
    assert_row(&term, 12,
               "This record cannot be read: damaged block at 109263: its 7747 compressed bytes");
    assert_row(&term, 13, "do not inflate.");
    assert_row(&term, 14, "Lost with block 109,263: records 705..957.");
    assert_row(&term, 15,
               ":verify lists all damage in the file, :salvage copies what can be read to a new");
    assert_row(&term, 16, "file. } and { go to the next damage and the one before.");
    script_term_type(&term, "704\r");
    assert_null(strstr(term.text, "cannot be read"));
    script_term_close(&term);
}

static void on_a_narrow_screen_the_reason_takes_more_rows(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 12, 40);
    script_term_type(&term, "705\r\r\r");
    assert_row(&term, 1, "== damaged =============================");
    assert_row(&term, 2, "This record cannot be read: damaged");
    assert_row(&term, 3, "block at 109263: its 7747 compressed");
    assert_row(&term, 4, "bytes do not inflate.");
    assert_row(&term, 5, "Lost with block 109,263: records");
    assert_row(&term, 6, "705..957.");
    assert_row(&term, 9, "new file. } and { go to the next damage");
    script_term_resize(&term, 5, 20);
    script_term_resize(&term, 1, 2);
    script_term_close(&term);
}

/* What was read of it stays in the lower half. */
static void a_long_record_that_fails_late_is_shown_with_the_reason(void **state)
{
    (void)state;
    struct script_term term;
    path = scratch_path("long.capture");
    damaged_long(path);
    script_term_open(&term, path, 24, 80);
    script_term_type(&term, "4\r\r\rx");
    assert_non_null(strstr(script_term_row(&term, 2), "00000000"));
    script_term_type(&term, "G");
    assert_non_null(strstr(script_term_row(&term, 2), "The record cannot be read to its end: "));
    script_term_type(&term, "5\r");
    assert_null(strstr(term.text, "cannot be read"));
    script_term_close(&term);
}

/* ---- From one place to the next ---- */

static void braces_go_to_the_next_damage_and_the_one_before(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 24, 80);
    script_term_type(&term, "}");
    assert_row(&term, -2, " 705 / 5,000  14%  list  utf-8  RO");
    assert_row(&term, -1, " 253 records cannot be read: 705..957");
    script_term_type(&term, "}");
    assert_row(&term, -2, " 705 / 5,000  14%  list  utf-8  RO");
    assert_row(&term, -1, " no damage after record 705");
    script_term_type(&term, "{");
    assert_row(&term, -1, " no damage before record 705");
    script_term_type(&term, "800\r{");
    assert_row(&term, -2, " 705 / 5,000  14%  list  utf-8  RO");
    script_term_type(&term, "G{");
    assert_row(&term, -2, " 705 / 5,000  14%  list  utf-8  RO");
    script_term_type(&term, "[");
    assert_row(&term, -2, " 5,000 / 5,000  100%  list  utf-8  RO");
    script_term_type(&term, "}");
    assert_row(&term, -1, " no damage after record 5000");
    script_term_type(&term, ":next-damage 900\r");
    assert_row(&term, -2, " 900 / 5,000  18%  list  utf-8  RO");
    script_term_type(&term, "5}");
    assert_row(&term, -2, " } takes no number; Enter goes to the record, Esc forgets it");
    script_term_close(&term);
}

static void the_record_view_goes_along(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 24, 80);
    script_term_type(&term, "\r\r}");
    assert_non_null(strstr(script_term_row(&term, 2), "This record cannot be read: "));
    assert_row(&term, -2, " 705 / 5,000  14%  @0x0  text  utf-8  RO");
    script_term_close(&term);
}

static void what_is_staged_stands_behind_all_damage(void **state)
{
    (void)state;
    struct script_term term;
    open_damaged(&term, 12, 80);
    script_term_type(&term, "Eaone\r\r");
    script_term_type(&term, "}");
    assert_row(&term, -1, " no damage after record 5000");
    script_term_type(&term, "{");
    assert_row(&term, -2, " 705 / 5,000  14%  list  utf-8  EDIT +1");
    script_term_close(&term);
}

static void a_cut_file_has_a_warning_and_rows_for_what_is_lost(void **state)
{
    (void)state;
    struct script_term term;
    path = scratch_path("cut.capture");
    damaged_cut("json-log", path, 146016);
    script_term_open(&term, path, 12, 80);
    assert_row(&term, 1, " warning: cut: 91552 bytes missing at the end of the file");
    script_term_type(&term, "}}");
    assert_row(&term, -2, " 2,049 / 5,000  40%  list  utf-8  RO");
    assert_row(&term, 6, ">    2,049         <damaged: block 179,340>");
    script_term_type(&term, "j");
    assert_row(&term, -2, " 2,050 / 5,000  41%  list  utf-8  RO");
    script_term_type(&term, "G");
    assert_non_null(strstr(script_term_row(&term, 9), ">    5,000    1"));
    script_term_close(&term);
}

static void an_empty_file_has_no_damage(void **state)
{
    (void)state;
    struct script_term term;
    fixture_to_file("empty", scratch_path("empty.capture"));
    script_term_open(&term, scratch_path("empty.capture"), 10, 80);
    script_term_type(&term, "}");
    assert_row(&term, -1, " no damage after record 0");
    script_term_type(&term, "{");
    assert_row(&term, -1, " no damage before record 0");
    script_term_close(&term);
}

/* ---- Stopping ---- */

/* A trillion good records: it would go on for hours. The script's terminal has a C-c to read as
 * soon as the search asks. */
static struct event read_stop(void *ctx, int timeout_ms)
{
    (void)ctx, (void)timeout_ms;
    return (struct event){.kind = EVENT_KEY, .key = K_CTRL_C};
}

static struct event (*read_script)(void *ctx, int timeout_ms);

static struct event read_stop_while_searching(void *ctx, int timeout_ms)
{
    return timeout_ms == 0 ? read_stop(ctx, timeout_ms) : read_script(ctx, timeout_ms);
}

static void a_search_among_a_trillion_records_shows_how_far_and_stops(void **state)
{
    (void)state;
    struct script_term term;
    fixture_to_file("huge", scratch_path("huge.capture"));
    script_term_open(&term, scratch_path("huge.capture"), 10, 80);
    read_script = term.terminal.read;
    term.terminal.read = read_stop_while_searching;
    script_term_type(&term, "}");
    assert_non_null(strstr(script_term_row(&term, -1), " stopped at record "));
    assert_non_null(strstr(script_term_row(&term, -1), "; :next-damage "));
    assert_row(&term, -2, " 1 / 1,234,567,890,123  <0.0001%  list  utf-8  RO");
    script_term_type(&term, "G{");
    assert_non_null(strstr(script_term_row(&term, -1), "; :prev-damage 1234"));
    script_term_close(&term);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_that_cannot_be_read_is_a_row_that_names_its_block),
        cmocka_unit_test(a_narrow_list_names_the_block_too),
        cmocka_unit_test(the_record_view_says_what_where_and_what_to_do),
        cmocka_unit_test(on_a_narrow_screen_the_reason_takes_more_rows),
        cmocka_unit_test(a_long_record_that_fails_late_is_shown_with_the_reason),
        cmocka_unit_test(braces_go_to_the_next_damage_and_the_one_before),
        cmocka_unit_test(the_record_view_goes_along),
        cmocka_unit_test(what_is_staged_stands_behind_all_damage),
        cmocka_unit_test(a_cut_file_has_a_warning_and_rows_for_what_is_lost),
        cmocka_unit_test(an_empty_file_has_no_damage),
        cmocka_unit_test(a_search_among_a_trillion_records_shows_how_far_and_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
