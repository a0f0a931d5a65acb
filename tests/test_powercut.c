/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing committed is lost when the power fails: random scripts on a
 * simulated disk, with every state that a power cut could leave after each call
 * made and checked, and the power cut again while the library goes on. And the
 * harness fails when what makes that true is taken away.
 *
 * CAPF_TEST_SEED is the first script's seed, CAPF_TEST_SCALE sets how many states
 * there are, CAPF_SOAK=1 checks 20 million. A failure prints a CAPF_REPLAY that
 * repeats it alone.
 */
#include "tests/support/test.h"

#include "tests/support/cut_script.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_SEED 20250301
#define STATES 200000
#define STATES_FAULTS 40000
#define STATES_TWICE 50000
#define STATES_SOAK 20000000
#define STATES_TWICE_SOAK 1000000
#define TWICE_ONE_IN 16
#define SCRIPTS_SABOTAGED 2000
#define FAILURES_ENOUGH 2

struct bench {
    struct cut_report report;
    struct cut_level first, second;
    struct cut_script script;
    unsigned scripts, kills, cuts, commits;
};

static struct bench *bench_new(void)
{
    struct bench *bench = test_bytes(sizeof *bench);
    memset(bench, 0, sizeof *bench);
    cut_script_init(&bench->script);
    cut_level_init(&bench->first, &bench->report);
    cut_level_init(&bench->second, &bench->report);
    bench->second.above = &bench->first;
    bench->first.below_one_in = TWICE_ONE_IN;
    return bench;
}

static void bench_free(struct bench *bench)
{
    cut_script_release(&bench->script);
    cut_level_release(&bench->first);
    cut_level_release(&bench->second);
    free(bench);
}

static void run_one(struct bench *bench, struct cut_plan plan)
{
    cut_script_run(&bench->script, &plan, &bench->first);
    bench->scripts++;
    bench->kills += bench->script.kills;
    bench->cuts += bench->script.cuts;
    bench->commits += bench->script.commits;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void tell_figures(const struct bench *bench, const char *what, double spent)
{
    uint64_t states = bench->first.states + bench->second.states;
    print_message("%s: %zu distinct states, %zu of them after a second cut; %llu checks, "
                  "%u scripts, %u commits, %u kills, %u cuts; %.1f s, %.1f us a check\n",
                  what, bench->first.distinct.count + bench->second.distinct.count,
                  bench->second.distinct.count, (unsigned long long)states, bench->scripts,
                  bench->commits, bench->kills, bench->cuts, spent, spent * 1e6 / (double)states);
}

/* Scripts until the level has seen so many states. */
static void run_until(struct bench *bench, struct cut_plan plan, const struct cut_level *level,
                      size_t states, const char *what)
{
    double start = seconds();
    for (plan.seed = test_seed(FIRST_SEED);
         level->distinct.count < states && bench->report.failures == 0; plan.seed++)
        run_one(bench, plan);
    tell_figures(bench, what, seconds() - start);
    assert_int_equal(bench->report.failures, 0);
}

static size_t how_many(unsigned usual, unsigned soak)
{
    return test_is_soak() ? soak : test_scaled(usual);
}

/* ---- The library as it is ---- */

static void test_a_power_cut_loses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    run_until(bench, (struct cut_plan){0}, &bench->first, how_many(STATES, STATES_SOAK),
              "power cuts");
    bench_free(bench);
}

static void test_a_second_cut_in_the_next_commit_loses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    bench->first.below = &bench->second;
    run_until(bench, (struct cut_plan){0}, &bench->second,
              how_many(STATES_TWICE, STATES_TWICE_SOAK), "second cuts");
    bench_free(bench);
}

static void test_a_power_cut_after_failed_syncs_loses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    run_until(bench, (struct cut_plan){.faults = true}, &bench->first,
              how_many(STATES_FAULTS, STATES_TWICE_SOAK), "failing syncs");
    bench_free(bench);
}

/* ---- The library with something taken away ---- */

static void fails_without(enum cut_sabotage sabotage, const char *what)
{
    struct bench *bench = bench_new();
    struct cut_plan plan = {.seed = FIRST_SEED, .sabotage = sabotage};
    plan.faults = sabotage == CUT_NO_RENEWAL;
    double start = seconds();
    bench->report.quiet = true;
    for (; bench->scripts < SCRIPTS_SABOTAGED && bench->report.failures < FAILURES_ENOUGH;
         plan.seed++)
        run_one(bench, plan);
    tell_figures(bench, what, seconds() - start);
    print_message("%llu failures seen\n", (unsigned long long)bench->report.failures);
    assert_true(bench->report.failures > 0);
    bench_free(bench);
}

