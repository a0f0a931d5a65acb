/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structures with good checksums that no writer makes: every coordinate of every index node and of
 * the rightmost path, every length, every field of the master nodes, in what was committed and in
 * what was not. Check finds each coordinate that is another, and check, after, reach and salvage end
 * with an answer; what salvage writes is whole.
 */
#include "tests/support/mem_file.h"

#include "tests/support/plain.h"

#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"
#define RECORDS_MAX 128
#define NODES_MAX 128

struct forge {
    struct plain plain; /* all that was written */
    struct plain state; /* what the master nodes say */
    struct plain_coord record[RECORDS_MAX + 1], node[NODES_MAX];
    unsigned records, nodes;
};

static void put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static uint64_t get(const uint8_t *p, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | p[i];
    return value;
}

static uint8_t *at(const struct forge *forge, struct plain_coord coord, uint32_t skip)
{
    return forge->plain.bytes + plain_at(&forge->state, coord.pos, coord.off + skip);
}

static struct plain_coord child(const struct forge *forge, struct plain_coord node, uint32_t i)
{
    const uint8_t *p = at(forge, node, 12 * i);
    return (struct plain_coord){get(p, 8), (uint32_t)get(p + 8, 4)};
}

static void list_nodes(struct forge *forge, struct plain_coord node, unsigned height)
{
    assert_true(forge->nodes < NODES_MAX);
    forge->node[forge->nodes++] = node;
    for (uint32_t i = 0; height > 1 && i < forge->plain.fan; i++)
        list_nodes(forge, child(forge, node, i), height - 1);
}

/* `count` records of `len` bytes, of which `committed` are committed; metadata now and then. */
static void forge_begin(struct forge *forge, uint32_t fan, unsigned count, unsigned committed,
                        size_t len)
{
    uint8_t *open = test_bytes(65536);
    char text[600];
    *forge = (struct forge){.records = count};
    plain_begin(&forge->plain, 128, 256, fan);
    for (unsigned n = 1; n <= count; n++) {
        memset(text, 'a' + (int)(n % 20), sizeof text);
        if (n % 13 == 10)
            plain_meta(&forge->plain, "metadata", 8);
        plain_record(&forge->plain, text, n % 9 == 8 ? 2 * len : len);
        forge->record[n] = forge->plain.last;
        if (n != committed)
            continue;
        memcpy(open, forge->plain.open, forge->plain.open_len);
        forge->state = forge->plain;
        forge->state.open = open;
    }
    forge->state.bytes = forge->plain.bytes;
    plain_end(&forge->state);
    for (unsigned level = 1; level < PLAIN_LEVELS; level++)
        for (uint32_t i = 0; i < forge->plain.count[level]; i++)
            if (forge->plain.child[level][i].pos != forge->plain.len)
                list_nodes(forge, forge->plain.child[level][i], level);
}

static void forge_end(struct forge *forge)
{
    free(forge->state.open);
    plain_release(&forge->plain);
}

/* The bytes at that coordinate were changed. */
static void mend(struct forge *forge, uint64_t pos)
{
    if (pos != forge->state.len) {
        bool is_closed = false;
        for (size_t i = 0; i < forge->plain.block_count; i++)
            is_closed |= forge->plain.blocks[i] == pos;
        if (is_closed)
            plain_mend_block(&forge->state, pos);
    }
    for (int slot = 0; slot < 2; slot++)
        plain_mend_node(&forge->state, slot);
}

/* ---- What everybody says of it ---- */

static bool may_be(enum capf_status status)
{
    return status == CAPF_OK || status == CAPF_DAMAGED || status == CAPF_CUT ||
           status == CAPF_END || status == CAPF_CHANGED;
}

static void read_it(struct mem_file_test *test)
{
    capf_file *file = NULL;
    capf_cursor *cursor = NULL;
    enum capf_status status = capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err);
    assert_true(may_be(status));
    if (status != CAPF_OK)
        return;
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t recno = 1; recno <= capf_cursor_count(cursor) && recno < 200;) {
        uint64_t first = 0, last = 0;
        must(capf_cursor_reach(cursor, recno, &first, &last, &test_err));
        assert_true(first <= recno && recno <= last);
        recno = last + 1;
    }
    capf_cursor_close(cursor);
    status = capf_cursor_open_after(file, &cursor, NULL, &test_err);
    assert_true(may_be(status));
    if (status == CAPF_OK)
        capf_cursor_close(cursor);
    capf_close(file);
}

