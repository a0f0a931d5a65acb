/* SPDX-License-Identifier: MIT */
/*
 * The error object, and the names of statuses.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
    [CAPF_OK] = "CAPF_OK",
    [CAPF_END] = "CAPF_END",
    [CAPF_NO_RECORD] = "CAPF_NO_RECORD",
    [CAPF_NO_FILE] = "CAPF_NO_FILE",
    [CAPF_EXISTS] = "CAPF_EXISTS",
    [CAPF_NOT_REGULAR] = "CAPF_NOT_REGULAR",
    [CAPF_NOT_CAPTURE] = "CAPF_NOT_CAPTURE",
    [CAPF_VERSION] = "CAPF_VERSION",
    [CAPF_DAMAGED] = "CAPF_DAMAGED",
    [CAPF_CUT] = "CAPF_CUT",
    [CAPF_BUSY] = "CAPF_BUSY",
    [CAPF_LOCKED] = "CAPF_LOCKED",
    [CAPF_OTHER_WRITER] = "CAPF_OTHER_WRITER",
    [CAPF_CHANGED] = "CAPF_CHANGED",
    [CAPF_NOT_WRITABLE] = "CAPF_NOT_WRITABLE",
    [CAPF_TOO_LARGE] = "CAPF_TOO_LARGE",
    [CAPF_STALE] = "CAPF_STALE",
    [CAPF_BROKEN] = "CAPF_BROKEN",
    [CAPF_UNKNOWN] = "CAPF_UNKNOWN",
    [CAPF_CANCELLED] = "CAPF_CANCELLED",
    [CAPF_NO_SPACE] = "CAPF_NO_SPACE",
    [CAPF_IO] = "CAPF_IO",
    [CAPF_NO_MEMORY] = "CAPF_NO_MEMORY",
    [CAPF_ARGUMENT] = "CAPF_ARGUMENT",
};

const char *capf_status_name(enum capf_status status)
{
    size_t n = sizeof status_names / sizeof status_names[0];
    return (size_t)status < n ? status_names[status] : "CAPF_?";
}

enum capf_status capf__fail(struct capf_error *err, enum capf_status status, uint64_t off,
                            const char *format, ...)
{
    if (err == NULL)
        return status;
    *err = (struct capf_error){.status = status, .offset = off};
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

static enum capf_status status_of_errno(int code)
{
    switch (code) {
    case ENOMEM:
        return CAPF_NO_MEMORY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return CAPF_NO_SPACE;
    case ENOENT:
    case ENOTDIR:
        return CAPF_NO_FILE;
    case EEXIST:
        return CAPF_EXISTS;
    default:
        return CAPF_IO;
    }
}

enum capf_status capf__fail_io(struct capf_error *err, int code, uint64_t off, const char *what)
{
    char words[100];
    const char *text = strerror_r(-code, words, sizeof words);
    enum capf_status status = capf__fail(err, status_of_errno(-code), off, "%s: %s", what, text);
    if (err != NULL)
        err->sys_errno = -code;
    return status;
}
