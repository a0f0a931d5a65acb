/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list's arithmetic: the window holds the selection, whatever is asked, up to 2^64 - 1 rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/listmodel.h"

static struct listmodel list_of(uint64_t count, uint64_t height)
{
    struct listmodel list;
    listmodel_init(&list);
    listmodel_set_height(&list, height);
    listmodel_set_count(&list, count);
    return list;
}

static void assert_window(const struct listmodel *list)
{
    assert_true(list->height >= 1);
    if (list->count == 0) {
        assert_true(list->top == 0 && list->selected == 0);
        return;
    }
    assert_true(list->top >= 1 && list->top <= list->count);
    assert_true(list->selected >= list->top && list->selected <= list->count);
    assert_true(list->selected - list->top < list->height);
    if (list->count >= list->height)
        assert_true(list->count - list->top >= list->height - 1);
    else
        assert_true(list->top == 1);
}

static void list_without_rows_has_no_selection(void **state)
{
    (void)state;
    struct listmodel list = list_of(0, 20);
    assert_false(listmodel_move_down(&list, 1));
    assert_false(listmodel_move_up(&list, 1));
    assert_false(listmodel_scroll_down(&list, 9));
    assert_false(listmodel_scroll_up(&list, 9));
    listmodel_select(&list, 7);
    assert_window(&list);
    assert_int_equal(listmodel_row_at(&list, 0), 0);
}

static void list_moves_and_stops_at_its_ends(void **state)
{
    (void)state;
    struct listmodel list = list_of(5, 3);
    assert_false(listmodel_move_up(&list, 1));
    assert_true(listmodel_move_down(&list, 3));
    assert_int_equal(list.selected, 4);
    assert_int_equal(list.top, 2);
    assert_true(listmodel_move_down(&list, 3));
    assert_int_equal(list.selected, 5);
    assert_false(listmodel_move_down(&list, 1));
    assert_int_equal(listmodel_row_at(&list, 2), 5);
    assert_int_equal(listmodel_row_at(&list, 3), 0);
}

static void list_page_keeps_the_place_on_the_screen(void **state)
{
    (void)state;
    struct listmodel list = list_of(100, 10);
    listmodel_move_down(&list, 4);
    listmodel_scroll_down(&list, 10);
    assert_int_equal(list.top, 11);
    assert_int_equal(list.selected, 15);
    listmodel_scroll_up(&list, 10);
    assert_int_equal(list.top, 1);
    assert_int_equal(list.selected, 5);
    listmodel_scroll_up(&list, 10);
    assert_int_equal(list.selected, 1);
}

static void list_shows_a_far_row_in_the_middle(void **state)
{
    (void)state;
    struct listmodel list = list_of(UINT64_MAX, 20);
    listmodel_select(&list, 1000000000000);
    assert_int_equal(list.top, 1000000000000 - 10);
    listmodel_select(&list, list.top + 20); /* the next below: the window moves by one */
    assert_int_equal(list.top, 1000000000000 - 9);
    listmodel_select(&list, UINT64_MAX);
    assert_int_equal(list.top, UINT64_MAX - 19);
    assert_window(&list);
}

static void list_keeps_the_selection_when_the_window_changes(void **state)
{
    (void)state;
    struct listmodel list = list_of(1000, 50);
    listmodel_select(&list, 500);
    listmodel_set_height(&list, 0);
    assert_window(&list);
    assert_int_equal(list.selected, 500);
    listmodel_set_height(&list, 50);
    assert_int_equal(list.selected, 500);
    listmodel_set_count(&list, 300);
    assert_int_equal(list.selected, 300);
    assert_window(&list);
}

static void list_position_is_right_at_any_size(void **state)
{
    (void)state;
    assert_int_equal(listmodel_ppm(1, 4), 250000);
    assert_int_equal(listmodel_ppm(UINT64_MAX, UINT64_MAX), 1000000);
    assert_in_range(listmodel_ppm(UINT64_MAX / 2, UINT64_MAX), 499999, 500000);
    assert_int_equal(listmodel_ppm(9, 0), 0);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void list_window_holds_over_a_random_walk(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 50; round++) {
        uint64_t count = next_random(&seed) % 3 ? next_random(&seed) % 100 : UINT64_MAX - 5;
        struct listmodel list = list_of(count, 1 + next_random(&seed) % 60);
        for (int step = 0; step < 2000; step++) {
            uint64_t amount = next_random(&seed) % 5 ? next_random(&seed) % 70 : UINT64_MAX;
            switch (next_random(&seed) % 7) {
            case 0:
                listmodel_move_down(&list, amount);
                break;
            case 1:
                listmodel_move_up(&list, amount);
                break;
            case 2:
                listmodel_scroll_down(&list, amount);
                break;
            case 3:
                listmodel_scroll_up(&list, amount);
                break;
            case 4:
                listmodel_select(&list, amount);
                break;
            case 5:
                listmodel_set_height(&list, amount);
                break;
            default:
                listmodel_set_count(&list, amount);
                break;
            }
            assert_window(&list);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_without_rows_has_no_selection),
        cmocka_unit_test(list_moves_and_stops_at_its_ends),
        cmocka_unit_test(list_page_keeps_the_place_on_the_screen),
        cmocka_unit_test(list_shows_a_far_row_in_the_middle),
        cmocka_unit_test(list_keeps_the_selection_when_the_window_changes),
        cmocka_unit_test(list_position_is_right_at_any_size),
        cmocka_unit_test(list_window_holds_over_a_random_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
