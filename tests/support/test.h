/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every test of core includes: cmocka with what it needs, the public
 * header, and calls of core whose status is checked and shown by name.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capf.h"

/* Where must() and must_be() look for the error: pass it as the last argument of the call. Only
 * for the thread that runs the tests. */
extern struct capf_error test_err;

/* The call must succeed. */
#define must(call) must_be(CAPF_OK, call)

/* The call must end with this status, and describe it in test_err when given that. */
#define must_be(status, call)                                                                      \
    do {                                                                                           \
        test_err = (struct capf_error){0};                                                         \
        test_check_status((call), status, #call, __FILE__, __LINE__);                              \
    } while (0)

void test_check_status(enum capf_status got, enum capf_status want, const char *call,
                       const char *file, int line);

/* Whatever this call says is right. */
static inline void either_way(enum capf_status status)
{
    (void)status;
}

/* The bytes must be these, and never NULL. */
#define must_hold(bytes, data, len) test_check_bytes(bytes, data, len, __FILE__, __LINE__)
#define must_hold_text(bytes, text) must_hold(bytes, text, sizeof text - 1)

void test_check_bytes(struct capf_bytes bytes, const void *data, size_t len, const char *file,
                      int line);

/* How much of the full count to do: CAPF_TEST_SCALE, 1 when not set. Never less than 1. */
unsigned test_scaled(unsigned count);

/* CAPF_TEST_SEED, or the given one. */
uint64_t test_seed(uint64_t otherwise);

/* Is CAPF_SOAK set? */
bool test_is_soak(void);

/* As malloc(3), but ends the test program when there is no memory. Never NULL. */
void *test_bytes(size_t size);

/* Fills with bytes that compress (noise 0) or do not (noise 100), the same for the same seed. */
void test_fill(void *data, size_t len, uint64_t seed, unsigned noise);

#endif
