/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines that a person has typed, kept between runs: a file of lines, the oldest first, for each
 * kind. Whoever edits lines reads them here and says what is new. Several programs may keep
 * the same file at once; each adds its lines to what the others have put there.
 *
 * Nothing here is worth an error: where a file cannot be read or written there is no history, and
 * what was typed still works.
 */
#ifndef APP_HISTORY_H
#define APP_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum history_kind { HISTORY_COMMANDS, HISTORY_SEARCHES };

#define HISTORY_LINES 1000     /* that are kept, in memory and in the file */
#define HISTORY_LINE_MAX 4096u /* bytes; longer ones are not kept */

struct history {
    char *path;   /* NULL: kept in memory only */
    char **lines; /* the oldest first */
    size_t count, room;
    size_t saved; /* of these, how many the file has seen */
};

/* "$XDG_STATE_HOME/capscope/history", else under ~/.local/state; searches have a file of their own.
 * To be freed. NULL: there is no such place. */
char *history_path(enum history_kind kind);

/* Begins with the lines of the file, if there is one. `path` is copied; NULL: none is kept. */
void history_load(struct history *history, const char *path);

/* Adds a line, or each line of several. Empty ones and the last one once more are left out. */
void history_add(struct history *history, const char *text);

/* Adds what is new to the file, behind what others have added meanwhile. The file is for the person
 * alone (0600), and is replaced as a whole. False: it could not be written. */
bool history_save(struct history *history);

/* Forgets the lines; saves nothing. */
void history_release(struct history *history);

#endif
