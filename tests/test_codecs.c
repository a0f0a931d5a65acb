/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files written with every codec, level, kind of stream and odd geometry pass
 * capcheck.py, which reads the format on its own. Skipped without python3.
 */
#include "tests/support/test.h"

#include "tests/support/fixture.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 128
#define COMMAND_LEN (FILES_MAX * SCRATCH_PATH)

enum way { WAY_WHOLE, WAY_KNOWN, WAY_UNKNOWN, WAY_MIXED, WAY_COUNT };

struct written {
    char path[SCRATCH_PATH];
    uint64_t records;
    uint32_t crc;
};

static struct written files[FILES_MAX];
static unsigned file_count;

static void append(capf_file *file, const uint8_t *data, size_t len, enum way way, struct rng *rng)
{
    uint64_t recno;
    if (way == WAY_MIXED)
        way = (enum way)rng_below(rng, WAY_MIXED);
    if (way == WAY_WHOLE) {
        must(capf_append(file, data, len, &recno, &test_err));
        return;
    }
    must(capf_append_begin(file, way == WAY_KNOWN ? len : CAPF_UNKNOWN_LENGTH, &test_err));
    for (size_t done = 0; done < len;) {
        size_t piece = 1 + (size_t)rng_below(rng, len - done);
        must(capf_append_data(file, data + done, piece, &test_err));
        done += piece;
    }
    must(capf_append_end(file, &recno, &test_err));
}

static size_t pick_len(struct rng *rng, uint32_t block_size)
{
    if (rng_chance(rng, 4))
        return (size_t)rng_below(rng, 4ull * block_size);
    if (rng_chance(rng, 4))
        return block_size - 6 + (size_t)rng_below(rng, 6);
    return (size_t)rng_below(rng, 100);
}

static void write_records(capf_file *file, struct written *written, uint32_t block_size,
                          enum way way)
{
    struct rng rng = {file_count};
    uint8_t *data = test_bytes(4ull * block_size);
    for (unsigned i = 0; i < 400; i++) {
        size_t len = pick_len(&rng, block_size);
        test_fill(data, len, rng_next(&rng), (unsigned)rng_below(&rng, 101));
        append(file, data, len, way, &rng);
        written->crc = fixture_crc_add(written->crc, data, len);
        written->records++;
        if (rng_chance(&rng, 5))
            must(capf_set_meta(file, data, len, &test_err));
        if (rng_chance(&rng, 5))
            must(capf_commit(file, &test_err));
    }
    must(capf_commit(file, &test_err));
    append(file, data, 4ull * block_size, way, &rng);
    free(data);
}

static void write_file(struct capf_creation creation, bool zlib_only, int level, enum way way)
{
    struct written *written = &files[file_count++];
    struct capf_options options = {
        .durability = CAPF_DURABLE_NONE, .zlib_only = zlib_only, .level = level};
    capf_file *file;
    char name[40];
    assert_true(file_count <= FILES_MAX);
    snprintf(name, sizeof name, "codec-%u.capture", file_count);
    *written = (struct written){0};
    snprintf(written->path, sizeof written->path, "%s", scratch_path(name));
    must(capf_create(written->path, &creation, &options, &file, NULL, &test_err));
    write_records(file, written, creation.block_size, way);
    capf_close(file);
}

/* Runs capcheck.py over all files, and compares what it says with what was written. */
static void check_files(void)
{
    char *command = test_bytes(COMMAND_LEN), line[1024];
    const char *source = getenv("SRCDIR");
    int len = snprintf(command, COMMAND_LEN, "python3 '%s/tests/capcheck.py'",
                       source == NULL ? "." : source);
    for (unsigned i = 0; i < file_count; i++)
        len += snprintf(command + len, (size_t)(COMMAND_LEN - len), " '%s'", files[i].path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    unsigned lines = 0;
    for (; lines < file_count && fgets(line, sizeof line, pipe) != NULL; lines++) {
        char expected[80];
        snprintf(expected, sizeof expected, "\tok\t%llu\t%08x\t",
                 (unsigned long long)files[lines].records, (unsigned)files[lines].crc);
        if (strstr(line, expected) == NULL)
            fail_msg("%s: expected%s, not %s", files[lines].path, expected, line);
    }
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(lines, file_count);
    print_message("%u files passed capcheck.py\n", file_count);
    free(command);
    file_count = 0;
}

static int forget_files(void **state)
{
    (void)state;
    file_count = 0;
    return 0;
}

static bool no_python(void)
{
    return system("python3 -c 'import zlib' >/dev/null 2>&1") != 0;
}

static void test_every_codec_and_level_follows_the_format(void **state)
{
    (void)state;
    struct capf_creation creation = {
        .how = CAPF_REPLACE, .page_size = 512, .block_size = 2048, .fan_out = 8};
    if (no_python())
        skip();
    for (int level = 0; level <= 9; level++)
        for (int zlib_only = 0; zlib_only < 2; zlib_only++)
            for (int way = 0; way < (level == 0 ? WAY_COUNT : 1); way++)
                write_file(creation, zlib_only != 0, level, level == 0 ? (enum way)way : WAY_MIXED);
    check_files();
}

static void test_odd_geometries_follow_the_format(void **state)
{
    (void)state;
    static const struct {
        uint32_t page, block, fan;
    } shapes[] = {
        {200, 200, 2},    {200, 1000, 3},     {300, 300, 5},
        {512, 512, 17},   {1024, 4096, 32},   {777, 777, 40},
        {1024, 65536, 2}, {4096, 32768, 313}, {65536, 65536, 4000},
    };
    if (no_python())
        skip();
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct capf_creation creation = {.how = CAPF_REPLACE,
                                         .page_size = shapes[i].page,
                                         .block_size = shapes[i].block,
                                         .fan_out = shapes[i].fan,
                                         .meta = "m",
                                         .meta_len = 1};
        write_file(creation, i % 2 == 0, 0, WAY_MIXED);
    }
    check_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_codec_and_level_follows_the_format, forget_files),
        cmocka_unit_test_setup(test_odd_geometries_follow_the_format, forget_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
