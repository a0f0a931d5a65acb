/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that were made or cut to mislead: a capture file inside a record, a
 * bomb, files that hold more records than any disk, every page's end, failing
 * calls and allocations. Salvage ends soon, in bounded memory, with an answer
 * that is true, and leaves nothing behind when it does not succeed.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/rng.h"
#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"
#define TEMPORARY OUT_PATH ".salvage"

static enum capf_status salvage(struct mem_file_test *test, bool unsure,
                                struct capf_salvage_report *report)
{
    struct capf_salvage_options wishes = {.unsure = unsure};
    return capf_salvage(MEM_PATH, OUT_PATH, &wishes, &test->options, report, &test_err);
}

static void remove_out(struct mem_file_test *test)
{
    const struct capf_io *io = test->options.io;
    io->unlink(io->ctx, OUT_PATH);
}

static capf_file *open_out(struct mem_file_test *test)
{
    capf_file *file = NULL;
    must(capf_open(OUT_PATH, CAPF_READ, &test->options, &file, &test_err));
    return file;
}

/* ---- What it refuses ---- */

static void test_nothing_is_written_over(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    capf_close(mem_create(test, 0, 0, 0));
    mem_disk_put(test->disk, OUT_PATH, "mine", 4);
    must_be(CAPF_EXISTS, salvage(test, false, &report));
    capf_salvage_release(&report);
    must_be(CAPF_EXISTS,
            capf_salvage(MEM_PATH, MEM_PATH, NULL, &test->options, &report, &test_err));
    capf_salvage_release(&report);
    remove_out(test);
    mem_disk_put(test->disk, TEMPORARY, "theirs", 6);
    must_be(CAPF_EXISTS, salvage(test, false, &report));
    capf_salvage_release(&report);
    assert_int_equal(mem_disk_name_count(test->disk), 2);
}

static void test_what_is_no_capture_file_gives_nothing(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    uint8_t *noise = test_bytes(3000000);
    test_fill(noise, 3000000, 1, 100);
    mem_disk_put(test->disk, MEM_PATH, noise, 3000000);
    must_be(CAPF_END, salvage(test, true, &report));
    capf_salvage_release(&report);
    memset(noise, 0, 3000000);
    mem_disk_put(test->disk, MEM_PATH, noise, 3000000);
    must_be(CAPF_END, salvage(test, true, &report));
    capf_salvage_release(&report);
    mem_disk_put(test->disk, MEM_PATH, noise, 0);
    must_be(CAPF_END, salvage(test, true, &report));
    capf_salvage_release(&report);
    mem_disk_make(test->disk, "/folder", CAPF_IO_DIRECTORY);
    must_be(CAPF_NOT_REGULAR,
            capf_salvage("/folder", NULL, NULL, &test->options, &report, &test_err));
    capf_salvage_release(&report);
    must_be(CAPF_NO_FILE, capf_salvage("/gone", NULL, NULL, &test->options, &report, &test_err));
    capf_salvage_release(&report);
    fixture_to_disk("version-3", test->disk, MEM_PATH);
    must_be(CAPF_VERSION, salvage(test, false, &report));
    capf_salvage_release(&report);
    assert_int_equal(mem_disk_name_count(test->disk), 2);
    free(noise);
}

/* ---- Another file's blocks in a damaged block ---- */

#define RECORD_LEN 3000u
#define LONG_LEN 900000u

static void append_noise(capf_file *file, uint8_t first, uint64_t number, size_t len)
{
    uint8_t *bytes = test_bytes(len);
    test_fill(bytes, len, number, first == 'i' ? 20 : 100);
    bytes[0] = first;
    must(capf_append(file, bytes, len, NULL, &test_err));
    free(bytes);
}

/* A file of the same geometry; its blocks, from the first to the file limit. */
static uint8_t *make_other(struct mem_file_test *test, size_t *len)
{
    capf_file *file = mem_create(test, 0, 0, 0);
    for (uint64_t i = 1; i <= 600; i++)
        append_noise(file, 'i', i, RECORD_LEN);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, len);
    size_t start = 5 * (size_t)info.page_size + 2 * (size_t)info.block_size;
    *len = (size_t)(info.file_limit / info.page_size * info.page_size) - start;
    memmove(bytes, bytes + start, *len);
    return bytes;
}

