/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The metadata value: none and empty differ, it can be read in parts whatever
 * its length, and a cursor keeps the one of its own state.
 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/mem_file.h"

static void must_be_size(capf_file *file, bool present, uint64_t size)
{
    bool got_present;
    uint64_t got_size;
    must(capf_meta_size(file, &got_present, &got_size, &test_err));
    assert_int_equal(got_present, present);
    assert_int_equal(got_size, size);
}

static void test_none_is_not_empty(void **state)
{
    capf_file *file = mem_create(*state, 0, 0, 0);
    struct capf_bytes meta;
    char byte;
    size_t got;
    must_be_size(file, false, 0);
    must(capf_meta_read(file, 0, &byte, 1, &got, &test_err));
    assert_int_equal(got, 0);
    must(capf_set_meta(file, "", 0, &test_err));
    must_be_size(file, true, 0);
    must(capf_get_meta(file, &meta, &test_err));
    assert_true(meta.data != NULL && meta.len == 0);
    must(capf_clear_meta(file, &test_err));
    must_be_size(file, false, 0);
    capf_close(file);
}

/* Of a length that stays in the open block, closes one, or is streamed. */
static void check_parts(struct mem_file_test *test, size_t len)
{
    capf_file *file = mem_create(test, 0, 0, 0);
    uint8_t *bytes = test_bytes(len), part[1000];
    test_fill(bytes, len, len, 50);
    must(capf_set_meta(file, bytes, len, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    must_be_size(file, true, len);
    for (uint64_t off = 0; off <= len; off += len / 7 + 1) {
        size_t got, want = len - off < sizeof part ? (size_t)(len - off) : sizeof part;
        must(capf_meta_read(file, off, part, sizeof part, &got, &test_err));
        assert_int_equal(got, want);
        assert_memory_equal(part, bytes + off, want);
    }
    size_t got;
    must(capf_meta_read(file, (uint64_t)len + 5, part, sizeof part, &got, &test_err));
    assert_int_equal(got, 0);
    capf_close(file);
    free(bytes);
}

static void test_parts_of_any_length(void **state)
{
    check_parts(*state, 100);
    check_parts(*state, 32768);
    check_parts(*state, 3 << 20);
}

static void test_a_cursor_keeps_its_own_metadata(void **state)
{
    capf_file *file = mem_create(*state, 0, 0, 0);
    capf_cursor *cursor;
    char part[10];
    size_t got;
    bool present;
    uint64_t size;
    must(capf_set_meta(file, "before", 6, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    must(capf_set_meta(file, "afterwards", 10, &test_err));
    must(capf_commit(file, &test_err));
    must(capf_cursor_meta_size(cursor, &present, &size, &test_err));
    assert_true(present);
    assert_int_equal(size, 6);
    must(capf_cursor_meta_read(cursor, 2, part, sizeof part, &got, &test_err));
    assert_int_equal(got, 4);
    assert_memory_equal(part, "fore", 4);
    capf_cursor_close(cursor);
    capf_close(file);
}

static void test_the_checksum_is_zlibs(void **state)
{
    (void)state;
    assert_int_equal(capf_crc32(0, "123456789", 9), 0xCBF43926); /* the check value of CRC-32 */
    assert_int_equal(capf_crc32(capf_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

#define META_TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        META_TEST(test_none_is_not_empty),
        META_TEST(test_parts_of_any_length),
        META_TEST(test_a_cursor_keeps_its_own_metadata),
        cmocka_unit_test(test_the_checksum_is_zlibs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
