/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk that forgets what was not synced. Behind a capf_io table it keeps, for
 * each unit of a file, the bytes that reads see and every version that the
 * platter may hold; the same for file sizes; and for the folder the events
 * that may not have reached it. sim_crash.h turns that into what a power cut
 * can leave.
 *
 * - A unit (512 bytes as a rule) is written whole or not at all. Since the last
 *   sync of its file it may hold any version that it had, independently of all
 *   other units and of the file's size.
 * - A file's size, after growing or an extending write, is the old or a new one
 *   until a sync. Bytes that a smaller size cuts off are gone.
 * - New names, links, renames and unlinks survive in any subset until their
 *   folder is synced. A rename is one event. A file without a name is gone.
 * - A failed sync marks the units clean: reads go on to show the new bytes, but
 *   no later sync writes them, unless they are written again before it. Sizes
 *   and names are tried again by the next sync.
 *
 * Locks belong to descriptors, naps move the clock, allocations are counted, as
 * in mem_io.h. One thread only. All that a disk holds lives in an arena until
 * the disk is reset, so making one from another copies pointers only.
 */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include "capf_io.h"
#include "tests/support/arena.h"
#include "tests/support/count_alloc.h"
#include "tests/support/mem_lock.h"

#define SIM_UNIT 512

#define SIM_SIZES_MAX 64
#define SIM_NAMES_MAX 32
#define SIM_EVENTS_MAX 64
#define SIM_DESCRIPTORS_MAX 16

struct sim_unit {
    uint64_t hash; /* 0: not looked at yet */
    uint8_t bytes[];
};

struct sim_version {
    struct sim_unit *unit; /* NULL: zeros */
    struct sim_version *before;
};

/* A unit of which the platter may hold more than one version. */
struct sim_pending {
    uint32_t index;
    uint32_t count;
    struct sim_version *newest;
    bool dirty; /* the next sync writes it; false after a failed one */
};

struct sim_file {
    uint64_t inode;
    uint32_t mode, owner, group;
    uint64_t size;                 /* as reads see it */
    uint64_t sizes[SIM_SIZES_MAX]; /* that the platter may hold, the oldest first */
    unsigned size_count;
    struct sim_unit **units; /* as reads see them; NULL: zeros */
    uint32_t *pending_at;    /* of each unit: 1 and its place in `pending`, or 0 */
    uint32_t unit_room;
    struct sim_pending *pending;
    uint32_t pending_count, pending_room;
};

struct sim_name {
    const char *path;
    struct sim_file *file;
};

struct sim_names {
    struct sim_name list[SIM_NAMES_MAX];
    unsigned count;
};

struct sim_event {
    enum sim_change { SIM_SET, SIM_REMOVE, SIM_RENAME } kind;
    const char *path, *from; /* `from`: of a rename */
    struct sim_file *file;   /* not of SIM_REMOVE */
    uint64_t number;         /* no other event of the disk has it */
};

struct sim_descriptor {
    struct sim_file *file; /* NULL: free */
    bool writes;
};

/* LIES: it returns well and does nothing. */
enum sim_sync { SIM_SYNC_WORKS, SIM_SYNC_FAILS, SIM_SYNC_LIES };

struct sim_hooks {
    /* After each call that may have changed what a power cut leaves. NULL: nothing. */
    void (*changed)(void *ctx);
    /* Decides about a sync, of a folder when fd is -1. NULL: it works. */
    enum sim_sync (*sync)(void *ctx, int fd);
    void *ctx;
};

struct sim_disk {
    struct capf_io io;
    uint32_t unit; /* bytes */
    bool no_unnamed;
    struct sim_hooks hooks;
    struct count_alloc memory;
    struct arena arena;
    struct sim_names now, durable;
    struct sim_event events[SIM_EVENTS_MAX]; /* between `durable` and `now`, in order */
    unsigned event_count;
    struct sim_descriptor descriptors[SIM_DESCRIPTORS_MAX];
    struct mem_locks locks;
    uint64_t last_inode, last_event, folder_syncs, clock;
};

/* The disk's address must not change afterwards. */
void sim_disk_init(struct sim_disk *disk, uint32_t unit);

/* Empty again, with no hooks. Descriptors must be closed and core's memory given back; else this
 * stops the test program. */
void sim_disk_reset(struct sim_disk *disk, uint32_t unit);
void sim_disk_release(struct sim_disk *disk);

/* Descriptors or core's memory in use? */
bool sim_disk_in_use(const struct sim_disk *disk);

/* ---- For sim_io.c and sim_crash.c ---- */

void sim_stop(const char *why, const char *what);

struct sim_file *sim_names_find(const struct sim_names *names, const char *path);
void sim_names_apply(struct sim_names *names, const struct sim_event *event);

/* Does it in `now` and notes it. Strings are copied. */
void sim_disk_event(struct sim_disk *disk, enum sim_change kind, const char *path, const char *from,
                    struct sim_file *file);

/* Makes the events of a folder durable. */
void sim_disk_sync_folder(struct sim_disk *disk, const char *folder);

struct sim_file *sim_file_new(struct sim_disk *disk);
void sim_file_reserve(struct sim_disk *disk, struct sim_file *file, uint64_t size);
void sim_file_set_size(struct sim_disk *disk, struct sim_file *file, uint64_t size);
void sim_file_read(const struct sim_disk *disk, const struct sim_file *file, void *buf, size_t len,
                   uint64_t off);
void sim_file_write(struct sim_disk *disk, struct sim_file *file, const void *buf, size_t len,
                    uint64_t off);
void sim_file_sync(struct sim_file *file, bool works);

/* The table, with its ctx to be set. */
extern const struct capf_io sim_io_table;

#endif
