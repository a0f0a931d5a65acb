/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program killed by SIGKILL while it appends lines and commits every so many: what a reader
 * beside it has seen is in the file, each line once and in order, and the next run goes on
 * behind it.
 */
#include "tests/support/test.h"

#include "tests/support/process.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINES 60000
#define KILLS 40
#define KILLS_SOAK 300

/* All lines that are to be in the file, one behind the other, and where each begins. */
struct text {
    char *bytes;
    size_t *starts;
};

static struct text make_text(const char *path)
{
    struct text text = {.bytes = test_bytes(LINES * 120),
                        .starts = test_bytes((LINES + 1) * sizeof(size_t))};
    size_t len = 0;
    for (unsigned i = 0; i < LINES; i++) {
        text.starts[i] = len;
        unsigned pad = i * 7919 % 90;
        len += (size_t)sprintf(text.bytes + len, "%u %0*x\n", i + 1, (int)pad + 1, i * 2654435761u);
    }
    text.starts[LINES] = len;
    scratch_write(path, text.bytes, len);
    return text;
}

/* Each line that is in the file, from the first on, once and in order; gives how many. */
static uint64_t check_lines(const char *path, const struct text *text)
{
    capf_file *file;
    struct capf_bytes record;
    capf_cursor *cursor;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    uint64_t count = capf_cursor_count(cursor);
    assert_in_range(count, 0, LINES);
    for (uint64_t i = 0; i < count; i++) {
        must(capf_cursor_next(cursor, NULL, &record, &test_err));
        must_hold(record, text->bytes + text->starts[i], text->starts[i + 1] - text->starts[i] - 1);
    }
    capf_cursor_close(cursor);
    capf_close(file);
    return count;
}

/* A reader beside the program: what it has seen was committed. */
struct watcher {
    capf_file *file;
    const struct process *program;
    uint64_t enough;
};

static bool has_seen_enough(void *ctx)
{
    struct watcher *watcher = ctx;
    must(capf_refresh(watcher->file, NULL, &test_err));
    return capf_file_count(watcher->file) >= watcher->enough || process_ended(watcher->program, 0);
}

/* Runs the program on the lines that are missing, and kills it a little after it committed `more`.
 * */
static uint64_t kill_program(const char *path, const char *every, FILE *lines, uint64_t more,
                             int delay_ms)
{
    const char *argv[] = {getenv("CAPSCOPE"), "append", "--commit-every", every, path, NULL};
    struct watcher watcher = {0};
    must(capf_open(path, CAPF_READ, NULL, &watcher.file, &test_err));
    struct process program = process_program(argv, fileno(lines));
    watcher.program = &program;
    watcher.enough = capf_file_count(watcher.file) + more;
    process_wait_until(has_seen_enough, &watcher, "a commit of the program");
    process_ended(&program, delay_ms);
    uint64_t seen = capf_file_count(watcher.file);
    int status = process_end(&program, SIGKILL);
    assert_true(status == 128 + SIGKILL || status == 0);
    capf_close(watcher.file);
    return seen;
}

static void make_empty(const char *path)
{
    capf_file *file;
    must(capf_create(path, &(struct capf_creation){.how = CAPF_REPLACE}, NULL, &file, NULL,
                     &test_err));
    capf_close(file);
}

static void test_lines_that_the_program_committed_are_there_once_and_in_order(void **state)
{
    (void)state;
    struct rng rng = {test_seed(3)};
    char path[SCRATCH_PATH];
    static const char *const every[] = {"1", "7", "100"};
    unsigned kills = test_is_soak() ? KILLS_SOAK : test_scaled(KILLS);
    uint64_t total = 0, count = 0;
    snprintf(path, sizeof path, "%s", scratch_path("lines.capture"));
    struct text text = make_text(scratch_path("lines"));
    FILE *lines = fopen(scratch_path("lines"), "r");
    assert_non_null(lines);
    make_empty(path);
    for (unsigned i = 0; i < kills; i++) {
        const char *n = every[rng_below(&rng, 3)];
        lseek(fileno(lines), (off_t)text.starts[count], SEEK_SET);
        uint64_t seen = kill_program(path, n, lines, rng_below(&rng, 30), (int)rng_below(&rng, 4));
        uint64_t now = check_lines(path, &text);
        assert_true(now >= seen && now >= count);
        assert_true(now == LINES || (now - count) % strtoull(n, NULL, 10) == 0);
        total += now - count;
        count = now;
        if (count > LINES / 2) {
            make_empty(path);
            count = 0;
        }
    }
    fclose(lines);
    print_message("%u kills of the program, 0 lines lost, doubled or out of order among %llu\n",
                  kills, (unsigned long long)total);
    free(text.bytes);
    free(text.starts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_that_the_program_committed_are_there_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
