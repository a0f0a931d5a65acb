/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the table: the program itself. See commands.c. */
#include "app/handlers.h"

static const struct option_spec commands_options[] = {
    {.name = "markdown", .help = "as a table in Markdown"},
    {.name = "man", .help = "as a section of a manual page"},
    {.name = "json", .help = "one JSON object a line"},
    {0},
};

static const struct option_spec keys_options[] = {
    {.name = "markdown", .help = "as a table in Markdown"},
    {0},
};

const struct command commands_program[] = {
    {
        .name = "prompt",
        .usage = "[COMMAND]",
        .help = "type a command",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_prompt,
    },
    {
        .name = "help",
        .usage = "[COMMAND]",
        .help = "list the commands, or explain one",
        .max_args = 1,
        .flags = CMD_SHELL | CMD_NO_FILE,
        .complete = complete_help,
        .run = cmd_help,
    },
    {
        .name = "commands",
        .usage = "[--markdown | --man | --json]",
        .help = "list all commands, those of the screen and the shell too",
        .flags = CMD_SHELL | CMD_NO_FILE,
        .options = commands_options,
        .run = cmd_commands,
    },
    {
        .name = "keys",
        .usage = "[--markdown]",
        .help = "list the keys of the browser",
        .flags = CMD_SHELL | CMD_NO_FILE,
        .options = keys_options,
        .run = cmd_keys,
    },
    {
        .name = "quit",
        .alias = "q",
        .usage = "",
        .help = "leave; asks when something is staged",
        .run = cmd_quit,
    },
    {0},
};
