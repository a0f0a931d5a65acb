/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list as a person sees it: keys go in, the screen's text is compared. No terminal. */
#include "tests/support/test.h"

#include <locale.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

static void open_fixture(struct script_term *term, const char *name, unsigned rows, unsigned cols)
{
    const char *path = scratch_path("demo.capture");
    fixture_to_file(name, path);
    script_term_open(term, path, rows, cols);
}

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)

static void list_shows_numbers_sizes_and_previews(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 10, 80);
    assert_string_equal(
        script_term_type(&term, "j"),
        " demo.capture                                                     5 records  RO\n"
        "         1     23  Hey this is my record 1\n"
        ">        2     23  Hey this is my record 2\n"
        "         3     23  Hey this is my record 3\n"
        "         4     23  Hey this is my record 4\n"
        "         5     23  Hey this is my record 5\n"
        "\n"
        "\n"
        " 2 / 5  40%  list  utf-8  RO\n"
        " ?:help  ::command  Enter:open  q:quit  a:append\n");
    script_term_close(&term);
}

static void list_of_a_trillion_records_is_there_at_once(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "huge", 8, 80);
    assert_row(&term, 0,
               " demo.capture                                     1,234,567,890,123 records  RO");
    assert_row(&term, 1, ">                 1     18  0 = (n-1) mod 1009");
    assert_row(&term, -2, " 1 / 1,234,567,890,123  <0.0001%  list  utf-8  RO");
    script_term_type(&term, "1000000000000\r");
    assert_row(&term, -2, " 1,000,000,000,000 / 1,234,567,890,123  81%  list  utf-8  RO");
    assert_row(&term, 3, "> 1,000,000,000,000     20  506 = (n-1) mod 1009");
    script_term_type(&term, "50%");
    assert_row(&term, -2, " 617,283,945,061 / 1,234,567,890,123  49%  list  utf-8  RO");
    script_term_type(&term, "[");
    assert_row(&term, -2, " 1,000,000,000,000 / 1,234,567,890,123  81%  list  utf-8  RO");
    script_term_type(&term, "]");
    assert_row(&term, -2, " 617,283,945,061 / 1,234,567,890,123  49%  list  utf-8  RO");
    script_term_type(&term, "G");
    assert_row(&term, -2, " 1,234,567,890,123 / 1,234,567,890,123  100%  list  utf-8  RO");
    script_term_type(&term, "''");
    assert_row(&term, -2, " 617,283,945,061 / 1,234,567,890,123  49%  list  utf-8  RO");
    script_term_close(&term);
}

static void list_on_a_narrow_screen_is_terse(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "json-log", 12, 40);
    script_term_type(&term, "1234\r");
    assert_row(&term, 0, " demo.capture          5000 records  RO");
    assert_row(&term, 5, ">1234  126 {\"ts\":\"2026-03-03T10:34:58.23");
    assert_row(&term, -2, " 1234  24%  list  RO");
    assert_row(&term, -1, " ?:help  ::command  Enter:open  q:quit");
    script_term_close(&term);
}

static void sizes_are_short_where_columns_are(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "sizes", 30, 40);
    const char *text = script_term_type(&term, "");
    assert_non_null(strchr(text, 'K'));
    assert_null(strchr(text, ','));
    text = script_term_resize(&term, 30, 80);
    assert_non_null(strchr(text, ','));
    script_term_close(&term);
}

