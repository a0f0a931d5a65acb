/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help that is made of the keys that are bound now; see keymap.h. */
#include "app/keymap.h"

#include "app/command.h"
#include "app/json.h"

#include <stdio.h>
#include <string.h>

const struct keymap_place keymap_places[] = {
    {KEYS_LIST, "list", "list"},
    {KEYS_RECORD, "record", "record"},
    {KEYS_METADATA, "metadata", "metadata"},
    {KEYS_PAGE, "page", "help"},
    {KEYS_CLOSED, "closed", "a file that does not open"},
    {0},
};

#define EVERYWHERE (KEYS_LIST | KEYS_RECORD | KEYS_METADATA | KEYS_PAGE)

/* ---- Rows that help shows as one ---- */

/* Of one command line, and in the context; 0: in the same ones. */
static bool go_together(const struct key_binding *a, const struct key_binding *b, unsigned context)
{
    bool meet = context != 0 ? (a->contexts & context) && (b->contexts & context)
                             : a->contexts == b->contexts;
    return meet && strcmp(a->line, b->line) == 0;
}

static bool is_first(const struct keymap *map, const struct key_binding *row, unsigned context)
{
    for (const struct key_binding *other = keymap_rows(map); other != row; other++)
        if (go_together(other, row, context))
            return false;
    return true;
}

/* "C-d", "m Letter", and "''" where it is short. */
static void sequence_text(const struct key_binding *row, char buf[KEY_SEQUENCE_SIZE])
{
    uint32_t keys[KEYMAP_SEQUENCE];
    size_t count = keymap_parse_sequence(row->keys, keys);
    keymap_sequence_name(keys, count, buf);
    if (strlen(buf) == 3 && buf[1] == ' ') {
        buf[1] = buf[2];
        buf[2] = '\0';
    }
}

/* All the keys of the row's command line, each in quotes, with `between` them; how many bytes. */
static size_t put_keys(struct sink *out, const struct key_binding *row, unsigned context,
                       const char *quote, const char *between)
{
    size_t len = 0;
    for (const struct key_binding *other = row; other->keys != NULL; other++) {
        char text[KEY_SEQUENCE_SIZE];
        if (!go_together(other, row, context))
            continue;
        sequence_text(other, text);
        sink_printf(out, "%s%s%s%s", len > 0 ? between : "", quote, text, quote);
        len += strlen(text) + (len > 0);
    }
    return len;
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

static void pad(struct sink *out, size_t len, size_t width)
{
    sink_printf(out, "%*s", len < width ? (int)(width - len) : 0, "");
}

/* ---- For a person ---- */

static void put_row(struct sink *out, const struct key_binding *row, unsigned context)
{
    sink_string(out, "  ");
    pad(out, put_keys(out, row, context, "", " "), 17);
    sink_string(out, " ");
    sink_safe(out, row->line, strlen(row->line));
    pad(out, strlen(row->line), 16);
    sink_printf(out, " %s\n", help_of(row));
}

void keymap_write_help(const struct keymap *map, struct sink *out, unsigned context)
{
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++)
        if (keymap_is_in(row, context) && is_first(map, row, context))
            put_row(out, row, context);
    if (context & (KEYS_LIST | KEYS_RECORD))
        sink_string(out,
                    "  0-9 + -           goto             a record's number, then Enter or G;\n"
                    "                                     % goes to a percentage\n");
    sink_string(out, "  0-9                                how often, before a key that moves: 5j\n"
                     "  Esc C-g C-c                        cancel\n"
                     "  C-z                                stop; the shell's fg comes back\n");
}

void keymap_write_next(const struct keymap *map, unsigned context, uint32_t key, struct sink *out)
{
    char name[KEY_NAME_SIZE];
    const char *between = " ";
    sink_printf(out, "%s:", keymap_key_name(key, name));
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++) {
        uint32_t keys[KEYMAP_SEQUENCE];
        size_t count = keymap_parse_sequence(row->keys, keys);
        if (!keymap_is_in(row, context) || count < 2 || keys[0] != key)
            continue;
        sink_printf(out, "%s%s ", between, keymap_key_name(keys[1], name));
        sink_safe(out, row->line, strlen(row->line));
        between = ", ";
    }
}

