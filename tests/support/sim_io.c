/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The capf_io table of the simulated disk.
 */
#include "tests/support/sim_disk.h"

#include <errno.h>
#include <string.h>

#define FIRST_FD 2000 /* so that a number from another table is noticed */

static struct sim_descriptor *descriptor(struct sim_disk *disk, int fd)
{
    if (fd < FIRST_FD || fd >= FIRST_FD + SIM_DESCRIPTORS_MAX ||
        disk->descriptors[fd - FIRST_FD].file == NULL)
        sim_stop("a descriptor that is not open", "");
    return &disk->descriptors[fd - FIRST_FD];
}

static int new_descriptor(struct sim_disk *disk, struct sim_file *file, bool writes)
{
    for (int i = 0; i < SIM_DESCRIPTORS_MAX; i++) {
        if (disk->descriptors[i].file == NULL) {
            disk->descriptors[i] = (struct sim_descriptor){file, writes};
            return FIRST_FD + i;
        }
    }
    return -EMFILE;
}

static int changed(struct sim_disk *disk, int result)
{
    if (disk->hooks.changed != NULL)
        disk->hooks.changed(disk->hooks.ctx);
    return result;
}

static int sim_open(void *ctx, const char *path, enum capf_io_open how)
{
    struct sim_disk *disk = ctx;
    struct sim_file *file = sim_names_find(&disk->now, path);
    if (how != CAPF_IO_NEW)
        return file == NULL ? -ENOENT : new_descriptor(disk, file, how == CAPF_IO_WRITE);
    if (file != NULL)
        return -EEXIST;
    file = sim_file_new(disk);
    sim_disk_event(disk, SIM_SET, path, NULL, file);
    return changed(disk, new_descriptor(disk, file, true));
}

static void sim_close(void *ctx, int fd)
{
    struct sim_disk *disk = ctx;
    mem_locks_drop(&disk->locks, fd);
    descriptor(disk, fd)->file = NULL;
}

static int64_t sim_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    struct sim_disk *disk = ctx;
    const struct sim_file *file = descriptor(disk, fd)->file;
    uint64_t there = off < file->size ? file->size - off : 0;
    len = len < there ? len : (size_t)there;
    sim_file_read(disk, file, buf, len, off);
    return (int64_t)len;
}

static int64_t sim_pwrite(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    struct sim_disk *disk = ctx;
    struct sim_descriptor *open = descriptor(disk, fd);
    if (!open->writes)
        return -EBADF;
    sim_file_write(disk, open->file, buf, len, off);
    changed(disk, 0);
    return (int64_t)len;
}

static enum sim_sync ask(struct sim_disk *disk, int fd)
{
    return disk->hooks.sync == NULL ? SIM_SYNC_WORKS : disk->hooks.sync(disk->hooks.ctx, fd);
}

static int sim_datasync(void *ctx, int fd)
{
    struct sim_disk *disk = ctx;
    struct sim_file *file = descriptor(disk, fd)->file;
    enum sim_sync outcome = ask(disk, fd);
    if (outcome != SIM_SYNC_LIES)
        sim_file_sync(file, outcome == SIM_SYNC_WORKS);
    return changed(disk, outcome == SIM_SYNC_FAILS ? -EIO : 0);
}

static int sim_grow(void *ctx, int fd, uint64_t size)
{
    struct sim_disk *disk = ctx;
    struct sim_descriptor *open = descriptor(disk, fd);
    if (!open->writes)
        return -EBADF;
    if (size > open->file->size)
        sim_file_set_size(disk, open->file, size);
    return changed(disk, 0);
}

static void fill_stat(const struct sim_disk *disk, const struct sim_file *file,
                      struct capf_io_stat *st)
{
    *st = (struct capf_io_stat){
        .kind = CAPF_IO_REGULAR,
        .size = file->size,
        .device = 1,
        .inode = file->inode,
        .mode = file->mode,
        .owner = file->owner,
        .group = file->group,
    };
    for (unsigned i = 0; i < disk->now.count; i++)
        st->links += disk->now.list[i].file == file;
}

static int sim_stat(void *ctx, int fd, struct capf_io_stat *st)
{
    struct sim_disk *disk = ctx;
    fill_stat(disk, descriptor(disk, fd)->file, st);
    return 0;
}

static int sim_stat_path(void *ctx, const char *path, struct capf_io_stat *st)
{
    struct sim_disk *disk = ctx;
    const struct sim_file *file = sim_names_find(&disk->now, path);
    if (file == NULL)
        return -ENOENT;
    fill_stat(disk, file, st);
    return 0;
}

static int sim_real_path(void *ctx, const char *path, char *buf, size_t size)
{
    struct sim_disk *disk = ctx;
    if (sim_names_find(&disk->now, path) == NULL)
        return -ENOENT;
    if (strlen(path) >= size)
        return -ERANGE;
    strcpy(buf, path);
    return 0;
}

