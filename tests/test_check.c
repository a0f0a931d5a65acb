/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking whole files: what is sound is called clean and counted, and each
 * kind of damage is found, with the place and the records that it touches.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define KEPT 64

/* What a check found. */
struct seen {
    struct capf_finding finding[KEPT];
    size_t count;
    struct capf_check_result result;
    enum capf_status status;
};

static void keep(void *ctx, const struct capf_finding *finding)
{
    struct seen *seen = ctx;
    assert_true(finding->text[0] != '\0' && finding->text[strlen(finding->text) - 1] != '.');
    assert_true((finding->first == 0) == (finding->last == 0) && finding->first <= finding->last);
    if (seen->count < KEPT)
        seen->finding[seen->count] = *finding;
    seen->count++;
}

static struct seen check_with(struct mem_file_test *test, bool quick)
{
    struct seen seen = {.count = 0};
    struct capf_check check = {.quick = quick, .found = keep, .ctx = &seen};
    seen.status = capf_check(MEM_PATH, &check, &test->options, &seen.result, &test_err);
    assert_int_equal(seen.result.damage + seen.result.notes, seen.count);
    return seen;
}

static struct seen check(struct mem_file_test *test)
{
    return check_with(test, false);
}

static void must_be_clean(const struct seen *seen, uint64_t records)
{
    if (seen->count > 0)
        fail_msg("%s", seen->finding[0].text);
    assert_int_equal(seen->status, CAPF_OK);
    assert_int_equal(seen->result.records, records);
    assert_int_equal(seen->result.sound, records);
}

/* There is a finding of this kind at `offset` that touches these records. */
static void must_find(const struct seen *seen, enum capf_finding_kind kind, uint64_t offset,
                      uint64_t first, uint64_t last)
{
    for (size_t i = 0; i < seen->count && i < KEPT; i++) {
        const struct capf_finding *f = &seen->finding[i];
        if (f->kind == kind && f->offset == offset && f->first == first && f->last == last)
            return;
    }
    for (size_t i = 0; i < seen->count && i < KEPT; i++)
        print_message(
            "%s at %llu, records %llu..%llu: %s\n", capf_finding_kind_name(seen->finding[i].kind),
            (unsigned long long)seen->finding[i].offset, (unsigned long long)seen->finding[i].first,
            (unsigned long long)seen->finding[i].last, seen->finding[i].text);
    fail_msg("no finding %s at %llu, records %llu..%llu", capf_finding_kind_name(kind),
             (unsigned long long)offset, (unsigned long long)first, (unsigned long long)last);
}

/* ---- Sound files ---- */

static void test_the_files_of_the_python_package_are_clean(void **state)
{
    struct mem_file_test *test = *state;
    size_t count, checked = 0;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        fixture_to_disk(rows[i].name, test->disk, MEM_PATH);
        struct seen seen = check(test);
        bool torn = strncmp(rows[i].name, "torn", 4) == 0;
        assert_int_equal(seen.status == CAPF_OK, rows[i].opens == CAPF_OK);
        if (seen.status != CAPF_OK)
            continue;
        assert_int_equal(seen.result.damage, torn);
        assert_int_equal(seen.result.sound, rows[i].records);
        assert_int_equal(seen.result.serial, rows[i].serial);
        checked++;
    }
    print_message("%zu fixtures checked\n", checked);
    assert_true(checked >= 30);
}

