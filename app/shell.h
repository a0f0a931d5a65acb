/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command as a word of the shell: a failure becomes one line on standard
 * error, and a status an exit code. Other doors complain in the same way.
 */
#ifndef APP_SHELL_H
#define APP_SHELL_H

#include "app/command.h"

/* capscope WORD ...: argv[0] is the word, which command_find knows. */
int shell_run_word(int argc, char **argv);

/* Says that what is staged and not committed goes when the program ends, if there is anything. */
void shell_note_dropped(struct context *ctx);

/* Reads the configuration file, for a door that a person uses: what is wrong with it is said on
 * standard error and stays in the log. What the command line set before stands. */
void shell_read_config(struct session *session);

/* Prints "capscope: ABOUT: TEXT" as one safe line on standard error; about may be NULL. */
void shell_complain(const char *about, const char *text);
/* The same for a failure of core. */
void shell_complain_core(const char *path, const struct capf_error *err);

#endif
