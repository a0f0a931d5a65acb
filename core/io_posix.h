/* SPDX-License-Identifier: MIT */
/*
 * The parts of the posix table that live in a file of their own.
 */
#ifndef CAPF_IO_POSIX_H
#define CAPF_IO_POSIX_H

#include "capf_io.h"

/* io_lock.c: as the functions of the same names in struct capf_io. */
int capf__posix_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode);
int capf__posix_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid);
int capf__posix_writer_exists(void *ctx, const char *path, long *pid);

/* io_proc.c: which process holds a write lock on `off` of this file, or has the file open for writing?
 * -1: it cannot be told. */
long capf__proc_lock_holder(uint64_t device, uint64_t inode, uint64_t off);
long capf__proc_writer(uint64_t device, uint64_t inode);

#endif
