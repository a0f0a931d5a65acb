/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real processes that write a real file and are killed by SIGKILL at any moment: while they
 * append, commit, roll back, create and replace. Half of them kill themselves at a chosen call,
 * before it or in the middle of a write; the others are killed from outside after a random time.
 *
 * A child acknowledges each commit over a pipe. What it does follows from its seed, so that the
 * parent can do the same to a model: afterwards the file must be the model after the last
 * acknowledged commit, or after the one that was under way, whole; a second reader of the format
 * that shares no code with core must see the same; and another commit must work.
 */
#include "tests/support/test.h"

#include "tests/support/fixture.h"
#include "tests/support/model.h"
#include "tests/support/process.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"
#include "tests/support/walk.h"
#include "tests/support/wrap_io.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KILLS 180
#define KILLS_SOAK 1100
#define STEPS_MAX 4000
#define RECORDS_MAX 6000 /* the file is then replaced, so that checking it stays quick */

enum start { START_OPEN, START_NEW, START_REPLACE };
enum way { KILL_AT_CHANGE, KILL_IN_WRITE, KILL_AT_CALL, KILL_FROM_OUTSIDE };

/* What one child does, and how it ends. */
struct round {
    const char *path;
    uint64_t seed; /* of its steps */
    enum start start;
    struct capf_creation creation;
    struct capf_options options;
    enum way way;
    uint64_t at;   /* the call it is killed at, counted from 1; or milliseconds */
    uint64_t part; /* KILL_IN_WRITE: bytes of that write that are still written, before modulo */
};

struct figures {
    unsigned kills, torn, in_flight, creations_cut, old_kept, temporaries;
    uint64_t commits, records;
};

/* ---- Steps, the same in the child and in the model ---- */

enum act { ACT_APPEND, ACT_STREAM, ACT_META, ACT_COMMIT, ACT_ROLLBACK, ACT_REOPEN };

struct step {
    enum act act;
    struct model_value value;
};

static struct model_value next_value(struct rng *rng)
{
    static const uint32_t lengths[] = {1, 40, 40, 200, 200, 3000, 70000};
    uint32_t limit = lengths[rng_below(rng, sizeof lengths / sizeof lengths[0])];
    return (struct model_value){.there = true,
                                .seed = rng_next(rng),
                                .len = (uint32_t)rng_below(rng, limit),
                                .noise = (unsigned)rng_below(rng, 101)};
}

static struct step next_step(struct rng *rng)
{
    static const enum act acts[] = {ACT_APPEND, ACT_APPEND, ACT_APPEND, ACT_APPEND,  ACT_APPEND,
                                    ACT_STREAM, ACT_META,   ACT_COMMIT, ACT_COMMIT,  ACT_COMMIT,
                                    ACT_COMMIT, ACT_COMMIT, ACT_COMMIT, ACT_ROLLBACK};
    struct step step = {.act = acts[rng_below(rng, sizeof acts / sizeof acts[0])]};
    step.value = next_value(rng);
    if (step.act == ACT_META)
        step.value.there = rng_chance(rng, 80);
    if (step.act == ACT_COMMIT && rng_chance(rng, 3))
        step.act = ACT_REOPEN;
    return step;
}

static void model_step(struct model *model, const struct step *step)
{
    switch (step->act) {
    case ACT_APPEND:
    case ACT_STREAM:
        model_append(model, &step->value);
        break;
    case ACT_META:
        model_set_meta(model, &step->value);
        break;
    case ACT_COMMIT:
        model_commit(model);
        break;
    case ACT_ROLLBACK:
    case ACT_REOPEN:
        model_rollback(model);
        break;
    }
}

/* ---- The child ---- */

struct killer {
    const struct round *round;
    struct wrap_io wrap;
    uint64_t calls;
};

static bool changes_something(const struct io_call *call)
{
    return call->op == IO_PWRITE || call->op == IO_DATASYNC || call->op == IO_GROW ||
           call->op == IO_OPEN_UNNAMED || call->op == IO_LINK_UNNAMED || call->op == IO_LINK ||
           call->op == IO_RENAME || call->op == IO_UNLINK || call->op == IO_DIRSYNC ||
           call->op == IO_COPY_OWNER || (call->op == IO_OPEN && call->how == CAPF_IO_NEW);
}

