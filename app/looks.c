/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guessing what records look like: see looks.h.
 */
#include "app/looks.h"

#include "app/format.h"
#include "app/safetext.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Text has good UTF-8 and no controls but blanks, tabs, line ends and colours (ESC). */
static bool is_text(const uint8_t *head, size_t len, bool whole)
{
    struct safetext_unit unit;
    struct safetext st;
    size_t n;

    safetext_init(&st, SAFETEXT_ASCII);
    for (; (n = safetext_next(&st, head, len, !whole, &unit)) > 0; head += n, len -= n) {
        bool bad_byte = n == 1 && head[0] >= 0x80;
        bool control = head[0] < 0x20 || head[0] == 0x7f;

        if (bad_byte || (control && !is_space(head[0]) && head[0] != 0x1b))
            return false;
    }
    return true;
}

/* An object or array by its first signs, and where all of it is there, by its last. */
static bool is_json(const uint8_t *head, size_t len, bool whole)
{
    size_t first = 0, last = len;
    uint8_t close;

    while (first < len && is_space(head[first]))
        first++;
    while (last > first && is_space(head[last - 1]))
        last--;
    if (last - first < 2 || (head[first] != '{' && head[first] != '['))
        return false;
    close = head[first] == '{' ? '}' : ']';
    if (whole && head[last - 1] != close)
        return false;
    for (first++; first < last && is_space(head[first]);)
        first++;
    return first == last || close == ']' || head[first] == '"' || head[first] == '}';
}

enum looks_kind looks_kind_of(const uint8_t *head, size_t head_len, uint64_t len)
{
    bool whole = head_len == len;

    if (len == 0)
        return LOOKS_EMPTY;
    if (!is_text(head, head_len, whole))
        return LOOKS_BINARY;
    return is_json(head, head_len, whole) ? LOOKS_JSON : LOOKS_TEXT;
}

void looks_init(struct looks *looks)
{
    memset(looks, 0, sizeof(*looks));
}

void looks_add(struct looks *looks, const uint8_t *head, size_t head_len, uint64_t len)
{
    enum looks_kind kind = looks_kind_of(head, head_len, len);

    looks->sizes[looks->records++] = len;
    looks->of_kind[kind]++;
    if ((kind == LOOKS_JSON || kind == LOOKS_TEXT) && !memchr(head, '\n', head_len))
        looks->lines++;
}

uint64_t looks_pick(uint64_t count, uint64_t sample, uint64_t index)
{
    uint64_t step;

    if (sample < 2)
        return 1;
    step = (count - 1) / (sample - 1);
    return 1 + step * index + (count - 1) % (sample - 1) * index / (sample - 1);
}

/* ---- Words ---- */

static int compare_sizes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static const char *const kind_names[LOOKS_KINDS] = {"empty", "JSON", "text", "binary"};

/* "JSON (250), binary (40), text (10)": the commonest first; one kind goes without its number. */
static void describe_kinds(const struct looks *looks, char *text, size_t size)
{
    bool told[LOOKS_KINDS] = {false};
    size_t fill = 0;

    for (int round = 0; round < LOOKS_KINDS; round++) {
        int best = -1;

        for (int kind = 0; kind < LOOKS_KINDS; kind++)
            if (!told[kind] && looks->of_kind[kind] > 0 &&
                (best < 0 || looks->of_kind[kind] > looks->of_kind[best]))
                best = kind;
        if (best < 0)
            break;
        told[best] = true;
        if (looks->of_kind[best] == looks->records)
            snprintf(text, size, "%s", kind_names[best]);
        else
            fill += (size_t)snprintf(text + fill, size - fill, "%s%s (%zu)", fill ? ", " : "",
                                     kind_names[best], looks->of_kind[best]);
    }
}

static void describe_sizes(const struct looks *looks, char *text, size_t size)
{
    char least[FORMAT_NUMBER], most[FORMAT_NUMBER], middle[FORMAT_NUMBER];
    uint64_t first = looks->sizes[0], last = looks->sizes[looks->records - 1];

    if (first == last) {
        snprintf(text, size, "%s byte%s each", format_grouped(first, least), format_plural(first));
        return;
    }
    snprintf(text, size, "%s to %s bytes, half of them at most %s", format_grouped(first, least),
             format_grouped(last, most),
             format_grouped(looks->sizes[(looks->records - 1) / 2], middle));
}

void looks_describe(struct looks *looks, char text[LOOKS_TEXT_SIZE])
{
    char kinds[96], sizes[128];
    size_t with_bytes = looks->records - looks->of_kind[LOOKS_EMPTY];

    text[0] = '\0';
    if (looks->records == 0)
        return;
    qsort(looks->sizes, looks->records, sizeof(looks->sizes[0]), compare_sizes);
    describe_kinds(looks, kinds, sizeof(kinds));
    describe_sizes(looks, sizes, sizeof(sizes));
    snprintf(text, LOOKS_TEXT_SIZE, "%s%s; %s", kinds,
             with_bytes > 0 && looks->lines == with_bytes ? ", in single lines" : "", sizes);
}
