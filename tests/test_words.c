/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a command line, and the options among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/options.h"
#include "app/words.h"

/* The line's words are these, up to NULL. */
static void assert_words(const char *line, const char *const *want)
{
    size_t pos = 0;
    char *word;

    for (; *want; want++) {
        assert_int_equal(words_next(line, &pos, &word), WORDS_ONE);
        assert_string_equal(word, *want);
        free(word);
    }
    assert_int_equal(words_next(line, &pos, &word), WORDS_END);
}

#define ASSERT_WORDS(line, ...) assert_words(line, (const char *const[]){__VA_ARGS__, NULL})

static void blanks_part_words(void **state)
{
    (void)state;
    ASSERT_WORDS("  goto\t 5  ", "goto", "5");
    ASSERT_WORDS("one", "one");
    assert_words(" \t ", (const char *const[]){NULL});
}

static void quotes_keep_blanks_and_join_what_touches(void **state)
{
    (void)state;
    ASSERT_WORDS("a 'b c' \"d e\"", "a", "b c", "d e");
    ASSERT_WORDS("a'b c'\"d\"e", "ab cde");
    ASSERT_WORDS("'' \"\"", "", "");
    ASSERT_WORDS("'\\n \"' \"'\"", "\\n \"", "'");
}

static void a_mark_among_positions_is_no_quote(void **state)
{
    static const struct {
        const char *line, *word;
    } cases[] = {
        {"'a", "'a"},       {"'a..'b", "'a..'b"}, {"3..'b", "3..'b"}, {"7,'a,9", "7,'a,9"},
        {"'a ", "'a"},      {"..'z", "..'z"},     {"'a..", "'a.."},   {"'A", "'A"},
        {"'5..9'", "5..9"}, {"'a'", "a"},         {"'ab c'", "ab c"}, {"\\'a", "'a"},
        {"\"'a\"", "'a"},   {"x'a b'", "xa b"},   {"...'b", "...'b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t pos = 0;
        char *word;

        assert_int_equal(words_next_position(cases[i].line, &pos, &word), WORDS_ONE);
        assert_string_equal(word, cases[i].word);
        free(word);
    }
    ASSERT_WORDS("'a b' c", "a b", "c");
}

static void escapes_stand_for_bytes(void **state)
{
    (void)state;
    ASSERT_WORDS("a\\ b \\n\\t\\\\ \"\\\"\\x41\\xff\\e\"", "a b", "\n\t\\", "\"A\xff\033");
}

static void trouble_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum words_status status;
        size_t pos;
    } cases[] = {
        {"a 'b", WORDS_UNCLOSED, 2},        {"x\"b\\\"", WORDS_UNCLOSED, 1},
        {"abc\\", WORDS_UNCLOSED, 3},       {"a\\qb", WORDS_BAD_ESCAPE, 1},
        {"\\x4", WORDS_BAD_ESCAPE, 0},      {"\\x00", WORDS_BAD_ESCAPE, 0},
        {"\"ab\\q\"", WORDS_BAD_ESCAPE, 3},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t pos = 0;
        char *word = NULL;
        enum words_status status;

        while ((status = words_next(cases[i].line, &pos, &word)) == WORDS_ONE)
            free(word);
        assert_int_equal(status, cases[i].status);
        assert_int_equal(pos, cases[i].pos);
        if (status == WORDS_UNCLOSED)
            free(word);
    }
}

/* ---- Options ---- */

static const struct option_spec specs[] = {
    {.name = "json", .letter = 'j'},
    {.name = "null", .letter = '0'},
    {.name = "format", .letter = 'f', .value = "FORMAT"},
    {0},
};

/* Splits at blanks; on success says the values in a fixed form, with the arguments left behind. */
static const char *parse(const char *line)
{
    static char text[400];
    char copy[200], name[] = "cmd", error[OPTIONS_ERROR], *argv[16] = {name}, *save = NULL;
    struct options options;
    int argc = 1;

    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    if (!options_parse(specs, &argc, argv, &options, error)) {
        snprintf(text, sizeof(text), "%s", error);
        return text;
    }
    snprintf(text, sizeof(text), "%s%s%s%s:", options.given[0] ? "j" : "",
             options.given[1] ? "0" : "", options.given[2] ? options.value[2] : "",
             options.help ? "help" : "");
    for (int i = 1; i < argc; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", argv[i]);
    return text;
}

static void options_stand_anywhere_and_in_every_form(void **state)
{
    (void)state;
    assert_string_equal(parse("a --json b"), "j: a b");
    assert_string_equal(parse("--format=raw a"), "raw: a");
    assert_string_equal(parse("--format raw a"), "raw: a");
    assert_string_equal(parse("a -fraw"), "raw: a");
    assert_string_equal(parse("-j0f raw a"), "j0raw: a");
    assert_string_equal(parse("--format= a"), ": a");
    assert_string_equal(parse("--format a --format b"), "b:");
    assert_string_equal(parse("a --help"), "help: a");
    assert_string_equal(parse("--format --help"), "--help:");
}

static void two_dashes_end_options(void **state)
{
    (void)state;
    assert_string_equal(parse("-j -- -0 --json --"), "j: -0 --json --");
}

static void a_dash_or_a_negative_number_is_no_option(void **state)
{
    (void)state;
    assert_string_equal(parse("- -5 -0"), "0: - -5");
}

static void wrong_options_are_named(void **state)
{
    (void)state;
    assert_string_equal(parse("--jsn"), "there is no option --jsn");
    assert_string_equal(parse("--jsn=5"), "there is no option --jsn");
    assert_string_equal(parse("-jx"), "there is no option -x");
    assert_string_equal(parse("--format"), "a value is missing behind --format");
    assert_string_equal(parse("-f"), "a value is missing behind -f");
    assert_string_equal(parse("--json=5"), "no value goes with --json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_part_words),
        cmocka_unit_test(quotes_keep_blanks_and_join_what_touches),
        cmocka_unit_test(a_mark_among_positions_is_no_quote),
        cmocka_unit_test(escapes_stand_for_bytes),
        cmocka_unit_test(trouble_is_told_with_its_place),
        cmocka_unit_test(options_stand_anywhere_and_in_every_form),
        cmocka_unit_test(two_dashes_end_options),
        cmocka_unit_test(a_dash_or_a_negative_number_is_no_option),
        cmocka_unit_test(wrong_options_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
