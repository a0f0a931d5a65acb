/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that do not open, in a real terminal: damage has a screen with what can be done, everything
 * else is one line. A file with one bad node opens, and says so.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/damaged.h"
#include "tests/support/fixture.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

static const char *path;

static struct pty *start_at(int rows, int cols)
{
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    return pty_start(&(struct pty_options){.argv = argv, .rows = rows, .cols = cols});
}

static struct pty *start(void)
{
    return start_at(24, 80);
}

static void make_both_bad(void)
{
    path = scratch_path("demo.capture");
    damaged_fixture("json-log", path, (const uint64_t[]){DAMAGED_NODE_0, DAMAGED_NODE_1, 0});
}

static void two_bad_nodes_have_a_screen(void **state)
{
    (void)state;
    make_both_bad();
    struct pty *pty = start();
    pty_expect_in_row(pty, 0, "does not open");
    pty_expect_in_row(pty, 2, "This file does not open: damaged: neither master node is good");
    pty_expect_in_row(pty, 5, "v  verify");
    pty_expect(pty, "q  quit");
    pty_type(pty, "v");
    pty_expect(pty, "== verify ==");
    pty_expect(pty, "master node 1 at 45056 is bad");
    pty_type(pty, "q");
    pty_expect(pty, "This file does not open");
    pty_type(pty, "x");
    pty_expect(pty, "x means nothing here; ? shows the keys");
    pty_type(pty, "?");
    pty_expect(pty, "keys of a file that does not open");
    pty_type(pty, "q");
    pty_expect_gone(pty, "keys of a file");
    pty_type(pty, ":cat\r");
    pty_expect(pty, "the file does not open: damaged");
    pty_type(pty, "\003");
    pty_expect(pty, "q quits");
    pty_type(pty, "q");
    pty_expect_end(pty, 2);
    assert_true(pty_shows(pty, "capscope salvage"));
}

/* The new file is asked for by name; one that is there is refused, and can be asked for anew. */
static void salvage_asks_for_the_name_of_a_new_file(void **state)
{
    (void)state;
    char line[SCRATCH_PATH + 2];
    path = scratch_path("demo.capture");
    damaged_fixture("quickstart", path, (const uint64_t[]){DAMAGED_NODE_0, DAMAGED_NODE_1, 0});
    struct pty *pty = start();
    pty_expect(pty, "s  salvage: copy what can be read");
    pty_type(pty, "s");
    pty_expect(pty, ":salvage");
    snprintf(line, sizeof line, "%s\r", path);
    pty_type(pty, line);
    pty_expect(pty, "there is something under that name");
    pty_type(pty, "s\033");
    pty_expect_gone(pty, ":salvage");
    pty_type(pty, "s");
    pty_expect(pty, ":salvage");
    snprintf(line, sizeof line, "%s\r", scratch_path("new.capture"));
    unlink(scratch_path("new.capture"));
    pty_type(pty, line);
    pty_expect(pty, "== salvage ");
    pty_expect(pty, "recovered ");
    pty_type(pty, "q");
    pty_expect(pty, "This file does not open");
    pty_type(pty, "q");
    pty_expect_end(pty, 2);
    assert_int_equal(access(scratch_path("new.capture"), R_OK), 0);
}

static void it_fits_a_narrow_terminal(void **state)
{
    (void)state;
    make_both_bad();
    struct pty *pty = start_at(12, 40);
    pty_expect(pty, "This file does not open: damaged:");
    pty_expect(pty, "v  verify: list what is wrong with it");
    pty_expect(pty, "q  quit");
    pty_resize(pty, 2, 10);
    pty_resize(pty, 50, 200);
    pty_expect_in_row(pty, 2, "(checksum does not match; checksum does not match).");
    pty_type(pty, "Q");
    pty_expect_end(pty, 2);
}

