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
    {.name = "json", .help = "one JSON object a line"},
    {0},
};

static const struct option_spec json_options[] = {
    {.name = "json", .help = "one JSON object a line"},
    {0},
};

static const struct option_spec bind_options[] = {
    {.name = "context",
     .letter = 'c',
     .value = "PLACES",
     .help = "list, record, metadata, page, closed, with commas; all if not given"},
    {0},
};

static const struct option_spec write_config_options[] = {
    {.name = "force", .help = "also over a file that write-config did not write"},
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
        .usage = "[--markdown | --json]",
        .help = "list the keys of the browser that are bound now",
        .flags = CMD_SHELL | CMD_NO_FILE,
        .options = keys_options,
        .run = cmd_keys,
    },
    {
        .name = "bind",
        .usage = "[-c PLACES] KEY COMMAND",
        .help = "make a key run a command",
        .min_args = 2,
        .max_args = 2,
        .flags = CMD_TAIL | CMD_CONFIG,
        .options = bind_options,
        .complete = complete_bind,
        .run = cmd_bind,
    },
    {
        .name = "unbind",
        .usage = "[-c PLACES] KEY",
        .help = "take a key's command away",
        .min_args = 1,
        .max_args = 1,
        .flags = CMD_CONFIG,
        .options = bind_options,
        .complete = complete_bind,
        .run = cmd_unbind,
    },
    {
        .name = "set",
        .usage = "[--json] [OPTION [VALUE]]",
        .help = "give an option a value, or list the options",
        .max_args = 2,
        .flags = CMD_CONFIG,
        .options = json_options,
        .complete = complete_set,
        .run = cmd_set,
    },
    {
        .name = "write-config",
        .usage = "[--force] [FILE | -]",
        .help = "write options and keys that are not the defaults",
        .max_args = 1,
        .options = write_config_options,
        .run = cmd_write_config,
    },
    {
        .name = "log",
        .alias = "messages",
        .usage = "[--json]",
        .help = "show what was said, the last first",
        .options = json_options,
        .run = cmd_log,
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
