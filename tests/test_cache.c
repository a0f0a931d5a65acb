/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The block cache: what it keeps, what it drops first, and that a rolled-back
 * transaction's blocks never come back.
 */
#include "tests/support/test.h"

#include <stdlib.h>

#include "cache.h"
#include "tests/support/mem_io.h"

#define BLOCK_LEN 100u

struct caching {
    struct mem_disk *disk;
    struct capf__cache cache; /* room for three blocks */
};

static int begin(void **state)
{
    struct caching *test = test_bytes(sizeof *test);
    test->disk = mem_disk_new();
    capf__cache_init(&test->cache, 3 * BLOCK_LEN);
    *state = test;
    return 0;
}

static int end(void **state)
{
    struct caching *test = *state;
    capf__cache_release(&test->cache);
    mem_disk_free(test->disk); /* which fails when a block is left */
    free(test);
    return 0;
}

static void add(struct caching *test, uint64_t pos, size_t len, const struct capf__txn *txn)
{
    struct capf__block *block = capf__block_new(mem_disk_io(test->disk), len);
    assert_non_null(block);
    block->pos = pos;
    block->len = len;
    capf__cache_add(&test->cache, block, txn);
    capf__block_unref(block);
}

static bool has(struct caching *test, uint64_t pos)
{
    struct capf__block *block = capf__cache_find(&test->cache, pos);
    bool found = block != NULL && block->pos == pos;
    capf__block_unref(block);
    return found;
}

static void test_a_block_is_found_by_its_position(void **state)
{
    struct caching *test = *state;
    add(test, 4096, BLOCK_LEN, NULL);
    assert_true(has(test, 4096));
    assert_false(has(test, 4097));
}

static void test_the_least_recently_used_goes_first(void **state)
{
    struct caching *test = *state;
    for (uint64_t pos = 1; pos <= 3; pos++)
        add(test, pos, BLOCK_LEN, NULL);
    assert_true(has(test, 1)); /* so that 2 is the oldest now */
    add(test, 4, BLOCK_LEN, NULL);
    assert_false(has(test, 2));
    assert_true(has(test, 1) && has(test, 3) && has(test, 4));
}

static void test_a_block_in_use_outlives_its_place(void **state)
{
    struct caching *test = *state;
    add(test, 1, BLOCK_LEN, NULL);
    struct capf__block *held = capf__cache_find(&test->cache, 1);
    for (uint64_t pos = 2; pos <= 4; pos++)
        add(test, pos, BLOCK_LEN, NULL);
    assert_false(has(test, 1));
    assert_int_equal(held->pos, 1);
    capf__block_unref(held);
}

static void test_a_block_larger_than_the_cache_is_not_kept(void **state)
{
    struct caching *test = *state;
    add(test, 1, BLOCK_LEN, NULL);
    add(test, 2, 3 * BLOCK_LEN + 1, NULL);
    assert_false(has(test, 2));
    assert_true(has(test, 1));
}

static void test_memory_stays_within_the_bound(void **state)
{
    struct caching *test = *state;
    for (uint64_t pos = 1; pos <= 1000; pos++) {
        add(test, pos * 4099, (size_t)(pos % BLOCK_LEN) + 1, NULL);
        assert_in_range(test->cache.used, 1, test->cache.max);
    }
}

static void test_a_rollback_drops_what_lies_behind(void **state)
{
    struct caching *test = *state;
    struct capf__txn *txn = capf__txn_new(mem_disk_io(test->disk));
    add(test, 10, BLOCK_LEN, NULL);
    add(test, 20, BLOCK_LEN, txn);
    capf__cache_roll_back(&test->cache, 20, txn);
    assert_true(has(test, 10));
    assert_false(has(test, 20));
    add(test, 20, BLOCK_LEN, txn); /* by a cursor that has not noticed yet */
    assert_false(has(test, 20));
    add(test, 20, BLOCK_LEN, NULL);
    assert_true(has(test, 20));
    capf__txn_unref(txn);
}

#define CACHE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(test_a_block_is_found_by_its_position),
        CACHE_TEST(test_the_least_recently_used_goes_first),
        CACHE_TEST(test_a_block_in_use_outlives_its_place),
        CACHE_TEST(test_a_block_larger_than_the_cache_is_not_kept),
        CACHE_TEST(test_memory_stays_within_the_bound),
        CACHE_TEST(test_a_rollback_drops_what_lies_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