static void salvage_it(struct mem_file_test *test, const struct capf_salvage_options *wish)
{
    struct capf_salvage_report report;
    struct capf_check_result result;
    enum capf_status status =
        capf_salvage(MEM_PATH, OUT_PATH, wish, &test->options, &report, &test_err);
    /* Lengths of zeros make many items, and a page of 128 bytes has room for seven coordinates. */
    if (status != CAPF_OK && status != CAPF_END && status != CAPF_TOO_LARGE)
        fail_msg("status %d: %s", (int)status, test_err.text);
    if (status == CAPF_OK) {
        must(capf_check(OUT_PATH, NULL, &test->options, &result, &test_err));
        assert_int_equal(result.damage, 0);
        assert_int_equal(result.records, report.written);
        test->options.io->unlink(test->options.io->ctx, OUT_PATH);
    }
    either_way(capf_salvage_complete(&report) ? CAPF_OK : CAPF_END);
    capf_salvage_release(&report);
}

/* Gives how much damage there is; everything is when it does not open. */
static uint64_t judge(struct mem_file_test *test, const struct forge *forge)
{
    static const struct capf_salvage_options certain = {0}, unsure = {.unsure = true};
    struct capf_check_result result, quick;
    struct capf_check wish = {.quick = true};
    mem_disk_put(test->disk, MEM_PATH, forge->plain.bytes, forge->plain.len);
    enum capf_status status = capf_check(MEM_PATH, NULL, &test->options, &result, &test_err);
    assert_true(may_be(status));
    assert_int_equal(capf_check(MEM_PATH, &wish, &test->options, &quick, &test_err), status);
    assert_true(quick.damage == 0 || result.damage > 0);
    read_it(test);
    salvage_it(test, &certain);
    salvage_it(test, &unsure);
    return status == CAPF_OK ? result.damage : UINT64_MAX;
}

/* ---- Coordinates ---- */

#define VARIANTS 16

/* Another value than there was; false: it is the same. */
static bool vary(const struct forge *forge, struct plain_coord *coord, unsigned how)
{
    struct plain_coord before = *coord;
    uint64_t blocks = forge->plain.block_count;
    const uint64_t pos[] = {before.pos + 1,
                            before.pos - 1,
                            forge->plain.blocks[0],
                            forge->plain.blocks[blocks / 2],
                            forge->state.len,
                            forge->state.len + 1,
                            UINT64_MAX,
                            before.pos + 16};
    const uint32_t off[] = {
        before.off + 1,  before.off - 1, before.off + 4, before.off - 4, 0, 255, 256,
        UINT32_MAX - 100};
    if (how < 8)
        coord->pos = pos[how];
    else
        coord->off = off[how - 8];
    return coord->pos != before.pos || coord->off != before.off;
}

static unsigned vary_nodes(struct mem_file_test *test, struct forge *forge, bool committed)
{
    unsigned done = 0;
    for (unsigned n = 0; n < forge->nodes; n++)
        for (unsigned how = 0; how < VARIANTS * forge->plain.fan; how++) {
            uint8_t *p = at(forge, forge->node[n], 12 * (how / VARIANTS)), before[12];
            struct plain_coord coord = child(forge, forge->node[n], how / VARIANTS);
            if (!vary(forge, &coord, how % VARIANTS))
                continue;
            memcpy(before, p, 12);
            put(p, coord.pos, 8);
            put(p + 8, coord.off, 4);
            mend(forge, forge->node[n].pos);
            uint64_t damage = judge(test, forge);
            assert_true(!committed || damage > 0);
            memcpy(p, before, 12);
            mend(forge, forge->node[n].pos);
            done++;
        }
    return done;
}

static void every_coordinate_of_an_index_node(void **state)
{
    struct forge forge;
    unsigned done = 0;
    forge_begin(&forge, 4, 43, 43, 20);
    assert_int_equal(judge(*state, &forge), 0);
    done += vary_nodes(*state, &forge, true);
    forge_end(&forge);
    forge_begin(&forge, 2, 15, 15, 130);
    assert_int_equal(judge(*state, &forge), 0);
    done += vary_nodes(*state, &forge, true);
    forge_end(&forge);
    print_message("%u coordinates were found to be others\n", done);
}

static void every_coordinate_that_was_never_committed(void **state)
{
    struct forge forge;
    forge_begin(&forge, 4, 70, 13, 20);
    assert_int_equal(judge(*state, &forge), 0);
    vary_nodes(*state, &forge, false);
    forge_end(&forge);
}

/* ---- Lengths ---- */

