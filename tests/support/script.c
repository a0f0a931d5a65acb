/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random scripts: geometry and options that are legal but odd, and the
 * operations, each done to the file and to the model.
 */
#include "tests/support/test.h"

#include "tests/support/script.h"

#include <string.h>

#define COUNT_MAX 800 /* records; above it, scripts append no more */

static uint64_t pick(struct script *script, uint64_t below)
{
    return rng_below(&script->rng, below);
}

/* ---- The beginning and the end ---- */

static void pick_geometry(struct script *script)
{
    static const uint32_t pages[] = {64, 75, 88, 100, 128, 200, 256, 320, 512};
    struct capf_creation *creation = &script->creation;
    creation->page_size = pages[pick(script, sizeof pages / sizeof pages[0])];
    if (rng_chance(&script->rng, 3))
        creation->page_size = 4096;
    creation->block_size = creation->page_size * (uint32_t)(1 + pick(script, 6));
    uint64_t most = (creation->page_size - 36) / 13 + 1;
    uint64_t fan_outs = most < 40 ? most - 1 : 39;
    creation->fan_out = (uint32_t)(2 + pick(script, rng_chance(&script->rng, 50) ? 2 : fan_outs));
    if (creation->fan_out > most)
        creation->fan_out = 2;
    creation->how = CAPF_CREATE_NEW;
}

static void pick_options(struct script *script)
{
    struct capf_options *options = &script->options;
    static const enum capf_locking lockings[] = {CAPF_LOCK_WRITER, CAPF_LOCK_WRITER,
                                                 CAPF_LOCK_WRITER_AND_NODE, CAPF_LOCK_NONE};
    options->io = mem_disk_io(script->disk);
    options->locking = lockings[pick(script, 4)];
    options->durability = rng_chance(&script->rng, 20) ? CAPF_DURABLE_NONE : CAPF_DURABLE_FULL;
    options->level = (int)pick(script, 10);
    options->zlib_only = rng_chance(&script->rng, 30);
    options->cache_bytes = rng_chance(&script->rng, 50) ? 1 + pick(script, 5000) : 0;
    mem_disk_limits(script->disk)->no_unnamed = rng_chance(&script->rng, 30);
    mem_disk_limits(script->disk)->transfer =
        rng_chance(&script->rng, 20) ? 1 + (size_t)pick(script, 300) : 0;
}

struct model_value script_value(struct script *script)
{
    uint64_t block = script->creation.block_size, len = 0;
    switch (pick(script, 10)) {
    case 0:
        break;
    case 1: /* around a full block */
        len = block - 8 + pick(script, 12);
        break;
    case 2:
        len = pick(script, 3 * block);
        break;
    case 3:
        len = pick(script, block);
        break;
    default:
        len = pick(script, 40);
    }
    return (struct model_value){true, rng_next(&script->rng), (uint32_t)len,
                                (unsigned)pick(script, 101)};
}

void script_begin(struct script *script, uint64_t seed)
{
    memset(script, 0, sizeof *script);
    script->rng.state = seed;
    script->disk = mem_disk_new();
    pick_geometry(script);
    pick_options(script);
    struct model_value meta = {0};
    if (rng_chance(&script->rng, 50)) {
        meta = script_value(script);
        script->creation.meta = model_bytes(&meta);
        script->creation.meta_len = meta.len;
    }
    model_init(&script->model, script->creation.page_size, script->creation.fan_out, &meta);
    must(capf_create(SCRIPT_PATH, &script->creation, &script->options, &script->writer, NULL,
                     &test_err));
    must(capf_open(SCRIPT_PATH, CAPF_READ, &script->options, &script->reader, &test_err));
    script->seen = model_committed(&script->model);
    assert_int_equal(mem_disk_name_count(script->disk), 1);
}

void script_end(struct script *script)
{
    capf_close(script->writer);
    views_writer_closed(script);
    for (unsigned i = 0; i < 10; i++)
        view_look(script);
    capf_close(script->reader);
    for (unsigned i = 0; i < SCRIPT_VIEWS; i++)
        view_close(&script->views[i]);
    model_state_release(&script->seen);
    model_release(&script->model);
    assert_int_equal(mem_disk_open_count(script->disk), 0);
    assert_int_equal(mem_disk_memory(script->disk)->live_blocks, 0);
    assert_int_equal(mem_disk_name_count(script->disk), 1);
    mem_disk_free(script->disk);
}

/* ---- Comparing ---- */

