/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every capture file of tests/data reads as manifest.tsv and samples.tsv say,
 * by cursors in both directions, by number in any order and in parts, and
 * what cannot be opened gives its own kind of error. The two files of more
 * than a trillion records are looked up at random.
 */
#include "tests/support/test.h"

#include "tests/support/fixture.h"
#include "tests/support/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PATH "/f.capture"

/* A fixture in memory, and a handle on it. */
struct opened {
    struct mem_disk *disk;
    struct capf_options options;
    capf_file *file;
};

static struct opened open_fixture(const char *name)
{
    struct opened opened = {.disk = mem_disk_new()};
    opened.options.io = mem_disk_io(opened.disk);
    fixture_to_disk(name, opened.disk, PATH);
    must(capf_open(PATH, CAPF_READ, &opened.options, &opened.file, &test_err));
    return opened;
}

static void close_fixture(struct opened *opened)
{
    capf_close(opened->file);
    mem_disk_free(opened->disk);
}

/* Runs a check on every fixture that can be opened. */
static void each_good(void (*check)(const struct fixture *row, struct opened *opened))
{
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].opens != CAPF_OK)
            continue;
        struct opened opened = open_fixture(rows[i].name);
        check(&rows[i], &opened);
        close_fixture(&opened);
    }
}

static void check_row(const struct fixture *row, struct opened *opened)
{
    struct capf_info info;
    must(capf_get_info(opened->file, &info, &test_err));
    assert_int_equal(info.records, row->records);
    assert_int_equal(info.committed, row->records);
    assert_int_equal(capf_file_count(opened->file), row->records);
    assert_int_equal(info.page_size, row->page_size);
    assert_int_equal(info.block_size, row->block_size);
    assert_int_equal(info.fan_out, row->fan_out);
    assert_int_equal(info.serial, row->serial);
    assert_int_equal(info.levels, row->levels);
    assert_int_equal(info.node[info.current].serial, row->serial);
    assert_true(info.node[info.current].good);
    assert_int_equal(info.node[info.current].records, row->records);
    assert_false(info.writable || info.pending);

    struct capf_bytes meta;
    must(capf_get_meta(opened->file, &meta, &test_err));
    assert_int_equal(meta.data != NULL, row->has_meta);
    assert_int_equal(meta.len, row->meta_len);
    assert_int_equal(crc32_z(0, meta.data, meta.len), row->meta_crc);
}

static void test_manifest_rows_open_with_their_fields(void **state)
{
    (void)state;
    size_t count;
    fixture_manifest(&count);
    assert_true(count > 40);
    each_good(check_row);
}

static void test_manifest_errors_have_their_kind(void **state)
{
    (void)state;
    size_t count, seen = 0;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].opens == CAPF_OK)
            continue;
        struct mem_disk *disk = mem_disk_new();
        struct capf_options options = {.io = mem_disk_io(disk)};
        capf_file *file = (capf_file *)&options;
        fixture_to_disk(rows[i].name, disk, PATH);
        must_be(rows[i].opens, capf_open(PATH, CAPF_READ, &options, &file, &test_err));
        must_be(rows[i].opens, capf_open(PATH, CAPF_WRITE, &options, &file, &test_err));
        must_be(rows[i].opens, capf_open(PATH, CAPF_READ, &options, &file, NULL));
        assert_ptr_equal(file, &options);
        mem_disk_free(disk);
        seen++;
    }
    assert_true(seen >= 14);
}

static void check_forward(const struct fixture *row, struct opened *opened)
{
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t recno = 0, expected = 1;
    uint32_t crc = 0;
    must(capf_cursor_open(opened->file, &cursor, &test_err));
    assert_int_equal(capf_cursor_count(cursor), row->records);
    for (; expected <= row->records; expected++) {
        must(capf_cursor_next(cursor, &recno, &record, &test_err));
        assert_int_equal(recno, expected);
        assert_non_null(record.data);
        crc = fixture_crc_add(crc, record.data, record.len);
    }
    must_be(CAPF_END, capf_cursor_next(cursor, &recno, &record, &test_err));
    assert_int_equal(crc, row->crc);
    capf_cursor_close(cursor);
}

static void test_forward_cursor_gives_the_checksum(void **state)
{
    (void)state;
    each_good(check_forward);
}

