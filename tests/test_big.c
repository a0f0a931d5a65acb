/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks longer than 1 MiB, which are inflated piece by piece: any part of them in any order,
 * stopped and gone on with, with a call that fails, and damaged in each way that zlib tells apart.
 */
#include "tests/support/mem_file.h"

#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define LONG_LEN 1500000u
#define POINTS_LEN 64000000u /* three access points, which are 20 MiB apart */

/* Records 1 and 3 are short, 2 has a long block of its own that does not compress. */
static uint8_t *make_file(struct mem_file_test *test)
{
    uint8_t *data = test_bytes(LONG_LEN);
    test_fill(data, LONG_LEN, 4, 100);
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "first");
    must(capf_append(file, data, LONG_LEN, NULL, &test_err));
    must(capf_append(file, data, 40000, NULL, &test_err)); /* a block behind it */
    must(capf_commit(file, &test_err));
    capf_close(file);
    return data;
}

static uint64_t long_block(struct mem_file_test *test)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count;
    capf_file *file = mem_open_read(test);
    must(capf_locate(file, 2, steps, &count, &test_err));
    capf_close(file);
    return steps[count - 1].at.pos;
}

static enum capf_status read_part(capf_file *file, const uint8_t *data, uint64_t off, size_t len)
{
    size_t got = 0;
    uint8_t *part = test_bytes(len);
    enum capf_status status = capf_read(file, 2, off, part, len, &got, &test_err);
    if (status == CAPF_OK) {
        assert_int_equal(got, off + len > LONG_LEN ? LONG_LEN - off : len);
        assert_memory_equal(part, data + off, got);
    }
    free(part);
    return status;
}

/* ---- Good ones ---- */

static void test_any_part_in_any_order(void **state)
{
    struct mem_file_test *test = *state;
    static const uint32_t offs[] = {0,       1,       65536 - 9,     65536, 700000, 131072,
                                    1400000, 1048576, LONG_LEN - 10, 5,     999999};
    static const uint32_t lens[] = {1, 9, 10, 65536, 65537, 200000, LONG_LEN};
    uint8_t *data = make_file(test);
    capf_file *file = mem_open_read(test);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++)
        for (size_t k = 0; k < sizeof offs / sizeof offs[0]; k++)
            must(read_part(file, data, offs[k], lens[i]));
    capf_close(file);
    free(data);
}

static bool stop_at(void *ctx, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    return --*(int *)ctx != 0;
}

static void test_a_reading_that_was_stopped_goes_on(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_block_info info;
    int steps = 0;
    uint8_t *data = make_file(test);
    uint64_t pos = long_block(test);
    test->options.progress = stop_at;
    test->options.progress_ctx = &steps;
    for (int i = 1; i < 6; i += 2) {
        capf_file *file = mem_open_read(test);
        steps = i;
        must_be(CAPF_CANCELLED, read_part(file, data, LONG_LEN - 10, 10));
        steps = 1; /* further on */
        must_be(CAPF_CANCELLED, read_part(file, data, LONG_LEN - 20, 20));
        steps = 1;
        must_be(CAPF_CANCELLED, capf_get_block_info(file, pos, &info, &test_err));
        steps = 0;
        must(read_part(file, data, 700000, 10));
        must(read_part(file, data, LONG_LEN - 10, 10));
        must(capf_get_block_info(file, pos, &info, &test_err));
        assert_true(info.raw >= LONG_LEN + 4);
        capf_close(file);
    }
    free(data);
}

static void test_a_block_at_the_place_of_another_is_another(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = test_bytes(LONG_LEN);
    test->options.cache_bytes = 1;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "first");
    must(capf_commit(file, &test_err));
    for (uint32_t i = 0; i < 3; i++) {
        test_fill(data, LONG_LEN, i, 100 - 10 * i);
        must(capf_append(file, data, LONG_LEN, NULL, &test_err));
        must(read_part(file, data, 1200000, 1000));
        must(capf_rollback(file, &test_err));
    }
    capf_close(file);
    free(data);
}

static void expect_zero(capf_file *file, uint64_t off)
{
    uint8_t byte = 1;
    size_t got;
    must(capf_read(file, 1, off, &byte, 1, &got, &test_err));
    assert_int_equal(got, 1);
    assert_int_equal(byte, 0);
}

/* Back and forward: from the start, from a point, and over points that are there already. */
static void test_far_places_by_access_points(void **state)
{
    struct mem_file_test *test = *state;
    static const uint32_t offs[] = {50000000, 10, POINTS_LEN - 1, 30000000,      22000000, 30,
                                    43000000, 1,  25000000,       POINTS_LEN - 2};
    uint8_t *zeros = test_bytes(POINTS_LEN);
    memset(zeros, 0, POINTS_LEN);
    test->options.level = 1;
    capf_file *file = mem_create(test, 0, 0, 0);
    must(capf_append(file, zeros, POINTS_LEN, NULL, &test_err));
    must(capf_commit(file, &test_err));
    free(zeros);
    for (size_t i = 0; i < sizeof offs / sizeof offs[0]; i++)
        expect_zero(file, offs[i]);
    capf_close(file);
}

/* ---- Calls that fail ---- */

struct failing {
    unsigned calls, fails; /* which one */
};

