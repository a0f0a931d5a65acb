/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The browser: the front door that is a screen. */
#ifndef UI_BROWSE_H
#define UI_BROWSE_H

#include "app/session.h"

/* Browses the session's file from its current record on until the person quits; one that did not
 * open is shown as that, with what can be done about it. Returns the
 * program's exit code; 128 and the signal's number where one ended it. Where the terminal cannot be
 * used it says so on standard error, and what can be done instead. */
int ui_browse(struct session *session);

#endif
