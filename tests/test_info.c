/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking inside: the path to each record, the chain of blocks, and what
 * capf_get_info says, agree with each other and with the contents.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define BLOCKS_MAX 4096

/* The positions of all blocks, from the data's start to the open block. */
struct chain {
    uint64_t pos[BLOCKS_MAX];
    uint64_t raw[BLOCKS_MAX];
    size_t count;
};

static void walk_blocks(capf_file *file, struct chain *chain)
{
    struct capf_info info = mem_info(file);
    struct capf_block_info block;
    uint64_t pos = info.page_size + 2 * (2 * (uint64_t)info.page_size + info.block_size);
    chain->count = 0;
    for (;;) {
        assert_true(chain->count < BLOCKS_MAX);
        must(capf_get_block_info(file, pos, &block, &test_err));
        assert_int_equal(block.pos, pos);
        chain->pos[chain->count] = pos;
        chain->raw[chain->count++] = block.raw;
        if (pos == info.file_limit)
            break;
        assert_false(block.open);
        assert_int_equal(block.next, pos + 4 + block.stored);
        assert_true(block.raw >= info.block_size);
        pos = block.next;
        assert_true(pos <= info.file_limit);
    }
    assert_true(block.open);
    assert_int_equal(block.raw, info.open_block);
    assert_int_equal(block.stored + block.next, 0);
}

static uint64_t raw_of(const struct chain *chain, uint64_t pos)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->pos[i] == pos)
            return chain->raw[i];
    fail_msg("no block begins at %llu", (unsigned long long)pos);
    return 0;
}

static uint64_t power(uint64_t base, unsigned exponent)
{
    uint64_t product = 1;
    while (exponent-- > 0)
        product *= base;
    return product;
}

static bool below(struct capf_coord a, struct capf_coord b)
{
    return a.pos < b.pos || (a.pos == b.pos && a.off < b.off);
}

/* The indices of the steps, read as digits, are the record's number. */
static void check_path(capf_file *file, const struct capf_info *info, const struct chain *chain,
                       uint64_t recno)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count = 0;
    uint64_t before = 0;
    must(capf_locate(file, recno, steps, &count, &test_err));
    assert_in_range(count, 1, info->levels);
    for (unsigned h = info->levels; h > steps[0].height + 1; h--)
        before += info->level_children[h - 1] * power(info->fan_out, h - 1);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(steps[i].height, count - 1 - i);
        assert_int_equal(steps[i].rightmost, i == 0);
        assert_true(steps[i].index <
                    (i == 0 ? info->level_children[steps[0].height] : info->fan_out));
        assert_true(i == 0 || below(steps[i].at, steps[i - 1].at));
        assert_true(steps[i].at.off < raw_of(chain, steps[i].at.pos));
        assert_true(steps[i].at.off < info->block_size);
        before += steps[i].index * power(info->fan_out, steps[i].height);
    }
    assert_int_equal(before + 1, recno);
}

static void check_inside(capf_file *file)
{
    static struct chain chain;
    struct capf_info info = mem_info(file);
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count;
    walk_blocks(file, &chain);
    for (uint64_t recno = 1; recno <= info.records; recno++)
        check_path(file, &info, &chain, recno);
    must_be(CAPF_NO_RECORD, capf_locate(file, 0, steps, &count, &test_err));
    must_be(CAPF_NO_RECORD, capf_locate(file, info.records + 1, steps, &count, &test_err));
    if (info.meta.pos != 0)
        assert_true(info.meta.off < raw_of(&chain, info.meta.pos));
}

static void test_paths_and_blocks_of_fixtures_agree(void **state)
{
    struct mem_file_test *test = *state;
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].opens != CAPF_OK)
            continue;
        fixture_to_disk(rows[i].name, test->disk, MEM_PATH);
        capf_file *file = mem_open_read(test);
        check_inside(file);
        capf_close(file);
    }
}

static void test_paths_and_blocks_of_uncommitted_records_agree(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 64, 128, 2);
    mem_append_numbered(file, 3);
    check_inside(file);
    capf_close(file);
    file = mem_create(test, 256, 256, 4);
    must(capf_set_meta(file, "some", 4, &test_err));
    mem_append_numbered(file, 1000);
    check_inside(file);
    must(capf_commit(file, &test_err));
    check_inside(file);
    capf_close(file);
}

