/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was flushed and never committed comes back in order and byte for byte,
 * records are told from metadata as far as index nodes tell them, and nothing
 * is claimed that no writer left there.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/model.h"
#include "tests/support/ops.h"
#include "tests/support/wrap_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)

/* Everything that was appended since the file was made, in order. */
struct item {
    bool is_meta;
    struct model_value value;
};

struct story {
    struct item *items;
    size_t count, room;
    uint64_t records, committed; /* records in all, and as of the last commit */
    size_t at_commit;            /* items by then */
    struct rng rng;
};

static struct item *story_add(struct story *story, bool is_meta, uint32_t len_max)
{
    if (story->count == story->room) {
        story->room = 2 * story->room + 64;
        story->items = realloc(story->items, story->room * sizeof *story->items);
        assert_non_null(story->items);
    }
    struct item *item = &story->items[story->count++];
    *item = (struct item){is_meta,
                          {.there = true,
                           .seed = rng_next(&story->rng),
                           .len = (uint32_t)rng_below(&story->rng, len_max + 1u),
                           .noise = (unsigned)rng_below(&story->rng, 101)}};
    story->records += !is_meta;
    return item;
}

static void append_pieces(capf_file *file, const struct item *item, bool known)
{
    const uint8_t *bytes = model_bytes(&item->value);
    uint32_t half = item->value.len / 2;
    must(capf_append_begin(file, known ? item->value.len : CAPF_UNKNOWN_LENGTH, &test_err));
    must(capf_append_data(file, bytes, half, &test_err));
    must(capf_append_data(file, bytes + half, item->value.len - half, &test_err));
    must(capf_append_end(file, NULL, &test_err));
}

/* One more item, by any of the calls. */
static void write_one(capf_file *file, struct story *story, uint32_t len_max, unsigned meta_percent)
{
    bool is_meta = rng_chance(&story->rng, meta_percent);
    struct item *item = story_add(story, is_meta, len_max);
    unsigned how = (unsigned)rng_below(&story->rng, 10);
    if (is_meta)
        must(capf_set_meta(file, model_bytes(&item->value), item->value.len, &test_err));
    else if (how < 2)
        append_pieces(file, item, how == 0);
    else
        must(capf_append(file, model_bytes(&item->value), item->value.len, NULL, &test_err));
}

static void commit(capf_file *file, struct story *story)
{
    must(capf_commit(file, &test_err));
    story->committed = story->records;
    story->at_commit = story->count;
}

/* ---- Comparing ---- */

/* The cursor's records from the first never-committed one are the story's, up to where metadata
 * cannot be told; from there on they are its items, whatever their kind. Gives how many there are. */
static uint64_t compare(const struct story *story, capf_cursor *cursor,
                        const struct capf_after_info *info)
{
    struct capf_bytes bytes;
    uint64_t recno = info->first, metadata = 0;
    size_t i = story->at_commit;
    for (; recno <= info->last; recno++, i++) {
        while (recno < info->unsure && i < story->count && story->items[i].is_meta)
            i++, metadata++;
        assert_true(i < story->count);
        must(capf_cursor_get(cursor, recno, &bytes, &test_err));
        assert_true(model_equals(&story->items[i].value, bytes));
        if (recno + 1 == info->unsure) /* metadata before the index node is told as well */
            while (metadata < info->metadata && story->items[i + 1].is_meta)
                i++, metadata++;
    }
    assert_int_equal(metadata, info->metadata);
    assert_int_equal(info->committed, story->committed);
    assert_int_equal(info->first, story->committed + 1);
    assert_int_equal(capf_cursor_count(cursor), info->last);
    return info->last - info->committed;
}

static void compare_committed(const struct story *story, capf_cursor *cursor)
{
    struct capf_bytes bytes;
    uint64_t recno = 0;
    for (size_t i = 0; i < story->at_commit; i++) {
        if (story->items[i].is_meta)
            continue;
        must(capf_cursor_get(cursor, ++recno, &bytes, &test_err));
        assert_true(model_equals(&story->items[i].value, bytes));
    }
}

/* Looks behind the last commit; 0 when there is nothing. */
static uint64_t look_after(struct mem_file_test *test, const struct story *story)
{
    struct capf_after_info info;
    capf_cursor *cursor = NULL;
    uint64_t found = 0;
    capf_file *file = mem_open_read(test);
    enum capf_status status = capf_cursor_open_after(file, &cursor, &info, &test_err);
    if (status == CAPF_OK) {
        found = compare(story, cursor, &info);
        compare_committed(story, cursor);
        capf_cursor_close(cursor);
    } else {
        assert_int_equal(status, CAPF_END);
    }
    capf_close(file);
    return found;
}

