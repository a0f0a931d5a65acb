/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Write after open: any bytes as a capture file, opened to be written if the library will have it,
 * and then a script of appends, metadata, commits and rollbacks. It may refuse, at any moment. But
 * what it showed before must be there afterwards, what it took must be behind it, and what it has
 * written it must be able to open again.
 *
 * The script is the end of the input: its last byte says how long it is.
 */
#include "tests/fuzz/fuzz.h"

#include "capf.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/see.h"

#include <string.h>

#define NEAR 6 /* records from either end that are compared */
#define SCRIPT_MAX 24
#define LONGEST 24576

/* A state of the file, by digests; 0: cannot be read. */
struct seen {
    uint64_t count; /* as the file was opened */
    uint64_t first[NEAR], last[NEAR];
    bool meta_known, meta_present;
    uint64_t meta;
};

struct added {
    unsigned count;
    uint64_t digest[SCRIPT_MAX];
    bool meta_changed, meta_present;
    uint64_t meta;
};

struct play {
    struct capf_options options;
    capf_file *file;
    struct seen before;
    struct added committed, pending;
    uint8_t record[LONGEST];
};

static uint64_t digest_at(capf_file *file, uint64_t recno)
{
    struct capf_bytes bytes;
    struct capf_error err;
    return see(capf_get(file, recno, &bytes, &err), &err) == CAPF_OK ? see_digest(&bytes) : 0;
}

static uint64_t meta_of(capf_file *file, bool *known, bool *present)
{
    struct capf_bytes bytes = {NULL, 0};
    struct capf_error err;
    *known = see(capf_get_meta(file, &bytes, &err), &err) == CAPF_OK;
    *present = *known && bytes.data != NULL;
    return *present ? see_digest(&bytes) : 0;
}

static void look(capf_file *file, struct seen *seen)
{
    seen->count = capf_file_count(file);
    for (uint64_t i = 0; i < NEAR; i++) {
        seen->first[i] = i < seen->count ? digest_at(file, i + 1) : 0;
        seen->last[i] = i < seen->count ? digest_at(file, seen->count - i) : 0;
    }
    seen->meta = meta_of(file, &seen->meta_known, &seen->meta_present);
}

static void compare_old(capf_file *file, const struct seen *before)
{
    for (uint64_t i = 0; i < NEAR; i++) {
        if (before->first[i] != 0)
            FUZZ_CHECK(digest_at(file, i + 1) == before->first[i], "record %u changed",
                       (unsigned)i + 1);
        if (before->last[i] != 0)
            FUZZ_CHECK(digest_at(file, before->count - i) == before->last[i],
                       "record %u from the old end changed", (unsigned)i);
    }
}

/* The file shows what it showed, and behind it what was added. */
static void compare(capf_file *file, const struct seen *before, const struct added *added)
{
    bool known, present;
    uint64_t meta = meta_of(file, &known, &present);
    FUZZ_CHECK(capf_file_count(file) == before->count + added->count, "%llu records, not %llu + %u",
               (unsigned long long)capf_file_count(file), (unsigned long long)before->count,
               added->count);
    compare_old(file, before);
    for (unsigned i = 0; i < added->count; i++)
        FUZZ_CHECK(digest_at(file, before->count + 1 + i) == added->digest[i],
                   "added record %u is another", i);
    if (added->meta_changed)
        FUZZ_CHECK(known && present == added->meta_present && meta == added->meta, "metadata");
    else if (before->meta_known)
        FUZZ_CHECK(known && present == before->meta_present && meta == before->meta,
                   "old metadata");
}

/* What was whole before a writer came must be so afterwards. */
static bool is_whole(const struct capf_options *options)
{
    struct capf_check_result result = {0};
    struct capf_error err;
    return see(capf_check(FUZZ_PATH, NULL, options, &result, &err), &err) == CAPF_OK &&
           result.damage == 0;
}

/* ---- Operations ---- */

static void make_record(struct play *play, size_t len)
{
    for (size_t i = 0; i < len; i++)
        play->record[i] = (uint8_t)(i * 7 + len + play->pending.count * 31 + (i >> 5) * (i >> 3));
}

static void took(struct play *play, size_t len)
{
    struct capf_bytes bytes = {play->record, len};
    play->pending.digest[play->pending.count++] = see_digest(&bytes);
}

static enum capf_status append(struct play *play, size_t len, struct capf_error *err)
{
    uint64_t recno = 0;
    make_record(play, len);
    enum capf_status status = capf_append(play->file, play->record, len, &recno, err);
    if (status != CAPF_OK)
        return status;
    took(play, len);
    FUZZ_CHECK(recno == play->before.count + play->pending.count, "number %llu",
               (unsigned long long)recno);
    return status;
}

