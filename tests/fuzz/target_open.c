/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open and walk: any bytes as a capture file. It opens or is refused; each record can be read or
 * cannot, and every way to it says the same: whole, in parts, by a cursor in either direction.
 */
#include "tests/fuzz/fuzz.h"

#include "capf.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/see.h"

#include <string.h>

#define NEAR 6 /* records that are looked at, from either end */

static void check_locate(capf_file *file, uint64_t recno, bool readable)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    struct capf_block_info block;
    struct capf_error err;
    unsigned count = 0;
    enum capf_status status = see(capf_locate(file, recno, steps, &count, &err), &err);
    if (status != CAPF_OK) {
        FUZZ_CHECK(!readable, "record %llu is there, and has no path", (unsigned long long)recno);
        return;
    }
    FUZZ_CHECK(count >= 1 && count <= CAPF_LEVELS_MAX && steps[count - 1].height == 0, "%u steps",
               count);
    for (unsigned i = 0; i < count; i++)
        FUZZ_CHECK(steps[i].height == count - 1 - i && steps[i].rightmost == (i == 0), "step %u",
                   i);
    status = see(capf_get_block_info(file, steps[count - 1].at.pos, &block, &err), &err);
    FUZZ_CHECK(!readable || status == CAPF_OK, "a record in a bad block");
    FUZZ_CHECK(status != CAPF_OK || block.pos == steps[count - 1].at.pos, "another block");
}

/* The same bytes again, in uneven parts. */
static void check_parts(capf_file *file, uint64_t recno, const struct capf_bytes *whole)
{
    uint8_t part[4096];
    struct capf_error err;
    size_t got = 0;
    if (whole->len > 16 * sizeof part)
        return;
    for (size_t off = 0, step = whole->len / 3 + 1; off <= whole->len; off += step) {
        size_t want = step < sizeof part ? step : sizeof part;
        size_t there = whole->len - off < want ? whole->len - off : want;
        enum capf_status status = see(capf_read(file, recno, off, part, want, &got, &err), &err);
        FUZZ_CHECK(status == CAPF_OK && got == there, "%zu of %zu bytes, %s", got, there, err.text);
        FUZZ_CHECK(got == 0 || memcmp(part, whole->data + off, got) == 0, "other bytes at %zu",
                   off);
    }
}

/* By number, through the handle and through the cursor. */
static void check_record(capf_file *file, capf_cursor *cursor, uint64_t recno)
{
    struct capf_bytes ours = {NULL, 0}, theirs = {NULL, 0};
    struct capf_error err = {0};
    uint64_t size = 0;
    enum capf_status status = see(capf_cursor_get(cursor, recno, &theirs, &err), &err);
    enum capf_status again = see(capf_get(file, recno, &ours, &err), &err);
    FUZZ_CHECK(status == again, "%s, then %s", capf_status_name(status), capf_status_name(again));
    enum capf_status sized = see(capf_size(file, recno, &size, &err), &err);
    if (status == CAPF_OK) {
        FUZZ_CHECK(sized == CAPF_OK && size == theirs.len, "a size of %llu, not %zu",
                   (unsigned long long)size, theirs.len);
        /* What the handle gave is gone with its next call, what the cursor gave is not. */
        check_parts(file, recno, &theirs);
        see(capf_get(file, recno, &ours, &err), &err);
        see_same(&ours, &theirs);
    }
    check_locate(file, recno, status == CAPF_OK);
}

static void check_forward(capf_cursor *cursor, uint64_t from, uint64_t count)
{
    struct capf_bytes bytes;
    struct capf_error err;
    uint64_t recno = 0;
    if (see(capf_cursor_seek(cursor, from, &err), &err) != CAPF_OK)
        fuzz_fail(__FILE__, __LINE__, "seek", "%s", err.text);
    for (uint64_t want = from; want < from + NEAR; want++) {
        enum capf_status status = see(capf_cursor_next(cursor, &recno, &bytes, &err), &err);
        FUZZ_CHECK((status == CAPF_END) == (want > count), "%s at %llu of %llu",
                   capf_status_name(status), (unsigned long long)want, (unsigned long long)count);
        if (status == CAPF_END)
            return;
        FUZZ_CHECK(recno == want, "record %llu for %llu", (unsigned long long)recno,
                   (unsigned long long)want);
        if (status != CAPF_OK)
            continue;
        uint64_t seen = see_digest(&bytes); /* before the bytes are gone */
        FUZZ_CHECK(seen == see_record(cursor, want), "another record in passing");
    }
}