/* The records' own checksums are collected backwards and compared with what capf_get gives. */
static void check_backward(const struct fixture *row, struct opened *opened)
{
    capf_cursor *cursor;
    struct capf_bytes record, same;
    uint64_t recno;
    must(capf_cursor_open(opened->file, &cursor, &test_err));
    must(capf_cursor_seek(cursor, row->records + 1, &test_err));
    for (uint64_t left = row->records; left > 0; left--) {
        must(capf_cursor_prev(cursor, &recno, &record, &test_err));
        assert_int_equal(recno, left);
        must(capf_get(opened->file, left, &same, &test_err));
        must_hold(record, same.data, same.len);
    }
    must_be(CAPF_END, capf_cursor_prev(cursor, &recno, &record, &test_err));
    capf_cursor_close(cursor);
}

static void test_backward_cursor_gives_the_same_records(void **state)
{
    (void)state;
    each_good(check_backward);
}

/* Numbers 0 to count - 1 in random order; free(3). */
static uint64_t *shuffled(uint64_t count)
{
    struct rng rng = {count};
    uint64_t *order = test_bytes(count * sizeof *order);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t other = rng_below(&rng, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    return order;
}

/* Appends the record to a growing copy of all, so that the chain can be checked in order. */
struct copies {
    uint8_t **data;
    size_t *len;
};

static void check_random(const struct fixture *row, struct opened *opened)
{
    uint64_t *order = shuffled(row->records);
    struct copies all = {test_bytes(row->records * sizeof *all.data),
                         test_bytes(row->records * sizeof *all.len)};
    for (uint64_t i = 0; i < row->records; i++) {
        struct capf_bytes record;
        uint64_t size, at = order[i];
        must(capf_get(opened->file, at + 1, &record, &test_err));
        all.len[at] = record.len;
        all.data[at] = memcpy(test_bytes(record.len), record.data, record.len);
        must(capf_size(opened->file, at + 1, &size, &test_err));
        assert_int_equal(size, all.len[at]);
    }
    uint32_t crc = 0;
    for (uint64_t i = 0; i < row->records; i++) {
        crc = fixture_crc_add(crc, all.data[i], all.len[i]);
        free(all.data[i]);
    }
    assert_int_equal(crc, row->crc);
    free(all.data);
    free(all.len);
    free(order);
}

static void test_get_in_random_order_gives_the_checksum(void **state)
{
    (void)state;
    each_good(check_random);
}

static void check_one_part(capf_file *file, uint64_t recno, struct rng *rng, const uint8_t *whole,
                           size_t len)
{
    uint8_t part[700];
    size_t got;
    uint64_t off = rng_below(rng, len + 1);
    size_t ask = (size_t)rng_below(rng, sizeof part + 1);
    size_t there = len - off < ask ? (size_t)(len - off) : ask;
    must(capf_read(file, recno, off, part, ask, &got, &test_err));
    assert_int_equal(got, there);
    if (got != 0)
        assert_memory_equal(part, whole + off, got);
}

static void check_parts(const struct fixture *row, struct opened *opened)
{
    struct rng rng = {row->crc};
    unsigned tries = row->records == 0 ? 0 : 200;
    for (unsigned i = 0; i < tries; i++) {
        struct capf_bytes record;
        uint64_t recno = 1 + rng_below(&rng, row->records);
        must(capf_get(opened->file, recno, &record, &test_err));
        uint8_t *whole = memcpy(test_bytes(record.len), record.data, record.len);
        size_t len = record.len;
        for (unsigned k = 0; k < 5; k++)
            check_one_part(opened->file, recno, &rng, whole, len);
        free(whole);
    }
}

static void test_random_parts_are_parts_of_the_record(void **state)
{
    (void)state;
    each_good(check_parts);
}

static void check_outside(const struct fixture *row, struct opened *opened)
{
    const uint64_t outside[] = {0, row->records + 1, row->records + 2, UINT64_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct capf_bytes record = {NULL, 77};
        uint64_t size = 77;
        must_be(CAPF_NO_RECORD, capf_get(opened->file, outside[i], &record, &test_err));
        assert_true(record.data == NULL && record.len == 77);
        must_be(CAPF_NO_RECORD, capf_size(opened->file, outside[i], &size, &test_err));
        assert_int_equal(size, 77);
    }
}

static void test_numbers_outside_are_no_record(void **state)
{
    (void)state;
    each_good(check_outside);
}

static void test_samples_match(void **state)
{
    (void)state;
    size_t count;
    const struct fixture_sample *rows = fixture_samples(&count);
    struct opened opened = {0};
    const char *name = "";
    assert_true(count > 300);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, rows[i].name) != 0) {
            if (opened.disk != NULL)
                close_fixture(&opened);
            opened = open_fixture(name = rows[i].name);
        }
        struct capf_bytes record;
        must(capf_get(opened.file, rows[i].recno, &record, &test_err));
        assert_int_equal(record.len, rows[i].len);
        assert_int_equal(crc32_z(crc32(0, NULL, 0), record.data, record.len), rows[i].crc);
        assert_memory_equal(record.data, rows[i].head, rows[i].head_len);
    }
    close_fixture(&opened);
}

