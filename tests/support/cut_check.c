/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting the power, and checking what is left: it opens, holds a version that
 * it may hold, passes a walk, and takes another commit.
 */
#include "tests/support/test.h"

#include "tests/support/cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cut_level_init(struct cut_level *level, struct cut_report *report)
{
    memset(level, 0, sizeof *level);
    level->report = report;
    sim_disk_init(&level->disk, SIM_UNIT);
    level->options = (struct capf_options){.io = &level->disk.io, .level = 1};
}

void cut_level_release(struct cut_level *level)
{
    sim_disk_release(&level->disk);
    seen_release(&level->tried);
    seen_release(&level->checked);
    seen_release(&level->distinct);
    arena_release(&level->arena);
    walk_release(&level->walk);
}

void cut_level_begin(struct cut_level *level, const struct cut_history *history)
{
    level->history = history;
    level->boundary = 0;
    seen_clear(&level->tried);
    seen_clear(&level->checked);
}

/* ---- Failures ---- */

static void tell_choices(const struct cut_level *level)
{
    char text[SIM_DIMS_MAX + 1];
    if (level->above != NULL)
        tell_choices(level->above);
    sim_crash_format(&level->crash, text);
    fprintf(stderr, ":%llu:%s", (unsigned long long)level->boundary, text);
}

void cut_fail(struct cut_level *level, const char *why)
{
    level->report->failures++;
    if (level->report->quiet || level->report->failures > 1)
        return;
    fprintf(stderr, "after a power cut: %s (%s: %s)\n", why, capf_status_name(test_err.status),
            test_err.text);
    level->report->tell(level->report->ctx);
    tell_choices(level);
    fprintf(stderr, "'\n");
}

/* ---- Going on ---- */

/* What is done to a file that was found, and the versions that this makes. */
struct going {
    struct cut_level *level;
    struct cut_history history; /* before, perhaps an empty file, and after */
    capf_file *file;
};

static void cut_below(void *ctx)
{
    struct cut_level *level = ctx;
    cut_power(level->below, &level->disk);
}

static void watch(struct going *going)
{
    struct cut_level *level = going->level;
    if (level->below == NULL ||
        (level->below->replay == NULL && level->hash % level->below_one_in != 0))
        return;
    level->below->picks = level->picks;
    level->below->picks.seed = level->hash;
    cut_level_begin(level->below, &going->history);
    level->disk.hooks = (struct sim_hooks){.changed = cut_below, .ctx = level};
}

static void kept(struct going *going)
{
    cut_history_promise(&going->history, going->history.count - 1);
    if (going->level->disk.hooks.changed != NULL)
        cut_below(going->level);
}

static unsigned last(const struct going *going)
{
    return going->history.count - 1;
}

/* In place of a file that is not there. */
static const char *create(struct going *going)
{
    static const struct capf_creation creation = {
        .page_size = 128, .block_size = 256, .fan_out = 3};
    const struct cut_version empty = {.exists = true};
    cut_history_add(&going->history, &going->level->arena, &empty);
    if (capf_create(CUT_PATH, &creation, &going->level->options, &going->file, NULL, &test_err) !=
        CAPF_OK)
        return "where no file was left, none can be created";
    kept(going);
    return NULL;
}

/* A record that stays in the open block, one that closes it, or new metadata. */
static const char *change(struct going *going)
{
    struct arena *arena = &going->level->arena;
    const struct walk *walk = &going->level->walk;
    uint64_t hash = going->level->hash;
    const struct cut_version *before = &going->history.list[last(going)];
    uint32_t len = hash >> 8 & 3 ? 9 : walk->block;
    struct cut_value value = cut_value_new(arena, len, hash, 100);
    struct cut_version after = *before;
    enum capf_status status;
    if (cut_version_has_room(before, walk->page, walk->fan)) {
        after = cut_version_add(arena, before, value);
        status = capf_append(going->file, value.data, value.len, NULL, &test_err);
    } else {
        after.meta = value;
        status = capf_set_meta(going->file, value.data, value.len, &test_err);
    }
    cut_history_add(&going->history, arena, &after);
    return status == CAPF_OK ? NULL : "nothing can be appended to it";
}

static const char *commit(struct going *going)
{
    if (capf_commit(going->file, &test_err) != CAPF_OK)
        return "a commit fails on it";
    kept(going);
    return NULL;
}

/* ---- Checking a state ---- */