/* Records of many lengths, metadata now and then: what was put in is what is counted. */
static void test_everything_is_counted(void **state)
{
    struct mem_file_test *test = *state;
    static const uint32_t geometry[][3] = {
        {128, 128, 2}, {256, 256, 4}, {256, 1024, 8}, {512, 512, 19}};
    for (size_t g = 0; g < 4; g++) {
        struct plain plain;
        uint8_t data[300];
        uint64_t nodes = 0, metas = 0;
        test_fill(data, sizeof data, g, 50);
        plain_begin(&plain, geometry[g][0], geometry[g][1], geometry[g][2]);
        for (uint64_t n = 1; n <= 150; n++) {
            plain_record(&plain, data, (n * 37) % 200);
            for (uint64_t full = geometry[g][2]; n % full == 0; full *= geometry[g][2])
                nodes++;
            for (uint64_t i = 0; n % 7 == 0 && i < n % 4; i++, metas++)
                plain_meta(&plain, data, n);
        }
        plain_end(&plain);
        mem_disk_put(test->disk, MEM_PATH, plain.bytes, plain.len);
        struct seen seen = check(test);
        must_be_clean(&seen, 150);
        assert_int_equal(seen.result.index_nodes, nodes);
        assert_int_equal(seen.result.metadata_values, metas);
        assert_int_equal(seen.result.blocks, plain.block_count);
        assert_int_equal(seen.result.file_limit, plain.len);
        plain_release(&plain);
    }
}

static void test_a_quick_check_of_a_sound_file_is_clean(void **state)
{
    struct mem_file_test *test = *state;
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        fixture_to_disk(rows[i].name, test->disk, MEM_PATH);
        struct seen seen = check_with(test, true);
        assert_int_equal(seen.status == CAPF_OK, rows[i].opens == CAPF_OK);
        if (seen.status == CAPF_OK)
            assert_int_equal(seen.result.damage, strncmp(rows[i].name, "torn", 4) == 0);
    }
}

/* Index nodes that share children: no honest writer makes them, and a walk over 10^15 records never
 * ends. Reads nothing twice, so it is over at once. */
static void test_shared_children_end_quickly(void **state)
{
    struct mem_file_test *test = *state;
    static const char *const names[] = {"huge", "quadrillion"};
    for (size_t i = 0; i < 2; i++) {
        fixture_to_disk(names[i], test->disk, MEM_PATH);
        struct seen seen = check(test);
        assert_int_equal(seen.status, CAPF_OK);
        assert_true(seen.result.damage > 10 && seen.result.damage < 2000);
        assert_true(seen.result.records > UINT64_C(1000000000000));
        assert_true(seen.result.sound < 100000);
        seen = check_with(test, true);
        assert_int_equal(seen.status, CAPF_OK);
    }
}

/* ---- Damage ---- */

/* 40 records of 20 bytes ("record N......") with fan-out 4 and two metadata values: blocks of 256. */
struct sample {
    struct plain plain;
    struct plain_coord record[41];
    struct plain_coord node2; /* the first index node of height 2 */
    size_t block_of[41];      /* which block a record is in */
};

static void sample_begin(struct sample *sample)
{
    plain_begin(&sample->plain, 128, 256, 4);
    for (unsigned n = 1; n <= 40; n++) {
        char text[21];
        snprintf(text, sizeof text, "record %-13u", n);
        if (n == 10 || n == 30)
            plain_meta(&sample->plain, "metadata", 8);
        sample->block_of[n] = sample->plain.block_count;
        plain_record(&sample->plain, text, 20);
        sample->record[n] = sample->plain.last;
        if (n == 16)
            sample->node2 = sample->plain.child[2][0].pos != 0 ? sample->plain.child[2][0]
                                                               : sample->plain.child[2][1];
    }
    plain_end(&sample->plain);
}

static struct seen sample_check(struct mem_file_test *test, const struct sample *sample)
{
    mem_disk_put(test->disk, MEM_PATH, sample->plain.bytes, sample->plain.len);
    return check(test);
}

static uint64_t first_in(const struct sample *sample, size_t block)
{
    for (unsigned n = 1; n <= 40; n++)
        if (sample->block_of[n] == block)
            return n;
    return 0;
}

static uint64_t last_in(const struct sample *sample, size_t block)
{
    for (unsigned n = 40; n > 0; n--)
        if (sample->block_of[n] == block)
            return n;
    return 0;
}

static void test_the_sample_is_clean(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    struct seen seen = sample_check(*state, &sample);
    must_be_clean(&seen, 40);
    assert_int_equal(seen.result.metadata_values, 2);
    assert_int_equal(seen.result.index_nodes, 10 + 2);
    plain_release(&sample.plain);
}

