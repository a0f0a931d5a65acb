/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Master nodes: what is encoded is decoded again, and what is wrong in a node
 * whose checksum is right is refused field by field.
 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"
#include "master.h"

#define PAGE 512u
#define BLOCK 1024u
#define FAN_OUT 4u
#define NODE_LEN (2 * PAGE + BLOCK)
#define CHILD_AT(i) (36 + 13 * (size_t)(i))

struct node {
    struct capf__header header;
    uint8_t bytes[NODE_LEN];
};

static void fill_state(struct capf__state *state, const struct capf__header *header)
{
    must(capf__state_init(state, capf_io_posix(), header->path_max, &test_err));
    state->serial = 77;
    state->limit = header->data_pos + 1000;
    state->open_len = 300;
    state->meta = (struct capf_coord){header->data_pos, 8};
    state->tail = capf__buf_new(capf_io_posix(), PAGE);
    state->open = capf__buf_new(capf_io_posix(), BLOCK);
    assert_true(state->tail != NULL && state->open != NULL);
    test_fill(state->tail->data, PAGE, 1, 100);
    test_fill(state->open->data, BLOCK, 2, 100);
    capf__path_push(&state->path, 3, (struct capf_coord){header->data_pos, 100});
    capf__path_push(&state->path, 1, (struct capf_coord){header->data_pos + 500, 20});
    capf__path_push(&state->path, 1, (struct capf_coord){state->limit, 30});
}

static int make_node(void **state)
{
    struct node *node = test_bytes(sizeof *node);
    char why[100];
    node->header = (struct capf__header){
        .version = 2, .page_size = PAGE, .block_size = BLOCK, .fan_out = FAN_OUT};
    assert_true(capf__header_derive(&node->header, why, sizeof why));
    struct capf__state content;
    fill_state(&content, &node->header);
    memset(node->bytes, 0xEE, sizeof node->bytes);
    capf__master_encode(&content, &node->header, node->bytes);
    capf__state_release(&content);
    *state = node;
    return 0;
}

static int free_node(void **state)
{
    free(*state);
    return 0;
}

static void reseal(struct node *node)
{
    capf__put_u32(node->bytes, (uint32_t)crc32_z(0, node->bytes + 4, NODE_LEN - 4));
}

static void must_refuse(struct node *node)
{
    struct capf__state decoded;
    reseal(node);
    must_be(CAPF_DAMAGED, capf__master_decode(&decoded, &node->header, capf_io_posix(),
                                              node->bytes, &test_err));
    assert_string_not_equal(test_err.text, "checksum does not match");
}

static void test_what_is_encoded_is_decoded(void **state)
{
    struct node *node = *state;
    struct capf__state want, got;
    fill_state(&want, &node->header);
    must(capf__master_decode(&got, &node->header, capf_io_posix(), node->bytes, &test_err));
    assert_int_equal(got.serial, 77);
    assert_int_equal(got.limit, want.limit);
    assert_int_equal(got.count, 16 + 2);
    assert_int_equal(got.meta.pos, want.meta.pos);
    assert_int_equal(got.path.levels, 3);
    assert_int_equal(got.path.total, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(got.path.coords[i].pos, want.path.coords[i].pos);
        assert_int_equal(got.path.coords[i].off, want.path.coords[i].off);
    }
    assert_memory_equal(got.tail->data, want.tail->data, want.limit % PAGE);
    assert_memory_equal(got.open->data, want.open->data, 300);
    capf__state_release(&want);
    capf__state_release(&got);
}

static void test_what_no_one_uses_is_zero(void **state)
{
    struct node *node = *state;
    size_t tail_len = (node->header.data_pos + 1000) % PAGE;
    for (size_t i = CHILD_AT(3); i < PAGE; i++)
        assert_int_equal(node->bytes[i], 0);
    for (size_t i = PAGE + tail_len; i < 2 * PAGE; i++)
        assert_int_equal(node->bytes[i], 0);
    for (size_t i = 2 * PAGE + 300; i < NODE_LEN; i++)
        assert_int_equal(node->bytes[i], 0);
}

