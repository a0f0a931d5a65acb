/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys and what they mean: a context and one or two keys give a command line, which then runs
 * through the command table as if it had been typed. Key names are written as people write them
 * (C-d, Space, F1, Esc). The help of a view is made from the same rows. No terminal here.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include "app/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a character's code point, or one of these. C-a to C-z are 1 to 26. */
enum key {
    K_NONE = 0,
    K_CTRL_C = 3,
    K_CTRL_G = 7,
    K_TAB = 9,
    K_ENTER = 13,
    K_CTRL_Z = 26,
    K_ESC = 27,
    K_SPACE = 32,
    K_BACKSPACE = 0x110000,
    K_UP,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_INSERT,
    K_DELETE,
    K_BACK_TAB,
    K_F1,
    K_F12 = K_F1 + 11,
    K_OTHER, /* something a keyboard sent that has no name here */
};

/* Where keys are pressed: bits. */
enum key_context {
    KEYS_LIST = 1 << 0,
    KEYS_RECORD = 1 << 1,
    KEYS_METADATA = 1 << 2,
    KEYS_PAGE = 1 << 3,   /* help and what commands print */
    KEYS_CLOSED = 1 << 4, /* a file that does not open */
};

enum keymap_flag {
    KEYMAP_COUNT = 1 << 0, /* digits typed before it are the command's argument */
    KEYMAP_GOES = 1 << 1,  /* digits typed before it are a record to go to */
    KEYMAP_HINT = 1 << 2,  /* among the hints on the last line */
};

struct key_binding {
    unsigned contexts;
    const char *keys; /* names, parted by blanks when it takes two */
    const char *line; /* the command line */
    unsigned flags;
    const char *hint; /* a word for the last line where KEYMAP_HINT is set */
    const char *help; /* where the command's own says too little; NULL elsewhere */
};

/* Ends with a row whose keys are NULL. */
extern const struct key_binding keymap_table[];

/* Is there the command that the row runs? Rows without one are as if they were not there. */
bool keymap_has_command(const struct key_binding *row);

#define KEY_NAME_SIZE 16
#define KEYMAP_SEQUENCE 2 /* keys that a binding has at most */

/* The key of a name; K_NONE: there is no such name. */
uint32_t keymap_parse_key(const char *name);
/* The name of a key, safe in a terminal. */
const char *keymap_key_name(uint32_t key, char buf[KEY_NAME_SIZE]);

/* The binding of `count` keys in a context; NULL: there is none. *begins (may be NULL) says whether
 * longer sequences begin with these. */
const struct key_binding *keymap_find(unsigned context, const uint32_t *keys, size_t count,
                                      bool *begins);

/* The keys of a context with their commands: a line each. */
void keymap_write_help(struct sink *out, unsigned context);
/* The same for all contexts, as a table in Markdown. */
void keymap_write_markdown(struct sink *out);

#define KEYMAP_HINTS 160
/* The hints for the last line; `back` is what q does now. */
void keymap_hints(unsigned context, const char *back, char buf[KEYMAP_HINTS]);

#endif
