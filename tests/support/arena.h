/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that is taken piece by piece and given back all at once, for tests
 * that build and drop the same things many thousand times.
 */
#ifndef TESTS_ARENA_H
#define TESTS_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zeros is an empty one. */
struct arena {
    struct arena_chunk *first, *at; /* `at` is the one in use */
    size_t used;                    /* bytes of it */
};

/* Aligned for anything, not cleared, never NULL. */
void *arena_take(struct arena *arena, size_t size);
void *arena_copy(struct arena *arena, const void *data, size_t size);

/* Everything taken is gone; the memory stays for the next use. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

#endif
