/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several threads read through cursors of one handle while its own thread
 * appends, streams, commits and rolls back. Meant for ThreadSanitizer too.
 * Record N of a file begins with N, so that each reader can check what it gets.
 */
#include "tests/support/test.h"

#include "tests/support/rng.h"
#include "tests/support/scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define READERS 3
#define RECORD_MAX 3000
#define ROUND_RECORDS 60u /* records that one round appends, at most */

/* What threads tell each other goes without any ordering, so that it hides no race of core's. */
struct shared {
    capf_file *file;
    atomic_bool stop;
    atomic_uint_least64_t committed;  /* records, as of some moment */
    atomic_uint_least64_t round_of[]; /* each committed record's round, from 1 */
};

struct reader {
    struct shared *shared;
    pthread_t thread;
    struct rng rng;
    capf_cursor *cursor;
    uint64_t committed; /* no less is committed in what the cursor shows */
    uint64_t reads, stale, faults;
};

static uint64_t look(atomic_uint_least64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void tell(atomic_uint_least64_t *value, uint64_t now)
{
    atomic_store_explicit(value, now, memory_order_relaxed);
}

/* The record: its number, the round it was added in, and noise made from both. */
static size_t make_record(uint8_t *buf, uint64_t recno, uint64_t seed)
{
    struct rng rng = {recno * 77 + seed};
    size_t len = 16 + (size_t)rng_below(&rng, rng_chance(&rng, 5) ? RECORD_MAX - 16 : 60);
    memcpy(buf, &recno, 8);
    memcpy(buf + 8, &seed, 8);
    test_fill(buf + 16, len - 16, recno ^ seed, 60);
    return len;
}

/* The round that it was added in, from 1; 0: not the right bytes. */
static uint64_t round_of_record(const struct capf_bytes *record, uint64_t recno)
{
    uint8_t expected[RECORD_MAX];
    uint64_t round;
    if (record->len < 16)
        return 0;
    memcpy(&round, record->data + 8, 8);
    bool right = make_record(expected, recno, round) == record->len &&
                 memcmp(expected, record->data, record->len) == 0;
    return right ? round : 0;
}

/* Counts the result of one read; false when the cursor is of no further use. */
static bool judge(struct reader *reader, enum capf_status status, uint64_t recno,
                  const struct capf_bytes *record)
{
    reader->reads++;
    if (status == CAPF_STALE) {
        reader->stale++;
        return false;
    }
    uint64_t round = status == CAPF_OK ? round_of_record(record, recno) : 0;
    uint64_t right = recno <= reader->committed ? look(&reader->shared->round_of[recno]) : 0;
    reader->faults += round == 0 || (right != 0 && round != right);
    return true;
}

static void read_by_cursor(struct reader *reader)
{
    struct rng *rng = &reader->rng;
    uint64_t count = capf_cursor_count(reader->cursor);
    struct capf_bytes record;
    for (unsigned i = 0; i < 20 && count != 0; i++) {
        uint64_t recno = 1 + rng_below(rng, count);
        if (rng_chance(rng, 60)) {
            if (!judge(reader, capf_cursor_get(reader->cursor, recno, &record, NULL), recno,
                       &record))
                return;
            continue;
        }
        if (capf_cursor_seek(reader->cursor, recno, NULL) != CAPF_OK)
            return;
        for (unsigned k = 0; k < 30 && recno <= count; k++, recno++)
            if (!judge(reader, capf_cursor_next(reader->cursor, NULL, &record, NULL), recno,
                       &record))
                return;
    }
}

static void *reader_main(void *arg)
{
    struct reader *reader = arg;
    while (!atomic_load_explicit(&reader->shared->stop, memory_order_relaxed)) {
        reader->committed = look(&reader->shared->committed);
        if (capf_cursor_open(reader->shared->file, &reader->cursor, NULL) != CAPF_OK) {
            reader->faults++;
            break;
        }
        reader->faults += capf_cursor_count(reader->cursor) < reader->committed;
        read_by_cursor(reader);
        capf_cursor_close(reader->cursor);
    }
    return NULL;
}

/* ---- The writing thread ---- */

static void append(struct shared *shared, struct rng *rng, uint64_t round)
{
    uint8_t record[RECORD_MAX];
    uint64_t recno = capf_file_count(shared->file) + 1, given = 0;
    size_t len = make_record(record, recno, round);
    if (rng_chance(rng, 90)) {
        must(capf_append(shared->file, record, len, &given, &test_err));
    } else {
        must(capf_append_begin(shared->file, rng_chance(rng, 50) ? len : CAPF_UNKNOWN_LENGTH,
                               &test_err));
        must(capf_append_data(shared->file, record, len / 2, &test_err));
        must(capf_append_data(shared->file, record + len / 2, len - len / 2, &test_err));
        must(capf_append_end(shared->file, &given, &test_err));
    }
    assert_int_equal(given, recno);
}

static void tell_committed(struct shared *shared, uint64_t round)
{
    uint64_t count = capf_file_count(shared->file);
    for (uint64_t i = look(&shared->committed) + 1; i <= count; i++)
        tell(&shared->round_of[i], round);
    tell(&shared->committed, count);
}

static void write_rounds(struct shared *shared, unsigned rounds)
{
    struct rng rng = {4711};
    for (unsigned round = 1; round <= rounds; round++) {
        struct capf_bytes record;
        for (uint64_t i = rng_below(&rng, ROUND_RECORDS); i > 0; i--)
            append(shared, &rng, round);
        if (capf_file_count(shared->file) != 0)
            must(capf_get(shared->file, capf_file_count(shared->file), &record, &test_err));
        if (rng_chance(&rng, 30)) {
            must(capf_rollback(shared->file, &test_err));
        } else {
            must(capf_commit(shared->file, &test_err));
            tell_committed(shared, round);
        }
    }
}

static void check_end(const char *path, uint64_t count)
{
    capf_file *file;
    struct capf_bytes record;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    assert_int_equal(capf_file_count(file), count);
    for (uint64_t i = 1; i <= count; i++) {
        must(capf_get(file, i, &record, &test_err));
        assert_true(round_of_record(&record, i) != 0);
    }
    capf_close(file);
}

/* Lets all readers end, and adds up what they counted. */
static void join_readers(struct shared *shared, struct reader readers[READERS])
{
    uint64_t reads = 0, stale = 0, faults = 0;
    atomic_store_explicit(&shared->stop, true, memory_order_relaxed);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        reads += readers[i].reads;
        stale += readers[i].stale;
        faults += readers[i].faults;
    }
    print_message("%llu reads, %llu on rolled-back states, %llu faults\n",
                  (unsigned long long)reads, (unsigned long long)stale, (unsigned long long)faults);
    assert_int_equal(faults, 0);
    assert_true(reads > 0);
}

