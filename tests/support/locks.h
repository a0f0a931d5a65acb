/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks as another process meets them: which bytes a file of default geometry locks, one path for
 * the tests of them, and a classic lock, as the Python implementation takes it.
 */
#ifndef TESTS_LOCKS_H
#define TESTS_LOCKS_H

#include <fcntl.h>
#include <stdbool.h>

#define LOCKS_WRITER 0x7FFFFFFFFFFFFFFE /* the writer's byte */
#define LOCKS_NODES 4096                /* both master nodes */
#define LOCKS_NODES_LEN (2 * 40960)

const char *locks_path(void);

/* Set-up for cmocka: nothing is under that path, and what a failed test holds open is another
 * file. */
int locks_begin(void **state);

/* For child_start: opens the file to write, as we do by default, or takes a classic lock. */
bool locks_hold_ours(const char *name);
bool locks_hold_classic(const char *name, short type, off_t start, off_t len);

#endif
