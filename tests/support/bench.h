/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session without a file and a context over it, as a script has them, with what commands print
 * kept in memory: for tests of commands that need no more.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "app/command.h"

struct bench {
    struct session session;
    struct context ctx;
    struct sink_text out;
    char told[4000]; /* for a test's own use; "" at first */
};

/* Set-up and teardown for cmocka; the state is a struct bench. */
int bench_begin(void **state);
int bench_end(void **state);

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)

#endif