static void check_backward(capf_cursor *cursor, uint64_t from)
{
    struct capf_bytes bytes;
    struct capf_error err;
    uint64_t recno = 0;
    if (see(capf_cursor_seek(cursor, from, &err), &err) != CAPF_OK)
        fuzz_fail(__FILE__, __LINE__, "seek", "%s", err.text);
    for (uint64_t want = from; want-- > 0 && from - want <= NEAR;) {
        enum capf_status status = see(capf_cursor_prev(cursor, &recno, &bytes, &err), &err);
        FUZZ_CHECK((status == CAPF_END) == (want == 0), "%s at %llu", capf_status_name(status),
                   (unsigned long long)want);
        FUZZ_CHECK(status == CAPF_END || recno == want, "record %llu for %llu",
                   (unsigned long long)recno, (unsigned long long)want);
    }
}

static void check_meta(capf_file *file, capf_cursor *cursor)
{
    struct capf_bytes ours = {NULL, 0}, theirs = {NULL, 0};
    struct capf_error err;
    bool present = false;
    uint64_t size = 0;
    uint8_t part[64];
    size_t got = 0;
    enum capf_status status = see(capf_get_meta(file, &ours, &err), &err);
    FUZZ_CHECK(see(capf_cursor_meta(cursor, &theirs, &err), &err) == status, "the cursor differs");
    enum capf_status sized = see(capf_meta_size(file, &present, &size, &err), &err);
    enum capf_status part_status =
        see(capf_meta_read(file, 1, part, sizeof part, &got, &err), &err);
    if (status != CAPF_OK)
        return;
    FUZZ_CHECK(sized == CAPF_OK && part_status == CAPF_OK, "whole, but not in parts");
    FUZZ_CHECK(present == (theirs.data != NULL) && size == theirs.len, "another size");
    FUZZ_CHECK(got == 0 || memcmp(part, theirs.data + 1, got) == 0, "other bytes");
}

static void check_info(capf_file *file)
{
    struct capf_info info;
    struct capf_error err;
    char text[CAPF_ERROR_TEXT];
    enum capf_status status = see(capf_get_info(file, &info, &err), &err);
    FUZZ_CHECK(status == CAPF_OK, "%s", err.text);
    FUZZ_CHECK(info.records == capf_file_count(file), "%llu records",
               (unsigned long long)info.records);
    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++) {
        capf_warning_text(&info, (enum capf_warning)(1u << bit), text, sizeof text);
        see_sentence(text);
    }
    for (int slot = 0; slot < 2; slot++)
        FUZZ_CHECK(info.node[slot].good || memchr(info.node[slot].fault, '\0', 80) != NULL,
                   "an endless fault");
}

static void check_file(capf_file *file)
{
    capf_cursor *cursor;
    struct capf_error err;
    bool changed = true;
    uint64_t count = capf_file_count(file);
    check_info(file);
    if (see(capf_cursor_open(file, &cursor, &err), &err) != CAPF_OK)
        return;
    FUZZ_CHECK(capf_cursor_count(cursor) == count, "the cursor sees another count");
    check_meta(file, cursor);
    for (uint64_t recno = 0; recno <= NEAR; recno++)
        check_record(file, cursor, recno);
    for (uint64_t recno = count > NEAR ? count - NEAR : 0; recno < count + 2 && recno != 0; recno++)
        check_record(file, cursor, recno);
    check_forward(cursor, 1, count);
    check_backward(cursor, count + 1);
    check_forward(cursor, count > NEAR ? count - NEAR / 2 : count + 1, count);
    if (see(capf_refresh(file, &changed, &err), &err) == CAPF_OK)
        FUZZ_CHECK(!changed, "nobody writes, and there is something new");
    capf_cursor_close(cursor);
}

static void open_one(const struct capf_options *options)
{
    capf_file *file;
    struct capf_error err;
    if (see(capf_open(FUZZ_PATH, CAPF_READ, options, &file, &err), &err) != CAPF_OK)
        return;
    check_file(file);
    capf_close(file);
}

void fuzz_open_run(const uint8_t *data, size_t size)
{
    struct capf_options options = {.io = fuzz_io_begin(data, size, false)};
    open_one(&options);
    options.which = CAPF_PREVIOUS;
    options.cache_bytes = 1; /* nothing is kept: each block is read again */
    open_one(&options);
    fuzz_io_end();
}
