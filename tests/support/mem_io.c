/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in memory behind the capf_io table: names and descriptors lead to
 * files, which live as long as either does. The ranges that descriptors lock
 * are kept in mem_lock.c. One mutex guards a disk.
 */
#include "tests/support/mem_io.h"
#include "tests/support/mem_lock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 256
#define NAMES_MAX 256
#define DESCRIPTORS_MAX 256
#define FIRST_FD 1000 /* so that a number from another table is noticed */
#define SYMLINK_DEPTH 8

struct mem_file {
    uint8_t *data;
    uint64_t size, room;
    uint64_t inode;
    uint64_t links;
    unsigned opens;
    uint32_t mode, owner, group;
    enum capf_io_kind kind;
};

struct mem_name {
    char path[PATH_LEN];
    char target[PATH_LEN]; /* of a symbolic link; empty: a name of `file` */
    struct mem_file *file;
};

struct mem_descriptor {
    struct mem_file *file; /* NULL: free */
    bool writes;
};

struct mem_disk {
    pthread_mutex_t mutex;
    struct mem_limits limits;
    struct mem_name names[NAMES_MAX];
    unsigned name_count;
    struct mem_descriptor descriptors[DESCRIPTORS_MAX];
    struct mem_locks locks;
    uint64_t last_inode;
    uint64_t clock;
    void (*nap_call)(void *ctx);
    void *nap_ctx;
    struct count_alloc memory;
    struct capf_io io;
};

static void stop(const char *why, const char *what)
{
    fprintf(stderr, "mem_io: %s: %s\n", why, what);
    abort();
}

static void *need_memory(void *ptr)
{
    if (ptr == NULL)
        stop("no memory", "");
    return ptr;
}

static void copy_path(char to[PATH_LEN], const char *from)
{
    if (strlen(from) >= PATH_LEN)
        stop("path too long", from);
    strcpy(to, from);
}

/* ---- Names and files, with the mutex held ---- */

static struct mem_name *find_entry(struct mem_disk *disk, const char *path)
{
    for (unsigned i = 0; i < disk->name_count; i++)
        if (strcmp(disk->names[i].path, path) == 0)
            return &disk->names[i];
    return NULL;
}

/* Follows symbolic links. NULL: there is no such name, or no end to the links. */
static struct mem_name *find_name(struct mem_disk *disk, const char *path)
{
    struct mem_name *name = find_entry(disk, path);
    for (unsigned depth = 0; name != NULL && name->target[0] != '\0'; depth++)
        name = depth == SYMLINK_DEPTH ? NULL : find_entry(disk, name->target);
    return name;
}

static struct mem_name *add_name(struct mem_disk *disk, const char *path, struct mem_file *file)
{
    if (disk->name_count == NAMES_MAX)
        stop("too many names", path);
    struct mem_name *name = &disk->names[disk->name_count++];
    memset(name, 0, sizeof *name);
    copy_path(name->path, path);
    name->file = file;
    if (file != NULL)
        file->links++;
    return name;
}

static struct mem_file *new_file(struct mem_disk *disk)
{
    struct mem_file *file = need_memory(calloc(1, sizeof *file));
    file->inode = ++disk->last_inode;
    file->mode = 0644;
    return file;
}

static void drop_unused(struct mem_file *file)
{
    if (file->links == 0 && file->opens == 0) {
        free(file->data);
        free(file);
    }
}

static void remove_name(struct mem_disk *disk, struct mem_name *name)
{
    struct mem_file *file = name->file;
    *name = disk->names[--disk->name_count];
    if (file != NULL) {
        file->links--;
        drop_unused(file);
    }
}

static void set_size(struct mem_file *file, uint64_t size)
{
    if (size > file->room) {
        file->room = size < 2 * file->room ? 2 * file->room : size;
        file->data = need_memory(realloc(file->data, file->room));
    }
    if (size > file->size)
        memset(file->data + file->size, 0, size - file->size);
    file->size = size;
}

static int new_descriptor(struct mem_disk *disk, struct mem_file *file, bool writes)
{
    for (int i = 0; i < DESCRIPTORS_MAX; i++) {
        if (disk->descriptors[i].file == NULL) {
            disk->descriptors[i] = (struct mem_descriptor){file, writes};
            file->opens++;
            return FIRST_FD + i;
        }
    }
    return -EMFILE;
}

