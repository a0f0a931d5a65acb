/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every fixture comes back from a copy whose master nodes' checksums, or first
 * pages, or the header too were destroyed; what cannot be told for certain is
 * said to be unsure, and with that allowed every record is there, in order, with
 * its bytes. And what salvage refuses.
 */
#include "tests/support/mem_file.h"

#include "tests/support/fixture.h"
#include "tests/support/rng.h"
#include "tests/support/walk.h"

#include <stdlib.h>
#include <string.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, mem_test_begin, mem_test_end)
#define OUT_PATH "/out.capture"

/* Copies of a file's records. */
struct records {
    struct capf_bytes *all;
    uint64_t count;
};

static struct records read_all(struct mem_file_test *test, const char *path)
{
    struct capf_options options = test->options;
    capf_file *file = NULL;
    struct records records;
    must(capf_open(path, CAPF_READ, &options, &file, &test_err));
    records.count = capf_file_count(file);
    records.all = test_bytes((size_t)(records.count + 1) * sizeof *records.all);
    for (uint64_t i = 0; i < records.count; i++) {
        struct capf_bytes bytes;
        must(capf_get(file, i + 1, &bytes, &test_err));
        uint8_t *copy = test_bytes(bytes.len + 1);
        memcpy(copy, bytes.data, bytes.len);
        records.all[i] = (struct capf_bytes){copy, bytes.len};
    }
    capf_close(file);
    return records;
}

static void records_free(struct records *records)
{
    for (uint64_t i = 0; i < records->count; i++)
        free((void *)(uintptr_t)records->all[i].data);
    free(records->all);
}

