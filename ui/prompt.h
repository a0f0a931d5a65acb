/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line a person types at the bottom of the screen, edited as readline edits it, with its
 * history and key bindings, but drawn by the views. There is one at a time. prompt_readline.c is
 * the only file that knows readline.
 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/* Each kind of prompt has its own history. */
enum prompt_history { PROMPT_COMMANDS, PROMPT_RECORDS, PROMPT_METADATA, PROMPT_HISTORIES };

enum prompt_state { PROMPT_CLOSED, PROMPT_EDITING, PROMPT_DONE };

/* What could stand at the cursor: `found` texts for the bytes of the line from `start` on. */
struct prompt_completion {
    size_t start;
    char **found; /* each, and the array, to be freed by the prompt */
    size_t count;
};

typedef void prompt_complete_fn(void *ctx, const char *line, size_t point,
                                struct prompt_completion *completion);

/* Opens it with a text in it. `complete` NULL: Tab is a character like any other. */
void prompt_open(enum prompt_history history, const char *text, prompt_complete_fn *complete,
                 void *ctx);
/* Gives up the line. */
void prompt_cancel(void);

/* Bytes as a keyboard sends them: whole keys. */
enum prompt_state prompt_feed(const char *bytes, size_t len);
/* Text that is put in as it is, whatever it holds. */
void prompt_insert(const char *text);

const char *prompt_line(void);
size_t prompt_point(void);
/* What Tab found when it found more than one. */
char *const *prompt_candidates(size_t *count);

/* After PROMPT_DONE: the line, to be freed. */
char *prompt_take(void);

#endif
