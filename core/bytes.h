/* SPDX-License-Identifier: MIT */
/*
 * Big-endian integers in bytes, and the arithmetic that must not overflow.
 * Everything is read and written byte by byte, so the host's own byte order
 * and alignment never matter; compilers turn these into single instructions.
 */
#ifndef CAPF_BYTES_H
#define CAPF_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t capf__get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t capf__get_u64(const uint8_t *p)
{
    return (uint64_t)capf__get_u32(p) << 32 | capf__get_u32(p + 4);
}

static inline void capf__put_u32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline void capf__put_u64(uint8_t *p, uint64_t v)
{
    capf__put_u32(p, (uint32_t)(v >> 32));
    capf__put_u32(p + 4, (uint32_t)v);
}

/* *sum = a + b; false when that does not fit. */
static inline bool capf__add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

static inline bool capf__mul_u64(uint64_t a, uint64_t b, uint64_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

static inline uint64_t capf__round_down(uint64_t v, uint32_t unit)
{
    return v - v % unit;
}

static inline uint64_t capf__min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
