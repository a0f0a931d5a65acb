/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small random generator (splitmix64) whose whole state is its seed, so that
 * a test that prints its seed can be repeated exactly.
 */
#ifndef TESTS_RNG_H
#define TESTS_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
    rng->state += 0x9E3779B97F4A7C15u;
    uint64_t z = rng->state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* A number from 0 to below - 1. `below` is not 0. */
static inline uint64_t rng_below(struct rng *rng, uint64_t below)
{
    return rng_next(rng) % below;
}

static inline bool rng_chance(struct rng *rng, unsigned of_hundred)
{
    return rng_below(rng, 100) < of_hundred;
}

#endif
