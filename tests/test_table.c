/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table as a whole: each name once, each row explained, each usage true to the row's options,
 * each list that is made from it complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/help.h"
#include "app/manual.h"

/* ---- Names ---- */

static void every_name_and_alias_is_there_once(void **state)
{
    const struct command *row, *other;

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        for (size_t j = 0; (other = command_at(j)) != NULL; j++) {
            if (j != i)
                assert_string_not_equal(row->name, other->name);
            if (row->alias)
                assert_string_not_equal(row->alias, other->name);
            if (row->alias && other->alias && j != i)
                assert_string_not_equal(row->alias, other->alias);
        }
        assert_ptr_equal(command_find(row->name), row);
        if (row->alias)
            assert_ptr_equal(command_find(row->alias), row);
    }
}

static void a_name_with_a_letter_missing_is_still_found(void **state)
{
    const struct command *row;
    char name[64];

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        if (strlen(row->name) < 4)
            continue;
        snprintf(name, sizeof(name), "%c%s", row->name[0], row->name + 2);
        if (!command_find(name))
            assert_non_null(command_did_you_mean(name));
    }
}

/* ---- Usage ---- */

static bool has_option(const struct option_spec *specs, const char *word, size_t len)
{
    if (len > 2 && word[1] == '-')
        return option_find(specs, word + 2, len - 2) >= 0;
    return len == 2 && option_find_letter(specs, word[1]) >= 0;
}

/* Every -x and --xyz that the usage names. */
static void assert_usage_options_exist(const struct command *row)
{
    for (const char *at = row->usage; *at; at++) {
        size_t len = strspn(at, "-abcdefghijklmnopqrstuvwxyz0123456789");

        if (*at != '-' || len < 2 || (at > row->usage && !strchr(" [|", at[-1])))
            continue;
        if (!has_option(row->options, at, len))
            fail_msg("%s has no option %.*s", row->name, (int)len, at);
    }
}

static bool usage_names(const char *usage, const struct option_spec *spec)
{
    char text[40], letter[3] = {'-', spec->letter, '\0'};

    snprintf(text, sizeof(text), "--%s", spec->name);
    return strstr(usage, text) || (spec->letter && strstr(usage, letter));
}

static void assert_options_are_in_the_usage(const struct command *row)
{
    if (strstr(row->usage, "OPTION..."))
        return;
    for (const struct option_spec *spec = row->options; spec && spec->name; spec++)
        if (!usage_names(row->usage, spec))
            fail_msg("the usage of %s does not name --%s", row->name, spec->name);
}

static void assert_brackets_match(const struct command *row)
{
    int depth = 0;

    for (const char *at = row->usage; *at; at++) {
        depth += (*at == '[') - (*at == ']');
        assert_in_range(depth, 0, 2);
    }
    assert_int_equal(depth, 0);
}

/* Something stands outside of brackets. */
static bool names_what_it_needs(const char *usage)
{
    int depth = 0;

    for (; *usage; usage++) {
        depth += (*usage == '[') - (*usage == ']');
        if (depth == 0 && isalpha((unsigned char)*usage))
            return true;
    }
    return false;
}

static void assert_row(const struct command *row)
{
    assert_true(row->help && islower((unsigned char)row->help[0]));
    assert_true(strlen(row->help) < 80);
    assert_usage_options_exist(row);
    assert_options_are_in_the_usage(row);
    assert_brackets_match(row);
    if (row->min_args > 0 && !names_what_it_needs(row->usage))
        fail_msg("the usage of %s does not say what it needs", row->name);
}

static void every_usage_is_true_to_the_options(void **state)
{
    const struct command *row;

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        if (row->run)
            assert_row(row);
        if (row->shell)
            assert_row(row->shell);
    }
}

/* ---- What is made from it ---- */

static void help_explains_every_command_through_every_door(void **state)
{
    static const enum door doors[] = {DOOR_SHELL, DOOR_CONSOLE, DOOR_BATCH, DOOR_SCREEN};
    const struct command *row;
    struct session session;
    struct context ctx;
    struct sink_text out;

    (void)state;
    session_init(&session);
    sink_text_init(&out, 65536);
    for (size_t d = 0; d < sizeof(doors) / sizeof(doors[0]); d++) {
        context_init(&ctx, doors[d], &session, &out.sink);
        for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
            sink_text_clear(&out);
            assert_int_equal(help_command(&ctx, row), COMMAND_DONE);
            assert_non_null(strstr(out.text, row->name));
            assert_true(strlen(out.text) > strlen(row->name) + 10);
        }
        context_release(&ctx);
    }
    sink_text_release(&out);
    session_release(&session);
}

static void assert_lists_all(void (*write)(struct sink *out), const char *before)
{
    const struct command *row;
    struct sink_text out;
    char text[64];

    sink_text_init(&out, 1u << 20);
    write(&out.sink);
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        snprintf(text, sizeof(text), "%s%s", before, row->name);
        if (!strstr(out.text, text))
            fail_msg("%s is missing", row->name);
    }
    assert_false(out.cut);
    sink_text_release(&out);
}

static void every_list_has_every_command(void **state)
{
    (void)state;
    assert_lists_all(manual_write_plain, "");
    assert_lists_all(manual_write_markdown, "| `");
    assert_lists_all(manual_write_json, "{\"name\": \"");
}

/* No line of the text begins with a request that is none of ours. */
static void the_manual_has_only_requests_that_it_means(void **state)
{
    static const char *const known[] = {".SH ", ".SS ", ".TP", ".RS", ".RE"};
    struct sink_text out;

    (void)state;
    sink_text_init(&out, 1u << 20);
    manual_write_man(&out.sink);
    for (char *line = strtok(out.text, "\n"); line; line = strtok(NULL, "\n")) {
        bool good = line[0] != '.' && line[0] != '\'';

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !good; i++)
            good = strncmp(line, known[i], strlen(known[i])) == 0;
        if (!good)
            fail_msg("%s", line);
    }
    sink_text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_and_alias_is_there_once),
        cmocka_unit_test(a_name_with_a_letter_missing_is_still_found),
        cmocka_unit_test(every_usage_is_true_to_the_options),
        cmocka_unit_test(help_explains_every_command_through_every_door),
        cmocka_unit_test(every_list_has_every_command),
        cmocka_unit_test(the_manual_has_only_requests_that_it_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
