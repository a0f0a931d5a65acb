/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of commands in its forms; see manual.h. */
#include "app/manual.h"

#include "app/handlers.h"
#include "app/json.h"

#include <string.h>

/* Where a row can be used. */
static const char *where_of(const struct command *row)
{
    if (!row->run)
        return "shell";
    if (row->flags & CMD_SHELL)
        return "shell too";
    return row->flags & CMD_SCREEN ? "screen" : "";
}

/* The row that explains it: of what only the shell has, the shell's. */
static const struct command *shown_row(const struct command *row)
{
    return row->run ? row : row->shell;
}

void manual_write_plain(struct sink *out)
{
    const struct command *row;

    for (size_t i = 0; (row = command_at(i)) != NULL; i++)
        sink_printf(out, "%-14s %-10s %s\n", row->name, where_of(row), shown_row(row)->help);
}

/* ---- Markdown ---- */

static void put_markdown(struct sink *out, const char *text)
{
    for (; *text; text++)
        sink_printf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void put_markdown_row(struct sink *out, const struct command *row)
{
    const struct command *shown = shown_row(row);

    sink_printf(out, "| `%s", row->name);
    if (shown->usage[0])
        sink_string(out, " ");
    put_markdown(out, shown->usage);
    sink_string(out, "`");
    if (row->alias)
        sink_printf(out, " `%s`", row->alias);
    sink_printf(out, " | %s | ", where_of(row));
    put_markdown(out, shown->help);
    sink_string(out, " |\n");
}

void manual_write_markdown(struct sink *out)
{
    const struct command *row;

    sink_string(out, "| command | where | |\n| --- | --- | --- |\n");
    for (size_t i = 0; (row = command_at(i)) != NULL; i++)
        put_markdown_row(out, row);
}

/* ---- man(7) ---- */

/* A hyphen is typed as it stands, and no line begins with a request. */
static void put_roff(struct sink *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        sink_string(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            sink_string(out, "\\e");
        else
            sink_printf(out, "%s%c", *text == '-' ? "\\" : "", *text);
    }
}

static void put_roff_option(struct sink *out, const struct option_spec *spec)
{
    sink_string(out, ".RS\n.TP\n\\fB");
    if (spec->letter)
        sink_printf(out, "\\-%c\\fR, \\fB", spec->letter);
    sink_string(out, "\\-\\-");
    put_roff(out, spec->name);
    sink_printf(out, "\\fR%s%s\n", spec->value ? " " : "", spec->value ? spec->value : "");
    put_roff(out, spec->help);
    sink_string(out, "\n.RE\n");
}

static void put_roff_row(struct sink *out, const struct command *row)
{
    sink_string(out, ".TP\n\\fB");
    put_roff(out, row->name);
    sink_printf(out, "\\fR%s", row->usage[0] ? " " : "");
    put_roff(out, row->usage);
    sink_string(out, "\n");
    put_roff(out, row->help);
    sink_string(out, "\n");
    for (const struct option_spec *spec = row->options; spec && spec->name; spec++)
        put_roff_option(out, spec);
}

void manual_write_man(struct sink *out)
{
    sink_string(out, ".SH COMMANDS\n");
    for (const struct command_subject *subject = command_subjects; subject->title; subject++) {
        sink_printf(out, ".SS %s\n", subject->title);
        for (const struct command *row = subject->rows; row->name; row++)
            put_roff_row(out, shown_row(row));
    }
}

/* ---- JSON ---- */

static void put_key(struct sink *out, const char *key, const char *text)
{
    sink_printf(out, "\"%s\": ", key);
    if (text)
        json_string(out, text, strlen(text));
    else
        sink_string(out, "null");
    sink_string(out, ", ");
}

void manual_write_json(struct sink *out)
{
    const struct command *row;

    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        sink_string(out, "{");
        put_key(out, "name", row->name);
        put_key(out, "alias", row->alias);
        put_key(out, "usage", shown_row(row)->usage);
        put_key(out, "help", shown_row(row)->help);
        sink_printf(out, "\"shell\": %s, \"screen_only\": %s}\n",
                    row->flags & CMD_SHELL ? "true" : "false",
                    row->flags & CMD_SCREEN ? "true" : "false");
    }
}

/* ---- The command ---- */

int cmd_commands(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (command_flag(ctx, "markdown") + command_flag(ctx, "man") + command_flag(ctx, "json") > 1)
        return command_misuse(ctx, "one form at a time");
    if (command_flag(ctx, "markdown"))
        manual_write_markdown(ctx->out);
    else if (command_flag(ctx, "man"))
        manual_write_man(ctx->out);
    else if (command_flag(ctx, "json"))
        manual_write_json(ctx->out);
    else
        manual_write_plain(ctx->out);
    return command_check_out(ctx);
}