/* ---- A fixture ---- */

/* Reads the script's records into an array of copies. */
static size_t script_records(const char *name, struct capf_bytes **records)
{
    char why[OPS_ERROR];
    struct op op;
    size_t count = 0;
    struct ops_reader *reader = ops_open(fixture_data_path(name));
    assert_non_null(reader);
    *records = test_bytes(20000 * sizeof **records);
    while (ops_next(reader, &op, why) == 1) {
        if (op.kind != OP_ADD)
            continue;
        uint8_t *copy = test_bytes(op.len + 1);
        memcpy(copy, op.data, op.len);
        (*records)[count++] = (struct capf_bytes){copy, op.len};
        assert_true(count < 20000);
    }
    ops_close(reader);
    return count;
}

static void test_the_fixture_gives_what_its_script_appended(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_after_info info;
    struct capf_bytes *records, got;
    capf_cursor *cursor = NULL;
    size_t count = script_records("uncommitted-flushed.ops.gz", &records);
    fixture_to_disk("uncommitted-flushed", test->disk, MEM_PATH);
    capf_file *file = mem_open_read(test);
    must(capf_cursor_open_after(file, &cursor, &info, &test_err));
    assert_int_equal(count, 9000);
    assert_int_equal(info.committed, 2000);
    assert_int_equal(info.why, CAPF_AFTER_CUT);
    assert_int_equal(info.metadata, 1);
    assert_true(info.unsure > 8440 && info.last > 8460);
    for (uint64_t i = 1; i <= info.last; i++) {
        must(capf_cursor_get(cursor, i, &got, &test_err));
        must_hold(got, records[i - 1].data, records[i - 1].len);
    }
    print_message("the fixture: %llu of 7,000 uncommitted records, %llu of them for certain\n",
                  (unsigned long long)(info.last - 2000), (unsigned long long)(info.unsure - 2001));
    capf_cursor_close(cursor);
    capf_close(file);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)records[i].data);
    free(records);
}

/* ---- Our own writer ---- */

struct shape {
    uint32_t page, block, fan_out, len_max;
    unsigned meta_percent, before, behind;
};

static const struct shape shapes[] = {
    {4096, 32768, 32, 300, 0, 500, 9000},  {256, 256, 2, 40, 20, 30, 600},
    {512, 512, 4, 200, 10, 100, 3000},     {256, 512, 3, 600, 50, 20, 500},
    {4096, 4096, 2, 100, 0, 0, 2000},      {512, 1024, 8, 3000, 5, 50, 400},
    {4096, 32768, 32, 90000, 10, 40, 300}, {512, 2048, 16, 20, 90, 300, 3000},
};

/* A story with `before` committed items and `behind` more, in MEM_PATH, closed without a commit. */
static void write_story(struct mem_file_test *test, struct story *story, const struct shape *shape)
{
    capf_file *file = mem_create(test, shape->page, shape->block, shape->fan_out);
    for (unsigned i = 0; i < shape->before; i++)
        write_one(file, story, shape->len_max, shape->meta_percent);
    commit(file, story);
    for (unsigned i = 0; i < shape->behind; i++)
        write_one(file, story, shape->len_max, shape->meta_percent);
    capf_close(file);
}

static void test_uncommitted_items_of_our_writer_come_back(void **state)
{
    struct mem_file_test *test = *state;
    uint64_t seed = test_seed(4), found = 0, items = 0;
    unsigned rounds = test_scaled(2);
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            struct story story = {.rng = {seed + 100 * round + i}};
            write_story(test, &story, &shapes[i]);
            uint64_t here = look_after(test, &story);
            assert_true(here > shapes[i].behind / 20);
            found += here;
            items += shapes[i].behind;
            free(story.items);
        }
    print_message("our writer: %llu of %llu uncommitted items found, 0 wrong\n",
                  (unsigned long long)found, (unsigned long long)items);
}