/* A record's coordinate leads to its length and its bytes. */
static void test_a_coordinate_leads_to_the_record(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_step steps[CAPF_LEVELS_MAX];
    struct capf_block_info block;
    struct capf_bytes record;
    unsigned count;
    size_t len;
    fixture_to_disk("json-log", test->disk, MEM_PATH);
    capf_file *file = mem_open_read(test);
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    uint8_t *raw = test_bytes(1 << 20);
    for (uint64_t recno = 1; recno < 4900; recno += 97) {
        must(capf_locate(file, recno, steps, &count, &test_err));
        struct capf_coord at = steps[count - 1].at;
        must(capf_get_block_info(file, at.pos, &block, &test_err));
        uLongf raw_len = 1 << 20;
        if (block.open || block.next > mem_info(file).file_limit / 4096 * 4096)
            continue; /* the master node holds some of it */
        assert_int_equal(uncompress(raw, &raw_len, bytes + at.pos + 4, block.stored), Z_OK);
        assert_int_equal(raw_len, block.raw);
        must(capf_get(file, recno, &record, &test_err));
        assert_memory_equal(raw + at.off + 4, record.data, record.len);
    }
    free(raw);
    free(bytes);
    capf_close(file);
}

static void test_a_position_without_a_block_is_refused(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_block_info block;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append_numbered(file, 4000);
    struct capf_info info = mem_info(file);
    const uint64_t outside[] = {0, 4096, 86015, info.file_limit + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        assert_int_not_equal(capf_get_block_info(file, outside[i], &block, NULL), CAPF_OK);
    assert_int_not_equal(capf_get_block_info(file, 86017, &block, NULL), CAPF_OK);
    capf_close(file);
}

static void test_info_of_pending_metadata(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    assert_int_equal(mem_info(file).meta.pos, 0);
    must(capf_set_meta(file, "m", 1, &test_err));
    struct capf_info info = mem_info(file);
    assert_true(info.pending);
    assert_int_equal(info.meta.pos, info.file_limit);
    assert_int_equal(info.open_block, 5);
    assert_int_equal(info.records, 0);
    must(capf_clear_meta(file, &test_err));
    assert_int_equal(mem_info(file).meta.pos, 0);
    capf_close(file);
}

static void test_warnings_have_texts(void **state)
{
    (void)state;
    struct capf_info info = {.missing = 12345};
    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++) {
        char text[300] = "", brief[8];
        info.warnings = 1u << bit;
        capf_warning_text(&info, (enum capf_warning)(1u << bit), text, sizeof text);
        assert_true(strlen(text) > 10);
        capf_warning_text(&info, (enum capf_warning)(1u << bit), brief, sizeof brief);
        assert_true(strlen(brief) < sizeof brief);
    }
    char text[300];
    capf_warning_text(&info, CAPF_WARN_CUT, text, sizeof text);
    assert_true(strstr(text, "12345") != NULL || strstr(text, "12,345") != NULL);
}

static void test_no_durability_is_told(void **state)
{
    struct mem_file_test *test = *state;
    test->options.durability = CAPF_DURABLE_NONE;
    test->options.locking = CAPF_LOCK_NONE;
    capf_file *file = mem_create(test, 0, 0, 0);
    assert_int_equal(mem_info(file).warnings, CAPF_WARN_NO_SYNC | CAPF_WARN_NO_LOCK);
    mem_append(file, "a");
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void test_a_wrong_fan_out_is_told_and_not_written_on(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 4096, 32);
    mem_append_numbered(file, 500);
    must(capf_commit(file, &test_err));
    capf_close(file);
    mem_disk_poke(test->disk, MEM_PATH, 26, "\x1f", 1);
    must_be(CAPF_DAMAGED, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    file = mem_open_read(test);
    struct capf_bytes record;
    assert_int_not_equal(capf_get(file, 2, &record, NULL), CAPF_NO_RECORD);
    assert_true(mem_info(file).warnings & CAPF_WARN_FAN_OUT);
    capf_close(file);
}

static void test_a_warning_that_is_not_there_has_words_too(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 0, 0, 0);
    struct capf_info info = mem_info(file);
    char text[200];
    capf_warning_text(&info, CAPF_WARN_NODE_BAD, text, sizeof text);
    assert_non_null(strstr(text, "(it was)")); /* the file is good again since it was warned of */
    capf_warning_text(&info, (enum capf_warning)(1u << CAPF_WARN_COUNT), text, sizeof text);
    assert_string_equal(text, "no warning");
    capf_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_paths_and_blocks_of_fixtures_agree),
        TEST(test_paths_and_blocks_of_uncommitted_records_agree),
        TEST(test_a_coordinate_leads_to_the_record),
        TEST(test_a_position_without_a_block_is_refused),
        TEST(test_info_of_pending_metadata),
        TEST(test_warnings_have_texts),
        TEST(test_no_durability_is_told),
        TEST(test_a_wrong_fan_out_is_told_and_not_written_on),
        TEST(test_a_warning_that_is_not_there_has_words_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
