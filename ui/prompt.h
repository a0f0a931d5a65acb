/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line a person types at the bottom of the screen, edited as readline edits it, with its key
 * bindings, but drawn by the views. There is one at a time. prompt_readline.c is the only file
 * that knows readline.
 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "app/history.h"

#include <stdbool.h>
#include <stddef.h>

enum prompt_state { PROMPT_CLOSED, PROMPT_EDITING, PROMPT_DONE };

struct prompt_candidate {
    char *insert; /* as it is to stand in the line, quoted where it must be */
    char *label;  /* as it is shown; not safe as it stands */
    char *note;   /* a few words about it; NULL: none */
    bool whole;   /* a blank follows when it is the only one */
};

/* What could stand at the cursor, in place of the bytes of the line from `start` on. */
struct prompt_completion {
    size_t start;
    char *common; /* what is certain, as it is to stand in the line; NULL: what stands there */
    struct prompt_candidate *items;
    size_t count;
};

/* Everything it puts there is freed by the prompt. */
typedef void prompt_complete_fn(void *ctx, const char *line, size_t point,
                                struct prompt_completion *completion);

/* Opens it with a text in it, and lines to go back to. `complete` NULL: Tab is a character. */
void prompt_open(const struct history *history, const char *text, prompt_complete_fn *complete,
                 void *ctx);
/* Gives up the line. */
void prompt_cancel(void);

/* Bytes as a keyboard sends them: one whole key. An escape sequence that is bound to nothing does
 * nothing. */
enum prompt_state prompt_feed(const char *bytes, size_t len);
/* Does the sequence of a key do something here? */
bool prompt_knows(const char *bytes, size_t len);
/* The next key is to be fed whatever it is: C-v was pressed. */
bool prompt_wants_any(void);
/* Text that is put in as it is, whatever it holds but NUL. */
void prompt_insert(const char *text);

/* Esc and its like take one step back: out of a search in the history, and `is_esc` from vi's
 * insertion to its commands, or out of half of one. False: there is nothing to leave but the line. */
bool prompt_step_back(bool is_esc);

const char *prompt_line(void);
size_t prompt_point(void);
/* What readline would say in place of its prompt: "(reverse-i-search)`x': ". NULL: nothing. *help
 * (static): what keys do then; NULL: as ever. */
const char *prompt_says(const char **help);
/* Keys are vi's commands. */
bool prompt_in_commands(void);

/* What Tab found when it found more than one; NULL: nothing. *chosen: the one that Tab, once more,
 * has put in the line; the count: none. */
const struct prompt_completion *prompt_found(size_t *chosen);

/* After PROMPT_DONE: the line, to be freed. */
char *prompt_take(void);

#endif
