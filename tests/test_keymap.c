/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys: every binding names keys and a command that exist, no key has two meanings in one place,
 * digits become what SCREEN promises, and nothing typed by mistake runs a command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/command.h"
#include "app/keymap.h"
#include "app/typing.h"

static const unsigned contexts[] = {KEYS_LIST, KEYS_RECORD, KEYS_METADATA, KEYS_PAGE};

#define CONTEXTS (sizeof contexts / sizeof contexts[0])

static void every_binding_names_a_command(void **state)
{
    (void)state;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        char name[32] = "";
        strncat(name, row->line, strcspn(row->line, " "));
        const struct command *command = command_find(name);
        assert_non_null(command);
        assert_true(command->help[0] != '\0');
        if (row->flags & KEYMAP_COUNT)
            assert_int_equal(command->max_args, 1);
    }
}

static void every_key_has_one_meaning_in_a_context(void **state)
{
    (void)state;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        for (const struct key_binding *other = row + 1; other->keys != NULL; other++)
            assert_false((row->contexts & other->contexts) && strcmp(row->keys, other->keys) == 0);
    }
}

static void key_names_come_back_as_they_were(void **state)
{
    (void)state;
    static const char *const names[] = {"j",    "C-d",  "Space", "F1",  "F12",   "Esc",
                                        "PgDn", "Home", "Enter", "Tab", "S-Tab", "'"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[KEY_NAME_SIZE];
        uint32_t key = keymap_parse_key(names[i]);
        assert_int_not_equal(key, K_NONE);
        assert_string_equal(keymap_key_name(key, name), names[i]);
    }
    assert_int_equal(keymap_parse_key("F13"), K_NONE);
    assert_int_equal(keymap_parse_key("Hyper"), K_NONE);
    assert_int_equal(keymap_parse_key(""), K_NONE);
}

static void every_key_in_the_table_has_a_name(void **state)
{
    (void)state;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        char name[KEY_SEQUENCE_SIZE];
        uint32_t keys[KEYMAP_SEQUENCE];
        size_t count = keymap_parse_sequence(row->keys, keys);
        assert_int_not_equal(count, 0);
        assert_string_equal(keymap_sequence_name(keys, count, name), row->keys);
    }
}

/* Types keys, and gives the line that they end in, or the result's name. */
static const char *typed(unsigned context, const char *keys)
{
    static char line[TYPING_LINE];
    struct typing typing;
    typing_clear(&typing);
    enum typing_result result = TYPING_WAIT;
    for (; *keys != '\0'; keys++)
        result = typing_key(&typing, NULL, context, (uint8_t)*keys, line);
    switch (result) {
    case TYPING_RUN:
        return line;
    case TYPING_WAIT:
        return "(wait)";
    case TYPING_CANCELLED:
        return "(cancelled)";
    case TYPING_IDLE:
        return "(idle)";
    case TYPING_REFUSED:
        return "(refused)";
    case TYPING_FULL:
        return "(full)";
    default:
        return "(unknown)";
    }
}

static void digits_become_a_record_a_percentage_or_a_count(void **state)
{
    (void)state;
    assert_string_equal(typed(KEYS_LIST, "123\r"), "goto 123");
    assert_string_equal(typed(KEYS_LIST, "123G"), "goto 123");
    assert_string_equal(typed(KEYS_LIST, "50%"), "goto 50%");
    assert_string_equal(typed(KEYS_LIST, "+5\r"), "goto +5");
    assert_string_equal(typed(KEYS_LIST, "-5\r"), "goto -5");
    assert_string_equal(typed(KEYS_LIST, "5j"), "next 5");
    assert_string_equal(typed(KEYS_RECORD, "5j"), "down 5");
    assert_string_equal(typed(KEYS_RECORD, "7J"), "next 7");
    assert_string_equal(typed(KEYS_RECORD, "9\r"), "goto 9");
    assert_string_equal(typed(KEYS_PAGE, "9j"), "down 9");
}

