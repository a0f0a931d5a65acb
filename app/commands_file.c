/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the table: what a file holds and whether it is sound, and making files. See commands.c. */
#include "app/handlers.h"

static const struct option_spec after_options[] = {
    {.name = "list", .help = "a line for each: number, length, beginning (the default)"},
    {.name = "format", .value = "FORMAT", .help = "print them: lines, raw, framed, hex or text"},
    {.name = "keep-going", .letter = 'k', .help = "leave out what cannot be read"},
    {.name = "json", .help = "one JSON object that says what is there"},
    {0},
};

static const struct option_spec before_options[] = {
    {.name = "format", .value = "FORMAT", .help = "of records: lines, raw, framed, hex or text"},
    {.name = "keep-going", .letter = 'k', .help = "leave out records that cannot be read"},
    {.name = "json", .help = "one JSON object"},
    {0},
};

static const struct option_spec cat_options[] = {
    {.name = "format", .value = "FORMAT", .help = "lines, raw, framed, hex or text"},
    {.name = "keep-going", .letter = 'k', .help = "leave out records that cannot be read"},
    {0},
};

static const struct option_spec info_options[] = {
    {.name = "json", .help = "one JSON object"},
    {0},
};

static const struct option_spec salvage_options[] = {
    {.name = "json", .help = "the report as one JSON object"},
    {.name = "unsure", .help = "write what may be a record too, at its place"},
    {.name = "dry-run", .help = "only the report, no new file"},
    {.name = "page-size", .value = "BYTES", .help = "of the damaged file, where it is known"},
    {.name = "block-size", .value = "BYTES", .help = "of the damaged file, where it is known"},
    {.name = "fan-out", .value = "N", .help = "of the damaged file, where it is known"},
    {0},
};

static const struct option_spec verify_options[] = {
    {.name = "quick", .help = "only the header, the master nodes, and the first and last blocks"},
    {.name = "json", .help = "one JSON object"},
    {0},
};

static const struct option_spec demo_options[] = {
    {.name = "no-lock", .help = "take no writer's lock"},
    {0},
};

static const struct command demo_shell = {
    .name = "demo",
    .usage = "[--no-lock]",
    .help = "write a sample of some ten thousand records into a new file",
    .flags = CMD_SHELL | CMD_OPENS,
    .options = demo_options,
    .run = cmd_demo,
};

const struct command commands_file[] = {
    {
        .name = "info",
        .usage = "[--json]",
        .help = "say what the file is and holds",
        .flags = CMD_NEEDS_FILE | CMD_SHELL,
        .options = info_options,
        .run = cmd_info,
    },
    {
        .name = "cat",
        .usage = "[--format FORMAT] [-k] [RANGE...]",
        .help = "print records, all or the ranges named",
        .max_args = -1,
        .flags = CMD_NEEDS_FILE | CMD_SHELL | CMD_POSITIONS,
        .options = cat_options,
        .complete = complete_positions,
        .run = cmd_cat,
    },
    {
        .name = "before",
        .usage = "[--json] [--format FORMAT] [-k] [RANGE...]",
        .help = "show the state that the last commit replaced, or records of it",
        .max_args = -1,
        .flags = CMD_NEEDS_FILE | CMD_SHELL | CMD_POSITIONS,
        .options = before_options,
        .complete = complete_positions,
        .run = cmd_before,
    },
    {
        .name = "now",
        .usage = "",
        .help = "come back from it to the newest state",
        .flags = CMD_SCREEN | CMD_NEEDS_FILE,
        .run = cmd_now,
    },
    {
        .name = "next-damage",
        .usage = "[--json] [POSITION]",
        .help = "go to the next record that cannot be read",
        .options = info_options,
        .max_args = 1,
        .flags = CMD_NEEDS_FILE | CMD_POSITIONS,
        .complete = complete_positions,
        .run = cmd_next_damage,
    },
    {
        .name = "prev-damage",
        .alias = "previous-damage",
        .usage = "[--json] [POSITION]",
        .help = "go to the one before that cannot be read",
        .options = info_options,
        .max_args = 1,
        .flags = CMD_NEEDS_FILE | CMD_POSITIONS,
        .complete = complete_positions,
        .run = cmd_prev_damage,
    },
    {
        .name = "verify",
        .usage = "[--quick] [--json]",
        .help = "read the whole file and say all that is wrong with it",
        .flags = CMD_SHELL | CMD_OPENS,
        .options = verify_options,
        .run = cmd_verify,
    },
    {
        .name = "salvage",
        .usage = "[OPTION...] [OUT | --dry-run]",
        .help = "copy what can be had of a damaged file into a new one, and report",
        .max_args = 1,
        .flags = CMD_SHELL | CMD_OPENS,
        .options = salvage_options,
        .run = cmd_salvage,
    },
    {
        .name = "after",
        .usage = "[--list | --format FORMAT | --json] [-k] [RANGE...]",
        .help = "show what a writer left behind the last commit and never committed",
        .max_args = -1,
        .flags = CMD_NEEDS_FILE | CMD_SHELL | CMD_POSITIONS,
        .options = after_options,
        .complete = complete_positions,
        .run = cmd_after,
    },
    {
        .name = "demo",
        .usage = "",
        .help = "write a sample into a new file",
        .flags = CMD_SHELL,
        .shell = &demo_shell,
    },
    {0},
};
