/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every script of tests/data gives, byte for byte, the file that the Python
 * implementation wrote with it; records streamed with their length known give
 * the same bytes, and other codecs and unknown lengths the same content.
 * The program `replay` is run too, on good scripts and on bad ones.
 */
#include "tests/support/test.h"

#include "tests/support/fixture.h"
#include "tests/support/ops.h"
#include "tests/support/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define PATH "/r.capture"
#define SUFFIX ".ops.gz"

/* Runs a check on every script, by the name of its fixture. */
static void each_script(void (*check)(const char *name, const char *ops_path))
{
    DIR *folder = opendir(fixture_data_path(""));
    unsigned seen = 0;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len < sizeof SUFFIX || strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(len - strlen(SUFFIX)), entry->d_name);
        check(name, fixture_data_path(entry->d_name));
        seen++;
    }
    closedir(folder);
    assert_true(seen >= 22);
}

static void replay_in_memory(struct mem_disk *disk, const char *ops_path, bool zlib_only,
                             enum replay_how how)
{
    struct replay replay = {
        .path = PATH,
        .options = {.io = mem_disk_io(disk), .zlib_only = zlib_only},
        .how = how,
        .rng = {7},
    };
    char why[256];
    if (replay_script(&replay, ops_path, why, sizeof why) != 0)
        fail_msg("%s: %s", ops_path, why);
}

static void compare_bytes(const char *name, const uint8_t *got, size_t got_len)
{
    size_t len, at = 0;
    uint8_t *want = fixture_load(name, &len);
    while (at < len && at < got_len && want[at] == got[at])
        at++;
    if (at != len || len != got_len)
        fail_msg("%s: %zu bytes, not %zu; they differ from byte %zu", name, got_len, len, at);
    free(want);
}

static void check_bytes(const char *name, const char *ops_path, enum replay_how how)
{
    struct mem_disk *disk = mem_disk_new();
    size_t len;
    replay_in_memory(disk, ops_path, true, how);
    uint8_t *got = mem_disk_copy(disk, PATH, &len);
    compare_bytes(name, got, len);
    free(got);
    assert_int_equal(mem_disk_name_count(disk), 1);
    mem_disk_free(disk);
}

static void check_whole_bytes(const char *name, const char *ops_path)
{
    check_bytes(name, ops_path, REPLAY_WHOLE);
}

static void test_scripts_give_the_fixtures_bytes(void **state)
{
    (void)state;
    each_script(check_whole_bytes);
}

static void check_piece_bytes(const char *name, const char *ops_path)
{
    check_bytes(name, ops_path, REPLAY_PIECES);
}

static void test_streams_of_known_length_give_the_same_bytes(void **state)
{
    (void)state;
    each_script(check_piece_bytes);
}

/* Reads the replayed file and compares it with the fixture's row. */
static void compare_content(const char *name, struct mem_disk *disk)
{
    const struct fixture *row = fixture_find(name);
    struct capf_options options = {.io = mem_disk_io(disk)};
    capf_file *file;
    struct capf_bytes bytes;
    struct capf_info info;
    uint32_t crc = 0;
    must(capf_open(PATH, CAPF_READ, &options, &file, &test_err));
    assert_int_equal(capf_file_count(file), row->records);
    for (uint64_t i = 1; i <= row->records; i++) {
        must(capf_get(file, i, &bytes, &test_err));
        crc = fixture_crc_add(crc, bytes.data, bytes.len);
    }
    assert_int_equal(crc, row->crc);
    must(capf_get_meta(file, &bytes, &test_err));
    assert_int_equal(bytes.data != NULL, row->has_meta);
    assert_int_equal(crc32_z(0, bytes.data, bytes.len), row->meta_crc);
    must(capf_get_info(file, &info, &test_err));
    assert_int_equal(info.serial, row->serial);
    assert_int_equal(info.levels, row->levels);
    capf_close(file);
}

static void check_contents(const char *name, const char *ops_path)
{
    static const enum replay_how ways[] = {REPLAY_WHOLE, REPLAY_PIECES, REPLAY_PIECES_UNKNOWN};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct mem_disk *disk = mem_disk_new();
        replay_in_memory(disk, ops_path, ways[i] == REPLAY_PIECES_UNKNOWN, ways[i]);
        compare_content(name, disk);
        mem_disk_free(disk);
    }
}

