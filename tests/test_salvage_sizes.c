/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a salvage does about sizes: page size, block size and fan-out that are given, rightly and
 * wrongly, in the header, inferred or assumed; and more gaps, items that no node lists, and nodes
 * than it keeps.
 */
#include "tests/support/mem_file.h"

#include "tests/support/plain.h"
#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"

static enum capf_status salvage(struct mem_file_test *test, const struct capf_salvage_options *wish,
                                struct capf_salvage_report *report)
{
    enum capf_status status =
        capf_salvage(MEM_PATH, OUT_PATH, wish, &test->options, report, &test_err);
    test->options.io->unlink(test->options.io->ctx, OUT_PATH);
    return status;
}

static void spoil(struct mem_file_test *test, uint64_t pos, size_t len)
{
    uint8_t *bytes = test_bytes(len);
    test_fill(bytes, len, pos, 100);
    mem_disk_poke(test->disk, MEM_PATH, pos, bytes, len);
    free(bytes);
}

static struct capf_info make(struct mem_file_test *test, uint32_t page, uint32_t block,
                             uint32_t fan_out)
{
    capf_file *file = mem_create(test, page, block, fan_out);
    mem_append_numbered(file, 299);
    must(capf_commit(file, &test_err));
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    return info;
}

/* ---- Given sizes ---- */

struct given {
    struct capf_salvage_options wish;
    bool fits; /* everything comes back */
};

static void salvage_with_each(struct mem_file_test *test, const struct given *given, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct capf_salvage_report report;
        enum capf_status status = salvage(test, &given[i].wish, &report);
        if (given[i].fits && (status != CAPF_OK || report.recovered + report.unsure_total < 280))
            fail_msg("%zu: status %d, %llu of 300 records", i, (int)status,
                     (unsigned long long)report.recovered);
        assert_true(status == CAPF_OK || status == CAPF_END || status == CAPF_ARGUMENT);
        assert_true(report.recovered <= 300);
        capf_salvage_release(&report);
    }
}

static const struct given givens[] = {
    {{0}, true},
    {{.page_size = 256}, true},
    {{.block_size = 512}, true},
    {{.page_size = 256, .block_size = 512}, true},
    {{.page_size = 256, .block_size = 512, .fan_out = 4}, true},
    {{.fan_out = 4}, true},
    {{.fan_out = 5}, false},
    {{.fan_out = 1}, false},
    {{.page_size = 512}, false},
    {{.page_size = 100}, false},
    {{.page_size = 63}, false},
    {{.page_size = 2u << 20}, false},
    {{.block_size = 1024}, false},
    {{.block_size = 100}, false},
    {{.page_size = 512, .block_size = 1024}, false},
    {{.page_size = 512, .block_size = 100}, false},
    {{.page_size = 256, .block_size = 256}, false},
};
#define GIVENS (sizeof givens / sizeof givens[0])

static void given_sizes_over_each_kind_of_harm(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = make(test, 256, 512, 4);
    salvage_with_each(test, givens, GIVENS);
    spoil(test, 11, 16); /* the version and the sizes */
    salvage_with_each(test, givens, GIVENS);
    spoil(test, 0, 256);
    salvage_with_each(test, givens, GIVENS);
    spoil(test, info.node[0].pos, 64);
    salvage_with_each(test, givens, GIVENS);
    spoil(test, info.node[1].pos, 64);
    salvage_with_each(test, givens, GIVENS);
    spoil(test, info.node[0].pos, 2304); /* both nodes and the first block */
    for (size_t i = 0; i < GIVENS; i++) {
        struct capf_salvage_report report;
        either_way(salvage(test, &givens[i].wish, &report));
        capf_salvage_release(&report);
    }
}