void keymap_hints(const struct keymap *map, unsigned context, const char *back,
                  char buf[KEYMAP_HINTS])
{
    size_t len = 0;
    buf[0] = '\0';
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++) {
        if (!keymap_is_in(row, context) || !(row->flags & KEYMAP_HINT) || len >= KEYMAP_HINTS)
            continue;
        len += (size_t)snprintf(buf + len, KEYMAP_HINTS - len, "%s%s:%s", len > 0 ? "  " : "",
                                row->keys, row->hint != NULL ? row->hint : back);
    }
}

/* ---- All places at once ---- */

#define WHERE_SIZE 96

static const char *where_of(const struct key_binding *row, char buf[WHERE_SIZE])
{
    buf[0] = '\0';
    if ((row->contexts & EVERYWHERE) == EVERYWHERE)
        return "everywhere";
    for (const struct keymap_place *place = keymap_places; place->name != NULL; place++)
        if (row->contexts & place->context)
            snprintf(buf + strlen(buf), WHERE_SIZE - strlen(buf), "%s%s",
                     buf[0] != '\0' ? ", " : "", place->title);
    return buf;
}

/* Calls `put` for each line that help has, wherever it is bound. */
static void each_line(const struct keymap *map, struct sink *out,
                      void (*put)(struct sink *out, const struct key_binding *row))
{
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++)
        if (keymap_is_in(row, row->contexts) && is_first(map, row, 0))
            put(out, row);
}

static void put_plain(struct sink *out, const struct key_binding *row)
{
    char where[WHERE_SIZE];
    sink_string(out, "  ");
    pad(out, put_keys(out, row, 0, "", " "), 17);
    sink_string(out, " ");
    sink_safe(out, row->line, strlen(row->line));
    pad(out, strlen(row->line), 16);
    sink_printf(out, " %s: %s\n", where_of(row, where), help_of(row));
}

void keymap_write_all(const struct keymap *map, struct sink *out)
{
    each_line(map, out, put_plain);
}

static void put_markdown(struct sink *out, const struct key_binding *row)
{
    char where[WHERE_SIZE];
    sink_string(out, "| ");
    put_keys(out, row, 0, "`", " ");
    sink_string(out, " | `");
    sink_safe(out, row->line, strlen(row->line));
    sink_printf(out, "` | %s | %s |\n", where_of(row, where), help_of(row));
}

void keymap_write_markdown(const struct keymap *map, struct sink *out)
{
    sink_string(out, "| key | command | where | |\n| --- | --- | --- | --- |\n");
    each_line(map, out, put_markdown);
    sink_string(out,
                "| `0`-`9` `+` `-` | `goto` | list, record | a record's number, then `Enter` or "
                "`G`; `%` goes to a percentage; a key that moves takes it as its count |\n");
}

static void put_string(struct sink *out, const char *text)
{
    json_string(out, text, strlen(text));
}

void keymap_write_json(const struct keymap *map, struct sink *out)
{
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++) {
        const char *between = "";
        if (!keymap_is_in(row, row->contexts))
            continue;
        sink_string(out, "{\"keys\": ");
        put_string(out, row->keys);
        sink_string(out, ", \"command\": ");
        put_string(out, row->line);
        sink_string(out, ", \"where\": [");
        for (const struct keymap_place *place = keymap_places; place->name != NULL; place++) {
            if (!(row->contexts & place->context))
                continue;
            sink_printf(out, "%s\"%s\"", between, place->name);
            between = ", ";
        }
        sink_string(out, "], \"help\": ");
        put_string(out, help_of(row));
        sink_string(out, "}\n");
    }
}
