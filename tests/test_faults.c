/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every call that core makes fails once, or from then on, in a script that
 * creates, appends, commits, rolls back, reopens and reads: whatever then
 * happens, nothing is leaked, what was acknowledged is in the file, and what is
 * in the file is right. The memory is complete here; power cuts are no part of
 * this.
 */
#include <config.h>

#include "tests/support/mem_file.h"

#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

struct run {
    struct mem_disk *disk;
    struct wrap_io wrap;
    struct capf_options options;
    uint32_t long_len, long_every; /* bytes of a long record; every how many there is one */
    capf_file *file;
    uint64_t acknowledged; /* records in the last commit that returned CAPF_OK */
    uint64_t tried;        /* records in the last commit that was tried */
    uint64_t calls, fails_at;
    int fault;
    bool for_good;
};

static int fail_one(void *ctx, struct io_call *call)
{
    struct run *run = ctx;
    if (call->op == IO_CLOSE || call->op == IO_NOW || call->op == IO_NAP)
        return 0;
    uint64_t at = ++run->calls;
    return at == run->fails_at || (run->for_good && at > run->fails_at) ? run->fault : 0;
}

/* ---- The script: each step can be tried again after it failed ---- */

static size_t make_record(const struct run *run, uint64_t recno, uint8_t *buf)
{
    size_t len = recno % run->long_every == 0 ? run->long_len : 30;
    test_fill(buf, len, recno, len > 1000 ? 0 : 50);
    memcpy(buf, &recno, 8);
    return len;
}

static enum capf_status create(struct run *run)
{
    struct capf_creation creation = {.how = CAPF_OPEN_OR_CREATE,
                                     .page_size = 128,
                                     .block_size = 256,
                                     .fan_out = 4,
                                     .meta = "meta",
                                     .meta_len = 4};
    return capf_create(MEM_PATH, &creation, &run->options, &run->file, NULL, &test_err);
}

static enum capf_status replace(struct run *run)
{
    struct capf_creation creation = {
        .how = CAPF_REPLACE, .page_size = 128, .block_size = 256, .fan_out = 4};
    enum capf_status status =
        capf_create(MEM_PATH, &creation, &run->options, &run->file, NULL, &test_err);
    if (status == CAPF_OK)
        run->acknowledged = 0;
    return status;
}

static enum capf_status append(struct run *run)
{
    uint64_t recno = capf_file_count(run->file) + 1, given = 0;
    uint8_t *data = test_bytes(run->long_len + 64);
    size_t len = make_record(run, recno, data);
    enum capf_status status = capf_append(run->file, data, len, &given, &test_err);
    assert_true(status != CAPF_OK || given == recno);
    free(data);
    return status;
}

static enum capf_status append_stream(struct run *run)
{
    uint64_t recno = capf_file_count(run->file) + 1, given = 0;
    uint8_t *data = test_bytes(run->long_len + 64);
    size_t len = make_record(run, recno, data);
    enum capf_status status = capf_append_begin(
        run->file, recno % (2 * run->long_every) == 0 ? len : CAPF_UNKNOWN_LENGTH, &test_err);
    if (status == CAPF_OK)
        status = capf_append_data(run->file, data, len / 3, &test_err);
    if (status == CAPF_OK)
        status = capf_append_data(run->file, data + len / 3, len - len / 3, &test_err);
    if (status == CAPF_OK)
        status = capf_append_end(run->file, &given, &test_err);
    assert_true(status != CAPF_OK || given == recno);
    free(data);
    return status;
}

static enum capf_status change_meta(struct run *run)
{
    return capf_set_meta(run->file, "other", 5, &test_err);
}

static enum capf_status commit(struct run *run)
{
    run->tried = capf_file_count(run->file);
    enum capf_status status = capf_commit(run->file, &test_err);
    if (status == CAPF_OK)
        run->acknowledged = run->tried;
    return status;
}

static enum capf_status roll_back(struct run *run)
{
    return capf_rollback(run->file, &test_err);
}

static enum capf_status reopen(struct run *run)
{
    capf_close(run->file);
    run->file = NULL;
    return capf_open(MEM_PATH, CAPF_WRITE, &run->options, &run->file, &test_err);
}

static enum capf_status reopen_to_read(struct run *run)
{
    capf_close(run->file);
    run->file = NULL;
    return capf_open(MEM_PATH, CAPF_READ, &run->options, &run->file, &test_err);
}

static enum capf_status read_all(struct run *run)
{
    capf_cursor *cursor;
    struct capf_bytes record;
    struct capf_info info;
    uint64_t recno = 0;
    uint8_t *data = test_bytes(run->long_len + 64);
    enum capf_status status = capf_cursor_open(run->file, &cursor, &test_err);
    if (status == CAPF_OK) {
        while ((status = capf_cursor_next(cursor, &recno, &record, &test_err)) == CAPF_OK)
            must_hold(record, data, make_record(run, recno, data));
        capf_cursor_close(cursor);
    }
    free(data);
    if (status == CAPF_END)
        status = capf_get_info(run->file, &info, &test_err);
    return status == CAPF_OK ? capf_refresh(run->file, NULL, &test_err) : status;
}

