/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every call that core makes on files fails: with EIO, with ENOSPC, with EINTR,
 * or by doing less than asked; once, a few times, or for good; and then the
 * caller tries again, or closes the file and looks. Nothing acknowledged is
 * lost, and each call keeps what capf.h promises for its failure. The disk
 * forgets nothing here: see test_powercut for one that does.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <errno.h>
#include <stdlib.h>

/* ---- The scripts ---- */

static const struct fault_step life_steps[] = {
    {.kind = STEP_CREATE, .len = 4},
    {.kind = STEP_OPEN_READER},
    {.kind = STEP_APPEND, .len = 30, .noise = 50, .times = 2},
    {.kind = STEP_COMMIT},
    {.kind = STEP_REFRESH},
    {.kind = STEP_APPEND, .len = 40, .noise = 60, .times = 12},
    {.kind = STEP_STREAM_KNOWN, .len = 90, .noise = 50},
    {.kind = STEP_STREAM_UNKNOWN, .len = 70, .noise = 50},
    {.kind = STEP_SET_META, .len = 5, .noise = 50},
    {.kind = STEP_TWO_HALVES},
    {.kind = STEP_REFRESH},
    {.kind = STEP_APPEND, .len = 1000, .noise = 70},
    {.kind = STEP_CANCEL, .len = 700, .noise = 70},
    {.kind = STEP_ROLLBACK},
    {.kind = STEP_APPEND, .len = 20, .noise = 50, .times = 3},
    {.kind = STEP_STREAM_UNKNOWN, .len = 1500, .noise = 80},
    {.kind = STEP_SET_META, .len = 300, .noise = 90},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLEAR_META},
    {.kind = STEP_COMMIT},
    {.kind = STEP_REFRESH},
    {.kind = STEP_READ},
    {.kind = STEP_CLOSE},
    {.kind = STEP_OPEN},
    {.kind = STEP_APPEND, .len = 30, .noise = 50},
    {.kind = STEP_COMMIT},
    {.kind = STEP_APPEND, .len = 300, .noise = 50, .times = 2},
    {.kind = STEP_TWO_HALVES},
    {.kind = STEP_CLOSE},
    {.kind = STEP_OPEN_READ},
    {.kind = STEP_READ},
};

static const struct fault_step birth_steps[] = {
    {.kind = STEP_CREATE_OR_OPEN, .len = 300, .noise = 90},
    {.kind = STEP_APPEND, .len = 30, .noise = 50, .times = 9},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLOSE},
    {.kind = STEP_CREATE_OR_OPEN},
    {.kind = STEP_APPEND, .len = 30, .noise = 50},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLOSE},
    {.kind = STEP_REPLACE, .len = 7, .noise = 50},
    {.kind = STEP_APPEND, .len = 30, .noise = 50},
    {.kind = STEP_COMMIT},
    {.kind = STEP_CLOSE},
    {.kind = STEP_REPLACE},
    {.kind = STEP_READ},
};

/* The streaming compressor and the streaming reader, which begin at 1 MiB. */
static const struct fault_step long_steps[] = {
    {.kind = STEP_HEALTHY},
    {.kind = STEP_CREATE},
    {.kind = STEP_APPEND, .len = 60, .noise = 50, .times = 2},
    {.kind = STEP_COMMIT},
    {.kind = STEP_FAULTY},
    {.kind = STEP_STREAM_KNOWN, .len = 1100000},
    {.kind = STEP_STREAM_UNKNOWN, .len = 1200000},
    {.kind = STEP_COMMIT},
    {.kind = STEP_READ},
};

/* A block that is long when compressed, too: its pages go out before its length is known. */
static const struct fault_step noisy_steps[] = {
    {.kind = STEP_HEALTHY},
    {.kind = STEP_CREATE},
    {.kind = STEP_APPEND, .len = 60, .noise = 50},
    {.kind = STEP_COMMIT},
    {.kind = STEP_FAULTY},
    {.kind = STEP_STREAM_UNKNOWN, .len = 1150000, .noise = 100},
    {.kind = STEP_COMMIT},
};

static const struct fault_script life = {"life", FAULT_STEPS(life_steps), FAULT_GEOMETRY};

static const struct fault_script life_locked = {
    "life, with the nodes' locks", FAULT_STEPS(life_steps), FAULT_GEOMETRY,
    .locking = CAPF_LOCK_WRITER_AND_NODE, .zlib_only = true};

/* No transfer is longer than this, so nodes are written in parts, and half written. */
static const struct fault_script life_in_parts = {"life in parts", FAULT_STEPS(life_steps),
                                                  FAULT_GEOMETRY, .limits = {.transfer = 300}};

/* Every block is read from the file again. */
static const struct fault_script life_uncached = {"life without a cache", FAULT_STEPS(life_steps),
                                                  FAULT_GEOMETRY, .cache_bytes = 1};

static const struct fault_script birth = {"birth", FAULT_STEPS(birth_steps), FAULT_GEOMETRY};

static const struct fault_script birth_named = {
    "birth under a temporary name", FAULT_STEPS(birth_steps), FAULT_GEOMETRY,
    .limits = {.no_unnamed = true, .writers_untold = true}};

static const struct fault_script birth_unlocked = {
    "birth without locks", FAULT_STEPS(birth_steps), FAULT_GEOMETRY, .locking = CAPF_LOCK_NONE,
    .limits = {.no_unnamed = true, .no_locks = true}};

static const struct fault_script long_blocks = {"long blocks", FAULT_STEPS(long_steps),
                                                FAULT_GEOMETRY};
