/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that a person binds: names in all spellings, what a binding hides and what it leaves, presets,
 * what is refused and why, and options beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/typing.h"
#include "tests/support/bench.h"

static void run(struct bench *bench, const char *line)
{
    sink_text_clear(&bench->out);
    if (command_run_line(&bench->ctx, line) != COMMAND_DONE)
        fail_msg("%s: %s", line, bench->ctx.failure);
}

static void run_fails(struct bench *bench, const char *line, const char *failure)
{
    assert_int_equal(command_run_line(&bench->ctx, line), COMMAND_FAILED);
    if (strncmp(bench->ctx.failure, failure, strlen(failure)) != 0)
        fail_msg("%s: %s", line, bench->ctx.failure);
}

/* What keys, which are characters, end in. */
static const char *typed(struct bench *bench, unsigned context, const char *keys)
{
    static char line[TYPING_LINE];
    struct typing typing;
    enum typing_result result = TYPING_WAIT;

    typing_clear(&typing);
    for (; *keys; keys++)
        result = typing_key(&typing, &bench->session.keymap, context, (unsigned char)*keys, line);
    if (result == TYPING_RUN)
        return line;
    return result == TYPING_WAIT ? "(wait)" : result == TYPING_UNKNOWN ? "(unknown)" : "(other)";
}

#define assert_typed(bench, context, keys, line)                                                   \
    assert_string_equal(typed(bench, context, keys), line)

/* ---- Names ---- */

static void keys_have_the_names_that_people_write(void **state)
{
    static const struct {
        const char *written, *shown;
    } names[] = {
        {"C-d", "C-d"},
        {"c-D", "C-d"},
        {"^D", "C-d"},
        {"Ctrl-D", "C-d"},
        {"ctrl+d", "C-d"},
        {"space", "Space"},
        {"ESC", "Esc"},
        {"escape", "Esc"},
        {"Return", "Enter"},
        {"C-m", "Enter"},
        {"C-i", "Tab"},
        {"pagedown", "PgDn"},
        {"PageUp", "PgUp"},
        {"f12", "F12"},
        {"Shift-Tab", "S-Tab"},
        {"Insert", "Ins"},
        {"g g", "g g"},
        {"gg", "g g"},
        {"''", "' '"},
        {"  Z   Z ", "Z Z"},
        {"C-x C-c", "C-x C-c"},
        {"m letter", "m Letter"},
        {"up", "Up"},
        {"^", "^"},
        {"\xc3\xa9", "U+00E9"},
        {"U+00E9", "U+00E9"},
        {"\xf0\x9f\x99\x82", "U+1F642"},
        {"g Space", "g Space"},
    };
    static const char *const wrong[] = {"",      "F13",    "F01",  "Hyper", "C-1",      "abc",
                                        "a b c", "C-é",    "\xc3", "\xff",  "\xc0\x80", "U+110000",
                                        "U+E9",  "U+0000", "\x01", " ",     "C-Space"};
    uint32_t keys[KEYMAP_SEQUENCE];
    char shown[KEY_SEQUENCE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t count = keymap_parse_sequence(names[i].written, keys);

        if (count == 0)
            fail_msg("%s is no key", names[i].written);
        assert_string_equal(keymap_sequence_name(keys, count, shown), names[i].shown);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (keymap_parse_sequence(wrong[i], keys) != 0)
            fail_msg("\"%s\" was taken for keys", wrong[i]);
}

/* ---- Binding ---- */

static void a_binding_runs_its_line_everywhere_or_where_it_is_told(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind z goto 50%");
    assert_typed(bench, KEYS_LIST, "z", "goto 50%");
    assert_typed(bench, KEYS_PAGE, "z", "goto 50%");
    run(bench, "bind -c record,metadata z hex");
    assert_typed(bench, KEYS_RECORD, "z", "hex");
    assert_typed(bench, KEYS_METADATA, "z", "hex");
    assert_typed(bench, KEYS_LIST, "z", "goto 50%");
    run(bench, "bind z  metadata --set a  'b");
    assert_typed(bench, KEYS_RECORD, "z", "metadata --set a  'b");
    assert_int_equal(bench->session.keymap.change_count, 1);
}

static void a_binding_takes_the_place_of_the_default(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind -c list j prev");
    assert_typed(bench, KEYS_LIST, "j", "prev");
    assert_typed(bench, KEYS_LIST, "5j", "prev 5");
    assert_typed(bench, KEYS_RECORD, "j", "down");
    run(bench, "unbind j");
    assert_typed(bench, KEYS_LIST, "j", "(unknown)");
    assert_typed(bench, KEYS_RECORD, "j", "(unknown)");
    run_fails(bench, "unbind j", "j is not bound there; \"keys\" lists what is");
}

static void what_goes_when_a_binding_of_ones_own_does(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind z hex");
    run(bench, "unbind z");
    assert_typed(bench, KEYS_LIST, "z", "(unknown)");
    assert_int_equal(bench->session.keymap.change_count, 0);
}

static void a_sequence_and_its_first_key_are_not_both_bound(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind -c list gg first");
    assert_typed(bench, KEYS_LIST, "g", "(wait)");
    assert_typed(bench, KEYS_LIST, "gg", "first");
    assert_typed(bench, KEYS_RECORD, "g", "offset 0");
    run(bench, "bind m mark a");
    assert_typed(bench, KEYS_LIST, "m", "mark a");
    run(bench, "unbind m");
    assert_typed(bench, KEYS_LIST, "m", "(wait)");
    assert_typed(bench, KEYS_LIST, "mq", "mark q");
}

static void a_letter_in_the_keys_is_a_letter_in_the_line(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind \"t Letter\" goto 'LETTER");
    assert_typed(bench, KEYS_LIST, "tx", "goto 'x");
    run(bench, "bind \"t q\" quit");
    assert_typed(bench, KEYS_LIST, "tq", "quit");
    assert_typed(bench, KEYS_LIST, "tr", "goto 'r");
    assert_typed(bench, KEYS_LIST, "t1", "(unknown)");
}

