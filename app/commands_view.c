/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the table: what the screen shows. See commands.c. */
#include "app/handlers.h"

const struct command commands_view[] = {
    {
        .name = "record",
        .usage = "[split | full]",
        .help = "open the record in a split; again: alone",
        .max_args = 1,
        .complete = complete_record,
        .run = cmd_record,
        .plain = walk_record,
    },
    {
        .name = "list",
        .usage = "[RANGE...]",
        .help = "list records, a line each: the range, or a page from here on",
        .max_args = -1,
        .flags = CMD_POSITIONS,
        .run = cmd_list,
        .plain = walk_list,
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
        .run = cmd_text,
        .plain = walk_text,
    },
    {
        .name = "hex",
        .usage = "",
        .help = "show bytes as hex",
        .run = cmd_hex,
        .plain = walk_hex,
    },
    {
        .name = "wrap",
        .usage = "",
        .help = "wrap long lines, or not",
        .flags = CMD_SCREEN,
        .run = cmd_wrap,
    },
    {
        .name = "open",
        .usage = "FILE",
        .help = "open another file in place of this one",
        .min_args = 1,
        .max_args = 1,
        .run = cmd_open,
    },
    {
        .name = "refresh",
        .usage = "",
        .help = "take up what others committed",
        .flags = CMD_NEEDS_FILE,
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
    {0},
};
