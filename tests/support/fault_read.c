/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading with failing calls: every reading call of capf.h, tried again at once
 * when it failed, as capf.h says that it can be.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <stdlib.h>
#include <string.h>

#define PART 100
#define LONG 100000 /* from here on, records are read in parts at a few places only */

/* Does the call until it succeeds or it is not to be tried any more. */
#define TRY(run, status, call)                                                                     \
    do {                                                                                           \
        status = call;                                                                             \
    } while (fault_read_again(run, status))

bool fault_read_again(struct fault_run *run, enum capf_status status)
{
    if (status == CAPF_OK || status == CAPF_END) {
        run->tries = 0;
        return false;
    }
    fault_check_error(run, status);
    return run->what->retry && ++run->tries <= run->what->plan.times;
}

static const struct model_value *value_of(const struct fault_run *run, uint64_t recno)
{
    return &run->model.now.records[recno - 1];
}

/* After a failure the cursor is put before the same record once more. */
static enum capf_status step_cursor(struct fault_run *run, capf_cursor *cursor, uint64_t at,
                                    bool back)
{
    uint64_t recno = 0;
    struct capf_bytes record;
    enum capf_status status = back ? capf_cursor_prev(cursor, &recno, &record, fault_err(run))
                                   : capf_cursor_next(cursor, &recno, &record, fault_err(run));
    while (fault_read_again(run, status)) {
        assert_int_equal(recno, at);
        must(capf_cursor_seek(cursor, back ? at + 1 : at, &test_err));
        status = back ? capf_cursor_prev(cursor, &recno, &record, fault_err(run))
                      : capf_cursor_next(cursor, &recno, &record, fault_err(run));
    }
    assert_int_equal(recno, at);
    if (status == CAPF_OK)
        assert_true(fault_equals(value_of(run, at), record));
    return status;
}

static enum capf_status read_by_cursor(struct fault_run *run, capf_cursor *cursor)
{
    enum capf_status status = CAPF_OK;
    uint64_t count = run->model.now.count, recno = 0;
    struct capf_bytes record;
    assert_int_equal(capf_cursor_count(cursor), count);
    for (uint64_t i = 1; i <= count && status == CAPF_OK; i++)
        status = step_cursor(run, cursor, i, false);
    if (status != CAPF_OK)
        return status;
    must_be(CAPF_END, capf_cursor_next(cursor, &recno, &record, &test_err));
    for (uint64_t i = count; i >= 1 && status == CAPF_OK; i--)
        status = step_cursor(run, cursor, i, true);
    return status;
}

static enum capf_status read_part(struct fault_run *run, uint64_t recno, uint64_t off)
{
    const struct model_value *value = value_of(run, recno);
    uint8_t part[PART];
    size_t got = 0, want = off + PART <= value->len ? PART : value->len - (size_t)off;
    enum capf_status status;
    TRY(run, status, capf_read(run->file, recno, off, part, sizeof part, &got, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    assert_int_equal(got, want);
    assert_memory_equal(part, fault_bytes(value) + off, want);
    return CAPF_OK;
}

static enum capf_status read_parts(struct fault_run *run, uint64_t recno)
{
    uint64_t len = value_of(run, recno)->len, size = 0;
    enum capf_status status;
    TRY(run, status, capf_size(run->file, recno, &size, fault_err(run)));
    assert_true(status != CAPF_OK || size == len);
    if (status == CAPF_OK)
        status = read_part(run, recno, len / 2);
    if (status == CAPF_OK && len >= LONG) /* to its end, and back again */
        status = read_part(run, recno, len - PART / 2);
    if (status == CAPF_OK && len >= LONG)
        status = read_part(run, recno, len / 3);
    return status;
}

static enum capf_status read_place(struct fault_run *run, uint64_t recno)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    struct capf_block_info block;
    unsigned count = 0;
    enum capf_status status;
    TRY(run, status, capf_locate(run->file, recno, steps, &count, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    assert_true(count > 0 && steps[count - 1].height == 0);
    TRY(run, status,
        capf_get_block_info(run->file, steps[count - 1].at.pos, &block, fault_err(run)));
    assert_true(status != CAPF_OK || block.raw > steps[count - 1].at.off);
    return status;
}

static enum capf_status read_meta(struct fault_run *run)
{
    const struct model_value *value = &run->model.now.meta;
    uint8_t part[PART];
    bool present = false;
    uint64_t size = 0;
    size_t got = 0;
    struct capf_bytes meta;
    enum capf_status status;
    TRY(run, status, capf_meta_size(run->file, &present, &size, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    assert_true(present == value->there && size == value->len);
    TRY(run, status, capf_meta_read(run->file, 0, part, sizeof part, &got, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    assert_memory_equal(part, fault_bytes(value), got);
    TRY(run, status, capf_get_meta(run->file, &meta, fault_err(run)));
    assert_true(status != CAPF_OK || fault_equals(value, meta));
    return status;
}

static enum capf_status read_record(struct fault_run *run, uint64_t recno)
{
    struct capf_bytes record;
    enum capf_status status;
    TRY(run, status, capf_get(run->file, recno, &record, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    assert_true(fault_equals(value_of(run, recno), record));
    status = read_parts(run, recno);
    return status == CAPF_OK ? read_place(run, recno) : status;
}

static enum capf_status read_info(struct fault_run *run)
{
    struct capf_info info;
    enum capf_status status;
    TRY(run, status, capf_get_info(run->file, &info, fault_err(run)));
    assert_true(status != CAPF_OK || info.records == run->model.now.count);
    return status;
}

enum capf_status fault_read_all(struct fault_run *run)
{
    capf_cursor *cursor = NULL;
    enum capf_status status;
    TRY(run, status, capf_cursor_open(run->file, &cursor, fault_err(run)));
    if (status != CAPF_OK)
        return status;
    status = read_by_cursor(run, cursor);
    for (uint64_t i = 1; i <= run->model.now.count && status == CAPF_OK; i += 1 + i / 3)
        status = read_record(run, i);
    if (status == CAPF_OK)
        status = read_meta(run);
    if (status == CAPF_OK)
        status = read_info(run);
    capf_cursor_close(cursor);
    return status;
}
