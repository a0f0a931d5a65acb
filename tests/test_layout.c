/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where things stand, at every size: no two overlap, nothing is outside, something is shown. And
 * the history of jumps, which is as small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/jumps.h"
#include "app/layout.h"

#define SIDE 220

static void mark(char cells[SIDE][SIDE], const struct rect *rect, unsigned rows, unsigned cols)
{
    for (unsigned row = rect->row; row < rect->row + rect->rows; row++) {
        for (unsigned col = rect->col; col < rect->col + rect->cols; col++) {
            assert_true(row < rows && col < cols);
            assert_int_equal(cells[row][col], 0);
            cells[row][col] = 1;
        }
    }
}

static void check_layout(unsigned rows, unsigned cols, enum layout_panes panes, bool warning,
                         bool record_first)
{
    static char cells[SIDE][SIDE];
    struct layout layout = layout_compute(rows, cols, warning, panes, record_first);
    const struct rect *const rects[] = {&layout.title,   &layout.warning, &layout.list,
                                        &layout.divider, &layout.side,    &layout.record,
                                        &layout.status,  &layout.last};
    memset(cells, 0, sizeof cells);
    for (size_t i = 0; i < sizeof rects / sizeof rects[0]; i++)
        mark(cells, rects[i], rows, cols);
    assert_true(layout.list.rows + layout.record.rows > 0);
    for (unsigned row = 0; row < rows; row++)
        assert_int_equal(cells[row][0], 1);
}

static void every_size_has_a_layout(void **state)
{
    (void)state;
    static const unsigned widths[] = {1, 2, 40, 80, 159, 160, 200};
    for (unsigned rows = 1; rows < 60; rows++)
        for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
            for (int way = 0; way < 12; way++)
                check_layout(rows, widths[i], (enum layout_panes)(way % 3), way / 3 % 2 == 1,
                             way / 6 == 1);
}

static void back_and_forward_go_through_the_jumps(void **state)
{
    (void)state;
    struct jumps jumps;
    jumps_init(&jumps);
    assert_int_equal(jumps_back(&jumps, 1), 0);
    assert_int_equal(jumps_forward(&jumps, 1), 0);
    jumps_note(&jumps, 1);
    jumps_note(&jumps, 10);
    assert_int_equal(jumps_back(&jumps, 100), 10);
    assert_int_equal(jumps_back(&jumps, 10), 1);
    assert_int_equal(jumps_back(&jumps, 1), 0);
    assert_int_equal(jumps_forward(&jumps, 1), 10);
    assert_int_equal(jumps_forward(&jumps, 10), 100);
    assert_int_equal(jumps_forward(&jumps, 100), 0);
    assert_int_equal(jumps_back(&jumps, 100), 10);
    jumps_note(&jumps, 10);
    assert_int_equal(jumps_forward(&jumps, 7), 0);
    assert_int_equal(jumps_back(&jumps, 7), 10);
}

static void a_hundred_jumps_are_kept(void **state)
{
    (void)state;
    struct jumps jumps;
    jumps_init(&jumps);
    for (uint64_t row = 1; row <= 1000; row++)
        jumps_note(&jumps, row);
    uint64_t here = 1001;
    unsigned count = 0;
    for (uint64_t to; (to = jumps_back(&jumps, here)) != 0; count++)
        here = to;
    assert_in_range(count, JUMPS_MAX - 1, JUMPS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_has_a_layout),
        cmocka_unit_test(back_and_forward_go_through_the_jumps),
        cmocka_unit_test(a_hundred_jumps_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
