/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state that the last commit replaced: from the shell, and in the list's place in the browser. */
#include "tests/support/test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/damaged.h"
#include "tests/support/fixture.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

/* ---- From the shell ---- */

/* x.capture: "a" "b" "" "d e", then "e" and metadata in a commit of its own. */
static void make_commits(void)
{
    program_make_file();
    program_ends("-c 'edit on' -c 'append e' -c 'metadata --set m' -c commit x.capture", 0);
}

static void before_says_what_the_last_commit_did(void **state)
{
    (void)state;
    make_commits();
    program_gives("before x.capture", "before      serial 3, 4 records\n"
                                      "now         serial 4, 5 records\n"
                                      "last commit added 1 record: 5; set the metadata\n"
                                      "metadata    none in the one before\n");
    program_gives("before --json x.capture",
                  "{\"file\": \"x.capture\", \"serial\": 3, \"records\": 4, \"metadata\": null, "
                  "\"now\": {\"serial\": 4, \"records\": 5}, \"added\": 1, "
                  "\"metadata_changed\": true}\n");
    program_gives("meta --clear x.capture", "");
    program_gives("before x.capture", "before      serial 4, 5 records\n"
                                      "now         serial 5, 5 records\n"
                                      "last commit added no record; cleared the metadata\n"
                                      "metadata    1 byte in the one before: m\n");
    char *out = strdup(program.out);
    program_gives("-c before x.capture", out);
    free(out);
}

static void before_prints_records_of_that_state(void **state)
{
    (void)state;
    make_commits();
    program_gives("before x.capture 1..2,4", "a\nb\nd e\n");
    program_gives("before x.capture ..", "a\nb\n\nd e\n");
    program_gives("before --format raw x.capture", "abd e");
    program_gives("before -k x.capture $", "d e\n");
    program_fails("before x.capture 5", "capscope: x.capture: no record 5 (last is 4)\n");
    program_finds_nothing("before x.capture 5..");
    program_gives("cat x.capture 5", "e\n");
    program_ends("before --json x.capture 1", 2);
}

static void a_file_without_commits_has_no_state_before(void **state)
{
    (void)state;
    program_input(NULL, 0);
    program_ends("append --create --meta text x.capture", 0);
    program_finds_nothing("before x.capture");
    program_finds_nothing("before --json x.capture");
    PROGRAM_INPUT("one\n");
    program_ends("append x.capture", 0);
    program_gives("before x.capture", "before      serial 2, 0 records\n"
                                      "now         serial 3, 1 record\n"
                                      "last commit added 1 record: 1; left the metadata alone\n"
                                      "metadata    4 bytes in the one before: text\n");
    program_finds_nothing("before x.capture 1..");
}

static void a_bad_node_has_taken_the_state_before_with_it(void **state)
{
    (void)state;
    static const uint64_t nodes[] = {DAMAGED_NODE_0, DAMAGED_NODE_1};
    for (size_t i = 0; i < 2; i++) {
        damaged_fixture("json-log", scratch_path("x.capture"), (const uint64_t[]){nodes[i], 0});
        program_fails("before x.capture",
                      "capscope: x.capture: the state before the last commit is gone: its master "
                      "node is bad (checksum does not match)\n");
    }
}

static void before_is_safe_on_a_terminal(void **state)
{
    (void)state;
    program_make_file();
    program_gives("meta x.capture --set \"\\e]0;t\\x07\"", "");
    program_gives("meta x.capture --clear", "");
    program.where = PROGRAM_TERMINAL;
    program_ends("before x.capture", 0);
    assert_non_null(strstr(program.out, "in the one before: ^[]0;t^G\n"));
}

/* ---- In the browser ---- */

#define assert_row(term, row, text) assert_string_equal(script_term_row(term, row), text)

static void open_log(struct script_term *term, unsigned rows, unsigned cols)
{
    setlocale(LC_ALL, "C.UTF-8");
    fixture_to_file("json-log", scratch_path("demo.capture"));
    script_term_open(term, scratch_path("demo.capture"), rows, cols);
}

static void the_list_shows_the_commit_before_until_q(void **state)
{
    (void)state;
    struct script_term term;
    open_log(&term, 12, 80);
    script_term_type(&term, "G:before\r");
    assert_row(&term, 0,
               " demo.capture                                  4,750 records  the commit before");
    assert_non_null(strstr(script_term_row(&term, 9), ">    4,750    113  {\"ts\""));
    assert_row(&term, 10,
               " as of serial 21; the last commit added 250 records: 4751..5000; left the");
    assert_row(&term, 11, " metadata alone; q comes back");
    script_term_type(&term, "k");
    assert_row(&term, -2, " 4,749 / 4,750  99%  list  utf-8  RO");
    assert_row(&term, -1, " ?:help  ::command  Enter:open  q:now  a:append");
    script_term_type(&term, "4751\r");
    assert_row(&term, -1, " no record 4751 (last is 4750)");
    script_term_type(&term, "\rM");
    assert_non_null(strstr(script_term_row(&term, 2), "{\"host\":\"node-7\""));
    script_term_type(&term, "qq");
    assert_row(&term, -2, " 4,749 / 4,750  99%  list  utf-8  RO");
    script_term_type(&term, "q");
    assert_row(&term, 0,
               " demo.capture                                                 5,000 records  RO");
    assert_row(&term, -2, " 5,000 / 5,000  100%  list  utf-8  RO");
    script_term_close(&term);
}

