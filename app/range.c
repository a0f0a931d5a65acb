/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Positions and ranges: see range.h.
 */
#include "app/range.h"

#include "app/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool range_parse_number(const char **text, uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;

    if (!is_digit(*at))
        return false;
    for (; is_digit(*at) || (*at == '_' && is_digit(at[1])); at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (*at == '_')
            continue;
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    *text = at;
    *number = value;
    return true;
}

/* Record `percent` hundredths of the way from the first to the last. */
static uint64_t at_percent(uint64_t last, uint64_t percent)
{
    uint64_t recno;

    if (percent >= 100)
        return last;
    recno = last / 100 * percent + last % 100 * percent / 100;
    return recno == 0 && last > 0 ? 1 : recno;
}

static uint64_t at_relative(uint64_t current, char sign, uint64_t distance)
{
    if (sign == '+')
        return distance > UINT64_MAX - current ? UINT64_MAX : current + distance;
    return distance >= current ? 0 : current - distance;
}

/* A dot that is not the beginning of "..", or stands before it: "..." is from the current on. */
static bool is_current(const char *text)
{
    return text[0] == '.' && (text[1] != '.' || text[2] == '.');
}

/* One position at *text, which moves behind it. It may be no record's number. */
static bool take_position(const char **text, const struct range_base *base, uint64_t *recno)
{
    char c = **text;
    uint64_t number;

    if (c == '$' || is_current(*text)) {
        *recno = c == '$' ? base->last : base->current;
        (*text)++;
        return true;
    }
    if (c == '+' || c == '-')
        (*text)++;
    if (!range_parse_number(text, &number))
        return false;
    if (c == '+' || c == '-')
        number = at_relative(base->current, c, number);
    else if (**text == '%') {
        number = at_percent(base->last, number);
        (*text)++;
    }
    *recno = number;
    return true;
}

static bool fail_no_record(uint64_t recno, uint64_t last, char error[RANGE_ERROR])
{
    if (last == 0 && recno == 0)
        snprintf(error, RANGE_ERROR, "there are no records yet");
    else if (last == 0)
        snprintf(error, RANGE_ERROR, "no record %" PRIu64 " (there are none yet)", recno);
    else if (recno == 0)
        snprintf(error, RANGE_ERROR, "records start at 1");
    else
        snprintf(error, RANGE_ERROR, "no record %" PRIu64 " (last is %" PRIu64 ")", recno, last);
    return false;
}

static bool fail_syntax(const char *text, char error[RANGE_ERROR])
{
    snprintf(error, RANGE_ERROR, "\"%.40s\" is no range: give N, A..B, A.., ..B, . or $", text);
    return false;
}

static void list_add(struct range_list *list, uint64_t first, uint64_t last)
{
    list->items = memory_grow(list->items, &list->room, list->count + 1, sizeof(list->items[0]));
    list->items[list->count].first = first;
    list->items[list->count].last = last;
    list->count++;
}

/* One element of a list at *text, which moves behind it. */
static bool take_range(struct range_list *list, const char **text, const struct range_base *base,
                       char error[RANGE_ERROR])
{
    const char *start = *text;
    uint64_t first = 1, last = UINT64_MAX;
    bool has_first = take_position(text, base, &first);

    if (strncmp(*text, "..", 2) != 0) {
        if (!has_first || (**text && **text != ','))
            return fail_syntax(start, error);
        if (first == 0 || first > base->last)
            return fail_no_record(first, base->last, error);
        list_add(list, first, first);
        return true;
    }
    *text += 2;
    take_position(text, base, &last);
    if (**text && **text != ',')
        return fail_syntax(start, error);
    if (first == 0 && base->last > 0)
        return fail_no_record(0, base->last, error);
    if (first > last && last > 0 && first <= base->last) {
        snprintf(error, RANGE_ERROR, "range %.40s ends before it begins", start);
        return false;
    }
    if (first == 0) /* of no records: nothing, not a record 0 */
        first = 1;
    list_add(list, first, last < base->last ? last : base->last);
    return true;
}

bool range_parse(struct range_list *list, const char *text, const struct range_base *base,
                 char error[RANGE_ERROR])
{
    const char *at = text;

    for (;;) {
        if (!take_range(list, &at, base, error))
            return false;
        if (*at == '\0')
            return true;
        at++;
    }
}

bool range_parse_all(struct range_list *list, int count, char *const *texts,
                     const struct range_base *base, char error[RANGE_ERROR])
{
    if (count == 0)
        return range_parse(list, "..", base, error);
    for (int i = 0; i < count; i++)
        if (!range_parse(list, texts[i], base, error))
            return false;
    return true;
}

void range_list_release(struct range_list *list)
{
    free(list->items);
    memset(list, 0, sizeof(*list));
}

uint64_t range_list_total(const struct range_list *list)
{
    uint64_t total = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct range *range = &list->items[i];
        uint64_t count = range->first > range->last ? 0 : range->last - range->first + 1;

        total = count > UINT64_MAX - total ? UINT64_MAX : total + count;
    }
    return total;
}

bool range_parse_position(const char *text, const struct range_base *base, uint64_t *recno,
                          char error[RANGE_ERROR])
{
    const char *at = text;
    uint64_t number;

    if (!take_position(&at, base, &number) || *at) {
        snprintf(error, RANGE_ERROR, "\"%.40s\" is no position: give N, +N, -N, N%%, . or $", text);
        return false;
    }
    if (number == 0 || number > base->last)
        return fail_no_record(number, base->last, error);
    *recno = number;
    return true;
}