static void a_version_that_is_damage_and_one_that_is_not(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    struct capf_salvage_options wish = {0};
    make(test, 256, 512, 4);
    mem_disk_poke(test->disk, MEM_PATH, 11, "\0\0\0\x09", 4);
    must_be(CAPF_VERSION, salvage(test, &wish, &report));
    capf_salvage_release(&report);
    mem_disk_poke(test->disk, MEM_PATH, 11, "\x7f\0\0\x09", 4);
    must(salvage(test, &wish, &report));
    assert_int_equal(report.recovered, 300);
    capf_salvage_release(&report);
    wish.page_size = 256;
    mem_disk_poke(test->disk, MEM_PATH, 11, "\0\0\0\x09", 4);
    must(salvage(test, &wish, &report));
    assert_int_equal(report.recovered, 300);
    capf_salvage_release(&report);
}

/* Sizes in the header that the file contradicts, and that cannot be. */
static void a_header_that_lies(void **state)
{
    struct mem_file_test *test = *state;
    static const char headers[][13] = {
        "\0\0\1\0\0\0\1\0\0\0\0\4", "\0\0\2\0\0\0\2\0\0\0\0\4", "\0\0\1\0\0\0\4\0\0\0\0\4",
        "\0\0\1\0\0\0\2\0\0\0\0\5", "\0\0\1\0\0\0\2\0\0\0\0\0", "\0\0\1\0\0\0\2\0\xFF\0\0\0",
        "\0\0\0\0\0\0\2\0\0\0\0\4", "\0\0\1\0\0\0\0\0\0\0\0\4", "\0\x10\0\0\0\x10\0\0\0\0\0\4",
    };
    make(test, 256, 512, 4);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct capf_salvage_report report;
        struct capf_salvage_options wish = {0};
        mem_disk_poke(test->disk, MEM_PATH, 15, headers[i], 12);
        must(salvage(test, &wish, &report));
        assert_true(report.page_size == 256 && report.block_size == 512);
        assert_int_equal(report.recovered, 300);
        capf_salvage_release(&report);
    }
}