static int fail_one(void *ctx, struct io_call *call)
{
    struct failing *failing = ctx;
    return call->op == IO_PREAD && ++failing->calls == failing->fails ? -EIO : 0;
}

static void test_every_read_that_fails_can_be_tried_again(void **state)
{
    struct mem_file_test *test = *state;
    static const uint32_t offs[] = {0, 600000, LONG_LEN - 10};
    uint8_t *data = make_file(test);
    struct wrap_io wrap;
    struct failing failing = {0};
    wrap_io_init(&wrap, mem_disk_io(test->disk));
    wrap.hook = fail_one;
    wrap.hook_ctx = &failing;
    test->options.io = &wrap.io;
    test->options.cache_bytes = 1;
    for (size_t i = 0; i < sizeof offs / sizeof offs[0]; i++) {
        unsigned failed = 0;
        for (unsigned n = 1;; n++) {
            failing = (struct failing){0};
            capf_file *file = mem_open_read(test);
            failing = (struct failing){.fails = n};
            enum capf_status status = read_part(file, data, offs[i], 900000);
            if (status != CAPF_OK) {
                assert_int_equal(status, CAPF_IO);
                failed++;
                must(read_part(file, data, offs[i], 900000));
            }
            capf_close(file);
            if (failing.calls < n)
                break;
        }
        assert_true(failed > 5);
    }
    free(data);
}

/* ---- Damaged ones ---- */

/* The block's bytes were changed: what is read before the damage may be right, to its end it is
 * an error with these words. */
static void check_damaged(struct mem_file_test *test, const uint8_t *data, const char *words)
{
    struct capf_block_info info;
    struct capf_bytes record;
    uint64_t pos = long_block(test);
    capf_file *file = mem_open_read(test);
    must_be(CAPF_DAMAGED, capf_get(file, 2, &record, &test_err));
    assert_non_null(strstr(test_err.text, words));
    assert_int_equal(test_err.offset, pos);
    must_be(CAPF_DAMAGED, read_part(file, data, LONG_LEN - 10, 20));
    must_be(CAPF_DAMAGED, capf_get_block_info(file, pos, &info, &test_err));
    mem_check_text(file, 1, "first");
    capf_close(file);
}

static uint32_t stored_len(struct mem_file_test *test, uint64_t pos)
{
    struct capf_block_info info;
    capf_file *file = mem_open_read(test);
    must(capf_get_block_info(file, pos, &info, &test_err));
    capf_close(file);
    return info.stored;
}

static void poke_len(struct mem_file_test *test, uint64_t pos, uint32_t len)
{
    const uint8_t bytes[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                              (uint8_t)len};
    mem_disk_poke(test->disk, MEM_PATH, pos, bytes, sizeof bytes);
}

static void test_a_block_that_ends_too_early_is_damaged(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = make_file(test);
    uint64_t pos = long_block(test);
    uint32_t len = stored_len(test, pos);
    static const uint32_t missing[] = {1, 4, 5, 100, 300000};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        poke_len(test, pos, len - missing[i]);
        check_damaged(test, data, "its data ends too early");
    }
    free(data);
}

static void test_a_block_with_bytes_behind_its_end_is_damaged(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = make_file(test);
    uint64_t pos = long_block(test);
    uint32_t len = stored_len(test, pos);
    static const uint32_t more[] = {1, 4, 30000};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        poke_len(test, pos, len + more[i]);
        check_damaged(test, data, "damaged block");
    }
    free(data);
}

static void test_what_is_no_zlib_stream_is_damaged(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = make_file(test);
    uint64_t pos = long_block(test);
    static const uint8_t with_dictionary[2] = {0x78, 0x20}, nothing[2] = {0xff, 0xff};
    mem_disk_poke(test->disk, MEM_PATH, pos + 4, with_dictionary, 2);
    capf_file *file = mem_open_read(test);
    struct capf_bytes record;
    must_be(CAPF_DAMAGED, capf_get(file, 1, &record, &test_err));
    assert_non_null(strstr(test_err.text, "not a zlib stream"));
    mem_disk_poke(test->disk, MEM_PATH, pos + 4, nothing, 2);
    must_be(CAPF_DAMAGED, capf_get(file, 1, &record, &test_err));
    capf_close(file);
    free(data);
}

static void test_a_wrong_checksum_is_told_by_whoever_reaches_it(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = make_file(test), byte = 0;
    uint64_t pos = long_block(test);
    uint32_t len = stored_len(test, pos);
    mem_disk_poke(test->disk, MEM_PATH, pos + 4 + len - 1, &byte, 1);
    check_damaged(test, data, "damaged block");
    byte = 1;
    mem_disk_poke(test->disk, MEM_PATH, pos + 4 + len - 1, &byte, 1);
    check_damaged(test, data, "damaged block");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_any_part_in_any_order),
        TEST(test_a_reading_that_was_stopped_goes_on),
        TEST(test_a_block_at_the_place_of_another_is_another),
        TEST(test_far_places_by_access_points),
        TEST(test_every_read_that_fails_can_be_tried_again),
        TEST(test_a_block_that_ends_too_early_is_damaged),
        TEST(test_a_block_with_bytes_behind_its_end_is_damaged),
        TEST(test_what_is_no_zlib_stream_is_damaged),
        TEST(test_a_wrong_checksum_is_told_by_whoever_reaches_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
