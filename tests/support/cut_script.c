/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scripts' operations, and what is believed of the file after each.
 */
#include "tests/support/test.h"

#include "tests/support/cut_script.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX 40
#define STEPS_MIN 8
#define STEPS_MORE 24
#define EXHAUSTIVE_OFTEN 1024
#define EXHAUSTIVE 65536
#define PICKS 200

/* ---- Failures ---- */

/* Something that the script did went wrong with the power on. A library that was tampered with may
 * say so; that is not the failure that is looked for. */
static void go_wrong(struct cut_script *script, const char *why)
{
    script->over = true;
    if (script->plan.sabotage != CUT_SOUND)
        return;
    fprintf(stderr, "with the power on:\n");
    cut_fail(script->level, why);
}

static bool went_well(struct cut_script *script, enum capf_status status, const char *why)
{
    bool excused = script->killed ||
                   (script->plan.faults && (status == CAPF_BROKEN || status == CAPF_UNKNOWN ||
                                            status == CAPF_IO || status == CAPF_NO_SPACE));
    if (status != CAPF_OK && !excused)
        go_wrong(script, why);
    return status == CAPF_OK;
}

/* ---- Opening ---- */

/* The writer is gone in the middle of things; the handle's memory is given back. */
static void close_dead(struct cut_script *script)
{
    script->killed = true;
    capf_close(script->file);
    script->file = NULL;
}

/* What the handle shows is this version from now on. */
static void settle_at(struct cut_script *script, unsigned version)
{
    script->base = version;
    script->now = script->history.list[version];
    script->pending = false;
}

/* The same after opening: then what came after it has not happened, and never will have, unless a
 * sync failed; for then the disk may hold what the system does not show, up to the next commit. */
static void settle_opened(struct cut_script *script, unsigned version)
{
    settle_at(script, version);
    for (unsigned i = version + 1; i < script->history.count && !script->plan.faults; i++)
        if (!script->history.list[i].dead)
            cut_history_kill(&script->history, i);
}

static void open_again(struct cut_script *script)
{
    const char *why;
    capf_close(script->file);
    script->file = NULL;
    script->killed = script->full = script->data_written = false;
    script->unspoiled[0] = script->unspoiled[1] = false;
    script->fresh = true;
    script->fuse = 0;
    enum capf_status status =
        capf_open(CUT_PATH, CAPF_WRITE, &script->options, &script->file, &test_err);
    if (status == CAPF_NO_FILE && !script->history.list[script->history.promised].exists) {
        settle_opened(script, script->history.promised);
        return;
    }
    if (!went_well(script, status, "the file does not open"))
        return;
    int found = cut_history_find(&script->history, script->file, &why);
    if (found < 0)
        go_wrong(script, why);
    else
        settle_opened(script, (unsigned)found);
}

/* All is new but one thing, or about half of it is. */
static void pick_choice(struct cut_script *script, struct sim_crash *crash)
{
    bool all_but_one = rng_chance(&script->rng, 50);
    for (unsigned i = 0; i < crash->count; i++) {
        bool newest = all_but_one || rng_chance(&script->rng, 50);
        crash->digits[i] = newest ? (uint8_t)(crash->dims[i].count - 1) : 0;
    }
    if (all_but_one && crash->count != 0)
        crash->digits[cut_pick(script, crash->count)] = 0;
}

/* One of the states that a power cut can leave, at random, is the disk from now on. */
static void lose_power(struct cut_script *script)
{
    struct sim_crash *crash = &script->level->crash;
    if (script->cuts == CUT_CUTS_MAX)
        return;
    script->last->fate = "is done, then a power cut";
    close_dead(script);
    sim_crash_begin(crash, script->disk, CUT_PATH);
    pick_choice(script, crash);
    script->disk = &script->disks[++script->cuts];
    sim_crash_make(crash, script->disk);
    cut_script_set_table(script);
    open_again(script);
    cut_history_promise(&script->history, script->base);
}

/* A call was not done. One that is known to have failed leaves no trace. With a full disk the same
 * handle goes on with what was pending; otherwise there is no way but to open the file again, after
 * what killed the writer, which may have been a power cut. */
static void give_up(struct cut_script *script, enum capf_status status, unsigned attempt)
{
    if (!script->killed && status != CAPF_UNKNOWN && attempt != 0)
        cut_history_kill(&script->history, attempt);
    if (script->over || (status == CAPF_NO_SPACE && !script->killed && script->file != NULL))
        return;
    if (script->killed && script->cuts < CUT_CUTS_MAX && rng_chance(&script->rng, 50))
        lose_power(script);
    else
        open_again(script);
}

/* ---- Operations ---- */

static void light_fuse(struct cut_script *script)
{
    script->fuse = 1 + (unsigned)cut_pick(script, 7);
}

