/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program may say to its terminal besides text: the sequences that curses takes out of the
 * terminal's description to move, erase, scroll and set attributes, in any of their parameters,
 * and the two that turn bracketed paste on and off. All else is a finding, were it a single BEL.
 */
#ifndef TESTS_VOCABULARY_H
#define TESTS_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

#define VOCABULARY_WORDS 256
#define VOCABULARY_WORD 24

/* Sequences with their numbers taken out: "\033[#;#H". Each once. */
struct vocabulary {
    char words[VOCABULARY_WORDS][VOCABULARY_WORD];
    size_t count;
};

/* Reads the description of `term`. Fails the test when there is none. */
void vocabulary_init(struct vocabulary *vocabulary, const char *term);

/* Goes through what a program wrote and collects the sequences it used. NULL: all of them are in
 * `allowed`, and the rest may be shown; otherwise what is wrong, with *at where. */
const char *vocabulary_read(struct vocabulary *used, const struct vocabulary *allowed,
                            const char *output, size_t len, size_t *at);

/* The same words, in whatever order? */
bool vocabulary_same(const struct vocabulary *a, const struct vocabulary *b);

#endif
