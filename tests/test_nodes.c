/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damaged master nodes: every single flipped bit, and nodes that were torn while they were
 * written, so that parts of the new one stand beside parts of the old. What is shown must be
 * exactly one committed state, the newest whose node is whole, and a bad node must be said to be
 * bad.
 *
 * Most cases ask core's part that reads both nodes, which is all that can go wrong; some open
 * the whole file, read it and write on.
 */
#include "tests/support/mem_file.h"

#include "nodes.h"
#include "tests/support/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#define NODE_LEN 40960
#define NODE_BITS (8 * NODE_LEN)
#define COMMITS 7
#define MIXES 100000
#define OPEN_EVERY 100
#define BOTH_BAD 2000

/* A file, and what its two slots held after each of its commits. */
struct history {
    struct mem_file_test *test;
    struct capf__header header;
    int fd;
    uint8_t *slots[COMMITS][2];
    int current[COMMITS];
    struct capf__state state[COMMITS];
    uint64_t records[COMMITS];
};

/* ---- The file and its past ---- */

static void keep(struct history *history, unsigned commit, capf_file *file)
{
    size_t len;
    struct capf_info info = mem_info(file);
    uint8_t *bytes = mem_disk_copy(history->test->disk, MEM_PATH, &len);
    for (int slot = 0; slot < 2; slot++) {
        history->slots[commit][slot] = test_bytes(NODE_LEN);
        memcpy(history->slots[commit][slot], bytes + info.node[slot].pos, NODE_LEN);
    }
    history->current[commit] = info.current;
    history->records[commit] = info.records;
    must(capf__master_decode(&history->state[commit], &history->header, history->test->options.io,
                             history->slots[commit][info.current], &test_err));
    free(bytes);
}

/* Commits of all sizes: a record, a block that nearly fills, some blocks. */
static int begin(void **state)
{
    static const unsigned counts[COMMITS] = {2500, 1, 900, 5000, 40, 2, 1700};
    struct history *history = calloc(1, sizeof *history);
    char why[100];
    void *test;
    if (history == NULL || mem_test_begin(&test) != 0)
        return -1;
    history->test = test;
    history->header = (struct capf__header){.version = CAPF__VERSION,
                                            .page_size = CAPF_PAGE_SIZE,
                                            .block_size = CAPF_BLOCK_SIZE,
                                            .fan_out = CAPF_FAN_OUT};
    assert_true(capf__header_derive(&history->header, why, sizeof why));
    assert_int_equal(history->header.node_len, NODE_LEN);
    capf_file *file = mem_create(history->test, 0, 0, 0);
    for (unsigned i = 0; i < COMMITS; i++) {
        mem_append_numbered(file, counts[i]);
        must(capf_commit(file, &test_err));
        keep(history, i, file);
    }
    capf_close(file);
    const struct capf_io *io = history->test->options.io;
    history->fd = io->open(io->ctx, MEM_PATH, CAPF_IO_READ);
    *state = history;
    return history->fd < 0;
}

static int end(void **state)
{
    struct history *history = *state;
    const struct capf_io *io = history->test->options.io;
    void *test = history->test;
    for (unsigned i = 0; i < COMMITS; i++) {
        free(history->slots[i][0]);
        free(history->slots[i][1]);
        capf__state_release(&history->state[i]);
    }
    io->close(io->ctx, history->fd);
    free(history);
    return mem_test_end(&test);
}

static void put_slot(struct history *history, int slot, const uint8_t *node)
{
    mem_disk_poke(history->test->disk, MEM_PATH, history->header.node_pos[slot], node, NODE_LEN);
}

static void put_commit(struct history *history, unsigned commit)
{
    put_slot(history, 0, history->slots[commit][0]);
    put_slot(history, 1, history->slots[commit][1]);
}

/* ---- What must be shown ---- */

static bool same_coord(struct capf_coord a, struct capf_coord b)
{
    return a.pos == b.pos && a.off == b.off;
}

static bool same_state(const struct capf__state *a, const struct capf__state *b)
{
    bool same = a->serial == b->serial && a->crc == b->crc && a->count == b->count &&
                a->limit == b->limit && a->open_len == b->open_len &&
                same_coord(a->meta, b->meta) && a->path.total == b->path.total &&
                memcmp(a->tail->data, b->tail->data, CAPF_PAGE_SIZE) == 0 &&
                memcmp(a->open->data, b->open->data, a->open_len) == 0;
    for (uint32_t i = 0; same && i < a->path.total; i++)
        same = same_coord(a->path.coords[i], b->path.coords[i]);
    return same;
}

