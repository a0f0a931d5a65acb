/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing, at most three quarters full.
 */
#include "tests/support/test.h"

#include "tests/support/seen.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST ((size_t)1 << 10)

static uint64_t *place(const struct seen *seen, uint64_t key)
{
    size_t at = (size_t)key & (seen->room - 1);
    while (seen->keys[at] != 0 && seen->keys[at] != key)
        at = (at + 1) & (seen->room - 1);
    return &seen->keys[at];
}

static void grow(struct seen *seen)
{
    struct seen old = *seen;
    seen->room = old.room == 0 ? ROOM_FIRST : 2 * old.room;
    seen->keys = test_bytes(seen->room * sizeof *seen->keys);
    memset(seen->keys, 0, seen->room * sizeof *seen->keys);
    for (size_t i = 0; i < old.room; i++)
        if (old.keys[i] != 0)
            *place(seen, old.keys[i]) = old.keys[i];
    free(old.keys);
}

bool seen_add(struct seen *seen, uint64_t key)
{
    if (4 * seen->count >= 3 * seen->room)
        grow(seen);
    key += key == 0;
    uint64_t *at = place(seen, key);
    if (*at == key)
        return false;
    *at = key;
    seen->count++;
    return true;
}

void seen_clear(struct seen *seen)
{
    if (seen->count != 0)
        memset(seen->keys, 0, seen->room * sizeof *seen->keys);
    seen->count = 0;
}

void seen_release(struct seen *seen)
{
    free(seen->keys);
    *seen = (struct seen){0};
}
