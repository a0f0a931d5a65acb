/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking, looking behind the last commit, salvage and reach where a call on the file or an
 * allocation fails, once or for good, at each place in turn, and where they are stopped at each
 * question of theirs. Nothing leaks, no descriptor and no file is left, the reason is told; and what
 * is answered all the same where memory alone failed is the right answer.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fault_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"
#define CALLS (FAULT_FILES & ~FAULT_OP(IO_UNLINK))

/* What a call said, to compare. */
struct answer {
    enum capf_status status;
    uint64_t number[6];
};

/* ---- The calls ---- */

typedef struct answer subject(const struct capf_options *options);

static void add_finding(void *ctx, const struct capf_finding *finding)
{
    struct answer *answer = ctx;
    answer->number[0] = answer->number[0] * 31 + finding->offset + finding->first + finding->last;
}

static struct answer do_check(const struct capf_options *options, bool quick)
{
    struct answer answer = {0};
    struct capf_check wish = {.quick = quick, .found = add_finding, .ctx = &answer};
    struct capf_check_result result;
    answer.status = capf_check(MEM_PATH, &wish, options, &result, &test_err);
    assert_true(result.sound <= result.records);
    answer.number[1] = result.damage;
    answer.number[2] = result.sound;
    answer.number[3] = result.index_nodes;
    answer.number[4] = result.metadata_values;
    answer.number[5] = result.raw;
    return answer;
}

static struct answer check_whole(const struct capf_options *options)
{
    return do_check(options, false);
}

static struct answer check_quickly(const struct capf_options *options)
{
    return do_check(options, true);
}

static struct answer look_after(const struct capf_options *options)
{
    struct answer answer = {0};
    struct capf_after_info info = {0};
    capf_file *file = NULL;
    capf_cursor *cursor = NULL;
    answer.status = capf_open(MEM_PATH, CAPF_READ, options, &file, &test_err);
    if (answer.status == CAPF_OK)
        answer.status = capf_cursor_open_after(file, &cursor, &info, &test_err);
    if (answer.status == CAPF_OK)
        answer = (struct answer){CAPF_OK,
                                 {capf_cursor_count(cursor), info.unsure, info.blocks, info.end,
                                  (uint64_t)info.why, info.metadata}};
    capf_cursor_close(cursor);
    capf_close(file);
    return answer;
}

static struct answer salvage_with(const struct capf_options *options, const char *out, bool unsure)
{
    struct capf_salvage_options wish = {.unsure = unsure};
    struct capf_salvage_report r;
    enum capf_status status = capf_salvage(MEM_PATH, out, &wish, options, &r, &test_err);
    struct answer answer = {
        status, {r.recovered, r.lost, r.unsure_total, r.meta_written, r.skipped_bytes, r.limit}};
    capf_salvage_release(&r);
    capf_salvage_release(&r); /* may be done twice */
    return answer;
}

static struct answer salvage(const struct capf_options *options)
{
    return salvage_with(options, OUT_PATH, true);
}

static struct answer salvage_certain(const struct capf_options *options)
{
    return salvage_with(options, OUT_PATH, false);
}

static struct answer salvage_report(const struct capf_options *options)
{
    return salvage_with(options, NULL, true);
}

static struct answer reach(const struct capf_options *options)
{
    struct answer answer = {0};
    capf_file *file = NULL;
    capf_cursor *cursor = NULL;
    answer.status = capf_open(MEM_PATH, CAPF_READ, options, &file, &test_err);
    if (answer.status == CAPF_OK)
        answer.status = capf_cursor_open(file, &cursor, &test_err);
    for (uint64_t recno = 1; answer.status == CAPF_OK && recno <= capf_cursor_count(cursor);) {
        uint64_t first = 0, last = 0;
        answer.status = capf_cursor_reach(cursor, recno, &first, &last, &test_err);
        assert_true(answer.status != CAPF_OK || (first <= recno && recno <= last));
        recno = answer.number[0] = last + 1; /* it may give less than all */
    }
    capf_cursor_close(cursor);
    capf_close(file);
    return answer;
}

/* ---- Failing calls ---- */

static bool may_fail_so(enum capf_status status, uint32_t ops)
{
    if ((ops & FAULT_MEMORY) != 0)
        return status == CAPF_NO_MEMORY;
    return status == CAPF_IO || status == CAPF_DAMAGED || status == CAPF_UNKNOWN ||
           status == CAPF_END || status == CAPF_CUT || status == CAPF_BROKEN;
}

