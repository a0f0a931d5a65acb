/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * after and salvage as words of the shell: what they print and what they end
 * with.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

static void contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* ---- after ---- */

static void after_lists_what_was_never_committed(void **state)
{
    (void)state;
    fixture_to_file("uncommitted-flushed", scratch_path("u.capture"));
    program_ends("after u.capture", 0);
    contains(program.out, "never committed: 6,474 items that would have been 2,001 to 8,474; from "
                          "8,449 on an item may be metadata and no record; it ends at byte 406647");
    contains(program.out, "     2,001        67  never committed   Hey this is my record 2,001");
    contains(program.out, "     8,474        67  never committed?  Hey this is my record 8,474");
    program_ends("after u.capture 2003", 0);
    contains(program.out, "     2,003        67");
    assert_null(strstr(program.out, "2,004"));
}

static void after_exports_as_cat_prints(void **state)
{
    (void)state;
    fixture_to_file("uncommitted-flushed", scratch_path("u.capture"));
    program_ends("after u.capture --format framed ..2002", 0);
    assert_int_equal(program.out_len, 2 * (4 + 67));
    assert_memory_equal(program.out, "\0\0\0\103Hey this is my record 2,001", 31);
    contains(program.err, "never committed: 6,474 items");
    program_ends("after u.capture --json", 0);
    contains(program.out, "\"committed\": 2000, \"never_committed\": 6474, \"first\": 2001, "
                          "\"last\": 8474, \"unsure_from\": 8449, \"metadata_values\": 1");
}

static void after_says_what_is_committed_and_when_there_is_nothing(void **state)
{
    (void)state;
    program_make_file();
    program_finds_nothing("after x.capture");
    fixture_to_file("uncommitted-flushed", scratch_path("u.capture"));
    program_fails("after u.capture 5",
                  "capscope: u.capture: 5 is committed, and cat prints it; what "
                  "was not begins with 2001\n");
    program_ends("after u.capture --list --json", 2);
}

/* ---- salvage ---- */

static void spoil(const char *name, size_t at, size_t len)
{
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path(name), &size);
    assert_non_null(bytes);
    assert_true(at + len <= size);
    memset(bytes + at, 0xA5, len);
    scratch_write(scratch_path(name), bytes, size);
    free(bytes);
}

static void salvage_of_a_good_file_is_complete(void **state)
{
    (void)state;
    fixture_to_file("json-log", scratch_path("j.capture"));
    program_ends("salvage j.capture new.capture", 0);
    contains(program.out, "recovered   5,000 records into new.capture\nlost        none\n");
    contains(program.out, "metadata    came back\n");
    program_ends("verify new.capture", 0);
    program_fails("salvage j.capture new.capture",
                  "capscope: new.capture: not written: there is something under that name; choose "
                  "another name\n");
}

static void salvage_of_a_damaged_file_says_what_is_lost(void **state)
{
    (void)state;
    fixture_to_file("ten-thousand", scratch_path("t.capture"));
    spoil("t.capture", 90000, 16);
    program_ends("salvage t.capture new.capture", 1);
    contains(program.out, "lost        ");
    contains(program.out, "geometry    page size 4,096, block size 32,768 (as the header says)");
    program_ends("verify new.capture", 0);
    program_ends("salvage t.capture --dry-run --json", 1);
    contains(program.out, "\"out\": null");
    contains(program.out, "\"state\": \"proven\"");
    contains(program.out, "\"lost_ranges\": [{\"first\": ");
}

static void salvage_without_a_header_finds_the_geometry(void **state)
{
    (void)state;
    fixture_to_file("small-pages", scratch_path("s.capture"));
    spoil("s.capture", 0, 512);
    program_ends("salvage s.capture new.capture", 0);
    contains(program.out,
             "page size 512, block size 512 (as the file shows), fan-out 4 (as the file "
             "shows)");
    program_ends("salvage s.capture given.capture --page-size 512 --block-size 512 --fan-out 4", 0);
    contains(program.out, "(as given)");
}

static void salvage_of_nothing_makes_nothing(void **state)
{
    (void)state;
    program_make_text("noise", "this is no capture file\n");
    program_fails("salvage noise new.capture",
                  "capscope: noise: nothing can be had of it; no new file was made\n");
    program_ends("info new.capture", 2);
    program_ends("salvage noise", 2);
    program_fails("salvage gone new.capture",
                  "capscope: gone: cannot open the file: No such file or directory; check the "
                  "name\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(after_lists_what_was_never_committed),
        TEST(after_exports_as_cat_prints),
        TEST(after_says_what_is_committed_and_when_there_is_nothing),
        TEST(salvage_of_a_good_file_is_complete),
        TEST(salvage_of_a_damaged_file_says_what_is_lost),
        TEST(salvage_without_a_header_finds_the_geometry),
        TEST(salvage_of_nothing_makes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
