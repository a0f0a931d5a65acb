/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a text of any length with bounded looking back; see textlines.h. */
#include "app/textlines.h"

#include <string.h>

#define SPAN TEXTLINES_SPAN
#define NOT_FOUND UINT64_MAX
#define CONTINUATIONS_MAX 3 /* bytes of a UTF-8 character after its first */

size_t byte_source_read(const struct byte_source *source, uint64_t off, void *buf, size_t len)
{
    if (source->read == NULL || off >= source->size)
        return 0;
    if (len > source->size - off)
        len = (size_t)(source->size - off);
    return source->read(source->ctx, off, buf, len);
}

static uint64_t last_newline(const struct byte_source *source, uint64_t from, uint64_t to)
{
    char buf[SPAN];
    while (to > from) {
        size_t len = to - from < sizeof buf ? (size_t)(to - from) : sizeof buf;
        size_t got = byte_source_read(source, to - len, buf, len);
        const char *hit = memrchr(buf, '\n', got);
        if (hit != NULL)
            return to - len + (uint64_t)(hit - buf);
        to -= len;
    }
    return NOT_FOUND;
}

static uint64_t first_newline(const struct byte_source *source, uint64_t from, uint64_t to)
{
    char buf[1024]; /* most lines are short */
    while (from < to) {
        size_t len = to - from < sizeof buf ? (size_t)(to - from) : sizeof buf;
        size_t got = byte_source_read(source, from, buf, len);
        const char *hit = memchr(buf, '\n', got);
        if (hit != NULL)
            return from + (uint64_t)(hit - buf);
        if (got < len)
            break;
        from += len;
    }
    return NOT_FOUND;
}

/* The first byte at or behind `off` that can begin a character. */
static uint64_t character_at(const struct byte_source *source, uint64_t off)
{
    uint8_t buf[CONTINUATIONS_MAX];
    size_t got = byte_source_read(source, off, buf, sizeof buf);
    size_t i = 0;
    while (i < got && (buf[i] & 0xc0) == 0x80)
        i++;
    return off + i;
}

uint64_t textlines_start(const struct byte_source *source, uint64_t off)
{
    uint64_t base = off / SPAN * SPAN;
    if (base > 0 && off < character_at(source, base))
        base -= SPAN;
    uint64_t newline = last_newline(source, base, off);
    if (newline == NOT_FOUND && base > 0)
        newline = last_newline(source, base - SPAN, base);
    if (newline != NOT_FOUND)
        return newline + 1;
    return base > 0 ? character_at(source, base) : 0;
}

/* Where a line is broken if no newline comes. */
static uint64_t break_of(const struct byte_source *source, uint64_t start)
{
    char before = '\n';
    if (start > 0)
        byte_source_read(source, start - 1, &before, 1);
    uint64_t base = start / SPAN * SPAN;
    if (before == '\n' && base < start)
        base += SPAN; /* a whole span without a newline must come first */
    return base + SPAN;
}

uint64_t textlines_end(const struct byte_source *source, uint64_t start, uint64_t *next)
{
    uint64_t limit = break_of(source, start);
    if (limit > source->size)
        limit = source->size;
    uint64_t newline = first_newline(source, start, limit);
    if (newline != NOT_FOUND) {
        *next = newline + 1;
        return newline;
    }
    *next = limit < source->size ? character_at(source, limit) : limit;
    return *next;
}
