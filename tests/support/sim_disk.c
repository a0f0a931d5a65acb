/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the simulated disk remembers of files and of the folder, and what a
 * sync makes of it.
 */
#include "tests/support/sim_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_stop(const char *why, const char *what)
{
    fprintf(stderr, "sim_disk: %s: %s\n", why, what);
    abort();
}

/* ---- Names ---- */

static struct sim_name *find(struct sim_names *names, const char *path)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->list[i].path, path) == 0)
            return &names->list[i];
    return NULL;
}

struct sim_file *sim_names_find(const struct sim_names *names, const char *path)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->list[i].path, path) == 0)
            return names->list[i].file;
    return NULL;
}

static void set_name(struct sim_names *names, const char *path, struct sim_file *file)
{
    struct sim_name *name = find(names, path);
    if (name == NULL) {
        if (names->count == SIM_NAMES_MAX)
            sim_stop("too many names", path);
        name = &names->list[names->count++];
    }
    *name = (struct sim_name){path, file};
}

static void remove_name(struct sim_names *names, const char *path)
{
    struct sim_name *name = find(names, path);
    if (name != NULL)
        *name = names->list[--names->count];
}

/* Each event stands for itself, whatever became of those before it: it says where a name leads. */
void sim_names_apply(struct sim_names *names, const struct sim_event *event)
{
    if (event->kind == SIM_REMOVE) {
        remove_name(names, event->path);
        return;
    }
    if (event->kind == SIM_RENAME)
        remove_name(names, event->from);
    set_name(names, event->path, event->file);
}

void sim_disk_event(struct sim_disk *disk, enum sim_change kind, const char *path, const char *from,
                    struct sim_file *file)
{
    if (disk->event_count == SIM_EVENTS_MAX)
        sim_stop("too many events without a sync", path);
    struct sim_event *event = &disk->events[disk->event_count++];
    event->kind = kind;
    event->path = arena_copy(&disk->arena, path, strlen(path) + 1);
    event->from = from != NULL ? arena_copy(&disk->arena, from, strlen(from) + 1) : NULL;
    event->file = file;
    event->number = ++disk->last_event;
    sim_names_apply(&disk->now, event);
}

static bool in_folder(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (len == 0)
        return strcmp(folder, ".") == 0;
    return strncmp(path, folder, len) == 0 && folder[len] == '\0';
}

void sim_disk_sync_folder(struct sim_disk *disk, const char *folder)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < disk->event_count; i++) {
        if (in_folder(disk->events[i].path, folder))
            sim_names_apply(&disk->durable, &disk->events[i]);
        else
            disk->events[kept++] = disk->events[i];
    }
    disk->event_count = kept;
    disk->folder_syncs++;
}

/* ---- Files ---- */

struct sim_file *sim_file_new(struct sim_disk *disk)
{
    struct sim_file *file = arena_take(&disk->arena, sizeof *file);
    memset(file, 0, sizeof *file);
    file->inode = ++disk->last_inode;
    file->mode = 0644;
    file->size_count = 1;
    return file;
}

void sim_file_reserve(struct sim_disk *disk, struct sim_file *file, uint64_t size)
{
    uint32_t need = (uint32_t)((size + disk->unit - 1) / disk->unit);
    if (need <= file->unit_room)
        return;
    uint32_t had = file->unit_room, room = need > 2 * had ? need : 2 * had;
    struct sim_unit **units = arena_take(&disk->arena, room * sizeof *units);
    uint32_t *pending_at = arena_take(&disk->arena, room * sizeof *pending_at);
    memset(units + had, 0, (room - had) * sizeof *units);
    memset(pending_at + had, 0, (room - had) * sizeof *pending_at);
    if (had != 0) {
        memcpy(units, file->units, had * sizeof *units);
        memcpy(pending_at, file->pending_at, had * sizeof *pending_at);
    }
    file->units = units;
    file->pending_at = pending_at;
    file->unit_room = room;
}

void sim_file_set_size(struct sim_disk *disk, struct sim_file *file, uint64_t size)
{
    if (size == file->size)
        return;
    if (file->size_count == SIM_SIZES_MAX)
        sim_stop("too many sizes without a sync", "");
    sim_file_reserve(disk, file, size);
    file->sizes[file->size_count++] = size;
    file->size = size;
}

/* How much of `len` bytes at `off` lies in one unit. */
static size_t part_in_unit(const struct sim_disk *disk, size_t len, uint64_t off)
{
    size_t rest = (size_t)(disk->unit - off % disk->unit);
    return len < rest ? len : rest;
}

