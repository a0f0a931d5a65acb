/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the prompt says and draws: help for what stands at the cursor, what Tab found, quoting. No
 * terminal; what readline and the terminal do with keys is in test_prompt_pty.
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/usage.h"
#include "app/words.h"
#include "tests/support/fixture.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"
#include "ui/view.h"

static void open_quickstart(struct script_term *term, unsigned rows, unsigned cols)
{
    const char *path = scratch_path("demo.capture");
    fixture_to_file("quickstart", path);
    script_term_open(term, path, rows, cols);
}

/* ---- Quoting ---- */

static void assert_comes_back(const char *text)
{
    char *quoted = words_quote(text, false), *open = words_quote(text, true), *word;
    size_t pos = 0;
    assert_int_equal(words_next(quoted, &pos, &word), WORDS_ONE);
    assert_int_equal(pos, strlen(quoted));
    assert_string_equal(word, text);
    free(word);
    pos = 0;
    enum words_status status = words_next(open, &pos, &word);
    assert_true(status == WORDS_UNCLOSED || (status == WORDS_ONE && strcmp(open, quoted) == 0));
    assert_string_equal(word, text);
    free(word);
    for (const char *at = quoted; *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    free(quoted);
    free(open);
}

static void what_is_quoted_parses_back(void **state)
{
    (void)state;
    static const char letters[] = " \t\n\r\033\\\"'#$x0-\x01\x7f\xc3\xa9\xff\xe2\x80\xae";
    struct rng rng = {5};
    assert_comes_back("");
    for (int i = 0; i < 20000; i++) {
        char text[12];
        size_t len = (size_t)rng_below(&rng, sizeof text);
        for (size_t at = 0; at < len; at++)
            text[at] = letters[rng_below(&rng, sizeof letters - 1)];
        text[len] = '\0';
        assert_comes_back(text);
    }
    char *plain = words_quote("a/b-c.d", false);
    assert_string_equal(plain, "a/b-c.d");
    free(plain);
}

/* ---- Usages ---- */

static const char *argument(const char *usage, int index)
{
    static char text[80];
    struct usage_part part;
    if (!usage_argument(usage, index, &part))
        return "none";
    snprintf(text, sizeof text, "%.*s", (int)part.len, usage + part.start);
    return text;
}

static void a_usage_says_which_argument_belongs_where(void **state)
{
    (void)state;
    struct usage_part part;
    assert_string_equal(argument("POSITION", 0), "POSITION");
    assert_string_equal(argument("POSITION", 1), "none");
    assert_string_equal(argument("", 0), "none");
    assert_string_equal(argument("[--format FORMAT] [-k] [RANGE...]", 3), "[RANGE...]");
    assert_string_equal(argument("[--json] [OUT | --dry-run]", 0), "[OUT | --dry-run]");
    assert_string_equal(argument("[--set TEXT | --set-file FILE | --clear]", 0), "none");
    assert_string_equal(argument("N | metadata", 0), "N | metadata");
    assert_string_equal(argument("KEY COMMAND", 1), "COMMAND");
    assert_string_equal(argument("[NAME [VALUE]]", 1), "[NAME [VALUE]]");
    assert_true(usage_argument("[--x] [RANGE...]", 0, &part));
    assert_true(usage_part_has("[--x] [RANGE...]", &part, "RANGE"));
    assert_false(usage_part_has("[--x] [RANGE...]", &part, "RANG"));
    assert_true(usage_option("[--set TEXT | --set-file FILE]", "set-file", &part));
    assert_int_equal(part.len, strlen("--set-file FILE"));
}

/* ---- Help ---- */

/* What is said about a line with the cursor at its end: the mark in angle brackets, and an
 * exclamation mark before what is wrong. */
static const char *explained(struct script_term *term, const char *line)
{
    static char text[600];
    struct explanation explanation;
    command_explain(&term->loop.browser.ctx, line, strlen(line), &explanation);
    size_t mark = explanation.mark, len = explanation.mark_len;
    const char *said = explanation.text;
    if (len > 0)
        snprintf(text, sizeof text, "%.*s<%.*s>%s", (int)mark, said, (int)len, said + mark,
                 said + mark + len);
    else
        snprintf(text, sizeof text, "%s%s", explanation.wrong ? "!" : "", said);
    free(explanation.text);
    return text;
}

static void a_line_is_explained_while_it_is_typed(void **state)
{
    (void)state;
    static const char *const lines[][2] = {
        {"", "Tab completes; :help lists the commands"},
        {"goto", "goto POSITION: go to a record"},
        {"got", "goto POSITION: go to a record"},
        {"page-", "page-down  page-up"},
        {"gto", "!there is no command \"gto\"; did you mean \"goto\"?"},
        {"gto 4", "!there is no command \"gto\"; did you mean \"goto\"?"},
        {"xyzzy", "!there is no command \"xyzzy\"; :help lists them"},
        {"goto ", "goto <POSITION>: go to a record"},
        {"goto 4", "goto <POSITION>: go to a record"},
        {"goto 9", "!no record 9 (last is 5)"},
        {"goto 0", "!records start at 1"},
        {"goto +", "goto <POSITION>: go to a record"},
        {"goto + ", "!\"+\" is no position"},
        {"goto x", "!\"x\" is no position"},
        {"goto 4 5", "!that is too much; usage: goto POSITION"},
        {"cat 1..", "cat [--format FORMAT] [-k] <[RANGE...]>: print records, all or the ranges "
                    "named"},
        {"cat 1.", "cat [--format FORMAT] [-k] <[RANGE...]>: print records, all or the ranges "
                   "named"},
        {"cat 1 9", "!no record 9 (last is 5)"},
        {"cat --", "--format  --keep-going"},
        {"cat --fo", "<--format> FORMAT: lines, raw, framed, hex or text"},
        {"cat --format ", "--format <FORMAT>: lines, raw, framed, hex or text"},
        {"cat --format=h", "--format <FORMAT>: lines, raw, framed, hex or text"},
        {"cat -k", "<--keep-going>: leave out records that cannot be read"},
        {"cat --nothing", "!there is no option --nothing; usage: cat [--format FORMAT] [-k] "
                          "[RANGE...]"},
        {"cat 'x", "cat [--format FORMAT] [-k] <[RANGE...]>: "}, /* not closed yet */
        {"cat 'x'", "!\"x\" is no range"},
        {"cat \\q", "!\\q at place 5 means nothing"},
        {"append x", "!read-only: E turns editing on"},
        {"after 99", "after [--list | --format FORMAT | --json] [-k] <[RANGE...]>: "},
        {"# x", "a comment: nothing is run"},
    };
    struct script_term term;
    open_quickstart(&term, 24, 80);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *said = explained(&term, lines[i][0]);
        if (strncmp(said, lines[i][1], strlen(lines[i][1])) != 0)
            fail_msg("%s: %s", lines[i][0], said);
    }
    script_term_close(&term);
}

