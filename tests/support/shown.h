/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a terminal may have a text: a second opinion on the sanitiser, which shares nothing with
 * it. It decodes UTF-8 by itself and knows by Unicode's own lists what is a control, a format
 * character, ignorable, private, a tag or no character; what is not assigned it asks libc.
 */
#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May this character be shown as it is? */
bool shown_may(uint32_t code_point);

/* The next character of good UTF-8; 0 bytes: there is none, or it is bad. */
size_t shown_decode(const char *text, size_t len, uint32_t *code_point);

/* NULL: all of it may be shown; otherwise a word on what may not. With `lines`, newlines may. */
const char *shown_fault(const char *text, size_t len, bool lines);

#endif
