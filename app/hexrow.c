/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of a hex dump row; see hexrow.h. */
#include "app/hexrow.h"

#include <stdbool.h>
#include <string.h>

#define OFFSET_DIGITS 8 /* records have fewer than 2^32 bytes */
#define GROUP 8         /* a wider gap follows each eighth byte */

unsigned hexrow_hex_column(unsigned index)
{
    return OFFSET_DIGITS + 2 + index * 3 + index / GROUP;
}

/* Behind the last byte come its blank and one more, then the bar. */
static unsigned bar_column(unsigned per_row)
{
    return hexrow_hex_column(per_row - 1) + 4;
}

unsigned hexrow_char_column(unsigned per_row, unsigned index)
{
    return bar_column(per_row) + 1 + index;
}

unsigned hexrow_width(unsigned per_row)
{
    return hexrow_char_column(per_row, per_row) + 1;
}

unsigned hexrow_bytes_for(unsigned columns)
{
    static const unsigned widths[] = {32, 24, 16, 8};
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
        if (hexrow_width(widths[i]) <= columns)
            return widths[i];
    return 4;
}

static void put_hex(char *at, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--, value >>= 4)
        at[i - 1] = "0123456789abcdef"[value & 15];
}

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

size_t hexrow_format(char buf[HEXROW_SIZE], uint64_t off, const uint8_t *data, size_t len,
                     unsigned per_row)
{
    unsigned bar = bar_column(per_row);
    memset(buf, ' ', bar);
    put_hex(buf, off, OFFSET_DIGITS);
    buf[bar] = '|';
    for (unsigned i = 0; i < len; i++) {
        put_hex(buf + hexrow_hex_column(i), data[i], 2);
        buf[hexrow_char_column(per_row, i)] = is_printable(data[i]) ? (char)data[i] : '.';
    }
    size_t end = hexrow_char_column(per_row, (unsigned)len);
    buf[end++] = '|';
    buf[end] = '\0';
    return end;
}