static void test_without_the_barrier_before_the_node_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_BARRIER, "no barrier");
}

static void test_without_the_sync_at_open_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_SYNC_AT_OPEN, "no sync at open");
}

static void test_without_the_folders_sync_at_open_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_FOLDER_SYNC, "no sync of the folder at open");
}

static void test_without_the_renewal_of_the_node_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_RENEWAL, "no renewal");
}

static void test_without_the_spoiling_of_a_torn_node_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_SPOILING, "no spoiling");
}

static void test_without_the_slot_rule_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_WRONG_SLOT, "the wrong slot");
}

static void test_without_durability_the_harness_fails(void **state)
{
    (void)state;
    fails_without(CUT_NO_SYNC, "no syncs at all");
}

/* ---- The walk, which judges the library, is judged by what another program wrote ---- */

static bool fits_walk(const struct fixture *fixture)
{
    return fixture->opens == CAPF_OK && fixture->fan_out <= WALK_FAN_MAX &&
           fixture->records <= UINT16_MAX;
}

static void test_the_walk_finds_what_the_manifest_says(void **state)
{
    (void)state;
    size_t count, walked = 0;
    const struct fixture *fixture = fixture_manifest(&count);
    struct walk *walk = test_bytes(sizeof *walk);
    memset(walk, 0, sizeof *walk);
    for (size_t i = 0; i < count; i++, fixture++) {
        if (!fits_walk(fixture))
            continue;
        struct mem_disk *disk = mem_disk_new();
        fixture_to_disk(fixture->name, disk, CUT_PATH);
        const char *why = walk_file(walk, mem_disk_io(disk), CUT_PATH);
        if (why != NULL)
            print_error("%s: %s\n", fixture->name, why);
        assert_null(why);
        assert_int_equal(walk->records, fixture->records);
        assert_int_equal(walk->crc, fixture->crc);
        assert_int_equal(walk->has_meta, fixture->has_meta);
        mem_disk_free(disk);
        walked++;
    }
    print_message("%zu fixtures walked\n", walked);
    assert_true(walked > 0);
    walk_release(walk);
    free(walk);
}

/* ---- One state again: SEED:FAULTS:BOUNDARY:CHOICE, and another pair for a second cut ---- */

static void test_the_state_of_capf_replay(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    char *rest;
    struct cut_plan plan = {.seed = strtoull(getenv("CAPF_REPLAY"), &rest, 0)};
    assert_true(rest[0] == ':' && rest[1] != '\0' && rest[2] == ':');
    plan.faults = rest[1] == '1';
    bench->first.replay = rest + 3;
    rest = strchr(bench->first.replay, ':');
    assert_non_null(rest);
    rest = strchr(rest + 1, ':');
    if (rest != NULL) {
        bench->first.below = &bench->second;
        bench->second.replay = rest + 1;
    }
    run_one(bench, plan);
    assert_int_equal(bench->first.states, 1);
    assert_int_equal(bench->report.failures, 0);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_walk_finds_what_the_manifest_says),
        cmocka_unit_test(test_a_power_cut_loses_nothing),
        cmocka_unit_test(test_a_second_cut_in_the_next_commit_loses_nothing),
        cmocka_unit_test(test_a_power_cut_after_failed_syncs_loses_nothing),
        cmocka_unit_test(test_without_the_barrier_before_the_node_the_harness_fails),
        cmocka_unit_test(test_without_the_sync_at_open_the_harness_fails),
        cmocka_unit_test(test_without_the_folders_sync_at_open_the_harness_fails),
        cmocka_unit_test(test_without_the_renewal_of_the_node_the_harness_fails),
        cmocka_unit_test(test_without_the_spoiling_of_a_torn_node_the_harness_fails),
        cmocka_unit_test(test_without_the_slot_rule_the_harness_fails),
        cmocka_unit_test(test_without_durability_the_harness_fails),
    };
    const struct CMUnitTest replay[] = {cmocka_unit_test(test_the_state_of_capf_replay)};
    if (getenv("CAPF_REPLAY") != NULL)
        return cmocka_run_group_tests(replay, NULL, NULL) != 0;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