/* The history of what is appended is empty where that of commands is not. */
static void a_search_in_an_empty_history_finds_nothing(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term, 24, 80);
    script_term_type(&term, ":goto 2\r:goto 3\rEa\022ea\033");
    assert_non_null(strstr(script_term_row(&term, -1), "append:"));
    script_term_type(&term, "\022z\030\021\033\033");
    script_term_type(&term, "5\r");
    assert_non_null(strstr(script_term_row(&term, -2), "5 / 5"));
    script_term_close(&term);
}

/* Whatever is typed, to any length, something is said, and nothing is run. */
static void any_line_is_explained(void **state)
{
    (void)state;
    static const char *const words[] = {"cat", "goto", "append", "--", "--format", "--set=x",
                                        "-k",  "-",    "'",      "\"", "\\",       "9",
                                        " ",   "  ",   "1..",    "#",  "metadata", "\xff"};
    struct script_term term;
    struct rng rng = {7};
    open_quickstart(&term, 24, 80);
    for (int i = 0; i < 20000; i++) {
        char line[100] = "";
        for (uint64_t left = rng_below(&rng, 6); left > 0; left--)
            strcat(line, words[rng_below(&rng, sizeof words / sizeof words[0])]);
        struct explanation explanation;
        size_t cursor = (size_t)rng_below(&rng, strlen(line) + 1);
        command_explain(&term.loop.browser.ctx, line, cursor, &explanation);
        assert_non_null(explanation.text);
        assert_true(explanation.mark + explanation.mark_len <= strlen(explanation.text));
        free(explanation.text);
        command_line_holds_content(line);
    }
    assert_true(stage_is_empty(&term.session.stage));
    script_term_close(&term);
}