static void every_length(void **state)
{
    static const int by[] = {-24, -20, -8, -4, -3, -2, -1, 1, 2, 4, 24, 300, -1000000};
    for (unsigned committed = 13; committed <= 60; committed += 47) {
        struct forge forge;
        forge_begin(&forge, 4, 60, committed, committed == 13 ? 20 : 40);
        for (unsigned n = 1; n <= forge.records; n++)
            for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
                if (forge.record[n].pos == forge.plain.len && committed == 13)
                    continue;
                uint8_t *p = at(&forge, forge.record[n], 0);
                uint64_t before = get(p, 4);
                put(p, before + (uint64_t)by[i], 4);
                mend(&forge, forge.record[n].pos);
                judge(*state, &forge);
                put(p, before, 4);
                mend(&forge, forge.record[n].pos);
            }
        assert_int_equal(judge(*state, &forge), 0);
        forge_end(&forge);
    }
}

/* ---- Blocks ---- */

/* Each block is replaced by a good one of `len` bytes, and by one that is bad. */
static void replace_block(struct mem_file_test *test, struct forge *forge, uint64_t pos, size_t len)
{
    uint8_t before[300], *p = forge->plain.bytes + pos;
    memcpy(before, p, sizeof before);
    put(p, 7 + len + 4, 4);
    p[7] = (uint8_t)len;
    p[9] = (uint8_t)~len;
    p[8] = 0;
    p[10] = 0xFF;
    plain_mend_block(&forge->state, pos);
    judge(test, forge);
    p[12] ^= 0xFF;
    judge(test, forge);
    put(p, 0, 4);
    judge(test, forge);
    put(p, 0xFFFFFFFF, 4);
    judge(test, forge);
    memcpy(p, before, sizeof before);
    plain_mend_block(&forge->state, pos);
}

static void every_block(void **state)
{
    for (unsigned committed = 13; committed <= 60; committed += 47) {
        struct forge forge;
        forge_begin(&forge, 4, 60, committed, 20);
        for (size_t b = 0; b + 1 < forge.plain.block_count; b++)
            for (size_t len = 0; len < 256; len += 5)
                replace_block(*state, &forge, forge.plain.blocks[b], len);
        assert_int_equal(judge(*state, &forge), 0);
        forge_end(&forge);
    }
}

/* ---- Master nodes ---- */

/* Each byte of the fields of one node or both, with checksums and without. */
static void every_field_of_the_nodes(void **state)
{
    struct forge forge;
    forge_begin(&forge, 4, 43, 43, 20);
    for (unsigned round = 0; round < 4; round++)
        for (uint32_t off = 4; off < 36 + 13 * 8; off++)
            for (unsigned bit = 0; bit < 8; bit += 3) {
                struct plain *plain = &forge.state;
                uint8_t *node[2];
                for (int slot = 0; slot < 2; slot++) {
                    node[slot] = plain->bytes + plain_node_pos(plain, slot);
                    if (slot == 0 || round % 2 == 0)
                        node[slot][off] ^= (uint8_t)(1u << bit);
                    if (round < 2)
                        plain_mend_node(plain, slot);
                }
                judge(*state, &forge);
                node[0][off] ^= (uint8_t)(1u << bit);
                if (round % 2 == 0)
                    node[1][off] ^= (uint8_t)(1u << bit);
                mend(&forge, forge.state.len);
            }
    assert_int_equal(judge(*state, &forge), 0);
    forge_end(&forge);
}

/* The same with neither checksum right, but for one byte all is. */
static void every_field_without_checksums(void **state)
{
    struct forge forge;
    forge_begin(&forge, 4, 43, 43, 20);
    for (uint32_t off = 4; off < 36 + 13 * 8; off++)
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t *bytes = forge.plain.bytes + plain_node_pos(&forge.state, 0);
            uint8_t *other = forge.plain.bytes + plain_node_pos(&forge.state, 1);
            bytes[0] ^= 1;
            other[0] ^= 1;
            bytes[off] ^= (uint8_t)(1u << bit);
            judge(*state, &forge);
            other[off] ^= (uint8_t)(1u << bit);
            judge(*state, &forge);
            bytes[off] ^= (uint8_t)(1u << bit);
            other[off] ^= (uint8_t)(1u << bit);
            bytes[0] ^= 1;
            other[0] ^= 1;
        }
    assert_int_equal(judge(*state, &forge), 0);
    forge_end(&forge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_coordinate_of_an_index_node),
        TEST(every_coordinate_that_was_never_committed),
        TEST(every_length),
        TEST(every_block),
        TEST(every_field_of_the_nodes),
        TEST(every_field_without_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
