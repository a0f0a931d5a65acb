/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration file: the language of the prompt, a command a line, of which only set, bind and
 * unbind, comments and empty lines are taken. A bad line is reported and skipped.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/session.h"

#define CONFIG_MAX 65536 /* bytes of the file */

/* $XDG_CONFIG_HOME/capscope/config, else ~/.config/capscope/config, to be freed; NULL: neither is
 * known. */
char *config_default_path(void);

/* Called for each thing that is wrong: `about` is the file, and the line where there is one. */
typedef void config_complain_fn(void *ctx, const char *about, const char *text);

/* Runs the file's lines on the session; how much was wrong. A file that does not exist is fine; one
 * that others could have written is refused. */
unsigned config_load(struct session *session, const char *path, config_complain_fn *complain,
                     void *ctx);

/* The file as text, with a NUL behind, to be freed; NULL: *reason is static and says why, or NULL: it
 * does not exist. */
char *config_read(const char *path, size_t *len, const char **reason);

/* How the files begin that write-config wrote. */
extern const char config_mark[];
/* What differs from the defaults, as such a file. */
void config_write(const struct session *session, struct sink *out);

#endif