/* ---- The files of more than a trillion records ---- */

/* What the record says; gives its length. */
static int print_huge(char text[32], uint64_t recno)
{
    return snprintf(text, 32, "%u = (n-1) mod 1009", (unsigned)((recno - 1) % 1009));
}

static void check_huge_record(struct opened *opened, uint64_t recno)
{
    char expected[32];
    struct capf_bytes record;
    int len = print_huge(expected, recno);
    must(capf_get(opened->file, recno, &record, &test_err));
    must_hold(record, expected, (size_t)len);
}

static void check_huge_neighbours(struct opened *opened, uint64_t recno)
{
    capf_cursor *cursor;
    struct capf_bytes record;
    uint64_t forward, back;
    must(capf_cursor_open(opened->file, &cursor, &test_err));
    must(capf_cursor_seek(cursor, recno, &test_err));
    for (uint64_t i = 0; i < 70; i++) {
        must(capf_cursor_next(cursor, &forward, &record, &test_err));
        assert_int_equal(forward, recno + i);
        char expected[32];
        int len = print_huge(expected, forward);
        must_hold(record, expected, (size_t)len);
    }
    for (uint64_t i = 70; i-- > 0;) {
        must(capf_cursor_prev(cursor, &back, &record, &test_err));
        assert_int_equal(back, recno + i);
    }
    capf_cursor_close(cursor);
}

static void check_huge(const char *name, uint64_t count)
{
    struct opened opened = open_fixture(name);
    struct rng rng = {count};
    assert_int_equal(capf_file_count(opened.file), count);
    unsigned picks = test_scaled(2000);
    for (unsigned i = 0; i < picks; i++)
        check_huge_record(&opened, 1 + rng_below(&rng, count));
    for (uint64_t span = 1; span < count; span *= 32)
        for (uint64_t k = 0; k < 3 && span + k <= count; k++)
            check_huge_record(&opened, span + k);
    for (uint64_t k = 0; k < 70; k++) {
        check_huge_record(&opened, 1 + k);
        check_huge_record(&opened, count - k);
    }
    for (unsigned i = 0; i < 20; i++)
        check_huge_neighbours(&opened, 1 + rng_below(&rng, count - 70));
    must_be(CAPF_NO_RECORD, capf_get(opened.file, count + 1, &(struct capf_bytes){0}, &test_err));
    close_fixture(&opened);
}

static void test_a_trillion_records_at_random(void **state)
{
    (void)state;
    check_huge("huge", 1234567890123);
}

static void test_a_quadrillion_records_at_random(void **state)
{
    (void)state;
    check_huge("quadrillion", 1125899906842623);
}

/* Its index is full to the last child but two: the next record makes an eleventh level of it. */
static void test_a_quadrillion_and_one(void **state)
{
    (void)state;
    const uint64_t count = 1125899906842623;
    struct opened opened = open_fixture("quadrillion");
    struct capf_bytes record;
    struct capf_info info;
    uint64_t recno = 0;
    capf_close(opened.file);
    must(capf_open(PATH, CAPF_WRITE, &opened.options, &opened.file, &test_err));
    must(capf_append(opened.file, "one more", 8, &recno, &test_err));
    assert_int_equal(recno, count + 1);
    must(capf_commit(opened.file, &test_err));
    capf_close(opened.file);
    must(capf_open(PATH, CAPF_READ, &opened.options, &opened.file, &test_err));
    must(capf_get(opened.file, recno, &record, &test_err));
    must_hold_text(record, "one more");
    must(capf_get_info(opened.file, &info, &test_err));
    assert_int_equal(info.levels, 11);
    struct rng rng = {1};
    for (unsigned i = 0; i < 200; i++)
        check_huge_record(&opened, 1 + rng_below(&rng, count));
    check_huge_record(&opened, count);
    close_fixture(&opened);
}

/* ---- What a person is told ---- */

static struct capf_info info_of(const char *name)
{
    struct capf_info info;
    struct opened opened = open_fixture(name);
    must(capf_get_info(opened.file, &info, &test_err));
    close_fixture(&opened);
    return info;
}