/* Each block in turn: the records that stand in it and can be named, and all others sound, but for
 * those under an index node that is gone. */
static void test_each_damaged_block_is_found_with_its_records(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    for (size_t b = 0; b < sample.plain.block_count; b++) {
        uint64_t pos = sample.plain.blocks[b];
        uint8_t *byte = sample.plain.bytes + plain_at(&sample.plain, pos, 9);
        *byte ^= 0x20;
        struct seen seen = sample_check(*state, &sample);
        assert_int_equal(seen.status, CAPF_OK);
        bool found = false;
        for (size_t i = 0; i < seen.count; i++) {
            const struct capf_finding *f = &seen.finding[i];
            found |= f->kind == CAPF_FINDING_BLOCK && f->offset == pos;
            assert_true(f->offset == pos);
            assert_true(f->kind == CAPF_FINDING_INDEX || f->kind == CAPF_FINDING_BLOCK ||
                        f->kind == CAPF_FINDING_METADATA);
            if (f->kind == CAPF_FINDING_BLOCK && f->first != 0)
                assert_true(f->first >= first_in(&sample, b) && f->last <= last_in(&sample, b));
        }
        assert_true(found);
        /* At most both nodes of height 2 with 16 records each, or one and 3 leaves with 4. */
        assert_in_range(seen.result.sound, 8, 39);
        *byte ^= 0x20;
    }
    plain_release(&sample.plain);
}

/* A leaf node stands in the block behind its children's: then they are all named. */
static void test_a_block_without_index_nodes_names_its_records(void **state)
{
    struct plain plain;
    uint8_t data[100] = {0};
    plain_begin(&plain, 128, 256, 8);
    for (int n = 0; n < 20; n++)
        plain_record(&plain, data, sizeof data);
    plain_end(&plain);
    plain.bytes[plain_at(&plain, plain.blocks[1], 5)] ^= 1;
    mem_disk_put(((struct mem_file_test *)*state)->disk, MEM_PATH, plain.bytes, plain.len);
    struct seen seen = check(*state);
    assert_int_equal(seen.count, 1);
    must_find(&seen, CAPF_FINDING_BLOCK, plain.blocks[1], 4, 6);
    assert_int_equal(seen.result.sound, 17);
    plain_release(&plain);
}

/* Lengths that lead astray: the index says where it goes on, and nothing behind is lost. */
static void test_a_wrong_length_prefix_costs_one_block(void **state)
{
    static const uint32_t lengths[] = {0, 1, 8, 9, 100, 266, 270, 5000, 0x7FFFFFFF, 0xFFFFFFFF};
    struct plain plain;
    uint8_t data[100] = {0};
    plain_begin(&plain, 128, 256, 8);
    for (int n = 0; n < 40; n++)
        plain_record(&plain, data, sizeof data);
    plain_end(&plain);
    uint8_t *prefix = plain.bytes + plain.blocks[1], before[4];
    memcpy(before, prefix, 4);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (int k = 0; k < 4; k++)
            prefix[k] = (uint8_t)(lengths[i] >> (24 - 8 * k));
        mem_disk_put(((struct mem_file_test *)*state)->disk, MEM_PATH, plain.bytes, plain.len);
        struct seen seen = check(*state);
        must_find(&seen, CAPF_FINDING_BLOCK, plain.blocks[1], 4, 6);
        assert_int_equal(seen.result.sound, 37);
        assert_true(seen.count <= 2);
    }
    memcpy(prefix, before, 4);
    mem_disk_put(((struct mem_file_test *)*state)->disk, MEM_PATH, plain.bytes, plain.len);
    struct seen seen = check(*state);
    must_be_clean(&seen, 40);
    plain_release(&plain);
}