/* Little, much of it in the last page or the open block, which only the nodes have. */
static void small_files_without_header_and_nodes(void **state)
{
    struct mem_file_test *test = *state;
    static const uint32_t sizes[][3] = {{256, 512, 4},      {512, 4096, 8}, {4096, 32768, 4},
                                        {65536, 65536, 32}, {256, 2560, 2}, {4096, 4096, 2},
                                        {1024, 1024, 5},    {384, 1152, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned harm = 0; harm < 4; harm++) {
            struct capf_salvage_report report;
            struct capf_salvage_options wish = {.unsure = true};
            struct capf_info info = make(test, sizes[i][0], sizes[i][1], sizes[i][2]);
            spoil(test, 0, 64);
            for (unsigned slot = 0; slot < 2; slot++)
                if ((harm & (1u << slot)) != 0)
                    spoil(test, info.node[slot].pos, 128);
            enum capf_status status = salvage(test, &wish, &report);
            /* Without node 0 the size follows from a block, where one is whole without a node. */
            bool told = (sizes[i][0] & (sizes[i][0] - 1)) == 0 && (harm == 0 || i == 0);
            assert_true(status == CAPF_OK || (status == CAPF_END && !told));
            if (told && harm < 3)
                assert_true(report.recovered >= 299 && report.fan_out == sizes[i][2]);
            capf_salvage_release(&report);
        }
}

/* ---- What is not in memory ---- */

static void defaults_are_the_system_and_no_wishes(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    struct capf_check_result result;
    struct capf_options plain = {0};
    must_be(CAPF_NO_FILE, capf_salvage("/no/such/file", NULL, NULL, NULL, &report, &test_err));
    capf_salvage_release(&report);
    must_be(CAPF_NO_FILE,
            capf_salvage("/no/such/file", "/no/such/out", NULL, &plain, &report, &test_err));
    capf_salvage_release(&report);
    must_be(CAPF_NO_FILE, capf_check("/no/such/file", NULL, NULL, &result, &test_err));
    must_be(CAPF_NO_FILE, capf_check("/no/such/file", NULL, &plain, &result, NULL));
    make(test, 256, 512, 4);
    test->options.durability = CAPF_DURABLE_NONE;
    must(capf_salvage(MEM_PATH, OUT_PATH, NULL, &test->options, &report, NULL));
    capf_salvage_release(&report);
}

/* ---- Many ---- */

static void append_noise(capf_file *file, size_t len)
{
    uint8_t *noise = test_bytes(len);
    test_fill(noise, len, len, 100);
    must(capf_append(file, noise, len, NULL, &test_err));
    free(noise);
}

/* Empty metadata values that no index node lists: more than are kept. */
static void more_waiting_items_than_are_kept(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    struct capf_salvage_options wish = {.unsure = true};
    capf_cursor *cursor = NULL;
    struct capf_after_info after;
    capf_file *file = mem_create(test, 4096, 65536, 32);
    mem_append_numbered(file, 100);
    must(capf_commit(file, &test_err));
    for (unsigned i = 0; i < 300000; i++)
        must(capf_set_meta(file, "", 0, &test_err));
    mem_append_numbered(file, 100);
    append_noise(file, 100000); /* so that all of it is written */
    must(capf_cursor_open_after(file, &cursor, &after, &test_err));
    assert_int_equal(after.why, CAPF_AFTER_TOO_MANY);
    capf_cursor_close(cursor);
    must(capf_commit(file, &test_err));
    append_noise(file, 100);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    for (unsigned harm = 0; harm < 3; harm++) {
        enum capf_status status = salvage(test, &wish, &report);
        assert_true(status == CAPF_OK);
        assert_true(report.recovered >= 96 && report.recovered <= 202);
        assert_true(report.unsure_total > 100000);
        capf_salvage_release(&report);
        spoil(test, harm == 0 ? info.node[0].pos : info.node[1].pos, 64);
    }
}

/* Every second block is bad: more gaps than are kept, and more losses, skipped bytes and unsure items
 * than are told. */
static void more_gaps_than_are_kept(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    struct capf_salvage_options wish = {0};
    size_t len;
    uint8_t noise[124];
    capf_file *file = mem_create(test, 128, 128, 2);
    for (uint64_t i = 0; i < 140000; i++) {
        test_fill(noise, sizeof noise, i, 100);
        if (i % 2000 == 0)
            must(capf_append(file, noise, 100, NULL, &test_err));
        must(capf_set_meta(file, noise, sizeof noise, &test_err));
    }
    must(capf_commit(file, &test_err));
    uint64_t pos = 128 + 2 * 384, limit = mem_info(file).file_limit;
    capf_close(file);
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    for (unsigned n = 0; pos + 4 < limit && pos + 4 < len; n++) {
        uint32_t stored = (uint32_t)bytes[pos + 2] << 8 | bytes[pos + 3];
        if (n % 2 == 1)
            bytes[pos + 20] ^= 0x10;
        pos += 4 + stored;
    }
    mem_disk_put(test->disk, MEM_PATH, bytes, len);
    enum capf_status status = salvage(test, &wish, &report);
    assert_true(status == CAPF_OK || status == CAPF_END || status == CAPF_TOO_LARGE);
    assert_true(report.skipped_count == CAPF_SKIPPED_MAX);
    assert_true(report.skipped_total > 60000);
    assert_true(report.unsure_count <= CAPF_UNSURE_MAX && report.lost_count <= CAPF_LOSTS_MAX);
    print_message("%llu gaps, %llu certain, %llu unsure, %llu lost\n",
                  (unsigned long long)report.skipped_total, (unsigned long long)report.recovered,
                  (unsigned long long)report.unsure_total, (unsigned long long)report.lost);
    capf_salvage_release(&report);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(given_sizes_over_each_kind_of_harm),
        TEST(a_version_that_is_damage_and_one_that_is_not),
        TEST(a_header_that_lies),
        TEST(small_files_without_header_and_nodes),
        TEST(defaults_are_the_system_and_no_wishes),
        TEST(more_waiting_items_than_are_kept),
        TEST(more_gaps_than_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