static void test_a_record_of_megabytes_comes_back(void **state)
{
    struct mem_file_test *test = *state;
    struct story story = {.rng = {9}};
    struct capf_after_info info;
    capf_cursor *cursor = NULL;
    capf_file *file = mem_create(test, 0, 0, 0);
    write_one(file, &story, 100, 0);
    commit(file, &story);
    struct item *item = story_add(&story, false, 0);
    item->value.len = 5000000;
    append_pieces(file, item, true);
    item = story_add(&story, false, 0);
    item->value.len = 3000000;
    append_pieces(file, item, false);
    item = story_add(&story, false, 0);
    item->value.len = 200000; /* its pages make the one before whole */
    item->value.noise = 100;
    must(capf_append(file, model_bytes(&item->value), item->value.len, NULL, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    must(capf_cursor_open_after(file, &cursor, &info, &test_err));
    assert_int_equal(compare(&story, cursor, &info), 2);
    capf_cursor_close(cursor);
    capf_close(file);
    free(story.items);
}

/* ---- Nothing is claimed ---- */

static void test_nothing_stands_behind_a_commit(void **state)
{
    struct mem_file_test *test = *state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct story story = {.rng = {i}};
        struct shape shape = shapes[i];
        shape.behind = 0;
        write_story(test, &story, &shape);
        assert_int_equal(look_after(test, &story), 0);
        free(story.items);
    }
}

/* The next writer goes on from the commit: what the first one left behind it must not be taken for the
 * second one's. */
static void test_leftovers_of_an_older_writer_are_not_taken_for_a_newer_ones(void **state)
{
    struct mem_file_test *test = *state;
    uint64_t seed = test_seed(40), claimed = 0;
    unsigned rounds = test_scaled(16);
    for (unsigned round = 0; round < rounds; round++) {
        const struct shape *shape = &shapes[round % (sizeof shapes / sizeof shapes[0])];
        struct story story = {.rng = {seed + round}};
        write_story(test, &story, shape);
        for (unsigned writers = 0; writers < 3; writers++) {
            size_t dropped = story.count - story.at_commit;
            for (size_t i = story.at_commit; i < story.count; i++)
                story.records -= !story.items[i].is_meta;
            story.count -= dropped;
            capf_file *file = mem_open_write(test);
            unsigned more = 1 + (unsigned)rng_below(&story.rng, shape->behind);
            for (unsigned i = 0; i < more; i++)
                write_one(file, &story, shape->len_max, shape->meta_percent);
            if (rng_chance(&story.rng, 70))
                commit(file, &story);
            capf_close(file);
            claimed += look_after(test, &story);
        }
        free(story.items);
    }
    print_message("later writers: %llu items found, all of the last writer's\n",
                  (unsigned long long)claimed);
}

/* Of the same lengths, so that all but their bytes fits. */
static void test_leftovers_of_the_same_lengths_are_not_taken_either(void **state)
{
    struct mem_file_test *test = *state;
    capf_cursor *cursor = NULL;
    capf_file *file = mem_create(test, 512, 1024, 4);
    mem_append(file, "committed");
    must(capf_commit(file, &test_err));
    for (unsigned i = 0; i < 300; i++)
        mem_append(file, "left over");
    capf_close(file);
    file = mem_open_read(test);
    must(capf_cursor_open_after(file, &cursor, NULL, &test_err));
    capf_cursor_close(cursor);
    capf_close(file);
    file = mem_open_write(test);
    mem_append(file, "the next.");
    must(capf_commit(file, &test_err));
    capf_close(file);
    file = mem_open_read(test);
    must_be(CAPF_END, capf_cursor_open_after(file, &cursor, NULL, &test_err));
    capf_close(file);
}

/* A reader that looks while a writer works sees a beginning of what the writer has flushed. */
static void test_beside_a_writer_it_sees_only_what_was_appended(void **state)
{
    struct mem_file_test *test = *state;
    struct story story = {.rng = {test_seed(77)}};
    uint64_t found = 0;
    unsigned rounds = test_scaled(400);
    capf_file *writer = mem_create(test, 512, 1024, 4);
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < 20; i++)
            write_one(writer, &story, 100, 5);
        if (rng_chance(&story.rng, 20))
            commit(writer, &story);
        found += look_after(test, &story) > 0;
    }
    assert_true(found > rounds / 4);
    capf_close(writer);
    free(story.items);
}