static bool counts(enum way way, const struct io_call *call)
{
    if (way == KILL_IN_WRITE)
        return call->op == IO_PWRITE;
    return way == KILL_AT_CALL || (way == KILL_AT_CHANGE && changes_something(call));
}

static int die_in_time(void *ctx, struct io_call *call)
{
    struct killer *killer = ctx;
    const struct round *round = killer->round;
    if (!counts(round->way, call) || ++killer->calls != round->at)
        return 0;
    if (round->way == KILL_IN_WRITE) {
        const struct capf_io *io = killer->wrap.base;
        io->pwrite(io->ctx, call->fd, call->data, round->part % call->len, call->off);
    }
    return raise(SIGKILL);
}

static enum capf_status stream(capf_file *file, const struct model_value *value)
{
    const uint8_t *data = model_bytes(value);
    uint64_t len = value->seed % 2 == 0 ? value->len : CAPF_UNKNOWN_LENGTH;
    enum capf_status status = capf_append_begin(file, len, NULL);
    if (status == CAPF_OK)
        status = capf_append_data(file, data, value->len / 2, NULL);
    if (status == CAPF_OK)
        status = capf_append_data(file, data + value->len / 2, value->len - value->len / 2, NULL);
    return status == CAPF_OK ? capf_append_end(file, NULL, NULL) : status;
}

static enum capf_status do_step(const struct round *round, capf_file **file,
                                const struct step *step)
{
    const struct model_value *value = &step->value;
    switch (step->act) {
    case ACT_APPEND:
        return capf_append(*file, model_bytes(value), value->len, NULL, NULL);
    case ACT_STREAM:
        return stream(*file, value);
    case ACT_META:
        return value->there ? capf_set_meta(*file, model_bytes(value), value->len, NULL)
                            : capf_clear_meta(*file, NULL);
    case ACT_COMMIT:
        return capf_commit(*file, NULL);
    case ACT_ROLLBACK:
        return capf_rollback(*file, NULL);
    case ACT_REOPEN:
        capf_close(*file);
        return capf_open(round->path, CAPF_WRITE, &round->options, file, NULL);
    }
    return CAPF_ARGUMENT;
}

static bool acknowledge(int report)
{
    return write(report, "c", 1) == 1;
}

/* Ends with the status of what failed, if anything did; nothing should. */
static int run_child(void *ctx, int report)
{
    struct round round = *(const struct round *)ctx;
    struct killer killer = {.round = &round};
    struct rng rng = {round.seed};
    capf_file *file = NULL;
    wrap_io_init(&killer.wrap, capf_io_posix());
    killer.wrap.hook = die_in_time;
    killer.wrap.hook_ctx = &killer;
    round.options.io = &killer.wrap.io;
    enum capf_status status =
        round.start == START_OPEN
            ? capf_open(round.path, CAPF_WRITE, &round.options, &file, NULL)
            : capf_create(round.path, &round.creation, &round.options, &file, NULL, NULL);
    if (status != CAPF_OK || !acknowledge(report))
        return 100 + (int)status;
    for (unsigned i = 0; i < STEPS_MAX && status == CAPF_OK; i++) {
        struct step step = next_step(&rng);
        status = do_step(&round, &file, &step);
        if (status == CAPF_OK && step.act == ACT_COMMIT && !acknowledge(report))
            break;
    }
    return status == CAPF_OK ? 0 : 100 + (int)status;
}

/* ---- The parent ---- */

/* The file as it should be; none: there is none of that name. */
struct expected {
    bool none;
    struct model model;
};

static struct model copy_model(const struct model *from)
{
    struct model copy = *from;
    struct model_state now = model_state_copy(&from->now);
    copy.now = now;
    copy.room = now.count;
    return copy;
}

/* After so many acknowledgements, the first of which is for the start. */
static struct expected after_acks(const struct expected *before, const struct round *round,
                                  uint64_t acks)
{
    struct expected after = {.none = before->none};
    struct rng rng = {round->seed};
    if (acks == 0 || round->start == START_OPEN) {
        after.model = copy_model(&before->model);
    } else {
        struct model_value meta = {.there = round->creation.meta != NULL,
                                   .seed = round->seed,
                                   .len = (uint32_t)round->creation.meta_len};
        after.none = false;
        model_init(&after.model, round->creation.page_size, round->creation.fan_out, &meta);
    }
    for (uint64_t done = 1; done < acks;) {
        struct step step = next_step(&rng);
        model_step(&after.model, &step);
        done += step.act == ACT_COMMIT;
    }
    model_rollback(&after.model);
    return after;
}

