/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's terminal: the front door that is a line. prompt_readline_tty.c knows readline. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include "app/session.h"

/* Runs the console on the session's open file, with standard input as its terminal, until the person
 * quits. Returns the program's exit code. */
int ui_console(struct session *session);

#endif
