/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * THE table: every command there is, by subject. Keys, prompt, console, scripts
 * and the shell run these rows; help, completion and the manual are made from
 * them.
 */
#include "app/handlers.h"

#define LOCKING_OPTIONS                                                                            \
    {.name = "no-lock", .help = "take no writer's lock"},                                          \
        {.name = "force", .help = "write beside a writer that takes no lock"},                     \
    {                                                                                              \
        .name = "wait", .value = "SECONDS", .help = "how long to wait for the writer's lock"       \
    }

/* ---- Words of the shell that differ from the command of the same name ---- */

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
    .usage = "[--set TEXT | --set-file FILE | --clear]",
    .help = "print the metadata, or change it",
    .flags = CMD_SHELL | CMD_NEEDS_FILE,
    .options = meta_shell_options,
    .run = cmd_metadata,
};

static const struct option_spec demo_options[] = {
    {.name = "no-lock", .help = "take no writer's lock"},
    {0},
};

static const struct command demo_shell = {
    .name = "demo",
    .usage = "",
    .help = "write a sample of some ten thousand records into a new file",
    .flags = CMD_SHELL | CMD_OPENS,
    .options = demo_options,
    .run = cmd_demo,
};

/* ---- Options ---- */

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

static const struct option_spec keys_options[] = {
    {.name = "markdown", .help = "as a table in Markdown"},
    {0},
};

static const struct option_spec metadata_options[] = {
    {.name = "set", .tail = true, .value = "TEXT", .help = "stage TEXT as the metadata"},
    {.name = "set-file", .value = "FILE", .help = "stage the bytes of FILE as the metadata"},
    {.name = "clear", .help = "stage that the file has no metadata"},
    {0},
};

/* ---- The rows ---- */

