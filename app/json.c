/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing JSON: see json.h. The sanitiser tells which characters may stand for
 * themselves; the others are escaped by their number.
 */
#include "app/json.h"

#include "app/safetext.h"

#include <string.h>

static bool json_escape(struct sink *out, uint32_t code_point)
{
    if (code_point < 0x10000)
        return sink_printf(out, "\\u%04x", (unsigned)code_point);
    code_point -= 0x10000;
    return sink_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 | code_point >> 10),
                       (unsigned)(0xdc00 | (code_point & 0x3ff)));
}

static bool json_unit(struct sink *out, const uint8_t *src, const struct safetext_unit *unit)
{
    static const char short_escapes[] = "\b\f\n\r\t\"\\";
    static const char short_letters[] = "bfnrt\"\\";
    const char *found = unit->src_len == 1 && src[0] ? strchr(short_escapes, src[0]) : NULL;

    if (found)
        return sink_printf(out, "\\%c", short_letters[found - short_escapes]);
    if (!unit->escaped)
        return sink_write(out, src, unit->src_len);
    if (unit->src_len == 1)
        return json_escape(out, src[0] < 0x80 ? src[0] : 0xfffd);
    return json_escape(out, unit->code_point);
}

bool json_string(struct sink *out, const void *bytes, size_t len)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t n;

    safetext_init(&st, out->mode);
    sink_string(out, "\"");
    while ((n = safetext_next(&st, src, len, false, &unit)) > 0) {
        json_unit(out, src, &unit);
        src += n;
        len -= n;
    }
    return sink_string(out, "\"");
}
