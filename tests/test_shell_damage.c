/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damaged files from the shell: which records cannot be read is said by number, what is good is
 * given out, and nothing of a bad record passes for a record.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/damaged.h"
#include "tests/support/fixture.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

#define ADVICE "; capscope verify says more, capscope salvage saves what can be saved\n"

static void make_log(void)
{
    damaged_fixture("json-log", scratch_path("x.capture"), (const uint64_t[]){DAMAGED_BLOCK_1, 0});
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void must_complain(const char *text)
{
    if (!strstr(program.err, text))
        fail_msg("\"%s\" does not say: %s", program.err, text);
}

/* ---- cat ---- */

static void cat_stops_at_a_damaged_record_and_says_which(void **state)
{
    (void)state;
    make_log();
    program_ends("cat x.capture 700..1000", 2);
    assert_int_equal(count_lines(program.out), 5);
    assert_string_equal(program.err, "capscope: x.capture: record 705: damaged block at 109263: "
                                     "its 7747 compressed bytes do not inflate" ADVICE);
    program_fails("cat x.capture 957",
                  "capscope: x.capture: record 957: damaged block at 109263: its 7747 compressed "
                  "bytes do not inflate" ADVICE);
    program_ends("cat x.capture 958", 0);
}

static void cat_that_keeps_going_leaves_them_out_and_counts_them(void **state)
{
    (void)state;
    make_log();
    program_ends("cat --keep-going x.capture 700..1000", 2);
    assert_int_equal(count_lines(program.out), 48);
    assert_string_equal(program.err,
                        "capscope: x.capture: records 705..957: damaged block at 109263: its 7747 "
                        "compressed bytes do not inflate\n"
                        "capscope: x.capture: 253 records could not be read: 705..957\n");
    program_ends("cat -k x.capture 1..710 900,5 950..960", 2);
    assert_int_equal(count_lines(program.out), 704 + 1 + 3);
    must_complain("15 records could not be read: 705..710, 900, 950..957\n");
    program_ends("cat -k x.capture 1..700", 0);
    assert_string_equal(program.err, "");
}

static void cat_prints_of_a_damaged_file_what_it_prints_of_a_good_one(void **state)
{
    (void)state;
    static const char *const formats[] = {"lines", "raw", "framed", "hex", "text"};
    char line[96];
    make_log();
    fixture_to_file("json-log", scratch_path("good.capture"));
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        snprintf(line, sizeof line, "cat --format %s good.capture 1..704,958..5000", formats[i]);
        program_ends(line, 0);
        size_t len = program.out_len;
        char *out = malloc(len);
        assert_non_null(out);
        memcpy(out, program.out, len);
        snprintf(line, sizeof line, "cat -k --format %s x.capture", formats[i]);
        program_ends(line, 2);
        assert_int_equal(program.out_len, len);
        assert_memory_equal(program.out, out, len);
        free(out);
    }
}

/* Every second block of a file of small ones: more places than are told. */
static void cat_tells_twenty_places_and_counts_the_others(void **state)
{
    (void)state;
    size_t len;
    fixture_to_file("small-pages", scratch_path("x.capture"));
    const struct fixture *fixture = fixture_find("small-pages");
    uint64_t start = 5 * fixture->page_size + 2 * fixture->block_size;
    free(scratch_read(scratch_path("x.capture"), &len));
    for (uint64_t at = start + 40; at + 300 < len; at += 2 * fixture->block_size)
        damaged_spoil(scratch_path("x.capture"), at, 8);
    program_ends("cat -k x.capture", 2);
    must_complain(" more like these\n");
    must_complain(" records could not be read: ");
    assert_int_equal(count_lines(program.err), 22);
}

/* Its end fails when 3 MiB are out already. */
static void a_long_record_that_fails_late_is_said_to_be_in_the_output(void **state)
{
    (void)state;
    damaged_long(scratch_path("x.capture"));
    program_ends("cat --format raw x.capture 3..5", 2);
    must_complain("record 4: damaged block at ");
    must_complain(" bytes printed belong to it");
    assert_true(program.out_len > 8 + (2u << 20));
    program_ends("cat -k x.capture", 2);
    must_complain("1 record could not be read: 4\n");
    assert_string_equal(program.out + program.out_len - 18, "record 5\nrecord 6\n");
    assert_int_equal(program.out[program.out_len - 19], '\n');
    program_ends("cat -k --format hex x.capture", 2);
    must_complain("; its first ");
    must_complain(" bytes were printed\n");
}

static void frames_are_never_broken(void **state)
{
    (void)state;
    static const char frames[] = "\0\0\0\10record 1\0\0\0\10record 2\0\0\0\10record 3"
                                 "\0\0\0\10record 5\0\0\0\10record 6";
    damaged_long(scratch_path("x.capture"));
    program_ends("cat --format framed x.capture", 2);
    assert_int_equal(program.out_len, 36);
    assert_memory_equal(program.out, frames, 36);
    program_ends("cat -k --format framed x.capture", 2);
    assert_int_equal(program.out_len, sizeof frames - 1);
    assert_memory_equal(program.out, frames, sizeof frames - 1);
    must_complain("1 record could not be read: 4\n");
}