const struct command command_table[] = {
    /* What the file holds */
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
        .flags = CMD_NEEDS_FILE | CMD_SHELL,
        .options = cat_options,
        .run = cmd_cat,
    },
    {
        .name = "before",
        .usage = "[--json] [--format FORMAT] [-k] [RANGE...]",
        .help = "show the state that the last commit replaced, or records of it",
        .max_args = -1,
        .flags = CMD_NEEDS_FILE | CMD_SHELL,
        .options = before_options,
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
        .usage = "[POSITION]",
        .help = "go to the next record that cannot be read",
        .max_args = 1,
        .flags = CMD_NEEDS_FILE,
        .run = cmd_next_damage,
    },
    {
        .name = "prev-damage",
        .alias = "previous-damage",
        .usage = "[POSITION]",
        .help = "go to the one before that cannot be read",
        .max_args = 1,
        .flags = CMD_NEEDS_FILE,
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
        .usage = "[--json] [--unsure] [OUT | --dry-run]",
        .help = "copy what can be had of a damaged file into a new one, and report",
        .max_args = 1,
        .flags = CMD_SHELL | CMD_OPENS,
        .options = salvage_options,
        .run = cmd_salvage,
    },
    {
        .name = "after",
        .usage = "[--list | --format FORMAT | --json] [RANGE...]",
        .help = "show what a writer left behind the last commit and never committed",
        .max_args = -1,
        .flags = CMD_NEEDS_FILE | CMD_SHELL,
        .options = after_options,
        .run = cmd_after,
    },

    /* Changing it */
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
        .usage = "TEXT",
        .help = "stage TEXT as a record; it is in the file after commit",
        .max_args = 1,
        .flags = CMD_NEEDS_FILE | CMD_WRITES | CMD_TAIL | CMD_SHELL,
        .run = cmd_append,
        .shell = &append_stream,
    },
    {
        .name = "staged",
        .usage = "",
        .help = "list what is staged",
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
        .name = "commit",
        .usage = "",
        .help = "append what is staged to the file, for good",
        .flags = CMD_NEEDS_FILE | CMD_WRITES | CMD_ASKS,
        .run = cmd_commit,
    },

    /* On the screen: moving */
    {
        .name = "goto",
        .alias = "go",
        .usage = "POSITION",
        .help = "go to a record",
        .min_args = 1,
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_goto,
    },
    {
        .name = "first",
        .usage = "",
        .help = "go to the first record",
        .flags = CMD_SCREEN,
        .run = cmd_first,
    },
    {
        .name = "last",
        .usage = "",
        .help = "go to the last record, or the last that is staged",
        .flags = CMD_SCREEN,
        .run = cmd_last,
    },
    {
        .name = "next",
        .usage = "[COUNT]",
        .help = "go to the next record",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_next,
    },
    {
        .name = "prev",
        .alias = "previous",
        .usage = "[COUNT]",
        .help = "go to the record before",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_prev,
    },
    {
        .name = "back",
        .usage = "[COUNT]",
        .help = "go back to where the last jump began",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_back,
    },
    {
        .name = "forward",
        .usage = "[COUNT]",
        .help = "go forward again after going back",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_forward,
    },
    {
        .name = "last-place",
        .usage = "",
        .help = "go to where the last jump began, and there and back",
        .flags = CMD_SCREEN,
        .run = cmd_last_place,
    },
    {
        .name = "down",
        .usage = "[COUNT]",
        .help = "go down a row",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_down,
    },
    {
        .name = "up",
        .usage = "[COUNT]",
        .help = "go up a row",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_up,
    },
    {
        .name = "left",
        .usage = "[COUNT]",
        .help = "go left, or move the text sideways",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_left,
    },
    {
        .name = "right",
        .usage = "[COUNT]",
        .help = "go right, or move the text sideways",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_right,
    },
    {
        .name = "page-down",
        .usage = "[COUNT]",
        .help = "go down a page",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_page_down,
    },
    {
        .name = "page-up",
        .usage = "[COUNT]",
        .help = "go up a page",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_page_up,
    },
    {
        .name = "half-down",
        .usage = "[COUNT]",
        .help = "go down half a page",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_half_down,
    },
    {
        .name = "half-up",
        .usage = "[COUNT]",
        .help = "go up half a page",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_half_up,
    },
    {
        .name = "offset",
        .usage = "OFFSET",
        .help = "go to a byte: 496, 0x1f0, 50%, +16, -16 or $",
        .min_args = 1,
        .max_args = 1,
        .flags = CMD_SCREEN,
        .run = cmd_offset,
    },

    /* On the screen: what is shown */
    {
        .name = "record",
        .usage = "[split | full]",
        .help = "open the record in a split; again: alone",
        .max_args = 1,
        .flags = CMD_SCREEN,
        .complete = complete_record,
        .run = cmd_record,
    },
    {
        .name = "list",
        .usage = "",
        .help = "show the list alone",
        .flags = CMD_SCREEN,
        .run = cmd_list,
    },
    {
        .name = "pane",
        .usage = "",
        .help = "go to the other pane",
        .flags = CMD_SCREEN,
        .run = cmd_pane,
    },
    {
        .name = "text",
        .usage = "",
        .help = "show bytes as text",
        .flags = CMD_SCREEN,
        .run = cmd_text,
    },
    {
        .name = "hex",
        .usage = "",
        .help = "show bytes as hex",
        .flags = CMD_SCREEN,
        .run = cmd_hex,
    },
    {
        .name = "wrap",
        .usage = "",
        .help = "wrap long lines, or not",
        .flags = CMD_SCREEN,
        .run = cmd_wrap,
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
        .name = "edit-metadata",
        .usage = "",
        .help = "edit the metadata at the prompt; it is staged",
        .flags = CMD_SCREEN | CMD_NEEDS_FILE | CMD_WRITES,
        .run = cmd_edit_metadata,
    },
    {
        .name = "refresh",
        .usage = "",
        .help = "take up what others committed",
        .flags = CMD_SCREEN | CMD_NEEDS_FILE,
        .run = cmd_refresh,
    },
    {
        .name = "reopen",
        .usage = "",
        .help = "try again to open the file",
        .flags = CMD_SCREEN,
        .run = cmd_reopen,
    },
    {
        .name = "redraw",
        .usage = "",
        .help = "draw the screen anew",
        .flags = CMD_SCREEN,
        .run = cmd_redraw,
    },
    {
        .name = "close",
        .usage = "",
        .help = "close what is on top; at last quit",
        .flags = CMD_SCREEN,
        .run = cmd_close,
    },

    /* Making files */
    {
        .name = "demo",
        .usage = "",
        .help = "write a sample into a new file",
        .flags = CMD_SHELL,
        .shell = &demo_shell,
    },


    /* Help */
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