/* `commit` is shown; bad_slot is bad, -1: none is. */
static void check_nodes(struct history *history, unsigned commit, int bad_slot)
{
    struct capf__nodes nodes;
    must(capf__nodes_read(&nodes, history->test->options.io, history->fd, &history->header,
                          &test_err));
    assert_int_equal(nodes.warnings, bad_slot < 0 ? 0 : CAPF_WARN_NODE_BAD);
    assert_int_equal(nodes.good[0], bad_slot != 0);
    assert_int_equal(nodes.good[1], bad_slot != 1);
    assert_true(nodes.best >= 0 && same_state(&nodes.state[nodes.best], &history->state[commit]));
    capf__nodes_release(&nodes);
}

/* The same of a whole file, with some of its records. */
static void check_file(struct history *history, unsigned commit, int bad_slot)
{
    capf_file *file = mem_open_read(history->test);
    struct capf_info info = mem_info(file);
    uint64_t records = history->records[commit];
    assert_int_equal(info.records, records);
    assert_int_equal(info.serial, history->state[commit].serial);
    assert_int_equal(info.warnings, bad_slot < 0 ? 0 : CAPF_WARN_NODE_BAD);
    assert_int_equal(info.node[0].good, bad_slot != 0);
    assert_int_equal(info.node[1].good, bad_slot != 1);
    mem_check_text(file, 1, "record 1");
    for (uint64_t n = 1; n <= records; n += 1 + records / 20) {
        struct capf_bytes record;
        char text[40];
        snprintf(text, sizeof text, "record %llu", (unsigned long long)n);
        must(capf_get(file, n, &record, &test_err));
        must_hold(record, text, strlen(text));
    }
    capf_close(file);
}

/* A writer puts its node over the bad one, and both are good again. Undone afterwards by
 * put_commit. */
static void check_commit(struct history *history, unsigned commit)
{
    size_t len;
    uint8_t *before = mem_disk_copy(history->test->disk, MEM_PATH, &len);
    capf_file *file = mem_open_write(history->test);
    mem_append_numbered(file, 1);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    assert_int_equal(info.records, history->records[commit] + 1);
    assert_true(info.node[0].good && info.node[1].good);
    capf_close(file);
    mem_disk_put(history->test->disk, MEM_PATH, before, len);
    free(before);
}

/* ---- Bits ---- */

static void flip_bit(struct history *history, int slot, uint8_t *node, uint64_t bit)
{
    node[bit / 8] ^= (uint8_t)(1u << bit % 8);
    mem_disk_poke(history->test->disk, MEM_PATH, history->header.node_pos[slot] + bit / 8,
                  &node[bit / 8], 1);
}

/* A node whose checksum fails is nothing, whatever else it says. */
static void check_refused(struct history *history, const uint8_t *node)
{
    struct capf__state state;
    must_be(CAPF_DAMAGED, capf__master_decode(&state, &history->header, history->test->options.io,
                                              node, &test_err));
}

/* Flips so many bits of a node, one after the other; gives how many. */
static unsigned flip_bits(struct history *history, unsigned last, bool newer, unsigned count)
{
    int slot = newer ? history->current[last] : !history->current[last];
    unsigned shown = newer ? last - 1 : last, done = 0;
    uint64_t stride = count >= NODE_BITS ? 1 : NODE_BITS / count;
    uint8_t *node = history->slots[last][slot];
    put_commit(history, last);
    check_nodes(history, last, -1);
    for (uint64_t bit = 0; bit < NODE_BITS; bit += stride, done++) {
        flip_bit(history, slot, node, bit);
        check_refused(history, node);
        if (done % 11 == 0 || test_is_soak())
            check_nodes(history, shown, slot);
        if (done % 4001 == 0)
            check_file(history, shown, slot);
        flip_bit(history, slot, node, bit);
    }
    check_nodes(history, last, -1);
    return done;
}

static void test_every_flipped_bit_of_a_node_is_seen(void **state)
{
    struct history *history = *state;
    unsigned newer = flip_bits(history, COMMITS - 1, true, test_scaled(NODE_BITS));
    unsigned older =
        flip_bits(history, COMMITS - 2, false, test_is_soak() ? NODE_BITS : test_scaled(NODE_LEN));
    print_message("%u flipped bits of the newer node, %u of the older: 0 undetected\n", newer,
                  older);
}

/* ---- Mixes ---- */

/* The bytes of the new node that reached the file: what a writer, a disk or a copy may leave. */
static void mix_range(struct rng *rng, uint8_t *mix, const uint8_t *new_node, size_t unit)
{
    size_t units = NODE_LEN / unit;
    size_t first = (size_t)rng_below(rng, units + 1), last = (size_t)rng_below(rng, units + 1);
    switch (rng_below(rng, 3)) {
    case 0: /* its beginning */
        first = 0;
        break;
    case 1: /* its end */
        last = units;
        break;
    default: /* its middle */
        break;
    }
    if (first < last)
        memcpy(mix + first * unit, new_node + first * unit, (last - first) * unit);
}

