/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default keys, and those of less and vi that `set keys less` adds; see keymap.h. */
#include "app/keymap.h"

#define LIST KEYS_LIST
#define RECORD KEYS_RECORD
#define METADATA KEYS_METADATA
#define PAGE KEYS_PAGE
#define BYTES (RECORD | METADATA) /* views that show bytes as text or hex */
#define SCROLLED (BYTES | PAGE)
#define FILE_KEYS (LIST | BYTES)
#define ANY (LIST | SCROLLED)
#define CLOSED KEYS_CLOSED

/* Rows of one command stand together: help shows them as one. */
const struct key_binding keymap_table[] = {
    {ANY | CLOSED, "?", "help", KEYMAP_HINT, "help", "show these keys"},
    {ANY | CLOSED, "F1", "help", 0, NULL, "show these keys"},
    {ANY | CLOSED, ":", "prompt", KEYMAP_HINT, "command", NULL},
    {LIST, "Enter", "record", KEYMAP_HINT, "open", "open the record in a split; again: alone"},
    {RECORD, "Enter", "record", 0, NULL, "open the record alone"},
    {ANY | CLOSED, "q", "close", KEYMAP_HINT, NULL, NULL},
    {ANY | CLOSED, "Q", "quit", 0, NULL, NULL},

    {CLOSED, "v", "verify", KEYMAP_HINT, "verify", NULL},
    {CLOSED, "s", "prompt salvage", KEYMAP_HINT, "salvage",
     "copy what can be read to a new file; asks for its name"},
    {CLOSED, "R", "reopen", 0, NULL, NULL},

    {LIST, "j", "next", KEYMAP_COUNT, NULL, NULL},
    {LIST, "Down", "next", KEYMAP_COUNT, NULL, NULL},
    {LIST, "k", "prev", KEYMAP_COUNT, NULL, NULL},
    {LIST, "Up", "prev", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "j", "down", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "Down", "down", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "k", "up", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "Up", "up", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "l", "right", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "Right", "right", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "h", "left", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "Left", "left", KEYMAP_COUNT, NULL, NULL},
    {ANY, "Space", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "f", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "PgDn", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "C-f", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "b", "page-up", KEYMAP_COUNT, NULL, NULL},
    {ANY, "PgUp", "page-up", KEYMAP_COUNT, NULL, NULL},
    {ANY, "C-b", "page-up", KEYMAP_COUNT, NULL, NULL},
    {ANY, "C-d", "half-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "C-u", "half-up", KEYMAP_COUNT, NULL, NULL},
    {LIST, "g", "first", 0, NULL, NULL},
    {LIST, "<", "first", 0, NULL, NULL},
    {LIST, "Home", "first", 0, NULL, NULL},
    {LIST, "G", "last", KEYMAP_GOES, NULL, NULL},
    {LIST, ">", "last", 0, NULL, NULL},
    {LIST, "End", "last", 0, NULL, NULL},
    {SCROLLED, "g", "offset 0", 0, NULL, "go to the first byte"},
    {SCROLLED, "<", "offset 0", 0, NULL, "go to the first byte"},
    {SCROLLED, "Home", "offset 0", 0, NULL, "go to the first byte"},
    {SCROLLED, "G", "offset $", KEYMAP_GOES, NULL, "go to the last byte"},
    {SCROLLED, ">", "offset $", 0, NULL, "go to the last byte"},
    {SCROLLED, "End", "offset $", 0, NULL, "go to the last byte"},
    {FILE_KEYS, "@", "prompt offset", 0, NULL, "type an offset to go to"},

    {RECORD, "J", "next", KEYMAP_COUNT | KEYMAP_HINT, "next record",
     "next record, seen from the same offset"},
    {RECORD, "K", "prev", KEYMAP_COUNT, NULL, "record before, seen from the same offset"},
    {LIST | RECORD, "[", "back", KEYMAP_COUNT, NULL, NULL},
    {LIST | RECORD, "]", "forward", KEYMAP_COUNT, NULL, NULL},
    {LIST | RECORD, "m Letter", "mark LETTER", 0, NULL, "mark the record with the letter"},
    {LIST | RECORD, "' Letter", "goto 'LETTER", 0, NULL, "go to the mark of the letter"},
    {LIST | RECORD, "' '", "last-place", 0, NULL, "go to where the last jump began"},
    {LIST | RECORD, "}", "next-damage", 0, NULL, NULL},
    {LIST | RECORD, "{", "prev-damage", 0, NULL, NULL},

    {LIST | RECORD, "Tab", "pane", 0, NULL, NULL},
    {FILE_KEYS, "t", "text", 0, NULL, NULL},
    {FILE_KEYS, "x", "hex", 0, NULL, NULL},
    {LIST | SCROLLED, "w", "wrap", 0, NULL, NULL},

    {FILE_KEYS, "E", "edit", 0, NULL, "turn editing on or off"},
    {LIST | RECORD, "a", "append", KEYMAP_HINT, "append",
     "type records to append; they are staged"},
    {LIST | RECORD, "M", "metadata", 0, NULL, "show the metadata"},
    {METADATA, "e", "edit-metadata", KEYMAP_HINT, "edit", "edit the metadata; it is staged"},
    {METADATA, "X", "metadata --clear", 0, NULL, "stage that there is no metadata"},
    {FILE_KEYS, "C", "commit", 0, NULL, "commit what is staged; asks"},
    {FILE_KEYS, "R", "refresh", 0, NULL, NULL},
    {ANY | CLOSED, "L", "log", 0, NULL, NULL},
    {ANY | CLOSED, "C-l", "redraw", 0, NULL, NULL},
    {0, NULL, NULL, 0, NULL, NULL},
};

const struct key_binding keymap_less[] = {
    {LIST, "e", "next", KEYMAP_COUNT, NULL, NULL},
    {LIST, "C-e", "next", KEYMAP_COUNT, NULL, NULL},
    {LIST, "C-n", "next", KEYMAP_COUNT, NULL, NULL},
    {LIST, "y", "prev", KEYMAP_COUNT, NULL, NULL},
    {LIST, "C-y", "prev", KEYMAP_COUNT, NULL, NULL},
    {LIST, "C-k", "prev", KEYMAP_COUNT, NULL, NULL},
    {LIST, "C-p", "prev", KEYMAP_COUNT, NULL, NULL},
    {RECORD | PAGE, "e", "down", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "C-e", "down", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "C-n", "down", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "y", "up", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "C-y", "up", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "C-k", "up", KEYMAP_COUNT, NULL, NULL},
    {SCROLLED, "C-p", "up", KEYMAP_COUNT, NULL, NULL},
    {ANY, "z", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "C-v", "page-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "d", "half-down", KEYMAP_COUNT, NULL, NULL},
    {ANY, "u", "half-up", KEYMAP_COUNT, NULL, NULL},
    {LIST, "p", "first", KEYMAP_PERCENT, NULL, NULL},
    {RECORD, "p", "offset 0", KEYMAP_PERCENT, NULL, "go to the first byte"},
    {FILE_KEYS, "=", "info", 0, NULL, NULL},
    {ANY | CLOSED, "r", "redraw", 0, NULL, NULL},
    {ANY | CLOSED, "C-r", "redraw", 0, NULL, NULL},
    {ANY | CLOSED, "Z Z", "quit", 0, NULL, NULL},
    {0, NULL, NULL, 0, NULL, NULL},
};
