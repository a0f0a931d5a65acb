/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dimensions of a disk, choices among them, and the disks that these make.
 */
#include "tests/support/sim_crash.h"
#include "tests/support/seen.h"

#include <string.h>

/* ---- Hashes ---- */

static uint64_t unit_hash(struct sim_unit *unit, uint32_t len)
{
    if (unit->hash != 0)
        return unit->hash;
    uint64_t hash = 0, word, any = 0;
    for (uint32_t at = 0; at < len; at += (uint32_t)sizeof word) {
        memcpy(&word, unit->bytes + at, sizeof word);
        any |= word;
        hash = seen_mix(hash + word + 0x9E3779B97F4A7C15u);
    }
    unit->hash = any == 0 ? 1 : hash | 2; /* 1: all zeros, which is as good as no unit */
    return unit->hash;
}

/* What a unit adds to a file's hash. Zeros add nothing, as no unit does. */
static uint64_t unit_part(const struct sim_disk *disk, struct sim_unit *unit, uint32_t index)
{
    uint64_t hash = unit == NULL ? 1 : unit_hash(unit, disk->unit);
    return hash == 1 ? 0 : seen_mix(hash + index * 0x9E3779B97F4A7C15u);
}

static uint64_t size_part(uint64_t size)
{
    return seen_mix(size + 1);
}

/* Every file's parts are told from the others'. */
static uint64_t of_file(const struct sim_file *file, uint64_t part)
{
    return part * (2 * file->inode + 1);
}

/* ---- Dimensions ---- */

static void add_dim(struct sim_crash *crash, struct sim_dim dim)
{
    if (dim.count < 2)
        return;
    if (crash->count == SIM_DIMS_MAX)
        sim_stop("too much is pending", crash->path);
    if (dim.count > SIM_DIGITS_MAX)
        dim.count = SIM_DIGITS_MAX;
    crash->dims[crash->count++] = dim;
    if (__builtin_mul_overflow(crash->combinations, dim.count, &crash->combinations))
        crash->combinations = UINT64_MAX;
}

static uint64_t decided_parts(const struct sim_disk *disk, const struct sim_file *file)
{
    uint64_t parts = file->size_count == 1 ? size_part(file->size) : 0;
    for (uint32_t i = 0; i < file->unit_room; i++)
        if (file->pending_at[i] == 0)
            parts += unit_part(disk, file->units[i], i);
    return of_file(file, parts);
}

static void add_file(struct sim_crash *crash, struct sim_file *file)
{
    for (unsigned i = 0; i < crash->count; i++)
        if (crash->dims[i].file == file)
            return;
    crash->decided += decided_parts(crash->disk, file);
    add_dim(crash, (struct sim_dim){SIM_SIZE_OF, file, 0, file->size_count});
    for (uint32_t i = 0; i < file->pending_count; i++)
        add_dim(crash, (struct sim_dim){SIM_UNIT_OF, file, i, file->pending[i].count});
}

void sim_crash_begin(struct sim_crash *crash, const struct sim_disk *disk, const char *path)
{
    crash->disk = disk;
    crash->path = path;
    crash->count = 0;
    crash->combinations = 1;
    crash->decided = seen_mix(disk->folder_syncs + 1);
    struct sim_file *file = sim_names_find(&disk->durable, path);
    if (file != NULL)
        add_file(crash, file);
    for (unsigned i = 0; i < disk->event_count; i++)
        if (disk->events[i].kind != SIM_REMOVE && strcmp(disk->events[i].path, path) == 0)
            add_file(crash, disk->events[i].file);
    for (unsigned i = 0; i < disk->event_count; i++)
        add_dim(crash, (struct sim_dim){SIM_EVENT_OF, NULL, i, 2});
}

/* ---- Choices ---- */

static void set_all(struct sim_crash *crash, bool newest)
{
    for (unsigned i = 0; i < crash->count; i++)
        crash->digits[i] = newest ? (uint8_t)(crash->dims[i].count - 1) : 0;
}

static uint8_t newest(const struct sim_crash *crash, unsigned dim)
{
    return (uint8_t)(crash->dims[dim].count - 1);
}

static void each_of_all(struct sim_crash *crash, sim_crash_fn *fn, void *ctx)
{
    unsigned dim;
    set_all(crash, false);
    do {
        fn(ctx);
        for (dim = 0; dim < crash->count && crash->digits[dim] == newest(crash, dim); dim++)
            crash->digits[dim] = 0;
        if (dim < crash->count)
            crash->digits[dim]++;
    } while (dim < crash->count);
}

