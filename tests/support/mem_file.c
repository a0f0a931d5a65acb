/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The usual set-up of core's tests.
 */
#include "tests/support/mem_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mem_test_begin(void **state)
{
    struct mem_file_test *test = calloc(1, sizeof *test);
    if (test == NULL)
        return -1;
    test->disk = mem_disk_new();
    test->options.io = mem_disk_io(test->disk);
    *state = test;
    return 0;
}

int mem_test_end(void **state)
{
    struct mem_file_test *test = *state;
    unsigned open = mem_disk_open_count(test->disk);
    size_t blocks = mem_disk_memory(test->disk)->live_blocks;
    if (open != 0 || blocks != 0) {
        print_error("%u descriptors and %zu blocks of memory are left\n", open, blocks);
        return -1;
    }
    mem_disk_free(test->disk);
    free(test);
    return 0;
}

capf_file *mem_create(struct mem_file_test *test, uint32_t page_size, uint32_t block_size,
                      uint32_t fan_out)
{
    struct capf_creation creation = {
        .how = CAPF_REPLACE, .page_size = page_size, .block_size = block_size, .fan_out = fan_out};
    capf_file *file = NULL;
    must(capf_create(MEM_PATH, &creation, &test->options, &file, NULL, &test_err));
    return file;
}

capf_file *mem_open_write(struct mem_file_test *test)
{
    capf_file *file = NULL;
    must(capf_open(MEM_PATH, CAPF_WRITE, &test->options, &file, &test_err));
    return file;
}

capf_file *mem_open_read(struct mem_file_test *test)
{
    capf_file *file = NULL;
    must(capf_open(MEM_PATH, CAPF_READ, &test->options, &file, &test_err));
    return file;
}

uint64_t mem_append(capf_file *file, const char *text)
{
    uint64_t recno = 0;
    must(capf_append(file, text, strlen(text), &recno, &test_err));
    return recno;
}

void mem_append_numbered(capf_file *file, uint64_t count)
{
    uint64_t recno = capf_file_count(file), end = recno + count;
    while (recno++ < end) {
        char text[40];
        snprintf(text, sizeof text, "record %llu", (unsigned long long)recno);
        assert_int_equal(mem_append(file, text), recno);
    }
}

void mem_check_text(capf_file *file, uint64_t recno, const char *text)
{
    struct capf_bytes record;
    must(capf_get(file, recno, &record, &test_err));
    must_hold(record, text, strlen(text));
}

void mem_check_numbered(capf_file *file, uint64_t count)
{
    assert_int_equal(capf_file_count(file), count);
    for (uint64_t i = 1; i <= count; i++) {
        char text[40];
        snprintf(text, sizeof text, "record %llu", (unsigned long long)i);
        mem_check_text(file, i, text);
    }
}

struct capf_info mem_info(capf_file *file)
{
    struct capf_info info;
    must(capf_get_info(file, &info, &test_err));
    return info;
}
