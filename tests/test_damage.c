/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are cut off or whose bytes were changed: what is there is read,
 * the rest is an error of the right kind, and never wrong data.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

/* Writes `count` numbered records with this geometry and closes. */
static struct capf_info write_numbered(struct mem_file_test *test, uint64_t count, uint32_t page,
                                       uint32_t block, uint32_t fan_out)
{
    capf_file *file = mem_create(test, page, block, fan_out);
    mem_append_numbered(file, count);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    return info;
}

/* Each record is right or gives this error, which names it; gives how many were right. */
static uint64_t count_right(capf_file *file, uint64_t count, enum capf_status error)
{
    uint64_t right = 0;
    for (uint64_t i = 1; i <= count; i++) {
        char text[40];
        struct capf_bytes record;
        enum capf_status status = capf_get(file, i, &record, &test_err);
        if (status == CAPF_OK) {
            int len = snprintf(text, sizeof text, "record %llu", (unsigned long long)i);
            must_hold(record, text, (size_t)len);
            right++;
        } else {
            assert_int_equal(status, error);
            assert_int_equal(test_err.record, i);
            assert_true(test_err.offset != 0);
        }
    }
    return right;
}

/* ---- Cut files ---- */

static void check_cut(struct mem_file_test *test, const struct capf_info *whole, uint64_t size)
{
    uint64_t need = whole->file_limit / whole->page_size * whole->page_size;
    capf_file *file = NULL;
    mem_disk_truncate(test->disk, MEM_PATH, size);
    must(capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    struct capf_info info = mem_info(file);
    assert_int_equal(info.records, whole->records);
    assert_int_equal(info.missing, size < need ? need - size : 0);
    assert_int_equal((info.warnings & CAPF_WARN_CUT) != 0, size < need);
    uint64_t right = count_right(file, whole->records, CAPF_CUT);
    assert_int_equal(right == whole->records, size >= need);
    capf_close(file);
    file = NULL;
    if (size < need)
        must_be(CAPF_CUT, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
}

static void test_a_cut_file_gives_what_is_there(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = write_numbered(test, 3000, 512, 1024, 8);
    uint64_t start = 512 + 2 * (2 * 512 + 1024), need = info.file_limit / 512 * 512;
    assert_true(need > start + 4000);
    check_cut(test, &info, need);
    check_cut(test, &info, need - 1);
    for (uint64_t size = need - 300; size > start; size -= size > start + 700 ? 700 : 100)
        check_cut(test, &info, size);
    check_cut(test, &info, start);
}

static void test_a_cursor_goes_on_behind_what_is_missing(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = write_numbered(test, 3000, 512, 1024, 8);
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno = 0, seen = 0, missed = 0;
    mem_disk_truncate(test->disk, MEM_PATH, info.file_limit - 2000);
    capf_file *file = mem_open_read(test);
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t i = 1; i <= 3000; i++) {
        enum capf_status status = capf_cursor_next(cursor, &recno, &record, &test_err);
        seen += status == CAPF_OK;
        missed += status == CAPF_CUT;
        assert_true(status != CAPF_OK || recno == i);
    }
    must_be(CAPF_END, capf_cursor_next(cursor, &recno, &record, &test_err));
    assert_int_equal(seen + missed, 3000);
    assert_true(seen > 500 && missed > 10);
    assert_int_equal(count_right(file, 3000, CAPF_CUT), seen);
    for (uint64_t i = 3000; i > 0; i--) {
        enum capf_status status = capf_cursor_prev(cursor, &recno, &record, &test_err);
        assert_true(status == CAPF_CUT || recno == i);
    }
    must_be(CAPF_END, capf_cursor_prev(cursor, &recno, &record, &test_err));
    capf_cursor_close(cursor);
    capf_close(file);
}

/* Node 1 is cut off; node 0, which holds the commit before, still opens. */
static void test_a_file_cut_inside_the_second_node_shows_the_first(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append(file, "serial 3 in node 1");
    must(capf_commit(file, &test_err));
    mem_append(file, "serial 4 in node 0");
    must(capf_commit(file, &test_err));
    capf_close(file);
    mem_disk_truncate(test->disk, MEM_PATH, 512 + 2048 + 100);
    file = mem_open_read(test);
    struct capf_info info = mem_info(file);
    assert_true(info.warnings & CAPF_WARN_NODE_BAD);
    assert_true(info.node[0].good && !info.node[1].good);
    mem_check_text(file, 2, "serial 4 in node 0");
    capf_close(file);
}

static void test_any_cut_of_the_start_is_an_error(void **state)
{
    struct mem_file_test *test = *state;
    static const uint64_t sizes[] = {511, 512, 2559, 27, 26, 15, 12, 11, 10, 1, 0};
    write_numbered(test, 3, 512, 1024, 8);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        capf_file *file = NULL;
        mem_disk_truncate(test->disk, MEM_PATH, sizes[i]);
        must_be(sizes[i] < 27 ? CAPF_NOT_CAPTURE : CAPF_DAMAGED,
                capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    }
}

/* ---- Changed bytes ---- */

static void test_a_flipped_bit_in_a_node_is_noticed(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = write_numbered(test, 5, 64, 64, 2);
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    uint64_t pos = info.node[info.current].pos;
    for (uint64_t bit = 0; bit < 8 * 192; bit++) {
        uint8_t flipped = (uint8_t)(bytes[pos + bit / 8] ^ (1u << bit % 8));
        mem_disk_poke(test->disk, MEM_PATH, pos + bit / 8, &flipped, 1);
        capf_file *file = mem_open_read(test);
        struct capf_info now = mem_info(file);
        assert_int_equal(now.records, 0);
        assert_int_equal(now.warnings, CAPF_WARN_NODE_BAD);
        capf_close(file);
        mem_disk_poke(test->disk, MEM_PATH, pos + bit / 8, &bytes[pos + bit / 8], 1);
    }
    free(bytes);
}

/* No flipped bit in the data gives other data: an error or, where the stream means the same, the
 * records. */
static void test_a_flipped_bit_in_the_data_never_gives_wrong_records(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = write_numbered(test, 300, 256, 512, 4);
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    uint64_t start = 256 + 2 * (2 * 256 + 512), hits = 0;
    for (uint64_t at = start; at < info.file_limit / 256 * 256; at += 3) {
        uint8_t flipped = (uint8_t)(bytes[at] ^ (1u << at % 8));
        mem_disk_poke(test->disk, MEM_PATH, at, &flipped, 1);
        capf_file *file = mem_open_read(test);
        hits += count_right(file, 300, CAPF_DAMAGED) < 300;
        capf_close(file);
        mem_disk_poke(test->disk, MEM_PATH, at, &bytes[at], 1);
    }
    assert_true(hits > 100);
    free(bytes);
}

/* Changes a field of the current node and mends its checksum. */
static void forge(struct mem_file_test *test, const struct capf_info *info, unsigned off,
                  uint64_t value, unsigned size)
{
    size_t len, node_len = 2 * info->page_size + info->block_size;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    uint8_t *node = bytes + info->node[info->current].pos;
    for (unsigned i = 0; i < size; i++)
        node[off + i] = (uint8_t)(value >> 8 * (size - 1 - i));
    uLong crc = crc32(0, node + 4, (uInt)node_len - 4);
    for (unsigned i = 0; i < 4; i++)
        node[i] = (uint8_t)(crc >> 8 * (3 - i));
    mem_disk_put(test->disk, MEM_PATH, bytes, len);
    free(bytes);
}

static void test_two_nodes_of_one_serial_number_are_damage(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    struct capf_info info = write_numbered(test, 5, 512, 1024, 8);
    forge(test, &info, 4, info.serial - 1, 4);
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    forge(test, &info, 4, info.serial, 4);
    file = mem_open_read(test);
    mem_check_numbered(file, 5);
    capf_close(file);
}

/* What counts is the newer serial number, wherever it stands; a commit replaces the other node. */
static void test_swapped_nodes_are_read_and_written_on(void **state)
{
    struct mem_file_test *test = *state;
    size_t len, node_len = 2 * 512 + 1024;
    struct capf_info info = write_numbered(test, 5, 512, 1024, 8);
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    mem_disk_poke(test->disk, MEM_PATH, info.node[0].pos, bytes + info.node[1].pos, node_len);
    mem_disk_poke(test->disk, MEM_PATH, info.node[1].pos, bytes + info.node[0].pos, node_len);
    capf_file *file = mem_open_write(test);
    assert_int_equal(mem_info(file).current, !info.current);
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    struct capf_info after = mem_info(file);
    assert_true(after.node[0].good && after.node[1].good);
    assert_int_equal(after.node[!after.current].serial, info.serial);
    assert_int_equal(after.node[!after.current].records, 5);
    capf_close(file);
    file = mem_open_read(test);
    mem_check_numbered(file, 6);
    capf_close(file);
    free(bytes);
}

/* Opens and reads everything; no status but these two is right, and none crashes. */
static void check_forged(struct mem_file_test *test)
{
    capf_file *file = NULL;
    struct capf_bytes record;
    enum capf_status status = capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err);
    if (status != CAPF_OK) {
        assert_true(status == CAPF_DAMAGED || status == CAPF_CUT);
        return;
    }
    uint64_t count = capf_file_count(file);
    for (uint64_t i = 0; i < 200; i++)
        either_way(capf_get(file, 1 + i * (count / 200 + 1), &record, NULL));
    either_way(capf_get_meta(file, &record, NULL));
    capf_close(file);
    if (capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, NULL) == CAPF_OK)
        capf_close(file);
}

