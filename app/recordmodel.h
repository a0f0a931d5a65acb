/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record, or any other bytes, seen through a window as text or as hex: which byte is under the
 * cursor and which rows are shown. It reads only what it shows and a little before it, so a record
 * of 4 GB is no different from one of 4 bytes. It knows no terminal: a row is a range of bytes, and
 * recordmodel_units gives out what stands in it.
 */
#ifndef APP_RECORDMODEL_H
#define APP_RECORDMODEL_H

#include "app/safetext.h"
#include "app/textlines.h"

enum record_view { RECORD_TEXT, RECORD_HEX };

struct recordmodel {
    struct byte_source source;
    enum record_view view;
    enum safetext_mode mode;
    bool wrap;       /* text: long lines go on in the next row; else they are seen from `left` on */
    bool by_words;   /* and they are wrapped at blanks where there are any */
    unsigned width;  /* cells, at least 1 */
    unsigned height; /* rows, at least 1 */
    uint64_t top;    /* the byte at which the first row begins */
    uint64_t cursor; /* the byte under the cursor; 0 in an empty record */
    uint64_t left;   /* cells scrolled sideways */
};

/* Bytes [start, end) are shown; the next row begins at `next`, behind a newline perhaps. */
struct record_row {
    uint64_t start, end, next;
};

void recordmodel_init(struct recordmodel *model, enum safetext_mode mode);

/* Shows other bytes, at the same offset and scroll as far as they reach. */
void recordmodel_set_source(struct recordmodel *model, const struct byte_source *source);
void recordmodel_set_window(struct recordmodel *model, unsigned width, unsigned height);
/* The byte under the cursor stays. */
void recordmodel_set_view(struct recordmodel *model, enum record_view view);
void recordmodel_set_wrap(struct recordmodel *model, bool wrap);

/* Puts the cursor on a byte, clamped to those there are. */
void recordmodel_seek(struct recordmodel *model, uint64_t off);

/* Moves the cursor by rows; false when it did not move. */
bool recordmodel_move_down(struct recordmodel *model, uint64_t rows);
bool recordmodel_move_up(struct recordmodel *model, uint64_t rows);
/* The window and the cursor with it. */
bool recordmodel_scroll_down(struct recordmodel *model, uint64_t rows);
bool recordmodel_scroll_up(struct recordmodel *model, uint64_t rows);
/* Sideways: a byte in hex, a character in wrapped text, else the window by a few cells. */
bool recordmodel_move_right(struct recordmodel *model, uint64_t count);
bool recordmodel_move_left(struct recordmodel *model, uint64_t count);

/* Bytes in a row of hex. */
unsigned recordmodel_hex_bytes(const struct recordmodel *model);

/* The rows in the window, at most `max`; returns how many there are. */
unsigned recordmodel_rows(const struct recordmodel *model, struct record_row *rows, unsigned max);

/* Text: calls `emit` for each unit of a row that is in the window, with its cell from the window's
 * left edge and its offset in the record. A tab is given out as blanks. */
typedef void record_emit_fn(void *ctx, const struct safetext_unit *unit, unsigned cell,
                            uint64_t off);
void recordmodel_units(const struct recordmodel *model, const struct record_row *row,
                       record_emit_fn *emit, void *ctx);

#endif