static void test_a_stale_handle_says_that_a_writer_is_at_work(void **state)
{
    struct mem_file_test *test = *state;
    struct story story = {.rng = {5}};
    struct capf_after_info info;
    capf_cursor *cursor = NULL;
    write_story(test, &story, &shapes[2]);
    capf_file *file = mem_open_read(test);
    must(capf_cursor_open_after(file, &cursor, &info, &test_err));
    assert_false(info.changed);
    capf_cursor_close(cursor);
    capf_file *writer = mem_open_write(test);
    mem_append_numbered(writer, 3);
    must(capf_commit(writer, &test_err));
    capf_close(writer);
    either_way(capf_cursor_open_after(file, &cursor, &info, &test_err));
    assert_true(info.changed);
    capf_cursor_close(cursor);
    capf_close(file);
    free(story.items);
}

static void test_the_state_before_has_no_after(void **state)
{
    struct mem_file_test *test = *state;
    struct capf_options options = test->options;
    capf_cursor *cursor = NULL;
    capf_file *file = NULL;
    capf_close(mem_create(test, 0, 0, 0));
    options.which = CAPF_PREVIOUS;
    must(capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err));
    must_be(CAPF_ARGUMENT, capf_cursor_open_after(file, &cursor, NULL, &test_err));
    capf_close(file);
}

/* ---- Damage ---- */

/* Whatever is overwritten or cut off, what is given is a beginning of what was appended. */
static void test_damage_behind_the_limit_shortens_what_is_found(void **state)
{
    struct mem_file_test *test = *state;
    uint64_t seed = test_seed(1000), whole = 0, found = 0;
    unsigned rounds = test_scaled(300);
    struct story story = {.rng = {seed}};
    size_t len;
    write_story(test, &story, &shapes[2]);
    uint8_t *copy = mem_disk_copy(test->disk, MEM_PATH, &len);
    capf_file *file = mem_open_read(test);
    uint64_t limit = mem_info(file).file_limit;
    capf_close(file);
    whole = look_after(test, &story);
    for (unsigned round = 0; round < rounds; round++) {
        uint8_t bytes[16];
        uint64_t at = limit + rng_below(&story.rng, len - limit - sizeof bytes);
        mem_disk_put(test->disk, MEM_PATH, copy, len);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)rng_next(&story.rng);
        if (round % 4 == 0)
            mem_disk_truncate(test->disk, MEM_PATH, at);
        else
            mem_disk_poke(test->disk, MEM_PATH, at, bytes, sizeof bytes);
        uint64_t here = look_after(test, &story);
        assert_true(here <= whole);
        found += here;
    }
    print_message("damaged %u times: %llu of %llu items found, 0 wrong\n", rounds,
                  (unsigned long long)found, (unsigned long long)(whole * rounds));
    free(copy);
    free(story.items);
}

static int refuse_memory(void *ctx, struct io_call *call)
{
    long *left = ctx;
    return call->op == IO_REALLOC && call->len > 0 && (*left)-- == 0 ? -ENOMEM : 0;
}

static void test_every_missing_allocation_is_survived(void **state)
{
    struct mem_file_test *test = *state;
    struct story story = {.rng = {3}};
    enum capf_status status = CAPF_NO_MEMORY;
    long n;
    write_story(test, &story, &shapes[2]);
    for (n = 0; status != CAPF_OK; n++) {
        struct wrap_io wrap;
        struct capf_options options = test->options;
        capf_file *file = NULL;
        capf_cursor *cursor = NULL;
        long left = -1;
        wrap_io_init(&wrap, test->options.io);
        wrap.hook = refuse_memory;
        wrap.hook_ctx = &left;
        options.io = &wrap.io;
        must(capf_open(MEM_PATH, CAPF_READ, &options, &file, &test_err));
        left = n;
        status = capf_cursor_open_after(file, &cursor, NULL, &test_err);
        left = -1;
        assert_true(status == CAPF_OK || status == CAPF_NO_MEMORY);
        capf_cursor_close(cursor);
        capf_close(file);
        assert_int_equal(wrap.memory.live_blocks, 0);
    }
    assert_true(n > 10);
    free(story.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_fixture_gives_what_its_script_appended),
        TEST(test_uncommitted_items_of_our_writer_come_back),
        TEST(test_a_record_of_megabytes_comes_back),
        TEST(test_nothing_stands_behind_a_commit),
        TEST(test_leftovers_of_an_older_writer_are_not_taken_for_a_newer_ones),
        TEST(test_leftovers_of_the_same_lengths_are_not_taken_either),
        TEST(test_beside_a_writer_it_sees_only_what_was_appended),
        TEST(test_a_stale_handle_says_that_a_writer_is_at_work),
        TEST(test_the_state_before_has_no_after),
        TEST(test_damage_behind_the_limit_shortens_what_is_found),
        TEST(test_every_missing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
