/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Another process that gets hold of something and keeps it until it is told
 * to let go.
 */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    int release; /* closing it tells the child to end */
};

/* Forks a child that runs hold(path), and waits until that returned. False from hold ends the test
 * program's test with a failure. */
struct child child_start(bool (*hold)(const char *path), const char *path);

/* Lets the child end, and waits for it. What it held is released by its end. */
void child_end(struct child *child);

#endif
