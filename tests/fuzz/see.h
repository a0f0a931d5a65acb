/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must hold of everything that the library says, whatever a file holds: an error has the
 * status that was returned and a sentence that a terminal may have; and a record can be told from
 * another by one number.
 */
#ifndef TESTS_FUZZ_SEE_H
#define TESTS_FUZZ_SEE_H

#include "capf.h"

/* Checks a call's status against its error, and returns it. */
enum capf_status see(enum capf_status status, const struct capf_error *err);
/* Printable ASCII, no full stop, an end. */
void see_sentence(const char *text);

void see_same(const struct capf_bytes *a, const struct capf_bytes *b);

/* A number for these bytes; never 0. */
uint64_t see_digest(const struct capf_bytes *bytes);
/* The same for a record, or 0 when it cannot be read. */
uint64_t see_record(capf_cursor *cursor, uint64_t recno);

#endif
