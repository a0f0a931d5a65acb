/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header's bytes and the limits on its fields, by core's own functions.
 */
#include "tests/support/test.h"

#include <string.h>

#include "header.h"

static struct capf__header good_header(void)
{
    return (struct capf__header){
        .version = 2, .page_size = 4096, .block_size = 32768, .fan_out = 32};
}

static enum capf_status decode(const struct capf__header *fields, struct capf__header *out)
{
    uint8_t bytes[CAPF__HEADER_LEN];
    capf__header_encode(fields, bytes);
    return capf__header_decode(out, bytes, sizeof bytes, &test_err);
}

static void test_geometry_follows_from_the_fields(void **state)
{
    (void)state;
    struct capf__header fields = good_header(), header;
    must(decode(&fields, &header));
    assert_int_equal(header.node_len, 40960);
    assert_int_equal(header.node_pos[0], 4096);
    assert_int_equal(header.node_pos[1], 45056);
    assert_int_equal(header.data_pos, 86016);
    assert_int_equal(header.path_max, 312);
    assert_false(header.old_magic);
}

static void test_limits_are_kept_on_both_sides(void **state)
{
    (void)state;
    static const struct {
        uint32_t page, block, fan_out;
        enum capf_status status;
    } rows[] = {
        {64, 64, 2, CAPF_OK},
        {63, 63, 2, CAPF_DAMAGED},
        {1u << 20, 1u << 30, 65536, CAPF_OK},
        {(1u << 20) + 1, (1u << 20) + 1, 32, CAPF_DAMAGED},
        {64, (1u << 30) + 64, 32, CAPF_DAMAGED},
        {4096, 0, 32, CAPF_DAMAGED},
        {4096, 4097, 32, CAPF_DAMAGED},
        {4096, 4096, 1, CAPF_DAMAGED},
        {4096, 4096, 65537, CAPF_DAMAGED},
        {0, 4096, 32, CAPF_DAMAGED},
        {UINT32_MAX, UINT32_MAX, UINT32_MAX, CAPF_DAMAGED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct capf__header fields = good_header(), header;
        fields.page_size = rows[i].page;
        fields.block_size = rows[i].block;
        fields.fan_out = rows[i].fan_out;
        must_be(rows[i].status, decode(&fields, &header));
    }
}

static void test_versions_up_to_ours_are_read(void **state)
{
    (void)state;
    struct capf__header fields = good_header(), header;
    for (fields.version = 0; fields.version <= 2; fields.version++)
        must(decode(&fields, &header));
    must_be(CAPF_VERSION, decode(&fields, &header));
}

static void test_every_short_header_is_not_a_capture_file(void **state)
{
    (void)state;
    struct capf__header fields = good_header(), header;
    uint8_t bytes[CAPF__HEADER_LEN];
    capf__header_encode(&fields, bytes);
    for (size_t len = 0; len < sizeof bytes; len++)
        must_be(CAPF_NOT_CAPTURE, capf__header_decode(&header, bytes, len, &test_err));
}

static void test_every_flipped_bit_of_the_magic_is_seen(void **state)
{
    (void)state;
    struct capf__header fields = good_header(), header;
    uint8_t bytes[CAPF__HEADER_LEN];
    for (unsigned bit = 0; bit < 11 * 8; bit++) {
        capf__header_encode(&fields, bytes);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        must_be(CAPF_NOT_CAPTURE,
                capf__header_decode(&header, bytes, sizeof bytes, &test_err));
    }
}

static void test_the_old_magic_is_read_and_told(void **state)
{
    (void)state;
    struct capf__header fields = good_header(), header;
    uint8_t bytes[CAPF__HEADER_LEN];
    capf__header_encode(&fields, bytes);
    memcpy(bytes, "Web", 3);
    must(capf__header_decode(&header, bytes, sizeof bytes, &test_err));
    assert_true(header.old_magic);
}

static void test_an_index_level_must_fit_into_a_page_to_write(void **state)
{
    (void)state;
    struct capf__header header = good_header();
    char why[100];
    header.page_size = header.block_size = 64; /* room for (64 - 36) / 13 = 2 children */
    header.fan_out = 3;
    assert_true(capf__header_derive(&header, why, sizeof why));
    assert_true(capf__header_writable(&header));
    header.fan_out = 4;
    assert_true(capf__header_derive(&header, why, sizeof why));
    assert_false(capf__header_writable(&header));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geometry_follows_from_the_fields),
        cmocka_unit_test(test_limits_are_kept_on_both_sides),
        cmocka_unit_test(test_versions_up_to_ours_are_read),
        cmocka_unit_test(test_every_short_header_is_not_a_capture_file),
        cmocka_unit_test(test_every_flipped_bit_of_the_magic_is_seen),
        cmocka_unit_test(test_the_old_magic_is_read_and_told),
        cmocka_unit_test(test_an_index_level_must_fit_into_a_page_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