/* Where record 100, a long one, has a block almost to itself. */
static uint64_t make_outer(struct mem_file_test *test)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned levels;
    capf_file *file = mem_create(test, 0, 0, 0);
    for (uint64_t i = 1; i <= 200; i++) {
        append_noise(file, i == 100 ? 'l' : 'o', i, i == 100 ? LONG_LEN : RECORD_LEN);
        if (i == 101)
            must(capf_set_meta(file, "metadata", 8, &test_err));
    }
    must(capf_commit(file, &test_err));
    must(capf_locate(file, 100, steps, &levels, &test_err));
    capf_close(file);
    return steps[levels - 1].at.pos;
}

static void check_no_inner(struct mem_file_test *test, uint64_t least)
{
    capf_file *file = open_out(test);
    uint64_t count = capf_file_count(file);
    assert_true(count >= least);
    for (uint64_t i = 1; i <= count; i++) {
        struct capf_bytes record;
        must(capf_get(file, i, &record, &test_err));
        assert_true(record.data[0] == 'o' || (record.data[0] == 'l' && record.len == LONG_LEN));
    }
    capf_close(file);
}

/* As a capture file inside a record leaves them when the record's block is damaged. */
static void test_blocks_of_another_file_are_not_taken_for_this_ones(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    unsigned rounds = test_scaled(20), strays = 0;
    struct rng rng = {test_seed(8)};
    size_t other_len, len;
    uint8_t *other = make_other(test, &other_len);
    uint64_t pos = make_outer(test);
    uint8_t *intact = mem_disk_copy(test->disk, MEM_PATH, &len);
    assert_true(other_len > 100000 && other_len < LONG_LEN - 1000);
    for (unsigned round = 0; round < rounds; round++) {
        uint8_t bytes[16];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)rng_next(&rng);
        mem_disk_put(test->disk, MEM_PATH, intact, len);
        mem_disk_poke(test->disk, MEM_PATH, pos, bytes, sizeof bytes);
        mem_disk_poke(test->disk, MEM_PATH, pos + 16 + rng_below(&rng, 900), other, other_len);
        for (int unsure = 0; unsure < 2; unsure++) {
            must(salvage(test, unsure != 0, &report));
            check_no_inner(test, 180);
            assert_true(report.lost > 0 && report.meta_written);
            for (size_t i = 0; i < report.unsure_count; i++)
                strays += report.unsure[i].why == CAPF_UNSURE_STRAY;
            capf_salvage_release(&report);
            remove_out(test);
        }
    }
    assert_true(strays > 0);
    print_message("%u damages: %u items of another file's blocks were seen, none was written\n",
                  rounds, strays);
    free(intact);
    free(other);
}

/* ---- Sizes ---- */

static void test_more_records_than_any_disk_end_soon(void **state)
{
    static const char *const names[] = {"huge", "quadrillion"};
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    for (size_t i = 0; i < 2; i++) {
        fixture_to_disk(names[i], test->disk, MEM_PATH);
        enum capf_status status = salvage(test, true, &report);
        assert_true(status == CAPF_OK || status == CAPF_END);
        assert_false(capf_salvage_complete(&report));
        print_message("%s: %llu certain, %llu unsure, %llu lost\n", names[i],
                      (unsigned long long)report.recovered, (unsigned long long)report.unsure_total,
                      (unsigned long long)report.lost);
        capf_salvage_release(&report);
        remove_out(test);
    }
}

/* A record of zeros between others, whose block is a thousandth of it. */
static void test_a_bomb_goes_through_in_bounded_memory(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_salvage_report report;
    uint64_t size = UINT64_C(1) << (test_is_soak() ? 31 : 28);
    uint8_t *zeros = calloc(1, 1 << 20);
    capf_file *file = mem_create(test, 4096, 4096, 2);
    mem_append(file, "before");
    must(capf_append_begin(file, size, &test_err));
    for (uint64_t done = 0; done < size; done += 1 << 20)
        must(capf_append_data(file, zeros, 1 << 20, &test_err));
    must(capf_append_end(file, NULL, &test_err));
    mem_append(file, "behind");
    must(capf_commit(file, &test_err));
    capf_close(file);
    must(salvage(test, false, &report));
    assert_true(capf_salvage_complete(&report));
    assert_int_equal(report.recovered, 3);
    capf_salvage_release(&report);
    file = open_out(test);
    uint64_t got;
    must(capf_size(file, 2, &got, &test_err));
    assert_int_equal(got, size);
    mem_check_text(file, 3, "behind");
    capf_close(file);
    assert_true(mem_disk_memory(test->disk)->peak_bytes < 64u << 20);
    print_message("a record of %llu bytes: at most %zu bytes of memory\n", (unsigned long long)size,
                  mem_disk_memory(test->disk)->peak_bytes);
    free(zeros);
}