/* All old or all new, but for one. */
static void each_deviation(struct sim_crash *crash, bool from, sim_crash_fn *fn, void *ctx)
{
    set_all(crash, from);
    fn(ctx);
    for (unsigned i = 0; i < crash->count; i++) {
        uint8_t usual = crash->digits[i];
        for (uint8_t digit = 0; digit <= newest(crash, i); digit++) {
            crash->digits[i] = digit;
            if (digit != usual)
                fn(ctx);
        }
        crash->digits[i] = usual;
    }
}

/* The first ones new and the rest old, or the other way round. */
static void each_prefix(struct sim_crash *crash, bool first, sim_crash_fn *fn, void *ctx)
{
    set_all(crash, !first);
    for (unsigned i = 0; i < crash->count; i++) {
        crash->digits[i] = first ? newest(crash, i) : 0;
        fn(ctx);
    }
}

static bool is_below(const struct sim_crash *crash, unsigned dim, uint64_t split)
{
    const struct sim_dim *d = &crash->dims[dim];
    return d->kind == SIM_UNIT_OF &&
           (uint64_t)d->file->pending[d->at].index * crash->disk->unit < split;
}

/* One unit of the nodes and one of anything else are old among new ones, or new among old ones. */
static void each_pair(struct sim_crash *crash, uint64_t split, bool from, sim_crash_fn *fn,
                      void *ctx)
{
    set_all(crash, from);
    for (unsigned i = 0; i < crash->count; i++) {
        if (!is_below(crash, i, split))
            continue;
        crash->digits[i] = from ? 0 : newest(crash, i);
        for (unsigned k = 0; k < crash->count; k++) {
            if (is_below(crash, k, split))
                continue;
            crash->digits[k] = from ? 0 : newest(crash, k);
            fn(ctx);
            crash->digits[k] = from ? newest(crash, k) : 0;
        }
        crash->digits[i] = from ? newest(crash, i) : 0;
    }
}

/* Mostly new, mostly old, or half and half. */
static void each_pick(struct sim_crash *crash, const struct sim_picks *picks, sim_crash_fn *fn,
                      void *ctx)
{
    struct rng rng = {picks->seed};
    for (unsigned n = 0; n < picks->picks; n++) {
        unsigned news = 10 + 20 * (n % 5);
        for (unsigned i = 0; i < crash->count; i++)
            crash->digits[i] = rng_chance(&rng, news)
                                   ? newest(crash, i)
                                   : (uint8_t)rng_below(&rng, crash->dims[i].count);
        fn(ctx);
    }
}

void sim_crash_each(struct sim_crash *crash, const struct sim_picks *picks, sim_crash_fn *fn,
                    void *ctx)
{
    if (crash->combinations <= picks->exhaustive) {
        each_of_all(crash, fn, ctx);
        return;
    }
    for (int from = 0; from < 2; from++) {
        each_deviation(crash, from == 1, fn, ctx);
        each_prefix(crash, from == 1, fn, ctx);
        each_pair(crash, picks->split, from == 1, fn, ctx);
    }
    each_pick(crash, picks, fn, ctx);
}

/* ---- The disk that is left ---- */

/* Number `digit` of `count` versions, of which the newest is given and the oldest is 0. */
static struct sim_unit *version_at(const struct sim_pending *pending, uint32_t count,
                                   uint32_t digit)
{
    const struct sim_version *version = pending->newest;
    for (uint32_t back = count - 1 - digit; back > 0; back--)
        version = version->before;
    if (digit == 0) /* also when some were left out, the one that was synced is not */
        while (version->before != NULL)
            version = version->before;
    return version->unit;
}

static uint64_t chosen_size(const struct sim_dim *dim, uint32_t digit)
{
    return dim->file->sizes[dim->file->size_count - dim->count + digit];
}

static uint64_t dim_key(const struct sim_crash *crash, const struct sim_dim *dim, uint32_t digit)
{
    if (dim->kind == SIM_EVENT_OF)
        return digit == 0 ? 0 : seen_mix(crash->disk->events[dim->at].number);
    if (dim->kind == SIM_SIZE_OF)
        return of_file(dim->file, size_part(chosen_size(dim, digit)));
    const struct sim_pending *pending = &dim->file->pending[dim->at];
    struct sim_unit *unit = version_at(pending, dim->count, digit);
    return of_file(dim->file, unit_part(crash->disk, unit, pending->index));
}

uint64_t sim_crash_key(const struct sim_crash *crash)
{
    uint64_t key = crash->decided;
    for (unsigned i = 0; i < crash->count; i++)
        key += dim_key(crash, &crash->dims[i], crash->digits[i]);
    return key;
}

