/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the table: what is staged and committed. See commands.c. */
#include "app/handlers.h"

#define LOCKING_OPTIONS                                                                            \
    {.name = "no-lock", .help = "take no writer's lock"},                                          \
        {.name = "force", .help = "write beside a writer that takes no lock"},                     \
    {                                                                                              \
        .name = "wait", .value = "SECONDS", .help = "how long to wait for the writer's lock"       \
    }

/* The words of the shell differ from the commands of the same name: they commit themselves. */

static const struct option_spec append_stream_options[] = {
    {.name = "null", .letter = '0', .help = "records end with NUL bytes instead of newlines"},
    {.name = "framed", .help = "each record comes behind its length, u32 big-endian"},
    {.name = "whole", .help = "each of the files named becomes one record"},
    {.name = "create", .help = "make the file when there is none"},
    {.name = "meta", .value = "TEXT", .help = "metadata of a file that is made"},
    {.name = "block-size", .value = "BYTES", .help = "of a file that is made (32K)"},
    {.name = "page-size", .value = "BYTES", .help = "of a file that is made (4K)"},
    {.name = "fan-out", .value = "N", .help = "of a file that is made (32)"},
    {.name = "commit-every", .value = "N", .help = "commit after every N records"},
    LOCKING_OPTIONS,
    {0},
};

static const struct command append_stream = {
    .name = "append",
    .usage = "[OPTION...] [--whole INPUT...]",
    .help = "append records from standard input, one a line, and commit them",
    .max_args = -1,
    .flags = CMD_SHELL | CMD_OPENS,
    .options = append_stream_options,
    .run = cmd_append_stream,
};

static const struct option_spec meta_shell_options[] = {
    {.name = "set", .value = "TEXT", .help = "make TEXT the metadata"},
    {.name = "set-file", .value = "FILE", .help = "make the bytes of FILE the metadata"},
    {.name = "clear", .help = "leave the file without metadata"},
    LOCKING_OPTIONS,
    {0},
};

static const struct command meta_shell = {
    .name = "meta",
    .alias = "metadata",
    .usage = "[OPTION...] [--set TEXT | --set-file FILE | --clear]",
    .help = "print the metadata, or change it",
    .flags = CMD_SHELL | CMD_NEEDS_FILE,
    .options = meta_shell_options,
    .run = cmd_metadata,
};

static const struct option_spec append_options[] = {
    {.name = "multi", .help = "the lines that follow become one record, newlines kept"},
    {0},
};

static const struct option_spec metadata_options[] = {
    {.name = "set", .tail = true, .value = "TEXT", .help = "stage TEXT as the metadata"},
    {.name = "set-file", .value = "FILE", .help = "stage the bytes of FILE as the metadata"},
    {.name = "clear", .help = "stage that the file has no metadata"},
    {0},
};

static const struct option_spec json_options[] = {
    {.name = "json", .help = "one JSON object"},
    {0},
};

static const struct option_spec json_lines_options[] = {
    {.name = "json", .help = "one JSON object a line"},
    {0},
};

const struct command commands_change[] = {
    {
        .name = "edit",
        .alias = "E",
        .usage = "[on | off]",
        .help = "turn editing on or off",
        .max_args = 1,
        .flags = CMD_NEEDS_FILE,
        .complete = complete_on_off,
        .run = cmd_edit,
    },
    {
        .name = "append",
        .usage = "[TEXT | --multi]",
        .help = "stage TEXT, or the lines that follow up to a lone dot, to be committed",
        .max_args = 1,
        .flags = CMD_NEEDS_FILE | CMD_WRITES | CMD_TAIL | CMD_LINES | CMD_SHELL,
        .options = append_options,
        .run = cmd_append,
        .shell = &append_stream,
    },
    {
        .name = "staged",
        .usage = "[--json]",
        .help = "list what is staged",
        .options = json_lines_options,
        .flags = CMD_NEEDS_FILE,
        .run = cmd_staged,
    },
    {
        .name = "unstage",
        .usage = "N | metadata",
        .help = "take the Nth staged record, or the metadata, out again",
        .min_args = 1,
        .max_args = 1,
        .flags = CMD_NEEDS_FILE,
        .run = cmd_unstage,
    },
    {
        .name = "discard",
        .usage = "",
        .help = "throw away all that is staged",
        .flags = CMD_NEEDS_FILE | CMD_ASKS,
        .run = cmd_discard,
    },
    {
        .name = "metadata",
        .alias = "meta",
        .usage = "[--set TEXT | --set-file FILE | --clear]",
        .help = "show the metadata, or stage a change of it",
        .flags = CMD_NEEDS_FILE | CMD_SHELL,
        .options = metadata_options,
        .run = cmd_metadata,
        .shell = &meta_shell,
    },
    {
        .name = "edit-metadata",
        .usage = "",
        .help = "edit the metadata at the prompt; it is staged",
        .flags = CMD_SCREEN | CMD_NEEDS_FILE | CMD_WRITES,
        .run = cmd_edit_metadata,
    },
    {
        .name = "commit",
        .usage = "[--json]",
        .help = "append what is staged to the file, for good",
        .options = json_options,
        .flags = CMD_NEEDS_FILE | CMD_WRITES | CMD_ASKS,
        .run = cmd_commit,
    },
    {0},
};
