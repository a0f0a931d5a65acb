/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can happen to the browser, and the terminal as its loop sees it. term_curses.c is the real
 * one; tests have one that plays a script and keeps the grid.
 */
#ifndef UI_EVENT_H
#define UI_EVENT_H

#include "app/keymap.h"
#include "ui/grid.h"

#define EVENT_BYTES 32

enum event_kind {
    EVENT_NONE,     /* the time is over */
    EVENT_KEY,      /* `key`, and in `bytes` what the terminal sent for it */
    EVENT_PASTE,    /* `paste`, which the receiver frees */
    EVENT_RESIZE,   /* the window has another size */
    EVENT_SUSPEND,  /* somebody asks the program to stop */
    EVENT_CONTINUE, /* it runs again: the screen is to be drawn anew */
    EVENT_END,      /* the terminal is gone, or `signal` asks to end */
};

struct event {
    enum event_kind kind;
    uint32_t key;
    char bytes[EVENT_BYTES];
    size_t len;
    char *paste;
    size_t paste_len;
    int signal; /* EVENT_END: 0 at the end of input */
};

#define WAIT_FOREVER (-1)

struct terminal {
    void (*get_size)(void *ctx, unsigned *rows, unsigned *cols);
    void (*show)(void *ctx, const struct grid *grid);
    /* The next event within so many milliseconds. */
    struct event (*read)(void *ctx, int timeout_ms);
    /* Throws away what was typed and not read. */
    void (*drain)(void *ctx);
    /* Gives the terminal back, stops the program, and takes it again when it goes on. */
    void (*suspend)(void *ctx);
    /* The next show draws everything. */
    void (*forget)(void *ctx);
    /* The last frame has not left yet: a slow line. */
    bool (*is_busy)(void *ctx);
    void *ctx;
};

#endif