static void lines_with_content_are_told_apart(void **state)
{
    (void)state;
    assert_true(command_line_holds_content("append it's secret"));
    assert_true(command_line_holds_content("metadata --set a b"));
    assert_true(command_line_holds_content("meta --set=a"));
    assert_true(command_line_holds_content("meta '--set=a"));
    assert_true(command_line_holds_content("apend secret"));
    assert_true(command_line_holds_content("prompt 'append secret'"));
    assert_false(command_line_holds_content("goto 4"));
    assert_false(command_line_holds_content("metadata --set-file x"));
    assert_false(command_line_holds_content("commit"));
    assert_false(command_line_holds_content(""));
}

/* ---- Completion ---- */

static void values_and_files_are_completed(void **state)
{
    (void)state;
    struct script_term term;
    char keys[SCRATCH_PATH + 80], row[SCRATCH_PATH + 80];
    mkdir(scratch_path("in"), 0700);
    mkdir(scratch_path("in/a dir"), 0700);
    scratch_write(scratch_path("in/a dir/it's \xc3\xa9.x"), "", 0);
    scratch_write(scratch_path("in/.hidden"), "", 0);
    open_quickstart(&term, 24, 200);
    script_term_type(&term, ":cat --format fr\t2\r");
    script_term_type(&term, ":\033[A");
    assert_string_equal(script_term_row(&term, -1), " :cat --format framed 2");
    script_term_type(&term, "\003:cat --format=te\t\003:\033[A");
    assert_string_equal(script_term_row(&term, -1), " :cat --format framed 2");
    snprintf(keys, sizeof keys, "\003:metadata --set-file %s\t\t", scratch_path("in/"));
    script_term_type(&term, keys);
    snprintf(row, sizeof row, " :metadata --set-file \"%s\"",
             scratch_path("in/a dir/it's \xc3\xa9.x"));
    assert_string_equal(script_term_row(&term, -1), row);
    script_term_type(&term, "\003");
    script_term_close(&term);
}

static void names_that_share_half_a_character_are_cut_before_it(void **state)
{
    (void)state;
    struct script_term term;
    char keys[SCRATCH_PATH + 80], row[SCRATCH_PATH + 80];
    mkdir(scratch_path("half"), 0700);
    scratch_write(scratch_path("half/x\xc3\xa9"), "", 0);
    scratch_write(scratch_path("half/x\xc3\xa8"), "", 0);
    open_quickstart(&term, 24, 200);
    snprintf(keys, sizeof keys, ":salvage %s\t", scratch_path("half/"));
    script_term_type(&term, keys);
    snprintf(row, sizeof row, " :salvage %s", scratch_path("half/x"));
    assert_string_equal(script_term_row(&term, -1), row);
    script_term_type(&term, "\003");
    script_term_close(&term);
}

/* ---- Drawing ---- */

struct drawing {
    struct grid grid;
    struct prompt_candidate items[200];
    struct prompt_completion found;
    char labels[200][40];
};

static void draw_found(struct drawing *drawing, unsigned rows, unsigned cols, size_t count,
                       size_t chosen)
{
    struct view_prompt prompt = {
        .label = " :", .line = "x", .point = 1, .found = &drawing->found, .chosen = chosen};
    const struct rect last = {rows - 1, 0, 1, cols};
    drawing->found = (struct prompt_completion){.items = drawing->items, .count = count};
    grid_clear(&drawing->grid, rows, cols);
    for (unsigned row = 0; row < rows; row++)
        grid_fill(&drawing->grid, row, 0, cols, GRID_PLAIN, '.');
    view_put_prompt(&drawing->grid, &last, &prompt);
}

