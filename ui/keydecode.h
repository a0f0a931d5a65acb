/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes from a terminal become keys and pastes. A machine without a clock: whoever feeds it says
 * when it has waited long enough. A sequence is one key or none, never Esc and letters; what it
 * does not know it swallows whole.
 *
 * A paste may hold the sequence that ends pastes, where the terminal lets it through: what follows
 * would be typed. So what comes right behind a paste is held back until it is quiet. Is the
 * end seen once more, all of it was pasted; if not, they were keys.
 */
#ifndef UI_KEYDECODE_H
#define UI_KEYDECODE_H

#include "ui/event.h"

enum keydecode_state {
    DECODE_GROUND,
    DECODE_UTF8,
    DECODE_ESC,    /* Esc: a key of its own, or the beginning of a sequence */
    DECODE_CSI,    /* Esc [ */
    DECODE_SS3,    /* Esc O */
    DECODE_STRING, /* an answer of the terminal: until ST or BEL */
    DECODE_PASTE,
    DECODE_PASTED, /* right behind a paste */
};

struct keydecode {
    enum keydecode_state state;
    uint8_t bytes[EVENT_BYTES]; /* of the key so far */
    size_t len;
    size_t want;   /* DECODE_UTF8: bytes of the character */
    bool overlong; /* more came than fits: the key is unknown */
    char *paste;   /* and what is held back behind one */
    size_t paste_len, paste_room;
    char *held; /* keys after all, to be decoded before anything new */
    size_t held_len, held_at, held_room;
};

void keydecode_init(struct keydecode *decode);
void keydecode_release(struct keydecode *decode);

/* Takes a byte; true: *event is filled. */
bool keydecode_feed(struct keydecode *decode, uint8_t byte, struct event *event);

/* A key that was held back: true: *event is filled. Asked before more is waited for. */
bool keydecode_next(struct keydecode *decode, struct event *event);

/* No byte came for as long as one may take: true: *event is filled. A paste goes on waiting. */
bool keydecode_timeout(struct keydecode *decode, struct event *event);

/* How long the next byte may take, in milliseconds, where a lone Esc has `escape_ms`;
 * WAIT_FOREVER: nothing is begun, or held back. */
int keydecode_wait(const struct keydecode *decode, int escape_ms);

#endif
