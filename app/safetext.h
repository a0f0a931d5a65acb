/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one sanitiser. Whatever bytes a record, a name or an error brings, what
 * leaves here is printable text that cannot move a cursor, set a colour or turn
 * the writing direction:
 *
 *     bad UTF-8                <FF>          a byte at a time
 *     C0 controls, DEL         ^A  ^?        tab and newline too: who wants them
 *                                            as blanks and lines looks for them first
 *     C1 controls              <9B>
 *     bidi, zero-width, tags,
 *     private, unassigned      <U+202E>
 *
 * It gives out one unit at a time, a character or its notation, with the bytes
 * it stands for and the cells it takes. Everything else here is a loop over
 * units. Widths are libc's wcwidth, because curses uses it.
 */
#ifndef APP_SAFETEXT_H
#define APP_SAFETEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum safetext_mode {
    SAFETEXT_UTF8,
    SAFETEXT_ASCII, /* for a locale without UTF-8: a character beyond ASCII is <U+00E9> */
};

#define SAFETEXT_UNIT_TEXT 16 /* bytes that hold any unit's text and its NUL */

struct safetext_unit {
    char text[SAFETEXT_UNIT_TEXT]; /* safe, in the mode's character set, NUL at the end */
    uint8_t text_len;
    uint8_t src_len;     /* bytes of the source it stands for: 1 to 4 */
    uint8_t cells;       /* 0 for an accent that joins the unit before */
    bool escaped;        /* a notation, not the character itself: worth showing as such */
    uint32_t code_point; /* the character; for a bad byte, the byte */
};

/* State between units: an accent needs a letter before it, and a letter bears only a few. */
struct safetext {
    enum safetext_mode mode;
    unsigned marks_left;
};

/* The mode that fits the locale setlocale chose. */
enum safetext_mode safetext_mode_of_locale(void);

/* Starts a text, or a new line of it. */
void safetext_init(struct safetext *st, enum safetext_mode mode);

/* The next unit of `len` bytes. With `more` set, bytes follow that are not here yet. Returns the
 * bytes taken (unit->src_len), or 0: nothing is left, or only the beginning of a character whose
 * end has yet to come. */
size_t safetext_next(struct safetext *st, const void *bytes, size_t len, bool more,
                     struct safetext_unit *unit);

/* The unit for one code point that something else decoded; any number is safe. src_len is 0. */
void safetext_unit_of(struct safetext *st, uint32_t code_point, struct safetext_unit *unit);

/* As many units as fit in `max_cells` cells and `size` bytes, NUL included, into buf. Returns the
 * bytes taken; less than len means that it was cut. *cells (may be NULL) is the width. */
size_t safetext_fit(enum safetext_mode mode, const void *bytes, size_t len, size_t max_cells,
                    char *buf, size_t size, size_t *cells);

/* The cell at which the unit that holds byte `off` begins, and the byte at which the unit that
 * covers cell `cell` begins; behind the end they give the width and the length. */
size_t safetext_cell_of(enum safetext_mode mode, const void *bytes, size_t len, size_t off);
size_t safetext_byte_of(enum safetext_mode mode, const void *bytes, size_t len, size_t cell);

/* The whole of a name or message, safe, in the locale's mode. The caller frees it. */
char *safetext_dup(const void *bytes, size_t len);
char *safetext_dup_string(const char *string);

#endif