static const char *walk_it(struct cut_level *level, const struct cut_version *version)
{
    struct walk *walk = &level->walk;
    const char *why = walk_file(walk, &level->disk.io, CUT_PATH);
    if (why != NULL)
        return why;
    if (walk->records != version->count || walk->crc != version->crc ||
        walk->has_meta != (version->meta.data != NULL) ||
        (walk->has_meta && (walk->meta_len != version->meta.len ||
                            memcmp(walk->meta, version->meta.data, walk->meta_len) != 0)))
        return "a walk finds other content than the library does";
    return NULL;
}

/* core's own check of the whole file says the same as the walk: nothing is wrong. */
static const char *verify_it(struct cut_level *level, const struct cut_version *version)
{
    struct capf_check_result result;
    if (capf_check(CUT_PATH, NULL, &level->options, &result, &test_err) != CAPF_OK)
        return "after another commit it cannot be checked";
    return result.damage > 0 || result.sound != version->count
               ? "the check of the file finds damage"
               : NULL;
}

static const char *look_again(struct going *going)
{
    struct cut_level *level = going->level;
    const struct cut_version *version = &going->history.list[last(going)];
    enum capf_status status =
        capf_open(CUT_PATH, CAPF_READ, &level->options, &going->file, &test_err);
    if (status != CAPF_OK)
        return "after another commit it does not open";
    const char *why = cut_version_compare(version, going->file);
    if (why == NULL)
        why = walk_it(level, version);
    return why == NULL ? verify_it(level, version) : why;
}

static const char *go_on(struct going *going)
{
    const char *why = NULL;
    watch(going);
    if (going->file == NULL)
        why = create(going);
    if (why == NULL && going->history.count > 1)
        why = walk_it(going->level, &going->history.list[last(going)]);
    if (why == NULL)
        why = change(going);
    if (why == NULL)
        why = commit(going);
    going->level->disk.hooks.changed = NULL;
    capf_close(going->file);
    going->file = NULL;
    return why == NULL ? look_again(going) : why;
}

static const char *find(struct going *going)
{
    static const struct cut_version none;
    struct cut_level *level = going->level;
    const struct cut_history *history = level->history;
    const char *why = NULL;
    enum capf_status status =
        capf_open(CUT_PATH, CAPF_WRITE, &level->options, &going->file, &test_err);
    if (status == CAPF_NO_FILE) {
        cut_history_add(&going->history, &level->arena, &none);
        return history->list[history->promised].exists ? "the file is gone" : NULL;
    }
    if (status != CAPF_OK)
        return "it does not open";
    int found = cut_history_find(history, going->file, &why);
    if (found < 0)
        return why;
    cut_history_add(&going->history, &level->arena, &history->list[found]);
    return walk_it(level, &history->list[found]);
}

static void check(struct cut_level *level)
{
    struct going going = {.level = level};
    uint64_t failures = level->report->failures;
    level->states++;
    arena_reset(&level->arena);
    test_err = (struct capf_error){0};
    const char *why = find(&going);
    if (why == NULL)
        why = go_on(&going);
    level->disk.hooks.changed = NULL;
    capf_close(going.file);
    if (why == NULL && sim_disk_in_use(&level->disk))
        why = "a descriptor is left open, or memory not given back";
    if (why != NULL && failures == level->report->failures)
        cut_fail(level, why);
}

/* ---- Cutting ---- */

/* The state that the choice makes; unless the same was checked for the same before. */
static void take_choice(void *ctx)
{
    struct cut_level *level = ctx;
    uint64_t epoch = seen_mix(level->history->epoch + 1);
    if (!seen_add(&level->tried, sim_crash_key(&level->crash) ^ epoch))
        return;
    sim_crash_make(&level->crash, &level->disk);
    level->hash = sim_disk_hash(&level->disk, CUT_PATH);
    if (!seen_add(&level->checked, level->hash ^ epoch))
        return;
    seen_add(&level->distinct, level->hash);
    check(level);
}

/* Only the cut that is to be repeated. */
static void replay(struct cut_level *level)
{
    char *choice;
    uint64_t boundary = strtoull(level->replay, &choice, 10);
    if (boundary != level->boundary || *choice != ':')
        return;
    choice++;
    if (!sim_crash_parse(&level->crash, choice, strcspn(choice, ":")))
        fprintf(stderr, "the choice does not fit: %u were to be made\n", level->crash.count);
    else
        take_choice(level);
}

void cut_power(struct cut_level *level, const struct sim_disk *disk)
{
    level->boundary++;
    sim_crash_begin(&level->crash, disk, CUT_PATH);
    if (level->replay != NULL)
        replay(level);
    else
        sim_crash_each(&level->crash, &level->picks, take_choice, level);
}
