/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One file in memory behind the capf_io table, for many thousand openings a second: nothing is
 * copied for a reader, nothing is locked, a nap moves the clock and takes no time. The allocator
 * counts, and ends the process where more is asked for than the library may ever need.
 */
#ifndef TESTS_FUZZ_IO_H
#define TESTS_FUZZ_IO_H

#include "capf_io.h"

#define FUZZ_PATH "/f"
#define FUZZ_ROOM (4u << 20)           /* bytes that a file may grow to */
#define FUZZ_MEMORY ((size_t)64 << 20) /* bytes that the library may hold at once */

/* The file has these bytes, which must stay until fuzz_io_end; a writer changes a copy. */
const struct capf_io *fuzz_io_begin(const uint8_t *data, size_t size, bool writable);

/* Everything must be closed and given back by then. */
void fuzz_io_end(void);

/* The file as it is now. */
const uint8_t *fuzz_io_file(size_t *size);

#endif
