/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capf_io table that keeps its files in memory: names, files apart from their
 * names, descriptors, locks that belong to descriptors, a clock that only naps
 * move, and a counting allocator. Nothing here fails on purpose or forgets what
 * was not synced; tables that do are put around or beside this one.
 */
#ifndef TESTS_MEM_IO_H
#define TESTS_MEM_IO_H

#include "capf_io.h"
#include "tests/support/count_alloc.h"

struct mem_disk;

/* What the pretended system can do. All false: everything. */
struct mem_limits {
    bool no_unnamed;     /* no files without a name */
    bool no_locks;       /* lock() is not supported */
    bool writers_untold; /* writer_exists() cannot tell */
    size_t transfer;     /* bytes that one pread or pwrite moves at most; 0: no limit */
    uint64_t space;      /* bytes that a file may hold; 0: no limit */
};

/* Ends the test program when there is no memory. */
struct mem_disk *mem_disk_new(void);

/* Every descriptor must be closed by then, and core's memory given back; else this fails the test
 * program with a message. */
void mem_disk_free(struct mem_disk *disk);

const struct capf_io *mem_disk_io(struct mem_disk *disk);
struct mem_limits *mem_disk_limits(struct mem_disk *disk);
const struct count_alloc *mem_disk_memory(const struct mem_disk *disk);

/* How many descriptors are open. */
unsigned mem_disk_open_count(struct mem_disk *disk);

/* Called, with nothing locked, by each nap after the clock has moved. NULL: nothing. */
void mem_disk_on_nap(struct mem_disk *disk, void (*call)(void *ctx), void *ctx);

/* Makes a file of these bytes, or gives an existing one these bytes. */
void mem_disk_put(struct mem_disk *disk, const char *path, const void *data, size_t len);

/* A copy of a file's bytes, which the caller frees with free(3). NULL: no such file. */
uint8_t *mem_disk_copy(struct mem_disk *disk, const char *path, size_t *len);

/* Overwrites, at `off`, part of a file that exists. */
void mem_disk_poke(struct mem_disk *disk, const char *path, uint64_t off, const void *data,
                   size_t len);

void mem_disk_truncate(struct mem_disk *disk, const char *path, uint64_t size);
void mem_disk_symlink(struct mem_disk *disk, const char *target, const char *path);
void mem_disk_make(struct mem_disk *disk, const char *path, enum capf_io_kind kind);
void mem_disk_chmod(struct mem_disk *disk, const char *path, uint32_t mode);

/* How many names there are, so that a test sees a temporary file left behind. */
unsigned mem_disk_name_count(struct mem_disk *disk);

#endif
