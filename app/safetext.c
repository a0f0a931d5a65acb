/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sanitiser: see safetext.h. First decoding, then the question whether a
 * character may show itself, then its notation, then the loops over units.
 * Pure but for wcwidth, which knows the locale.
 */
#include "app/safetext.h"

#include "app/memory.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

/* What one letter bears; curses keeps no more than this in a cell. */
#define MARKS_MAX 4

enum safetext_mode safetext_mode_of_locale(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? SAFETEXT_UTF8 : SAFETEXT_ASCII;
}

void safetext_init(struct safetext *st, enum safetext_mode mode)
{
    st->mode = mode;
    st->marks_left = 0;
}

/* ---- UTF-8 ---- */

/* How many bytes the character that begins with `first` has; 0: none begins so. */
static size_t utf8_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

/* Whether `second` may follow `first`: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool utf8_second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

/* How many of the bytes agree with one character: its length when all of it is there. */
static size_t utf8_agreeing(const uint8_t *bytes, size_t len, size_t want)
{
    size_t i;

    for (i = 1; i < want && i < len; i++)
        if (i == 1 ? !utf8_second_fits(bytes[0], bytes[1]) : (bytes[i] & 0xc0) != 0x80)
            break;
    return i;
}

static uint32_t utf8_decode(const uint8_t *bytes, size_t len)
{
    static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code_point = bytes[0] & first_bits[len];
    size_t i;

    for (i = 1; i < len; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    return code_point;
}

static size_t utf8_encode(uint32_t code_point, char *out)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

/* ---- Which characters show themselves ---- */

struct range32 {
    uint32_t first, last;
};

/* Characters that are not seen, or that steer how others are: format controls, fillers, variation
 * selectors, line and paragraph separators, surrogates, private use, noncharacters, tags. wcwidth
 * gives many of them a width, so they are listed. */
static const struct range32 hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x061c, 0x061c},   {0x070f, 0x070f},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
    {0x13430, 0x13455}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xffffffff},
};

static bool is_hidden(uint32_t code_point)
{
    size_t low = 0, high = sizeof(hidden) / sizeof(hidden[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (code_point > hidden[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < sizeof(hidden) / sizeof(hidden[0]) && code_point >= hidden[low].first;
}

/* Cells of a character that may show itself as it is; -1: it may not. */
static int shown_cells(enum safetext_mode mode, uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7f)
        return 1;
    if (mode == SAFETEXT_ASCII || is_hidden(code_point) || (code_point & 0xfffe) == 0xfffe)
        return -1;
    return wcwidth((wchar_t)code_point);
}

/* ---- Units ---- */

/* "<U+00AD>", "<FF>". By hand, because previews are made of these. */
static void unit_escape(struct safetext *st, struct safetext_unit *unit, const char *before,
                        uint32_t value, unsigned digits)
{
    char *out = unit->text;

    while (*before)
        *out++ = *before++;
    while (digits < 8 && value >> 4 * digits)
        digits++;
    while (digits-- > 0)
        *out++ = "0123456789ABCDEF"[value >> 4 * digits & 15];
    *out++ = '>';
    *out = '\0';
    unit->text_len = unit->cells = (uint8_t)(out - unit->text);
    unit->escaped = true;
    st->marks_left = 0;
}

static void unit_bad_byte(struct safetext *st, struct safetext_unit *unit, uint8_t byte)
{
    unit_escape(st, unit, "<", byte, 2);
}

/* "^A" */
static void unit_control(struct safetext *st, struct safetext_unit *unit, uint8_t byte)
{
    unit->text[0] = '^';
    unit->text[1] = (char)(byte ^ 0x40);
    unit->text[2] = '\0';
    unit->text_len = unit->cells = 2;
    unit->escaped = true;
    st->marks_left = 0;
}

void safetext_unit_of(struct safetext *st, uint32_t code_point, struct safetext_unit *unit)
{
    int cells = shown_cells(st->mode, code_point);

    unit->src_len = 0;
    unit->code_point = code_point;
    if (code_point < 0x20 || code_point == 0x7f) {
        unit_control(st, unit, (uint8_t)code_point);
    } else if (code_point >= 0x80 && code_point < 0xa0) {
        unit_bad_byte(st, unit, (uint8_t)code_point);
    } else if (cells < 0 || (cells == 0 && st->marks_left == 0)) {
        unit_escape(st, unit, "<U+", code_point, 4);
    } else {
        unit->text_len = (uint8_t)utf8_encode(code_point, unit->text);
        unit->text[unit->text_len] = '\0';
        unit->cells = (uint8_t)cells;
        unit->escaped = false;
        st->marks_left = cells > 0 ? MARKS_MAX : st->marks_left - 1;
    }
}

size_t safetext_next(struct safetext *st, const void *bytes, size_t len, bool more,
                     struct safetext_unit *unit)
{
    const uint8_t *src = bytes;
    size_t want, have;

    if (len == 0)
        return 0;
    want = utf8_len(src[0]);
    have = want ? utf8_agreeing(src, len, want) : 0;
    if (have < want && have == len && more)
        return 0;
    if (want && have == want) {
        safetext_unit_of(st, utf8_decode(src, want), unit);
    } else {
        unit_bad_byte(st, unit, src[0]);
        unit->code_point = src[0];
        want = 1;
    }
    unit->src_len = (uint8_t)want;
    return want;
}

/* ---- Texts ---- */

size_t safetext_fit(enum safetext_mode mode, const void *bytes, size_t len, size_t max_cells,
                    char *buf, size_t size, size_t *cells)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t taken = 0, width = 0, fill = 0, n;

    safetext_init(&st, mode);
    while ((n = safetext_next(&st, src + taken, len - taken, false, &unit)) > 0) {
        if (width + unit.cells > max_cells || fill + unit.text_len >= size)
            break;
        memcpy(buf + fill, unit.text, unit.text_len);
        fill += unit.text_len;
        width += unit.cells;
        taken += n;
    }
    if (size)
        buf[fill] = '\0';
    if (cells)
        *cells = width;
    return taken;
}

size_t safetext_cell_of(enum safetext_mode mode, const void *bytes, size_t len, size_t off)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t taken = 0, width = 0, n;

    safetext_init(&st, mode);
    while ((n = safetext_next(&st, src + taken, len - taken, false, &unit)) > 0) {
        if (taken + n > off)
            break;
        taken += n;
        width += unit.cells;
    }
    return width;
}

size_t safetext_byte_of(enum safetext_mode mode, const void *bytes, size_t len, size_t cell)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t taken = 0, width = 0, n;

    safetext_init(&st, mode);
    while ((n = safetext_next(&st, src + taken, len - taken, false, &unit)) > 0) {
        if (width + unit.cells > cell)
            break;
        taken += n;
        width += unit.cells;
    }
    return taken;
}

char *safetext_dup(const void *bytes, size_t len)
{
    enum safetext_mode mode = safetext_mode_of_locale();
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t taken = 0, fill = 0, room = 0, n;
    char *text = memory_grow(NULL, &room, len + 1, 1);

    safetext_init(&st, mode);
    while ((n = safetext_next(&st, src + taken, len - taken, false, &unit)) > 0) {
        text = memory_grow(text, &room, fill + unit.text_len + 1, 1);
        memcpy(text + fill, unit.text, unit.text_len);
        fill += unit.text_len;
        taken += n;
    }
    text[fill] = '\0';
    return text;
}

char *safetext_dup_string(const char *string)
{
    return safetext_dup(string, strlen(string));
}