static const struct fault_script noisy_block = {"noisy block", FAULT_STEPS(noisy_steps),
                                                FAULT_GEOMETRY};

/* ---- Sweeps ---- */

static uint64_t sweep_error(const struct fault_script *script, int error)
{
    struct fault_case one = {.script = script, .plan = {.ops = FAULT_FILES, .error = error}};
    uint64_t runs = 0;
    one.plan.times = 1;
    runs += fault_sweep(&one);
    one.retry = true;
    runs += fault_sweep(&one);
    for (one.plan.times = 2; one.plan.times <= 6; one.plan.times *= 3)
        runs += fault_sweep(&one);
    one.retry = false;
    one.plan.times = FAULT_FOR_GOOD;
    return runs + fault_sweep(&one);
}

static void sweep(const struct fault_script *script)
{
    uint64_t runs = sweep_error(script, -EIO);
    runs += sweep_error(script, -ENOSPC);
    print_message("%s: %llu runs with failing calls, 0 acknowledged records lost\n", script->name,
                  (unsigned long long)runs);
}

static void test_every_failing_call_in_a_file_s_life_loses_nothing(void **state)
{
    (void)state;
    sweep(&life);
    sweep(&life_locked);
    sweep(&life_in_parts);
    sweep(&life_uncached);
}

static void test_every_failing_call_of_a_creation_leaves_what_was_there(void **state)
{
    (void)state;
    sweep(&birth);
    sweep(&birth_named);
    sweep(&birth_unlocked);
}

static void test_every_failing_call_with_long_blocks_loses_nothing(void **state)
{
    (void)state;
    uint64_t runs = sweep_error(&long_blocks, -EIO);
    runs +=
        fault_sweep(&(struct fault_case){.script = &noisy_block,
                                         .plan = {.ops = FAULT_FILES, .times = 1, .error = -ENOSPC},
                                         .retry = true});
    print_message("long blocks: %llu runs with failing calls, 0 acknowledged records lost\n",
                  (unsigned long long)runs);
}

/* The same statuses and the same promises for who does not ask for the error. */
static void test_failing_calls_of_which_nobody_asks_the_reason_lose_nothing(void **state)
{
    (void)state;
    static const struct fault_script *const scripts[] = {&life, &life_in_parts, &birth,
                                                         &birth_named};
    uint64_t runs = 0;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct fault_case one = {.script = scripts[i],
                                 .plan = {.ops = FAULT_FILES, .times = 2, .error = -EIO},
                                 .retry = true,
                                 .silent = true};
        runs += fault_sweep(&one);
    }
    print_message("%llu runs with failing calls that are not described\n",
                  (unsigned long long)runs);
}

/* ---- What nobody is to see ---- */

/* No call of core fails, and the file is the same to the byte. */
static uint64_t sweep_unseen(struct fault_case one)
{
    uint8_t *want, *got;
    size_t want_len = 0, got_len = 0;
    one.plan.first = FAULT_NEVER;
    uint64_t calls = fault_case_image(&one, &want, &want_len), runs = 0;
    uint64_t stride = 1 + calls / (test_scaled((unsigned)calls) + 1);
    for (one.plan.first = 1; one.plan.first <= calls; one.plan.first += stride, runs++) {
        fault_case_image(&one, &got, &got_len);
        assert_int_equal(got_len, want_len);
        assert_memory_equal(got, want, got_len);
        free(got);
    }
    free(want);
    return runs;
}

static uint64_t sweep_plan_unseen(const struct fault_script *script, struct fault_plan plan)
{
    struct fault_case one = {.script = script, .plan = plan};
    one.plan.times = 1;
    uint64_t runs = sweep_unseen(one);
    one.plan.times = FAULT_FOR_GOOD;
    return runs + sweep_unseen(one);
}

static uint64_t sweep_transfers(struct fault_plan plan)
{
    plan.ops = FAULT_TRANSFERS;
    return sweep_plan_unseen(&life, plan) + sweep_plan_unseen(&birth_named, plan);
}

static void test_interrupted_and_short_transfers_are_not_noticed(void **state)
{
    (void)state;
    uint64_t runs = sweep_transfers((struct fault_plan){.error = -EINTR, .let_through = 3});
    runs += sweep_transfers((struct fault_plan){.most = 1});
    runs += sweep_transfers((struct fault_plan){.most = 13});
    runs +=
        sweep_plan_unseen(&long_blocks, (struct fault_plan){.ops = FAULT_TRANSFERS, .most = 4099});
    print_message("%llu runs with interrupted and short transfers, the same bytes in all\n",
                  (unsigned long long)runs);
}

/* A system that takes no bytes and gives no reason: an error, and no endless loop. */
static void test_a_write_that_does_nothing_fails(void **state)
{
    (void)state;
    struct fault_case one = {.script = &life,
                             .plan = {.ops = FAULT_OP(IO_PWRITE), .times = 1, .most = 0},
                             .retry = true};
    uint64_t runs = fault_sweep(&one);
    one.plan.times = FAULT_FOR_GOOD;
    one.retry = false;
    runs += fault_sweep(&one);
    print_message("%llu runs with writes that do nothing\n", (unsigned long long)runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(test_every_failing_call_in_a_file_s_life_loses_nothing),
        FAULT_TEST(test_every_failing_call_of_a_creation_leaves_what_was_there),
        FAULT_TEST(test_every_failing_call_with_long_blocks_loses_nothing),
        FAULT_TEST(test_failing_calls_of_which_nobody_asks_the_reason_lose_nothing),
        FAULT_TEST(test_interrupted_and_short_transfers_are_not_noticed),
        FAULT_TEST(test_a_write_that_does_nothing_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
