/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records as safe lines: see safestream.h.
 */
#include "app/safestream.h"

#include <string.h>

#define TAB_CELLS 8

void safestream_init(struct safestream *stream, struct sink *out)
{
    memset(stream, 0, sizeof(*stream));
    stream->out = out;
    safetext_init(&stream->st, out->mode);
}

static void put_unit(struct safestream *stream, const struct safetext_unit *unit)
{
    stream->line_ended = unit->code_point == '\n';
    if (stream->line_ended) {
        sink_write(stream->out, "\n", 1);
        stream->column = 0;
    } else if (unit->code_point == '\t') {
        size_t blanks = TAB_CELLS - stream->column % TAB_CELLS;

        sink_write(stream->out, "        ", blanks);
        stream->column += blanks;
    } else {
        sink_write(stream->out, unit->text, unit->text_len);
        stream->column += unit->cells;
    }
}

/* Writes all whole characters; returns the bytes taken. */
static size_t put_all(struct safestream *stream, const uint8_t *bytes, size_t len, bool more)
{
    struct safetext_unit unit;
    size_t taken = 0, n;

    while ((n = safetext_next(&stream->st, bytes + taken, len - taken, more, &unit)) > 0) {
        put_unit(stream, &unit);
        taken += n;
    }
    return taken;
}

/* Fills up the rest of the piece before until it is used up. Returns the bytes taken. */
static size_t put_rest(struct safestream *stream, const uint8_t *bytes, size_t len)
{
    size_t taken = 0;

    while (stream->rest_len > 0 && taken < len) {
        size_t used;

        stream->rest[stream->rest_len++] = bytes[taken++];
        used = put_all(stream, stream->rest, stream->rest_len, true);
        stream->rest_len -= used;
        memmove(stream->rest, stream->rest + used, stream->rest_len);
    }
    return taken;
}

bool safestream_write(struct safestream *stream, const void *bytes, size_t len)
{
    const uint8_t *src = bytes;
    size_t taken = put_rest(stream, src, len);

    taken += put_all(stream, src + taken, len - taken, true);
    if (taken < len) {
        memcpy(stream->rest, src + taken, len - taken);
        stream->rest_len = len - taken;
    }
    return stream->out->state == SINK_GOOD;
}

bool safestream_finish(struct safestream *stream)
{
    put_all(stream, stream->rest, stream->rest_len, false);
    stream->rest_len = 0;
    if (stream->line_ended)
        return stream->out->state == SINK_GOOD;
    return sink_write(stream->out, "\n", 1);
}