static void binary_records_preview_as_hex(void **state)
{
    (void)state;
    struct script_term term;
    const char *path = scratch_path("made.capture");
    capf_file *file;
    must(capf_create(path, NULL, NULL, &file, NULL, &test_err));
    must(capf_append(file, "\177ELF\2\1\1\0\0", 9, NULL, &test_err));
    must(capf_append(file, "a\tb\n\033[31m\xe2\x80\xae", 12, NULL, &test_err));
    must(capf_append(file, "", 0, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    script_term_open(&term, path, 8, 80);
    assert_row(&term, 1, ">        1      9  7f 45 4c 46 02 01 01 00 00");
    assert_row(&term, 2, "         2     12  a^Ib^J^[[31m<U+202E>");
    assert_row(&term, 3, "         3      0");
    script_term_close(&term);
}

static void an_empty_file_says_how_to_append(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "empty", 10, 80);
    assert_row(&term, 1, " There are no records yet.");
    assert_row(&term, 2, " E turns editing on, a appends a record, C commits it.");
    assert_row(&term, -2, " 0 / 0  0%  list  utf-8  RO");
    static const char *const keys[] = {"j", "k", "G",  "g",  " ", "b", "\r", "x",
                                       "t", "w", "\t", "5j", "[", "]", "''"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        script_term_type(&term, keys[i]);
    script_term_type(&term, "1\r");
    assert_row(&term, -1, " no record 1 (there are none yet)");
    script_term_close(&term);
}

static void digits_open_a_prompt_and_a_number_past_the_end_does_not_move(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 10, 80);
    script_term_type(&term, "j9");
    assert_row(&term, -1, " record: 9");
    script_term_type(&term, "\r");
    assert_row(&term, -1, " no record 9 (last is 5)");
    assert_row(&term, -2, " 2 / 5  40%  list  utf-8  RO");
    script_term_type(&term, "0\r");
    assert_row(&term, -1, " records start at 1");
    script_term_type(&term, "4q");
    assert_row(&term, -1, " record: 4");
    assert_row(&term, -2, " q takes no number; Enter goes to the record, Esc forgets it");
    script_term_type(&term, "G");
    assert_row(&term, -2, " 4 / 5  80%  list  utf-8  RO");
    script_term_type(&term, "2k");
    assert_row(&term, -2, " 2 / 5  40%  list  utf-8  RO");
    script_term_type(&term, "+3\r");
    assert_row(&term, -2, " 5 / 5  100%  list  utf-8  RO");
    script_term_type(&term, "12\033");
    assert_row(&term, -1, " ?:help  ::command  Enter:open  q:quit  a:append");
    script_term_close(&term);
}

static void keys_of_the_list_move_as_in_less_and_vi(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *status;
    } steps[] = {
        {"j", " 2 / 5,000  0.04%  list  utf-8  RO"},
        {"\033[B", " 3 / 5,000  0.06%  list  utf-8  RO"},
        {"k\033[A", " 1 / 5,000  0.02%  list  utf-8  RO"},
        {" ", " 8 / 5,000  0.16%  list  utf-8  RO"},
        {"f\033[6~", " 22 / 5,000  0.44%  list  utf-8  RO"},
        {"b\033[5~", " 8 / 5,000  0.16%  list  utf-8  RO"},
        {"\004", " 11 / 5,000  0.22%  list  utf-8  RO"},
        {"\025", " 8 / 5,000  0.16%  list  utf-8  RO"},
        {">", " 5,000 / 5,000  100%  list  utf-8  RO"},
        {"<", " 1 / 5,000  0.02%  list  utf-8  RO"},
        {"\033[F", " 5,000 / 5,000  100%  list  utf-8  RO"},
        {"\033[H", " 1 / 5,000  0.02%  list  utf-8  RO"},
        {"3 ", " 22 / 5,000  0.44%  list  utf-8  RO"},
        {"99999999999999999999j", " 5,000 / 5,000  100%  list  utf-8  RO"},
    };
    struct script_term term;
    open_fixture(&term, "json-log", 10, 80);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        script_term_type(&term, steps[i].keys);
        assert_row(&term, -2, steps[i].status);
    }
    script_term_type(&term, "j");
    assert_row(&term, -1, " this is the last record");
    script_term_close(&term);
}

static void an_unknown_key_says_so_once(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 10, 80);
    script_term_type(&term, "z");
    assert_row(&term, -1, " z means nothing here; ? shows the keys");
    script_term_type(&term, "j");
    assert_row(&term, -1, " ?:help  ::command  Enter:open  q:quit  a:append");
    script_term_type(&term, "\033[57~");
    assert_row(&term, -1, " that key means nothing here; ? shows the keys");
    script_term_type(&term, "\003");
    assert_row(&term, -1, " q quits");
    script_term_close(&term);
}

static void a_warning_about_the_file_has_a_line(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "torn-newest", 10, 80);
    assert_memory_equal(script_term_row(&term, 1), " warning: ", 10);
    assert_int_equal(script_term_row(&term, 2)[0], '>');
    script_term_close(&term);
}

static void every_size_of_screen_is_survived_and_the_record_stays(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {{1, 2},  {1, 1},  {2, 2},    {3, 5},     {4, 10},
                                        {5, 80}, {6, 20}, {50, 200}, {100, 300}, {12, 40}};
    static const char *const views[] = {"", "\r", "\r", "x", "?", "q", "M", "q"};
    struct script_term term;
    open_fixture(&term, "json-log", 24, 80);
    script_term_type(&term, "1234\r");
    for (size_t view = 0; view < sizeof views / sizeof views[0]; view++) {
        script_term_type(&term, views[view]);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            script_term_resize(&term, sizes[i][0], sizes[i][1]);
    }
    script_term_resize(&term, 24, 80);
    assert_non_null(strstr(script_term_row(&term, -2), "1,234 / 5,000"));
    script_term_close(&term);
}

static void the_wide_screen_has_the_record_beside_the_list(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 50, 200);
    script_term_type(&term, "\r");
    const char *row = script_term_row(&term, 1);
    assert_non_null(strstr(row, ">        1     23  Hey this is my record 1"));
    assert_non_null(strstr(row, "|-- 23 bytes -- text -- text ---"));
    assert_non_null(strstr(script_term_row(&term, 2), "|Hey this is my record 1"));
    script_term_close(&term);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_shows_numbers_sizes_and_previews),
        cmocka_unit_test(list_of_a_trillion_records_is_there_at_once),
        cmocka_unit_test(list_on_a_narrow_screen_is_terse),
        cmocka_unit_test(sizes_are_short_where_columns_are),
        cmocka_unit_test(binary_records_preview_as_hex),
        cmocka_unit_test(an_empty_file_says_how_to_append),
        cmocka_unit_test(digits_open_a_prompt_and_a_number_past_the_end_does_not_move),
        cmocka_unit_test(keys_of_the_list_move_as_in_less_and_vi),
        cmocka_unit_test(an_unknown_key_says_so_once),
        cmocka_unit_test(a_warning_about_the_file_has_a_line),
        cmocka_unit_test(every_size_of_screen_is_survived_and_the_record_stays),
        cmocka_unit_test(the_wide_screen_has_the_record_beside_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
