/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rightmost path's arithmetic, held against plain counting.
 */
#include "tests/support/test.h"

#include <string.h>

#include "path.h"

#define ROOM 400

struct own_path {
    struct capf__path path;
    struct capf_coord coords[ROOM];
};

static void own_init(struct own_path *own)
{
    memset(own, 0, sizeof *own);
    own->path.coords = own->coords;
    own->path.room = ROOM;
}

/* Adds record number `recno` as an append does; a node's coordinate says which records it leads to. */
static void add_record(struct own_path *own, uint32_t fan_out, uint64_t recno)
{
    struct capf__path *path = &own->path;
    capf__path_push(path, 1, (struct capf_coord){recno, 0});
    for (unsigned h = 1; path->children[h - 1] == fan_out; h++) {
        uint64_t first = path->coords[capf__path_start(path, h)].pos;
        capf__path_pop(path, h);
        capf__path_push(path, h + 1, (struct capf_coord){first, h});
    }
}

static void check_every_record(const struct own_path *own, uint32_t fan_out, uint64_t count)
{
    uint64_t counted;
    struct capf__turn turn;
    assert_true(capf__path_count(&own->path, fan_out, &counted));
    assert_int_equal(counted, count);
    for (uint64_t i = 0; i < count; i++) {
        assert_true(capf__path_find(&own->path, fan_out, i, &turn));
        assert_int_equal(turn.at.pos + turn.rest, i + 1);
        assert_int_equal(turn.at.off, turn.height - 1);
        assert_true(turn.rest < capf__path_span(fan_out, turn.height - 1));
    }
    assert_false(capf__path_find(&own->path, fan_out, count, &turn));
}

static void check_fan_out(uint32_t fan_out, uint64_t up_to)
{
    struct own_path own;
    own_init(&own);
    for (uint64_t count = 0; count <= up_to; count++) {
        check_every_record(&own, fan_out, count);
        for (unsigned h = 1; h <= own.path.levels; h++)
            assert_true(own.path.children[h - 1] < fan_out);
        add_record(&own, fan_out, count + 1);
    }
}

static void test_every_record_is_found_at_every_count(void **state)
{
    (void)state;
    check_fan_out(2, 300);
    check_fan_out(3, 300);
    check_fan_out(5, 700);
    check_fan_out(32, 1100);
}

static void test_levels_appear_when_a_level_is_full(void **state)
{
    (void)state;
    static const struct {
        uint64_t count;
        unsigned levels;
    } rows[] = {{0, 0}, {1, 1}, {31, 1}, {32, 2}, {33, 2}, {1023, 2}, {1024, 3}, {1025, 3}};
    struct own_path own;
    own_init(&own);
    uint64_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        while (count < rows[i].count)
            add_record(&own, 32, ++count);
        assert_int_equal(own.path.levels, rows[i].levels);
    }
}

static void test_spans_stop_at_64_bits(void **state)
{
    (void)state;
    assert_int_equal(capf__path_span(32, 0), 1);
    assert_int_equal(capf__path_span(32, 10), UINT64_C(1) << 50);
    assert_int_equal(capf__path_span(2, 63), UINT64_C(1) << 63);
    assert_true(capf__path_span(2, 64) == UINT64_MAX);
    assert_true(capf__path_span(65536, 4) == UINT64_MAX);
}

static void test_a_count_beyond_64_bits_is_refused(void **state)
{
    (void)state;
    struct own_path own;
    uint64_t count;
    own_init(&own);
    own.path.levels = 13;
    own.path.children[12] = 15; /* 15 * 32^12 = 15 * 2^60 fits */
    assert_true(capf__path_count(&own.path, 32, &count));
    assert_true(count == UINT64_C(15) << 60);
    own.path.children[12] = 16;
    assert_false(capf__path_count(&own.path, 32, &count));
    own.path.children[12] = 15;
    own.path.levels = 14;
    own.path.children[13] = 1;
    assert_false(capf__path_count(&own.path, 32, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_record_is_found_at_every_count),
        cmocka_unit_test(test_levels_appear_when_a_level_is_full),
        cmocka_unit_test(test_spans_stop_at_64_bits),
        cmocka_unit_test(test_a_count_beyond_64_bits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
