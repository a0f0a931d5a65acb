/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every allocation of core fails, once or from then on, those that zlib and
 * libdeflate make for it included: each call says CAPF_NO_MEMORY or does without,
 * keeps what capf.h promises, and leaks nothing.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <stdlib.h>
#include <string.h>

static const struct fault_step life_steps[] = {
    {.kind = STEP_CREATE_OR_OPEN, .len = 300, .noise = 90},
    {.kind = STEP_OPEN_READER},
    {.kind = STEP_APPEND, .len = 40, .noise = 60, .times = 9},
    {.kind = STEP_STREAM_KNOWN, .len = 90, .noise = 50},
    {.kind = STEP_STREAM_UNKNOWN, .len = 70, .noise = 50},
    {.kind = STEP_COMMIT},
    {.kind = STEP_REFRESH},
    {.kind = STEP_SET_META, .len = 5, .noise = 50},
    {.kind = STEP_CANCEL, .len = 700, .noise = 70},
    {.kind = STEP_ROLLBACK},
    {.kind = STEP_STREAM_UNKNOWN, .len = 1500, .noise = 80},
    {.kind = STEP_CLEAR_META},
    {.kind = STEP_READ},
    {.kind = STEP_TWO_HALVES},
    {.kind = STEP_CLEAR_META},
    {.kind = STEP_COMMIT},
    {.kind = STEP_REFRESH},
    {.kind = STEP_CLOSE},
    {.kind = STEP_OPEN},
    {.kind = STEP_APPEND, .len = 300, .noise = 50, .times = 2},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLOSE},
    {.kind = STEP_REPLACE, .len = 7, .noise = 50},
    {.kind = STEP_APPEND, .len = 300, .noise = 50, .times = 5},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLOSE},
    {.kind = STEP_OPEN_READ},
    {.kind = STEP_READ},
};

/* The streaming compressor and the streaming reader. */
static const struct fault_step long_steps[] = {
    {.kind = STEP_CREATE},
    {.kind = STEP_STREAM_KNOWN, .len = 1100000},
    {.kind = STEP_COMMIT},
    {.kind = STEP_READ},
};

/* A block whose first pages are kept in memory, because its length is not known yet. */
static const struct fault_step noisy_steps[] = {
    {.kind = STEP_CREATE},
    {.kind = STEP_STREAM_UNKNOWN, .len = 1150000, .noise = 100},
    {.kind = STEP_COMMIT},
};

static const struct fault_script life = {"life", FAULT_STEPS(life_steps), FAULT_GEOMETRY};
static const struct fault_script life_named = {"life, with zlib and a temporary name",
                                               FAULT_STEPS(life_steps), FAULT_GEOMETRY,
                                               .zlib_only = true, .limits = {.no_unnamed = true}};
static const struct fault_script long_block = {"long block", FAULT_STEPS(long_steps),
                                               FAULT_GEOMETRY};
static const struct fault_script noisy_block = {"noisy block", FAULT_STEPS(noisy_steps),
                                                FAULT_GEOMETRY};

static uint64_t sweep_some(const struct fault_script *script, uint64_t times, bool retry)
{
    const struct fault_case one = {.script = script,
                                   .plan = {.ops = FAULT_MEMORY, .times = times, .error = -1},
                                   .retry = retry};
    return fault_sweep(&one);
}

static void sweep(const struct fault_script *script)
{
    uint64_t runs = sweep_some(script, 1, false);
    runs += sweep_some(script, 1, true);
    runs += sweep_some(script, 3, true);
    runs += sweep_some(script, FAULT_FOR_GOOD, false);
    print_message("%s: %llu runs with failing allocations, 0 leaks\n", script->name,
                  (unsigned long long)runs);
}

static void test_every_failing_allocation_is_survived(void **state)
{
    (void)state;
    sweep(&life);
    sweep(&life_named);
}

static void test_every_failing_allocation_of_a_long_block_is_survived(void **state)
{
    (void)state;
    sweep(&long_block);
    sweep(&noisy_block);
}

/* ---- What is pending is shown by a copy, which any reading call may be the first to need ---- */

#define OPEN_BLOCK (4096 + 2 * 40960) /* where the data begins */

static struct capf_bytes bytes;

static enum capf_status get(capf_file *file)
{
    return capf_get(file, 1, &bytes, &test_err);
}

static enum capf_status size(capf_file *file)
{
    uint64_t len;
    return capf_size(file, 1, &len, &test_err);
}

static enum capf_status read_part(capf_file *file)
{
    uint8_t byte;
    size_t got;
    return capf_read(file, 1, 0, &byte, 1, &got, &test_err);
}

static enum capf_status get_meta(capf_file *file)
{
    return capf_get_meta(file, &bytes, &test_err);
}

static enum capf_status meta_size(capf_file *file)
{
    bool present;
    uint64_t len;
    return capf_meta_size(file, &present, &len, &test_err);
}

