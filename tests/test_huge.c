/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of hundreds of megabytes, streamed in and read in parts anywhere,
 * within 64 MiB of memory. With CAPF_SOAK set they are as long as a record can
 * be, and records that do not compress enough are tried too.
 */
#include "tests/support/test.h"

#include "tests/support/rng.h"
#include "tests/support/scratch.h"
#include "tests/support/wrap_io.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1u << 20)
#define RUN 4096u
#define MEMORY_MAX (64u << 20)

struct huge {
    struct wrap_io wrap;
    struct capf_options options;
    const char *path;
    uint64_t len; /* of the large record, number 2 */
    uint64_t bytes_read;
};

static int count_reads(void *ctx, struct io_call *call)
{
    struct huge *huge = ctx;
    if (call->op == IO_PREAD)
        huge->bytes_read += call->len;
    return 0;
}

static void begin(struct huge *huge, uint64_t len)
{
    *huge = (struct huge){.path = scratch_path("huge.capture"), .len = len};
    wrap_io_init(&huge->wrap, capf_io_posix());
    huge->wrap.hook = count_reads;
    huge->wrap.hook_ctx = huge;
    huge->options = (struct capf_options){.io = &huge->wrap.io, .durability = CAPF_DURABLE_NONE};
}

static void end(struct huge *huge)
{
    assert_int_equal(huge->wrap.memory.live_blocks, 0);
    assert_in_range(huge->wrap.memory.peak_bytes, 0, MEMORY_MAX);
    print_message("%" PRIu64 " bytes: at most %zu bytes of memory\n", huge->len,
                  (size_t)huge->wrap.memory.peak_bytes);
    unlink(huge->path);
}

/* The record's bytes: each run of 4096 begins with its number, and the rest follows from that. */
static void make_run(uint8_t bytes[RUN], uint64_t run)
{
    memset(bytes, (int)(run % 251), RUN);
    memset(bytes + run % 4000, 'x', 80);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(run >> 8 * i);
}

static void make_bytes(uint8_t *buf, uint64_t at, size_t len)
{
    uint8_t bytes[RUN];
    for (size_t done = 0; done < len;) {
        size_t within = (size_t)((at + done) % RUN), n = RUN - within;
        if (n > len - done)
            n = len - done;
        make_run(bytes, (at + done) / RUN);
        memcpy(buf + done, bytes + within, n);
        done += n;
    }
}