/* ---- info ---- */

/* The block at 86,016 has the metadata too. */
static void info_says_what_it_can(void **state)
{
    (void)state;
    damaged_fixture("json-log", scratch_path("x.capture"), (const uint64_t[]){86216, 0});
    program_ends("info x.capture", 2);
    assert_non_null(strstr(program.out, "records     5,000\n"));
    assert_non_null(strstr(program.out, "metadata    cannot be read\n"));
    must_complain("capscope: x.capture: metadata: damaged block at 86016: ");
    program_ends("info --json x.capture", 2);
    assert_string_equal(program.out, "");
    damaged_cut("json-log", scratch_path("x.capture"), 146016);
    program_ends("info x.capture", 0);
    assert_non_null(strstr(program.out, "records of the sample cannot be read\n"));
    assert_non_null(strstr(program.out, "warning     cut: 91552 bytes missing"));
}

/* ---- Files that do not open ---- */

static void without_a_terminal_it_is_one_line_that_names_salvage(void **state)
{
    (void)state;
    static const char *const lines[] = {"x.capture", "info x.capture", "cat x.capture",
                                        "before x.capture", "-c 'cat 1' x.capture"};
    damaged_fixture("json-log", scratch_path("x.capture"),
                    (const uint64_t[]){DAMAGED_NODE_0, DAMAGED_NODE_1, 0});
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        program_fails(lines[i],
                      "capscope: x.capture: damaged: neither master node is good (checksum does "
                      "not match; checksum does not match)" ADVICE);
    damaged_cut("json-log", scratch_path("x.capture"), 6096);
    program_fails("x.capture",
                  "capscope: x.capture: damaged: neither master node is good (cut off after 2000 "
                  "of 40960 bytes; cut off after 0 of 40960 bytes)" ADVICE);
}

/* ---- next-damage, prev-damage ---- */

static void the_next_damage_is_a_number(void **state)
{
    (void)state;
    make_log();
    program_gives("-c next-damage x.capture", "705\n");
    program_gives("-c 'next-damage 800' x.capture", "800\n");
    program_ends("-c 'next-damage --json' x.capture", 0);
    assert_non_null(strstr(program.out, "{\"record\": 705, \"first\": 705, \"last\": 957, "));
    assert_non_null(strstr(program.out, ", \"text\": \""));
    program_gives("-c 'prev-damage $' x.capture", "705\n");
    program_gives("-c 'prev-damage 800' x.capture", "705\n");
    program_finds_nothing("-c 'next-damage 958' x.capture");
    program_finds_nothing("-c 'prev-damage 704' x.capture");
    program_fails("-c 'next-damage 5001' x.capture", "capscope: no record 5001 (last is 5000)\n");
    program_ends("-c next-damage -c next-damage x.capture", 1);
    assert_string_equal(program.out, "705\n");
    program_ends("-c next-damage -c prev-damage x.capture", 1);
    fixture_to_file("json-log", scratch_path("good.capture"));
    program_finds_nothing("-c next-damage good.capture");
    program_finds_nothing("-c 'prev-damage $' good.capture");
    fixture_to_file("empty", scratch_path("empty.capture"));
    program_finds_nothing("-c next-damage empty.capture");
}

static void each_lost_block_of_a_cut_file_is_a_place(void **state)
{
    (void)state;
    damaged_cut("json-log", scratch_path("x.capture"), 146016);
    program_ends("-c next-damage -c next-damage -c next-damage x.capture", 0);
    assert_string_equal(program.out, "1025\n2049\n3073\n");
    program_gives("-c 'prev-damage $' -c prev-damage x.capture", "4513\n4289\n");
}

/* The first record counts, as nobody has seen it yet. */
static void damage_at_the_first_record_is_found(void **state)
{
    (void)state;
    damaged_fixture("json-log", scratch_path("x.capture"), (const uint64_t[]){86216, 0});
    program_gives("-c next-damage x.capture", "1\n");
}

static void a_long_record_is_read_to_its_end(void **state)
{
    (void)state;
    damaged_long(scratch_path("x.capture"));
    program_gives("-c next-damage x.capture", "4\n");
    program_gives("-c 'prev-damage 6' x.capture", "4\n");
    program_finds_nothing("-c 'next-damage 5' x.capture");
}

#define SHELL_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELL_TEST(cat_stops_at_a_damaged_record_and_says_which),
        SHELL_TEST(cat_that_keeps_going_leaves_them_out_and_counts_them),
        SHELL_TEST(cat_prints_of_a_damaged_file_what_it_prints_of_a_good_one),
        SHELL_TEST(cat_tells_twenty_places_and_counts_the_others),
        SHELL_TEST(a_long_record_that_fails_late_is_said_to_be_in_the_output),
        SHELL_TEST(frames_are_never_broken),
        SHELL_TEST(info_says_what_it_can),
        SHELL_TEST(without_a_terminal_it_is_one_line_that_names_salvage),
        SHELL_TEST(the_next_damage_is_a_number),
        SHELL_TEST(each_lost_block_of_a_cut_file_is_a_place),
        SHELL_TEST(damage_at_the_first_record_is_found),
        SHELL_TEST(a_long_record_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
