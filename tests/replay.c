/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: replay OPS_FILE OUT.capture
 *
 * Carries out a script of operations (support/ops.h), gzipped or plain, on a
 * real file, with zlib doing the compressing: the same script gives the same
 * bytes as the Python implementation. Exit status 0, 1 when an operation or a
 * line fails, 2 for wrong use.
 */
#include "tests/support/ops.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: replay OPS_FILE OUT.capture\n");
        return 2;
    }
    struct replay replay = {
        .path = argv[2],
        .options = {.io = capf_io_posix(), .zlib_only = true},
    };
    char why[OPS_ERROR + 40];
    if (replay_script(&replay, argv[1], why, sizeof why) != 0) {
        fprintf(stderr, "replay: %s: %s\n", argv[1], why);
        return 1;
    }
    return 0;
}
