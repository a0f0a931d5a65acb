/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random scripts of operations with random geometry give what a simple model
 * in memory says, through the writer, a second reader, reopened handles, and
 * cursors of any age. CAPF_TEST_SEED repeats one script; CAPF_TEST_SCALE sets
 * how many there are.
 */
#include "tests/support/test.h"

#include "tests/support/script.h"

#include <stdlib.h>

#define SCRIPTS 2400
#define FIRST_SEED 20240501

static uint64_t running_seed;

static void run_script(uint64_t seed, struct script *sums)
{
    struct script script;
    running_seed = seed;
    script_begin(&script, seed);
    for (uint64_t steps = 20 + rng_below(&script.rng, 60); steps > 0; steps--)
        script_step(&script);
    sums->commits += script.commits;
    sums->rollbacks += script.rollbacks;
    sums->compared += script.compared;
    script_end(&script);
}

static void test_random_scripts_agree_with_the_model(void **state)
{
    (void)state;
    struct script sums = {0};
    unsigned scripts = getenv("CAPF_TEST_SEED") != NULL ? 1 : test_scaled(SCRIPTS);
    uint64_t seed = test_seed(FIRST_SEED);
    for (unsigned i = 0; i < scripts; i++)
        run_script(seed + i, &sums);
    running_seed = 0;
    print_message("%u scripts, %u commits, %u rollbacks, %u comparisons of a reopened file\n",
                  scripts, sums.commits, sums.rollbacks, sums.compared);
}

static int tell_seed(void **state)
{
    (void)state;
    if (running_seed != 0)
        print_error("repeat with CAPF_TEST_SEED=%llu\n", (unsigned long long)running_seed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_random_scripts_agree_with_the_model, tell_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