static void test_every_flipped_bit_is_seen(void **state)
{
    struct node *node = *state;
    struct capf__state decoded;
    for (size_t bit = 0; bit < 8 * sizeof node->bytes; bit++) {
        node->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum capf_status status = capf__master_decode(&decoded, &node->header, capf_io_posix(),
                                                      node->bytes, &test_err);
        assert_int_equal(status, CAPF_DAMAGED);
        node->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_limit_before_the_data_is_refused(void **state)
{
    struct node *node = *state;
    capf__put_u64(node->bytes + 8, node->header.data_pos - 1);
    must_refuse(node);
    capf__put_u64(node->bytes + 8, UINT64_MAX);
    must_refuse(node);
}

static void test_a_full_open_block_is_refused(void **state)
{
    struct node *node = *state;
    capf__put_u32(node->bytes + 16, BLOCK);
    must_refuse(node);
    capf__put_u32(node->bytes + 16, UINT32_MAX);
    must_refuse(node);
}

static void test_metadata_outside_the_data_is_refused(void **state)
{
    struct node *node = *state;
    capf__put_u64(node->bytes + 20, 1);
    must_refuse(node);
    capf__put_u64(node->bytes + 20, node->header.data_pos + 1001);
    must_refuse(node);
    capf__put_u64(node->bytes + 20, node->header.data_pos + 1000); /* the open block, */
    capf__put_u32(node->bytes + 28, 300);                          /* but behind its end */
    must_refuse(node);
}

static void test_more_children_than_fit_are_refused(void **state)
{
    struct node *node = *state;
    capf__put_u32(node->bytes + 32, node->header.path_max + 1);
    must_refuse(node);
    capf__put_u32(node->bytes + 32, UINT32_MAX);
    must_refuse(node);
}

static void test_heights_out_of_order_are_refused(void **state)
{
    struct node *node = *state;
    static const uint8_t wrong[] = {0, 4, 64, 255};
    for (size_t i = 0; i < sizeof wrong; i++) { /* the first of 1, 1, 3 */
        node->bytes[CHILD_AT(0)] = wrong[i];
        must_refuse(node);
    }
}

static void test_a_full_node_in_the_path_is_refused(void **state)
{
    struct node *node = *state;
    capf__put_u32(node->bytes + 32, FAN_OUT);
    for (unsigned i = 1; i < FAN_OUT; i++)
        memcpy(node->bytes + CHILD_AT(i), node->bytes + CHILD_AT(0), 13);
    must_refuse(node);
}

static void test_children_outside_the_data_are_refused(void **state)
{
    struct node *node = *state;
    capf__put_u64(node->bytes + CHILD_AT(2) + 1, node->header.data_pos - 1);
    must_refuse(node);
    capf__put_u64(node->bytes + CHILD_AT(2) + 1, node->header.data_pos);
    capf__put_u32(node->bytes + CHILD_AT(2) + 9, BLOCK);
    must_refuse(node);
}

#define NODE_TEST(name) cmocka_unit_test_setup_teardown(name, make_node, free_node)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODE_TEST(test_what_is_encoded_is_decoded),
        NODE_TEST(test_what_no_one_uses_is_zero),
        NODE_TEST(test_every_flipped_bit_is_seen),
        NODE_TEST(test_limit_before_the_data_is_refused),
        NODE_TEST(test_a_full_open_block_is_refused),
        NODE_TEST(test_metadata_outside_the_data_is_refused),
        NODE_TEST(test_more_children_than_fit_are_refused),
        NODE_TEST(test_heights_out_of_order_are_refused),
        NODE_TEST(test_a_full_node_in_the_path_is_refused),
        NODE_TEST(test_children_outside_the_data_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
