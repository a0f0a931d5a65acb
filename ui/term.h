/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real terminal. Its implementation, term_curses.c, is the only file that knows curses. */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "ui/event.h"

/* Takes the terminal on standard input and output. NULL: it cannot be used, and *why (static) says
 * why. There is one at a time. */
const struct terminal *term_open(const char **why);
/* Gives it back as it was. Fine to call again, and from a handler of exhausted memory. */
void term_close(void);

#endif
