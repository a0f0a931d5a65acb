/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of locked ranges of the files in memory. It is short, so it is
 * searched from end to end.
 */
#include "tests/support/mem_lock.h"

#include <errno.h>
#include <stdlib.h>

static bool overlaps(const struct mem_range *a, const struct mem_range *b)
{
    return a->inode == b->inode && a->first <= b->last && b->first <= a->last;
}

static void add(struct mem_locks *locks, struct mem_range range)
{
    if (locks->count == locks->room) {
        locks->room = 2 * locks->room + 8;
        locks->ranges = realloc(locks->ranges, locks->room * sizeof *locks->ranges);
        if (locks->ranges == NULL)
            abort();
    }
    locks->ranges[locks->count++] = range;
}

bool mem_locks_conflict(const struct mem_locks *locks, const struct mem_range *range)
{
    for (size_t i = 0; i < locks->count; i++) {
        const struct mem_range *held = &locks->ranges[i];
        bool exclusive = held->mode == CAPF_IO_EXCLUSIVE || range->mode == CAPF_IO_EXCLUSIVE;
        if (held->fd != range->fd && exclusive && overlaps(held, range))
            return true;
    }
    return false;
}

/* Cuts the range out of what its own descriptor holds, which may leave a piece on each side. */
static void cut_out(struct mem_locks *locks, const struct mem_range *range)
{
    for (size_t i = 0; i < locks->count;) {
        struct mem_range held = locks->ranges[i];
        if (held.fd != range->fd || !overlaps(&held, range)) {
            i++;
            continue;
        }
        locks->ranges[i] = locks->ranges[--locks->count];
        struct mem_range before = held, behind = held;
        before.last = range->first - 1;
        behind.first = range->last + 1;
        if (held.first < range->first)
            add(locks, before);
        if (held.last > range->last)
            add(locks, behind);
    }
}

int mem_locks_set(struct mem_locks *locks, const struct mem_range *range)
{
    if (range->mode != CAPF_IO_UNLOCK && mem_locks_conflict(locks, range))
        return -EAGAIN;
    cut_out(locks, range);
    if (range->mode != CAPF_IO_UNLOCK)
        add(locks, *range);
    return 0;
}

void mem_locks_drop(struct mem_locks *locks, int fd)
{
    for (size_t i = 0; i < locks->count;) {
        if (locks->ranges[i].fd == fd)
            locks->ranges[i] = locks->ranges[--locks->count];
        else
            i++;
    }
}

void mem_locks_release(struct mem_locks *locks)
{
    free(locks->ranges);
    *locks = (struct mem_locks){0};
}
