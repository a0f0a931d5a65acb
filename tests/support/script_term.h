/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The browser without a terminal: a script of keys goes in, the grid comes out as text. The real
 * loop, prompt, commands and session run; only the terminal is of paper.
 */
#ifndef TESTS_SCRIPT_TERM_H
#define TESTS_SCRIPT_TERM_H

#include "app/session.h"
#include "ui/keydecode.h"
#include "ui/loop.h"

/* In a script: the person waits until the program reads again. A question throws away what was
 * typed before it, up to the next such pause. */
#define SCRIPT_PAUSE "\036"

struct script_term {
    struct session session;
    struct terminal terminal;
    struct loop loop;
    struct keydecode decode;
    unsigned rows, cols;
    const char *keys; /* still to be typed */
    bool resized;
    char *text; /* the screen at last */
    int frames; /* how often it was shown */
};

/* Opens a capture file in a browser of this size. */
void script_term_open(struct script_term *term, const char *path, unsigned rows, unsigned cols);
void script_term_close(struct script_term *term);

/* Types at it and gives the screen as it is then. At a question or a prompt the keys must come to
 * its end: the pause between two calls gives it up. */
const char *script_term_type(struct script_term *term, const char *keys);
const char *script_term_resize(struct script_term *term, unsigned rows, unsigned cols);

/* One row of the screen, from 0; negative: from the bottom. In turn one of four buffers. */
const char *script_term_row(const struct script_term *term, int row);

#endif