static void test_forged_nodes_are_survived(void **state)
{
    struct mem_file_test *test = *state;
    static const struct {
        unsigned off, size;
    } fields[] = {{8, 8},  {16, 4}, {20, 8}, {28, 4}, {32, 4}, {36, 1},
                  {37, 8}, {45, 4}, {49, 1}, {50, 8}, {58, 4}};
    static const uint64_t values[] = {0,          1,          2,          63,         64,
                                      255,        4096,       65535,      0x7FFFFFFF, 0xFFFFFFFF,
                                      0x80000000, 1ull << 40, 1ull << 62, UINT64_MAX, 2305};
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            struct capf_info info = write_numbered(test, 300, 256, 512, 4);
            forge(test, &info, fields[f].off, values[v], fields[f].size);
            check_forged(test);
        }
    }
}

/* The top of the index is made to point at a node of height 1 where one of height 4 belongs. */
static void test_a_node_of_the_wrong_height_is_damage(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_info info = write_numbered(test, 256, 512, 512, 4);
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count;
    capf_file *file = mem_open_read(test);
    must(capf_locate(file, 256, steps, &count, &test_err));
    assert_int_equal(count, 5);
    capf_close(file);
    forge(test, &info, 37, steps[3].at.pos, 8);
    forge(test, &info, 45, steps[3].at.off, 4);
    file = NULL;
    enum capf_status status = capf_open(MEM_PATH, CAPF_READ, &test->options, &file, NULL);
    if (status == CAPF_OK) {
        assert_int_not_equal(count_right(file, 256, CAPF_DAMAGED), 256);
        capf_close(file);
    }
}

