/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process of its own, ours or a program, that may be killed at any moment. Two pipes: what it
 * reports, and its life, which ends with it. Nothing here sleeps: whoever waits, waits for a
 * pipe, and fails the test after ten seconds times the environment's CAPF_TEST_PATIENCE.
 */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    int reports; /* what it writes to `report` */
    int life;    /* readable, at its end, when it has ended */
};

/* Runs run(ctx, report) in a child, which ends with what that returns. */
struct process process_fork(int (*run)(void *ctx, int report), void *ctx);

/* Runs a program in the scratch folder. Its standard input is `input`; what it prints, complaints
 * too, is its report. argv ends with NULL. */
struct process process_program(const char *const *argv, int input);

/* Waits for so many bytes of its report, at most so long; fewer when it ended or time is up. */
size_t process_hear(const struct process *process, void *buf, size_t len, int ms);

/* Has it ended, or does it within so many milliseconds? Takes no report. */
bool process_ended(const struct process *process, int ms);

/* Sends it a signal; 0: none. Waits for its end: the exit status, or 128 + the signal that ended
 * it. */
int process_end(struct process *process, int signal_number);

uint64_t process_now_ms(void);

/* The deadline for everything, in milliseconds. */
int process_patience_ms(void);

/* Waits until holds(ctx), asking every millisecond, and fails the test after the deadline: "the ...
 * never came". */
void process_wait_until(bool (*holds)(void *ctx), void *ctx, const char *what);

#endif
