/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record view, pages and the prompt for commands, as a person sees them. No terminal. */
#include "tests/support/test.h"

#include <locale.h>
#include <stdlib.h>
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

/* A capture file of these records, browsed. */
static void open_records(struct script_term *term, const char *const *records, unsigned rows,
                         unsigned cols)
{
    const char *path = scratch_path("made.capture");
    struct capf_creation creation = {.how = CAPF_REPLACE};
    capf_file *file;
    must(capf_create(path, &creation, NULL, &file, NULL, &test_err));
    for (; *records != NULL; records++)
        must(capf_append(file, *records, strlen(*records), NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    script_term_open(term, path, rows, cols);
}

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)

static void enter_opens_a_split_and_again_the_whole(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 12, 80);
    assert_string_equal(
        script_term_type(&term, "\r"),
        " demo.capture                                                     5 records  RO\n"
        ">        1     23  Hey this is my record 1\n"
        "         2     23  Hey this is my record 2\n"
        "         3     23  Hey this is my record 3\n"
        "         4     23  Hey this is my record 4\n"
        "-- 23 bytes -- text -- text ----------------------------------------------------\n"
        "Hey this is my record 1\n"
        "\n"
        "\n"
        "\n"
        " 1 / 5  20%  @0x0  text  utf-8  RO\n"
        " ?:help  ::command  Enter:open  q:back  a:append\n");
    assert_string_equal(
        script_term_type(&term, "jx"),
        " demo.capture                                                     5 records  RO\n"
        "         1     23  Hey this is my record 1\n"
        ">        2     23  Hey this is my record 2\n"
        "         3     23  Hey this is my record 3\n"
        "         4     23  Hey this is my record 4\n"
        "-- 23 bytes -- text -- hex -----------------------------------------------------\n"
        "00000000  48 65 79 20 74 68 69 73  20 69 73 20 6d 79 20 72  |Hey this is my r|\n"
        "00000010  65 63 6f 72 64 20 32                              |ecord 2|\n"
        "\n"
        "\n"
        " 2 / 5  40%  @0x0  hex  utf-8  RO\n"
        " ?:help  ::command  Enter:open  q:back  a:append\n");
    script_term_type(&term, "\r");
    assert_row(&term, 1,
               "== 23 bytes == text == hex =========================================="
               "===========");
    script_term_type(&term, "qq");
    assert_row(&term, -2, " 2 / 5  40%  list  utf-8  RO");
    script_term_close(&term);
}

static void the_byte_under_the_cursor_stays_from_hex_to_text(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 12, 80);
    script_term_type(&term, "\r\rx\033[Blll");
    assert_row(&term, -2, " 1 / 5  20%  @0x13  hex  utf-8  RO");
    script_term_type(&term, "t");
    assert_row(&term, -2, " 1 / 5  20%  @0x13  text  utf-8  RO");
    script_term_type(&term, "h");
    assert_row(&term, -2, " 1 / 5  20%  @0x12  text  utf-8  RO");
    script_term_type(&term, "G");
    assert_row(&term, -2, " 1 / 5  20%  @0x16  text  utf-8  RO");
    script_term_type(&term, "g");
    assert_row(&term, -2, " 1 / 5  20%  @0x0  text  utf-8  RO");
    script_term_close(&term);
}

static void next_and_previous_record_keep_the_offset(void **state)
{
    (void)state;
    static const char *const records[] = {"0123456789", "abc", "ABCDEFGHIJ", NULL};
    struct script_term term;
    open_records(&term, records, 12, 80);
    script_term_type(&term, "\r\rlllll");
    assert_row(&term, -2, " 1 / 3  33%  @0x5  text  utf-8  RO");
    script_term_type(&term, "J");
    assert_row(&term, -2, " 2 / 3  66%  @0x2  text  utf-8  RO");
    script_term_type(&term, "J");
    assert_row(&term, -2, " 3 / 3  100%  @0x5  text  utf-8  RO");
    script_term_type(&term, "2K");
    assert_row(&term, -2, " 1 / 3  33%  @0x5  text  utf-8  RO");
    script_term_type(&term, "2\r");
    assert_row(&term, -2, " 2 / 3  66%  @0x0  text  utf-8  RO");
    script_term_close(&term);
}

