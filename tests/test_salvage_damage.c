/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random damage: whatever 16 bytes and more are overwritten, or where the file
 * is cut, every record outside the hit blocks comes back with its bytes, none is
 * wrong, none is invented, and the lost ones are named by their numbers.
 */
#include "tests/support/mem_file.h"

#include "tests/support/rng.h"
#include "tests/support/walk.h"

#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"
#define RECORD_MAX 70000u

struct shape {
    uint32_t page, block, fan_out, len_max;
    uint64_t records;
    unsigned meta_percent;
};

static const struct shape shapes[] = {
    {512, 512, 4, 60, 3000, 0},      {4096, 4096, 32, 120, 4000, 0}, {256, 512, 2, 40, 1500, 0},
    {512, 1024, 3, 2000, 600, 0},    {1024, 2048, 8, 30, 5000, 0},   {512, 1024, 4, 60, 3000, 15},
    {4096, 32768, 32, 300, 5000, 0}, {128, 128, 2, 20, 120, 0},
};

/* ---- A file whose records say who they are ---- */

static size_t fill_record(uint8_t *bytes, uint64_t number, uint32_t len_max, uint64_t seed)
{
    struct rng rng = {seed ^ number * 0x9E3779B97F4A7C15u};
    size_t len = 8 + (size_t)rng_below(&rng, len_max);
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    test_fill(bytes + 8, len - 8, rng_next(&rng), (unsigned)rng_below(&rng, 101));
    return len;
}

struct subject {
    const struct shape *shape;
    uint64_t seed;
    uint8_t *file; /* intact */
    size_t len;
    struct capf_info info;
    uint64_t before;       /* records of the commit before the last */
    struct capf_coord *at; /* of each record */
    struct walk walk;      /* its blocks */
};

static void write_records(struct mem_file_test *test, capf_file *file, struct subject *subject)
{
    const struct shape *shape = subject->shape;
    uint8_t *bytes = test_bytes(RECORD_MAX);
    struct rng rng = {subject->seed};
    (void)test;
    for (uint64_t i = 1; i <= shape->records; i++) {
        size_t len = fill_record(bytes, i, shape->len_max, subject->seed);
        must(capf_append(file, bytes, len, NULL, &test_err));
        if (rng_chance(&rng, shape->meta_percent)) {
            len = fill_record(bytes, UINT64_MAX - i, shape->len_max, subject->seed);
            must(capf_set_meta(file, bytes, len, &test_err));
        }
        if (i == shape->records / 2 || i == shape->records * 9 / 10 || i == shape->records)
            must(capf_commit(file, &test_err));
    }
    subject->before = shape->records * 9 / 10;
    free(bytes);
}

static void locate_all(struct mem_file_test *test, struct subject *subject)
{
    struct capf_step steps[CAPF_LEVELS_MAX];
    unsigned count;
    capf_file *file = mem_open_read(test);
    subject->info = mem_info(file);
    subject->at = test_bytes((size_t)(subject->shape->records + 1) * sizeof *subject->at);
    for (uint64_t i = 1; i <= subject->shape->records; i++) {
        must(capf_locate(file, i, steps, &count, &test_err));
        subject->at[i] = steps[count - 1].at;
    }
    capf_close(file);
    assert_null(walk_file(&subject->walk, test->options.io, MEM_PATH));
}

/* In place, because zlib's state in the walk knows where it is. */
static void subject_init(struct subject *subject, struct mem_file_test *test,
                         const struct shape *shape, uint64_t seed)
{
    *subject = (struct subject){.shape = shape, .seed = seed};
    capf_file *file = mem_create(test, shape->page, shape->block, shape->fan_out);
    write_records(test, file, subject);
    capf_close(file);
    subject->file = mem_disk_copy(test->disk, MEM_PATH, &subject->len);
    locate_all(test, subject);
}

static void subject_free(struct subject *subject)
{
    free(subject->file);
    free(subject->at);
    walk_release(&subject->walk);
}

/* ---- Damage ---- */

struct damage {
    uint64_t from, to; /* bytes of the file that are not what they were */
};

