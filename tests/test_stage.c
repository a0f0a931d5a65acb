/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is staged: kept in order, byte for byte, and forgotten only when told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/stage.h"

static void add(struct stage *stage, const char *text)
{
    stage_add(stage, text, strlen(text), STAGE_TYPED, NULL);
}

static void assert_piece(const struct stage *stage, size_t index, const char *text)
{
    char buf[64];
    size_t got = stage_read(stage, index, 0, buf, sizeof(buf));

    assert_int_equal(got, strlen(text));
    assert_int_equal(stage->pieces[index].len, strlen(text));
    assert_memory_equal(buf, text, got);
}

static void pieces_keep_their_order_when_one_is_taken_out(void **state)
{
    (void)state;
    struct stage stage;

    stage_init(&stage);
    add(&stage, "one");
    add(&stage, "two");
    add(&stage, "");
    add(&stage, "four");
    assert_int_equal(stage.total_bytes, 10);
    stage_remove(&stage, 1);
    assert_int_equal(stage.count, 3);
    assert_int_equal(stage.total_bytes, 7);
    assert_piece(&stage, 0, "one");
    assert_piece(&stage, 1, "");
    assert_piece(&stage, 2, "four");
    stage_release(&stage);
}

static void a_piece_is_a_copy_and_holds_any_byte(void **state)
{
    (void)state;
    struct stage stage;
    char bytes[] = "a\0b\n";
    char buf[8];

    stage_init(&stage);
    stage_add(&stage, bytes, 4, STAGE_FILE, "some file");
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(stage_read(&stage, 0, 1, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "\0b\n", 3);
    assert_int_equal(stage_read(&stage, 0, 4, buf, sizeof(buf)), 0);
    assert_int_equal(stage_read(&stage, 0, UINT64_MAX, buf, sizeof(buf)), 0);
    assert_string_equal(stage.pieces[0].source_name, "some file");
    stage_release(&stage);
}

static void empty_metadata_is_not_no_change_and_not_cleared(void **state)
{
    (void)state;
    struct stage stage;

    stage_init(&stage);
    assert_true(stage_is_empty(&stage));
    stage_set_meta(&stage, "", 0);
    assert_int_equal(stage.meta, STAGE_META_SET);
    assert_non_null(stage.meta_bytes);
    assert_false(stage_is_empty(&stage));
    stage_clear_meta(&stage);
    assert_int_equal(stage.meta, STAGE_META_CLEAR);
    assert_null(stage.meta_bytes);
    assert_false(stage_is_empty(&stage));
    stage_keep_meta(&stage);
    assert_true(stage_is_empty(&stage));
    stage_release(&stage);
}

static void metadata_may_be_staged_from_what_is_staged(void **state)
{
    (void)state;
    struct stage stage;

    stage_init(&stage);
    stage_set_meta(&stage, "value", 5);
    stage_set_meta(&stage, stage.meta_bytes + 1, 3);
    assert_int_equal(stage.meta_len, 3);
    assert_memory_equal(stage.meta_bytes, "alu", 3);
    stage_release(&stage);
}

static void discarding_forgets_everything_and_can_be_followed_by_more(void **state)
{
    (void)state;
    struct stage stage;

    stage_init(&stage);
    for (int i = 0; i < 100; i++)
        add(&stage, "piece");
    stage_clear_meta(&stage);
    stage_discard(&stage);
    assert_true(stage_is_empty(&stage));
    assert_int_equal(stage.total_bytes, 0);
    add(&stage, "again");
    assert_piece(&stage, 0, "again");
    stage_release(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_keep_their_order_when_one_is_taken_out),
        cmocka_unit_test(a_piece_is_a_copy_and_holds_any_byte),
        cmocka_unit_test(empty_metadata_is_not_no_change_and_not_cleared),
        cmocka_unit_test(metadata_may_be_staged_from_what_is_staged),
        cmocka_unit_test(discarding_forgets_everything_and_can_be_followed_by_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