static void create(struct cut_script *script, enum capf_how how)
{
    struct cut_version empty = {.exists = true};
    if (rng_chance(&script->rng, 20))
        light_fuse(script);
    if (rng_chance(&script->rng, 40))
        empty.meta = cut_value_new(&script->arena, (uint32_t)cut_pick(script, 300),
                                   cut_pick(script, 999), 50);
    script->creation.meta = empty.meta.data;
    script->creation.meta_len = empty.meta.len;
    script->creation.how = how;
    capf_close(script->file);
    script->file = NULL;
    script->fresh = script->data_written = false;
    unsigned attempt = cut_history_add(&script->history, &script->arena, &empty);
    enum capf_status status =
        capf_create(CUT_PATH, &script->creation, &script->options, &script->file, NULL, &test_err);
    if (!went_well(script, status, "the file is not created")) {
        give_up(script, status, attempt);
        return;
    }
    cut_history_promise(&script->history, attempt);
    settle_at(script, attempt);
    cut_power(script->level, script->disk);
}

static void replace(struct cut_script *script)
{
    create(script, CAPF_REPLACE);
}

static uint32_t pick_length(struct cut_script *script)
{
    uint32_t block = script->creation.block_size;
    switch (cut_pick(script, 30)) {
    case 0:
        return 0;
    case 1:
    case 2:
    case 3: /* around a full block */
        return block - 8 + (uint32_t)cut_pick(script, 12);
    case 4:
    case 5:
        return (uint32_t)cut_pick(script, 3 * block);
    case 6:
    case 7:
    case 8: /* so long that the file has to grow, now or soon */
        return script->has_long ? 2000 + (uint32_t)cut_pick(script, 2500)
                                : (uint32_t)cut_pick(script, 60);
    default:
        return (uint32_t)cut_pick(script, 60);
    }
}

static struct cut_value pick_value(struct cut_script *script)
{
    uint32_t len = pick_length(script);
    return cut_value_new(&script->arena, len, rng_next(&script->rng),
                         (unsigned)cut_pick(script, 101));
}

static enum capf_status stream(struct cut_script *script, struct cut_value value, uint64_t len)
{
    enum capf_status status = capf_append_begin(script->file, len, &test_err);
    for (uint32_t done = 0; status == CAPF_OK && done < value.len;) {
        uint32_t piece = 1 + (uint32_t)cut_pick(script, value.len - done);
        status = capf_append_data(script->file, value.data + done, piece, &test_err);
        done += piece;
    }
    return status == CAPF_OK ? capf_append_end(script->file, NULL, &test_err) : status;
}

static void append(struct cut_script *script)
{
    if (script->now.count >= COUNT_MAX ||
        !cut_version_has_room(&script->now, script->creation.page_size, script->creation.fan_out))
        return;
    struct cut_value value = pick_value(script);
    uint64_t way = cut_pick(script, 6);
    enum capf_status status;
    if (way < 4)
        status = capf_append(script->file, value.data, value.len, NULL, &test_err);
    else
        status = stream(script, value, way == 4 ? value.len : CAPF_UNKNOWN_LENGTH);
    if (!went_well(script, status, "a record is not appended")) {
        give_up(script, status, 0);
        return;
    }
    script->now = cut_version_add(&script->arena, &script->now, value);
    script->pending = true;
}

static void append_some(struct cut_script *script)
{
    for (uint64_t n = 1 + cut_pick(script, 4); n > 0 && script->file != NULL && !script->over; n--)
        append(script);
}

static void change_meta(struct cut_script *script)
{
    struct cut_value value = {NULL, 0};
    enum capf_status status;
    if (rng_chance(&script->rng, 75)) {
        value = pick_value(script);
        status = capf_set_meta(script->file, value.data, value.len, &test_err);
    } else {
        status = capf_clear_meta(script->file, &test_err);
        script->pending |= script->now.meta.data != NULL;
    }
    if (!went_well(script, status, "the metadata is not changed")) {
        give_up(script, status, 0);
        return;
    }
    script->now.meta = value;
    script->pending |= value.data != NULL;
}

/* The call that makes the commit, with the version that it makes. */
static void finish(struct cut_script *script,
                   enum capf_status (*call)(capf_file *, struct capf_error *))
{
    unsigned attempt = script->base;
    if (script->pending)
        attempt = cut_history_add(&script->history, &script->arena, &script->now);
    enum capf_status status = call(script->file, &test_err);
    if (!went_well(script, status, "a commit fails")) {
        give_up(script, status, attempt != script->base ? attempt : 0);
        return;
    }
    if (attempt == script->base)
        return;
    script->commits++;
    cut_history_promise(&script->history, attempt);
    settle_at(script, attempt);
    cut_power(script->level, script->disk);
}

static void commit(struct cut_script *script)
{
    finish(script, capf_commit);
}

static void roll_back(struct cut_script *script)
{
    enum capf_status status = capf_rollback(script->file, &test_err);
    if (went_well(script, status, "a rollback fails"))
        settle_at(script, script->base);
    else
        give_up(script, status, 0);
}

