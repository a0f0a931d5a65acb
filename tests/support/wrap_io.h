/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capf_io table around another one. Before each call it asks a hook, which
 * may write the call down, shorten a transfer, or refuse it with an error; and
 * it counts the memory that core asks for.
 */
#ifndef TESTS_WRAP_IO_H
#define TESTS_WRAP_IO_H

#include "capf_io.h"
#include "tests/support/count_alloc.h"

enum io_op {
    IO_OPEN,
    IO_CLOSE,
    IO_PREAD,
    IO_PWRITE,
    IO_DATASYNC,
    IO_GROW,
    IO_STAT,
    IO_STAT_PATH,
    IO_REAL_PATH,
    IO_OPEN_UNNAMED,
    IO_LINK_UNNAMED,
    IO_LINK,
    IO_RENAME,
    IO_UNLINK,
    IO_DIRSYNC,
    IO_COPY_OWNER,
    IO_LOCK,
    IO_LOCK_OWNER,
    IO_WRITER_EXISTS,
    IO_NOW,
    IO_NAP,
    IO_REALLOC,
    IO_OP_COUNT,
};

/* One call, before it is made. What does not apply is 0, NULL or -1. */
struct io_call {
    enum io_op op;
    int fd;
    uint64_t off;
    size_t len;       /* of a transfer: the hook may lower it */
    const void *data; /* IO_PWRITE: the bytes */
    const char *path, *other_path;
    unsigned how; /* enum capf_io_open or enum capf_io_lock */
};

/* 0 lets the call through, a negative errno is what it returns instead. */
typedef int io_hook(void *ctx, struct io_call *call);

struct wrap_io {
    struct capf_io io; /* what core is given */
    const struct capf_io *base;
    io_hook *hook; /* NULL: every call goes through */
    void *hook_ctx;
    struct count_alloc memory;
};

/* The wrapper's address must not change while its table is in use. */
void wrap_io_init(struct wrap_io *wrap, const struct capf_io *base);

const char *io_op_name(enum io_op op);

#endif
