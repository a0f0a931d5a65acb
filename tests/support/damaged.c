/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See damaged.h. */
#include "tests/support/test.h"

#include "tests/support/damaged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"

#define SPOILT 16
#define LONG_BYTES (3u << 20)

void damaged_spoil(const char *path, uint64_t off, uint64_t len)
{
    size_t size;
    uint8_t *bytes = scratch_read(path, &size);
    assert_non_null(bytes);
    assert_true(off + len <= size);
    for (uint64_t i = off; i < off + len; i++)
        bytes[i] ^= 0x5a;
    scratch_write(path, bytes, size);
    free(bytes);
}

void damaged_fixture(const char *name, const char *path, const uint64_t *offsets)
{
    fixture_to_file(name, path);
    for (; *offsets > 0; offsets++)
        damaged_spoil(path, *offsets, SPOILT);
}

void damaged_cut(const char *name, const char *path, uint64_t size)
{
    size_t len;
    uint8_t *bytes = fixture_load(name, &len);
    assert_true(size <= len);
    scratch_write(path, bytes, (size_t)size);
    free(bytes);
}

/* Where the block of the long record, which does not compress, ends. */
static uint64_t end_of_long(capf_file *file)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    struct capf_block_info block;
    unsigned count;
    must(capf_locate(file, 4, steps, &count, &test_err));
    must(capf_get_block_info(file, steps[count - 1].at.pos, &block, &test_err));
    assert_true(block.stored > LONG_BYTES - 65536);
    return block.next;
}

void damaged_long(const char *path)
{
    struct rng rng = {4};
    capf_file *file;
    uint8_t *noise = malloc(LONG_BYTES);
    for (size_t i = 0; i < LONG_BYTES; i++)
        noise[i] = (uint8_t)rng_next(&rng);
    must(capf_create(path, NULL, NULL, &file, NULL, &test_err));
    for (unsigned recno = 1; recno <= 6; recno++) {
        char text[16];
        int len = snprintf(text, sizeof text, "record %u", recno);
        must(capf_append(file, recno == 4 ? (const void *)noise : text,
                         recno == 4 ? LONG_BYTES : (size_t)len, NULL, &test_err));
    }
    must(capf_commit(file, &test_err));
    uint64_t end = end_of_long(file);
    capf_close(file);
    damaged_spoil(path, end / CAPF_PAGE_SIZE * CAPF_PAGE_SIZE - SPOILT,
                  SPOILT); /* the rest is in the node */
    free(noise);
}