static enum capf_status meta_read(capf_file *file)
{
    uint8_t byte;
    size_t got;
    return capf_meta_read(file, 0, &byte, 1, &got, &test_err);
}

static enum capf_status locate(capf_file *file)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count;
    return capf_locate(file, 1, steps, &count, &test_err);
}

static enum capf_status block_info(capf_file *file)
{
    struct capf_block_info block;
    return capf_get_block_info(file, OPEN_BLOCK, &block, &test_err);
}

static enum capf_status info(capf_file *file)
{
    struct capf_info found;
    return capf_get_info(file, &found, &test_err);
}

static enum capf_status cursor_open(capf_file *file)
{
    capf_cursor *cursor = NULL;
    enum capf_status status = capf_cursor_open(file, &cursor, &test_err);
    capf_cursor_close(cursor);
    return status;
}

static void test_every_reading_call_survives_that_what_is_pending_cannot_be_shown(void **state)
{
    (void)state;
    static enum capf_status (*const calls[])(capf_file *) = {
        get,       size,   read_part,  get_meta, meta_size,
        meta_read, locate, block_info, info,     cursor_open};
    struct mem_disk *disk = mem_disk_new();
    struct fault_io fault;
    struct fault_plan plan = {.ops = FAULT_MEMORY, .first = FAULT_NEVER, .times = 1, .error = -1};
    fault_io_init(&fault, mem_disk_io(disk), &plan);
    struct capf_options options = {.io = &fault.wrap.io};
    capf_file *file;
    must(capf_create(FAULT_PATH, NULL, &options, &file, NULL, &test_err));
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        must(capf_set_meta(file, "m", 1, &test_err));
        must(capf_append(file, "a", 1, NULL, &test_err));
        fault.plan.first = fault.calls + 1;
        must_be(CAPF_NO_MEMORY, calls[i](file));
        must(calls[i](file));
    }
    capf_close(file);
    assert_int_equal(fault.wrap.memory.live_blocks, 0);
    mem_disk_free(disk);
}

/* ---- Access points, which are 20 MB apart ---- */

#define POINTS_LEN 42000000u

static void make_zeros(struct mem_disk *disk)
{
    struct capf_options options = {.io = mem_disk_io(disk), .level = 1};
    capf_file *file;
    uint8_t *zeros = test_bytes(POINTS_LEN);
    memset(zeros, 0, POINTS_LEN);
    must(capf_create(FAULT_PATH, NULL, &options, &file, NULL, &test_err));
    must(capf_append(file, zeros, POINTS_LEN, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    free(zeros);
}

static enum capf_status read_byte(capf_file *file, uint64_t off)
{
    uint8_t byte = 1;
    size_t got = 0;
    enum capf_status status = capf_read(file, 1, off, &byte, 1, &got, &test_err);
    assert_true(status == CAPF_NO_MEMORY || (status == CAPF_OK && got == 1 && byte == 0));
    return status;
}

/* To the end, past two points, and back to behind the first. */
static enum capf_status read_far_and_back(struct fault_io *fault)
{
    struct capf_options options = {.io = &fault->wrap.io};
    capf_file *file;
    enum capf_status status = capf_open(FAULT_PATH, CAPF_READ, &options, &file, &test_err);
    if (status != CAPF_OK)
        return status;
    status = read_byte(file, POINTS_LEN - 1000);
    if (status == CAPF_OK)
        status = read_byte(file, POINTS_LEN / 2 + 1);
    if (status == CAPF_NO_MEMORY && fault->plan.times == 1)
        must(read_byte(file, POINTS_LEN / 2 + 1));
    capf_close(file);
    assert_int_equal(fault->wrap.memory.live_blocks, 0);
    return status;
}

/* A point that cannot be kept costs time later, and nothing else. */
static void test_every_failing_allocation_beside_access_points_is_survived(void **state)
{
    (void)state;
    struct mem_disk *disk = mem_disk_new();
    struct fault_io fault;
    struct fault_plan plan = {.ops = FAULT_MEMORY, .times = 1, .error = -1};
    unsigned succeeded = 0;
    make_zeros(disk);
    do {
        plan.first++;
        fault_io_init(&fault, mem_disk_io(disk), &plan);
        fault_io_feed_libdeflate(&fault);
        succeeded += read_far_and_back(&fault) == CAPF_OK;
        fault_io_feed_libdeflate(NULL);
    } while (fault.failed > 0);
    assert_int_equal(mem_disk_open_count(disk), 0);
    assert_true(succeeded > 1); /* without the points that could not be kept */
    print_message("access points: %llu runs with failing allocations, %u of them did without\n",
                  (unsigned long long)plan.first - 1, succeeded - 1);
    mem_disk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(test_every_failing_allocation_is_survived),
        FAULT_TEST(test_every_failing_allocation_of_a_long_block_is_survived),
        FAULT_TEST(test_every_reading_call_survives_that_what_is_pending_cannot_be_shown),
        FAULT_TEST(test_every_failing_allocation_beside_access_points_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
