/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the lines of a text begin and end when the text may be 4 GB without one newline.
 *
 * A line ends at a newline. Where none comes for long, it is broken at a place that can be found
 * from anywhere near by: at a multiple M of TEXTLINES_SPAN, if the TEXTLINES_SPAN bytes before M
 * hold no newline (and behind the UTF-8 character that M may fall into). So the start of a line is
 * found by looking back at most two spans, and never from the beginning of the text.
 */
#ifndef APP_TEXTLINES_H
#define APP_TEXTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTLINES_SPAN 16384u

/* Bytes that are read a part at a time. */
struct byte_source {
    uint64_t size;
    /* Reads up to `len` bytes at `off` and returns how many; fewer than asked for inside the text
     * means that the rest cannot be read. NULL: there are none. */
    size_t (*read)(void *ctx, uint64_t off, void *buf, size_t len);
    void *ctx;
};

/* Reads at `off`, as far as there are bytes. */
size_t byte_source_read(const struct byte_source *source, uint64_t off, void *buf, size_t len);

/* Where the line that holds byte `off` begins. */
uint64_t textlines_start(const struct byte_source *source, uint64_t off);

/* Where the line that begins at `start` ends, its newline not counted; *next is where the one after
 * it begins. At the end of the text both are its size. */
uint64_t textlines_end(const struct byte_source *source, uint64_t start, uint64_t *next);

#endif