static void long_lines_wrap_or_are_seen_sideways(void **state)
{
    (void)state;
    static const char *const records[] = {"0123456789abcdefghijklmnopqrstuvwxyz\nsecond", NULL};
    struct script_term term;
    open_records(&term, records, 9, 20);
    script_term_type(&term, "\r\r");
    assert_row(&term, 2, "0123456789abcdefghij");
    assert_row(&term, 3, "klmnopqrstuvwxyz");
    assert_row(&term, 4, "second");
    script_term_type(&term, "w");
    assert_row(&term, 2, "0123456789abcdefghij");
    assert_row(&term, 3, "second");
    script_term_type(&term, "l");
    assert_row(&term, 2, "89abcdefghijklmnopqr");
    script_term_type(&term, "h");
    assert_row(&term, 2, "0123456789abcdefghij");
    script_term_close(&term);
}

static void tab_goes_to_the_other_pane(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 12, 80);
    script_term_type(&term, "\r\tlll");
    assert_row(&term, -2, " 1 / 5  20%  @0x3  text  utf-8  RO");
    assert_memory_equal(script_term_row(&term, 5), "== 23 bytes ==", 14);
    script_term_type(&term, "\tj");
    assert_row(&term, -2, " 2 / 5  40%  @0x0  text  utf-8  RO");
    script_term_close(&term);
}

static void offsets_are_typed_at_the_prompt(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 12, 80);
    script_term_type(&term, "\r@0x10\r");
    assert_row(&term, -2, " 1 / 5  20%  @0x10  text  utf-8  RO");
    script_term_type(&term, "@50%\r");
    assert_row(&term, -2, " 1 / 5  20%  @0xb  text  utf-8  RO");
    script_term_type(&term, "@$\r");
    assert_row(&term, -2, " 1 / 5  20%  @0x16  text  utf-8  RO");
    script_term_type(&term, "@-6\r");
    assert_row(&term, -2, " 1 / 5  20%  @0x10  text  utf-8  RO");
    script_term_type(&term, "@99\r");
    assert_row(&term, -1, " no byte 99 (there are 23)");
    script_term_type(&term, "@nine\r");
    assert_non_null(strstr(term.text, "\"nine\" is no offset"));
    script_term_close(&term);
}

static void help_lists_the_keys_of_the_view(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 24, 80);
    const char *text = script_term_type(&term, "?");
    assert_non_null(strstr(text, "== keys of the list ==="));
    assert_non_null(strstr(text, "j Down            next"));
    text = script_term_type(&term, "q\r\r\033OP");
    assert_non_null(strstr(text, "== keys of the record view ==="));
    assert_non_null(strstr(text, "j Down            down"));
    script_term_type(&term, "qq");
    assert_row(&term, -2, " 1 / 5  20%  @0x0  text  utf-8  RO");
    script_term_close(&term);
}

static void the_prompt_runs_commands_and_explains_them(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 24, 80);
    script_term_type(&term, ":goto");
    assert_row(&term, -1, " :goto");
    assert_row(&term, -2, " goto POSITION: go to a record");
    script_term_type(&term, " 4\r");
    assert_row(&term, -2, " 4 / 5  80%  list  utf-8  RO");
    script_term_type(&term, ":gto 4\r");
    assert_row(&term, -1, " there is no command \"gto\"; did you mean \"goto\"?");
    script_term_type(&term, ":info\r");
    assert_memory_equal(script_term_row(&term, 1), "== info ===", 11);
    assert_non_null(strstr(term.text, "records"));
    script_term_type(&term, "q:goto 2\033");
    assert_row(&term, -2, " 4 / 5  80%  list  utf-8  RO");
    script_term_type(&term, ":\033[A\033[A\r"); /* the history: gto, goto */
    script_term_type(&term, ":\001\013goto 1\r");
    assert_row(&term, -2, " 1 / 5  20%  list  utf-8  RO");
    script_term_close(&term);
}

static void tab_completes_command_names(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 24, 80);
    script_term_type(&term, ":got\t");
    assert_row(&term, -1, " :goto");
    script_term_type(&term, "3\r");
    assert_row(&term, -2, " 3 / 5  60%  list  utf-8  RO");
    script_term_type(&term, ":page\t");
    assert_row(&term, -1, " :page-");
    assert_row(&term, -2, " page-down  page-up");
    script_term_type(&term, "\003");
    assert_row(&term, -2, " 3 / 5  60%  list  utf-8  RO");
    script_term_close(&term);
}

