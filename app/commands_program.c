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

#define LOCKING_OPTIONS                                                                            \
    {.name = "no-lock", .help = "take no writer's lock"},                                          \
        {.name = "force", .help = "write beside a writer that takes no lock"},                     \
    {                                                                                              \
        .name = "wait", .value = "SECONDS", .help = "how long to wait for the writer's lock"       \
    }

static const struct option_spec console_options[] = {
    {.name = "edit", .letter = 'e', .help = "start in edit mode"},
    LOCKING_OPTIONS,
    {0},
};

/* For help only: main.c picks this door itself. */
static const struct command console_shell = {
    .name = "shell",
    .usage = "[OPTION...] [+N]",
    .help = "type commands at a prompt, or pipe them in: the console",
    .max_args = 1,
    .flags = CMD_SHELL | CMD_OPENS,
    .options = console_options,
};

const struct command commands_program[] = {
    {
        .name = "shell",
        .usage = "",
        .help = "type commands at a prompt: the console",
        .flags = CMD_SHELL,
        .shell = &console_shell,
    },
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
