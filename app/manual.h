/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of commands as the README, the manual page and programs have it: made from the table. */
#ifndef APP_MANUAL_H
#define APP_MANUAL_H

#include "app/command.h"

/* A line each. */
void manual_write_plain(struct sink *out);
/* A table in Markdown. */
void manual_write_markdown(struct sink *out);
/* A section of a manual page, for man(7). */
void manual_write_man(struct sink *out);
/* An object a line. */
void manual_write_json(struct sink *out);

#endif