static void wrong_keys_and_commands_are_refused_with_what_is_right(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "bind Hyper quit", "\"Hyper\" is no key: it is a character, C-a to C-z, ");
    run_fails(bench, "bind z qiut", "there is no command \"qiut\"; did you mean \"quit\"?");
    run_fails(bench, "bind z goto", "something is missing; usage: goto POSITION");
    run_fails(bench, "bind z wrap 5", "that is too much; usage: wrap");
    run_fails(bench, "bind z info --jsno", "there is no option --jsno");
    run_fails(bench, "bind z demo", "\"demo\" runs no command of the screen");
    run_fails(bench, "bind z", "something is missing; usage: bind [-c PLACES] KEY COMMAND");
    run_fails(bench, "bind -c nowhere z quit", "-c takes list, record, metadata, page or closed");
    run_fails(bench, "bind 5 quit", "5 cannot be bound: it begins a record's number");
    run_fails(bench, "bind Esc quit", "Esc cannot be bound: it cancels everywhere");
    run_fails(bench, "bind C-z quit", "C-z cannot be bound: it stops the program for the shell");
    run_fails(bench, "bind + quit", "+ cannot be bound: it begins a number that is relative");
    run_fails(bench, "bind Letter quit", "Letter cannot be bound: it can only follow another key");
    run_fails(bench, "bind z prompt nonsense", "\"nonsense\" runs no command of the screen");
    assert_int_equal(bench->session.keymap.change_count, 0);
}

static void bindings_have_an_end(void **state)
{
    struct bench *bench = *state;
    char line[64];

    for (int i = 0; i < KEYMAP_CHANGES; i++) {
        snprintf(line, sizeof(line), "bind U+%04X quit", 0x4e00 + i);
        run(bench, line);
    }
    run_fails(bench, "bind z quit", "300 keys are bound: that is enough");
    assert_typed(bench, KEYS_LIST, "q", "close");
}