static bool same_bytes(const struct capf_bytes *a, const struct capf_bytes *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* Salvages MEM_PATH; the caller releases the report. CAPF_END is fine, and leaves no file. */
static enum capf_status salvage(struct mem_file_test *test, bool unsure,
                                struct capf_salvage_report *report)
{
    struct capf_salvage_options wishes = {.unsure = unsure};
    size_t before, after;
    uint8_t *source = mem_disk_copy(test->disk, MEM_PATH, &before);
    enum capf_status status =
        capf_salvage(MEM_PATH, OUT_PATH, &wishes, &test->options, report, &test_err);
    uint8_t *still = mem_disk_copy(test->disk, MEM_PATH, &after);
    assert_true(status == CAPF_OK || status == CAPF_END);
    assert_int_equal(before, after);
    assert_memory_equal(source, still, before);
    assert_int_equal(mem_disk_name_count(test->disk), status == CAPF_OK ? 2 : 1);
    free(source);
    free(still);
    return status;
}

static void check_walk(struct mem_file_test *test, uint64_t records)
{
    struct walk walk = {0};
    const char *why = walk_file(&walk, test->options.io, OUT_PATH);
    /* The walk keeps small nodes only. */
    if (why != NULL && strcmp(why, "its geometry cannot be") != 0)
        fail_msg("the new file: %s", why);
    if (why == NULL)
        assert_int_equal(walk.records, records);
    walk_release(&walk);
}

static void remove_out(struct mem_file_test *test)
{
    const struct capf_io *io = test->options.io;
    io->unlink(io->ctx, OUT_PATH);
}

/* ---- Fixtures with destroyed nodes ---- */

enum harm { HARM_NONE, HARM_SUMS, HARM_PAGES, HARM_HEADER, HARM_SUMS_HEADER, HARM_ALL, HARMS };

static const char *const harm_names[] = {"nothing",
                                         "both checksums",
                                         "both first pages",
                                         "the header",
                                         "the header and both checksums",
                                         "the header and both first pages"};

static void destroy(struct mem_file_test *test, uint64_t off, size_t len, struct rng *rng)
{
    uint8_t *bytes = test_bytes(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)rng_next(rng);
    mem_disk_poke(test->disk, MEM_PATH, off, bytes, len);
    free(bytes);
}

static void do_harm(struct mem_file_test *test, const struct fixture *row, enum harm harm,
                    struct rng *rng)
{
    uint64_t node[2] = {row->page_size, 3 * (uint64_t)row->page_size + row->block_size};
    for (int slot = 0; slot < 2; slot++) {
        if (harm == HARM_SUMS || harm == HARM_SUMS_HEADER)
            destroy(test, node[slot], 4, rng);
        if (harm == HARM_PAGES || harm == HARM_ALL)
            destroy(test, node[slot], row->page_size, rng);
    }
    if (harm >= HARM_HEADER)
        destroy(test, 0, 27, rng);
}

struct tally {
    uint64_t records, certain, unsure, extra, missing, files, nothing;
};

/* The new file's records are these, in order; others between are counted as extra. */
static void compare(struct mem_file_test *test, const struct records *want, struct tally *tally,
                    bool may_be_more)
{
    struct records got = read_all(test, OUT_PATH);
    uint64_t next = 0;
    for (uint64_t i = 0; i < got.count; i++) {
        uint64_t k = next;
        while (k < want->count && !same_bytes(&got.all[i], &want->all[k]))
            k++;
        if (k < want->count)
            next = k + 1;
        else
            tally->extra++;
        tally->missing += k < want->count ? k + 1 - next : 0;
        assert_true(may_be_more || k < want->count);
    }
    tally->missing += want->count - next;
    records_free(&got);
}

static void try_harm(struct mem_file_test *test, const struct fixture *row, enum harm harm,
                     struct tally *tally)
{
    struct capf_salvage_report report;
    struct rng rng = {test_seed(1) + harm};
    fixture_to_disk(row->name, test->disk, MEM_PATH);
    struct records want = read_all(test, MEM_PATH);
    do_harm(test, row, harm, &rng);
    for (int unsure = 0; unsure < 2; unsure++) {
        uint64_t missing = tally->missing;
        enum capf_status status = salvage(test, unsure != 0, &report);
        if (status == CAPF_OK && unsure != 0) {
            compare(test, &want, tally, true);
            check_walk(test, report.written);
            tally->certain += report.recovered;
            tally->unsure += report.unsure_total;
            tally->records += want.count;
            tally->files++;
        } else if (status == CAPF_OK) {
            struct tally only_certain = {0};
            compare(test, &want, &only_certain, strcmp(row->name, "uncommitted-flushed") == 0);
            check_walk(test, report.written);
        } else if (unsure != 0) {
            tally->nothing++;
            if (want.count > 0)
                fail_msg("%s, %s: %s", harm_names[harm], row->name, test_err.text);
        }
        if (tally->missing != missing)
            print_message("  %s, %s: %llu missing\n", harm_names[harm], row->name,
                          (unsigned long long)(tally->missing - missing));
        bool torn = report.node_good[0] != report.node_good[1]; /* it may have been the newer */
        assert_true(harm != HARM_NONE ||
                    (capf_salvage_complete(&report) == !torn && status == CAPF_OK));
        remove_out(test);
        capf_salvage_release(&report);
    }
    records_free(&want);
}

static void test_every_fixture_comes_back_from_destroyed_nodes(void **state)
{
    struct mem_file_test *test = *state;
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    for (int harm = 0; harm < HARMS; harm++) {
        struct tally tally = {0};
        for (size_t i = 0; i < count; i++)
            if (rows[i].opens == CAPF_OK && strcmp(rows[i].name, "torn-newest") != 0)
                try_harm(test, &rows[i], (enum harm)harm, &tally);
        print_message("%s destroyed: %llu files, %llu records, %llu certain, %llu items unsure, "
                      "%llu of them no committed record, %llu missing; nothing in %llu files\n",
                      harm_names[harm], (unsigned long long)tally.files,
                      (unsigned long long)tally.records, (unsigned long long)tally.certain,
                      (unsigned long long)tally.unsure, (unsigned long long)tally.extra,
                      (unsigned long long)tally.missing, (unsigned long long)tally.nothing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_fixture_comes_back_from_destroyed_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
