/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file in memory; see fuzz_io.h. */
#include "tests/fuzz/fuzz_io.h"

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at))
#endif

#define FDS 16
#define FIRST_FD 500
#define SHORTEST_NAP UINT64_C(300000000) /* so that no patience takes many reads */

static struct {
    const uint8_t *data;
    uint64_t size;
    uint8_t *copy; /* FUZZ_ROOM bytes, made once */
    bool writable;
    enum { FD_FREE, FD_READS, FD_WRITES } fds[FDS];
    bool locked;
    uint64_t clock;
    size_t live_bytes, live_blocks;
} disk;

static int fuzz_open(void *ctx, const char *path, enum capf_io_open how)
{
    (void)ctx;
    if (strcmp(path, FUZZ_PATH) != 0)
        return -ENOENT;
    if (how == CAPF_IO_NEW)
        return -EEXIST;
    if (how == CAPF_IO_WRITE && !disk.writable)
        return -EACCES;
    for (int i = 0; i < FDS; i++) {
        if (disk.fds[i] == FD_FREE) {
            disk.fds[i] = how == CAPF_IO_WRITE ? FD_WRITES : FD_READS;
            return FIRST_FD + i;
        }
    }
    return -EMFILE;
}

static int check_fd(int fd)
{
    FUZZ_CHECK(fd >= FIRST_FD && fd < FIRST_FD + FDS && disk.fds[fd - FIRST_FD] != FD_FREE,
               "descriptor %d", fd);
    return fd - FIRST_FD;
}

static void fuzz_close(void *ctx, int fd)
{
    (void)ctx;
    int i = check_fd(fd);
    if (disk.fds[i] == FD_WRITES)
        disk.locked = false;
    disk.fds[i] = FD_FREE;
}

static int64_t fuzz_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    (void)ctx;
    check_fd(fd);
    uint64_t there = off < disk.size ? disk.size - off : 0;
    len = len < there ? len : (size_t)there;
    if (len > 0)
        memcpy(buf, disk.data + off, len);
    return (int64_t)len;
}

static int set_size(uint64_t size)
{
    if (size > FUZZ_ROOM)
        return -ENOSPC;
    if (size > disk.size) {
        memset(disk.copy + disk.size, 0, size - disk.size);
        disk.size = size;
    }
    return 0;
}

static int64_t fuzz_pwrite(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    (void)ctx;
    if (disk.fds[check_fd(fd)] != FD_WRITES)
        return -EBADF;
    if (off > FUZZ_ROOM || len > FUZZ_ROOM - off || set_size(off + len) < 0)
        return -ENOSPC;
    memcpy(disk.copy + off, buf, len);
    return (int64_t)len;
}

static int fuzz_datasync(void *ctx, int fd)
{
    (void)ctx;
    check_fd(fd);
    return 0;
}

static int fuzz_grow(void *ctx, int fd, uint64_t size)
{
    (void)ctx;
    return disk.fds[check_fd(fd)] == FD_WRITES ? set_size(size) : -EBADF;
}

static int fuzz_stat(void *ctx, int fd, struct capf_io_stat *st)
{
    (void)ctx;
    check_fd(fd);
    *st = (struct capf_io_stat){.kind = CAPF_IO_REGULAR,
                                .size = disk.size,
                                .device = 1,
                                .inode = 1,
                                .links = 1,
                                .mode = 0644};
    return 0;
}

static int fuzz_stat_path(void *ctx, const char *path, struct capf_io_stat *st)
{
    (void)ctx;
    if (strcmp(path, FUZZ_PATH) != 0)
        return -ENOENT;
    *st = (struct capf_io_stat){
        .kind = CAPF_IO_REGULAR, .size = disk.size, .device = 1, .inode = 1, .links = 1};
    return 0;
}

static int fuzz_real_path(void *ctx, const char *path, char *buf, size_t size)
{
    (void)ctx;
    if (strlen(path) >= size)
        return -ERANGE;
    strcpy(buf, path);
    return 0;
}

static int no_unnamed(void *ctx, const char *folder)
{
    (void)ctx;
    (void)folder;
    return -EOPNOTSUPP;
}

static int no_link_unnamed(void *ctx, int fd, const char *path)
{
    (void)ctx;
    (void)fd;
    (void)path;
    return -EACCES;
}

static int no_names(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    (void)from;
    (void)to;
    return -EACCES;
}

static int no_name(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
    return -EACCES;
}

static int fuzz_dirsync(void *ctx, const char *folder)
{
    (void)ctx;
    (void)folder;
    return 0;
}

static int fuzz_copy_owner(void *ctx, int fd, const struct capf_io_stat *from)
{
    (void)ctx;
    (void)fd;
    (void)from;
    return 0;
}

/* One writer at a time; the nodes' lock is always free. */
static int fuzz_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode)
{
    (void)ctx;
    bool of_writer = len == 1 && off > FUZZ_ROOM && disk.fds[check_fd(fd)] == FD_WRITES;
    if (!of_writer)
        return 0;
    if (mode == CAPF_IO_EXCLUSIVE && disk.locked)
        return -EAGAIN;
    disk.locked = mode == CAPF_IO_EXCLUSIVE;
    return 0;
}

