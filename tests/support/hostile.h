/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes that mean harm to a terminal, by seed: escape sequences, titles, direction marks, C1, bad
 * UTF-8, carriage returns, backspaces, storms of accents. And their twins: the same bytes after the
 * sanitiser, which everybody must see just the same.
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "app/safetext.h"
#include "tests/support/rng.h"

#define HOSTILE_MAX 1000  /* bytes of one that is made */
#define HOSTILE_ROOM 8192 /* a twin has at most four times as many */

struct hostile {
    char bytes[HOSTILE_ROOM];
    size_t len;
};

enum hostile_kind {
    HOSTILE_TEXT,  /* nothing that makes a record look binary */
    HOSTILE_BYTES, /* anything */
    HOSTILE_LINE,  /* anything but NUL, newline, tab, '/', quotes and backslashes */
    HOSTILE_WORD,  /* such a line without what looks binary, and carriage returns */
};

/* About `units` pieces. */
void hostile_make(struct hostile *hostile, struct rng *rng, enum hostile_kind kind, unsigned units);

/* What the sanitiser makes of it. Newlines and tabs stay, since they are laid out. */
void hostile_twin(const struct hostile *hostile, enum safetext_mode mode, struct hostile *twin);

/* Blanks at the ends, so that both have the same length: then every size that is shown is the same. */
void hostile_even(struct hostile *a, struct hostile *b);

#endif
