/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command lines and keys, without a file: words, options, ranges and positions, and what a
 * keyboard sends.
 */
#include "tests/fuzz/fuzz.h"

#include "app/command.h"
#include "app/keymap.h"
#include "app/options.h"
#include "app/range.h"
#include "app/words.h"
#include "tests/support/shown.h"
#include "ui/keydecode.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

static const struct option_spec specs[] = {
    {.name = "json", .letter = 'j', .help = "x"},
    {.name = "format", .letter = 'f', .value = "F", .help = "x"},
    {.name = "five", .letter = '5', .help = "x"},
    {0},
};

static void check_positions(const char *word, const struct range_base *base)
{
    char error[RANGE_ERROR] = "";
    uint64_t recno = 0, number;
    const char *at = word;
    if (range_parse_position(word, base, &recno, error))
        FUZZ_CHECK(recno >= 1 && recno <= base->last, "record %llu", (unsigned long long)recno);
    else
        FUZZ_CHECK(error[0] != '\0' && memchr(error, '\0', sizeof error) != NULL, "no reason");
    (void)range_parse_offset(word, base->current, base->last, &number);
    if (range_parse_number(&at, &number))
        FUZZ_CHECK(at > word && at <= word + strlen(word), "beyond the word");
}

static void check_ranges(const char *word, const struct range_base *base)
{
    struct range_list list = {0};
    char error[RANGE_ERROR] = "";
    if (range_parse(&list, word, base, error)) {
        uint64_t total = range_list_total(&list), sum = 0;
        for (size_t i = 0; i < list.count; i++) {
            const struct range *range = &list.items[i];
            if (range->first > range->last)
                continue;
            FUZZ_CHECK(range->first >= 1 && range->last <= base->last, "outside");
            if (__builtin_add_overflow(sum, range->last - range->first + 1, &sum))
                sum = UINT64_MAX;
            if (sum == UINT64_MAX)
                break;
        }
        FUZZ_CHECK(total == sum, "%llu records, not %llu", (unsigned long long)total,
                   (unsigned long long)sum);
    } else {
        FUZZ_CHECK(error[0] != '\0' && memchr(error, '\0', sizeof error) != NULL, "no reason");
    }
    range_list_release(&list);
}

/* Keys are written in one way only, whatever way they were typed. */
static void check_sequence(const char *word)
{
    uint32_t keys[KEYMAP_SEQUENCE], again[KEYMAP_SEQUENCE];
    char name[KEY_SEQUENCE_SIZE];
    size_t count = keymap_parse_sequence(word, keys);
    if (count == 0)
        return;
    keymap_sequence_name(keys, count, name);
    FUZZ_CHECK(keymap_parse_sequence(name, again) == count &&
                   memcmp(keys, again, count * sizeof keys[0]) == 0,
               "%s is not %s", name, word);
}

static void check_word(const char *word, const struct range_base *base)
{
    char name[KEY_NAME_SIZE];
    check_positions(word, base);
    check_ranges(word, base);
    check_sequence(word);
    uint32_t key = keymap_parse_key(word);
    if (key != K_NONE)
        FUZZ_CHECK(keymap_parse_key(keymap_key_name(key, name)) == key, "key %x is %s", key, name);
}

static int split(const char *line, char **words)
{
    size_t pos = 0;
    int count = 0;
    while (count < WORDS_MAX) {
        size_t before = pos;
        char *word = NULL;
        enum words_status status = words_next(line, &pos, &word);
        FUZZ_CHECK(pos >= before && pos <= strlen(line), "place %zu", pos);
        if (status == WORDS_UNCLOSED)
            free(word);
        if (status != WORDS_ONE)
            break;
        FUZZ_CHECK(pos > before && word != NULL, "no progress");
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

static void check_line(const char *line, const struct range_base *base)
{
    char *words[WORDS_MAX + 1], *argv[WORDS_MAX + 1];
    struct options options = {0};
    char error[OPTIONS_ERROR] = "";
    int count = split(line, words), argc = count;
    for (int i = 0; i < count; i++)
        check_word(words[i], base);
    memcpy(argv, words, sizeof argv);
    if (argc > 0 && options_parse(specs, &argc, argv, &options, error))
        FUZZ_CHECK(argc >= 1 && argc <= count, "%d of %d words", argc, count);
    for (int i = 0; i < count; i++)
        free(words[i]);
}

static void check_event(struct event *event)
{
    char name[KEY_NAME_SIZE];
    FUZZ_CHECK(event->kind == EVENT_KEY || event->kind == EVENT_PASTE, "event %d", event->kind);
    if (event->kind == EVENT_PASTE) {
        free(event->paste);
        return;
    }
    FUZZ_CHECK(event->len <= EVENT_BYTES, "%zu bytes", event->len);
    keymap_key_name(event->key, name);
    FUZZ_CHECK(shown_fault(name, strlen(name), false) == NULL, "key %x: %s", event->key, name);
}

static void check_keys(const uint8_t *data, size_t size, unsigned pauses)
{
    struct keydecode decode;
    struct event event;
    keydecode_init(&decode);
    for (size_t i = 0; i < size; i++) {
        event = (struct event){0};
        if (keydecode_feed(&decode, data[i], &event))
            check_event(&event);
        if (pauses > 0 && i % pauses == 0 && keydecode_timeout(&decode, &event))
            check_event(&event);
        FUZZ_CHECK(keydecode_wait(&decode, 25) >= WAIT_FOREVER, "a wait");
    }
    while (keydecode_timeout(&decode, &event))
        check_event(&event);
    keydecode_release(&decode);
}

void fuzz_line_run(const uint8_t *data, size_t size)
{
    static const uint64_t lasts[] = {0, 1, 2, 100, 12345, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX};
    struct fuzz_input input = {data, size};
    static const uint64_t marks[RANGE_MARKS] = {1, 2, 100, UINT64_MAX};
    struct range_base base = {.last = lasts[fuzz_byte(&input) % 8], .marks = marks};
    unsigned number = fuzz_byte(&input);
    char line[1024];
    size_t len = input.size < sizeof line ? input.size : sizeof line - 1;
    base.current = base.last > 0 ? 1 + number % base.last : 0;
    if (len > 0)
        memcpy(line, input.data, len);
    line[len] = '\0';
    check_line(line, &base);
    check_word(line, &base);
    if (number % 16 == 0) /* slow, and simple */
        command_did_you_mean(line);
    check_keys(input.data, len, number % 5);
}
