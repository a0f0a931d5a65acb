/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One row of a hex dump: offset, bytes, and the same bytes as characters.
 *
 *     00000000  7b 22 74 73 22 3a 22 32  30 32 36 2d 30 33 2d 30  |{"ts":"2026-03-0|
 *
 * Pure arithmetic and formatting: the record view and `cat --format hex` lay out the same rows.
 * Only printable ASCII appears on the right, so a row is safe for any terminal.
 */
#ifndef APP_HEXROW_H
#define APP_HEXROW_H

#include <stddef.h>
#include <stdint.h>

#define HEXROW_BYTES 16 /* in a row where nothing else is asked for */
#define HEXROW_BYTES_MAX 32
#define HEXROW_SIZE 160 /* a buffer of this size holds any row with its NUL */

/* How many of 4, 8, 16, 24 or 32 bytes a row of `columns` can show; 4 where not even they fit. */
unsigned hexrow_bytes_for(unsigned columns);

/* Columns that a row of `per_row` bytes takes. */
unsigned hexrow_width(unsigned per_row);

/* Column where byte `index` of the row stands, as two hex digits and as a character. */
unsigned hexrow_hex_column(unsigned index);
unsigned hexrow_char_column(unsigned per_row, unsigned index);

/* Writes the row for `len` bytes (at most per_row) at offset `off`, NUL-terminated, without a
 * newline, and returns its length. `per_row` is at most HEXROW_BYTES_MAX. */
size_t hexrow_format(char buf[HEXROW_SIZE], uint64_t off, const uint8_t *data, size_t len,
                     unsigned per_row);

#endif