static void a_long_line_scrolls_in_the_prompt(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 10, 30);
    script_term_type(&term, ":append 漢字漢字漢字漢字漢字漢字漢字漢字漢字 end");
    assert_non_null(strstr(script_term_row(&term, -1), "漢字 end"));
    script_term_type(&term, "\001");
    assert_row(&term, -1, " :append 漢字漢字漢字漢字漢字");
    script_term_type(&term, "\033");
    script_term_close(&term);
}

static void a_pasted_block_runs_nothing(void **state)
{
    (void)state;
    struct script_term term;
    open_fixture(&term, "quickstart", 10, 80);
    script_term_type(&term, "\033[200~j\rj\r:quit\r\033[201~");
    assert_row(&term, -1, " pasted text is taken at a prompt: a or : opens one");
    assert_row(&term, -2, " 1 / 5  20%  list  utf-8  RO");
    script_term_type(&term, ":\033[200~goto 4\rquit\r\033[201~");
    assert_row(&term, -1, " :goto 4 quit");
    script_term_type(&term, "\033");
    script_term_close(&term);
}

static void an_unreadable_record_is_a_row_that_says_so(void **state)
{
    (void)state;
    const char *path = scratch_path("demo.capture");
    struct script_term term;
    size_t len;
    fixture_to_file("json-log", path);
    uint8_t *bytes = scratch_read(path, &len);
    memset(bytes + 5 * 4096 + 2 * 32768 + 200, 0x55, 64); /* inside the first block */
    scratch_write(path, bytes, len);
    free(bytes);
    script_term_open(&term, path, 12, 80);
    assert_non_null(strstr(script_term_row(&term, 1), "<damaged: "));
    script_term_type(&term, "\r");
    assert_non_null(strstr(script_term_row(&term, 6), "cannot be read: "));
    script_term_type(&term, "x");
    script_term_type(&term, "G");
    assert_null(strstr(script_term_row(&term, 4), "<damaged: "));
    script_term_close(&term);
}

/* Whatever is typed, at whatever size: it goes on, and the state line is true. */
static void a_random_walk_goes_on(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "j",         "k",
        "G",         "g",
        " ",         "b",
        "\r",        "q",
        "x",         "t",
        "w",         "\t",
        "l",         "h",
        "J",         "K",
        "[",         "]",
        "''",        "?",
        "M",         "E",
        "a",         "C",
        "n",         "1",
        "9",         "%",
        "\033",      "\003",
        ":goto 3\r", "@9\r",
        "R",         ":info\r",
        "text\r",    "\033[6~",
        "\033[B",    "\033[200~x\ny\033[201~",
        "e",         "X",
        "\004",      "\025",
        "z",         "\xff",
        "\f",
    };
    struct script_term term;
    uint64_t seed = test_seed(11);
    open_fixture(&term, "binary", 24, 80);
    for (unsigned step = 0; step < test_scaled(3000); step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned pick = (unsigned)(seed >> 33);
        if (pick % 40 == 0)
            script_term_resize(&term, 1 + pick / 40 % 60, 1 + pick / 2400 % 200);
        else
            script_term_type(&term, keys[pick % (sizeof keys / sizeof keys[0])]);
        const struct listmodel *list = &term.loop.browser.list;
        assert_true(list->selected >= 1 && list->selected <= list->count);
        assert_int_equal(list->count, session_count(&term.session) + term.session.stage.count);
        term.loop.browser.ctx.quit = false;
    }
    script_term_close(&term);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enter_opens_a_split_and_again_the_whole),
        cmocka_unit_test(the_byte_under_the_cursor_stays_from_hex_to_text),
        cmocka_unit_test(next_and_previous_record_keep_the_offset),
        cmocka_unit_test(long_lines_wrap_or_are_seen_sideways),
        cmocka_unit_test(tab_goes_to_the_other_pane),
        cmocka_unit_test(offsets_are_typed_at_the_prompt),
        cmocka_unit_test(help_lists_the_keys_of_the_view),
        cmocka_unit_test(the_prompt_runs_commands_and_explains_them),
        cmocka_unit_test(tab_completes_command_names),
        cmocka_unit_test(a_long_line_scrolls_in_the_prompt),
        cmocka_unit_test(a_pasted_block_runs_nothing),
        cmocka_unit_test(an_unreadable_record_is_a_row_that_says_so),
        cmocka_unit_test(a_random_walk_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