static struct mem_descriptor *descriptor(struct mem_disk *disk, int fd)
{
    if (fd < FIRST_FD || fd >= FIRST_FD + DESCRIPTORS_MAX ||
        disk->descriptors[fd - FIRST_FD].file == NULL)
        stop("a descriptor that is not open", "");
    return &disk->descriptors[fd - FIRST_FD];
}

/* ---- The table ---- */

static struct mem_disk *enter(void *ctx)
{
    struct mem_disk *disk = ctx;
    pthread_mutex_lock(&disk->mutex);
    return disk;
}

static int leave(struct mem_disk *disk, int result)
{
    pthread_mutex_unlock(&disk->mutex);
    return result;
}

static int mem_open(void *ctx, const char *path, enum capf_io_open how)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_name *name = find_name(disk, path);
    if (how == CAPF_IO_NEW) {
        if (find_entry(disk, path) != NULL)
            return leave(disk, -EEXIST);
        name = add_name(disk, path, new_file(disk));
    }
    if (name == NULL)
        return leave(disk, -ENOENT);
    if (name->file->kind == CAPF_IO_DIRECTORY && how == CAPF_IO_WRITE)
        return leave(disk, -EISDIR);
    return leave(disk, new_descriptor(disk, name->file, how != CAPF_IO_READ));
}

static void mem_close(void *ctx, int fd)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_descriptor *open = descriptor(disk, fd);
    mem_locks_drop(&disk->locks, fd);
    open->file->opens--;
    drop_unused(open->file);
    open->file = NULL;
    leave(disk, 0);
}

static size_t cut_transfer(const struct mem_disk *disk, size_t len)
{
    return disk->limits.transfer != 0 && len > disk->limits.transfer ? disk->limits.transfer : len;
}

static int64_t mem_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_file *file = descriptor(disk, fd)->file;
    uint64_t there = off < file->size ? file->size - off : 0;
    len = cut_transfer(disk, len < there ? len : (size_t)there);
    if (len != 0)
        memcpy(buf, file->data + off, len);
    leave(disk, 0);
    return (int64_t)len;
}

static int64_t mem_pwrite(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_descriptor *open = descriptor(disk, fd);
    if (!open->writes)
        return leave(disk, -EBADF);
    len = cut_transfer(disk, len);
    if (disk->limits.space != 0 && off + len > disk->limits.space) {
        if (off >= disk->limits.space)
            return leave(disk, -ENOSPC);
        len = (size_t)(disk->limits.space - off);
    }
    if (off + len > open->file->size)
        set_size(open->file, off + len);
    if (len > 0)
        memcpy(open->file->data + off, buf, len);
    leave(disk, 0);
    return (int64_t)len;
}

static int mem_datasync(void *ctx, int fd)
{
    struct mem_disk *disk = enter(ctx);
    return leave(disk, descriptor(disk, fd)->writes ? 0 : -EBADF);
}

static int mem_grow(void *ctx, int fd, uint64_t size)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_descriptor *open = descriptor(disk, fd);
    if (!open->writes)
        return leave(disk, -EBADF);
    if (disk->limits.space != 0 && size > disk->limits.space)
        return leave(disk, -ENOSPC);
    if (size > open->file->size)
        set_size(open->file, size);
    return leave(disk, 0);
}

static void fill_stat(const struct mem_file *file, struct capf_io_stat *st)
{
    *st = (struct capf_io_stat){
        .kind = file->kind,
        .size = file->size,
        .device = 1,
        .inode = file->inode,
        .links = file->links,
        .mode = file->mode,
        .owner = file->owner,
        .group = file->group,
    };
}

static int mem_stat(void *ctx, int fd, struct capf_io_stat *st)
{
    struct mem_disk *disk = enter(ctx);
    fill_stat(descriptor(disk, fd)->file, st);
    return leave(disk, 0);
}

static int mem_stat_path(void *ctx, const char *path, struct capf_io_stat *st)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_name *name = find_name(disk, path);
    if (name == NULL)
        return leave(disk, -ENOENT);
    fill_stat(name->file, st);
    return leave(disk, 0);
}

static int mem_real_path(void *ctx, const char *path, char *buf, size_t size)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_name *name = find_name(disk, path);
    if (name == NULL)
        return leave(disk, -ENOENT);
    if (strlen(name->path) >= size)
        return leave(disk, -ERANGE);
    strcpy(buf, name->path);
    return leave(disk, 0);
}

