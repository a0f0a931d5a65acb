/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records out of any cursor, in the formats of the commands that print records:
 * what stands in the file, and what was never committed to it.
 */
#ifndef APP_CAT_H
#define APP_CAT_H

#include "app/command.h"
#include "app/range.h"
#include "app/safestream.h"

#define CAT_PART_BYTES 65536 /* a multiple of HEXROW_BYTES */

enum cat_format { CAT_LINES, CAT_RAW, CAT_FRAMED, CAT_HEX, CAT_TEXT, CAT_FORMATS };

#define CAT_FORMAT_MISUSE "--format is lines, raw, framed, hex or text"

/* Set the first three. */
struct cat {
    struct context *ctx;
    capf_cursor *cursor;
    enum cat_format format;
    struct safestream text;
    uint8_t part[CAT_PART_BYTES];
};

/* By --format; else text for a person, lines for a program. False: there is no such format. */
bool cat_choose_format(const struct context *ctx, enum cat_format *format);

/* All arguments as ranges, or everything where there is none. On failure `error` is one sentence. */
bool cat_parse_ranges(int argc, char **argv, const struct range_base *base,
                      struct range_list *ranges, char error[RANGE_ERROR]);

/* Prints the records: 0, or the failure's status. */
int cat_put_ranges(struct cat *cat, const struct range_list *ranges);

#endif
