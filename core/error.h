/* SPDX-License-Identifier: MIT */
/*
 * Filling struct capf_error, once, where a fault is first seen. Both functions
 * return the status, so that a caller writes `return capf__fail(...)`.
 */
#ifndef CAPF_ERROR_H
#define CAPF_ERROR_H

#include "capf.h"

/* `off` is the file position of the fault, 0 for none. The text has no file name and no full stop. */
enum capf_status capf__fail(struct capf_error *err, enum capf_status status, uint64_t off,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A failed system call: `code` is the negative errno of the I/O table. The text becomes
 * "<what>: <the system's words>". Out of memory and a full disk get their own status. */
enum capf_status capf__fail_io(struct capf_error *err, int code, uint64_t off, const char *what);

/* Are some bytes of the file wrong, missing or unreadable, where others need not be? */
static inline bool capf__is_damage(enum capf_status status)
{
    return status == CAPF_DAMAGED || status == CAPF_CUT || status == CAPF_IO;
}

#endif