/* Bytes are changed and the checksum over them is mended: only the structure tells. */
static struct seen forged(struct mem_file_test *test, struct sample *sample, struct plain_coord at,
                          uint32_t skip, uint8_t value)
{
    uint8_t *byte = sample->plain.bytes + plain_at(&sample->plain, at.pos, at.off + skip);
    uint8_t before = *byte;
    assert_int_not_equal(before, value);
    *byte = value;
    plain_mend_block(&sample->plain, at.pos);
    struct seen seen = sample_check(test, sample);
    *byte = before;
    plain_mend_block(&sample->plain, at.pos);
    return seen;
}

static void test_a_record_longer_than_it_was_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    struct seen seen = forged(*state, &sample, sample.record[6], 3, 21);
    must_find(&seen, CAPF_FINDING_RECORD, sample.record[7].pos, 7, 7);
    seen = forged(*state, &sample, sample.record[6], 1, 21);
    must_find(&seen, CAPF_FINDING_RECORD, sample.record[6].pos, 6, 6);
    plain_release(&sample.plain);
}

static void test_a_record_shorter_than_it_was_leaves_stray_bytes(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    struct seen seen = forged(*state, &sample, sample.record[6], 3, 18);
    must_find(&seen, CAPF_FINDING_STRAY, sample.record[6].pos, 0, 0);
    seen = forged(*state, &sample, sample.record[6], 3, 16);
    assert_int_equal(seen.result.damage, 1); /* "4 bytes of a value" that are none */
    plain_release(&sample.plain);
}

static void test_an_index_entry_that_is_wrong_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    struct plain_coord leaf = sample.record[4]; /* the leaf over 1..4 stands behind it */
    for (uint32_t at = 0; at < 48; at++) {
        uint8_t byte = sample.plain.bytes[plain_at(&sample.plain, leaf.pos, leaf.off + 24 + at)];
        struct seen seen = forged(*state, &sample, leaf, 24 + at, (uint8_t)(byte ^ 0x05));
        assert_int_equal(seen.status, CAPF_OK);
        assert_true(seen.result.damage > 0);
        assert_true(seen.result.sound < 40);
    }
    plain_release(&sample.plain);
}

static void test_a_header_with_another_fan_out_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    for (uint8_t fan = 2; fan < 10; fan++) {
        sample.plain.bytes[26] = fan;
        struct seen seen = sample_check(*state, &sample);
        assert_true(fan == 4 || seen.status != CAPF_OK || seen.result.damage > 0);
        if (fan == 3)
            must_find(&seen, CAPF_FINDING_HEADER, 23, 1, seen.result.records);
    }
    plain_release(&sample.plain);
}

static void test_a_byte_behind_the_header_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    sample.plain.bytes[27] = 1;
    struct seen seen = sample_check(*state, &sample);
    must_find(&seen, CAPF_FINDING_HEADER, 27, 0, 0);
    sample.plain.bytes[27] = 0;
    sample.plain.bytes[127] = 1;
    seen = sample_check(*state, &sample);
    must_find(&seen, CAPF_FINDING_HEADER, 127, 0, 0);
    assert_int_equal(seen.count, 1);
    plain_release(&sample.plain);
}

static void test_metadata_that_is_a_record_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    for (int slot = 0; slot < 2; slot++) {
        uint8_t *node = sample.plain.bytes + plain_node_pos(&sample.plain, slot);
        memcpy(node + 20, node + 37, 12); /* the coordinate of a record of the rightmost path */
        for (int i = 0; i < 12; i++)
            node[20 + i] = (uint8_t)(i < 8 ? sample.record[12].pos >> (56 - 8 * i)
                                           : sample.record[12].off >> (88 - 8 * i));
        plain_mend_node(&sample.plain, slot);
    }
    struct seen seen = sample_check(*state, &sample);
    must_find(&seen, CAPF_FINDING_METADATA, sample.record[12].pos, 0, 0);
    assert_int_equal(seen.count, 1);
    plain_release(&sample.plain);
}