void script_check_part(struct script *script, capf_file *file, capf_cursor *cursor, uint64_t recno,
                       const struct model_value *value)
{
    uint8_t part[256];
    size_t got, ask = (size_t)pick(script, sizeof part + 1);
    uint64_t off = pick(script, value->len + 1ull);
    if (file != NULL)
        must(capf_read(file, recno, off, part, ask, &got, &test_err));
    else
        must(capf_cursor_read(cursor, recno, off, part, ask, &got, &test_err));
    assert_int_equal(got, value->len - off < ask ? value->len - off : ask);
    if (got != 0)
        assert_memory_equal(part, model_bytes(value) + off, got);
}

static void check_number(struct script *script, capf_file *file, const struct model_state *state)
{
    struct capf_bytes record;
    uint64_t size;
    if (state->count == 0)
        return;
    uint64_t recno = 1 + pick(script, state->count);
    const struct model_value *value = &state->records[recno - 1];
    must(capf_get(file, recno, &record, &test_err));
    assert_true(model_equals(value, record));
    must(capf_size(file, recno, &size, &test_err));
    assert_int_equal(size, value->len);
    script_check_part(script, file, NULL, recno, value);
}

void script_compare(struct script *script, capf_file *file, const struct model_state *state)
{
    capf_cursor *cursor;
    struct capf_bytes bytes;
    uint64_t recno;
    assert_int_equal(capf_file_count(file), state->count);
    must(capf_get_meta(file, &bytes, &test_err));
    assert_true(model_equals(&state->meta, bytes));
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t i = 0; i < state->count; i++) {
        must(capf_cursor_next(cursor, &recno, &bytes, &test_err));
        assert_int_equal(recno, i + 1);
        assert_true(model_equals(&state->records[i], bytes));
    }
    must_be(CAPF_END, capf_cursor_next(cursor, &recno, &bytes, &test_err));
    capf_cursor_close(cursor);
    for (unsigned i = 0; i < 5; i++)
        check_number(script, file, state);
    must_be(CAPF_NO_RECORD, capf_get(file, state->count + 1, &bytes, &test_err));
}

/* A check of the whole file finds nothing wrong, and every record. */
static void check_sound(struct script *script, uint64_t count)
{
    struct capf_check_result result;
    must(capf_check(SCRIPT_PATH, NULL, &script->options, &result, &test_err));
    assert_int_equal(result.damage, 0);
    assert_int_equal(result.sound, count);
}

/* What another process would see. */
static void compare_reopened(struct script *script)
{
    struct model_state state = model_committed(&script->model);
    capf_file *file;
    must(capf_open(SCRIPT_PATH, CAPF_READ, &script->options, &file, &test_err));
    script_compare(script, file, &state);
    check_sound(script, state.count);
    capf_close(file);
    model_state_release(&state);
    script->compared++;
}

/* ---- Operations ---- */

static enum capf_status stream(struct script *script, const struct model_value *value, uint64_t len,
                               uint64_t *recno)
{
    const uint8_t *bytes = model_bytes(value);
    enum capf_status status = capf_append_begin(script->writer, len, &test_err);
    for (uint32_t done = 0; status == CAPF_OK && done < value->len;) {
        uint32_t piece = 1 + (uint32_t)pick(script, value->len - done);
        status = capf_append_data(script->writer, bytes + done, piece, &test_err);
        done += piece;
    }
    return status == CAPF_OK ? capf_append_end(script->writer, recno, &test_err) : status;
}

/* Whole, or streamed with its length known or not. */
static void append_one(struct script *script)
{
    struct model_value value = script_value(script);
    bool room = model_has_room(&script->model);
    uint64_t recno = 0, way = pick(script, 6);
    enum capf_status status;
    if (way < 4)
        status = capf_append(script->writer, model_bytes(&value), value.len, &recno, &test_err);
    else
        status = stream(script, &value, way == 4 ? value.len : CAPF_UNKNOWN_LENGTH, &recno);
    must_be(room ? CAPF_OK : CAPF_TOO_LARGE, status);
    if (room) {
        model_append(&script->model, &value);
        assert_int_equal(recno, script->model.now.count);
    }
}

static void append_some(struct script *script)
{
    uint64_t count = rng_chance(&script->rng, 7) ? pick(script, 150) : 1 + pick(script, 5);
    for (; count > 0 && script->model.now.count < COUNT_MAX; count--)
        append_one(script);
}

static void append_cancelled(struct script *script)
{
    struct model_value value = script_value(script);
    bool known = rng_chance(&script->rng, 50);
    if (!model_has_room(&script->model))
        return;
    must(capf_append_begin(script->writer, known ? value.len : CAPF_UNKNOWN_LENGTH, &test_err));
    if (value.len != 0 && rng_chance(&script->rng, 80))
        must(capf_append_data(script->writer, model_bytes(&value), 1 + pick(script, value.len),
                              &test_err));
    check_number(script, script->writer, &script->model.now);
    must_be(CAPF_BUSY, capf_commit(script->writer, &test_err));
    capf_append_cancel(script->writer);
}