static void must_leave_nothing(struct mem_file_test *test, struct fault_io *fault, uint64_t n,
                               const struct answer *answer)
{
    bool named = answer->status == CAPF_OK || answer->status == CAPF_UNKNOWN;
    assert_int_equal(fault->wrap.memory.live_blocks, 0);
    assert_int_equal(mem_disk_open_count(test->disk), 0);
    if (!named && mem_disk_name_count(test->disk) != 1)
        fail_msg("call %llu: %s, and a file is left", (unsigned long long)n, test_err.text);
    test->options.io->unlink(test->options.io->ctx, OUT_PATH);
    assert_int_equal(mem_disk_name_count(test->disk), 1);
}

/* Member by member: what is between them means nothing. */
static bool same_answer(const struct answer *a, const struct answer *b)
{
    return a->status == b->status && memcmp(a->number, b->number, sizeof a->number) == 0;
}

/* Each call in turn fails, `times` in a row. Gives how many there were. */
static uint64_t sweep(struct mem_file_test *test, subject *call, uint32_t ops, uint64_t times)
{
    struct fault_io fault;
    struct capf_options options = test->options;
    struct answer right = call(&options);
    test->options.io->unlink(test->options.io->ctx, OUT_PATH);
    for (uint64_t n = 1;; n++) {
        struct fault_plan plan = {
            .ops = ops, .first = n, .times = times, .error = ops == FAULT_MEMORY ? -ENOMEM : -EIO};
        fault_io_init(&fault, test->options.io, &plan);
        options.io = &fault.wrap.io;
        test_err = (struct capf_error){0};
        struct answer answer = call(&options);
        bool same = same_answer(&answer, &right);
        if (answer.status != CAPF_OK && answer.status != right.status) {
            if (!may_fail_so(answer.status, ops))
                fail_msg("call %llu: %s", (unsigned long long)n, test_err.text);
            assert_true(test_err.status == answer.status && test_err.text[0] != '\0');
        } else if (ops == FAULT_MEMORY && !same) {
            fail_msg("allocation %llu is missing, and the answer is another",
                     (unsigned long long)n);
        }
        must_leave_nothing(test, &fault, n, &answer);
        if (fault.failed == 0) {
            assert_true(same);
            return n;
        }
    }
}

static void sweep_all(struct mem_file_test *test, subject *const *subjects, size_t count)
{
    uint64_t calls = 0, memory = 0;
    for (size_t i = 0; i < count; i++) {
        calls += sweep(test, subjects[i], CALLS, 1);
        calls += sweep(test, subjects[i], CALLS, FAULT_FOR_GOOD);
        memory += sweep(test, subjects[i], FAULT_MEMORY, 1);
        memory += sweep(test, subjects[i], FAULT_MEMORY, FAULT_FOR_GOOD);
    }
    print_message("%llu calls and %llu allocations failed\n", (unsigned long long)calls,
                  (unsigned long long)memory);
}

/* ---- Stopping ---- */

static bool stop_at(void *ctx, uint64_t done, uint64_t total)
{
    uint64_t *left = ctx;
    (void)done, (void)total;
    return *left > 0 && --*left > 0;
}

/* Stopped at each question in turn: it stops there, and leaves nothing. */
static void stop_everywhere(struct mem_file_test *test, subject *call, uint64_t least)
{
    struct answer answer;
    uint64_t n = 1, left;
    do {
        struct capf_options options = test->options;
        left = n++;
        options.progress = stop_at;
        options.progress_ctx = &left;
        answer = call(&options);
        assert_true(answer.status == (left == 0 ? CAPF_CANCELLED : CAPF_OK) ||
                    (left > 0 && answer.status == CAPF_END));
        if (left == 0)
            assert_int_equal(mem_disk_name_count(test->disk), 1);
        assert_int_equal(mem_disk_open_count(test->disk), 0);
        test->options.io->unlink(test->options.io->ctx, OUT_PATH);
    } while (left == 0);
    assert_true(n > least);
}

/* ---- Files ---- */

static subject *const all[] = {check_whole, check_quickly,   look_after,    salvage,
                               reach,       salvage_certain, salvage_report};
#define ALL (sizeof all / sizeof all[0])

static void spoil(struct mem_file_test *test, uint64_t pos)
{
    mem_disk_poke(test->disk, MEM_PATH, pos, "sixteen bytes...", 16);
}

