/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The counting allocator. Each block carries its size in front of it.
 */
#include "tests/support/count_alloc.h"

#include <stdint.h>
#include <stdlib.h>

struct head {
    _Alignas(max_align_t) size_t size;
};

static void note_peak(struct count_alloc *count, size_t live)
{
    size_t peak = atomic_load(&count->peak_bytes);
    while (live > peak && !atomic_compare_exchange_weak(&count->peak_bytes, &peak, live))
        continue;
}

static void *forget(struct count_alloc *count, struct head *head)
{
    if (head == NULL)
        return NULL;
    atomic_fetch_sub(&count->live_bytes, head->size);
    atomic_fetch_sub(&count->live_blocks, 1);
    free(head);
    return NULL;
}

void *count_realloc(struct count_alloc *count, void *ptr, size_t size)
{
    struct head *head = ptr == NULL ? NULL : (struct head *)ptr - 1;
    atomic_fetch_add(&count->calls, 1);
    if (size == 0)
        return forget(count, head);
    if (size > SIZE_MAX - sizeof *head)
        return NULL;

    size_t before = head == NULL ? 0 : head->size;
    struct head *moved = realloc(head, sizeof *head + size);
    if (moved == NULL)
        return NULL;
    if (head == NULL)
        atomic_fetch_add(&count->live_blocks, 1);
    moved->size = size;
    atomic_fetch_sub(&count->live_bytes, before);
    note_peak(count, atomic_fetch_add(&count->live_bytes, size) + size);
    return moved + 1;
}