typedef enum capf_status script_step(struct run *run);

static script_step *const common[] = {
    create,    append, append, commit,         append,        append,        append, append,
    append,    append, append, append,         append_stream, change_meta,   commit, append,
    roll_back, append, append, append,         append,        append,        append, append,
    append,    append, append, append,         append_stream, append_stream, commit, read_all,
    reopen,    append, commit, reopen_to_read, read_all,
};

static script_step *const with_long[] = {create, append, append_stream, append,  append_stream,
                                         append, append, commit,        read_all};

static script_step *const replacing[] = {create,  append, commit, reopen_to_read,
                                         replace, append, commit, read_all};

/* ---- Runs ---- */

/* Does the steps until one cannot be done. */
static void do_steps(struct run *run, script_step *const *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum capf_status status = CAPF_IO;
        if (steps[i] == replace) {
            capf_close(run->file);
            run->file = NULL;
        }
        for (unsigned tries = 0; tries < TRIES && status != CAPF_OK; tries++)
            status = steps[i](run);
        if (status != CAPF_OK)
            break;
    }
    capf_close(run->file);
    run->file = NULL;
}

/* What a healthy reader finds. */
static void check_found(struct run *run, bool replaced)
{
    struct capf_options options = {.io = mem_disk_io(run->disk)};
    capf_file *file;
    enum capf_status status = capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err);
    if (status == CAPF_NO_FILE) {
        assert_int_equal(run->acknowledged, 0);
        return;
    }
    must(status);
    uint64_t count = capf_file_count(file);
    assert_true(count >= run->acknowledged || replaced);
    assert_true(count <= run->tried);
    run->file = file;
    must(read_all(run));
    run->file = NULL;
    capf_close(file);
}

/* A script, and how it is to fail. */
struct sweep {
    script_step *const *steps;
    size_t count;
    uint32_t long_len, long_every;
    int fault;
    bool for_good;
};

/* The whole script with the k-th call failing; gives how many calls there were. */
static uint64_t run_once(const struct sweep *sweep, uint64_t fails_at)
{
    struct run run = {
        .disk = mem_disk_new(),
        .long_len = sweep->long_len,
        .long_every = sweep->long_every,
        .fails_at = fails_at,
        .fault = sweep->fault,
        .for_good = sweep->for_good,
    };
    mem_disk_limits(run.disk)->no_unnamed = fails_at % 2 == 0;
    wrap_io_init(&run.wrap, mem_disk_io(run.disk));
    run.wrap.hook = fail_one;
    run.wrap.hook_ctx = &run;
    run.options.io = &run.wrap.io;
    run.options.level = 1;
    do_steps(&run, sweep->steps, sweep->count);
    assert_int_equal(run.wrap.memory.live_blocks, 0);
    assert_int_equal(mem_disk_open_count(run.disk), 0);
    run.wrap.hook = NULL;
    check_found(&run, sweep->steps == replacing);
    mem_disk_free(run.disk);
    return run.calls;
}

static uint64_t failing_call;

/* Each call in turn, or when the scale asks for less, some of them. */
static void run_sweep(const struct sweep *sweep)
{
    uint64_t calls = run_once(sweep, UINT64_MAX);
    uint64_t stride = 1 + calls / (test_scaled((unsigned)calls) + 1);
    for (failing_call = 1; failing_call <= calls; failing_call += stride)
        run_once(sweep, failing_call);
    failing_call = 0;
    print_message("%llu calls, every %llu. failed %s\n", (unsigned long long)calls,
                  (unsigned long long)stride, sweep->for_good ? "for good" : "once");
}

static void sweep_all(struct sweep sweep)
{
    sweep.fault = -EIO;
    run_sweep(&sweep);
    sweep.for_good = true;
    run_sweep(&sweep);
    sweep.fault = -ENOSPC;
    run_sweep(&sweep);
}

static void test_every_failing_call_of_a_script_loses_nothing(void **state)
{
    (void)state;
    sweep_all((struct sweep){.steps = common,
                             .count = sizeof common / sizeof common[0],
                             .long_len = 1000,
                             .long_every = 10});
}

static void test_every_failing_call_with_long_blocks_loses_nothing(void **state)
{
    (void)state;
    sweep_all((struct sweep){.steps = with_long,
                             .count = sizeof with_long / sizeof with_long[0],
                             .long_len = 1100000,
                             .long_every = 2});
}

static void test_every_failing_call_of_a_replacement_loses_nothing(void **state)
{
    (void)state;
    sweep_all((struct sweep){.steps = replacing,
                             .count = sizeof replacing / sizeof replacing[0],
                             .long_len = 1000,
                             .long_every = 10});
}

static int tell_call(void **state)
{
    (void)state;
    if (failing_call != 0)
        print_error("with call %llu failing\n", (unsigned long long)failing_call);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_failing_call_of_a_script_loses_nothing, tell_call),
        cmocka_unit_test_teardown(test_every_failing_call_with_long_blocks_loses_nothing,
                                  tell_call),
        cmocka_unit_test_teardown(test_every_failing_call_of_a_replacement_loses_nothing,
                                  tell_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
