/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bind, unbind and keys: what keys mean. A line is checked when it is bound, so that no key says
 * later that it was misspelt.
 */
#include "app/browser.h"
#include "app/handlers.h"

#include <stdio.h>
#include <string.h>

#define ALL_PLACES (KEYS_LIST | KEYS_RECORD | KEYS_METADATA | KEYS_PAGE | KEYS_CLOSED)

static unsigned find_place(const char *name, size_t len)
{
    for (const struct keymap_place *place = keymap_places; place->name != NULL; place++)
        if (strlen(place->name) == len && memcmp(place->name, name, len) == 0)
            return place->context;
    return 0;
}

/* "list,record"; all where none is named. */
static bool take_places(struct context *ctx, unsigned *contexts)
{
    const char *at = command_option(ctx, "context");
    *contexts = at == NULL ? ALL_PLACES : 0;
    while (at != NULL) {
        size_t len = strcspn(at, ",");
        unsigned context = find_place(at, len);
        if (context == 0) {
            command_misuse(ctx, "-c takes list, record, metadata, page or closed, with commas "
                                "between them");
            return false;
        }
        *contexts |= context;
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return true;
}

static int fail_keys(struct context *ctx, const char *text)
{
    return command_fail_about(
        ctx, COMMAND_FAILED, ctx->command->name,
        "\"%s\" is no key: it is a character, C-a to C-z, F1 to F12, Space, Tab, S-Tab, Enter, "
        "Esc, Backspace, Ins, Del, Home, End, PgUp, PgDn, Up, Down, Left, Right, or two of them, "
        "as \"g g\"",
        text);
}

/* Why the browser needs a key for itself, or NULL. */
static const char *reason_not_to(const uint32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i] == K_ESC || keys[i] == K_CTRL_C || keys[i] == K_CTRL_G)
            return "cancels everywhere";
        if (keys[i] == K_CTRL_Z)
            return "stops the program for the shell";
    }
    if (keys[0] >= '0' && keys[0] <= '9')
        return "begins a record's number";
    if (keys[0] == '+' || keys[0] == '-')
        return "begins a number that is relative";
    return keys[0] == K_LETTER ? "can only follow another key" : NULL;
}

/* The keys of argv[1] by their names. */
static int take_keys(struct context *ctx, const char *text, char names[KEY_SEQUENCE_SIZE])
{
    uint32_t keys[KEYMAP_SEQUENCE];
    size_t count = keymap_parse_sequence(text, keys);
    const char *reason;
    if (count == 0)
        return fail_keys(ctx, text);
    keymap_sequence_name(keys, count, names);
    reason = reason_not_to(keys, count);
    if (reason != NULL)
        return command_fail_about(ctx, COMMAND_FAILED, ctx->command->name,
                                  "%s cannot be bound: it %s", names, reason);
    return COMMAND_DONE;
}

/* ---- The line ---- */

static bool is_one_line(const char *line)
{
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < ' ' || *line == 0x7f)
            return false;
    return true;
}

/* The line as it would be run, which is all right if its command would take these arguments. What
 * `prompt` opens with is a command's name. */
static int check_line(struct context *ctx, const char *line)
{
    static const char asks[] = "prompt ";
    const struct key_binding row = {.line = line};
    char sample[KEYMAP_LINE];
    if (strlen(line) >= KEYMAP_LINE || !is_one_line(line))
        return command_fail_about(ctx, COMMAND_FAILED, "bind",
                                  "the command has %d bytes at most, on one line", KEYMAP_LINE - 1);
    keymap_line(&row, 'a', sample);
    if (command_check_call(ctx, sample) != COMMAND_DONE)
        return COMMAND_FAILED;
    if (!keymap_has_command(&row))
        return command_fail_about(ctx, COMMAND_FAILED, "bind",
                                  "\"%s\" runs no command of the screen",
                                  strncmp(line, asks, sizeof asks - 1) == 0 ? line + 7 : line);
    return COMMAND_DONE;
}

/* ---- The commands ---- */

int cmd_bind(struct context *ctx, int argc, char **argv)
{
    const char *line = argv[2] + strspn(argv[2], " \t");
    char names[KEY_SEQUENCE_SIZE];
    unsigned contexts;
    (void)argc;
    if (!take_places(ctx, &contexts) || take_keys(ctx, argv[1], names) != COMMAND_DONE ||
        check_line(ctx, line) != COMMAND_DONE)
        return COMMAND_FAILED;
    if (!keymap_bind(&ctx->session->keymap, contexts, names, line))
        return command_fail_about(ctx, COMMAND_FAILED, "bind", "%d keys are bound: that is enough",
                                  KEYMAP_CHANGES);
    return COMMAND_DONE;
}

int cmd_unbind(struct context *ctx, int argc, char **argv)
{
    char names[KEY_SEQUENCE_SIZE];
    unsigned contexts;
    (void)argc;
    if (!take_places(ctx, &contexts) || take_keys(ctx, argv[1], names) != COMMAND_DONE)
        return COMMAND_FAILED;
    if (!keymap_unbind(&ctx->session->keymap, contexts, names))
        return command_fail_about(ctx, COMMAND_FAILED, "unbind",
                                  "%s is not bound there; \"keys\" lists what is", names);
    return COMMAND_DONE;
}

int cmd_keys(struct context *ctx, int argc, char **argv)
{
    const struct keymap *map = &ctx->session->keymap;
    (void)argc, (void)argv;
    if (command_flag(ctx, "markdown") && command_flag(ctx, "json"))
        return command_misuse(ctx, "one form at a time");
    if (command_flag(ctx, "markdown"))
        keymap_write_markdown(map, ctx->out);
    else if (command_flag(ctx, "json"))
        keymap_write_json(map, ctx->out);
    else
        keymap_write_all(map, ctx->out);
    return command_check_out(ctx);
}

/* The names of commands behind the key. */
void complete_bind(struct completion *completion)
{
    int arguments =
        options_arguments(completion->command->options, completion->argc, completion->argv);
    if (arguments == -1)
        for (const struct keymap_place *place = keymap_places; place->name != NULL; place++)
            completion_add(completion, place->name);
    if (arguments == 1)
        complete_help(completion);
}
