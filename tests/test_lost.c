/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said of records that could not be read: ranges, bounded however many there are; and a
 * frame that breaks off although its record was read to the end before.
 */
#include "tests/support/mem_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/damage.h"
#include "tests/support/rng.h"
#include "tests/support/wrap_io.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

/* ---- Ranges ---- */

static void ranges_grow_together_and_are_counted(void **state)
{
    (void)state;
    struct damage_tally tally = {0};
    char text[DAMAGE_TALLY_TEXT];
    damage_tally_add(&tally, 7, 7);
    damage_tally_text(&tally, text);
    assert_string_equal(text, "1 record could not be read: 7");
    damage_tally_add(&tally, 8, 9);
    damage_tally_add(&tally, 12, 12);
    damage_tally_add(&tally, 3, 1234);
    damage_tally_text(&tally, text);
    assert_string_equal(text, "1,236 records could not be read: 7..9, 12, 3..1234");
}

static void more_ranges_than_fit_a_line_are_a_number(void **state)
{
    (void)state;
    struct damage_tally tally = {0};
    char text[DAMAGE_TALLY_TEXT];
    for (uint64_t i = 0; i < 1000; i++)
        damage_tally_add(&tally, UINT64_MAX - 3 * (i + 1), UINT64_MAX - 3 * (i + 1) + 1);
    damage_tally_text(&tally, text);
    assert_non_null(strstr(text, "2,000 records could not be read: 18446744073709551612.."));
    assert_non_null(strstr(text, ", and 968 more places"));
}

/* ---- A disk that fails the second time ---- */

struct tired_disk {
    struct wrap_io wrap;
    uint64_t late; /* reads from here on fail once they begin anew */
    bool seen_late, second;
};

static int on_call(void *ctx, struct io_call *call)
{
    struct tired_disk *disk = ctx;
    if (call->op != IO_PREAD)
        return 0;
    if (call->off >= disk->late && disk->second)
        return -5; /* EIO */
    disk->second = disk->second || (disk->seen_late && call->off < disk->late);
    disk->seen_late = disk->seen_late || call->off >= disk->late;
    return 0;
}

#define LONG_BYTES (3u << 20)

/* "small", 3 MiB of noise, "behind". Returns an offset in the noise, far on. */
static uint64_t make_long(struct mem_file_test *test)
{
    struct rng rng = {9};
    capf_file *file = mem_create(test, 0, 0, 0);
    uint8_t *noise = malloc(LONG_BYTES);
    assert_non_null(noise);
    for (size_t i = 0; i < LONG_BYTES; i++)
        noise[i] = (uint8_t)rng_next(&rng);
    mem_append(file, "small");
    must(capf_append(file, noise, LONG_BYTES, NULL, &test_err));
    mem_append(file, "behind");
    must(capf_commit(file, &test_err));
    uint64_t late = mem_info(file).file_limit - (1u << 20);
    capf_close(file);
    free(noise);
    return late;
}

static int run_cat(struct tired_disk *disk, const char *line, struct sink_text *out, char **failure)
{
    struct session session;
    struct context ctx;
    session_init(&session);
    session.io = &disk->wrap.io;
    must(session_open(&session, MEM_PATH, &test_err));
    disk->seen_late = disk->second = false;
    context_init(&ctx, DOOR_BATCH, &session, &out->sink);
    int status = command_run_line(&ctx, line);
    *failure = ctx.failure != NULL ? strdup(ctx.failure) : NULL;
    context_release(&ctx);
    session_release(&session);
    return status;
}

static void a_frame_that_breaks_off_ends_the_output(void **state)
{
    struct mem_file_test *test = *state;
    static const char *const lines[] = {"cat --format framed", "cat -k --format framed"};
    struct tired_disk disk = {.late = make_long(test)};
    wrap_io_init(&disk.wrap, mem_disk_io(test->disk));
    disk.wrap.hook = on_call;
    disk.wrap.hook_ctx = &disk;
    for (size_t i = 0; i < 2; i++) {
        struct sink_text out;
        char *failure;
        sink_text_init(&out, 8u << 20);
        assert_int_equal(run_cat(&disk, lines[i], &out, &failure), COMMAND_FAILED);
        assert_true(disk.second);
        assert_non_null(strstr(failure, "record 2: "));
        assert_non_null(strstr(failure, "; the output ends inside its frame, after "));
        assert_non_null(strstr(failure, "only what stands before that frame is good"));
        assert_memory_equal(out.text, "\0\0\0\5small\0\x30\0\0", 13);
        assert_true(out.len < 13 + LONG_BYTES);
        free(failure);
        sink_text_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_grow_together_and_are_counted),
        TEST(more_ranges_than_fit_a_line_are_a_number),
        TEST(a_frame_that_breaks_off_ends_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