static void it_fits_a_narrow_screen(void **state)
{
    (void)state;
    struct script_term term;
    open_log(&term, 12, 40);
    script_term_type(&term, ":before\rj");
    assert_row(&term, 0, " ...re  4750 records  the commit before");
    script_term_resize(&term, 24, 80);
    script_term_resize(&term, 1, 2);
    script_term_resize(&term, 12, 40);
    script_term_type(&term, ":now\r");
    assert_row(&term, 0, " demo.capture          5000 records  RO");
    assert_row(&term, -2, " 1  0.02%  list  RO");
    script_term_close(&term);
}

static void it_can_only_be_looked_at(void **state)
{
    (void)state;
    static const char refused[] =
        " only to look at: the commit before; :now comes back to the newest";
    static const char *const keys[] = {"E",        "R", "a", "C", "Me", ":metadata --set x\r",
                                       ":before\r"};
    struct script_term term;
    open_log(&term, 12, 80);
    script_term_type(&term, "Ea one\r\r");
    assert_row(&term, -2, " +1 of 1 staged  list  utf-8  EDIT +1");
    script_term_type(&term, ":before\r");
    script_term_type(&term, "k");
    assert_row(&term, -2, " 4,749 / 4,750  99%  list  utf-8  RO +1");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        script_term_type(&term, keys[i]);
        assert_row(&term, -1, refused);
    }
    script_term_type(&term, "qq");
    assert_row(&term, -2, " +1 of 1 staged  list  utf-8  EDIT +1");
    script_term_close(&term);
}

static void the_record_view_shows_the_other_state(void **state)
{
    (void)state;
    struct script_term term;
    open_log(&term, 12, 80);
    script_term_type(&term, "\r:before\r");
    assert_non_null(strstr(script_term_row(&term, 5), "-- 122 bytes --"));
    script_term_type(&term, "q");
    assert_non_null(strstr(script_term_row(&term, 0), "the commit before"));
    script_term_type(&term, "\r:now\r");
    assert_non_null(strstr(script_term_row(&term, 5), "-- 122 bytes --"));
    assert_non_null(strstr(script_term_row(&term, 0), "5,000 records  RO"));
    script_term_close(&term);
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    struct script_term term;
    damaged_fixture("json-log", scratch_path("x.capture"), (const uint64_t[]){DAMAGED_NODE_1, 0});
    script_term_open(&term, scratch_path("x.capture"), 12, 80);
    script_term_type(&term, ":before\r");
    assert_row(&term, -2,
               " the state before the last commit is gone: its master node is bad (checksum");
    assert_row(&term, -1, " does not match)");
    script_term_type(&term, ":now\r");
    assert_row(&term, -1, " this is the newest state; R takes up what others committed");
    script_term_close(&term);
    fixture_to_file("empty", scratch_path("empty.capture"));
    script_term_open(&term, scratch_path("empty.capture"), 12, 80);
    script_term_type(&term, ":before\r");
    assert_row(&term, -1,
               " nothing was committed since the file was made: there is no state before");
    script_term_close(&term);
}

/* ---- What was never committed, in the same place ---- */

static void never_committed_records_are_marked_rows_until_q(void **state)
{
    (void)state;
    struct script_term term;
    setlocale(LC_ALL, "C.UTF-8");
    fixture_to_file("uncommitted-flushed", scratch_path("x.capture"));
    script_term_open(&term, scratch_path("x.capture"), 14, 80);
    script_term_type(&term, ":after\r");
    assert_non_null(strstr(script_term_row(&term, 0), " 8,474 records  never committed"));
    assert_row(&term, 5, "     2,000     27  Hey this is my record 2,000");
    assert_non_null(strstr(script_term_row(&term, 6), ">  ~ 2,001     67  48 65 79"));
    assert_non_null(strstr(script_term_row(&term, -1), "marked with ~; q comes back"));
    script_term_type(&term, "E");
    assert_row(&term, -1, " only to look at: never committed; :now comes back to the newest");
    script_term_type(&term, ":after\r");
    assert_row(&term, -1, " only to look at: never committed; :now comes back to the newest");
    script_term_type(&term, "G\r");
    assert_row(&term, -2, " 8,474 / 8,474  100%  @0x0  hex  utf-8  RO");
    script_term_resize(&term, 12, 40);
    assert_row(&term, 0, " ...ture  8474 records  never committed");
    script_term_type(&term, "qq");
    assert_row(&term, 0, " x.capture             2000 records  RO");
    assert_row(&term, -2, " 1  0.05%  list  RO");
    script_term_close(&term);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, program_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_says_what_the_last_commit_did),
        TEST(before_prints_records_of_that_state),
        TEST(a_file_without_commits_has_no_state_before),
        TEST(a_bad_node_has_taken_the_state_before_with_it),
        TEST(before_is_safe_on_a_terminal),
        TEST(the_list_shows_the_commit_before_until_q),
        TEST(it_fits_a_narrow_screen),
        TEST(it_can_only_be_looked_at),
        TEST(the_record_view_shows_the_other_state),
        TEST(what_is_not_there_is_said),
        TEST(never_committed_records_are_marked_rows_until_q),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