/* Is that state what the file shows, record for record? *crc: over them. */
static bool file_shows(capf_file *file, const struct model *model, uint32_t *crc)
{
    struct capf_bytes bytes;
    capf_cursor *cursor;
    bool same = capf_file_count(file) == model->committed;
    must(capf_get_meta(file, &bytes, &test_err));
    same = same && model_equals(&model->committed_meta, bytes);
    *crc = 0;
    must(capf_cursor_open(file, &cursor, &test_err));
    for (uint64_t i = 0; same && i < model->committed; i++) {
        must(capf_cursor_next(cursor, NULL, &bytes, &test_err));
        same = model_equals(&model->now.records[i], bytes);
        *crc = fixture_crc_add(*crc, bytes.data, bytes.len);
    }
    capf_cursor_close(cursor);
    return same;
}

static bool path_shows(const char *path, const struct expected *expected, uint32_t *crc)
{
    capf_file *file;
    if (expected->none || access(path, F_OK) != 0)
        return expected->none && access(path, F_OK) != 0;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    bool same = file_shows(file, &expected->model, crc);
    capf_close(file);
    return same;
}

/* The file must be as after `acks` acknowledgements, or one more. Gives which. */
static struct expected find_state(const struct expected *before, const struct round *round,
                                  uint64_t acks, struct figures *figures, uint32_t *crc)
{
    struct expected state = after_acks(before, round, acks);
    if (path_shows(round->path, &state, crc)) {
        figures->old_kept += acks == 0 && round->start == START_REPLACE;
        return state;
    }
    model_release(&state.model);
    state = after_acks(before, round, acks + 1);
    if (!path_shows(round->path, &state, crc))
        fail_msg("seed %llu: neither the state of %llu acknowledged commits nor the next",
                 (unsigned long long)round->seed, (unsigned long long)acks);
    figures->in_flight++;
    return state;
}

static void check_walk(const char *path, const struct model *model, uint32_t crc,
                       struct figures *figures)
{
    struct walk walk = {0};
    const char *fault = walk_file(&walk, capf_io_posix(), path);
    if (fault != NULL)
        fail_msg("the walk says: %s", fault);
    assert_int_equal(walk.records, model->committed);
    assert_int_equal(walk.crc, crc);
    assert_int_equal(walk.has_meta, model->committed_meta.there);
    figures->records += walk.records;
    walk_release(&walk);
}

static bool has_torn_node(const char *path)
{
    struct capf_info info;
    capf_file *file;
    must(capf_open(path, CAPF_READ, NULL, &file, &test_err));
    must(capf_get_info(file, &info, &test_err));
    capf_close(file);
    return info.warnings & CAPF_WARN_NODE_BAD;
}

/* One more record can be appended and committed, and everything is there. */
static void go_on_writing(const struct round *round, struct model *model)
{
    struct model_value value = {.there = true, .seed = ~round->seed, .len = 300, .noise = 50};
    capf_file *file;
    uint32_t crc;
    must(capf_open(round->path, CAPF_WRITE, &round->options, &file, &test_err));
    must(capf_append(file, model_bytes(&value), value.len, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    model_append(model, &value);
    model_commit(model);
    must(capf_open(round->path, CAPF_READ, NULL, &file, &test_err));
    assert_true(file_shows(file, model, &crc));
    struct capf_info info;
    must(capf_get_info(file, &info, &test_err));
    assert_int_equal(info.warnings, 0);
    capf_close(file);
}

/* Removes what a killed replacement left under a temporary name. */
static unsigned remove_temporaries(void)
{
    unsigned count = 0;
    DIR *folder = opendir(scratch_path("."));
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len > 4 && strcmp(entry->d_name + len - 4, ".new") == 0)
            count += unlink(scratch_path(entry->d_name)) == 0;
    }
    closedir(folder);
    return count;
}

