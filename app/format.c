/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as people read them: see format.h.
 */
#include "app/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *format_grouped(uint64_t number, char buf[FORMAT_NUMBER])
{
    char digits[FORMAT_NUMBER];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *out = buf;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return buf;
}

const char *format_size(uint64_t bytes, char buf[FORMAT_NUMBER])
{
    static const char units[] = "KMGTPE";
    double value = (double)bytes;
    size_t unit = 0;

    if (bytes < 1000) {
        snprintf(buf, FORMAT_NUMBER, "%" PRIu64, bytes);
        return buf;
    }
    for (value /= 1024; value >= 999.5 && unit + 1 < strlen(units); unit++)
        value /= 1024;
    snprintf(buf, FORMAT_NUMBER, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
    return buf;
}

const char *format_plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}