void sim_file_read(const struct sim_disk *disk, const struct sim_file *file, void *buf, size_t len,
                   uint64_t off)
{
    uint8_t *to = buf;
    while (len > 0) {
        size_t n = part_in_unit(disk, len, off);
        const struct sim_unit *unit = file->units[off / disk->unit];
        if (unit != NULL)
            memcpy(to, unit->bytes + off % disk->unit, n);
        else
            memset(to, 0, n);
        to += n;
        off += n;
        len -= n;
    }
}

static struct sim_pending *new_pending(struct sim_disk *disk, struct sim_file *file, uint32_t index)
{
    if (file->pending_count == file->pending_room) {
        uint32_t room = 2 * file->pending_room + 8;
        struct sim_pending *grown = arena_take(&disk->arena, room * sizeof *grown);
        if (file->pending_count != 0)
            memcpy(grown, file->pending, file->pending_count * sizeof *grown);
        file->pending = grown;
        file->pending_room = room;
    }
    struct sim_pending *pending = &file->pending[file->pending_count++];
    *pending = (struct sim_pending){.index = index};
    file->pending_at[index] = file->pending_count;
    return pending;
}

static void add_version(struct sim_disk *disk, struct sim_pending *pending, struct sim_unit *unit)
{
    struct sim_version *version = arena_take(&disk->arena, sizeof *version);
    *version = (struct sim_version){unit, pending->newest};
    pending->newest = version;
    pending->count++;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

/* Bytes that are there already make no version, but the unit is to be written all the same. */
static void write_unit(struct sim_disk *disk, struct sim_file *file, uint32_t index,
                       const uint8_t *data, size_t len, size_t at)
{
    struct sim_unit *old = file->units[index];
    uint32_t place = file->pending_at[index];
    struct sim_pending *pending = place != 0 ? &file->pending[place - 1] : NULL;
    bool same = old != NULL ? memcmp(old->bytes + at, data, len) == 0 : all_zero(data, len);
    if (!same) {
        struct sim_unit *unit = arena_take(&disk->arena, sizeof *unit + disk->unit);
        unit->hash = 0;
        if (old != NULL)
            memcpy(unit->bytes, old->bytes, disk->unit);
        else
            memset(unit->bytes, 0, disk->unit);
        memcpy(unit->bytes + at, data, len);
        if (pending == NULL) {
            pending = new_pending(disk, file, index);
            add_version(disk, pending, old);
        }
        add_version(disk, pending, unit);
        file->units[index] = unit;
    }
    if (pending != NULL)
        pending->dirty = true;
}

void sim_file_write(struct sim_disk *disk, struct sim_file *file, const void *buf, size_t len,
                    uint64_t off)
{
    const uint8_t *from = buf;
    if (off + len > file->size)
        sim_file_set_size(disk, file, off + len);
    while (len > 0) {
        size_t n = part_in_unit(disk, len, off);
        write_unit(disk, file, (uint32_t)(off / disk->unit), from, n, (size_t)(off % disk->unit));
        from += n;
        off += n;
        len -= n;
    }
}

/* A failed sync leaves the versions as they are, and nothing to do for the next one. */
static void fail_sync(struct sim_file *file)
{
    for (uint32_t i = 0; i < file->pending_count; i++)
        file->pending[i].dirty = false;
}

void sim_file_sync(struct sim_file *file, bool works)
{
    if (!works) {
        fail_sync(file);
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < file->pending_count; i++) {
        struct sim_pending *pending = &file->pending[i];
        if (pending->dirty) {
            file->pending_at[pending->index] = 0;
            continue;
        }
        file->pending[kept++] = *pending;
        file->pending_at[pending->index] = kept;
    }
    file->pending_count = kept;
    file->sizes[0] = file->size;
    file->size_count = 1;
}

/* ---- The disk ---- */

void sim_disk_init(struct sim_disk *disk, uint32_t unit)
{
    memset(disk, 0, sizeof *disk);
    disk->io = sim_io_table;
    disk->io.ctx = disk;
    disk->unit = unit;
}

bool sim_disk_in_use(const struct sim_disk *disk)
{
    for (unsigned i = 0; i < SIM_DESCRIPTORS_MAX; i++)
        if (disk->descriptors[i].file != NULL)
            return true;
    return disk->memory.live_blocks != 0;
}

void sim_disk_reset(struct sim_disk *disk, uint32_t unit)
{
    if (sim_disk_in_use(disk))
        sim_stop("descriptors left open or memory not given back", "");
    arena_reset(&disk->arena);
    disk->unit = unit;
    disk->no_unnamed = false;
    disk->hooks = (struct sim_hooks){0};
    disk->now.count = disk->durable.count = 0;
    disk->event_count = 0;
    disk->last_inode = disk->last_event = disk->folder_syncs = disk->clock = 0;
}

void sim_disk_release(struct sim_disk *disk)
{
    sim_disk_reset(disk, disk->unit);
    mem_locks_release(&disk->locks);
    arena_release(&disk->arena);
}
