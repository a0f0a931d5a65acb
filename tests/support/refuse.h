/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of the system that fail when a test says so. They are wrapped by the linker, so this is
 * linked only into the program whose flags in Makefile.am name them. For what no real place here
 * gives: an interrupted sync, a system without /proc, a process that goes away under our eyes.
 */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

enum refused {
    REFUSE_OPEN,
    REFUSE_OPENAT,
    REFUSE_READ,
    REFUSE_FDATASYNC,
    REFUSE_FSYNC,
    REFUSE_FTRUNCATE,
    REFUSE_FSTAT,
    REFUSE_FCHOWN,
    REFUSE_FCHMOD,
    REFUSE_FCNTL,
    REFUSE_FDOPENDIR,
    REFUSE_COUNT,
};

/* After `let` more of these calls, the next `times` fail with this errno. */
void refuse(enum refused call, unsigned let, unsigned times, int sys_errno);

/* The same of opening paths in which this stands. */
void refuse_path(enum refused call, const char *part, unsigned times, int sys_errno);

/* All of them were made, and from now on every call is done. Fails the test when one was not. */
void refuse_end(void);

#endif