/* ---- Presets ---- */

static void less_and_vi_keys_are_there_when_they_are_asked_for(void **state)
{
    struct bench *bench = *state;

    assert_typed(bench, KEYS_LIST, "d", "(unknown)");
    run(bench, "set keys less");
    assert_typed(bench, KEYS_LIST, "e", "next");
    assert_typed(bench, KEYS_RECORD, "y", "up");
    assert_typed(bench, KEYS_PAGE, "d", "half-down");
    assert_typed(bench, KEYS_LIST, "3u", "half-up 3");
    assert_typed(bench, KEYS_LIST, "50p", "goto 50%");
    assert_typed(bench, KEYS_LIST, "ZZ", "quit");
    assert_typed(bench, KEYS_METADATA, "e", "edit-metadata");
    assert_typed(bench, KEYS_LIST, "j", "next");
    run(bench, "set keys default");
    assert_typed(bench, KEYS_LIST, "d", "(unknown)");
    assert_typed(bench, KEYS_LIST, "ZZ", "(unknown)");
}

static void ones_own_keys_stand_over_the_preset(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind d hex");
    run(bench, "set keys less");
    assert_typed(bench, KEYS_LIST, "d", "hex");
    run(bench, "unbind u");
    assert_typed(bench, KEYS_LIST, "u", "(unknown)");
    run(bench, "set keys default");
    assert_typed(bench, KEYS_LIST, "d", "hex");
}

static void assert_no_collision(const struct keymap *map)
{
    for (const struct key_binding *row = keymap_rows(map); row->keys; row++) {
        uint32_t keys[KEYMAP_SEQUENCE];
        size_t count = keymap_parse_sequence(row->keys, keys);
        bool begins;

        for (unsigned context = KEYS_LIST; context <= KEYS_CLOSED; context <<= 1) {
            if (!(row->contexts & context))
                continue;
            assert_ptr_equal(keymap_find(map, context, keys, count, &begins), row);
            assert_false(begins);
        }
    }
}

static void every_key_of_each_table_can_be_typed(void **state)
{
    struct bench *bench = *state;

    assert_no_collision(NULL);
    run(bench, "set keys less");
    assert_no_collision(&bench->session.keymap);
    run(bench, "bind gg first");
    run(bench, "bind m quit");
    assert_no_collision(&bench->session.keymap);
}

static void every_line_of_each_table_would_run(void **state)
{
    static const struct key_binding *const tables[] = {keymap_table, keymap_less};
    struct bench *bench = *state;
    char line[KEYMAP_LINE];

    for (size_t i = 0; i < 2; i++)
        for (const struct key_binding *row = tables[i]; row->keys; row++) {
            keymap_line(row, 'a', line);
            if (command_check_call(&bench->ctx, line) != COMMAND_DONE)
                fail_msg("%s: %s", line, bench->ctx.failure);
            assert_true(keymap_has_command(row));
        }
}

/* ---- Lists ---- */

static void the_lists_show_what_is_bound_now(void **state)
{
    struct bench *bench = *state;

    run(bench, "bind -c list Z goto 5");
    run(bench, "unbind Q");
    run(bench, "keys");
    assert_non_null(strstr(bench->out.text, "  Z                 goto 5           list: go to"));
    assert_null(strstr(bench->out.text, "  Q "));
    run(bench, "help keys");
    assert_non_null(strstr(bench->out.text, "  Z                 goto 5 "));
    run(bench, "keys --json");
    assert_non_null(strstr(bench->out.text, "{\"keys\": \"Z\", \"command\": \"goto 5\", "
                                            "\"where\": [\"list\"], \"help\": \"go to"));
    run(bench, "keys --markdown");
    assert_non_null(strstr(bench->out.text, "| `Z` | `goto 5` | list | go to"));
}

/* ---- Options ---- */