/* Any file of random bytes behind a good header: an error and no crash. */
static void test_random_bytes_are_survived(void **state)
{
    struct mem_file_test *test = *state;
    size_t len;
    uint8_t *bytes = fixture_load("quickstart", &len);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        capf_file *file = NULL;
        test_fill(bytes + 27, len - 27, seed, 100);
        mem_disk_put(test->disk, MEM_PATH, bytes, len);
        must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
        must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    }
    free(bytes);
}

/* ---- Blocks too long to hold ---- */

#define LONG_LEN (5u << 20)

/* "before", a record of noise whose block is LONG_LEN or more, "behind". */
static struct capf_info write_long(struct mem_file_test *test, const uint8_t *data)
{
    uint64_t recno;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "before");
    must(capf_append(file, data, LONG_LEN, &recno, &test_err));
    mem_append(file, "behind");
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    return info;
}

/* Reads record 2 in parts until one fails. What comes before the checksum may be wrong where bytes
 * were changed, but then the end must say so. */
static enum capf_status read_long(capf_file *file, const uint8_t *data, size_t part_len,
                                  bool changed)
{
    uint8_t *part = test_bytes(part_len);
    enum capf_status status = CAPF_OK;
    for (uint64_t off = 0; off <= LONG_LEN && status == CAPF_OK; off += part_len) {
        size_t got = 0;
        status = capf_read(file, 2, off, part, part_len, &got, &test_err);
        if (status == CAPF_OK && !changed)
            assert_memory_equal(part, data + off, got);
    }
    free(part);
    return status;
}

static void check_long(struct mem_file_test *test, const uint8_t *data, enum capf_status expected)
{
    capf_file *file = mem_open_read(test);
    struct capf_bytes record;
    must_be(expected, capf_get(file, 2, &record, &test_err));
    assert_int_equal(test_err.record, expected == CAPF_OK ? 0 : 2);
    must_be(expected, read_long(file, data, 300000, expected == CAPF_DAMAGED));
    must_be(expected, read_long(file, data, 300000, expected == CAPF_DAMAGED));
    mem_check_text(file, 3, "behind");
    capf_close(file);
}