static enum capf_status stream(struct play *play, size_t len, bool known, bool cancel,
                               struct capf_error *err)
{
    uint64_t recno = 0;
    make_record(play, len);
    enum capf_status status = capf_append_begin(play->file, known ? len : CAPF_UNKNOWN_LENGTH, err);
    for (size_t done = 0, step = len / 3 + 1; status == CAPF_OK && done < len; done += step)
        status = capf_append_data(play->file, play->record + done,
                                  len - done < step ? len - done : step, err);
    if (status == CAPF_OK && cancel) {
        capf_append_cancel(play->file);
        return CAPF_OK;
    }
    if (status == CAPF_OK)
        status = capf_append_end(play->file, &recno, err);
    if (status == CAPF_OK)
        took(play, len);
    return status;
}

static enum capf_status change_meta(struct play *play, size_t len, bool clear,
                                    struct capf_error *err)
{
    struct capf_bytes bytes = {play->record, len};
    make_record(play, len);
    enum capf_status status = clear ? capf_clear_meta(play->file, err)
                                    : capf_set_meta(play->file, play->record, len, err);
    if (status == CAPF_OK) {
        play->pending.meta_changed = true;
        play->pending.meta_present = !clear;
        play->pending.meta = clear ? 0 : see_digest(&bytes);
    }
    return status;
}

static enum capf_status commit(struct play *play, bool in_halves, bool undo, struct capf_error *err)
{
    struct capf_receipt receipt;
    enum capf_status status =
        in_halves ? capf_commit_prepare(play->file, &receipt, err) : capf_commit(play->file, err);
    if (status == CAPF_OK && undo) {
        status = capf_rollback(play->file, err);
        if (status == CAPF_OK)
            play->pending = play->committed;
        return status;
    }
    if (status == CAPF_OK && in_halves)
        status = capf_commit_finish(play->file, err);
    if (status == CAPF_OK)
        play->committed = play->pending;
    return status;
}

static enum capf_status roll_back(struct play *play, struct capf_error *err)
{
    enum capf_status status = capf_rollback(play->file, err);
    if (status == CAPF_OK)
        play->pending = play->committed;
    return status;
}

/* What was written must be good enough to be opened; what was not committed is gone. */
static void reopen(struct play *play, enum capf_access access)
{
    struct capf_error err = {0};
    capf_close(play->file);
    play->file = NULL;
    play->pending = play->committed;
    enum capf_status status =
        see(capf_open(FUZZ_PATH, access, &play->options, &play->file, &err), &err);
    FUZZ_CHECK(status == CAPF_OK, "not opened again: %s", err.text);
    compare(play->file, &play->before, &play->committed);
}

static enum capf_status step(struct play *play, uint8_t op, struct capf_error *err)
{
    size_t low = op & 15;
    switch (op >> 4) {
    case 0:
        return append(play, low, err);
    case 1:
    case 2:
        return append(play, low * 37, err);
    case 3:
        return append(play, low * 1600, err);
    case 4:
        return stream(play, low * 90, true, false, err);
    case 5:
        return stream(play, low * 800, false, false, err);
    case 6:
        return stream(play, low * 300, low & 1, true, err);
    case 7:
        return change_meta(play, low * 19, false, err);
    case 8:
        return change_meta(play, 0, true, err);
    case 9:
    case 10:
        return commit(play, false, false, err);
    case 11:
        return commit(play, true, low & 1, err);
    case 12:
        return roll_back(play, err);
    case 13:
        reopen(play, CAPF_WRITE);
        return CAPF_OK;
    default:
        compare(play->file, &play->before, &play->pending);
        return CAPF_OK;
    }
}

/* A handle that may write no more says so; the others go on after a refusal. */
static bool is_over(enum capf_status status)
{
    return status == CAPF_BROKEN || status == CAPF_CHANGED || status == CAPF_UNKNOWN;
}

static void play_script(struct play *play, const uint8_t *script, size_t len)
{
    struct capf_error err = {0};
    for (size_t i = 0; i < len; i++) {
        enum capf_status status = see(step(play, script[i], &err), &err);
        FUZZ_CHECK(!is_over(status), "nothing failed, and yet: %s", err.text);
        if (status != CAPF_OK)
            compare(play->file, &play->before, &play->pending);
    }
}

void fuzz_write_run(const uint8_t *data, size_t size)
{
    static struct play play;
    struct capf_error err;
    size_t script = size > 0 ? data[size - 1] % (SCRIPT_MAX + 1) : 0;
    if (script + 1 > size)
        return;
    size -= script + 1;
    memset(&play, 0, offsetof(struct play, record));
    play.options = (struct capf_options){
        .io = fuzz_io_begin(data, size, true), .level = 1, .zlib_only = script & 1};
    bool whole = is_whole(&play.options);
    if (see(capf_open(FUZZ_PATH, CAPF_WRITE, &play.options, &play.file, &err), &err) == CAPF_OK) {
        look(play.file, &play.before);
        play_script(&play, data + size, script);
        reopen(&play, CAPF_READ);
        capf_close(play.file);
        FUZZ_CHECK(!whole || is_whole(&play.options), "whole before, and not afterwards");
    }
    fuzz_io_end();
}
