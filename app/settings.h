/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options that `set` knows: a table, a row each, with name, values, default, help, and how it is
 * read and changed. A new option is a new row. Where an option was a part of the session before it
 * could be set, it is still kept there.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct session;

enum settings_view { SETTINGS_VIEW_AUTO, SETTINGS_VIEW_TEXT, SETTINGS_VIEW_HEX };

/* Values that have no other place. */
struct settings {
    bool wrap;
    enum settings_view view;
    char *pager; /* owned; NULL: as the environment has it */
};

void settings_init(struct settings *settings);
void settings_release(struct settings *settings);

#define SETTING_TEXT 256 /* the longest value, NUL included */
#define SETTING_ERROR 160

struct setting {
    const char *name;
    const char *values;         /* for people: "on | off" */
    const char *const *choices; /* the only values, up to NULL; NULL: `set` decides */
    const char *standard;       /* the default */
    const char *help;
    bool kept; /* write-config keeps it */
    void (*get)(const struct session *session, char text[SETTING_TEXT]);
    /* False: `error` is one sentence. */
    bool (*set)(struct session *session, const char *text, char error[SETTING_ERROR]);
};

/* Ends with a NULL name. */
extern const struct setting settings_table[];

const struct setting *settings_find(const char *name);
/* The nearest name, or NULL. */
const char *settings_did_you_mean(const char *name);
/* Gives the option a value; false: `error` says what is right. */
bool settings_set(const struct setting *setting, struct session *session, const char *text,
                  char error[SETTING_ERROR]);
/* Is the value another than the default? */
bool settings_differs(const struct setting *setting, const struct session *session);

#endif