static int sim_open_unnamed(void *ctx, const char *folder)
{
    struct sim_disk *disk = ctx;
    (void)folder;
    return disk->no_unnamed ? -EOPNOTSUPP : new_descriptor(disk, sim_file_new(disk), true);
}

static int give_name(struct sim_disk *disk, struct sim_file *file, const char *path)
{
    if (sim_names_find(&disk->now, path) != NULL)
        return -EEXIST;
    sim_disk_event(disk, SIM_SET, path, NULL, file);
    return changed(disk, 0);
}

static int sim_link_unnamed(void *ctx, int fd, const char *path)
{
    struct sim_disk *disk = ctx;
    return give_name(disk, descriptor(disk, fd)->file, path);
}

static int sim_link(void *ctx, const char *from, const char *to)
{
    struct sim_disk *disk = ctx;
    struct sim_file *file = sim_names_find(&disk->now, from);
    return file == NULL ? -ENOENT : give_name(disk, file, to);
}

static int sim_rename(void *ctx, const char *from, const char *to)
{
    struct sim_disk *disk = ctx;
    struct sim_file *file = sim_names_find(&disk->now, from);
    if (file == NULL)
        return -ENOENT;
    sim_disk_event(disk, SIM_RENAME, to, from, file);
    return changed(disk, 0);
}

static int sim_unlink(void *ctx, const char *path)
{
    struct sim_disk *disk = ctx;
    if (sim_names_find(&disk->now, path) == NULL)
        return -ENOENT;
    sim_disk_event(disk, SIM_REMOVE, path, NULL, NULL);
    return changed(disk, 0);
}

static int sim_dirsync(void *ctx, const char *folder)
{
    struct sim_disk *disk = ctx;
    enum sim_sync outcome = ask(disk, -1);
    if (outcome == SIM_SYNC_WORKS)
        sim_disk_sync_folder(disk, folder);
    return changed(disk, outcome == SIM_SYNC_FAILS ? -EIO : 0);
}

static int sim_copy_owner(void *ctx, int fd, const struct capf_io_stat *from)
{
    struct sim_file *file = descriptor(ctx, fd)->file;
    file->mode = from->mode;
    file->owner = from->owner;
    file->group = from->group;
    return 0;
}

static struct mem_range range_of(struct sim_disk *disk, int fd, uint64_t off, uint64_t len,
                                 enum capf_io_lock mode)
{
    return (struct mem_range){descriptor(disk, fd)->file->inode, fd, mode, off, off + len - 1};
}

static int sim_lock(void *ctx, int fd, uint64_t off, uint64_t len, enum capf_io_lock mode)
{
    struct sim_disk *disk = ctx;
    struct mem_range range = range_of(disk, fd, off, len, mode);
    if (mode == CAPF_IO_EXCLUSIVE && !descriptor(disk, fd)->writes)
        return -EBADF;
    return mem_locks_set(&disk->locks, &range);
}

static int sim_lock_owner(void *ctx, int fd, uint64_t off, uint64_t len, long *pid)
{
    struct sim_disk *disk = ctx;
    struct mem_range range = range_of(disk, fd, off, len, CAPF_IO_EXCLUSIVE);
    *pid = -1;
    return mem_locks_conflict(&disk->locks, &range) ? 1 : 0;
}

static int sim_writer_exists(void *ctx, const char *path, long *pid)
{
    struct sim_disk *disk = ctx;
    const struct sim_file *file = sim_names_find(&disk->now, path);
    if (file == NULL)
        return -ENOENT;
    *pid = -1;
    for (unsigned i = 0; i < SIM_DESCRIPTORS_MAX; i++)
        if (disk->descriptors[i].file == file && disk->descriptors[i].writes)
            return 1;
    return 0;
}

static uint64_t sim_now(void *ctx)
{
    const struct sim_disk *disk = ctx;
    return disk->clock;
}

static void sim_nap(void *ctx, uint64_t nanoseconds)
{
    struct sim_disk *disk = ctx;
    disk->clock += nanoseconds;
}

static void *sim_realloc(void *ctx, void *ptr, size_t size)
{
    struct sim_disk *disk = ctx;
    return count_realloc(&disk->memory, ptr, size);
}

const struct capf_io sim_io_table = {
    .open = sim_open,
    .close = sim_close,
    .pread = sim_pread,
    .pwrite = sim_pwrite,
    .datasync = sim_datasync,
    .grow = sim_grow,
    .stat = sim_stat,
    .stat_path = sim_stat_path,
    .real_path = sim_real_path,
    .open_unnamed = sim_open_unnamed,
    .link_unnamed = sim_link_unnamed,
    .link = sim_link,
    .rename = sim_rename,
    .unlink = sim_unlink,
    .dirsync = sim_dirsync,
    .copy_owner = sim_copy_owner,
    .lock = sim_lock,
    .lock_owner = sim_lock_owner,
    .writer_exists = sim_writer_exists,
    .now = sim_now,
    .nap = sim_nap,
    .realloc = sim_realloc,
};
