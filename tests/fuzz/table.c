/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All fuzz targets; see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/mend.h"

const struct fuzz_target fuzz_targets[] = {
    {.name = "open", .run = fuzz_open_run, .mutate = mend_mutate, .max_len = 2048},
    {.name = "write", .run = fuzz_write_run, .mutate = mend_mutate, .max_len = 2048},
    {.name = "text", .begin = fuzz_use_utf8, .run = fuzz_text_run, .max_len = 64},
    {.name = "render", .begin = fuzz_use_utf8, .run = fuzz_render_run, .max_len = 128},
    {.name = "line", .begin = fuzz_use_utf8, .run = fuzz_line_run, .max_len = 48},
    {.name = "command", .begin = fuzz_use_utf8, .run = fuzz_command_run, .max_len = 256},
    {.name = "screen", .begin = fuzz_use_utf8, .run = fuzz_screen_run, .max_len = 256},
    {0},
};
