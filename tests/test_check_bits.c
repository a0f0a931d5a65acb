/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flipped bits in the committed data of the Python package's files, one at a
 * time: a check finds each one that changes what the blocks inflate to. Of those
 * it does not find, zlib itself, block by block, must give the same bytes as
 * before (a bit that means nothing, such as the compression level in a zlib
 * header), or other bytes with the same Adler-32, which is a collision. The
 * three classes are counted.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/rng.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define RAW_MAX (4u << 20)

struct classes {
    uint64_t flips, found, harmless, collisions;
};

/* A fixture, and what its data are when inflated. */
struct subject {
    struct mem_file_test *test;
    uint8_t *bytes;
    size_t len;
    uint64_t start, end; /* the whole pages of the data */
    uint8_t *raw, *again;
    size_t raw_len;
};

static uint64_t get_u32(const uint8_t *p)
{
    return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
}

/* All blocks of the data that end before `end`, one behind the other; 0 when they do not follow. */
static size_t inflate_all(const struct subject *subject, uint8_t *raw)
{
    size_t total = 0;
    uint64_t pos = subject->start;
    while (pos + 4 <= subject->end) {
        uint64_t stored = get_u32(subject->bytes + pos);
        uLongf got = RAW_MAX - total;
        if (pos + 4 + stored > subject->end)
            break;
        if (uncompress(raw + total, &got, subject->bytes + pos + 4, (uLong)stored) != Z_OK)
            return 0;
        total += got;
        pos += 4 + stored;
    }
    return total;
}

static void begin_subject(struct subject *subject, struct mem_file_test *test, const char *name)
{
    const struct fixture *row = fixture_find(name);
    *subject = (struct subject){.test = test};
    subject->bytes = fixture_load(name, &subject->len);
    mem_disk_put(test->disk, MEM_PATH, subject->bytes, subject->len);
    capf_file *file = mem_open_read(test);
    struct capf_info info = mem_info(file);
    capf_close(file);
    subject->start = row->page_size + 2 * (2 * (uint64_t)row->page_size + row->block_size);
    subject->end = info.file_limit / row->page_size * row->page_size;
    subject->raw = test_bytes(RAW_MAX);
    subject->again = test_bytes(RAW_MAX);
    subject->raw_len = inflate_all(subject, subject->raw);
}

static void end_subject(struct subject *subject)
{
    free(subject->bytes);
    free(subject->raw);
    free(subject->again);
}

static void flip(struct subject *subject, uint64_t bit)
{
    uint8_t *byte = subject->bytes + subject->start + bit / 8;
    *byte ^= (uint8_t)(1u << bit % 8);
    mem_disk_poke(subject->test->disk, MEM_PATH, subject->start + bit / 8, byte, 1);
}

static void try_flip(struct subject *subject, uint64_t bit, struct classes *classes)
{
    struct capf_check_result result;
    flip(subject, bit);
    must(capf_check(MEM_PATH, NULL, &subject->test->options, &result, &test_err));
    classes->flips++;
    if (result.damage > 0) {
        classes->found++;
    } else {
        size_t len = inflate_all(subject, subject->again);
        assert_int_not_equal(len, 0); /* zlib says damaged and the check says clean */
        bool same = len == subject->raw_len && memcmp(subject->raw, subject->again, len) == 0;
        classes->harmless += same;
        classes->collisions += !same;
    }
    flip(subject, bit);
}

/* All bits of a file where there are no more than `most`, else so many at random. */
static void try_file(struct mem_file_test *test, const char *name, uint64_t most,
                     struct classes *classes)
{
    struct subject subject;
    begin_subject(&subject, test, name);
    uint64_t bits = 8 * (subject.end - subject.start);
    struct rng rng = {test_seed(1)};
    for (uint64_t i = 0; i < (bits < most ? bits : most); i++)
        try_flip(&subject, bits <= most ? i : rng_below(&rng, bits), classes);
    end_subject(&subject);
}

static void test_every_flip_that_matters_is_found(void **state)
{
    static const char *const all[] = {"fanout-1025", "metadata-replaced"};
    static const char *const some[] = {
        "small-pages", "fan-2",        "block-4096",          "reopened",
        "json-log",    "ten-thousand", "uncommitted-flushed", "sizes"};
    struct classes classes = {0};
    uint64_t most = test_is_soak() ? 200000 : test_scaled(1000);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        try_file(*state, all[i], test_is_soak() ? UINT64_MAX : test_scaled(100000), &classes);
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        try_file(*state, some[i], most, &classes);
    print_message("%llu flipped bits: %llu found, %llu change nothing, %llu collide\n",
                  (unsigned long long)classes.flips, (unsigned long long)classes.found,
                  (unsigned long long)classes.harmless, (unsigned long long)classes.collisions);
    assert_true(classes.found > classes.flips / 100 * 99);
    assert_int_equal(classes.collisions, 0); /* none of these seeds has one; Adler-32 allows it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_flip_that_matters_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
