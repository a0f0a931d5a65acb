/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Help, made from the table: nothing is written twice.
 */
#ifndef APP_HELP_H
#define APP_HELP_H

#include "app/command.h"

/* One command: usage, what it does, its options. */
int help_command(struct context *ctx, const struct command *command);

/* The commands that ctx->door has, a line each. */
int help_list(struct context *ctx);

/* What `capscope --help` prints. */
void help_program(struct sink *out);

#endif
