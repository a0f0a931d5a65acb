/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys in, grid out: shows the browser on a terminal, feeds it what happens there, and runs the
 * prompt and the questions in between.
 */
#ifndef UI_LOOP_H
#define UI_LOOP_H

#include "app/browser.h"
#include "app/history.h"
#include "ui/event.h"

struct loop {
    const struct terminal *terminal;
    struct browser browser;
    struct browser_screen screen;
    struct grid grid;
    enum browser_prompt open_prompt;             /* which prompt is being typed at */
    struct explanation explanation;              /* about the command in it */
    struct history lines[BROWSER_PROMPTS], kept; /* kept: what a file of history has */
    const char *question;                        /* NULL: none is asked */
    bool ended;
    int signal;            /* that ended it; 0: none */
    struct event held[16]; /* came in while something was read for long */
    size_t held_count;
    bool reading; /* the progress of a long reading is being shown */
};

void loop_init(struct loop *loop, struct session *session, const struct terminal *terminal,
               enum safetext_mode mode);
void loop_release(struct loop *loop);

/* Begins with the lines of the file, and keeps commands there. NULL: nowhere. */
void loop_keep_history(struct loop *loop, const char *path);

/* Esc, C-c or C-g. */
bool loop_is_cancel(const struct event *event);

/* Until the person quits, the terminal is gone, or a signal ends it. */
void loop_run(struct loop *loop);

#endif
