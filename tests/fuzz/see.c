/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of everything that the library says; see see.h. */
#include "tests/fuzz/see.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

void see_sentence(const char *text)
{
    size_t len = strnlen(text, CAPF_ERROR_TEXT);
    FUZZ_CHECK(len < CAPF_ERROR_TEXT, "no end");
    for (size_t i = 0; i < len; i++)
        FUZZ_CHECK(text[i] >= 0x20 && text[i] < 0x7f, "byte %02x in \"%s\"", (uint8_t)text[i],
                   text);
}

enum capf_status see(enum capf_status status, const struct capf_error *err)
{
    if (status == CAPF_OK || status == CAPF_END)
        return status;
    FUZZ_CHECK(err->status == status, "%s returned, %s described", capf_status_name(status),
               capf_status_name(err->status));
    FUZZ_CHECK(err->text[0] != '\0', "nothing said of %s", capf_status_name(status));
    see_sentence(err->text);
    FUZZ_CHECK(status != CAPF_ARGUMENT && status != CAPF_BUSY && status != CAPF_IO, "%s: %s",
               capf_status_name(status), err->text);
    return status;
}

void see_same(const struct capf_bytes *a, const struct capf_bytes *b)
{
    FUZZ_CHECK(a->len == b->len, "%zu and %zu bytes", a->len, b->len);
    FUZZ_CHECK(a->data != NULL && b->data != NULL, "no bytes");
    FUZZ_CHECK(a->len == 0 || memcmp(a->data, b->data, a->len) == 0, "other bytes");
}

uint64_t see_digest(const struct capf_bytes *bytes)
{
    uint32_t crc = capf_crc32(0, bytes->data, bytes->len);
    return ((uint64_t)crc << 32 ^ bytes->len) | UINT64_C(1) << 63;
}

uint64_t see_record(capf_cursor *cursor, uint64_t recno)
{
    struct capf_bytes bytes;
    struct capf_error err;
    if (see(capf_cursor_get(cursor, recno, &bytes, &err), &err) != CAPF_OK)
        return 0;
    return see_digest(&bytes);
}
