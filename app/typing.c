/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys on their way to a command line; see typing.h. */
#include "app/typing.h"

#include <stdio.h>
#include <string.h>

void typing_clear(struct typing *typing)
{
    *typing = (struct typing){0};
}

static bool is_digit(uint32_t key)
{
    return key >= '0' && key <= '9';
}

static bool is_sign(uint32_t key)
{
    return key == '+' || key == '-';
}

static bool is_cancel(uint32_t key)
{
    return key == K_ESC || key == K_CTRL_C || key == K_CTRL_G;
}

/* Where there are records to go to. */
static bool has_records(unsigned context)
{
    return (context & (KEYS_LIST | KEYS_RECORD)) != 0;
}

static enum typing_result add_digit(struct typing *typing, uint32_t key)
{
    size_t len = strlen(typing->digits);
    if (len + 1 >= sizeof typing->digits)
        return TYPING_FULL;
    typing->digits[len] = (char)key;
    return TYPING_WAIT;
}

static enum typing_result drop_digit(struct typing *typing)
{
    size_t len = strlen(typing->digits);
    typing->digits[len - 1] = '\0';
    return len > 1 ? TYPING_WAIT : TYPING_CANCELLED;
}

static enum typing_result go(struct typing *typing, const char *behind, char line[TYPING_LINE])
{
    snprintf(line, TYPING_LINE, "goto %s%s", typing->digits, behind);
    typing_clear(typing);
    return TYPING_RUN;
}

/* Digits stand: does this key go to the record, or take them as its count? */
static enum typing_result finish_digits(struct typing *typing, const struct keymap *map,
                                        unsigned context, uint32_t key, char line[TYPING_LINE])
{
    const struct key_binding *row = keymap_find(map, context, &key, 1, NULL);
    bool goes = key == K_ENTER || (row != NULL && (row->flags & KEYMAP_GOES));
    if (has_records(context) && goes)
        return go(typing, "", line);
    bool percent = key == '%' || (row != NULL && (row->flags & KEYMAP_PERCENT));
    if (has_records(context) && percent)
        return go(typing, "%", line);
    if (row == NULL || !(row->flags & KEYMAP_COUNT) || is_sign((uint8_t)typing->digits[0]))
        return TYPING_REFUSED;
    snprintf(line, TYPING_LINE, "%s %s", row->line, typing->digits);
    typing_clear(typing);
    return TYPING_RUN;
}

static enum typing_result digits_key(struct typing *typing, const struct keymap *map,
                                     unsigned context, uint32_t key, char line[TYPING_LINE])
{
    if (is_digit(key))
        return add_digit(typing, key);
    if (key == K_BACKSPACE || key == K_DELETE)
        return drop_digit(typing);
    return finish_digits(typing, map, context, key, line);
}

static enum typing_result plain_key(struct typing *typing, const struct keymap *map,
                                    unsigned context, uint32_t key, char line[TYPING_LINE])
{
    bool begins;
    typing->pending[typing->pending_count++] = key;
    const struct key_binding *row =
        keymap_find(map, context, typing->pending, typing->pending_count, &begins);
    if (row == NULL && begins)
        return TYPING_WAIT;
    typing->pending_count = 0;
    if (row == NULL)
        return TYPING_UNKNOWN;
    keymap_line(row, key, line);
    return TYPING_RUN;
}

enum typing_result typing_key(struct typing *typing, const struct keymap *map, unsigned context,
                              uint32_t key, char line[TYPING_LINE])
{
    bool typed = typing->digits[0] != '\0' || typing->pending_count > 0;
    if (is_cancel(key)) {
        typing_clear(typing);
        return typed ? TYPING_CANCELLED : TYPING_IDLE;
    }
    if (typing->digits[0] != '\0')
        return digits_key(typing, map, context, key, line);
    if (typing->pending_count == 0 && (is_digit(key) || (is_sign(key) && has_records(context))))
        return add_digit(typing, key);
    return plain_key(typing, map, context, key, line);
}