static void test_a_long_block_with_changed_bytes_never_passes(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = test_bytes(LONG_LEN);
    test_fill(data, LONG_LEN, 4, 100);
    struct capf_info info = write_long(test, data);
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    check_long(test, data, CAPF_OK);
    for (uint64_t at = 86016 + 4; at < info.file_limit; at += 799979) {
        uint8_t flipped = bytes[at] ^ 0x10;
        mem_disk_poke(test->disk, MEM_PATH, at, &flipped, 1);
        check_long(test, data, CAPF_DAMAGED);
        mem_disk_poke(test->disk, MEM_PATH, at, &bytes[at], 1);
    }
    check_long(test, data, CAPF_OK);
    free(bytes);
    free(data);
}

static void test_a_cut_long_block_is_cut(void **state)
{
    struct mem_file_test *test = *state;
    uint8_t *data = test_bytes(LONG_LEN);
    test_fill(data, LONG_LEN, 4, 100);
    struct capf_info info = write_long(test, data);
    mem_disk_truncate(test->disk, MEM_PATH, info.file_limit - 9000);
    check_long(test, data, CAPF_CUT);
    mem_disk_truncate(test->disk, MEM_PATH, 200000);
    check_long(test, data, CAPF_CUT);
    free(data);
}

/* 300 MB of zeros in 300 KB, as one block with one record: bounded memory, and still read. */
static void test_a_block_that_inflates_without_end_is_bounded(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_CREATE_NEW};
    capf_file *file;
    uint8_t *zeros = calloc(1, 1 << 20), part[100];
    size_t got;
    uint64_t recno, pieces = 300;
    must(capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    must(capf_append_begin(file, pieces << 20, &test_err));
    for (uint64_t i = 0; i < pieces; i++)
        must(capf_append_data(file, zeros, 1 << 20, &test_err));
    must(capf_append_end(file, &recno, &test_err));
    mem_append(file, "behind");
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    must(capf_read(file, 1, (pieces << 20) - 50, part, 100, &got, &test_err));
    assert_int_equal(got, 50);
    mem_check_text(file, 2, "behind");
    capf_close(file);
    assert_true(mem_disk_memory(test->disk)->peak_bytes < 64 << 20);
    free(zeros);
}

/* ---- A disk with a bad place ---- */

struct bad_place {
    uint64_t begin, end;
};

static int fail_there(void *ctx, struct io_call *call)
{
    const struct bad_place *bad = ctx;
    return call->op == IO_PREAD && call->off >= bad->begin && call->off < bad->end ? -EIO : 0;
}

/* It may be the newest one: it is read around, said, and not written over. */
static void test_a_node_that_cannot_be_read_is_not_written_over(void **state)
{
    struct mem_file_test *test = *state;
    for (int slot = 0; slot < 2; slot++) {
        struct capf_info info = write_numbered(test, 5, 0, 0, 0);
        struct bad_place bad = {info.node[slot].pos, info.node[slot].pos + 40960};
        struct capf_receipt receipt = {.device = info.device, .inode = info.inode};
        enum capf_verdict verdict = CAPF_VERDICT_UNKNOWN;
        struct wrap_io wrap;
        capf_file *file = NULL;
        wrap_io_init(&wrap, mem_disk_io(test->disk));
        wrap.hook = fail_there;
        wrap.hook_ctx = &bad;
        struct capf_options options = {.io = &wrap.io};
        must_be(CAPF_IO, capf_open(MEM_PATH, CAPF_WRITE, &options, &file, &test_err));
        assert_int_equal(test_err.sys_errno, EIO);
        must(capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err));
        assert_true(mem_info(file).warnings & CAPF_WARN_NODE_BAD);
        mem_check_numbered(file, slot == info.current ? 0 : 5);
        must_be(CAPF_IO, capf_receipt_check(file, &receipt, &verdict, &test_err));
        assert_int_equal(verdict, CAPF_VERDICT_UNKNOWN);
        capf_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_cut_file_gives_what_is_there),
        TEST(test_a_cursor_goes_on_behind_what_is_missing),
        TEST(test_a_file_cut_inside_the_second_node_shows_the_first),
        TEST(test_any_cut_of_the_start_is_an_error),
        TEST(test_a_flipped_bit_in_a_node_is_noticed),
        TEST(test_a_flipped_bit_in_the_data_never_gives_wrong_records),
        TEST(test_forged_nodes_are_survived),
        TEST(test_two_nodes_of_one_serial_number_are_damage),
        TEST(test_swapped_nodes_are_read_and_written_on),
        TEST(test_a_node_of_the_wrong_height_is_damage),
        TEST(test_a_long_block_with_changed_bytes_never_passes),
        TEST(test_a_cut_long_block_is_cut),
        TEST(test_random_bytes_are_survived),
        TEST(test_a_block_that_inflates_without_end_is_bounded),
        TEST(test_a_node_that_cannot_be_read_is_not_written_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