/* Small blocks, metadata, index nodes of three heights, and what was never committed behind. */
static struct capf_info make_small(struct mem_file_test *test)
{
    capf_file *file = mem_create(test, 256, 512, 4);
    mem_append_numbered(file, 60);
    must(capf_set_meta(file, "meta", 4, &test_err));
    mem_append_numbered(file, 64);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    mem_append_numbered(file, 120);
    capf_close(file);
    return info;
}

static void append_long(capf_file *file, bool is_meta, unsigned noise)
{
    size_t len = (1u << 20) + 300000;
    uint8_t *bytes = test_bytes(len);
    test_fill(bytes, len, 7, noise);
    if (is_meta)
        must(capf_set_meta(file, bytes, len, &test_err));
    else
        must(capf_append(file, bytes, len, NULL, &test_err));
    free(bytes);
}

/* Long blocks: a record, the metadata, a record that was never committed. */
static struct capf_info make_long(struct mem_file_test *test)
{
    capf_file *file = mem_create(test, 256, 512, 4);
    mem_append_numbered(file, 2);
    append_long(file, false, 0);
    mem_append_numbered(file, 9);
    append_long(file, true, 2);
    mem_append_numbered(file, 30);
    must(capf_commit(file, &test_err));
    struct capf_info info = mem_info(file);
    append_long(file, false, 1);
    append_long(file, true, 1);
    mem_append_numbered(file, 30);
    capf_close(file);
    return info;
}

/* ---- Tests ---- */

static void calls_fail_over_a_sound_file(void **state)
{
    make_small(*state);
    sweep_all(*state, all, ALL);
}

static void calls_fail_over_damaged_blocks(void **state)
{
    struct capf_info info = make_small(*state);
    spoil(*state, info.file_limit / 2 + 1300);
    sweep_all(*state, all, ALL);
}

static void calls_fail_over_long_blocks(void **state)
{
    make_long(*state);
    sweep_all(*state, all, ALL);
}

static void calls_fail_over_a_bad_node(void **state)
{
    struct capf_info info = make_small(*state);
    spoil(*state, info.node[info.current].pos + 600);
    sweep_all(*state, all, ALL);
}

/* Salvage alone goes on from here. */
static subject *const salvages[] = {salvage, salvage_certain, salvage_report};

static void calls_fail_without_checksums(void **state)
{
    struct capf_info info = make_small(*state);
    for (int slot = 0; slot < 2; slot++)
        mem_disk_poke(((struct mem_file_test *)*state)->disk, MEM_PATH, info.node[slot].pos, "no!",
                      4);
    sweep_all(*state, salvages, 3);
}

static void calls_fail_without_nodes(void **state)
{
    struct capf_info info = make_small(*state);
    for (int slot = 0; slot < 2; slot++)
        for (uint64_t at = 0; at < 256; at += 16)
            spoil(*state, info.node[slot].pos + at);
    sweep_all(*state, salvages, 3);
}

static void calls_fail_without_nodes_and_header(void **state)
{
    struct capf_info info = make_small(*state);
    for (uint64_t at = 0; at < info.node[0].pos + 256; at += 16)
        spoil(*state, at);
    for (uint64_t at = 0; at < 256; at += 16)
        spoil(*state, info.node[1].pos + at);
    sweep_all(*state, salvages, 3);
}

static void calls_fail_without_a_header(void **state)
{
    make_small(*state);
    spoil(*state, 0);
    spoil(*state, 16);
    sweep_all(*state, salvages, 3);
}

static void all_stop_when_told(void **state)
{
    struct capf_info info = make_small(*state);
    stop_everywhere(*state, check_whole, 4);
    stop_everywhere(*state, check_quickly, 2);
    stop_everywhere(*state, look_after, 4);
    stop_everywhere(*state, salvage, 4);
    spoil(*state, info.file_limit / 2 + 1300);
    stop_everywhere(*state, check_whole, 4);
    stop_everywhere(*state, salvage, 4);
    spoil(*state, 0);
    spoil(*state, 16);
    stop_everywhere(*state, salvage, 4);
    for (int slot = 0; slot < 2; slot++)
        spoil(*state, info.node[slot].pos);
    stop_everywhere(*state, salvage, 4);
}

static void all_stop_in_long_blocks(void **state)
{
    struct capf_info info = make_long(*state);
    stop_everywhere(*state, check_whole, 4);
    stop_everywhere(*state, check_quickly, 2);
    stop_everywhere(*state, look_after, 4);
    stop_everywhere(*state, salvage, 4);
    stop_everywhere(*state, reach, 1);
    for (int slot = 0; slot < 2; slot++)
        spoil(*state, info.node[slot].pos);
    stop_everywhere(*state, salvage, 4);
}