static void choose_units(const struct sim_crash *crash, const struct sim_file *file,
                         struct sim_file *left)
{
    for (unsigned i = 0; i < crash->count; i++) {
        const struct sim_dim *dim = &crash->dims[i];
        if (dim->kind == SIM_EVENT_OF || dim->file != file)
            continue;
        const struct sim_pending *pending = &file->pending[dim->at];
        if (dim->kind == SIM_SIZE_OF)
            left->size = chosen_size(dim, crash->digits[i]);
        else
            left->units[pending->index] = version_at(pending, dim->count, crash->digits[i]);
    }
}

/* Bytes behind the end are gone, should the file ever grow again. */
static void cut_end(struct sim_disk *to, struct sim_file *left)
{
    uint32_t whole = (uint32_t)(left->size / to->unit);
    size_t rest = (size_t)(left->size % to->unit);
    uint32_t at = whole;
    if (rest != 0) {
        struct sim_unit *old = left->units[at];
        if (old != NULL) {
            struct sim_unit *unit = arena_take(&to->arena, sizeof *unit + to->unit);
            unit->hash = 0;
            memcpy(unit->bytes, old->bytes, rest);
            memset(unit->bytes + rest, 0, to->unit - rest);
            left->units[at] = unit;
        }
        at++;
    }
    for (; at < left->unit_room; at++)
        left->units[at] = NULL;
}

static struct sim_file *leave_file(const struct sim_crash *crash, const struct sim_file *file,
                                   struct sim_disk *to)
{
    struct sim_file *left = sim_file_new(to);
    left->mode = file->mode;
    left->owner = file->owner;
    left->group = file->group;
    left->size = file->size;
    sim_file_reserve(to, left, (uint64_t)file->unit_room * to->unit);
    if (file->unit_room != 0)
        memcpy(left->units, file->units, file->unit_room * sizeof *left->units);
    choose_units(crash, file, left);
    if (left->size < file->size)
        cut_end(to, left);
    left->sizes[0] = left->size;
    return left;
}

void sim_crash_make(const struct sim_crash *crash, struct sim_disk *to)
{
    struct sim_file *source[SIM_NAMES_MAX];
    sim_disk_reset(to, crash->disk->unit);
    to->no_unnamed = crash->disk->no_unnamed;
    to->now = crash->disk->durable;
    for (unsigned i = 0; i < crash->count; i++)
        if (crash->dims[i].kind == SIM_EVENT_OF && crash->digits[i] != 0)
            sim_names_apply(&to->now, &crash->disk->events[crash->dims[i].at]);
    for (unsigned i = 0; i < to->now.count; i++) {
        unsigned twin = 0;
        source[i] = to->now.list[i].file;
        while (source[twin] != source[i])
            twin++;
        to->now.list[i].file =
            twin < i ? to->now.list[twin].file : leave_file(crash, source[i], to);
    }
    to->durable = to->now;
}

/* ---- The whole disk's hash ---- */

static uint64_t file_hash(const struct sim_disk *disk, const struct sim_file *file)
{
    uint64_t hash = size_part(file->size);
    for (uint32_t i = 0; i < file->unit_room; i++)
        hash += unit_part(disk, file->units[i], i);
    return hash;
}

static uint64_t text_hash(const char *text)
{
    uint64_t hash = 0;
    for (; *text != '\0'; text++)
        hash = seen_mix(hash + (uint8_t)*text + 1);
    return hash;
}

uint64_t sim_disk_hash(const struct sim_disk *disk, const char *path)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < disk->now.count; i++) {
        const struct sim_name *name = &disk->now.list[i];
        uint64_t part = text_hash(name->path);
        if (strcmp(name->path, path) == 0)
            part += file_hash(disk, name->file);
        hash += seen_mix(part);
    }
    return hash;
}

/* ---- Choices as text ---- */

static const char digit_names[SIM_DIGITS_MAX + 1] = "0123456789abcdefghijklmnopqrstuvwxyz";

void sim_crash_format(const struct sim_crash *crash, char text[SIM_DIMS_MAX + 1])
{
    for (unsigned i = 0; i < crash->count; i++)
        text[i] = digit_names[crash->digits[i]];
    text[crash->count] = '\0';
}

bool sim_crash_parse(struct sim_crash *crash, const char *text, size_t len)
{
    if (len != crash->count)
        return false;
    for (size_t i = 0; i < len; i++) {
        const char *digit = strchr(digit_names, text[i]);
        if (digit == NULL || digit - digit_names >= crash->dims[i].count)
            return false;
        crash->digits[i] = (uint8_t)(digit - digit_names);
    }
    return true;
}
