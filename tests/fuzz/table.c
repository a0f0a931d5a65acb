/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All fuzz targets; see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/mend.h"

const struct fuzz_target fuzz_targets[] = {
    {.name = "open", .run = fuzz_open_run, .mutate = mend_mutate},
    {.name = "check", .run = fuzz_check_run, .mutate = mend_mutate},
    {.name = "salvage", .run = fuzz_salvage_run, .mutate = mend_mutate},
    {.name = "write", .run = fuzz_write_run, .mutate = mend_mutate},
    {.name = "text", .begin = fuzz_use_utf8, .run = fuzz_text_run},
    {.name = "render", .begin = fuzz_use_utf8, .run = fuzz_render_run},
    {.name = "line", .begin = fuzz_use_utf8, .run = fuzz_line_run},
    {.name = "command", .begin = fuzz_use_utf8, .run = fuzz_command_run},
    {.name = "screen", .begin = fuzz_use_utf8, .run = fuzz_screen_run},
    {0},
};