static void test_torn_newest_is_told(void **state)
{
    (void)state;
    struct capf_info info = info_of("torn-newest");
    assert_int_equal(info.warnings, CAPF_WARN_NODE_BAD);
    assert_true(info.node[info.current].good);
    assert_false(info.node[!info.current].good);
    assert_true(info.node[!info.current].fault[0] != '\0');
    char text[200];
    capf_warning_text(&info, CAPF_WARN_NODE_BAD, text, sizeof text);
    assert_true(strlen(text) > 10);
    capf_warning_text(&info, CAPF_WARN_NODE_BAD, text, 5);
    assert_true(strlen(text) < 5);
}

static void test_torn_oldest_is_told(void **state)
{
    (void)state;
    struct capf_info info = info_of("torn-oldest");
    assert_int_equal(info.warnings, CAPF_WARN_NODE_BAD);
    assert_false(info.node[!info.current].good);
}

static void test_serial_gap_is_told(void **state)
{
    (void)state;
    struct capf_info info = info_of("serial-gap");
    assert_int_equal(info.warnings, CAPF_WARN_NOT_CONSECUTIVE);
    assert_true(info.node[0].good && info.node[1].good);
}

static void check_no_warning(const struct fixture *row, struct opened *opened)
{
    static const char *const warned[] = {"torn-newest", "torn-oldest", "serial-gap"};
    struct capf_info info;
    must(capf_get_info(opened->file, &info, &test_err));
    for (size_t i = 0; i < sizeof warned / sizeof warned[0]; i++)
        if (strcmp(row->name, warned[i]) == 0)
            return;
    assert_int_equal(info.warnings, 0);
    assert_int_equal(info.missing, 0);
}

static void test_other_fixtures_warn_of_nothing(void **state)
{
    (void)state;
    each_good(check_no_warning);
}

static void test_old_magic_and_version_are_told(void **state)
{
    (void)state;
    assert_true(info_of("webcapture-header").old_magic);
    assert_false(info_of("version-1").old_magic);
    assert_int_equal(info_of("version-1").version, 1);
    assert_int_equal(info_of("quickstart").version, 2);
}

/* ---- Every fixture can be written on ---- */

static void check_goes_on(const struct fixture *row, struct opened *opened)
{
    struct capf_bytes record;
    uint64_t recno;
    capf_close(opened->file);
    must(capf_open(PATH, CAPF_WRITE, &opened->options, &opened->file, &test_err));
    must(capf_append(opened->file, "one more", 8, &recno, &test_err));
    assert_int_equal(recno, row->records + 1);
    must(capf_commit(opened->file, &test_err));
    capf_close(opened->file);
    must(capf_open(PATH, CAPF_READ, &opened->options, &opened->file, &test_err));
    must(capf_get(opened->file, recno, &record, &test_err));
    must_hold_text(record, "one more");
    struct capf_info info;
    must(capf_get_info(opened->file, &info, &test_err));
    assert_int_equal(info.serial, row->serial + 1);
    assert_int_equal(info.warnings, 0);

    uint32_t crc = 0;
    for (uint64_t i = 1; i <= row->records; i++) {
        must(capf_get(opened->file, i, &record, &test_err));
        crc = fixture_crc_add(crc, record.data, record.len);
    }
    assert_int_equal(crc, row->crc);
}

static void test_an_append_to_every_fixture_keeps_the_rest(void **state)
{
    (void)state;
    each_good(check_goes_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest_rows_open_with_their_fields),
        cmocka_unit_test(test_manifest_errors_have_their_kind),
        cmocka_unit_test(test_forward_cursor_gives_the_checksum),
        cmocka_unit_test(test_backward_cursor_gives_the_same_records),
        cmocka_unit_test(test_get_in_random_order_gives_the_checksum),
        cmocka_unit_test(test_random_parts_are_parts_of_the_record),
        cmocka_unit_test(test_numbers_outside_are_no_record),
        cmocka_unit_test(test_samples_match),
        cmocka_unit_test(test_a_trillion_records_at_random),
        cmocka_unit_test(test_a_quadrillion_records_at_random),
        cmocka_unit_test(test_a_quadrillion_and_one),
        cmocka_unit_test(test_torn_newest_is_told),
        cmocka_unit_test(test_torn_oldest_is_told),
        cmocka_unit_test(test_serial_gap_is_told),
        cmocka_unit_test(test_other_fixtures_warn_of_nothing),
        cmocka_unit_test(test_old_magic_and_version_are_told),
        cmocka_unit_test(test_an_append_to_every_fixture_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
