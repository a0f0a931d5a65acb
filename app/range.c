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

#define DIGITS "0123456789"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits, perhaps with `_` between them. */
static bool parse_plain(const char **text, uint64_t *number)
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

/* The length of a number whose digits are grouped by commas, as 1,234,567; 0: here is none. */
static size_t grouped_len(const char *text)
{
    size_t len = strspn(text, DIGITS);

    if (len == 0 || len > 3 || text[0] == '0' || text[len] != ',')
        return 0;
    while (text[len] == ',' && strspn(text + len + 1, DIGITS) == 3 && text[len + 4] != '_')
        len += 4;
    return strchr(text, ',') < text + len ? len : 0;
}

bool range_parse_number(const char **text, uint64_t *number)
{
    const char *end = *text + grouped_len(*text);
    uint64_t group;

    if (!parse_plain(text, number))
        return false;
    while (*text < end) {
        ++*text;
        if (parse_plain(text, &group))
            *number = *number > (UINT64_MAX - group) / 1000 ? UINT64_MAX : *number * 1000 + group;
    }
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

/* A text on its way to numbers. */
struct scan {
    const char *at;
    const struct range_base *base;
    bool in_list; /* a comma parts elements */
    bool at_end;  /* the position ends a range */
    char *error;
    bool failed; /* and `error` says why */
};

static bool fail_mark(struct scan *scan, char letter)
{
    scan->failed = true;
    if (letter >= 'A' && letter <= 'Z')
        snprintf(scan->error, RANGE_ERROR, "there is no mark %c: marks are a to z", letter);
    else if (letter < 'a' || letter > 'z')
        snprintf(scan->error, RANGE_ERROR, "a mark is ' and a letter, 'a to 'z");
    else
        snprintf(scan->error, RANGE_ERROR, "mark %c is not set", letter);
    return false;
}

static bool take_mark(struct scan *scan, uint64_t *recno)
{
    char letter = scan->at[1];
    const uint64_t *marks = scan->base->marks;

    if (letter < 'a' || letter > 'z' || !marks || marks[letter - 'a'] == 0)
        return fail_mark(scan, letter);
    *recno = marks[letter - 'a'];
    scan->at += 2;
    return true;
}

static void put_with(char *buf, size_t size, const char *text, size_t len, char between)
{
    size_t i;

    for (i = 0; i < len && i + 1 < size; i++)
        buf[i] = text[i] == ',' ? between : text[i];
    buf[i] = '\0';
}

/* In a list a comma before three digits could be either; nobody guesses. */
static bool fail_ambiguous(struct scan *scan, size_t len)
{
    char one[32], many[32];

    put_with(one, sizeof(one), scan->at, len, '_');
    put_with(many, sizeof(many), scan->at, len, ' ');
    scan->failed = true;
    snprintf(scan->error, RANGE_ERROR,
             "\"%.*s\" could be one number or a list: write %s for the number, %s for the list",
             len > 31 ? 31 : (int)len, scan->at, one, many);
    return false;
}

/* In 1..704,958..5000 the comma parts: a range has one end. */
static bool must_be_list(const struct scan *scan, size_t len)
{
    return scan->at_end && strspn(scan->at, DIGITS) + 4 == len &&
           strncmp(scan->at + len, "..", 2) == 0;
}

static bool take_number(struct scan *scan, uint64_t *number)
{
    size_t len = grouped_len(scan->at);

    if (!scan->in_list)
        return range_parse_number(&scan->at, number);
    if (len > 0 && !must_be_list(scan, len))
        return fail_ambiguous(scan, len);
    return parse_plain(&scan->at, number);
}

/* A number with what says where it counts from. */
static bool take_counted(struct scan *scan, uint64_t *recno)
{
    char sign = *scan->at;
    bool relative = sign == '+' || sign == '-';

    scan->at += relative;
    if (!take_number(scan, recno))
        return false;
    if (relative) {
        *recno = at_relative(scan->base->current, sign, *recno);
    } else if (*scan->at == '%') {
        *recno = at_percent(scan->base->last, *recno);
        scan->at++;
    }
    return true;
}

/* One position. It may be no record's number. False, and not failed: here is none. */
static bool take_position(struct scan *scan, uint64_t *recno)
{
    if (*scan->at == '\'')
        return take_mark(scan, recno);
    if (*scan->at != '$' && !is_current(scan->at))
        return take_counted(scan, recno);
    *recno = *scan->at == '$' ? scan->base->last : scan->base->current;
    scan->at++;
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

static bool is_element_end(char c)
{
    return c == '\0' || c == ',';
}

static bool take_single(struct range_list *list, struct scan *scan, const char *start,
                        bool has_first, uint64_t first)
{
    if (!has_first || !is_element_end(*scan->at))
        return fail_syntax(start, scan->error);
    if (first == 0 || first > scan->base->last)
        return fail_no_record(first, scan->base->last, scan->error);
    list_add(list, first, first);
    return true;
}

/* One element of a list. */
static bool take_range(struct range_list *list, struct scan *scan)
{
    const char *start = scan->at;
    uint64_t first = 1, last = UINT64_MAX, end = scan->base->last;
    bool has_first;

    scan->at_end = false;
    has_first = take_position(scan, &first);
    if (scan->failed)
        return false;
    if (strncmp(scan->at, "..", 2) != 0)
        return take_single(list, scan, start, has_first, first);
    scan->at += 2;
    scan->at_end = true;
    take_position(scan, &last);
    if (scan->failed)
        return false;
    if (!is_element_end(*scan->at))
        return fail_syntax(start, scan->error);
    if (first == 0 && end > 0)
        return fail_no_record(0, end, scan->error);
    if (first > last && last > 0 && first <= end) {
        snprintf(scan->error, RANGE_ERROR, "range %.40s ends before it begins", start);
        return false;
    }
    if (first == 0) /* of no records: nothing, not a record 0 */
        first = 1;
    list_add(list, first, last < end ? last : end);
    return true;
}

bool range_parse(struct range_list *list, const char *text, const struct range_base *base,
                 char error[RANGE_ERROR])
{
    struct scan scan = {text, base, true, false, error, false};

    for (;;) {
        if (!take_range(list, &scan))
            return false;
        if (*scan.at == '\0')
            return true;
        scan.at++;
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
    struct scan scan = {text, base, false, false, error, false};
    uint64_t number;

    if (!take_position(&scan, &number) || *scan.at) {
        if (!scan.failed)
            snprintf(error, RANGE_ERROR, "\"%.40s\" is no position: give N, +N, -N, N%%, . or $",
                     text);
        return false;
    }
    if (number == 0 || number > base->last)
        return fail_no_record(number, base->last, error);
    *recno = number;
    return true;
}

/* ---- Offsets ---- */

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* Behind 0x, perhaps with `_` between the digits. */
static bool parse_hex(const char **text, uint64_t *number)
{
    const char *at = *text;

    *number = 0;
    if (hex_digit(*at) < 0)
        return false;
    for (; hex_digit(*at) >= 0 || (*at == '_' && hex_digit(at[1]) >= 0); at++)
        if (*at != '_')
            *number = *number >> 60 ? UINT64_MAX : *number << 4 | (unsigned)hex_digit(*at);
    *text = at;
    return true;
}

static bool parse_offset_number(const char **text, uint64_t *number)
{
    const char *at = *text;

    if (at[0] != '0' || (at[1] != 'x' && at[1] != 'X'))
        return range_parse_number(text, number);
    *text += 2;
    return parse_hex(text, number);
}

bool range_parse_offset(const char *text, uint64_t current, uint64_t size, uint64_t *off)
{
    uint64_t last = size > 0 ? size - 1 : 0, number;
    char sign = *text;
    bool relative = sign == '+' || sign == '-';

    if (strcmp(text, "$") == 0 || strcmp(text, ".") == 0) {
        *off = sign == '$' ? last : current;
        return true;
    }
    text += relative;
    if (!parse_offset_number(&text, &number))
        return false;
    if (!relative && strcmp(text, "%") == 0) {
        *off = number >= 100 ? last : size / 100 * number + size % 100 * number / 100;
        return true;
    }
    *off = relative ? at_relative(current, sign, number) : number;
    return *text == '\0';
}
