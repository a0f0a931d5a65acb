/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capscope verify, and the progress line of long works: what is printed, the
 * JSON, and what it ends with. What a check finds is test_check's.
 */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/progress.h"
#include "tests/support/fixture.h"
#include "tests/support/plain.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

/* x.capture with three closed blocks of records of 100 bytes, and a byte changed in the second. */
static uint64_t make_damaged(void)
{
    struct plain plain;
    uint8_t data[100] = {0};
    plain_begin(&plain, 128, 256, 8);
    for (int n = 0; n < 10; n++)
        plain_record(&plain, data, sizeof data);
    plain_end(&plain);
    uint64_t pos = plain.blocks[1];
    plain.bytes[plain_at(&plain, pos, 5)] ^= 1;
    scratch_write(scratch_path("x.capture"), plain.bytes, plain.len);
    plain_release(&plain);
    return pos;
}

static void a_sound_file_is_clean(void **state)
{
    (void)state;
    program_make_file();
    program_gives("verify x.capture",
                  "records 4, of which 4 are sound; 0 good blocks read, 0 bytes\nclean\n");
    program_gives("verify --quick x.capture", "records 4; 0 good blocks read, 0 bytes\n"
                                              "clean, as far as a quick look tells\n");
    program_gives("verify --json x.capture",
                  "{\"file\": \"x.capture\", \"quick\": false, \"findings\": [], "
                  "\"result\": \"clean\", \"error\": null, \"damage\": 0, \"notes\": 0, "
                  "\"records\": 4, \"sound\": 4, \"blocks\": 0, \"index_nodes\": 0, "
                  "\"metadata_values\": 0, \"stored_bytes\": 0, \"raw_bytes\": 0, \"serial\": 3, "
                  "\"file_limit\": 86016}\n");
}

static void damage_is_said_and_ends_with_1(void **state)
{
    (void)state;
    char want[400];
    uint64_t pos = make_damaged();
    program_ends("verify x.capture", 1);
    assert_string_equal(program.err, "");
    snprintf(want, sizeof want,
             "damage  damaged block at %llu: its 323 compressed bytes do not inflate; touches "
             "records 4..6\n"
             "records 10, of which 7 are sound; 2 good blocks read, 616 bytes\n"
             "damaged: 1 finding\n",
             (unsigned long long)pos);
    assert_string_equal(program.out, want);
}

static void damage_in_json(void **state)
{
    (void)state;
    char want[300];
    uint64_t pos = make_damaged();
    program_ends("verify --json x.capture", 1);
    snprintf(want, sizeof want,
             "{\"file\": \"x.capture\", \"quick\": false, \"findings\": [\n"
             "  {\"kind\": \"block\", \"severity\": \"damage\", \"offset\": %llu, "
             "\"records\": [4, 6], \"text\": \"damaged block",
             (unsigned long long)pos);
    assert_memory_equal(program.out, want, strlen(want));
    assert_non_null(strstr(program.out, "\n], \"result\": \"damaged\", \"error\": null, "));
}

static void what_does_not_open_ends_with_2(void **state)
{
    (void)state;
    program_fails("verify none.capture",
                  "capscope: none.capture: cannot open the file: No such file or directory; check "
                  "the name\n");
    fixture_to_file("torn-both", scratch_path("torn.capture"));
    program_ends("verify torn.capture", 2);
    assert_non_null(strstr(program.out, "damage  master node 0 at 4096 is bad"));
    assert_non_null(strstr(program.out, "damage  master node 1 at 45056 is bad"));
    assert_non_null(strstr(program.err, "neither master node is good"));
    program_ends("verify --json torn.capture", 2);
    assert_non_null(strstr(program.out, "\"result\": \"unreadable\", \"error\": \"damaged: "));
}

static void it_is_a_command_of_the_prompt_too(void **state)
{
    (void)state;
    program_make_file();
    program_gives("-c verify x.capture",
                  "records 4, of which 4 are sound; 0 good blocks read, 0 bytes\nclean\n");
}

static void progress_says_how_long_it_will_take(void **state)
{
    (void)state;
    char text[PROGRESS_TEXT];
    progress_text(text, "verify", 250000000, 1000000000, 2500000000);
    assert_string_equal(text, "verify: 25%  100 MB/s  8 s left");
    progress_text(text, "cat", 250000000, 0, 1000000000);
    assert_string_equal(text, "cat: 250 MB/s");
    progress_text(text, "cat", 7, 7, 0);
    assert_non_null(strstr(text, "cat: 100%"));
}

static void progress_stops_at_an_interrupt(void **state)
{
    (void)state;
    assert_true(progress_step("x", 1, 2));
    raise(SIGINT);
    assert_false(progress_step("x", 1, 2));
    progress_end();
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    assert_true(now.sa_handler == SIG_DFL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_file_is_clean),
        TEST(damage_is_said_and_ends_with_1),
        TEST(damage_in_json),
        TEST(what_does_not_open_ends_with_2),
        TEST(it_is_a_command_of_the_prompt_too),
        cmocka_unit_test(progress_says_how_long_it_will_take),
        cmocka_unit_test(progress_stops_at_an_interrupt),
    };
    signal(SIGINT, SIG_DFL); /* whoever runs this in the background may have had it ignored */
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
