/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cat [RANGE...]: records, as bytes or as a person reads them. A record of any
 * length goes through a small buffer.
 */
#include "app/handlers.h"

#include "app/damage.h"
#include "app/format.h"
#include "app/hexrow.h"
#include "app/lost.h"
#include "app/range.h"
#include "app/safestream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PART_BYTES 65536 /* a multiple of HEXROW_BYTES */

enum cat_format { CAT_LINES, CAT_RAW, CAT_FRAMED, CAT_HEX, CAT_TEXT, CAT_FORMATS };

static const char *const format_names[CAT_FORMATS] = {"lines", "raw", "framed", "hex", "text"};

struct cat {
    struct context *ctx;
    enum cat_format format;
    bool keep_going;
    struct damage_tally lost;
    struct safestream text;
    uint8_t part[PART_BYTES];
};

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

/* Nothing of a frame may be missing: a long record is read to its end before it is printed. */
static enum capf_status begin_reading(struct cat *cat, uint64_t recno, uint64_t *size, size_t *got,
                                      struct capf_error *err)
{
    capf_cursor *cursor = cat->ctx->session->cursor;
    enum capf_status status = capf_cursor_size(cursor, recno, size, err);

    if (status == CAPF_OK && cat->format == CAT_FRAMED && *size > PART_BYTES)
        status = damage_probe(cursor, recno, err);
    if (status == CAPF_OK)
        status = capf_cursor_read(cursor, recno, 0, cat->part, PART_BYTES, got, err);
    return status;
}

/* Gives the record out; *printed is how many of its bytes, also when the rest cannot be read. */
static enum capf_status put_record(struct cat *cat, uint64_t recno, uint64_t *printed,
                                   struct capf_error *err)
{
    capf_cursor *cursor = cat->ctx->session->cursor;
    uint64_t size;
    size_t got = 0;
    enum capf_status status = begin_reading(cat, recno, &size, &got, err);

    *printed = 0;
    if (status != CAPF_OK)
        return status;
    begin_record(cat, recno, size);
    put_part(cat, 0, got);
    for (*printed = got; *printed < size && cat->ctx->out->state == SINK_GOOD; *printed += got) {
        status = capf_cursor_read(cursor, recno, *printed, cat->part, PART_BYTES, &got, err);
        if (status != CAPF_OK)
            return status;
        put_part(cat, *printed, got);
    }
    end_record(cat);
    return CAPF_OK;
}

/* ---- All of them ---- */

/* A record that cannot be read, and those that share its fate, which end with *last. A line that was
 * begun is ended, so that the next record has its own. */
static int leave_out(struct cat *cat, const struct range *range, uint64_t recno, uint64_t printed,
                     const struct capf_error *err, uint64_t *last)
{
    bool shown = cat->format == CAT_HEX || cat->format == CAT_TEXT;
    bool ended = printed > 0 && (cat->keep_going || shown);
    struct lost_record lost = {cat->ctx->session->cursor, recno, range->last, printed, shown, err};
    int status;

    if (printed > 0 && cat->format == CAT_FRAMED)
        return lost_misframed(cat->ctx, &lost);
    if (ended && cat->format == CAT_LINES)
        lost.printed++;
    status = lost_report(cat->ctx, cat->keep_going ? &cat->lost : NULL, &lost, last);
    if (ended)
        end_record(cat);
    return status;
}

static int put_range(struct cat *cat, const struct range *range)
{
    struct capf_error err;
    uint64_t printed, last;
    int status = 0;

    for (uint64_t recno = range->first; recno <= range->last && status == 0; recno++) {
        if (put_record(cat, recno, &printed, &err) != CAPF_OK) {
            status = leave_out(cat, range, recno, printed, &err, &last);
            recno = last;
        }
        if (cat->ctx->out->state != SINK_GOOD)
            break;
    }
    return status;
}

static int put_ranges(struct cat *cat, const struct range_list *ranges)
{
    int status = 0;

    for (size_t i = 0; i < ranges->count && status == 0 && cat->ctx->out->state == SINK_GOOD; i++)
        status = put_range(cat, &ranges->items[i]);
    return status ? status : lost_conclude(cat->ctx, &cat->lost);
}

/* By --format; else text for a person, lines for a program. */
static bool choose_format(const struct context *ctx, enum cat_format *format)
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

int cat_print(struct context *ctx, const struct range_list *ranges)
{
    struct cat cat = {.ctx = ctx, .keep_going = command_flag(ctx, "keep-going")};

    if (!choose_format(ctx, &cat.format))
        return command_misuse(ctx, "--format is lines, raw, framed, hex or text");
    if (ctx->out->to_terminal && cat.format != CAT_TEXT && cat.format != CAT_HEX)
        return command_fail(ctx, COMMAND_FAILED,
                            "--format %s gives bytes on which a terminal would act; take text or "
                            "hex, or send them to a file or a pipe",
                            format_names[cat.format]);
    if (range_list_total(ranges) == 0)
        return command_fail(ctx, COMMAND_NOTHING, "there are no such records");
    return put_ranges(&cat, ranges);
}

int cmd_cat(struct context *ctx, int argc, char **argv)
{
    struct range_base base = {ctx->session->recno, session_count(ctx->session)};
    struct range_list ranges = {0};
    char error[RANGE_ERROR];
    int status;

    if (range_parse_all(&ranges, argc - 1, argv + 1, &base, error))
        status = cat_print(ctx, &ranges);
    else
        status = command_fail(ctx, COMMAND_FAILED, "%s", error);
    range_list_release(&ranges);
    return status;
}
