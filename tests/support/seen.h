/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of 64-bit hashes: was this one seen before?
 */
#ifndef TESTS_SEEN_H
#define TESTS_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeros is an empty one. */
struct seen {
    uint64_t *keys; /* 0: free */
    size_t count, room;
};

/* True when it was not in the set. */
bool seen_add(struct seen *seen, uint64_t key);
void seen_clear(struct seen *seen);
void seen_release(struct seen *seen);

/* Mixes a number well enough to be a key, or a part of one. */
static inline uint64_t seen_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

#endif