static void test_a_block_closed_too_early_is_found(void **state)
{
    struct sample sample;
    sample_begin(&sample);
    struct plain *plain = &sample.plain;
    /* The same file under a header and nodes of another block size: nodes are longer then. */
    struct plain wider;
    plain_begin(&wider, 128, 512, 4);
    wider.bytes = realloc(wider.bytes, 65536);
    assert_non_null(wider.bytes);
    memcpy(wider.open, "\0\0\0\1x", 5);
    wider.open_len = 5;
    uint64_t pos = wider.len;
    memcpy(wider.bytes + pos, plain->bytes + plain->blocks[0], 300);
    wider.bytes[pos + 2] = 0;
    wider.bytes[pos + 3] = 11 + 5;
    static const uint8_t five[] = {0x78, 1, 1, 5, 0, 0xFA, 0xFF, 0, 0, 0, 1, 'x', 0, 0, 0, 0};
    memcpy(wider.bytes + pos + 4, five, sizeof five);
    wider.len = (size_t)pos + 4 + 16;
    wider.count[0] = 2;
    wider.child[0][0] = (struct plain_coord){pos, 0};
    wider.child[0][1] = (struct plain_coord){wider.len, 0};
    plain_end(&wider);
    plain_mend_block(&wider, pos);
    mem_disk_put(((struct mem_file_test *)*state)->disk, MEM_PATH, wider.bytes, wider.len);
    struct seen seen = check(*state);
    assert_int_equal(seen.count, 1);
    must_find(&seen, CAPF_FINDING_BLOCK, pos, 0, 0);
    assert_int_equal(seen.result.sound, 2);
    plain_release(&wider);
    plain_release(plain);
}

/* ---- Cut files ---- */

static void test_a_cut_file_is_one_finding(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append_numbered(file, 3000);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    uint64_t whole = info.file_limit / 512 * 512;
    struct seen seen = check(test);
    must_be_clean(&seen, 3000);
    for (uint64_t size = whole - 1; size > whole - 9000; size -= 700) {
        mem_disk_truncate(test->disk, MEM_PATH, size);
        seen = check(test);
        assert_int_equal(seen.status, CAPF_OK);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.finding[0].kind, CAPF_FINDING_CUT);
        assert_int_equal(seen.finding[0].offset, size);
        assert_true(seen.finding[0].first > 1 && seen.finding[0].last <= 3000);
        assert_true(seen.result.sound >= seen.finding[0].first - 1);
        assert_true(seen.result.sound < 3000);
        seen = check_with(test, true);
        assert_true(seen.result.damage > 0);
    }
}

/* ---- Master nodes ---- */

static void test_bad_nodes_are_findings(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append_numbered(file, 30);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    mem_disk_poke(test->disk, MEM_PATH, info.node[0].pos + 700, "x", 1);
    struct seen seen = check(test);
    assert_int_equal(seen.status, CAPF_OK);
    must_find(&seen, CAPF_FINDING_NODE, info.node[0].pos, 0, 0);
    mem_disk_poke(test->disk, MEM_PATH, info.node[1].pos + 700, "x", 1);
    seen = check(test);
    assert_int_equal(seen.status, CAPF_DAMAGED);
    assert_int_equal(seen.count, 2);
    must_find(&seen, CAPF_FINDING_NODE, info.node[1].pos, 0, 0);
}

/* A node that is bad while a writer is at it is none: it is whole a moment later. */
struct mender {
    struct mem_file_test *test;
    uint64_t pos;
    uint8_t byte;
    int naps;
};

static void mend_after_some_naps(void *ctx)
{
    struct mender *mender = ctx;
    if (++mender->naps == 60)
        mem_disk_poke(mender->test->disk, MEM_PATH, mender->pos, &mender->byte, 1);
}

static void test_a_node_under_the_writers_hand_is_none(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 512, 1024, 8);
    mem_append_numbered(file, 30);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    size_t len;
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    struct mender mender = {test, info.node[0].pos + 700, bytes[info.node[0].pos + 700], 0};
    mem_disk_poke(test->disk, MEM_PATH, mender.pos, "x", 1);
    mem_disk_on_nap(test->disk, mend_after_some_naps, &mender);
    struct seen seen = check(test);
    mem_disk_on_nap(test->disk, NULL, NULL);
    must_be_clean(&seen, 30);
    assert_true(mender.naps >= 60);
    free(bytes);
}