static void a_key_that_takes_no_number_leaves_the_digits(void **state)
{
    (void)state;
    char line[TYPING_LINE];
    struct typing typing;
    typing_clear(&typing);
    assert_int_equal(typing_key(&typing, NULL, KEYS_LIST, '4', line), TYPING_WAIT);
    assert_int_equal(typing_key(&typing, NULL, KEYS_LIST, 'q', line), TYPING_REFUSED);
    assert_int_equal(typing_key(&typing, NULL, KEYS_LIST, 'C', line), TYPING_REFUSED);
    assert_string_equal(typing.digits, "4");
    assert_int_equal(typing_key(&typing, NULL, KEYS_LIST, K_BACKSPACE, line), TYPING_CANCELLED);
    assert_string_equal(typed(KEYS_LIST, "+5j"), "(refused)");
    assert_string_equal(typed(KEYS_PAGE, "5\r"), "(refused)");
    assert_string_equal(typed(KEYS_PAGE, "5%"), "(refused)");
}

static void digits_have_an_end(void **state)
{
    (void)state;
    assert_string_equal(typed(KEYS_LIST, "123456789012345678901234567890"), "(full)");
}

static void escape_and_its_like_give_up_what_was_typed(void **state)
{
    (void)state;
    assert_string_equal(typed(KEYS_LIST, "12\033"), "(cancelled)");
    assert_string_equal(typed(KEYS_LIST, "12\003"), "(cancelled)");
    assert_string_equal(typed(KEYS_LIST, "'\007"), "(cancelled)");
    assert_string_equal(typed(KEYS_LIST, "\003"), "(idle)");
}

static void two_keys_make_one_binding(void **state)
{
    (void)state;
    assert_string_equal(typed(KEYS_LIST, "'"), "(wait)");
    assert_string_equal(typed(KEYS_LIST, "''"), "last-place");
    assert_string_equal(typed(KEYS_LIST, "'x"), "goto 'x");
    assert_string_equal(typed(KEYS_LIST, "mQ"), "mark Q");
    assert_string_equal(typed(KEYS_LIST, "'?"), "(unknown)");
    assert_string_equal(typed(KEYS_LIST, "'?j"), "next");
}

static void an_unknown_key_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(typed(KEYS_LIST, "z"), "(unknown)");
    assert_string_equal(typed(KEYS_PAGE, "a"), "(unknown)");
    for (size_t i = 0; i < CONTEXTS; i++) {
        uint32_t other = K_OTHER;
        assert_null(keymap_find(NULL, contexts[i], &other, 1, NULL));
    }
}

static void no_lower_case_key_writes_for_good(void **state)
{
    (void)state;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        const char *line = row->line;
        bool harms = strcmp(line, "commit") == 0 || strcmp(line, "discard") == 0 ||
                     strcmp(line, "metadata --clear") == 0;
        if (harms)
            assert_in_range(row->keys[0], 'A', 'Z');
    }
}

static void help_has_a_line_for_each_command_of_the_context(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONTEXTS; i++) {
        struct sink_text text;
        sink_text_init(&text, 65536);
        keymap_write_help(NULL, &text.sink, contexts[i]);
        for (const struct key_binding *row = keymap_table; row->keys != NULL; row++)
            if (row->contexts & contexts[i])
                assert_non_null(strstr(text.text, row->line));
        sink_text_release(&text);
    }
}

static void hints_fit_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONTEXTS; i++) {
        char hints[KEYMAP_HINTS];
        keymap_hints(NULL, contexts[i], "quit", hints);
        assert_non_null(strstr(hints, "?:help"));
        assert_non_null(strstr(hints, "q:quit"));
        assert_in_range(strlen(hints), 10, 78);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_binding_names_a_command),
        cmocka_unit_test(every_key_has_one_meaning_in_a_context),
        cmocka_unit_test(key_names_come_back_as_they_were),
        cmocka_unit_test(every_key_in_the_table_has_a_name),
        cmocka_unit_test(digits_become_a_record_a_percentage_or_a_count),
        cmocka_unit_test(a_key_that_takes_no_number_leaves_the_digits),
        cmocka_unit_test(digits_have_an_end),
        cmocka_unit_test(escape_and_its_like_give_up_what_was_typed),
        cmocka_unit_test(two_keys_make_one_binding),
        cmocka_unit_test(an_unknown_key_is_unknown),
        cmocka_unit_test(no_lower_case_key_writes_for_good),
        cmocka_unit_test(help_has_a_line_for_each_command_of_the_context),
        cmocka_unit_test(hints_fit_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
