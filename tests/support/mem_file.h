/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The usual set-up of core's tests: a disk in memory with one path on it,
 * default options, and short forms of the calls that every test makes. All of
 * them must succeed.
 */
#ifndef TESTS_MEM_FILE_H
#define TESTS_MEM_FILE_H

#include "tests/support/test.h"

#include "tests/support/mem_io.h"

#define MEM_PATH "/m.capture"

struct mem_file_test {
    struct mem_disk *disk;
    struct capf_options options;
};

/* Set-up and teardown for cmocka; the state is a struct mem_file_test. */
int mem_test_begin(void **state);
int mem_test_end(void **state);

/* Creates MEM_PATH anew (0: the default). */
capf_file *mem_create(struct mem_file_test *test, uint32_t page_size, uint32_t block_size,
                      uint32_t fan_out);
capf_file *mem_open_write(struct mem_file_test *test);
capf_file *mem_open_read(struct mem_file_test *test);

/* Appends text; gives its number. */
uint64_t mem_append(capf_file *file, const char *text);

/* Record N is "record N": appends so many, and checks that all of a file's are. */
void mem_append_numbered(capf_file *file, uint64_t count);
void mem_check_numbered(capf_file *file, uint64_t count);

/* The record is that text. */
void mem_check_text(capf_file *file, uint64_t recno, const char *text);

struct capf_info mem_info(capf_file *file);

#endif