/* Each unit by itself. */
static void mix_units(struct rng *rng, uint8_t *mix, const uint8_t *new_node, size_t unit)
{
    unsigned percent = 1 + (unsigned)rng_below(rng, 99);
    for (size_t at = 0; at < NODE_LEN; at += unit)
        if (rng_chance(rng, percent))
            memcpy(mix + at, new_node + at, unit);
}

struct mix_figures {
    unsigned bad, as_new, as_old, opened;
};

/* The commit `next` is under way over the one before; its node's place holds this. */
static void check_mix(struct history *history, unsigned next, const uint8_t *mix, bool open,
                      struct mix_figures *figures)
{
    int slot = history->current[next];
    bool as_new = memcmp(mix, history->slots[next][slot], NODE_LEN) == 0;
    bool as_old = memcmp(mix, history->slots[next - 1][slot], NODE_LEN) == 0;
    unsigned shown = as_new ? next : next - 1;
    int bad_slot = as_new || as_old ? -1 : slot;
    figures->as_new += as_new;
    figures->as_old += as_old;
    figures->bad += bad_slot >= 0;
    put_slot(history, slot, mix);
    check_nodes(history, shown, bad_slot);
    if (!open)
        return;
    figures->opened++;
    check_file(history, shown, bad_slot);
    check_commit(history, shown);
}

/* So many mixes of the node of commit `next` and the one whose place it takes. */
static void check_mixes(struct history *history, struct rng *rng, unsigned next, unsigned count,
                        struct mix_figures *figures)
{
    static const size_t units[] = {512, 512, 4096, 1};
    int slot = history->current[next];
    uint8_t *mix = test_bytes(NODE_LEN);
    put_commit(history, next - 1);
    for (unsigned i = 0; i < count; i++) {
        size_t unit = units[rng_below(rng, 4)];
        memcpy(mix, history->slots[next - 1][slot], NODE_LEN);
        if (unit == 1 || rng_chance(rng, 70))
            mix_range(rng, mix, history->slots[next][slot], unit);
        else
            mix_units(rng, mix, history->slots[next][slot], unit);
        check_mix(history, next, mix, i % OPEN_EVERY == 0, figures);
    }
    free(mix);
}

static void test_every_torn_node_is_seen(void **state)
{
    struct history *history = *state;
    uint64_t seed = test_seed(1);
    struct rng rng = {seed};
    struct mix_figures figures = {0};
    unsigned count = test_scaled(MIXES) / (COMMITS - 1) + 1;
    for (unsigned next = 1; next < COMMITS; next++)
        check_mixes(history, &rng, next, count, &figures);
    count *= COMMITS - 1;
    print_message("%u torn nodes (seed %llu), 0 undetected: %u bad, %u as the new one, %u as the "
                  "old one; %u times the file was opened, read and written\n",
                  count, (unsigned long long)seed, figures.bad, figures.as_new, figures.as_old,
                  figures.opened);
    assert_true(figures.bad > count / 2);
}

/* ---- Both ---- */

static void damage(struct history *history, struct rng *rng, int slot)
{
    uint8_t bytes[600];
    size_t len = 1 + (size_t)rng_below(rng, sizeof bytes);
    uint64_t at = rng_below(rng, NODE_LEN - len);
    const uint8_t *node = history->slots[COMMITS - 1][slot] + at;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(node[i] ^ (1 + rng_below(rng, 255)));
    mem_disk_poke(history->test->disk, MEM_PATH, history->header.node_pos[slot] + at, bytes, len);
}

static void test_two_bad_nodes_are_damage(void **state)
{
    struct history *history = *state;
    struct rng rng = {test_seed(2)};
    unsigned count = test_scaled(BOTH_BAD);
    for (unsigned i = 0; i < count; i++) {
        capf_file *file = NULL;
        put_commit(history, COMMITS - 1);
        damage(history, &rng, 0);
        damage(history, &rng, 1);
        enum capf_access access = i % 2 == 0 ? CAPF_READ : CAPF_WRITE;
        must_be(CAPF_DAMAGED,
                capf_open(MEM_PATH, access, &history->test->options, &file, &test_err));
        assert_non_null(strstr(test_err.text, "neither master node is good"));
    }
    print_message("%u files with two bad nodes: none was opened\n", count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_flipped_bit_of_a_node_is_seen),
        TEST(test_every_torn_node_is_seen),
        TEST(test_two_bad_nodes_are_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
