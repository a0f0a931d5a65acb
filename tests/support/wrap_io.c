/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wrapping table: every function asks the hook and then the table below.
 */
#include "tests/support/wrap_io.h"

#include <string.h>

static const char *const names[IO_OP_COUNT] = {
    "open",          "close",     "pread",     "pwrite",       "datasync",     "grow",
    "stat",          "stat_path", "real_path", "open_unnamed", "link_unnamed", "link",
    "rename",        "unlink",    "dirsync",   "copy_owner",   "lock",         "lock_owner",
    "writer_exists", "now",       "nap",       "realloc",
};

const char *io_op_name(enum io_op op)
{
    return names[op];
}

static int ask(struct wrap_io *wrap, struct io_call *call)
{
    return wrap->hook == NULL ? 0 : wrap->hook(wrap->hook_ctx, call);
}

/* Asks the hook about CALL and then returns what the table below says. */
#define FORWARD(function, ...)                                                                     \
    do {                                                                                           \
        int refused = ask(wrap, &call);                                                            \
        return refused != 0 ? refused : wrap->base->function(wrap->base->ctx, __VA_ARGS__);        \
    } while (0)

static int wrap_open(void *ctx, const char *path, enum capf_io_open how)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_OPEN, .fd = -1, .path = path, .how = how};
    FORWARD(open, path, how);
}

static void wrap_close(void *ctx, int fd)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_CLOSE, .fd = fd};
    (void)ask(wrap, &call);
    wrap->base->close(wrap->base->ctx, fd);
}

static int64_t wrap_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_PREAD, .fd = fd, .off = off, .len = len};
    FORWARD(pread, fd, buf, call.len, off);
}

static int64_t wrap_pwrite(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_PWRITE, .fd = fd, .off = off, .len = len, .data = buf};
    FORWARD(pwrite, fd, buf, call.len, off);
}

static int wrap_datasync(void *ctx, int fd)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_DATASYNC, .fd = fd};
    FORWARD(datasync, fd);
}

static int wrap_grow(void *ctx, int fd, uint64_t size)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_GROW, .fd = fd, .off = size};
    FORWARD(grow, fd, size);
}

static int wrap_stat(void *ctx, int fd, struct capf_io_stat *st)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_STAT, .fd = fd};
    FORWARD(stat, fd, st);
}

static int wrap_stat_path(void *ctx, const char *path, struct capf_io_stat *st)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_STAT_PATH, .fd = -1, .path = path};
    FORWARD(stat_path, path, st);
}

static int wrap_real_path(void *ctx, const char *path, char *buf, size_t size)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_REAL_PATH, .fd = -1, .path = path};
    FORWARD(real_path, path, buf, size);
}

static int wrap_open_unnamed(void *ctx, const char *folder)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_OPEN_UNNAMED, .fd = -1, .path = folder};
    FORWARD(open_unnamed, folder);
}

static int wrap_link_unnamed(void *ctx, int fd, const char *path)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_LINK_UNNAMED, .fd = fd, .path = path};
    FORWARD(link_unnamed, fd, path);
}

static int wrap_link(void *ctx, const char *from, const char *to)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_LINK, .fd = -1, .path = from, .other_path = to};
    FORWARD(link, from, to);
}

static int wrap_rename(void *ctx, const char *from, const char *to)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_RENAME, .fd = -1, .path = from, .other_path = to};
    FORWARD(rename, from, to);
}

static int wrap_unlink(void *ctx, const char *path)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_UNLINK, .fd = -1, .path = path};
    FORWARD(unlink, path);
}

static int wrap_dirsync(void *ctx, const char *folder)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_DIRSYNC, .fd = -1, .path = folder};
    FORWARD(dirsync, folder);
}

static int wrap_copy_owner(void *ctx, int fd, const struct capf_io_stat *from)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_COPY_OWNER, .fd = fd};
    FORWARD(copy_owner, fd, from);
}

static int wrap_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_LOCK, .fd = fd, .off = off, .len = len, .how = mode};
    FORWARD(lock, fd, off, len, mode);
}

static int wrap_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_LOCK_OWNER, .fd = fd, .off = off, .len = len};
    FORWARD(lock_owner, fd, off, len, pid);
}

static int wrap_writer_exists(void *ctx, const char *path, long *pid)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_WRITER_EXISTS, .fd = -1, .path = path};
    FORWARD(writer_exists, path, pid);
}

static uint64_t wrap_now(void *ctx)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_NOW, .fd = -1};
    (void)ask(wrap, &call);
    return wrap->base->now(wrap->base->ctx);
}

static void wrap_nap(void *ctx, uint64_t nanoseconds)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_NAP, .fd = -1, .off = nanoseconds};
    (void)ask(wrap, &call);
    wrap->base->nap(wrap->base->ctx, nanoseconds);
}

static void *wrap_realloc(void *ctx, void *ptr, size_t size)
{
    struct wrap_io *wrap = ctx;
    struct io_call call = {.op = IO_REALLOC, .fd = -1, .len = size};
    if (size != 0 && ask(wrap, &call) != 0)
        return NULL;
    return count_realloc(&wrap->memory, ptr, size);
}

static const struct capf_io wrap_table = {
    .open = wrap_open,
    .close = wrap_close,
    .pread = wrap_pread,
    .pwrite = wrap_pwrite,
    .datasync = wrap_datasync,
    .grow = wrap_grow,
    .stat = wrap_stat,
    .stat_path = wrap_stat_path,
    .real_path = wrap_real_path,
    .open_unnamed = wrap_open_unnamed,
    .link_unnamed = wrap_link_unnamed,
    .link = wrap_link,
    .rename = wrap_rename,
    .unlink = wrap_unlink,
    .dirsync = wrap_dirsync,
    .copy_owner = wrap_copy_owner,
    .lock = wrap_lock,
    .lock_owner = wrap_lock_owner,
    .writer_exists = wrap_writer_exists,
    .now = wrap_now,
    .nap = wrap_nap,
    .realloc = wrap_realloc,
};

void wrap_io_init(struct wrap_io *wrap, const struct capf_io *base)
{
    memset(wrap, 0, sizeof *wrap);
    wrap->io = wrap_table;
    wrap->io.ctx = wrap;
    wrap->base = base;
}