static void change_meta(struct script *script)
{
    struct model_value value = {0};
    if (rng_chance(&script->rng, 70)) {
        value = script_value(script);
        must(capf_set_meta(script->writer, model_bytes(&value), value.len, &test_err));
    } else {
        if (!script->model.now.meta.there)
            return;
        must(capf_clear_meta(script->writer, &test_err));
    }
    model_set_meta(&script->model, &value);
}

static void committed(struct script *script)
{
    views_committed(script);
    model_commit(&script->model);
    script->commits++;
    compare_reopened(script);
}

static void commit(struct script *script)
{
    must(capf_commit(script->writer, &test_err));
    committed(script);
}

static void rolled_back(struct script *script)
{
    must(capf_rollback(script->writer, &test_err));
    views_rolled_back(script);
    model_rollback(&script->model);
    script->rollbacks++;
}

static void check_verdict(struct script *script, const struct capf_receipt *receipt,
                          enum capf_verdict expected)
{
    enum capf_verdict verdict;
    capf_file *file;
    must(capf_open(SCRIPT_PATH, CAPF_READ, &script->options, &file, &test_err));
    must(capf_receipt_check(file, receipt, &verdict, &test_err));
    assert_int_equal(verdict, expected);
    capf_close(file);
}

static void commit_in_halves(struct script *script)
{
    struct capf_receipt receipt;
    bool pending = script->model.pending;
    uint64_t recno;
    must(capf_commit_prepare(script->writer, &receipt, &test_err));
    assert_int_equal(receipt.serial - receipt.serial_before, pending ? 1 : 0);
    assert_int_equal(receipt.count, script->model.now.count);
    assert_int_equal(receipt.count_before, script->model.committed);
    if (pending) {
        must_be(CAPF_BUSY, capf_append(script->writer, "x", 1, &recno, &test_err));
        check_verdict(script, &receipt, CAPF_VERDICT_NO);
    }
    check_number(script, script->writer, &script->model.now);
    if (rng_chance(&script->rng, 30)) {
        rolled_back(script);
        if (pending)
            check_verdict(script, &receipt, CAPF_VERDICT_NO);
        return;
    }
    must(capf_commit_finish(script->writer, &test_err));
    committed(script);
    if (pending)
        check_verdict(script, &receipt, CAPF_VERDICT_YES);
}

static void reopen(struct script *script)
{
    capf_close(script->writer);
    views_writer_closed(script);
    model_rollback(&script->model);
    must(capf_open(SCRIPT_PATH, CAPF_WRITE, &script->options, &script->writer, &test_err));
    script_compare(script, script->writer, &script->model.now);
}

static bool same_value(const struct model_value *a, const struct model_value *b)
{
    return a->there == b->there && a->seed == b->seed && a->len == b->len;
}

static void refresh(struct script *script)
{
    bool changed = false;
    assert_int_equal(capf_file_count(script->reader), script->seen.count);
    check_number(script, script->reader, &script->seen);
    must(capf_refresh(script->reader, &changed, &test_err));
    bool differs = script->seen.count != script->model.committed ||
                   !same_value(&script->seen.meta, &script->model.committed_meta);
    assert_true(changed || !differs);
    model_state_release(&script->seen);
    script->seen = model_committed(&script->model);
    if (rng_chance(&script->rng, 30))
        script_compare(script, script->reader, &script->seen);
    check_number(script, script->reader, &script->seen);
    must(capf_refresh(script->reader, &changed, &test_err));
    assert_false(changed);
}

static void look_inside(struct script *script)
{
    struct capf_info info;
    must(capf_get_info(script->writer, &info, &test_err));
    assert_int_equal(info.records, script->model.now.count);
    assert_int_equal(info.committed, script->model.committed);
    assert_int_equal(info.pending, script->model.pending);
    assert_int_equal(info.meta.pos != 0, script->model.now.meta.there);
    check_number(script, script->writer, &script->model.now);
}

void script_step(struct script *script)
{
    static const struct {
        unsigned weight;
        void (*operation)(struct script *script);
    } choices[] = {
        {34, append_some},     {5, append_cancelled}, {6, change_meta}, {11, commit},
        {4, commit_in_halves}, {5, rolled_back},      {4, reopen},      {5, refresh},
        {7, view_open},        {14, view_look},       {5, look_inside},
    };
    uint64_t roll = pick(script, 100);
    size_t at = 0;
    for (; roll >= choices[at].weight; at++)
        roll -= choices[at].weight;
    choices[at].operation(script);
    assert_int_equal(capf_file_count(script->writer), script->model.now.count);
}