static void a_damaged_header_and_cut_nodes_have_it_too(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {4096, 6096, 60000};
    path = scratch_path("demo.capture");
    damaged_fixture("json-log", path, (const uint64_t[]){16, 0}); /* sizes and fan-out */
    struct pty *pty = start();
    pty_expect(pty, "This file does not open: damaged header: ");
    pty_type(pty, "q");
    pty_expect_end(pty, 2);
    pty_stop(pty);
    for (size_t i = 0; i < 2; i++) {
        damaged_cut("json-log", path, sizes[i]);
        pty = start();
        pty_expect(pty, "This file does not open: damaged: neither master node is good (cut off");
        pty_type(pty, "q");
        pty_expect_end(pty, 2);
        pty_stop(pty);
    }
}

static void a_file_that_was_put_back_opens_without_leaving(void **state)
{
    (void)state;
    make_both_bad();
    struct pty *pty = start();
    pty_expect(pty, "This file does not open");
    pty_type(pty, "R");
    pty_expect(pty, "it does not open");
    fixture_to_file("json-log", path);
    pty_type(pty, "R");
    pty_expect(pty, "5,000 records");
    pty_type(pty, "j");
    pty_expect(pty, "2 / 5,000");
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
}

static void a_signal_ends_it_as_everywhere(void **state)
{
    (void)state;
    make_both_bad();
    struct pty *pty = start();
    pty_expect(pty, "This file does not open");
    pty_signal(pty, 15);
    pty_expect_end(pty, 128 + 15);
}

static void what_is_no_damage_is_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *says;
    } rows[] = {
        {"wrong-magic", "not a capture file"}, {"version-3", "a capture file of version 3"},
        {"zero-length", "not a capture file"}, {"truncated-header", "not a capture file"},
        {NULL, "cannot open the file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        path = scratch_path("demo.capture");
        unlink(path);
        if (rows[i].fixture != NULL)
            fixture_to_file(rows[i].fixture, path);
        struct pty *pty = start();
        assert_int_equal(pty_exit_status(pty), 2);
        pty_expect(pty, rows[i].says);
        size_t len;
        const char *output = pty_output(pty, &len);
        assert_null(memmem(output, len, "\033[", 2));
        pty_stop(pty);
    }
}

static void one_bad_node_or_a_cut_end_is_a_warning(void **state)
{
    (void)state;
    path = scratch_path("demo.capture");
    damaged_fixture("json-log", path, (const uint64_t[]){DAMAGED_NODE_1, 0});
    struct pty *pty = start();
    pty_expect_in_row(pty, 1, "warning: master node 1 at byte 45056 is bad");
    pty_expect(pty, "5,000 records");
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
    pty_stop(pty);
    damaged_cut("json-log", path, 146016);
    pty = start();
    pty_expect_in_row(pty, 1, "warning: cut: 91552 bytes missing");
    pty_type(pty, "1300\r");
    pty_expect(pty, ">    1,300         <damaged: block 148,141>");
    pty_type(pty, "}");
    pty_expect(pty, ">    2,049         <damaged: block 179,340>");
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
}

/* A trillion good records, and a person who has seen enough. */
static void a_long_search_shows_how_far_it_is_and_stops_at_once(void **state)
{
    (void)state;
    path = scratch_path("huge.capture");
    fixture_to_file("huge", path);
    struct pty *pty = start();
    pty_expect(pty, "1,234,567,890,123 records");
    pty_type(pty, "}");
    pty_expect(pty, "no damage up to record ");
    pty_type(pty, "\003");
    pty_expect(pty, "stopped at record ");
    pty_type(pty, "j");
    pty_expect(pty, "2 / 1,234,567,890,123");
    pty_type(pty, "}j\033");
    pty_expect(pty, "3 / 1,234,567,890,123"); /* the key that was typed meanwhile */
    pty_type(pty, "q");
    pty_expect_end(pty, 0);
}

#define pty_test(test) cmocka_unit_test_teardown(test, pty_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pty_test(two_bad_nodes_have_a_screen),
        pty_test(salvage_asks_for_the_name_of_a_new_file),
        pty_test(it_fits_a_narrow_terminal),
        pty_test(a_damaged_header_and_cut_nodes_have_it_too),
        pty_test(a_file_that_was_put_back_opens_without_leaving),
        pty_test(a_signal_ends_it_as_everywhere),
        pty_test(what_is_no_damage_is_one_line),
        pty_test(one_bad_node_or_a_cut_end_is_a_warning),
        pty_test(a_long_search_shows_how_far_it_is_and_stops_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
