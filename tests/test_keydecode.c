/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a terminal become keys, one for one, whatever comes and however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/keydecode.h"

/* The names of the keys that bytes make, the time running out at their end. */
static const char *decoded(const char *bytes)
{
    static char out[256];
    char name[KEY_NAME_SIZE];
    struct keydecode decode;
    struct event event;
    size_t len = 0;
    keydecode_init(&decode);
    out[0] = '\0';
    for (const char *at = bytes; *at != '\0'; at++) {
        if (!keydecode_feed(&decode, (uint8_t)*at, &event))
            continue;
        len += (size_t)snprintf(out + len, sizeof out - len, "%s ",
                                event.kind == EVENT_PASTE ? event.paste
                                                          : keymap_key_name(event.key, name));
        free(event.paste);
        event.paste = NULL;
    }
    while (keydecode_wait(&decode, 25) != WAIT_FOREVER)
        if (keydecode_timeout(&decode, &event))
            len += (size_t)snprintf(out + len, sizeof out - len, "%s ",
                                    keymap_key_name(event.key, name));
    keydecode_release(&decode);
    return out;
}

static void keys_of_xterm_vt220_and_linux_are_known(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033[A\033OB\033[1;5C\033[D"), "Up Down Right Left ");
    assert_string_equal(decoded("\033[H\033[4~\033[7~\033OF"), "Home End Home End ");
    assert_string_equal(decoded("\033[5~\033[6~\033[2~\033[3~"), "PgUp PgDn Ins Del ");
    assert_string_equal(decoded("\033OP\033[11~\033[[A\033[24~\033[28~"), "F1 F1 F1 F12 F1 ");
    assert_string_equal(decoded("\033[29~\033[Z\033OM"), ": S-Tab Enter ");
    assert_string_equal(decoded("\x7f\b\n\r\t\001"), "Backspace Backspace Enter Enter Tab C-a ");
}

static void a_lone_escape_is_a_key(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033"), "Esc ");
    assert_string_equal(decoded("\033\033"), "Esc Esc ");
    assert_string_equal(decoded("\033\033[A"), "Esc Up ");
}

static void what_is_not_known_is_swallowed_whole(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033[57~j"), "that key j ");
    assert_string_equal(decoded("\033[?1;2cj"), "that key j ");
    assert_string_equal(decoded("\033]11;rgb:00/00/00\033\\j"), "that key j ");
    assert_string_equal(decoded("\033Cj"), "that key j ");
    assert_string_equal(decoded("\033[1111111111111111111111111111111111111111~j"), "that key j ");
    assert_string_equal(decoded("\033["), "that key ");
}

static void characters_of_any_length_are_one_key(void **state)
{
    (void)state;
    assert_string_equal(decoded("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x99\x82"), "U+00E9 U+6F22 U+1F642 ");
    assert_string_equal(decoded("\xff\x80j"), "that key that key j ");
}

static void a_paste_is_no_key(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033[200~Cy\rq\033[201~j"), "Cy\rq j ");
    assert_string_equal(decoded("\033[200~\033[A\033[201~"), "\033[A ");
    assert_string_equal(decoded("\033[200~never ends"), "");
}

static void what_comes_right_behind_a_paste_may_be_of_it(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033[200~a\033[201~\rQ\033[201~j"), "a \rQ j ");
    assert_string_equal(decoded("\033[200~a\033[201~b\033[201~c\033[201~"), "a b c ");
    assert_string_equal(decoded("\033[200~a\033[201~\033[Aj\033[200~b\033[201~\r"),
                        "a Up j b Enter ");
    assert_string_equal(decoded("\033[200~a\033[201~\xc3\xa9\033"), "a U+00E9 Esc ");
}

static void keys_behind_a_paste_wait_until_it_is_quiet(void **state)
{
    (void)state;
    struct keydecode decode;
    struct event event;
    keydecode_init(&decode);
    for (const char *at = "\033[200~x\033[201~"; *at != '\0'; at++)
        if (keydecode_feed(&decode, (uint8_t)*at, &event))
            free(event.paste);
    assert_int_equal(keydecode_wait(&decode, 0), 25);
    assert_int_equal(keydecode_wait(&decode, 500), 500);
    assert_false(keydecode_feed(&decode, 'j', &event));
    assert_false(keydecode_feed(&decode, 'k', &event));
    assert_true(keydecode_timeout(&decode, &event));
    assert_int_equal(event.key, 'j');
    assert_true(keydecode_feed(&decode, 'l', &event)); /* what is new comes behind what was held */
    assert_int_equal(event.key, 'k');
    assert_true(keydecode_next(&decode, &event));
    assert_int_equal(event.key, 'l');
    assert_false(keydecode_next(&decode, &event));
    assert_int_equal(keydecode_wait(&decode, 25), WAIT_FOREVER);
    keydecode_release(&decode);
}

static void alt_and_a_character_are_one_key(void **state)
{
    (void)state;
    assert_string_equal(decoded("\033\xc3\xa9j\033\xf0\x9f\x99\x82k"), "that key j that key k ");
}

static void a_torn_sequence_waits_for_its_rest(void **state)
{
    (void)state;
    struct keydecode decode;
    struct event event;
    keydecode_init(&decode);
    assert_int_equal(keydecode_wait(&decode, 25), WAIT_FOREVER);
    keydecode_feed(&decode, '\033', &event);
    assert_int_equal(keydecode_wait(&decode, 500), 500);
    keydecode_feed(&decode, '[', &event);
    assert_true(keydecode_wait(&decode, 25) >= 500);
    assert_true(keydecode_feed(&decode, 'C', &event));
    assert_int_equal(event.key, K_RIGHT);
    assert_memory_equal(event.bytes, "\033[C", 3);
    assert_int_equal(keydecode_wait(&decode, 25), WAIT_FOREVER);
    keydecode_release(&decode);
}

static void any_bytes_are_survived(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct keydecode decode;
    keydecode_init(&decode);
    for (int i = 0; i < 300000; i++) {
        static const char usual[] = "\033[O]P~0129;AM\a\\";
        struct event event = {.kind = EVENT_NONE};
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint8_t byte = seed >> 40 & 1 ? (uint8_t)usual[(seed >> 33) % (sizeof usual - 1)]
                                      : (uint8_t)(seed >> 48);
        if (keydecode_feed(&decode, byte, &event) || i % 1000 == 0) {
            assert_true(event.len <= EVENT_BYTES);
            free(event.paste);
        }
    }
    keydecode_release(&decode);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_xterm_vt220_and_linux_are_known),
        cmocka_unit_test(a_lone_escape_is_a_key),
        cmocka_unit_test(what_is_not_known_is_swallowed_whole),
        cmocka_unit_test(characters_of_any_length_are_one_key),
        cmocka_unit_test(a_paste_is_no_key),
        cmocka_unit_test(what_comes_right_behind_a_paste_may_be_of_it),
        cmocka_unit_test(keys_behind_a_paste_wait_until_it_is_quiet),
        cmocka_unit_test(alt_and_a_character_are_one_key),
        cmocka_unit_test(a_torn_sequence_waits_for_its_rest),
        cmocka_unit_test(any_bytes_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
