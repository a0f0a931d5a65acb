/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default keys, their names, and the help made of both; see keymap.h. */
#include "app/keymap.h"

#include "app/command.h"

#include <stdio.h>
#include <string.h>

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
    {ANY | CLOSED, "C-l", "redraw", 0, NULL, NULL},
    {0, NULL, NULL, 0, NULL, NULL},
};

/* ---- Names ---- */

static const struct {
    const char *name;
    uint32_t key;
} key_names[] = {
    {"Tab", K_TAB},
    {"Enter", K_ENTER},
    {"Esc", K_ESC},
    {"Space", K_SPACE},
    {"Backspace", K_BACKSPACE},
    {"Up", K_UP},
    {"Down", K_DOWN},
    {"Left", K_LEFT},
    {"Right", K_RIGHT},
    {"Home", K_HOME},
    {"End", K_END},
    {"PgUp", K_PAGE_UP},
    {"PgDn", K_PAGE_DOWN},
    {"Ins", K_INSERT},
    {"Del", K_DELETE},
    {"S-Tab", K_BACK_TAB},
};

#define KEY_NAMES (sizeof key_names / sizeof key_names[0])

static uint32_t parse_named(const char *name, size_t len)
{
    for (size_t i = 0; i < KEY_NAMES; i++)
        if (strlen(key_names[i].name) == len && memcmp(key_names[i].name, name, len) == 0)
            return key_names[i].key;
    return K_NONE;
}

static uint32_t parse_function(const char *name, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 1; i < len && name[i] >= '0' && name[i] <= '9' && i < 3; i++)
        number = number * 10 + (uint32_t)(name[i] - '0');
    return name[0] == 'F' && number >= 1 && number <= 12 ? K_F1 + number - 1 : K_NONE;
}

static uint32_t parse_key(const char *name, size_t len)
{
    if (len == 1 && name[0] > ' ' && name[0] < 0x7f)
        return (uint32_t)name[0];
    if (len == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z')
        return (uint32_t)(name[2] - 'a' + 1);
    uint32_t key = parse_named(name, len);
    return key != K_NONE || len < 2 ? key : parse_function(name, len);
}

uint32_t keymap_parse_key(const char *name)
{
    return parse_key(name, strlen(name));
}

const char *keymap_key_name(uint32_t key, char buf[KEY_NAME_SIZE])
{
    for (size_t i = 0; i < KEY_NAMES; i++) {
        if (key_names[i].key == key) {
            snprintf(buf, KEY_NAME_SIZE, "%s", key_names[i].name);
            return buf;
        }
    }
    if (key >= K_F1 && key <= K_F12)
        snprintf(buf, KEY_NAME_SIZE, "F%u", (unsigned)(key - K_F1 + 1));
    else if (key > 0 && key < 27)
        snprintf(buf, KEY_NAME_SIZE, "C-%c", (int)('a' + key - 1));
    else if (key > ' ' && key < 0x7f)
        snprintf(buf, KEY_NAME_SIZE, "%c", (int)key);
    else if (key < 0x110000)
        snprintf(buf, KEY_NAME_SIZE, "U+%04X", (unsigned)key);
    else
        snprintf(buf, KEY_NAME_SIZE, "that key");
    return buf;
}

/* ---- Finding ---- */

/* Parses the names in a row; returns how many keys there are. */
static size_t parse_sequence(const char *names, uint32_t keys[KEYMAP_SEQUENCE])
{
    size_t count = 0;
    while (*names != '\0' && count < KEYMAP_SEQUENCE) {
        size_t len = strcspn(names, " ");
        keys[count++] = parse_key(names, len);
        names += len;
        names += strspn(names, " ");
    }
    return count;
}

static bool names_command(const char *line, size_t len)
{
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)len, line);
    const struct command *command = command_find(name);
    return command != NULL && command->run != NULL; /* and not from the shell alone */
}

bool keymap_has_command(const struct key_binding *row)
{
    static const char asks[] = "prompt ";
    size_t skip = strncmp(row->line, asks, sizeof asks - 1) == 0 ? sizeof asks - 1 : 0;
    return names_command(row->line + skip, strcspn(row->line + skip, " "));
}

static bool is_in(const struct key_binding *row, unsigned context)
{
    return (row->contexts & context) != 0 && keymap_has_command(row);
}

