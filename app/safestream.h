/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record of any length on its way to a terminal, piece by piece: the
 * sanitiser, but for lines as people read them. A newline ends the line, a tab
 * becomes blanks up to the next multiple of 8; everything else is as
 * safetext.h says.
 */
#ifndef APP_SAFESTREAM_H
#define APP_SAFESTREAM_H

#include "app/sink.h"

struct safestream {
    struct sink *out;
    struct safetext st;
    size_t column;
    bool line_ended; /* the last byte was a newline */
    uint8_t rest[4]; /* the beginning of a character whose end is in the next piece */
    size_t rest_len;
};

void safestream_init(struct safestream *stream, struct sink *out);
bool safestream_write(struct safestream *stream, const void *bytes, size_t len);
/* Nothing follows. Ends the last line where the record did not; an empty one is an empty line. */
bool safestream_finish(struct safestream *stream);

#endif