static void test_any_codec_and_stream_gives_the_same_content(void **state)
{
    (void)state;
    each_script(check_contents);
}

/* Any way that transfers are cut short gives the same bytes. */
static void test_short_transfers_give_the_same_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {"small-pages", "metadata-replaced", "reopened"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mem_disk *disk = mem_disk_new();
        char ops_name[64];
        size_t len;
        mem_disk_limits(disk)->transfer = 777;
        snprintf(ops_name, sizeof ops_name, "%s" SUFFIX, names[i]);
        replay_in_memory(disk, fixture_data_path(ops_name), true, REPLAY_WHOLE);
        uint8_t *got = mem_disk_copy(disk, PATH, &len);
        compare_bytes(names[i], got, len);
        free(got);
        mem_disk_free(disk);
    }
}

/* ---- The program ---- */

/* Runs `replay`; gives its exit status and what it said on stderr. */
static int run_replay(const char *ops_path, const char *out, char *said, size_t size)
{
    char command[4 * SCRATCH_PATH];
    const char *build = getenv("BUILDDIR");
    snprintf(command, sizeof command, "'%s/tests/replay' '%s' '%s' 2>&1",
             build == NULL ? "." : build, ops_path, out);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    said[fread(said, 1, size - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_program_writes_the_fixtures_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {"quickstart", "reopened", "uncommitted-flushed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char ops_name[64], said[512];
        size_t len;
        snprintf(ops_name, sizeof ops_name, "%s" SUFFIX, names[i]);
        const char *out = scratch_path("out.capture");
        int status = run_replay(fixture_data_path(ops_name), out, said, sizeof said);
        assert_string_equal(said, "");
        assert_int_equal(status, 0);
        uint8_t *got = scratch_read(out, &len);
        assert_non_null(got);
        compare_bytes(names[i], got, len);
        free(got);
    }
}

static void test_program_takes_plain_scripts(void **state)
{
    (void)state;
    char said[512];
    size_t len;
    uint8_t *ops = fixture_inflate(fixture_data_path("binary" SUFFIX), &len);
    scratch_write(scratch_path("plain.ops"), ops, len);
    free(ops);
    const char *out = scratch_path("plain.capture");
    assert_int_equal(run_replay(scratch_path("plain.ops"), out, said, sizeof said), 0);
    uint8_t *got = scratch_read(out, &len);
    compare_bytes("binary", got, len);
    free(got);
}

static void test_program_names_the_bad_line(void **state)
{
    (void)state;
    static const struct {
        const char *script, *place;
    } bad[] = {
        {"bogus\n", "line 1:"},
        {"# c\n\nnew page=4096 block=32768 fan=32 meta=none\nadd x4\n", "line 4:"},
        {"new page=4096 block=32768 fan=32 meta=none\nadd xzz\n", "line 2:"},
        {"new page=4096 block=32768 fan=32 meta=none\nadd 41\n", "line 2:"},
        {"new page=4096 block=32768 fan=32 meta=none\nadd\n", "line 2:"},
        {"new page=4096 block=32768 fan=32 meta=none\ncommit now\n", "line 2:"},
        {"new page=4096 block=32768 meta=none\n", "line 1:"},
        {"new page=100 block=32768 fan=32 meta=none\n", "line 1:"},
        {"new page=4096 block=32768 fan=32 meta=none\nclose\nadd x41\n", "line 3:"},
        {"commit\n", "line 1:"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char said[512];
        const char *ops = scratch_path("bad.ops");
        scratch_write(ops, bad[i].script, strlen(bad[i].script));
        int status = run_replay(ops, scratch_path("bad.capture"), said, sizeof said);
        assert_int_equal(status, 1);
        assert_non_null(strstr(said, bad[i].place));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts_give_the_fixtures_bytes),
        cmocka_unit_test(test_streams_of_known_length_give_the_same_bytes),
        cmocka_unit_test(test_any_codec_and_stream_gives_the_same_content),
        cmocka_unit_test(test_short_transfers_give_the_same_bytes),
        cmocka_unit_test(test_program_writes_the_fixtures_bytes),
        cmocka_unit_test(test_program_takes_plain_scripts),
        cmocka_unit_test(test_program_names_the_bad_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
