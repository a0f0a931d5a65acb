/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks beside a writer that commits as fast as it can, rolls back, and opens
 * the file anew: not one false alarm. One writer locks and syncs, the other does
 * neither, as the Python implementation.
 */
#include "tests/support/test.h"

#include "tests/support/process.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

struct scene {
    char path[SCRATCH_PATH];
    struct capf_creation geometry;
    struct capf_options options;
    uint64_t seed;
    atomic_bool stop;
    uint64_t commits;
    enum capf_status status; /* of the first call of the writer that failed */
};

static enum capf_status write_session(struct scene *scene, struct rng *rng, capf_file *file)
{
    enum capf_status status = CAPF_OK;
    uint8_t record[400];
    for (int n = 0; n < 300 && status == CAPF_OK && !atomic_load(&scene->stop); n++) {
        for (uint64_t i = rng_below(rng, 40); i > 0 && status == CAPF_OK; i--) {
            size_t len = (size_t)rng_below(rng, sizeof record);
            test_fill(record, len, rng_next(rng), 40);
            status = capf_append(file, record, len, NULL, NULL);
        }
        if (status == CAPF_OK && rng_below(rng, 4) == 0)
            status = capf_set_meta(file, record, (size_t)rng_below(rng, 60), NULL);
        if (status == CAPF_OK && rng_below(rng, 10) == 0)
            status = capf_rollback(file, NULL);
        if (status == CAPF_OK)
            status = capf_commit(file, NULL);
        scene->commits++;
    }
    return status;
}

static void *write_on(void *ctx)
{
    struct scene *scene = ctx;
    struct rng rng = {scene->seed};
    while (scene->status == CAPF_OK && !atomic_load(&scene->stop)) {
        capf_file *file;
        scene->status = capf_open(scene->path, CAPF_WRITE, &scene->options, &file, NULL);
        if (scene->status != CAPF_OK)
            break;
        scene->status = write_session(scene, &rng, file);
        capf_close(file);
    }
    return NULL;
}

static void on_finding(void *ctx, const struct capf_finding *finding)
{
    (void)ctx;
    print_message("%s\n", finding->text);
}

static void check_beside(struct scene *scene, const char *name, unsigned ms)
{
    struct capf_check check = {.found = on_finding};
    struct capf_check_result result;
    pthread_t writer;
    capf_file *file;
    uint64_t checks = 0, alarms = 0, records = 0, until = process_now_ms() + ms;
    snprintf(scene->path, sizeof scene->path, "%s", scratch_path(name));
    must(capf_create(scene->path, &scene->geometry, &scene->options, &file, NULL, &test_err));
    capf_close(file);
    assert_int_equal(pthread_create(&writer, NULL, write_on, scene), 0);
    while (process_now_ms() < until) {
        check.quick = ++checks % 8 != 0; /* most of them for the nodes, which are what changes */
        must(capf_check(scene->path, &check, NULL, &result, &test_err));
        alarms += result.damage > 0;
        records += result.sound;
    }
    atomic_store(&scene->stop, true);
    pthread_join(writer, NULL);
    print_message("%llu checks of %llu records beside %llu commits: %llu false alarms\n",
                  (unsigned long long)checks, (unsigned long long)records,
                  (unsigned long long)scene->commits, (unsigned long long)alarms);
    assert_int_equal(scene->status, CAPF_OK);
    assert_int_equal(alarms, 0);
    assert_true(scene->commits > 0 && records > 0);
}

static unsigned how_long(void)
{
    return test_is_soak() ? 30000 : test_scaled(5000);
}

static void test_no_false_alarm_beside_a_writer_that_syncs(void **state)
{
    (void)state;
    struct scene scene = {.seed = test_seed(3),
                          .geometry = {.page_size = 1024, .block_size = 4096, .fan_out = 8}};
    check_beside(&scene, "synced.capture", how_long());
}

/* Long master nodes, which are often read in the middle of a write. */
static void test_no_false_alarm_beside_a_writer_without_locks(void **state)
{
    (void)state;
    struct scene scene = {
        .seed = test_seed(4),
        .options = {.locking = CAPF_LOCK_NONE, .durability = CAPF_DURABLE_NONE, .level = 1}};
    check_beside(&scene, "unlocked.capture", how_long());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_false_alarm_beside_a_writer_that_syncs),
        cmocka_unit_test(test_no_false_alarm_beside_a_writer_without_locks),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_remove();
    return failed != 0;
}
