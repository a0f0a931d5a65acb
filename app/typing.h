/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What keys add up to between one command and the next: digits that become a record number, a
 * percentage or a count, and the first key of a sequence. A pure machine: keys in, now and then a
 * command line out.
 */
#ifndef APP_TYPING_H
#define APP_TYPING_H

#include "app/keymap.h"

#define TYPING_DIGITS 24
#define TYPING_LINE (KEYMAP_LINE + TYPING_DIGITS)

struct typing {
    char digits[TYPING_DIGITS]; /* as typed so far, a sign first perhaps; "" when nothing is */
    uint32_t pending[KEYMAP_SEQUENCE];
    size_t pending_count;
};

enum typing_result {
    TYPING_RUN,       /* `line` is to be run */
    TYPING_WAIT,      /* more keys are awaited */
    TYPING_CANCELLED, /* Esc and the like gave up what was typed */
    TYPING_IDLE,      /* Esc and the like, and there was nothing to give up */
    TYPING_REFUSED,   /* digits stand, and the key is none that takes them */
    TYPING_FULL,      /* no room for more digits */
    TYPING_UNKNOWN,   /* the key means nothing here */
};

void typing_clear(struct typing *typing);

/* One key pressed in a context; NULL: with the default keys. */
enum typing_result typing_key(struct typing *typing, const struct keymap *map, unsigned context,
                              uint32_t key, char line[TYPING_LINE]);

#endif