static void run_threads(const struct capf_creation *creation, size_t cache_bytes, unsigned rounds)
{
    struct capf_options options = {
        .durability = CAPF_DURABLE_NONE, .cache_bytes = cache_bytes, .level = 1};
    struct shared *shared = calloc(1, sizeof *shared + (ROUND_RECORDS * (size_t)rounds + 1) *
                                                           sizeof shared->round_of[0]);
    struct reader readers[READERS];
    const char *path = scratch_path("threads.capture");
    assert_non_null(shared);
    must(capf_create(path, creation, &options, &shared->file, NULL, &test_err));
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.shared = shared, .rng = {i}};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, reader_main, &readers[i]), 0);
    }
    write_rounds(shared, rounds);
    join_readers(shared, readers);
    must(capf_rollback(shared->file, &test_err));
    uint64_t count = capf_file_count(shared->file);
    capf_close(shared->file);
    check_end(path, count);
    free(shared);
}

static void test_readers_beside_a_writer_get_the_right_records(void **state)
{
    (void)state;
    struct capf_creation creation = {.how = CAPF_REPLACE, .block_size = 4096};
    run_threads(&creation, 0, test_scaled(1500));
}

static void test_readers_beside_a_writer_with_tiny_blocks_and_cache(void **state)
{
    (void)state;
    struct capf_creation creation = {
        .how = CAPF_REPLACE, .page_size = 512, .block_size = 512, .fan_out = 4};
    run_threads(&creation, 3000, test_scaled(1500));
}

/* ---- Cursors that outlive their handle ---- */

static void *walk_all(void *arg)
{
    capf_cursor *cursor = arg;
    struct capf_bytes record;
    uint64_t recno, good = 0;
    while (capf_cursor_next(cursor, &recno, &record, NULL) == CAPF_OK)
        good += round_of_record(&record, recno) != 0;
    bool all = good == capf_cursor_count(cursor);
    capf_cursor_close(cursor);
    return all ? &walk_all : NULL;
}

static void test_cursors_in_threads_outlive_the_handle(void **state)
{
    (void)state;
    struct capf_creation creation = {.how = CAPF_REPLACE, .block_size = 4096};
    struct capf_options options = {.durability = CAPF_DURABLE_NONE};
    struct shared shared = {0};
    struct rng rng = {5};
    pthread_t threads[READERS];
    void *result;
    must(capf_create(scratch_path("outlive.capture"), &creation, &options, &shared.file, NULL,
                     &test_err));
    for (unsigned i = 0; i < 2000; i++)
        append(&shared, &rng, 1);
    must(capf_commit(shared.file, &test_err));
    for (unsigned i = 0; i < READERS; i++) {
        capf_cursor *cursor;
        must(capf_cursor_open(shared.file, &cursor, &test_err));
        assert_int_equal(pthread_create(&threads[i], NULL, walk_all, cursor), 0);
    }
    capf_close(shared.file);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_beside_a_writer_get_the_right_records),
        cmocka_unit_test(test_readers_beside_a_writer_with_tiny_blocks_and_cache),
        cmocka_unit_test(test_cursors_in_threads_outlive_the_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
