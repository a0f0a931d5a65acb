/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The capture files of tests/data, and what manifest.tsv and samples.tsv say
 * of them.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "capf.h"
#include "tests/support/mem_io.h"

#define FIXTURES_MAX 128

struct fixture {
    char name[48];
    enum capf_status opens; /* CAPF_OK, or how opening it fails; below: only for CAPF_OK */
    uint64_t records;
    uint32_t crc; /* chained over u32 length and bytes of each record */
    bool has_meta;
    uint64_t meta_len;
    uint32_t meta_crc;
    uint32_t page_size, block_size, fan_out;
    uint32_t serial;
    unsigned levels;
};

struct fixture_sample {
    char name[48];
    uint64_t recno;
    uint64_t len;
    uint32_t crc;
    uint8_t head[48];
    size_t head_len;
};

/* The path of a file in tests/data, in turn one of four buffers. */
const char *fixture_data_path(const char *file_name);

/* All rows. Both fail the test when the table cannot be read, and end where count says. */
const struct fixture *fixture_manifest(size_t *count);
const struct fixture_sample *fixture_samples(size_t *count);

/* The row of that name; fails the test when there is none. */
const struct fixture *fixture_find(const char *name);

/* A gz or plain file's content, to be freed with free(3); fails the test when there is none. */
uint8_t *fixture_inflate(const char *path, size_t *len);

/* The bytes of NAME.capture.gz: in memory (free(3)), as a file in memory, as a real file. */
uint8_t *fixture_load(const char *name, size_t *len);
void fixture_to_disk(const char *name, struct mem_disk *disk, const char *path);
void fixture_to_file(const char *name, const char *path);

/* The manifest's checksum, one record after the other; starts at 0. */
uint32_t fixture_crc_add(uint32_t crc, const void *data, size_t len);

#endif