/* Does it touch this block's bytes? Those on the last, partial page are in the master node. */
static bool hits_block(const struct subject *subject, const struct damage *d, uint64_t pos,
                       uint64_t end)
{
    uint64_t whole = subject->info.file_limit / subject->shape->page * subject->shape->page;
    if (end > whole)
        end = whole;
    return pos < end && d->from < end && d->to > pos;
}

/* Where the record's block ends; the open block ends with the file limit, where it begins. */
static uint64_t block_end(const struct subject *subject, uint64_t recno)
{
    const struct walk *walk = &subject->walk;
    for (size_t i = 0; i + 1 < walk->block_count; i++)
        if (walk->blocks[i].pos == subject->at[recno].pos)
            return walk->blocks[i + 1].pos;
    return subject->info.file_limit;
}

static bool record_hit(const struct subject *subject, const struct damage *d, uint64_t recno)
{
    return hits_block(subject, d, subject->at[recno].pos, block_end(subject, recno));
}

/* Is a part of it in a master node only? Where nothing says where that page belongs, it is lost when
 * the blocks before it are. */
static bool in_last_page(const struct subject *subject, uint64_t recno)
{
    uint32_t page = subject->shape->page;
    return block_end(subject, recno) > subject->info.file_limit / page * page;
}

static bool hits_newest_node(const struct subject *subject, const struct damage *d)
{
    uint64_t pos = subject->info.node[subject->info.current].pos;
    return d->from < pos + 2 * (uint64_t)subject->shape->page + subject->shape->block &&
           d->to > pos;
}

static struct damage do_damage(struct mem_file_test *test, const struct subject *subject,
                               struct rng *rng)
{
    uint64_t used = subject->info.file_limit;
    mem_disk_put(test->disk, MEM_PATH, subject->file, subject->len);
    if (rng_chance(rng, 10)) {
        uint64_t size = rng_below(rng, used);
        mem_disk_truncate(test->disk, MEM_PATH, size);
        return (struct damage){size, subject->len};
    }
    uint64_t len = 16 + (rng_chance(rng, 50) ? 0 : rng_below(rng, used / 4));
    uint64_t from = rng_below(rng, used);
    if (len > subject->len - from)
        len = subject->len - from;
    bool zeros = rng_chance(rng, 30);
    uint8_t *bytes = test_bytes((size_t)len);
    for (uint64_t i = 0; i < len; i++)
        bytes[i] = zeros ? 0 : (uint8_t)rng_next(rng);
    mem_disk_poke(test->disk, MEM_PATH, from, bytes, (size_t)len);
    free(bytes);
    return (struct damage){from, from + len};
}

/* ---- What must hold ---- */

struct tally {
    uint64_t runs, records, hit, back, unsure_back, nothing;
};

/* Which records the new file has, in `have`; each must be one, whole, and in order. */
static uint64_t read_out(struct mem_file_test *test, const struct subject *subject, bool *have,
                         bool may_have_meta, uint64_t unproven)
{
    struct capf_options options = test->options;
    capf_file *file = NULL;
    uint8_t *bytes = test_bytes(RECORD_MAX);
    uint64_t last = 0, metas = 0;
    must(capf_open(OUT_PATH, CAPF_READ, &options, &file, &test_err));
    for (uint64_t i = 1; i <= capf_file_count(file); i++) {
        struct capf_bytes got;
        uint64_t number = 0;
        must(capf_get(file, i, &got, &test_err));
        for (size_t k = 0; k < 8 && k < got.len; k++)
            number = number << 8 | got.data[k];
        size_t len = fill_record(bytes, number, subject->shape->len_max, subject->seed);
        if (unproven > 0 && (got.len != len || memcmp(got.data, bytes, len) != 0)) {
            unproven--; /* the report says so of that many */
            continue;
        }
        must_hold(got, bytes, len);
        if (number > subject->shape->records) {
            assert_true(may_have_meta);
            metas++;
            continue;
        }
        assert_true(number > last);
        have[number] = true;
        last = number;
    }
    capf_close(file);
    free(bytes);
    return metas;
}

