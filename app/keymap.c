/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that are bound now: the default table, over it a preset, over that what a person bound and
 * unbound; and which of them some keys mean. See keymap.h. The names of keys are in keynames.c, the
 * tables in keymap_table.c, the help in keymap_help.c.
 */
#include "app/keymap.h"

#include "app/command.h"
#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The live table ---- */

const struct key_binding *keymap_rows(const struct keymap *map)
{
    return map != NULL && map->rows != NULL ? map->rows : keymap_table;
}

static void free_change(struct key_binding *change)
{
    free((char *)change->keys);
    free((char *)change->line);
}

void keymap_release(struct keymap *map)
{
    for (size_t i = 0; i < map->change_count; i++)
        free_change(&map->changes[i]);
    free(map->changes);
    free(map->rows);
    *map = (struct keymap){0};
}

/* Do the one's keys begin the other's? Keys are written in one way only, so their names tell. */
static bool begin(const char *head, const char *keys)
{
    size_t len = strlen(head);
    return strncmp(head, keys, len) == 0 && (keys[len] == '\0' || keys[len] == ' ');
}

/* Can the two not be told apart, or the shorter one keeps the longer from being typed? */
static bool collide(const char *a, const char *b)
{
    return begin(a, b) || begin(b, a);
}

static bool same_keys(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void add_row(struct keymap *map, const struct key_binding *row)
{
    map->rows = memory_grow(map->rows, &map->room, map->count + 2, sizeof map->rows[0]);
    map->rows[map->count++] = *row;
    map->rows[map->count] = (struct key_binding){0};
}

/* A row takes its places from those below that it collides with; one without a line only goes. */
static void lay_over(struct keymap *map, const struct key_binding *row)
{
    for (size_t i = 0; i < map->count; i++) {
        struct key_binding *below = &map->rows[i];
        if (!(below->contexts & row->contexts))
            continue;
        if (row->line != NULL ? collide(below->keys, row->keys) : same_keys(below->keys, row->keys))
            below->contexts &= ~row->contexts;
    }
    if (row->line != NULL)
        add_row(map, row);
}

static void rebuild(struct keymap *map)
{
    map->count = 0;
    for (const struct key_binding *row = keymap_table; row->keys != NULL; row++)
        add_row(map, row);
    if (map->preset == KEYMAP_LESS)
        for (const struct key_binding *row = keymap_less; row->keys != NULL; row++)
            lay_over(map, row);
    for (size_t i = 0; i < map->change_count; i++)
        lay_over(map, &map->changes[i]);
}

void keymap_set_preset(struct keymap *map, enum keymap_preset preset)
{
    map->preset = preset;
    rebuild(map);
}

/* ---- What a person changes ---- */

/* A binding is as one of the tables that runs the same line: what digits do before it, and its help. */
static void take_after(struct key_binding *row)
{
    char name[KEYMAP_LINE];
    for (const struct key_binding *like = keymap_table; like->keys != NULL; like++) {
        if (strcmp(like->line, row->line) != 0)
            continue;
        row->flags = like->flags & (KEYMAP_COUNT | KEYMAP_GOES);
        row->help = like->help;
        return;
    }
    snprintf(name, sizeof name, "%s", row->line);
    const struct command *command = command_find(name);
    if (command != NULL && strcmp(command->usage, "[COUNT]") == 0)
        row->flags = KEYMAP_COUNT;
}

/* Earlier changes of the same keys have no say any more. */
static void forget_changes(struct keymap *map, unsigned contexts, const char *keys)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->change_count; i++) {
        struct key_binding *change = &map->changes[i];
        if (same_keys(change->keys, keys))
            change->contexts &= ~contexts;
        if (change->contexts == 0)
            free_change(change);
        else
            map->changes[kept++] = *change;
    }
    map->change_count = kept;
}

static void add_change(struct keymap *map, unsigned contexts, const char *keys, const char *line)
{
    struct key_binding change = {.contexts = contexts, .keys = memory_string(keys)};
    if (line != NULL) {
        change.line = memory_string(line);
        take_after(&change);
    }
    map->changes =
        memory_grow(map->changes, &map->change_room, map->change_count + 1, sizeof map->changes[0]);
    map->changes[map->change_count++] = change;
    rebuild(map);
}

bool keymap_bind(struct keymap *map, unsigned contexts, const char *keys, const char *line)
{
    forget_changes(map, contexts, keys);
    if (map->change_count >= KEYMAP_CHANGES) {
        rebuild(map);
        return false;
    }
    add_change(map, contexts, keys, line);
    return true;
}

/* Where any of these rows has the keys. */
static unsigned bound_in(const struct key_binding *row, const char *keys)
{
    unsigned contexts = 0;
    for (; row->keys != NULL; row++)
        if (row->contexts != 0 && same_keys(row->keys, keys))
            contexts |= row->contexts;
    return contexts;
}

bool keymap_unbind(struct keymap *map, unsigned contexts, const char *keys)
{
    unsigned bound = bound_in(keymap_rows(map), keys) & contexts;
    if (bound == 0 || map->change_count >= KEYMAP_CHANGES)
        return false;
    forget_changes(map, contexts, keys);
    rebuild(map);
    bound = bound_in(map->rows, keys) & contexts;
    if (bound != 0)
        add_change(map, bound, keys, NULL);
    return true;
}

/* ---- Finding ---- */

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

bool keymap_is_in(const struct key_binding *row, unsigned context)
{
    return (row->contexts & context) != 0 && keymap_has_command(row);
}

static bool is_letter(uint32_t key)
{
    return (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z');
}

/* Do the keys begin a sequence? *by_letter: some letter would do as well. */
static bool begins_with(const uint32_t *sequence, const uint32_t *keys, size_t count,
                        bool *by_letter)
{
    *by_letter = false;
    for (size_t i = 0; i < count; i++) {
        bool any = sequence[i] == K_LETTER && is_letter(keys[i]);
        if (!any && sequence[i] != keys[i])
            return false;
        *by_letter |= any;
    }
    return true;
}

const struct key_binding *keymap_find(const struct keymap *map, unsigned context,
                                      const uint32_t *keys, size_t count, bool *begins)
{
    const struct key_binding *found = NULL;
    bool longer = false, found_by_letter = false;
    for (const struct key_binding *row = keymap_rows(map); row->keys != NULL; row++) {
        uint32_t sequence[KEYMAP_SEQUENCE];
        bool by_letter;
        if (!keymap_is_in(row, context))
            continue;
        size_t len = keymap_parse_sequence(row->keys, sequence);
        if (len < count || !begins_with(sequence, keys, count, &by_letter))
            continue;
        if (len > count) {
            longer = true;
        } else if (found == NULL || (found_by_letter && !by_letter)) {
            found = row;
            found_by_letter = by_letter;
        }
    }
    if (begins != NULL)
        *begins = longer;
    return found;
}

void keymap_line(const struct key_binding *row, uint32_t last_key, char line[KEYMAP_LINE])
{
    const char *place = is_letter(last_key) ? strstr(row->line, KEYMAP_LETTER) : NULL;
    if (place == NULL)
        snprintf(line, KEYMAP_LINE, "%s", row->line);
    else
        snprintf(line, KEYMAP_LINE, "%.*s%c%s", (int)(place - row->line), row->line, (int)last_key,
                 place + strlen(KEYMAP_LETTER));
}
