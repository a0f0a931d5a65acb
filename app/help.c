/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Help texts from the rows of the table: see help.h.
 */
#include "app/help.h"

#include <stdio.h>
#include <string.h>

static bool in_shell(const struct context *ctx)
{
    return ctx->door == DOOR_SHELL;
}

/* The row that serves the door: a word of the shell may have one of its own. */
static const struct command *row_for_door(const struct context *ctx, const struct command *row)
{
    return in_shell(ctx) && row->shell ? row->shell : row;
}

/* "cat FILE [RANGE...]" */
static void call_text(const struct context *ctx, const struct command *row, char *buf, size_t size)
{
    const char *file = in_shell(ctx) && !(row->flags & CMD_NO_FILE) ? " FILE" : "";

    snprintf(buf, size, "%s%s%s%s", row->name, file, row->usage[0] ? " " : "", row->usage);
}

/* "-0, --null" or "    --format FORMAT" */
static void option_text(const struct option_spec *spec, char *buf, size_t size)
{
    char letter[5] = "    ";

    if (spec->letter)
        snprintf(letter, sizeof(letter), "-%c, ", spec->letter);
    snprintf(buf, size, "%s--%s%s%s", letter, spec->name, spec->value ? " " : "",
             spec->value ? spec->value : "");
}

static void print_options(struct sink *out, const struct option_spec *specs)
{
    char text[64];

    for (; specs && specs->name; specs++) {
        option_text(specs, text, sizeof(text));
        sink_printf(out, "  %-26s %s\n", text, specs->help);
    }
}

int help_command(struct context *ctx, const struct command *command)
{
    const struct command *row = row_for_door(ctx, command);
    char call[160];

    call_text(ctx, row, call, sizeof(call));
    sink_printf(ctx->out, "%s%s\n    %s\n", in_shell(ctx) ? "capscope " : "", call, row->help);
    if (row->alias)
        sink_printf(ctx->out, "    also: %s\n", row->alias);
    print_options(ctx->out, row->options);
    if (strstr(row->usage, "RANGE"))
        sink_string(ctx->out,
                    "A RANGE is N, A..B, A.., ..B or a list of them with commas; $ is the "
                    "last record.\n");
    else if (strstr(row->usage, "POSITION"))
        sink_string(ctx->out,
                    "A POSITION is N, +N, -N, N%, . (the current), $ (the last) or a mark "
                    "as 'a.\n");
    return COMMAND_DONE;
}

static bool door_has(const struct context *ctx, const struct command *row)
{
    switch (ctx->door) {
    case DOOR_SHELL:
        return (row->flags & CMD_SHELL) != 0;
    case DOOR_SCREEN:
        return row->run != NULL;
    default:
        return row->run != NULL && !(row->flags & CMD_SCREEN);
    }
}

int help_list(struct context *ctx)
{
    const struct command *row;
    char call[160];

    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        if (!door_has(ctx, row))
            continue;
        call_text(ctx, row_for_door(ctx, row), call, sizeof(call));
        if (strlen(call) > 34)
            sink_printf(ctx->out, "  %s\n  %-34s %s\n", call, "", row_for_door(ctx, row)->help);
        else
            sink_printf(ctx->out, "  %-34s %s\n", call, row_for_door(ctx, row)->help);
    }
    return COMMAND_DONE;
}

void help_program(struct sink *out)
{
    struct context ctx;

    context_init(&ctx, DOOR_SHELL, NULL, out);
    sink_string(out,
                "capscope: browse, read and append to capture files\n"
                "\n"
                "  capscope FILE [+N]                 browse FILE, at record N\n"
                "  capscope shell FILE                the console: commands, a line each\n"
                "  capscope -c COMMAND ... FILE       run commands on FILE, print, exit\n"
                "  capscope -x SCRIPT ... FILE        run the commands in a file; - is a pipe\n"
                "  capscope WORD FILE ...             one of these, from the shell:\n"
                "\n");
    help_list(&ctx);
    sink_string(
        out, "\n"
             "Options of the first four forms:\n"
             "  -c, --command COMMAND      a command to run; may be given again, and with -x\n"
             "  -x, --script SCRIPT        a file of commands, a line each; - is standard input\n"
             "  -k, --keep-going           do not stop at the first command that fails\n"
             "  -e, --edit                 start in edit mode\n"
             "      --no-lock              commit without taking the writer's lock\n"
             "      --force                write beside a writer that takes no lock\n"
             "      --wait SECONDS         how long a commit waits for the lock\n"
             "      --version              print the version\n"
             "\n"
             "capscope help WORD tells more. In the browser ? lists the keys.\n");
    context_release(&ctx);
}
