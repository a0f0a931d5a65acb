/* SPDX-License-Identifier: MIT */
/*
 * The storage seam: every system call that libcapf makes on a file, every
 * look at a clock and every allocation goes through one table of functions.
 *
 * A program normally passes no table and gets capf_io_posix(). Tests pass a
 * table that keeps files in memory, fails on purpose, or cuts the power; a
 * program that keeps a journal beside a capture file sends it through the same
 * table, so that one simulated disk holds both.
 *
 * Conventions. A function that can fail returns 0 or more on success and a
 * negative errno (-ENOSPC) on failure; none sets errno. -EINTR comes from pread and pwrite only,
 * which are then called again; the other functions try again themselves. A descriptor is a
 * number of the table's own. `ctx` is the table's own pointer. Unless a
 * function says otherwise it may be called from any thread.
 */
#ifndef CAPF_IO_H
#define CAPF_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capf_io_kind { CAPF_IO_REGULAR, CAPF_IO_DIRECTORY, CAPF_IO_OTHER };

struct capf_io_stat {
    enum capf_io_kind kind;
    uint64_t size;   /* bytes */
    uint64_t device; /* device and inode together name a file */
    uint64_t inode;
    uint64_t links; /* 0: the file has no name any more */
    uint32_t mode;  /* permission bits */
    uint32_t owner;
    uint32_t group;
};

/* How capf_io.open opens. Never blocks on a FIFO, never leaks into a child. */
enum capf_io_open {
    CAPF_IO_READ,  /* an existing file, to read */
    CAPF_IO_WRITE, /* an existing file, to read and write */
    CAPF_IO_NEW,   /* must not exist; created (0666 less the umask), to read and write */
};

enum capf_io_lock { CAPF_IO_UNLOCK, CAPF_IO_SHARED, CAPF_IO_EXCLUSIVE };

struct capf_io {
    void *ctx;

    int (*open)(void *ctx, const char *path, enum capf_io_open how);
    void (*close)(void *ctx, int fd);

    /* Both may transfer less than asked, as the system calls do; 0 from pread is the end of file. */
    int64_t (*pread)(void *ctx, int fd, void *buf, size_t len, uint64_t off);
    int64_t (*pwrite)(void *ctx, int fd, const void *buf, size_t len, uint64_t off);

    int (*datasync)(void *ctx, int fd);            /* content and size are durable on return */
    int (*grow)(void *ctx, int fd, uint64_t size); /* the new bytes read as zeros */
    int (*stat)(void *ctx, int fd, struct capf_io_stat *st);
    int (*stat_path)(void *ctx, const char *path, struct capf_io_stat *st); /* follows links */
    int (*real_path)(void *ctx, const char *path, char *buf, size_t size);  /* -ERANGE: too long */

    /* A file without a name in a folder, and giving it one that must be free.
     * -EOPNOTSUPP where there is no such thing; then callers use CAPF_IO_NEW, link and unlink. */
    int (*open_unnamed)(void *ctx, const char *folder);
    int (*link_unnamed)(void *ctx, int fd, const char *path);

    int (*link)(void *ctx, const char *from, const char *to); /* `to` must be free */
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*unlink)(void *ctx, const char *path);
    int (*dirsync)(void *ctx, const char *folder); /* the folder's entries are durable on return */

    /* Give a file the permission bits, and where allowed the owner and group, of another. */
    int (*copy_owner)(void *ctx, int fd, const struct capf_io_stat *from);

    /* Advisory byte-range locks that belong to the open descriptor. Never waits: -EAGAIN when
     * taken, -EOPNOTSUPP or -ENOLCK where the file system has none. */
    int (*lock)(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode);

    /* Would an exclusive lock be refused? 1 yes, 0 no. *pid is the holder, or -1 if it cannot be told. */
    int (*lock_owner)(void *ctx, int fd, uint64_t off, uint64_t len, long *pid);

    /* Does anybody have the file open for writing now? 1 yes, 0 no, negative if the system does
     * not tell. *pid as above. Answers yes for this process's own descriptors too. */
    int (*writer_exists)(void *ctx, const char *path, long *pid);

    uint64_t (*now)(void *ctx); /* nanoseconds on a clock that never goes back */
    void (*nap)(void *ctx, uint64_t nanoseconds);

    /* As realloc(3); size 0 frees and returns NULL. The only allocator core uses, zlib's
     * and libdeflate's memory included. */
    void *(*realloc)(void *ctx, void *ptr, size_t size);
};

/* The table over the operating system. Lives as long as the program. */
const struct capf_io *capf_io_posix(void);

#endif