static void test_a_file_cut_at_any_page_gives_what_is_before(void **state)
{
    struct mem_file_test *test = *state;
    uint64_t last = 0;
    capf_file *file = mem_create(test, 256, 512, 4);
    mem_append_numbered(file, 900);
    must(capf_commit(file, &test_err));
    capf_close(file);
    size_t len;
    uint8_t *intact = mem_disk_copy(test->disk, MEM_PATH, &len);
    for (size_t size = 0; size <= len; size += 256) {
        struct capf_salvage_report report;
        mem_disk_put(test->disk, MEM_PATH, intact, size);
        enum capf_status status = salvage(test, true, &report);
        assert_true(status == CAPF_OK || (status == CAPF_END && size < 8192));
        assert_true(report.recovered + report.unsure_total >= last || size < 4096);
        last = report.recovered;
        if (status == CAPF_OK) {
            file = open_out(test);
            assert_int_equal(capf_file_count(file), report.written);
            for (uint64_t i = 1; i <= report.recovered && report.unsure_written == 0; i++) {
                struct capf_bytes record;
                must(capf_get(file, i, &record, &test_err));
                assert_memory_equal(record.data, "record ", 7);
            }
            capf_close(file);
        }
        capf_salvage_release(&report);
        remove_out(test);
    }
    free(intact);
}

/* ---- Failing calls ---- */

static int refuse(void *ctx, struct io_call *call)
{
    long *left = ctx;
    bool counts = call->op != IO_NOW && call->op != IO_NAP && call->op != IO_CLOSE &&
                  call->op != IO_UNLINK && (call->op != IO_REALLOC || call->len > 0);
    if (!counts || (*left)-- != 0)
        return 0;
    return call->op == IO_REALLOC ? -ENOMEM : -EIO;
}

/* One failing call, for every call: it succeeds all the same, or says why and leaves no file. */
static void test_every_failing_call_is_survived(void **state)
{
    struct mem_file_test *test = *state;
    long n, refused = 0;
    capf_file *file = mem_create(test, 256, 512, 4);
    mem_append_numbered(file, 150);
    must(capf_set_meta(file, "meta", 4, &test_err));
    mem_append_numbered(file, 30);
    must(capf_commit(file, &test_err));
    capf_close(file);
    mem_disk_poke(test->disk, MEM_PATH, 4000, "sixteen bytes...", 16);
    for (n = 0;; n++) {
        struct wrap_io wrap;
        struct capf_options options = test->options;
        struct capf_salvage_report report;
        long left = n;
        wrap_io_init(&wrap, test->options.io);
        wrap.hook = refuse;
        wrap.hook_ctx = &left;
        options.io = &wrap.io;
        enum capf_status status =
            capf_salvage(MEM_PATH, OUT_PATH, NULL, &options, &report, &test_err);
        capf_salvage_release(&report);
        assert_int_equal(wrap.memory.live_blocks, 0);
        if (status != CAPF_OK && status != CAPF_UNKNOWN && mem_disk_name_count(test->disk) != 1)
            fail_msg("call %ld: %s, and a file is left", n, test_err.text);
        refused += status != CAPF_OK;
        remove_out(test);
        if (left >= 0)
            break;
    }
    assert_true(refused > 50);
    print_message("%ld failing calls, %ld of them refused\n", n, refused);
}

static bool stop_at(void *ctx, uint64_t done, uint64_t total)
{
    unsigned *left = ctx;
    (void)done, (void)total;
    return (*left)-- > 0;
}

static void test_it_stops_when_asked_and_leaves_nothing(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_options options = test->options;
    struct capf_salvage_report report;
    capf_file *file = mem_create(test, 256, 512, 4);
    mem_append_numbered(file, 900);
    must(capf_commit(file, &test_err));
    capf_close(file);
    for (unsigned n = 0; n < 40; n += 7) {
        unsigned left = n;
        options.progress = stop_at;
        options.progress_ctx = &left;
        must_be(CAPF_CANCELLED,
                capf_salvage(MEM_PATH, OUT_PATH, NULL, &options, &report, &test_err));
        capf_salvage_release(&report);
        assert_int_equal(mem_disk_name_count(test->disk), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_written_over),
        TEST(test_what_is_no_capture_file_gives_nothing),
        TEST(test_blocks_of_another_file_are_not_taken_for_this_ones),
        TEST(test_more_records_than_any_disk_end_soon),
        TEST(test_a_bomb_goes_through_in_bounded_memory),
        TEST(test_a_file_cut_at_any_page_gives_what_is_before),
        TEST(test_every_failing_call_is_survived),
        TEST(test_it_stops_when_asked_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