static int mem_open_unnamed(void *ctx, const char *folder)
{
    struct mem_disk *disk = enter(ctx);
    (void)folder;
    if (disk->limits.no_unnamed)
        return leave(disk, -EOPNOTSUPP);
    return leave(disk, new_descriptor(disk, new_file(disk), true));
}

static int mem_link_unnamed(void *ctx, int fd, const char *path)
{
    struct mem_disk *disk = enter(ctx);
    if (find_entry(disk, path) != NULL)
        return leave(disk, -EEXIST);
    add_name(disk, path, descriptor(disk, fd)->file);
    return leave(disk, 0);
}

static int mem_link(void *ctx, const char *from, const char *to)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_name *name = find_entry(disk, from);
    if (name == NULL)
        return leave(disk, -ENOENT);
    if (find_entry(disk, to) != NULL)
        return leave(disk, -EEXIST);
    add_name(disk, to, name->file);
    return leave(disk, 0);
}

static int mem_rename(void *ctx, const char *from, const char *to)
{
    struct mem_disk *disk = enter(ctx);
    if (find_entry(disk, from) == NULL)
        return leave(disk, -ENOENT);
    struct mem_name *taken = strcmp(from, to) == 0 ? NULL : find_entry(disk, to);
    if (taken != NULL)
        remove_name(disk, taken);
    copy_path(find_entry(disk, from)->path, to);
    return leave(disk, 0);
}

static int mem_unlink(void *ctx, const char *path)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_name *name = find_entry(disk, path);
    if (name == NULL)
        return leave(disk, -ENOENT);
    remove_name(disk, name);
    return leave(disk, 0);
}

static int mem_dirsync(void *ctx, const char *folder)
{
    (void)ctx;
    (void)folder;
    return 0;
}

static int mem_copy_owner(void *ctx, int fd, const struct capf_io_stat *from)
{
    struct mem_disk *disk = enter(ctx);
    struct mem_file *file = descriptor(disk, fd)->file;
    file->mode = from->mode;
    file->owner = from->owner;
    file->group = from->group;
    return leave(disk, 0);
}

static int mem_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_descriptor *open = descriptor(disk, fd);
    struct mem_range range = {open->file->inode, fd, mode, off, off + len - 1};
    if (disk->limits.no_locks)
        return leave(disk, -EOPNOTSUPP);
    if (mode == CAPF_IO_EXCLUSIVE && !open->writes)
        return leave(disk, -EBADF);
    return leave(disk, mem_locks_set(&disk->locks, &range));
}

static int mem_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_descriptor *open = descriptor(disk, fd);
    struct mem_range range = {open->file->inode, fd, CAPF_IO_EXCLUSIVE, off, off + len - 1};
    if (disk->limits.no_locks)
        return leave(disk, -EOPNOTSUPP);
    *pid = -1;
    return leave(disk, mem_locks_conflict(&disk->locks, &range) ? 1 : 0);
}

static int mem_writer_exists(void *ctx, const char *path, long *pid)
{
    struct mem_disk *disk = enter(ctx);
    const struct mem_name *name = find_name(disk, path);
    if (disk->limits.writers_untold)
        return leave(disk, -ENOSYS);
    if (name == NULL)
        return leave(disk, -ENOENT);
    *pid = -1;
    for (unsigned i = 0; i < DESCRIPTORS_MAX; i++)
        if (disk->descriptors[i].file == name->file && disk->descriptors[i].writes)
            return leave(disk, 1);
    return leave(disk, 0);
}

static uint64_t mem_now(void *ctx)
{
    struct mem_disk *disk = enter(ctx);
    uint64_t now = disk->clock;
    leave(disk, 0);
    return now;
}

static void mem_nap(void *ctx, uint64_t nanoseconds)
{
    struct mem_disk *disk = enter(ctx);
    disk->clock += nanoseconds;
    void (*call)(void *) = disk->nap_call;
    void *call_ctx = disk->nap_ctx;
    leave(disk, 0);
    if (call != NULL)
        call(call_ctx);
}

static void *mem_realloc(void *ctx, void *ptr, size_t size)
{
    struct mem_disk *disk = ctx;
    return count_realloc(&disk->memory, ptr, size);
}

