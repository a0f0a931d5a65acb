/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a terminal may have a text; see shown.h. The list was made from the Unicode Character
 * Database: general categories Cc, Cf, Cs, Co, Zl and Zp, the noncharacters, and
 * Default_Ignorable_Code_Point; but for the marks of category Cf that are seen in front of
 * numbers (Prepended_Concatenation_Mark: 0600 to 0605, 06DD, 0890, 0891, 08E2, 110BD, 110CD).
 */
#include "tests/support/shown.h"

#include <wchar.h>
#include <wctype.h>

static const uint32_t unseen[][2] = {
    {0x0000, 0x001f},    {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x061c, 0x061c},    {0x070f, 0x070f},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},    {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
    {0x13430, 0x13438},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff},
    {0x2fffe, 0x2ffff},  {0x3fffe, 0x3ffff}, {0x4fffe, 0x4ffff}, {0x5fffe, 0x5ffff},
    {0x6fffe, 0x6ffff},  {0x7fffe, 0x7ffff}, {0x8fffe, 0x8ffff}, {0x9fffe, 0x9ffff},
    {0xafffe, 0xaffff},  {0xbfffe, 0xbffff}, {0xcfffe, 0xcffff}, {0xdfffe, 0xe0fff},
    {0xefffe, 0x10ffff},
};

bool shown_may(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7f)
        return true;
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (code_point >= unseen[i][0] && code_point <= unseen[i][1])
            return false;
    return code_point <= 0x10ffff && iswprint((wint_t)code_point);
}

/* By the table of the Unicode standard (3.9, table 3-7), and the least value of each length. */
size_t shown_decode(const char *text, size_t len, uint32_t *code_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)text;
    if (len == 0 || (byte[0] >= 0x80 && byte[0] < 0xc0) || byte[0] >= 0xf8)
        return 0;
    size_t want = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    uint32_t value = want == 1 ? byte[0] : byte[0] & (0xffu >> (want + 1));
    if (want > len)
        return 0;
    for (size_t i = 1; i < want; i++) {
        if (byte[i] >> 6 != 2)
            return 0;
        value = value << 6 | (byte[i] & 0x3fu);
    }
    if (value < least[want] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code_point = value;
    return want;
}

const char *shown_fault(const char *text, size_t len, bool lines)
{
    uint32_t code_point;
    for (size_t at = 0, n; at < len; at += n) {
        n = shown_decode(text + at, len - at, &code_point);
        if (n == 0)
            return "bad UTF-8";
        if (lines && code_point == '\n')
            continue;
        if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0))
            return "a control";
        if (!shown_may(code_point))
            return "a character that is not seen";
    }
    return NULL;
}
