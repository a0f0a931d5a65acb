/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys and what they mean: a context and one or two keys give a command line, which then runs
 * through the command table as if it had been typed. Key names are written as people write them
 * (C-d, Space, F1, Esc). The help of a view is made from the same rows. No terminal here.
 *
 * The default table never changes. What is bound now is that table with a preset and a person's own
 * bindings laid over it: a live table of which no two rows collide in a place.
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
    K_OTHER,  /* something a keyboard sent that has no name here */
    K_LETTER, /* in a binding: any letter, as "Letter"; no keyboard sends it */
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
    KEYMAP_COUNT = 1 << 0,   /* digits typed before it are the command's argument */
    KEYMAP_GOES = 1 << 1,    /* digits typed before it are a record to go to */
    KEYMAP_HINT = 1 << 2,    /* among the hints on the last line */
    KEYMAP_PERCENT = 1 << 3, /* digits typed before it are a percentage to go to */
};

struct key_binding {
    unsigned contexts;
    const char *keys; /* names, parted by blanks when it takes two */
    const char *line; /* the command line; LETTER in it is the letter that was typed */
    unsigned flags;
    const char *hint; /* a word for the last line where KEYMAP_HINT is set */
    const char *help; /* where the command's own says too little; NULL elsewhere */
};

/* Each ends with a row whose keys are NULL. */
extern const struct key_binding keymap_table[]; /* the default */
extern const struct key_binding keymap_less[];  /* what the preset `less` lays over it */

/* The places, with their names in commands and in lists. Ends with a NULL name. */
struct keymap_place {
    unsigned context;
    const char *name, *title;
};
extern const struct keymap_place keymap_places[];

/* ---- What is bound now ---- */

enum keymap_preset { KEYMAP_DEFAULT, KEYMAP_LESS };

#define KEYMAP_CHANGES 300 /* that a person may make */

/* All zeros: the default table. */
struct keymap {
    enum keymap_preset preset;
    struct key_binding *rows; /* the live table; NULL: nothing was changed yet */
    size_t count, room;
    struct key_binding *changes; /* a person's, oldest first; no line: unbound. Strings are owned */
    size_t change_count, change_room;
};

void keymap_release(struct keymap *map);
void keymap_set_preset(struct keymap *map, enum keymap_preset preset);
/* Binds keys, as keymap_sequence_name writes them, in these contexts; what they would hide is unbound there. False:
 * there are too many changes. */
bool keymap_bind(struct keymap *map, unsigned contexts, const char *keys, const char *line);
/* False: they are bound in none of these contexts. */
bool keymap_unbind(struct keymap *map, unsigned contexts, const char *keys);

/* The live table; of no map, the default. Rows without contexts are bound no more. */
const struct key_binding *keymap_rows(const struct keymap *map);
/* Is there the command that the row runs? Rows without one are as if they were not there. */
bool keymap_has_command(const struct key_binding *row);
/* Is it bound in any of the contexts? */
bool keymap_is_in(const struct key_binding *row, unsigned context);

#define KEYMAP_SEQUENCE 2 /* keys that a binding has at most */

/* The binding of `count` keys in a context; NULL: there is none. *begins (may be NULL) says whether
 * longer sequences begin with these. */
const struct key_binding *keymap_find(const struct keymap *map, unsigned context,
                                      const uint32_t *keys, size_t count, bool *begins);

#define KEYMAP_LINE 256
#define KEYMAP_LETTER "LETTER" /* in a line */

/* The row's command line, with the letter that was typed last. */
void keymap_line(const struct key_binding *row, uint32_t last_key, char line[KEYMAP_LINE]);

/* ---- Names ---- */

#define KEY_NAME_SIZE 16
#define KEY_SEQUENCE_SIZE (KEYMAP_SEQUENCE * KEY_NAME_SIZE)

/* The key of a name; K_NONE: there is no such name. */
uint32_t keymap_parse_key(const char *name);
/* The keys of "C-d", "g g" or "gg"; returns how many, 0: they are no keys. */
size_t keymap_parse_sequence(const char *names, uint32_t keys[KEYMAP_SEQUENCE]);
/* The name of a key, or of several parted by blanks, safe in a terminal. */
const char *keymap_key_name(uint32_t key, char buf[KEY_NAME_SIZE]);
const char *keymap_sequence_name(const uint32_t *keys, size_t count, char buf[KEY_SEQUENCE_SIZE]);

/* ---- Help ---- */

/* The keys of a context with their commands: a line each. */
void keymap_write_help(const struct keymap *map, struct sink *out, unsigned context);
/* The same for all contexts: a line each, as a table in Markdown, as an object a line. */
void keymap_write_all(const struct keymap *map, struct sink *out);
void keymap_write_markdown(const struct keymap *map, struct sink *out);
void keymap_write_json(const struct keymap *map, struct sink *out);
/* What may follow the first key of a sequence: one line without its end. */
void keymap_write_next(const struct keymap *map, unsigned context, uint32_t key, struct sink *out);

#define KEYMAP_HINTS 160
/* The hints for the last line; `back` is what q does now. */
void keymap_hints(const struct keymap *map, unsigned context, const char *back,
                  char buf[KEYMAP_HINTS]);

#endif
