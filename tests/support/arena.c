/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of chunks, each filled from its beginning. A reset goes back to the
 * first one and keeps them all.
 */
#include "tests/support/test.h"

#include "tests/support/arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 << 10)

struct arena_chunk {
    struct arena_chunk *next;
    size_t room;
    _Alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *new_chunk(size_t room)
{
    struct arena_chunk *chunk = test_bytes(sizeof *chunk + room);
    chunk->next = NULL;
    chunk->room = room;
    return chunk;
}

/* Makes a chunk with room enough the one in use; those passed over rest until the next reset. */
static void next_chunk(struct arena *arena, size_t size)
{
    struct arena_chunk **link = arena->at == NULL ? &arena->first : &arena->at->next;
    while (*link != NULL && (*link)->room < size)
        link = &(*link)->next;
    if (*link == NULL)
        *link = new_chunk(size > CHUNK ? size : CHUNK);
    arena->at = *link;
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    size = (size + align - 1) / align * align;
    if (arena->at == NULL || arena->at->room - arena->used < size)
        next_chunk(arena, size);
    void *taken = arena->at->bytes + arena->used;
    arena->used += size;
    return taken;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_take(arena, size);
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

void arena_reset(struct arena *arena)
{
    arena->at = NULL;
    arena->used = 0;
    if (arena->first != NULL)
        arena->at = arena->first;
}

void arena_release(struct arena *arena)
{
    while (arena->first != NULL) {
        struct arena_chunk *next = arena->first->next;
        free(arena->first);
        arena->first = next;
    }
    *arena = (struct arena){0};
}
