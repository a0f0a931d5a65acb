/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Creating files and opening them to write: what each mode does with what is
 * there already, geometry and options that are refused, and that nothing is
 * left behind.
 */
#include "tests/support/mem_file.h"

#include <stdlib.h>
#include <string.h>

#define LINK_PATH "/link.capture"

static const struct capf_creation create_new = {.how = CAPF_CREATE_NEW};

/* capf_create with only `how` set, and metadata "first". */
static capf_file *create(struct mem_file_test *test, const char *path, enum capf_how how,
                         bool *created)
{
    struct capf_creation creation = {.how = how, .meta = "first", .meta_len = 5};
    capf_file *file = NULL;
    must(capf_create(path, &creation, &test->options, &file, created, &test_err));
    return file;
}

/* Closes MEM_PATH after it was written with this record and metadata. */
static void write_file(struct mem_file_test *test, const char *record, const char *meta)
{
    capf_file *file = mem_create(test, 0, 0, 0);
    mem_append(file, record);
    must(capf_set_meta(file, meta, strlen(meta), &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void check_meta(capf_file *file, const char *text)
{
    struct capf_bytes meta;
    must(capf_get_meta(file, &meta, &test_err));
    if (text == NULL)
        assert_null(meta.data);
    else
        must_hold(meta, text, strlen(text));
}

static void test_new_file_is_complete_and_empty(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    bool created = false;
    size_t len;
    must(capf_create(MEM_PATH, NULL, &test->options, &file, &created, &test_err));
    assert_true(created);
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    assert_int_equal(len, 100 * 4096);
    free(bytes);
    struct capf_info info = mem_info(file);
    assert_int_equal(info.page_size, CAPF_PAGE_SIZE);
    assert_int_equal(info.block_size, CAPF_BLOCK_SIZE);
    assert_int_equal(info.fan_out, CAPF_FAN_OUT);
    assert_int_equal(info.serial, 2);
    assert_true(info.writable && !info.pending);
    assert_true(info.node[0].good && info.node[1].good);
    assert_int_equal(info.node[0].serial, 2);
    assert_int_equal(info.node[1].serial, 1);
    assert_int_equal(info.file_limit, 86016);
    check_meta(file, NULL);
    capf_close(file);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

static void test_new_is_refused_when_taken(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    bool created = false;
    write_file(test, "kept", "meta");
    must_be(CAPF_EXISTS,
            capf_create(MEM_PATH, &create_new, &test->options, &file, &created, &test_err));
    assert_null(file);
    file = mem_open_read(test);
    mem_check_text(file, 1, "kept");
    capf_close(file);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

static void test_new_is_refused_when_taken_by_something_else(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    mem_disk_put(test->disk, MEM_PATH, "no capture file", 15);
    must_be(CAPF_EXISTS,
            capf_create(MEM_PATH, &create_new, &test->options, &file, NULL, &test_err));
    mem_disk_symlink(test->disk, "/nowhere", LINK_PATH);
    must_be(CAPF_EXISTS,
            capf_create(LINK_PATH, &create_new, &test->options, &file, NULL, &test_err));
}

static void test_open_or_create_creates_with_metadata(void **state)
{
    struct mem_file_test *test = *state;
    bool created = false;
    capf_file *file = create(test, MEM_PATH, CAPF_OPEN_OR_CREATE, &created);
    assert_true(created);
    check_meta(file, "first");
    capf_close(file);
    file = mem_open_read(test);
    check_meta(file, "first");
    capf_close(file);
}

static void test_open_or_create_ignores_metadata_when_it_opens(void **state)
{
    struct mem_file_test *test = *state;
    bool created = true;
    write_file(test, "kept", "old meta");
    capf_file *file = create(test, MEM_PATH, CAPF_OPEN_OR_CREATE, &created);
    assert_false(created);
    check_meta(file, "old meta");
    mem_check_text(file, 1, "kept");
    assert_int_equal(mem_append(file, "more"), 2);
    capf_close(file);
}

static void test_open_or_create_refuses_what_is_no_capture_file(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_OPEN_OR_CREATE};
    capf_file *file = NULL;
    size_t len;
    mem_disk_put(test->disk, MEM_PATH, "a letter", 8);
    must_be(CAPF_NOT_CAPTURE,
            capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    uint8_t *bytes = mem_disk_copy(test->disk, MEM_PATH, &len);
    assert_int_equal(len, 8);
    free(bytes);
}

static void test_empty_metadata_is_not_none(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_CREATE_NEW, .meta = "", .meta_len = 0};
    capf_file *file = NULL;
    must(capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    check_meta(file, "");
    must(capf_clear_meta(file, &test_err));
    check_meta(file, NULL);
    must(capf_set_meta(file, "", 0, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    check_meta(file, "");
    capf_close(file);
}

static void test_large_initial_metadata(void **state)
{
    struct mem_file_test *test = *state;
    size_t len = 200000;
    uint8_t *meta = test_bytes(len);
    test_fill(meta, len, 5, 100);
    struct capf_creation creation = {
        .how = CAPF_CREATE_NEW, .page_size = 64, .block_size = 128, .fan_out = 2};
    creation.meta = meta;
    creation.meta_len = len;
    capf_file *file = NULL;
    struct capf_bytes got;
    must(capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    must(capf_get_meta(file, &got, &test_err));
    must_hold(got, meta, len);
    capf_close(file);
    free(meta);
}

static void test_replace_makes_an_empty_file_and_keeps_the_mode(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_io_stat before, after;
    bool created = false;
    write_file(test, "old", "old meta");
    mem_disk_chmod(test->disk, MEM_PATH, 0600);
    capf_file *reader = mem_open_read(test);
    test->options.io->stat_path(test->options.io->ctx, MEM_PATH, &before);
    capf_file *file = create(test, MEM_PATH, CAPF_REPLACE, &created);
    test->options.io->stat_path(test->options.io->ctx, MEM_PATH, &after);
    assert_true(created);
    assert_int_equal(capf_file_count(file), 0);
    check_meta(file, "first");
    assert_int_not_equal(before.inode, after.inode);
    assert_int_equal(after.mode, 0600);
    mem_check_text(reader, 1, "old");
    capf_close(file);
    capf_close(reader);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

static void test_replace_refuses_a_locked_file(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_creation creation = {.how = CAPF_REPLACE};
    capf_file *file = NULL;
    write_file(test, "old", "meta");
    capf_file *writer = mem_open_write(test);
    must_be(CAPF_LOCKED, capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    mem_check_text(writer, 1, "old");
    mem_append(writer, "still mine");
    must(capf_commit(writer, &test_err));
    capf_close(writer);
    file = mem_open_read(test);
    mem_check_text(file, 2, "still mine");
    capf_close(file);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

static void test_replace_follows_a_symlink(void **state)
{
    struct mem_file_test *test = *state;
    bool created = false;
    write_file(test, "old", "meta");
    mem_disk_symlink(test->disk, MEM_PATH, LINK_PATH);
    capf_file *file = create(test, LINK_PATH, CAPF_REPLACE, &created);
    capf_close(file);
    file = mem_open_read(test);
    assert_int_equal(capf_file_count(file), 0);
    capf_close(file);
    char real[64];
    assert_int_equal(test->options.io->real_path(test->options.io->ctx, LINK_PATH, real, 64), 0);
    assert_string_equal(real, MEM_PATH);
}

static void test_a_symlink_is_the_same_file(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *second = NULL;
    write_file(test, "old", "meta");
    mem_disk_symlink(test->disk, MEM_PATH, LINK_PATH);
    capf_file *first = mem_open_write(test);
    must_be(CAPF_LOCKED, capf_open(LINK_PATH, CAPF_WRITE, &test->options, &second, &test_err));
    capf_close(first);
    must(capf_open(LINK_PATH, CAPF_WRITE, &test->options, &second, &test_err));
    capf_close(second);
}

/* Without unnamed files a temporary name is used, and gone afterwards. */
static void test_creating_leaves_no_temporary_name(void **state)
{
    struct mem_file_test *test = *state;
    mem_disk_limits(test->disk)->no_unnamed = true;
    capf_file *file = create(test, MEM_PATH, CAPF_CREATE_NEW, NULL);
    capf_close(file);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
    file = create(test, MEM_PATH, CAPF_REPLACE, NULL);
    capf_close(file);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
    file = create(test, MEM_PATH, CAPF_OPEN_OR_CREATE, NULL);
    capf_close(file);
    must_be(CAPF_EXISTS,
            capf_create(MEM_PATH, &create_new, &test->options, &file, NULL, &test_err));
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

static void test_no_space_for_a_new_file_leaves_nothing(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    mem_disk_limits(test->disk)->space = 60000;
    for (int unnamed = 0; unnamed < 2; unnamed++) {
        mem_disk_limits(test->disk)->no_unnamed = unnamed == 0;
        must_be(CAPF_NO_SPACE,
                capf_create(MEM_PATH, &create_new, &test->options, &file, NULL, &test_err));
        assert_int_equal(mem_disk_name_count(test->disk), 0);
    }
}

static void test_what_is_not_regular_is_refused(void **state)
{
    struct mem_file_test *test = *state;
    static const enum capf_io_kind kinds[] = {CAPF_IO_DIRECTORY, CAPF_IO_OTHER};
    static const char *const paths[] = {"/folder", "/fifo"};
    for (unsigned i = 0; i < 2; i++) {
        struct capf_creation creation = {.how = CAPF_OPEN_OR_CREATE};
        capf_file *file = NULL;
        const char *path = paths[i];
        mem_disk_make(test->disk, path, kinds[i]);
        must_be(CAPF_NOT_REGULAR, capf_open(path, CAPF_READ, &test->options, &file, &test_err));
        must_be(CAPF_NOT_REGULAR, capf_open(path, CAPF_WRITE, &test->options, &file, &test_err));
        must_be(CAPF_NOT_REGULAR,
                capf_create(path, &creation, &test->options, &file, NULL, &test_err));
        creation.how = CAPF_REPLACE;
        must_be(CAPF_NOT_REGULAR,
                capf_create(path, &creation, &test->options, &file, NULL, &test_err));
    }
    assert_int_equal(mem_disk_name_count(test->disk), 2);
}

static void test_no_such_file(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    must_be(CAPF_NO_FILE, capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    must_be(CAPF_NO_FILE, capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    assert_int_equal(mem_disk_name_count(test->disk), 0);
}

static void test_illegal_geometry_is_refused(void **state)
{
    struct mem_file_test *test = *state;
    static const struct {
        uint32_t page, block, fan;
    } bad[] = {
        {63, 63, 2},                        /* page too small */
        {(1 << 20) + 1, (1 << 20) + 1, 32}, /* page too large */
        {4096, 4095, 32},                   /* not a multiple */
        {4096, 6144, 32},
        {4096, 17 << 20, 32}, /* block too large to create */
        {4096, 32768, 1},     /* fan-out */
        {4096, 32768, 65537},
        {64, 64, 32},      /* 31 children do not fit into the page */
        {4096, 4096, 314}, /* 313 do not: (4096 - 36) / 13 is 312 */
        {4096, 4096, 4000},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct capf_creation creation = {.how = CAPF_CREATE_NEW,
                                         .page_size = bad[i].page,
                                         .block_size = bad[i].block,
                                         .fan_out = bad[i].fan};
        capf_file *file = NULL;
        must_be(CAPF_ARGUMENT,
                capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    }
    assert_int_equal(mem_disk_name_count(test->disk), 0);
}

static void test_extreme_geometry_is_taken(void **state)
{
    struct mem_file_test *test = *state;
    static const struct {
        uint32_t page, block, fan;
    } good[] = {
        {64, 64, 2},          {64, 64, 3},
        {4096, 4096, 313},    {1 << 20, 1 << 20, 65536},
        {4096, 16 << 20, 32}, {1 << 20, 16 << 20, 2},
        {65, 65, 2},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        capf_file *file = mem_create(test, good[i].page, good[i].block, good[i].fan);
        mem_append(file, "one");
        must(capf_commit(file, &test_err));
        capf_close(file);
        file = mem_open_read(test);
        mem_check_text(file, 1, "one");
        capf_close(file);
    }
}

/* Page 64 holds two children: what 4 records need, 11 in base 3; 5 need three, 12 in base 3. */
static void test_index_that_fills_the_page_refuses_the_append(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = mem_create(test, 64, 64, 3);
    uint64_t recno = 99;
    mem_append_numbered(file, 4);
    must_be(CAPF_TOO_LARGE, capf_append(file, "x", 1, &recno, &test_err));
    must_be(CAPF_TOO_LARGE, capf_append(file, "", 0, &recno, &test_err));
    assert_int_equal(recno, 99);
    must(capf_commit(file, &test_err));
    mem_check_numbered(file, 4);
    capf_close(file);
    file = mem_open_write(test);
    must_be(CAPF_TOO_LARGE, capf_append(file, "x", 1, &recno, &test_err));
    must(capf_set_meta(file, "fits", 4, &test_err));
    must(capf_commit(file, &test_err));
    mem_check_numbered(file, 4);
    capf_close(file);
}

static void test_wrong_options_are_refused(void **state)
{
    struct mem_file_test *test = *state;
    capf_file *file = NULL;
    write_file(test, "a", "b");
    struct capf_options options = test->options;
    options.level = 10;
    must_be(CAPF_ARGUMENT, capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err));
    options.level = -1;
    must_be(CAPF_ARGUMENT, capf_open(MEM_PATH, CAPF_WRITE, &options, &file, &test_err));
    options = test->options;
    options.which = CAPF_PREVIOUS;
    must_be(CAPF_ARGUMENT, capf_open(MEM_PATH, CAPF_WRITE, &options, &file, &test_err));
    options = test->options;
    options.level = 10;
    must_be(CAPF_ARGUMENT, capf_create("/new", NULL, &options, &file, NULL, &test_err));
    assert_null(file);
}

static void test_a_reader_writes_nothing(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_receipt receipt;
    uint64_t recno;
    write_file(test, "a", "b");
    capf_file *file = mem_open_read(test);
    must_be(CAPF_NOT_WRITABLE, capf_append(file, "x", 1, &recno, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_append_begin(file, 1, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_set_meta(file, "x", 1, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_clear_meta(file, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_commit(file, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_rollback(file, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_commit_prepare(file, &receipt, &test_err));
    must_be(CAPF_NOT_WRITABLE, capf_commit_finish(file, &test_err));
    capf_close(file);
    capf_close(NULL);
}

static void test_every_status_has_a_name(void **state)
{
    (void)state;
    for (int i = CAPF_OK; i <= CAPF_ARGUMENT; i++) {
        const char *name = capf_status_name((enum capf_status)i);
        assert_true(strncmp(name, "CAPF_", 5) == 0);
        for (int k = CAPF_OK; k < i; k++)
            assert_string_not_equal(name, capf_status_name((enum capf_status)k));
    }
    assert_non_null(capf_status_name((enum capf_status)999));
    assert_true(strlen(capf_version()) >= 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_file_is_complete_and_empty),
        TEST(test_new_is_refused_when_taken),
        TEST(test_new_is_refused_when_taken_by_something_else),
        TEST(test_open_or_create_creates_with_metadata),
        TEST(test_open_or_create_ignores_metadata_when_it_opens),
        TEST(test_open_or_create_refuses_what_is_no_capture_file),
        TEST(test_empty_metadata_is_not_none),
        TEST(test_large_initial_metadata),
        TEST(test_replace_makes_an_empty_file_and_keeps_the_mode),
        TEST(test_replace_refuses_a_locked_file),
        TEST(test_replace_follows_a_symlink),
        TEST(test_a_symlink_is_the_same_file),
        TEST(test_creating_leaves_no_temporary_name),
        TEST(test_no_space_for_a_new_file_leaves_nothing),
        TEST(test_what_is_not_regular_is_refused),
        TEST(test_no_such_file),
        TEST(test_illegal_geometry_is_refused),
        TEST(test_extreme_geometry_is_taken),
        TEST(test_index_that_fills_the_page_refuses_the_append),
        TEST(test_wrong_options_are_refused),
        TEST(test_a_reader_writes_nothing),
        TEST(test_every_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