static int fuzz_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid)
{
    (void)ctx;
    (void)fd;
    (void)off;
    (void)len;
    *pid = -1;
    return disk.locked;
}

static int fuzz_writer_exists(void *ctx, const char *path, long *pid)
{
    (void)ctx;
    (void)path;
    *pid = -1;
    return 0;
}

static uint64_t fuzz_now(void *ctx)
{
    (void)ctx;
    return disk.clock;
}

static void fuzz_nap(void *ctx, uint64_t nanoseconds)
{
    (void)ctx;
    disk.clock += nanoseconds > SHORTEST_NAP ? nanoseconds : SHORTEST_NAP;
}

/* ---- Memory ---- */

/* A long block costs a hundred times more than all else when the system maps it anew each time, so
 * those come from a few places that stay, poisoned where they are not in use. */
#define LONG_LEAST 32768u
#define LONG_ROOM (2u << 20)
#define LONG_PLACES 12

static struct {
    uint8_t *bytes;
    size_t size; /* 0: free */
} places[LONG_PLACES];

static int place_of(const void *ptr)
{
    for (int i = 0; ptr != NULL && i < LONG_PLACES; i++)
        if (places[i].bytes == ptr)
            return i;
    return -1;
}

static void *take_place(size_t size)
{
    for (int i = 0; i < LONG_PLACES && size >= LONG_LEAST && size <= LONG_ROOM; i++) {
        if (places[i].size > 0)
            continue;
        if (places[i].bytes == NULL) {
            places[i].bytes = malloc(LONG_ROOM);
            FUZZ_CHECK(places[i].bytes != NULL, "no memory");
            ASAN_POISON_MEMORY_REGION(places[i].bytes, LONG_ROOM);
        }
        ASAN_UNPOISON_MEMORY_REGION(places[i].bytes, size);
        places[i].size = size;
        return places[i].bytes;
    }
    return malloc(size);
}

static void give_back(void *ptr)
{
    int place = place_of(ptr);
    if (place < 0) {
        free(ptr);
        return;
    }
    ASAN_POISON_MEMORY_REGION(ptr, places[place].size);
    places[place].size = 0;
}

/* Asked of the allocator, so that nothing stands between a block and the red zone before it. */
static size_t size_of(void *ptr)
{
    int place = place_of(ptr);
    return ptr == NULL ? 0 : place < 0 ? malloc_usable_size(ptr) : places[place].size;
}

static void *fuzz_realloc(void *ctx, void *ptr, size_t size)
{
    (void)ctx;
    size_t before = size_of(ptr);
    void *moved = NULL;
    FUZZ_CHECK(size <= FUZZ_MEMORY && disk.live_bytes - before + size <= FUZZ_MEMORY,
               "%zu bytes asked for, %zu held", size, disk.live_bytes);
    if (size > 0) {
        moved = take_place(size);
        FUZZ_CHECK(moved != NULL, "no memory");
        disk.live_bytes += size_of(moved);
        disk.live_blocks++;
    }
    if (ptr != NULL) {
        if (moved != NULL)
            memcpy(moved, ptr, before < size ? before : size);
        give_back(ptr);
        disk.live_bytes -= before;
        disk.live_blocks--;
    }
    return moved;
}

static const struct capf_io table = {
    .open = fuzz_open,
    .close = fuzz_close,
    .pread = fuzz_pread,
    .pwrite = fuzz_pwrite,
    .datasync = fuzz_datasync,
    .grow = fuzz_grow,
    .stat = fuzz_stat,
    .stat_path = fuzz_stat_path,
    .real_path = fuzz_real_path,
    .open_unnamed = no_unnamed,
    .link_unnamed = no_link_unnamed,
    .link = no_names,
    .rename = no_names,
    .unlink = no_name,
    .dirsync = fuzz_dirsync,
    .copy_owner = fuzz_copy_owner,
    .lock = fuzz_lock,
    .lock_owner = fuzz_lock_owner,
    .writer_exists = fuzz_writer_exists,
    .now = fuzz_now,
    .nap = fuzz_nap,
    .realloc = fuzz_realloc,
};

const struct capf_io *fuzz_io_begin(const uint8_t *data, size_t size, bool writable)
{
    disk.data = data;
    disk.size = size;
    disk.writable = writable && size <= FUZZ_ROOM;
    disk.clock = 0;
    disk.locked = false;
    if (disk.writable) {
        if (disk.copy == NULL)
            disk.copy = malloc(FUZZ_ROOM);
        FUZZ_CHECK(disk.copy != NULL, "no memory");
        if (size > 0)
            memcpy(disk.copy, data, size);
        disk.data = disk.copy;
    }
    return &table;
}

void fuzz_io_end(void)
{
    for (int i = 0; i < FDS; i++)
        FUZZ_CHECK(disk.fds[i] == FD_FREE, "descriptor %d is open", FIRST_FD + i);
    FUZZ_CHECK(disk.live_blocks == 0 && disk.live_bytes == 0, "%zu bytes in %zu blocks are held",
               disk.live_bytes, disk.live_blocks);
}

const uint8_t *fuzz_io_file(size_t *size)
{
    *size = (size_t)disk.size;
    return disk.data;
}
