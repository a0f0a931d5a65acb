/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line-mode console: a prompt, a command, its answer. What it does is here; where lines come
 * from and how they are edited is behind struct console_input, which ui fills.
 */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/command.h"
#include "app/history.h"

enum console_read {
    CONSOLE_LINE,
    CONSOLE_CANCELLED, /* ^C: the line is given up */
    CONSOLE_END,       /* ^D on an empty line */
    CONSOLE_GONE,      /* the terminal is gone, or a signal wants the end */
};

/* What a line is for: commands have history and completion, and what was typed before an answer's
 * question appeared does not count. */
enum console_kind { CONSOLE_COMMAND, CONSOLE_RECORD, CONSOLE_ANSWER };

struct console_input {
    /* *line is to be freed. One that was pasted may hold newlines. */
    enum console_read (*read)(struct console_input *input, enum console_kind kind,
                              const char *prompt, char **line);
    void (*get_size)(struct console_input *input, unsigned *rows, unsigned *cols);
    bool pages; /* the terminal is one that a pager can work on */
    int signal; /* after CONSOLE_GONE; 0: none came */

    /* Set by the console. */
    struct context *ctx; /* whose commands are completed */
    struct history *history;
};

/* Runs what the person types until they quit. Returns the program's exit code; 128 and the signal's
 * number where one ended it. */
int console_run(struct session *session, struct console_input *input);

#define CONSOLE_PROMPT 256

/* "demo.capture 42 EDIT +1> ", shorter where the terminal is narrow. Safe. */
void console_prompt(const struct session *session, enum safetext_mode mode, unsigned cols,
                    char prompt[CONSOLE_PROMPT]);

#endif
