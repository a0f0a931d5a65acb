/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History files: where they are, what they keep and for whom, and that programs that run at once
 * lose nothing of each other's.
 */
#include "tests/support/test.h"

#include "app/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/scratch.h"

static int begin(void **state)
{
    (void)state;
    scratch_path(""); /* makes the folder */
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

/* The file's lines in one string, each with a newline. */
static void assert_file(const char *path, const char *text)
{
    size_t len;
    char *bytes = (char *)scratch_read(path, &len);

    assert_non_null(bytes);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(bytes, text, len);
    free(bytes);
}

static void assert_path(enum history_kind kind, const char *expected)
{
    char *path = history_path(kind);

    if (expected)
        assert_string_equal(path, expected);
    else
        assert_null(path);
    free(path);
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat about;

    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, mode);
}

/* ---- Where ---- */

static void test_each_kind_has_a_file_in_the_state_folder(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/home/me", 1);
    assert_path(HISTORY_COMMANDS, "/state/capscope/history");
    assert_path(HISTORY_SEARCHES, "/state/capscope/searches");
    unsetenv("XDG_STATE_HOME");
    assert_path(HISTORY_COMMANDS, "/home/me/.local/state/capscope/history");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_path(HISTORY_SEARCHES, "/home/me/.local/state/capscope/searches");
    setenv("HOME", "", 1);
    assert_path(HISTORY_COMMANDS, NULL);
    unsetenv("HOME");
    assert_path(HISTORY_COMMANDS, NULL);
}

/* ---- What ---- */

static void test_lines_come_back_in_the_next_run(void **state)
{
    (void)state;
    const char *path = scratch_path("state/capscope/history");
    struct history history;

    history_load(&history, path);
    assert_int_equal(history.count, 0);
    history_add(&history, "goto 5");
    history_add(&history, "goto 5");
    history_add(&history, "");
    history_add(&history, "append \xc3\xa9");
    assert_true(history_save(&history));
    history_add(&history, "one\ntwo\n");
    assert_true(history_save(&history));
    assert_true(history_save(&history));
    history_release(&history);
    assert_file(path, "goto 5\nappend \xc3\xa9\none\ntwo\n");

    history_load(&history, path);
    assert_int_equal(history.count, 4);
    assert_string_equal(history.lines[3], "two");
    history_release(&history);
}

static void test_the_file_is_for_the_person_alone(void **state)
{
    (void)state;
    const char *path = scratch_path("state/capscope/history");
    mode_t mask = umask(0);
    struct history history;

    history_load(&history, path);
    history_add(&history, "secret");
    assert_true(history_save(&history));
    assert_mode(path, 0600);
    assert_mode(scratch_path("state/capscope"), 0700);
    assert_int_equal(chmod(path, 0644), 0);
    history_add(&history, "more");
    assert_true(history_save(&history));
    assert_mode(path, 0600);
    history_release(&history);
    umask(mask);
}

static void test_only_the_newest_are_kept(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    struct history history;
    char line[32];

    history_load(&history, path);
    for (int i = 1; i <= HISTORY_LINES + 5; i++) {
        snprintf(line, sizeof(line), "%d", i);
        history_add(&history, line);
        if (i == HISTORY_LINES - 1)
            assert_true(history_save(&history));
    }
    assert_int_equal(history.count, HISTORY_LINES);
    assert_string_equal(history.lines[0], "6");
    assert_true(history_save(&history));
    history_release(&history);

    history_load(&history, path);
    assert_int_equal(history.count, HISTORY_LINES);
    assert_string_equal(history.lines[0], "6");
    assert_string_equal(history.lines[HISTORY_LINES - 1], "1005");
    history_release(&history);
}