const struct key_binding *keymap_find(unsigned context, const uint32_t *keys, size_t count,
                                      bool *begins)
{
    const struct key_binding *found = NULL;
    bool longer = false;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        uint32_t sequence[KEYMAP_SEQUENCE];
        if (!is_in(row, context))
            continue;
        size_t len = parse_sequence(row->keys, sequence);
        if (len < count || memcmp(sequence, keys, count * sizeof keys[0]) != 0)
            continue;
        if (len > count)
            longer = true;
        else if (found == NULL)
            found = row;
    }
    if (begins != NULL)
        *begins = longer;
    return found;
}

/* ---- Help ---- */

#define KEYS_TEXT 64

static bool same_line(const struct key_binding *a, const struct key_binding *b)
{
    return strcmp(a->line, b->line) == 0;
}

/* Is this the first row of its command line in the context? */
static bool is_first(const struct key_binding *row, unsigned context)
{
    for (const struct key_binding *other = keymap_table; other != row; other++)
        if ((other->contexts & context) && same_line(other, row))
            return false;
    return true;
}

/* All the keys of the row's command line in the context: "j Down". */
static void collect_keys(const struct key_binding *row, unsigned context, char buf[KEYS_TEXT])
{
    size_t len = 0;
    buf[0] = '\0';
    for (const struct key_binding *other = row; other->keys != NULL; other++) {
        if (!(other->contexts & context) || !same_line(other, row) || len >= KEYS_TEXT)
            continue;
        bool twice = strcmp(other->keys, "' '") == 0; /* one key pressed twice */
        len += (size_t)snprintf(buf + len, KEYS_TEXT - len, "%s%s", len > 0 ? " " : "",
                                twice ? "''" : other->keys);
    }
}

static const char *help_of(const struct key_binding *row)
{
    char name[32];
    if (row->help != NULL)
        return row->help;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(row->line, " "), row->line);
    const struct command *command = command_find(name);
    return command != NULL ? command->help : "";
}

void keymap_write_help(struct sink *out, unsigned context)
{
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        char keys[KEYS_TEXT];
        if (!is_in(row, context) || !is_first(row, context))
            continue;
        collect_keys(row, context, keys);
        sink_printf(out, "  %-17s %-16s %s\n", keys, row->line, help_of(row));
    }
    if (context & (KEYS_LIST | KEYS_RECORD))
        sink_string(out,
                    "  0-9 + -           goto             a record's number, then Enter or G;\n"
                    "                                     % goes to a percentage\n");
    sink_string(out, "  0-9                                how often, before a key that moves: 5j\n"
                     "  Esc C-g C-c                        cancel\n"
                     "  C-z                                stop; the shell's fg comes back\n");
}

static void write_markdown_row(struct sink *out, const struct key_binding *row, unsigned context,
                               const char *where)
{
    char keys[KEYS_TEXT];
    collect_keys(row, context, keys);
    sink_string(out, "| ");
    for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " "))
        sink_printf(out, "%s`%s`", key == keys ? "" : " ", key);
    sink_printf(out, " | `%s` | %s | %s |\n", row->line, where, help_of(row));
}

void keymap_write_markdown(struct sink *out)
{
    static const struct {
        unsigned context;
        const char *name;
    } places[] = {
        {LIST, "list"},
        {RECORD, "record"},
        {METADATA, "metadata"},
        {PAGE, "help"},
        {CLOSED, "a file that does not open"},
    };
    sink_string(out, "| key | command | where | |\n| --- | --- | --- | --- |\n");
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        char where[96] = "";
        if (!is_in(row, row->contexts) || !is_first(row, row->contexts))
            continue;
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            if (row->contexts & places[i].context)
                snprintf(where + strlen(where), sizeof where - strlen(where), "%s%s",
                         where[0] != '\0' ? ", " : "", places[i].name);
        write_markdown_row(out, row, row->contexts,
                           (row->contexts & ANY) == ANY ? "everywhere" : where);
    }
    sink_string(out,
                "| `0`-`9` `+` `-` | `goto` | list, record | a record's number, then `Enter` or "
                "`G`; `%` goes to a percentage; a key that moves takes it as its count |\n");
}

void keymap_hints(unsigned context, const char *back, char buf[KEYMAP_HINTS])
{
    size_t len = 0;
    buf[0] = '\0';
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++) {
        if (!is_in(row, context) || !(row->flags & KEYMAP_HINT) || len >= KEYMAP_HINTS)
            continue;
        len += (size_t)snprintf(buf + len, KEYMAP_HINTS - len, "%s%s:%s", len > 0 ? "  " : "",
                                row->keys, row->hint != NULL ? row->hint : back);
    }
}