/* ---- Others meanwhile ---- */

static void a_replaced_file_has_no_after(void **state)
{
    struct mem_file_test *test = *state;
    capf_cursor *cursor = NULL;
    make_small(test);
    capf_file *file = mem_open_read(test);
    make_small(test);
    must_be(CAPF_CHANGED, capf_cursor_open_after(file, &cursor, NULL, &test_err));
    capf_close(file);
}

/* Another byte of the bad node at each look. */
static void keep_writing(void *ctx)
{
    struct mem_file_test *test = ctx;
    static uint8_t byte = 201;
    byte = byte == 201 ? 202 : 201; /* neither is what belongs there */
    mem_disk_poke(test->disk, MEM_PATH, 256 + 600, &byte, 1);
}

static void a_node_that_is_always_being_written_is_none(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_check_result result;
    make_small(test);
    keep_writing(test);
    mem_disk_on_nap(test->disk, keep_writing, test);
    must(capf_check(MEM_PATH, NULL, &test->options, &result, &test_err));
    mem_disk_on_nap(test->disk, NULL, NULL);
    assert_int_equal(result.damage, 0); /* it cannot be said */
}

static int refuse_one(void *ctx, struct io_call *call)
{
    const struct io_call *refused = ctx;
    bool frees = call->op == IO_REALLOC && call->len == 0;
    return call->op == refused->op && !frees ? refused->fd : 0;
}

/* Somebody else took the name; the folder cannot be synced; and nobody asks for the reason. */
static void the_last_steps_of_a_salvage_fail(void **state)
{
    struct mem_file_test *test = *state;
    static const struct {
        enum io_op op;
        int error;
        enum capf_status status;
    } steps[] = {{IO_LINK, -EEXIST, CAPF_EXISTS},
                 {IO_LINK, -EPERM, CAPF_IO},
                 {IO_REALLOC, -ENOMEM, CAPF_NO_MEMORY}};
    make_small(test);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        for (int asks = 0; asks < 2; asks++) {
            struct wrap_io wrap;
            struct capf_options options = test->options;
            struct capf_salvage_report report;
            struct capf_error err;
            struct io_call refused = {.op = steps[i].op, .fd = steps[i].error};
            wrap_io_init(&wrap, test->options.io);
            wrap.hook = refuse_one;
            wrap.hook_ctx = &refused;
            options.io = &wrap.io;
            enum capf_status status =
                capf_salvage(MEM_PATH, OUT_PATH, NULL, &options, &report, asks != 0 ? &err : NULL);
            capf_salvage_release(&report);
            assert_true(status == steps[i].status);
            assert_int_equal(mem_disk_name_count(test->disk), 1);
        }
}

static void nobody_asks_for_the_reason(void **state)
{
    struct mem_file_test *test = *state;
    make_small(test);
    for (uint64_t n = 1; n < 80; n++)
        for (int i = 0; i < 4; i++) {
            struct fault_io fault;
            struct capf_options options = test->options;
            struct capf_check_result result;
            struct capf_salvage_report report;
            struct fault_plan plan = {.ops = i % 2 == 0 ? CALLS : FAULT_MEMORY,
                                      .first = n,
                                      .times = 1,
                                      .error = i % 2 == 0 ? -EIO : -ENOMEM};
            fault_io_init(&fault, test->options.io, &plan);
            options.io = &fault.wrap.io;
            if (i < 2) {
                either_way(capf_check(MEM_PATH, NULL, &options, &result, NULL));
            } else {
                either_way(capf_salvage(MEM_PATH, OUT_PATH, NULL, &options, &report, NULL));
                capf_salvage_release(&report);
            }
            assert_int_equal(fault.wrap.memory.live_blocks, 0);
            test->options.io->unlink(test->options.io->ctx, OUT_PATH);
            assert_int_equal(mem_disk_name_count(test->disk), 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_fail_over_a_sound_file),
        TEST(calls_fail_over_damaged_blocks),
        TEST(calls_fail_over_long_blocks),
        TEST(calls_fail_over_a_bad_node),
        TEST(calls_fail_without_checksums),
        TEST(calls_fail_without_nodes),
        TEST(calls_fail_without_nodes_and_header),
        TEST(calls_fail_without_a_header),
        TEST(all_stop_when_told),
        TEST(all_stop_in_long_blocks),
        TEST(a_replaced_file_has_no_after),
        TEST(a_node_that_is_always_being_written_is_none),
        TEST(the_last_steps_of_a_salvage_fail),
        TEST(nobody_asks_for_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