static void test_a_file_of_garbage_is_read_within_bounds(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    size_t len = 6u << 20;
    char *garbage = test_bytes(len);
    struct history history;

    memset(garbage, 'x', len);
    memcpy(garbage + len - 13, "\na\0b\nfine\nend", 13);
    scratch_write(path, garbage, len);
    history_load(&history, path);
    assert_int_equal(history.count, 2);
    assert_string_equal(history.lines[0], "fine");
    assert_string_equal(history.lines[1], "end");
    history_release(&history);

    garbage[HISTORY_LINE_MAX + 1] = '\0';
    history_load(&history, NULL);
    history_add(&history, garbage); /* too long */
    assert_int_equal(history.count, 0);
    history_release(&history);
    free(garbage);
}

/* ---- Where it cannot be kept ---- */

static void test_what_is_no_file_is_left_alone(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    struct history history;
    struct stat about;

    assert_int_equal(symlink("/dev/null", path), 0);
    history_load(&history, path);
    history_add(&history, "x");
    assert_false(history_save(&history));
    assert_int_equal(lstat(path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    history_release(&history);

    scratch_write(scratch_path("file"), "", 0);
    history_load(&history, scratch_path("file/capscope/history"));
    history_add(&history, "x");
    assert_false(history_save(&history));
    assert_string_equal(history.lines[0], "x");
    history_release(&history);

    history_load(&history, NULL);
    assert_true(history_save(&history));
    history_add(&history, "x");
    assert_false(history_save(&history));
    history_release(&history);
}

static void test_a_link_of_the_persons_stays_one(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    struct history history;
    struct stat about;

    scratch_write(scratch_path("elsewhere"), "old\n", 4);
    assert_int_equal(symlink("elsewhere", path), 0);
    history_load(&history, path);
    history_add(&history, "new");
    assert_true(history_save(&history));
    history_release(&history);
    assert_int_equal(lstat(path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_file(scratch_path("elsewhere"), "old\nnew\n");
}

/* ---- Several at once ---- */

static void test_two_programs_keep_each_others_lines(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    struct history first, second;

    history_load(&first, path);
    history_load(&second, path);
    history_add(&first, "a");
    history_add(&second, "b");
    assert_true(history_save(&first));
    assert_true(history_save(&second));
    history_add(&first, "c");
    assert_true(history_save(&first));
    assert_file(path, "a\nb\nc\n");
    assert_int_equal(second.count, 1);
    history_release(&first);
    history_release(&second);
}

enum { PROGRAMS = 8, EACH = 50 };

static void type_and_save(const char *path, int program)
{
    struct history history;
    char line[32];

    history_load(&history, path);
    for (int i = 0; i < EACH; i++) {
        snprintf(line, sizeof(line), "%d %d", program, i);
        history_add(&history, line);
        if (!history_save(&history))
            _exit(1);
    }
    _exit(0);
}

static void test_programs_at_once_lose_nothing(void **state)
{
    (void)state;
    const char *path = scratch_path("history");
    struct history history;
    int next[PROGRAMS] = {0}, status;

    for (int i = 0; i < PROGRAMS; i++)
        if (fork() == 0)
            type_and_save(path, i);
    for (int i = 0; i < PROGRAMS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    history_load(&history, path);
    assert_int_equal(history.count, PROGRAMS * EACH);
    for (size_t i = 0; i < history.count; i++) {
        int program, number;

        assert_int_equal(sscanf(history.lines[i], "%d %d", &program, &number), 2);
        assert_int_equal(number, next[program]++);
    }
    history_release(&history);
}

#define HISTORY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HISTORY_TEST(test_each_kind_has_a_file_in_the_state_folder),
        HISTORY_TEST(test_lines_come_back_in_the_next_run),
        HISTORY_TEST(test_the_file_is_for_the_person_alone),
        HISTORY_TEST(test_only_the_newest_are_kept),
        HISTORY_TEST(test_a_file_of_garbage_is_read_within_bounds),
        HISTORY_TEST(test_what_is_no_file_is_left_alone),
        HISTORY_TEST(test_a_link_of_the_persons_stays_one),
        HISTORY_TEST(test_two_programs_keep_each_others_lines),
        HISTORY_TEST(test_programs_at_once_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