/* The report's lost ranges are the numbers that are not in the file. */
static void check_losts(const struct subject *subject, const struct capf_salvage_report *report,
                        const bool *have, uint64_t count)
{
    uint64_t missing = 0, told = 0;
    for (uint64_t i = 1; i <= count; i++)
        missing += !have[i];
    for (size_t i = 0; i < report->lost_count; i++) {
        const struct capf_lost *lost = &report->losts[i];
        uint64_t here = 0;
        told += lost->count;
        if (lost->first == 0 || lost->count == 0)
            continue;
        assert_true(lost->last <= subject->shape->records);
        for (uint64_t k = lost->first; k <= lost->last; k++)
            here += !have[k];
        assert_int_equal(here, lost->count);
    }
    for (size_t i = 0; i < report->unsure_count; i++) {
        const struct capf_unsure *u = &report->unsure[i];
        if (u->why == CAPF_UNSURE_UNPROVEN && u->number <= count)
            told++; /* its number is known, and that it is a record */
    }
    assert_int_equal(report->lost, told - (report->lost < told ? told - report->lost : 0));
    if (!report->lost_more)
        assert_int_equal(told, missing);
    else
        assert_true(told <= missing);
}

static uint64_t count_unproven(const struct capf_salvage_report *report)
{
    uint64_t count = 0;
    for (size_t i = 0; i < report->unsure_count; i++)
        count += report->unsure[i].why == CAPF_UNSURE_UNPROVEN && report->unsure[i].written;
    return count;
}

/* Both nodes' first pages, and now and then the header, on top of it: was the header destroyed? */
static bool destroy_nodes(struct mem_file_test *test, const struct subject *subject,
                          struct rng *rng)
{
    const struct shape *shape = subject->shape;
    uint64_t node_len = 2 * (uint64_t)shape->page + shape->block;
    uint8_t *bytes = test_bytes(shape->page);
    size_t size;
    free(mem_disk_copy(test->disk, MEM_PATH, &size));
    for (uint32_t i = 0; i < shape->page; i++)
        bytes[i] = (uint8_t)rng_next(rng);
    for (unsigned slot = 0; slot < 2; slot++)
        if (shape->page + slot * node_len + shape->page <= size)
            mem_disk_poke(test->disk, MEM_PATH, shape->page + slot * node_len, bytes, shape->page);
    bool header_too = rng_chance(rng, 50) && size >= 27;
    if (header_too)
        mem_disk_poke(test->disk, MEM_PATH, 0, bytes, 27);
    free(bytes);
    return header_too;
}

static void run_one(struct mem_file_test *test, const struct subject *subject, struct rng *rng,
                    bool nodes_too, struct tally *tally)
{
    uint64_t seed = rng->state;
    struct damage damage = do_damage(test, subject, rng);
    bool header_too = nodes_too && destroy_nodes(test, subject, rng);
    const struct capf_io *io = test->options.io;
    bool *have = calloc((size_t)subject->shape->records + 1, 1);
    bool newest = hits_newest_node(subject, &damage);
    uint64_t count = newest ? subject->before : subject->shape->records;
    tally->runs++;
    for (int unsure = 0; unsure < 2; unsure++) {
        struct capf_salvage_options wishes = {.unsure = unsure != 0};
        struct capf_salvage_report report;
        enum capf_status status =
            capf_salvage(MEM_PATH, OUT_PATH, &wishes, &test->options, &report, &test_err);
        if (status != CAPF_OK && status != CAPF_END)
            fail_msg("%s: %s", capf_status_name(status), test_err.text);
        memset(have, 0, (size_t)subject->shape->records + 1);
        if (status == CAPF_OK)
            read_out(test, subject, have, unsure != 0 && subject->shape->meta_percent > 0,
                     count_unproven(&report));
        else
            tally->nothing += unsure != 0;
        if (status == CAPF_OK && unsure == 0 && !newest && !nodes_too)
            check_losts(subject, &report, have, count);
        for (uint64_t i = 1; i <= count && unsure != 0; i++) {
            bool hit = record_hit(subject, &damage, i);
            tally->records++;
            tally->hit += hit;
            tally->back += have[i];
            bool open = subject->at[i].pos == subject->info.file_limit;
            bool last_page = in_last_page(subject, i);
            /* Page and block size are told by the header or by where the first block begins. */
            if (status == CAPF_END && header_too && record_hit(subject, &damage, 1))
                continue;
            if (!hit && !have[i] && !(open && newest) && !(nodes_too && (last_page || open)))
                fail_msg("seed %llu: record %llu at %llu is outside the damage of %llu to %llu and "
                         "did not come back",
                         (unsigned long long)seed, (unsigned long long)i,
                         (unsigned long long)subject->at[i].pos, (unsigned long long)damage.from,
                         (unsigned long long)damage.to);
        }
        tally->unsure_back += unsure != 0 ? report.unsure_written : 0;
        capf_salvage_release(&report);
        io->unlink(io->ctx, OUT_PATH);
    }
    free(have);
}

