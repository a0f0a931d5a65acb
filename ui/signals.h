/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals, while the screen is up. The ones that ask for something are written into a pipe and
 * read with the keys; the ones of a crash give the terminal back and go on to do what they do.
 */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* Installs the handlers; false: no pipe could be made. */
bool signals_install(void);
/* What was there before comes back. */
void signals_remove(void);

/* Becomes readable when a signal came. */
int signals_fd(void);
/* The next signal that came, or 0. */
int signals_next(void);

/* What a crash writes to `fd`, and the modes that it sets. The string must last. */
void signals_set_rescue(int fd, const struct termios *modes, const char *string, size_t len);

/* Stops the process group as ^Z at a shell does, and returns when it goes on. */
void signals_stop(void);

#endif