static void options_are_listed_shown_and_set(void **state)
{
    struct bench *bench = *state;

    run(bench, "set");
    for (const struct setting *setting = settings_table; setting->name; setting++)
        assert_non_null(strstr(bench->out.text, setting->help));
    run(bench, "set wrap");
    assert_string_equal(bench->out.text, "wrap     on        on | off: long lines are wrapped\n");
    run(bench, "set nowrap");
    assert_false(bench->session.settings.wrap);
    run(bench, "set wait 2.5");
    assert_int_equal(bench->session.wait_ms, 2500);
    run(bench, "set pager 'less -R'");
    run(bench, "set --json pager");
    assert_string_equal(bench->out.text,
                        "{\"option\": \"pager\", \"value\": \"less -R\", \"default\": \"\", "
                        "\"values\": \"COMMAND\", \"help\": \"what shows long output in the "
                        "console; empty: $PAGER\"}\n");
}

static void wrong_options_are_refused_with_what_is_right(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "set wrpa on", "there is no option \"wrpa\"; did you mean \"wrap\"?");
    run_fails(bench, "set xyzzy", "there is no option \"xyzzy\"; \"set\" lists them");
    run_fails(bench, "set wrap maybe", "wrap: it is on | off");
    run_fails(bench, "set wait soon", "wait: it takes seconds, as 5 or 0.5");
    run_fails(bench, "set nokeys", "there is no option \"nokeys\"");
    run_fails(bench, "set wrap on off", "that is too much");
}

static void every_option_takes_its_default_and_its_choices(void **state)
{
    struct bench *bench = *state;
    char error[SETTING_ERROR], text[SETTING_TEXT];

    for (const struct setting *setting = settings_table; setting->name; setting++) {
        assert_ptr_equal(settings_find(setting->name), setting);
        assert_false(settings_differs(setting, &bench->session));
        for (const char *const *choice = setting->choices; choice && *choice; choice++) {
            assert_true(settings_set(setting, &bench->session, *choice, error));
            setting->get(&bench->session, text);
            assert_string_equal(text, *choice);
        }
        assert_true(settings_set(setting, &bench->session, setting->standard, error));
        assert_false(settings_differs(setting, &bench->session));
    }
}

static const char *complete(struct bench *bench, const char *line)
{
    static char text[400];
    struct completion completion;

    command_complete(&bench->ctx, line, strlen(line), &completion);
    text[0] = '\0';
    for (size_t i = 0; i < completion.count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", completion.found[i]);
    completion_release(&completion);
    return text;
}

static void options_places_and_commands_are_completed(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(complete(bench, "set w"), "wait wrap ");
    assert_string_equal(complete(bench, "set wrap "), "off on ");
    assert_string_equal(complete(bench, "set keys l"), "less ");
    assert_string_equal(complete(bench, "bind -c l"), "list ");
    assert_string_equal(complete(bench, "bind -c list z half"), "half-down half-up ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_names_that_people_write),
        BENCH_TEST(a_binding_runs_its_line_everywhere_or_where_it_is_told),
        BENCH_TEST(a_binding_takes_the_place_of_the_default),
        BENCH_TEST(what_goes_when_a_binding_of_ones_own_does),
        BENCH_TEST(a_sequence_and_its_first_key_are_not_both_bound),
        BENCH_TEST(a_letter_in_the_keys_is_a_letter_in_the_line),
        BENCH_TEST(wrong_keys_and_commands_are_refused_with_what_is_right),
        BENCH_TEST(bindings_have_an_end),
        BENCH_TEST(less_and_vi_keys_are_there_when_they_are_asked_for),
        BENCH_TEST(ones_own_keys_stand_over_the_preset),
        BENCH_TEST(every_key_of_each_table_can_be_typed),
        BENCH_TEST(every_line_of_each_table_would_run),
        BENCH_TEST(the_lists_show_what_is_bound_now),
        BENCH_TEST(options_are_listed_shown_and_set),
        BENCH_TEST(wrong_options_are_refused_with_what_is_right),
        BENCH_TEST(every_option_takes_its_default_and_its_choices),
        BENCH_TEST(options_places_and_commands_are_completed),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
