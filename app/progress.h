/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a long work of the shell is: a line on standard error where that is a terminal, and ^C,
 * which stops the work so that it can still say what it has found.
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes done and in all, 0 where that is not known. From the first call on ^C is caught; false after
 * one. */
bool progress_step(const char *what, uint64_t done, uint64_t total);

/* Takes the line away, and gives ^C back what it did. */
void progress_end(void);

/* From now on ^C is caught between works as well: it stops what a person's command does, and nothing
 * else. SIGTERM and SIGHUP stop it too, and then want the end: it must come within a second. */
void progress_hold(void);
/* The signal that wants the end; 0: none came. */
int progress_end_wanted(void);
/* Was there a ^C since the last progress_forget? */
bool progress_interrupted(void);
void progress_forget(void);

/* The work was stopped by ^C, and all is said and cleaned up: ends the program by that signal, so that
 * a script of commands stops as well. Returns when there was none. */
void progress_obey(void);

/* "verify: 43%  118 MB/s  12 s left" after `ns` nanoseconds of work. */
#define PROGRESS_TEXT 80
void progress_text(char text[PROGRESS_TEXT], const char *what, uint64_t done, uint64_t total,
                   uint64_t ns);

#endif