/* ---- Stopping, and memory ---- */

static bool stop_at_second_block(void *ctx, uint64_t done, uint64_t total)
{
    uint64_t *calls = ctx;
    assert_true(done <= total);
    return ++*calls < 2;
}

static void test_a_check_stops_when_told(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_check_result result;
    uint64_t calls = 0;
    fixture_to_disk("small-pages", test->disk, MEM_PATH);
    test->options.progress = stop_at_second_block;
    test->options.progress_ctx = &calls;
    must_be(CAPF_CANCELLED, capf_check(MEM_PATH, NULL, &test->options, &result, &test_err));
    assert_int_equal(calls, 2);
    assert_int_equal(result.blocks, 2);
    assert_int_equal(result.damage, 0);
}

static void test_a_long_block_is_checked_in_bounded_memory(void **state)
{
    struct mem_file_test *test = *state;
    size_t piece = 1 << 20;
    uint8_t *noise = test_bytes(piece);
    uint64_t recno;
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, "before");
    must(capf_append_begin(file, 40 * (uint64_t)piece, &test_err));
    for (int i = 0; i < 40; i++) {
        test_fill(noise, piece, (uint64_t)i, 100);
        must(capf_append_data(file, noise, piece, &test_err));
    }
    must(capf_append_end(file, &recno, &test_err));
    mem_append(file, "behind");
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    capf_close(file);
    struct seen seen = check(test);
    must_be_clean(&seen, 3);
    assert_true(seen.result.raw > 40 * (uint64_t)piece);
    mem_disk_poke(test->disk, MEM_PATH, info.file_limit - 10000, "damaged", 7);
    seen = check(test);
    assert_int_equal(seen.count, 1);
    must_find(&seen, CAPF_FINDING_BLOCK, 86016, 1, 2);
    assert_int_equal(seen.result.sound, 1);
    assert_true(mem_disk_memory(test->disk)->peak_bytes < 64 << 20);
    free(noise);
}

static void test_what_is_no_capture_file_is_an_error(void **state)
{
    struct mem_file_test *test = *state;
    struct seen seen = check(test);
    assert_int_equal(seen.status, CAPF_NO_FILE);
    assert_int_equal(seen.count, 0);
    mem_disk_put(test->disk, MEM_PATH, "no capture file, only text that is long enough", 46);
    seen = check(test);
    assert_int_equal(seen.status, CAPF_NOT_CAPTURE);
    assert_string_equal(capf_finding_kind_name(CAPF_FINDING_STRAY), "stray");
    assert_string_equal(capf_finding_kind_name((enum capf_finding_kind)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_files_of_the_python_package_are_clean),
        TEST(test_everything_is_counted),
        TEST(test_a_quick_check_of_a_sound_file_is_clean),
        TEST(test_shared_children_end_quickly),
        TEST(test_the_sample_is_clean),
        TEST(test_each_damaged_block_is_found_with_its_records),
        TEST(test_a_block_without_index_nodes_names_its_records),
        TEST(test_a_wrong_length_prefix_costs_one_block),
        TEST(test_a_record_longer_than_it_was_is_found),
        TEST(test_a_record_shorter_than_it_was_leaves_stray_bytes),
        TEST(test_an_index_entry_that_is_wrong_is_found),
        TEST(test_a_header_with_another_fan_out_is_found),
        TEST(test_a_byte_behind_the_header_is_found),
        TEST(test_metadata_that_is_a_record_is_found),
        TEST(test_a_block_closed_too_early_is_found),
        TEST(test_a_cut_file_is_one_finding),
        TEST(test_bad_nodes_are_findings),
        TEST(test_a_node_under_the_writers_hand_is_none),
        TEST(test_a_check_stops_when_told),
        TEST(test_a_long_block_is_checked_in_bounded_memory),
        TEST(test_what_is_no_capture_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