static const struct capf_io mem_table = {
    .open = mem_open,
    .close = mem_close,
    .pread = mem_pread,
    .pwrite = mem_pwrite,
    .datasync = mem_datasync,
    .grow = mem_grow,
    .stat = mem_stat,
    .stat_path = mem_stat_path,
    .real_path = mem_real_path,
    .open_unnamed = mem_open_unnamed,
    .link_unnamed = mem_link_unnamed,
    .link = mem_link,
    .rename = mem_rename,
    .unlink = mem_unlink,
    .dirsync = mem_dirsync,
    .copy_owner = mem_copy_owner,
    .lock = mem_lock,
    .lock_owner = mem_lock_owner,
    .writer_exists = mem_writer_exists,
    .now = mem_now,
    .nap = mem_nap,
    .realloc = mem_realloc,
};

/* ---- A disk, and what a test does to it ---- */

struct mem_disk *mem_disk_new(void)
{
    struct mem_disk *disk = need_memory(calloc(1, sizeof *disk));
    pthread_mutex_init(&disk->mutex, NULL);
    disk->io = mem_table;
    disk->io.ctx = disk;
    return disk;
}

void mem_disk_free(struct mem_disk *disk)
{
    if (mem_disk_open_count(disk) != 0)
        stop("descriptors left open", "");
    if (disk->memory.live_blocks != 0)
        stop("memory not given back", "");
    while (disk->name_count != 0)
        remove_name(disk, &disk->names[0]);
    mem_locks_release(&disk->locks);
    pthread_mutex_destroy(&disk->mutex);
    free(disk);
}

const struct capf_io *mem_disk_io(struct mem_disk *disk)
{
    return &disk->io;
}

struct mem_limits *mem_disk_limits(struct mem_disk *disk)
{
    return &disk->limits;
}

const struct count_alloc *mem_disk_memory(const struct mem_disk *disk)
{
    return &disk->memory;
}

unsigned mem_disk_open_count(struct mem_disk *disk)
{
    unsigned count = 0;
    enter(disk);
    for (unsigned i = 0; i < DESCRIPTORS_MAX; i++)
        count += disk->descriptors[i].file != NULL;
    leave(disk, 0);
    return count;
}

void mem_disk_on_nap(struct mem_disk *disk, void (*call)(void *ctx), void *ctx)
{
    enter(disk);
    disk->nap_call = call;
    disk->nap_ctx = ctx;
    leave(disk, 0);
}

static struct mem_file *need_file(struct mem_disk *disk, const char *path)
{
    struct mem_name *name = find_name(disk, path);
    if (name == NULL)
        stop("no such file", path);
    return name->file;
}

void mem_disk_put(struct mem_disk *disk, const char *path, const void *data, size_t len)
{
    enter(disk);
    struct mem_name *name = find_name(disk, path);
    if (name == NULL)
        name = add_name(disk, path, new_file(disk));
    set_size(name->file, len);
    if (len != 0)
        memcpy(name->file->data, data, len);
    leave(disk, 0);
}

uint8_t *mem_disk_copy(struct mem_disk *disk, const char *path, size_t *len)
{
    uint8_t *copy = NULL;
    enter(disk);
    const struct mem_name *name = find_name(disk, path);
    if (name != NULL) {
        *len = (size_t)name->file->size;
        copy = need_memory(malloc(*len + 1));
        if (*len != 0)
            memcpy(copy, name->file->data, *len);
    }
    leave(disk, 0);
    return copy;
}

void mem_disk_poke(struct mem_disk *disk, const char *path, uint64_t off, const void *data,
                   size_t len)
{
    enter(disk);
    struct mem_file *file = need_file(disk, path);
    if (off + len > file->size)
        stop("a poke behind the end", path);
    memcpy(file->data + off, data, len);
    leave(disk, 0);
}

void mem_disk_truncate(struct mem_disk *disk, const char *path, uint64_t size)
{
    enter(disk);
    set_size(need_file(disk, path), size);
    leave(disk, 0);
}

void mem_disk_symlink(struct mem_disk *disk, const char *target, const char *path)
{
    enter(disk);
    copy_path(add_name(disk, path, NULL)->target, target);
    leave(disk, 0);
}

void mem_disk_make(struct mem_disk *disk, const char *path, enum capf_io_kind kind)
{
    enter(disk);
    add_name(disk, path, new_file(disk))->file->kind = kind;
    leave(disk, 0);
}

void mem_disk_chmod(struct mem_disk *disk, const char *path, uint32_t mode)
{
    enter(disk);
    need_file(disk, path)->mode = mode;
    leave(disk, 0);
}

unsigned mem_disk_name_count(struct mem_disk *disk)
{
    return (unsigned)leave(enter(disk), (int)disk->name_count);
}