static void run_all(struct mem_file_test *test, bool nodes_too, unsigned rounds)
{
    struct tally tally = {0};
    uint64_t seed = test_seed(1);
    size_t kinds = sizeof shapes / sizeof shapes[0];
    for (size_t k = 0; k < kinds; k++) {
        struct subject subject;
        subject_init(&subject, test, &shapes[k], seed + k);
        for (unsigned round = 0; round < (rounds + kinds - 1) / kinds; round++) {
            struct rng rng = {seed + 1000000 * k + round};
            run_one(test, &subject, &rng, nodes_too, &tally);
        }
        subject_free(&subject);
    }
    print_message("%llu damages: of %llu records %llu were in hit blocks, %llu came back (%llu "
                  "items unsure), 0 wrong, 0 invented; nothing of %llu files\n",
                  (unsigned long long)tally.runs, (unsigned long long)tally.records,
                  (unsigned long long)tally.hit, (unsigned long long)tally.back,
                  (unsigned long long)tally.unsure_back, (unsigned long long)tally.nothing);
}

static void test_random_damage_takes_only_what_it_hits(void **state)
{
    run_all(*state, false, test_is_soak() ? 10000 : test_scaled(520));
}

static void test_random_damage_and_no_master_nodes(void **state)
{
    run_all(*state, true, test_is_soak() ? 2000 : test_scaled(80));
}

/* All that follows stands elsewhere than the index says. What is before it comes back, and no more is
 * asked of the rest than to be records. */
static void test_bytes_cut_out_make_nothing_wrong(void **state)
{
    struct mem_file_test *test = *state;
    const struct capf_io *io = test->options.io;
    unsigned rounds = test_is_soak() ? 400 : test_scaled(24);
    for (size_t k = 0; k < 6; k++) {
        struct subject subject;
        subject_init(&subject, test, &shapes[k], test_seed(1) + k);
        struct rng rng = {subject.seed};
        bool *have = calloc((size_t)subject.shape->records + 1, 1);
        uint64_t start = 5 * (uint64_t)subject.shape->page + 2 * (uint64_t)subject.shape->block;
        for (unsigned round = 0; round < rounds / 6 + 1; round++) {
            uint64_t from = start + rng_below(&rng, subject.info.file_limit - start);
            uint64_t len = 1 + rng_below(&rng, (subject.len - from) / 2);
            uint8_t *bytes = test_bytes(subject.len);
            struct capf_salvage_options wishes = {.unsure = round % 2 != 0};
            struct capf_salvage_report report;
            memcpy(bytes, subject.file, (size_t)from);
            memcpy(bytes + from, subject.file + from + len, subject.len - (size_t)(from + len));
            mem_disk_put(test->disk, MEM_PATH, bytes, subject.len - (size_t)len);
            must(capf_salvage(MEM_PATH, OUT_PATH, &wishes, &test->options, &report, &test_err));
            memset(have, 0, (size_t)subject.shape->records + 1);
            read_out(test, &subject, have, subject.shape->meta_percent > 0, 0);
            for (uint64_t i = 1; i <= subject.shape->records && wishes.unsure; i++)
                assert_true(have[i] || block_end(&subject, i) > from);
            capf_salvage_release(&report);
            io->unlink(io->ctx, OUT_PATH);
            free(bytes);
        }
        free(have);
        subject_free(&subject);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_random_damage_takes_only_what_it_hits),
        TEST(test_random_damage_and_no_master_nodes),
        TEST(test_bytes_cut_out_make_nothing_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