static void write_huge(struct huge *huge, bool known)
{
    struct capf_creation creation = {.how = CAPF_REPLACE};
    uint8_t *piece = test_bytes(PIECE);
    capf_file *file;
    uint64_t recno;
    must(capf_create(huge->path, &creation, &huge->options, &file, NULL, &test_err));
    must(capf_append(file, "before", 6, &recno, &test_err));
    must(capf_append_begin(file, known ? huge->len : CAPF_UNKNOWN_LENGTH, &test_err));
    for (uint64_t done = 0; done < huge->len; done += PIECE) {
        size_t len = huge->len - done < PIECE ? (size_t)(huge->len - done) : PIECE;
        make_bytes(piece, done, len);
        must(capf_append_data(file, piece, len, &test_err));
    }
    must(capf_append_end(file, &recno, &test_err));
    assert_int_equal(recno, 2);
    must(capf_append(file, "behind", 6, &recno, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    free(piece);
}

static void check_part(struct huge *huge, capf_file *file, uint64_t off, size_t ask)
{
    static uint8_t got_bytes[1 << 16], expected[1 << 16];
    size_t got;
    uint64_t there = huge->len - off < ask ? huge->len - off : ask;
    must(capf_read(file, 2, off, got_bytes, ask, &got, &test_err));
    assert_int_equal(got, there);
    make_bytes(expected, off, got);
    assert_memory_equal(got_bytes, expected, got);
}

static void check_neighbours(capf_file *file)
{
    struct capf_bytes record;
    must(capf_get(file, 1, &record, &test_err));
    must_hold_text(record, "before");
    must(capf_get(file, 3, &record, &test_err));
    must_hold_text(record, "behind");
}

/* Finding out where a record is and how long must not cost what reading it costs. */
static void check_size_is_cheap(struct huge *huge, capf_file *file)
{
    uint64_t size;
    huge->bytes_read = 0;
    must(capf_size(file, 2, &size, &test_err));
    assert_int_equal(size, huge->len);
    check_part(huge, file, 0, 100);
    assert_in_range(huge->bytes_read, 0, 1 << 20);
}

static void read_huge(struct huge *huge)
{
    capf_file *file;
    struct rng rng = {huge->len};
    must(capf_open(huge->path, CAPF_READ, &huge->options, &file, &test_err));
    check_size_is_cheap(huge, file);
    check_part(huge, file, huge->len - 10, 100);
    check_part(huge, file, huge->len, 100);
    for (unsigned i = 0; i < 24; i++)
        check_part(huge, file, rng_below(&rng, huge->len), (size_t)rng_below(&rng, 1 << 16));
    for (uint64_t i = 1; i <= 24; i++)
        check_part(huge, file, huge->len - i * 50000, 50000);
    check_neighbours(file);
    for (uint64_t i = 0; i < 60; i++)
        check_part(huge, file, i * 65536, 65536);
    capf_close(file);
}

static uint64_t huge_len(uint64_t in_check)
{
    return test_is_soak() ? UINT32_MAX : test_scaled((unsigned)in_check) + (1u << 22);
}

static void test_huge_record_of_known_length(void **state)
{
    (void)state;
    struct huge huge;
    begin(&huge, huge_len(300000000));
    write_huge(&huge, true);
    read_huge(&huge);
    end(&huge);
}

static void test_huge_record_of_unknown_length(void **state)
{
    (void)state;
    struct huge huge;
    begin(&huge, huge_len(100000000));
    write_huge(&huge, false);
    read_huge(&huge);
    end(&huge);
}

/* ---- Progress ---- */

struct progress {
    unsigned calls, stop_at;
    uint64_t last;
    bool went_back;
};

static bool note_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct progress *progress = ctx;
    progress->went_back |= done < progress->last || (total != 0 && done > total);
    progress->last = done;
    return ++progress->calls != progress->stop_at;
}

static void test_a_long_read_can_be_stopped_and_tried_again(void **state)
{
    (void)state;
    struct huge huge;
    struct progress progress = {.stop_at = 2};
    capf_file *file;
    capf_cursor *cursor;
    uint8_t part[100], expected[100];
    size_t got;
    begin(&huge, huge_len(60000000));
    write_huge(&huge, true);
    must(capf_open(huge.path, CAPF_READ, &huge.options, &file, &test_err));
    must(capf_cursor_open(file, &cursor, &test_err));
    capf_cursor_on_progress(cursor, note_progress, &progress);
    must_be(CAPF_CANCELLED,
            capf_cursor_read(cursor, 2, huge.len - 100, part, 100, &got, &test_err));
    assert_int_equal(progress.calls, 2);
    progress = (struct progress){0};
    must(capf_cursor_read(cursor, 2, huge.len - 100, part, 100, &got, &test_err));
    make_bytes(expected, huge.len - 100, 100);
    assert_memory_equal(part, expected, 100);
    assert_true(progress.calls > 0 && !progress.went_back);
    capf_cursor_close(cursor);
    capf_close(file);
    end(&huge);
}

/* ---- Too large ---- */

static void stream_noise(capf_file *file, uint64_t len, bool known, enum capf_status *status)
{
    uint8_t *piece = test_bytes(PIECE);
    uint64_t recno;
    *status = capf_append_begin(file, known ? len : CAPF_UNKNOWN_LENGTH, &test_err);
    for (uint64_t done = 0; done < len && *status == CAPF_OK; done += PIECE) {
        size_t now = len - done < PIECE ? (size_t)(len - done) : PIECE;
        test_fill(piece, now, done, 100);
        *status = capf_append_data(file, piece, now, &test_err);
    }
    if (*status == CAPF_OK)
        *status = capf_append_end(file, &recno, &test_err);
    free(piece);
}

/* Noise cannot be stored in 2^32 - 1 bytes when it is as long as that. */
static void test_noise_of_the_greatest_length_is_refused(void **state)
{
    (void)state;
    struct huge huge;
    capf_file *file;
    enum capf_status status;
    struct capf_bytes record;
    uint64_t recno;
    if (!test_is_soak())
        skip();
    begin(&huge, UINT32_MAX);
    must(capf_create(huge.path, NULL, &huge.options, &file, NULL, &test_err));
    must(capf_append(file, "before", 6, &recno, &test_err));
    for (int known = 0; known < 2; known++) {
        stream_noise(file, UINT32_MAX, known != 0, &status);
        must_be(CAPF_TOO_LARGE, status);
        assert_int_equal(capf_file_count(file), 1);
    }
    stream_noise(file, UINT32_MAX - (4u << 20), true, &status);
    must(status);
    must(capf_commit(file, &test_err));
    must(capf_get(file, 1, &record, &test_err));
    must_hold_text(record, "before");
    capf_close(file);
    end(&huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_huge_record_of_known_length),
        cmocka_unit_test(test_huge_record_of_unknown_length),
        cmocka_unit_test(test_a_long_read_can_be_stopped_and_tried_again),
        cmocka_unit_test(test_noise_of_the_greatest_length_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