static void what_tab_found_never_covers_the_screen(void **state)
{
    (void)state;
    static struct drawing drawing;
    static char note[] = "note";
    grid_init(&drawing.grid, SAFETEXT_UTF8);
    for (size_t i = 0; i < 200; i++) {
        snprintf(drawing.labels[i], sizeof drawing.labels[i], "%s%zu", i % 3 ? "漢字" : "\033[m",
                 i);
        drawing.items[i] = (struct prompt_candidate){
            .label = drawing.labels[i], .insert = drawing.labels[i], .note = i % 2 ? note : NULL};
    }
    for (unsigned rows = 1; rows < 40; rows++)
        for (unsigned cols = 1; cols < 90; cols += rows % 4 + 1)
            for (size_t count = 2; count <= 200; count += 33) {
                size_t chosen = (rows * 7 + cols) % (count + 1);
                draw_found(&drawing, rows, cols, count, chosen);
                char *text = grid_text(&drawing.grid);
                if (rows > 3)
                    assert_int_equal(text[0], '.');
                if (rows > 3 && chosen < count && cols > 20)
                    assert_true(strstr(text, drawing.labels[chosen] + (chosen % 3 ? 0 : 1)));
                free(text);
            }
    grid_release(&drawing.grid);
}

static void columns_go_downwards_and_say_how_many_more(void **state)
{
    (void)state;
    static struct drawing drawing;
    grid_init(&drawing.grid, SAFETEXT_UTF8);
    for (size_t i = 0; i < 9; i++) {
        snprintf(drawing.labels[i], sizeof drawing.labels[i], "name%zu", i);
        drawing.items[i] = (struct prompt_candidate){.label = drawing.labels[i]};
    }
    draw_found(&drawing, 7, 16, 9, 9);
    char *text = grid_text(&drawing.grid);
    assert_non_null(strstr(text, "\n name0  name3\n name1  name4\n name2  +4 more\n :x"));
    free(text);
    draw_found(&drawing, 7, 16, 9, 6); /* the page with the chosen one */
    text = grid_text(&drawing.grid);
    assert_non_null(strstr(text, "\n name5  name8\n name6  +5 more\n name7\n :x"));
    free(text);
    grid_release(&drawing.grid);
}

static void the_cursor_stays_in_sight_on_any_width(void **state)
{
    (void)state;
    static const char line[] = "a漢\033e\xcc\x81\xe2\x80\xae🙂b漢漢c\xff漢d";
    struct grid grid;
    grid_init(&grid, SAFETEXT_UTF8);
    for (unsigned cols = 1; cols < 40; cols++)
        for (size_t point = 0; point < sizeof line; point++) {
            const struct view_prompt prompt = {.label = " :", .line = line, .point = point};
            const struct rect last = {0, 0, 1, cols};
            grid_clear(&grid, 1, cols);
            view_put_prompt(&grid, &last, &prompt);
            assert_true(grid.cursor_col < cols);
            if (cols > 12 && point < sizeof line - 1 && (line[point] & 0xc0) != 0x80 &&
                line[point] != '\xcc')
                assert_int_not_equal(grid_cell(&grid, 0, grid.cursor_col)->text[0], ' ');
        }
    grid_release(&grid);
}

static void help_that_does_not_fit_begins_with_what_matters(void **state)
{
    (void)state;
    struct script_term term;
    open_quickstart(&term, 12, 40);
    script_term_type(&term, ":after 1");
    assert_string_equal(script_term_row(&term, -2), " ...[RANGE...]: show what a writer left");
    script_term_type(&term, "\025cat --nothing");
    assert_string_equal(script_term_row(&term, -3), " there is no option --nothing; usage:");
    script_term_type(&term, "\003");
    script_term_close(&term);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_quoted_parses_back),
        cmocka_unit_test(a_usage_says_which_argument_belongs_where),
        cmocka_unit_test(a_line_is_explained_while_it_is_typed),
        cmocka_unit_test(a_search_in_an_empty_history_finds_nothing),
        cmocka_unit_test(any_line_is_explained),
        cmocka_unit_test(lines_with_content_are_told_apart),
        cmocka_unit_test(values_and_files_are_completed),
        cmocka_unit_test(names_that_share_half_a_character_are_cut_before_it),
        cmocka_unit_test(what_tab_found_never_covers_the_screen),
        cmocka_unit_test(columns_go_downwards_and_say_how_many_more),
        cmocka_unit_test(the_cursor_stays_in_sight_on_any_width),
        cmocka_unit_test(help_that_does_not_fit_begins_with_what_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
