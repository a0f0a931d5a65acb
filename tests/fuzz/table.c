/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All fuzz targets; see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/mend.h"

const struct fuzz_target fuzz_targets[] = {
    {.name = "open", .run = fuzz_open_run, .mutate = mend_mutate, .max_len = 4096},
    {.name = "text", .begin = fuzz_text_begin, .run = fuzz_text_run, .max_len = 256},
    {.name = "line", .run = fuzz_line_run, .max_len = 128},
    {0},
};
