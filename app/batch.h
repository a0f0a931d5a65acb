/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that nobody sits in front of: those of -c, the lines of scripts, and what comes to the
 * console through a pipe. Nobody is asked; what is staged and not committed at the end is dropped,
 * and that is said. A failure becomes one line on standard error, with the line that it is about.
 */
#ifndef APP_BATCH_H
#define APP_BATCH_H

#include "app/session.h"

struct batch_step {
    bool is_script;
    const char *text; /* the command; or the script's name, "-" for standard input */
};

/* Opens `path` and runs the steps in turn, until one fails, or, with keep_going, all of them.
 * `session` has its options set and no file open yet. Returns the exit code, which is the highest
 * status that a command ended with. */
int batch_run(struct session *session, const char *path, const struct batch_step *steps, int count,
              bool keep_going);

/* The console without a terminal: the same with standard input, on a session that is open. It goes on
 * after a failure, as a console does. */
int batch_run_console(struct session *session);

#endif