/* Lets the child run until it is killed; gives its acknowledgements. */
static uint64_t let_it_run(struct round *round, bool *killed)
{
    char acks[4096];
    uint64_t count = 0, got;
    struct process child = process_fork(run_child, round);
    if (round->way == KILL_FROM_OUTSIDE)
        process_ended(&child, (int)round->at);
    int status = round->way == KILL_FROM_OUTSIDE && kill(child.pid, SIGKILL) == 0 ? SIGKILL : 0;
    while ((got = process_hear(&child, acks, sizeof acks, process_patience_ms())) > 0)
        count += got;
    status = process_end(&child, status);
    *killed = status == 128 + SIGKILL;
    if (!*killed && status != 0)
        fail_msg("seed %llu: the child ended with %d", (unsigned long long)round->seed, status);
    return count;
}

/* ---- Rounds ---- */

static struct round next_round(struct rng *rng, const struct expected *before)
{
    static const uint32_t geometry[][3] = {{4096, 32768, 32}, {512, 2048, 4}, {1024, 1024, 16}};
    const uint32_t *shape = geometry[rng_below(rng, 3)];
    struct round round = {.seed = rng_next(rng), .way = (enum way)rng_below(rng, 4)};
    bool large = before->model.committed > RECORDS_MAX;
    round.start = before->none                   ? START_NEW
                  : large || rng_chance(rng, 25) ? START_REPLACE
                                                 : START_OPEN;
    round.creation = (struct capf_creation){
        .how = round.start == START_NEW ? CAPF_CREATE_NEW : CAPF_REPLACE,
        .page_size = shape[0],
        .block_size = shape[1],
        .fan_out = shape[2],
        .meta_len = 1 + rng_below(rng, 5000),
    };
    round.options.durability = rng_chance(rng, 50) ? CAPF_DURABLE_FULL : CAPF_DURABLE_NONE;
    round.options.level = 1;
    bool early = round.start != START_OPEN && rng_chance(rng, 60);
    uint64_t most[] = {60, 40, 3000, 25};
    uint64_t most_early[] = {10, 6, 300, 4};
    round.at = 1 + rng_below(rng, (early ? most_early : most)[round.way]);
    round.part = rng_next(rng);
    return round;
}

static void run_round(struct round *round, struct expected *before, struct figures *figures)
{
    bool killed;
    uint32_t crc = 0;
    struct model_value meta = {true, round->seed, (uint32_t)round->creation.meta_len, 0};
    uint8_t *meta_bytes = test_bytes(meta.len);
    memcpy(meta_bytes, model_bytes(&meta), meta.len);
    round->creation.meta = meta_bytes;
    uint64_t acks = let_it_run(round, &killed);
    struct expected after = find_state(before, round, acks, figures, &crc);
    figures->kills += killed;
    figures->commits += acks == 0 ? 0 : acks - 1;
    figures->creations_cut += killed && acks == 0 && round->start != START_OPEN;
    if (!after.none) {
        figures->torn += has_torn_node(round->path);
        check_walk(round->path, &after.model, crc, figures);
        go_on_writing(round, &after.model);
    }
    figures->temporaries += remove_temporaries();
    model_release(&before->model);
    *before = after;
    free(meta_bytes);
}

static void test_nothing_acknowledged_is_lost_by_a_kill(void **state)
{
    (void)state;
    uint64_t seed = test_seed(20260722);
    struct rng rng = {seed};
    struct figures figures = {0};
    struct expected file = {.none = true};
    char path[SCRATCH_PATH];
    unsigned kills = test_is_soak() ? KILLS_SOAK : test_scaled(KILLS);
    snprintf(path, sizeof path, "%s", scratch_path("kill.capture"));
    while (figures.kills < kills) {
        struct round round = next_round(&rng, &file);
        round.path = path;
        run_round(&round, &file, &figures);
        if (rng_chance(&rng, 10) && !file.none) {
            unlink(path);
            model_release(&file.model);
            file = (struct expected){.none = true};
        }
    }
    model_release(&file.model);
    print_message(
        "%u kills (seed %llu), 0 lost: %llu commits acknowledged, %u under way kept whole, "
        "%u nodes torn, %u creations cut (%u kept the old file, %u left a temporary "
        "name), %llu records compared\n",
        figures.kills, (unsigned long long)seed, (unsigned long long)figures.commits,
        figures.in_flight, figures.torn, figures.creations_cut, figures.old_kept,
        figures.temporaries, (unsigned long long)figures.records);
    assert_true(kills < 50 || (figures.torn > 0 && figures.in_flight > 0 && figures.old_kept > 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_acknowledged_is_lost_by_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