static void commit_in_halves(struct cut_script *script)
{
    enum capf_status status = capf_commit_prepare(script->file, NULL, &test_err);
    if (!went_well(script, status, "a commit cannot be prepared"))
        give_up(script, status, 0);
    else if (rng_chance(&script->rng, 25))
        roll_back(script);
    else
        finish(script, capf_commit_finish);
}

/* ---- The script ---- */

static const struct {
    unsigned weight;
    const char *name;
    void (*run)(struct cut_script *script);
} operations[] = {
    {36, "append", append_some},     {8, "metadata", change_meta}, {24, "commit", commit},
    {8, "halves", commit_in_halves}, {5, "rollback", roll_back},   {5, "reopen", open_again},
    {9, "light fuse", light_fuse},   {3, "replace", replace},      {2, "power cut", lose_power},
};

static void step(struct cut_script *script)
{
    uint64_t roll = cut_pick(script, 100);
    size_t at = 0;
    script->step++;
    if (script->file == NULL) {
        script->doing = "create";
        create(script, cut_pick(script, 2) == 0 ? CAPF_CREATE_NEW : CAPF_OPEN_OR_CREATE);
        return;
    }
    for (; roll >= operations[at].weight; at++)
        roll -= operations[at].weight;
    script->doing = operations[at].name;
    operations[at].run(script);
}

/* Sectors of 512 bytes; or smaller ones, by which tiny files are torn into more pieces. */
static void pick_geometry(struct cut_script *script, uint32_t *unit)
{
    static const struct {
        uint32_t unit, page, block;
    } shapes[] = {
        {512, 512, 512}, {512, 512, 1024}, {512, 256, 512}, {512, 256, 1024},
        {512, 128, 768}, {512, 512, 1536}, {128, 128, 256}, {64, 64, 128},
    };
    size_t at = (size_t)cut_pick(script, sizeof shapes / sizeof shapes[0]);
    struct capf_creation *creation = &script->creation;
    *unit = shapes[at].unit;
    creation->page_size = shapes[at].page;
    creation->block_size = shapes[at].block;
    creation->fan_out = 2 + (uint32_t)cut_pick(script, creation->page_size == 64 ? 2 : 3);
    script->node_len = 2 * (uint64_t)creation->page_size + creation->block_size;
    script->data_pos = creation->page_size + 2 * script->node_len;
}

static void set_level(struct cut_script *script)
{
    struct cut_level *level = script->level;
    bool thorough = rng_chance(&script->rng, 12);
    level->picks = (struct sim_picks){.exhaustive = thorough ? EXHAUSTIVE : EXHAUSTIVE_OFTEN,
                                      .picks = PICKS,
                                      .split = script->data_pos,
                                      .seed = script->plan.seed};
    level->report->tell = cut_script_tell;
    level->report->ctx = script;
    cut_level_begin(level, &script->history);
}

/* Zeroed, but for the disks and the arena, whose memory is used again. */
static void begin(struct cut_script *script, const struct cut_plan *plan, struct cut_level *level)
{
    static const struct cut_version none;
    uint32_t unit;
    script->plan = *plan;
    script->level = level;
    script->rng.state = plan->seed;
    pick_geometry(script, &unit);
    script->has_long = rng_chance(&script->rng, 6);
    for (unsigned i = 0; i <= CUT_CUTS_MAX; i++)
        sim_disk_reset(&script->disks[i], unit);
    script->disk = &script->disks[0];
    script->disk->no_unnamed = rng_chance(&script->rng, 50);
    arena_reset(&script->arena);
    script->history = (struct cut_history){0};
    cut_history_add(&script->history, &script->arena, &none);
    script->file = NULL;
    script->killed = script->over = script->full = false;
    script->fuse = script->step = script->kills = script->commits = script->cuts = 0;
    script->first = script->last = NULL;
    cut_script_set_table(script);
    set_level(script);
}

void cut_script_init(struct cut_script *script)
{
    memset(script, 0, sizeof *script);
    for (unsigned i = 0; i <= CUT_CUTS_MAX; i++)
        sim_disk_init(&script->disks[i], SIM_UNIT);
}

void cut_script_run(struct cut_script *script, const struct cut_plan *plan, struct cut_level *level)
{
    begin(script, plan, level);
    unsigned steps = STEPS_MIN + (unsigned)cut_pick(script, STEPS_MORE);
    uint64_t failures = level->report->failures;
    for (unsigned i = 0; i < steps && !script->over && level->report->failures == failures; i++)
        step(script);
    close_dead(script);
    if (script->wrap.memory.live_blocks != 0)
        go_wrong(script, "memory is not given back");
    script->killed = false;
}

void cut_script_release(struct cut_script *script)
{
    for (unsigned i = 0; i <= CUT_CUTS_MAX; i++)
        sim_disk_release(&script->disks[i]);
    arena_release(&script->arena);
}
