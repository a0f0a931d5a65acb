/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Printing records: see cat.h. A record of any length goes through a small
 * buffer.
 */
#include "app/cat.h"

#include "app/format.h"
#include "app/hexrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const format_names[CAT_FORMATS] = {"lines", "raw", "framed", "hex", "text"};

/* ---- One record ---- */

static void begin_record(struct cat *cat, uint64_t recno, uint64_t size)
{
    struct sink *out = cat->ctx->out;
    char number[FORMAT_NUMBER];
    uint8_t frame[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                        (uint8_t)size};

    if (cat->format == CAT_FRAMED)
        sink_write(out, frame, sizeof(frame));
    else if (cat->format == CAT_HEX)
        sink_printf(out, "#%" PRIu64 "  %s byte%s\n", recno, format_grouped(size, number),
                    format_plural(size));
    else if (cat->format == CAT_TEXT)
        safestream_init(&cat->text, out);
}

static void put_hex(struct cat *cat, uint64_t off, size_t len)
{
    char row[HEXROW_SIZE];

    for (size_t at = 0; at < len; at += HEXROW_BYTES) {
        size_t count = len - at < HEXROW_BYTES ? len - at : HEXROW_BYTES;

        hexrow_format(row, off + at, cat->part + at, count, HEXROW_BYTES);
        sink_printf(cat->ctx->out, "%s\n", row);
    }
}

static void put_part(struct cat *cat, uint64_t off, size_t len)
{
    if (cat->format == CAT_HEX)
        put_hex(cat, off, len);
    else if (cat->format == CAT_TEXT)
        safestream_write(&cat->text, cat->part, len);
    else
        sink_write(cat->ctx->out, cat->part, len);
}

static void end_record(struct cat *cat)
{
    if (cat->format == CAT_LINES)
        sink_write(cat->ctx->out, "\n", 1);
    else if (cat->format == CAT_TEXT)
        safestream_finish(&cat->text);
}

static int fail_record(struct cat *cat, uint64_t recno, const struct capf_error *err)
{
    return command_fail(cat->ctx, COMMAND_FAILED, "record %" PRIu64 ": %s; %s", recno, err->text,
                        session_advice(err));
}

static int put_record(struct cat *cat, uint64_t recno)
{
    capf_cursor *cursor = cat->cursor;
    struct capf_error err;
    uint64_t size, off = 0;
    size_t got = 0;

    if (capf_cursor_size(cursor, recno, &size, &err) != CAPF_OK)
        return fail_record(cat, recno, &err);
    begin_record(cat, recno, size);
    while (off < size && cat->ctx->out->state == SINK_GOOD) {
        if (capf_cursor_read(cursor, recno, off, cat->part, CAT_PART_BYTES, &got, &err) != CAPF_OK)
            return fail_record(cat, recno, &err);
        put_part(cat, off, got);
        off += got;
    }
    end_record(cat);
    return 0;
}

/* ---- All of them ---- */

int cat_put_ranges(struct cat *cat, const struct range_list *ranges)
{
    int status = 0;

    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->items[i];

        for (uint64_t recno = range->first; recno <= range->last; recno++) {
            status = put_record(cat, recno);
            if (status || cat->ctx->out->state != SINK_GOOD)
                return status;
        }
    }
    return status;
}

bool cat_choose_format(const struct context *ctx, enum cat_format *format)
{
    const char *name = command_option(ctx, "format");
    bool person = ctx->door == DOOR_SCREEN || ctx->out->to_terminal;

    *format = person ? CAT_TEXT : CAT_LINES;
    if (!name)
        return true;
    for (int i = 0; i < CAT_FORMATS; i++)
        if (strcmp(name, format_names[i]) == 0) {
            *format = (enum cat_format)i;
            return true;
        }
    return false;
}

bool cat_parse_ranges(int argc, char **argv, const struct range_base *base,
                      struct range_list *ranges, char error[RANGE_ERROR])
{
    if (argc < 2)
        return range_parse(ranges, "..", base, error);
    for (int i = 1; i < argc; i++)
        if (!range_parse(ranges, argv[i], base, error))
            return false;
    return true;
}
