/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An allocator that counts: what lives now, the most that ever lived, and how
 * often it was called. Tests use it to bound memory and to find leaks. Any
 * thread may call it.
 */
#ifndef TESTS_COUNT_ALLOC_H
#define TESTS_COUNT_ALLOC_H

#include <stdatomic.h>
#include <stddef.h>

struct count_alloc {
    _Atomic size_t live_bytes;
    _Atomic size_t peak_bytes;
    _Atomic size_t live_blocks;
    _Atomic size_t calls;
};

/* As capf_io.realloc: size 0 frees and returns NULL. */
void *count_realloc(struct count_alloc *count, void *ptr, size_t size);

#endif
