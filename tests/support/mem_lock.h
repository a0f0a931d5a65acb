/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Byte-range locks that belong to an open descriptor, as the files in memory
 * have them: ranges of different descriptors conflict, a descriptor's own
 * ranges replace each other, and closing it drops them.
 */
#ifndef TESTS_MEM_LOCK_H
#define TESTS_MEM_LOCK_H

#include "capf_io.h"

struct mem_range {
    uint64_t inode;
    int fd;
    enum capf_io_lock mode;
    uint64_t first, last; /* both are in the range */
};

struct mem_locks {
    struct mem_range *ranges;
    size_t count, room;
};

/* Would another descriptor's range refuse this one? */
bool mem_locks_conflict(const struct mem_locks *locks, const struct mem_range *range);

/* Takes, changes or (CAPF_IO_UNLOCK) releases. -EAGAIN: refused, nothing changed. */
int mem_locks_set(struct mem_locks *locks, const struct mem_range *range);

/* Everything that a descriptor holds. */
void mem_locks_drop(struct mem_locks *locks, int fd);

void mem_locks_release(struct mem_locks *locks);

#endif
