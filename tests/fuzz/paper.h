/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must hold of a screen in memory and of a text on its way to a terminal, whatever it shows;
 * and a file in memory made of the rest of an input.
 */
#ifndef TESTS_FUZZ_PAPER_H
#define TESTS_FUZZ_PAPER_H

#include "tests/fuzz/fuzz.h"
#include "ui/grid.h"

/* Nothing that a terminal may not have; newlines where `lines` is set. */
void paper_may_show(const char *text, size_t len, bool lines, const char *what);

/* Every cell may be shown, and wide characters are whole. */
void paper_check(const struct grid *grid);

/* The rest of the input as records and metadata behind the table of fuzz_io.h: a byte of length
 * and the bytes, until it is used up. What the first byte says makes the first value the metadata. */
const struct capf_io *paper_file(struct fuzz_input *input);

#endif
