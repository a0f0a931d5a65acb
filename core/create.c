/* SPDX-License-Identifier: MIT */
/*
 * Making a new file. It is built without a name, or under a name that nobody
 * looks for, made durable, and only then given its own: so what is found under
 * that name is always whole. It is locked before it gets the name, so that
 * its maker is its first writer.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

#define PAGES_FIRST 100u
#define NAME_TRIES 100
#define OPEN_TRIES 3

/* A file on its way to its name. */
struct birth {
    const struct capf_io *io;
    const char *target;
    char *folder;
    char *temporary; /* its name until then; NULL: it has none */
    int fd;
};

static int open_named(struct birth *birth)
{
    size_t size = strlen(birth->target) + 40;
    birth->temporary = capf__alloc(birth->io, size);
    if (birth->temporary == NULL)
        return -ENOMEM;
    int fd = -EEXIST;
    for (int i = 0; i < NAME_TRIES && fd == -EEXIST; i++) {
        uint64_t now = birth->io->now(birth->io->ctx);
        snprintf(birth->temporary, size, "%s.%" PRIx64 ".new", birth->target, now + (uint64_t)i);
        fd = birth->io->open(birth->io->ctx, birth->temporary, CAPF_IO_NEW);
    }
    if (fd < 0) {
        capf__free(birth->io, birth->temporary);
        birth->temporary = NULL;
    }
    return fd;
}

static enum capf_status birth_open(struct birth *birth, const struct capf_io *io,
                                   const char *target, bool named, struct capf_error *err)
{
    *birth = (struct birth){.io = io, .target = target, .fd = -EOPNOTSUPP};
    birth->folder = capf__folder_of(io, target);
    if (birth->folder == NULL)
        return capf__fail_memory(err, strlen(target));
    if (!named)
        birth->fd = io->open_unnamed(io->ctx, birth->folder);
    if (birth->fd == -EOPNOTSUPP)
        birth->fd = open_named(birth);
    if (birth->fd >= 0)
        return CAPF_OK;
    int code = birth->fd;
    capf__free(io, birth->folder);
    return capf__fail_io(err, code, 0, "cannot create the file");
}

/* The name appears, and with it the whole file. */
static enum capf_status give_name(struct birth *birth, bool replace, struct capf_error *err)
{
    const struct capf_io *io = birth->io;
    int code;
    if (birth->temporary == NULL)
        code = io->link_unnamed(io->ctx, birth->fd, birth->target);
    else if (replace)
        code = io->rename(io->ctx, birth->temporary, birth->target);
    else
        code = io->link(io->ctx, birth->temporary, birth->target);
    if (code < 0)
        return capf__fail_io(err, code, 0,
                             code == -EEXIST ? "not created" : "cannot give the new file its name");
    if (replace) {
        capf__free(io, birth->temporary); /* the rename took it */
        birth->temporary = NULL;
    }
    return CAPF_OK;
}

static enum capf_status sync_name(const struct birth *birth, struct capf_error *err)
{
    int code = birth->io->dirsync(birth->io->ctx, birth->folder);
    if (code >= 0)
        return CAPF_OK;
    capf__fail_io(err, code, 0, "the file is complete, but its name may not survive a power cut");
    if (err != NULL)
        err->status = CAPF_UNKNOWN;
    return CAPF_UNKNOWN;
}

/* ---- What stands in a new file ---- */

static enum capf_status fill_header(struct capf__header *header,
                                    const struct capf_creation *creation, struct capf_error *err)
{
    char why[120];
    *header = (struct capf__header){
        .version = CAPF__VERSION,
        .page_size = creation->page_size != 0 ? creation->page_size : CAPF_PAGE_SIZE,
        .block_size = creation->block_size != 0 ? creation->block_size : CAPF_BLOCK_SIZE,
        .fan_out = creation->fan_out != 0 ? creation->fan_out : CAPF_FAN_OUT,
    };
    if (!capf__header_derive(header, why, sizeof why))
        return capf__fail(err, CAPF_ARGUMENT, 0, "%s", why);
    if (header->block_size > CAPF_BLOCK_SIZE_MAX)
        return capf__fail(err, CAPF_ARGUMENT, 0, "block size %u is more than %u",
                          header->block_size, CAPF_BLOCK_SIZE_MAX);
    if (!capf__header_writable(header))
        return capf__fail(err, CAPF_ARGUMENT, 0,
                          "a page of %u bytes has no room for an index of fan-out %u",
                          header->page_size, header->fan_out);
    return CAPF_OK;
}

static enum capf_status empty_state(struct capf_file *file, struct capf_error *err)
{
    const struct capf__header *header = &file->store->header;
    struct capf__state state;
    enum capf_status status = capf__state_init(&state, file->io, 0, err);
    if (status != CAPF_OK)
        return status;
    state.limit = header->data_pos;
    state.slot = 0;
    state.tail = capf__buf_new(file->io, header->page_size);
    state.open = capf__buf_new(file->io, 0);
    if (state.tail == NULL || state.open == NULL)
        status = capf__fail_memory(err, header->page_size);
    if (status == CAPF_OK) {
        memset(state.tail->data, 0, header->page_size);
        status = capf__file_adopt(file, file->store, &state, err);
    }
    capf__state_release(&state);
    return status;
}

static enum capf_status write_first_page(struct capf_file *file, struct capf_error *err)
{
    const struct capf__header *header = &file->store->header;
    uint8_t *page = capf__alloc_zero(file->io, header->page_size);
    if (page == NULL)
        return capf__fail_memory(err, header->page_size);
    capf__header_encode(header, page);
    enum capf_status status =
        capf__write_all(file->io, file->writer->fd, page, header->page_size, 0, err);
    capf__free(file->io, page);
    uint64_t size = PAGES_FIRST * (uint64_t)header->page_size;
    if (size < header->data_pos)
        size = header->data_pos;
    if (status == CAPF_OK) {
        int code = file->io->grow(file->io->ctx, file->writer->fd, size);
        if (code < 0)
            status = capf__fail_io(err, code, 0, "cannot give the new file its size");
        file->writer->file_size = size;
    }
    return status;
}

/* Serial 1 at position 1, then serial 2 at position 0, of one content: both nodes are good. */
static enum capf_status write_nodes(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    const struct capf__header *header = &file->store->header;
    enum capf_status status = CAPF_OK;
    for (uint32_t serial = 1; serial <= 2 && status == CAPF_OK; serial++) {
        int slot = serial % 2;
        w->tip->serial = serial;
        w->tip->slot = slot;
        w->tip->crc = capf__master_encode(w->tip, header, w->node);
        memcpy(w->peek[slot], w->node, CAPF__NODE_PEEK);
        status = capf__write_all(file->io, w->fd, w->node, (size_t)header->node_len,
                                 header->node_pos[slot], err);
    }
    return status;
}

static enum capf_status sync_all(struct capf_file *file, struct capf_error *err)
{
    if (file->options.durability == CAPF_DURABLE_NONE)
        return CAPF_OK;
    int code = file->io->datasync(file->io->ctx, file->writer->fd);
    return code < 0 ? capf__fail_io(err, code, 0, "cannot sync the new file") : CAPF_OK;
}

/* The first metadata is pending until now; with the nodes written it is committed. */
static enum capf_status settle_tip(struct capf_file *file, struct capf_error *err)
{
    struct capf__writer *w = file->writer;
    capf__txn_unref(w->tip->txn);
    w->tip->txn = NULL;
    w->changed = false;
    w->unsynced = false;
    return capf__file_adopt(file, file->store, w->tip, err);
}

static enum capf_status write_content(struct capf_file *file, const struct capf_creation *creation,
                                      struct capf_error *err)
{
    file->writer->started = file->writer->watched = true; /* nobody else has seen it yet */
    enum capf_status status = write_first_page(file, err);
    if (status == CAPF_OK && creation->meta != NULL)
        status = capf_set_meta(file, creation->meta, creation->meta_len, err);
    if (status == CAPF_OK)
        status = write_nodes(file, err);
    if (status == CAPF_OK)
        status = sync_all(file, err);
    if (status == CAPF_OK)
        status = settle_tip(file, err);
    return status;
}

/* ---- The new file's handle ---- */

static enum capf_status new_store(struct capf_file *file, const struct capf__header *header,
                                  struct capf_error *err)
{
    size_t cache = file->options.cache_bytes;
    file->store = capf__store_new(file->io, cache);
    if (file->store == NULL)
        return capf__fail_memory(err, sizeof *file->store);
    file->store->header = *header;
    return CAPF_OK;
}

static enum capf_status lock_new(struct capf_file *file, int fd, struct capf_error *err)
{
    if (file->options.locking == CAPF_LOCK_NONE) {
        file->warnings |= CAPF_WARN_NO_LOCK;
        return CAPF_OK;
    }
    int code = file->io->lock(file->io->ctx, fd, CAPF__WRITER_LOCK_POS, 1, CAPF_IO_EXCLUSIVE);
    return code < 0 ? capf__fail_io(err, code, 0,
                                    "cannot lock a file here (locking can be switched off)")
                    : CAPF_OK;
}

/* Everything but the name. */
static enum capf_status bring_up(struct capf_file *file, const struct capf__header *header,
                                 const struct capf_creation *creation, int fd,
                                 struct capf_error *err)
{
    enum capf_status status = new_store(file, header, err);
    if (status == CAPF_OK)
        status = empty_state(file, err);
    if (status != CAPF_OK) {
        file->io->close(file->io->ctx, fd);
        return status;
    }
    status = capf__writer_new(file, fd, err);
    if (status == CAPF_OK)
        status = lock_new(file, fd, err);
    if (status == CAPF_OK)
        status = write_content(file, creation, err);
    if (file->options.durability == CAPF_DURABLE_NONE)
        file->warnings |= CAPF_WARN_NO_SYNC;
    return status;
}

/* The reading descriptor of a file that has a name, temporary or its own. */
static enum capf_status open_to_read(struct capf_file *file, const char *name,
                                     struct capf_error *err)
{
    struct capf__store *store = file->store;
    store->fd = file->io->open(file->io->ctx, name, CAPF_IO_READ);
    int code = store->fd < 0 ? store->fd : file->io->stat(file->io->ctx, store->fd, &store->stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot open the new file to read");
    memcpy(file->peek, file->writer->peek, sizeof file->peek);
    file->settled = true;
    return CAPF_OK;
}

/* A file that got its name at once could not be opened before. */
static enum capf_status open_by_name(struct capf_file *file, const char *target,
                                     struct capf_error *err)
{
    if (file->store->fd >= 0 || open_to_read(file, target, err) == CAPF_OK)
        return CAPF_OK;
    if (err != NULL)
        err->status = CAPF_UNKNOWN;
    return CAPF_UNKNOWN;
}

struct old_file {
    int fd; /* -1: there is none */
    struct capf_io_stat stat;
};

static enum capf_status still_the_old(struct capf_file *file, const char *target,
                                      const struct old_file *old, struct capf_error *err)
{
    struct capf_io_stat named;
    if (old->fd < 0)
        return CAPF_OK;
    int code = file->io->stat_path(file->io->ctx, target, &named);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file to be replaced");
    if (named.inode != old->stat.inode || named.device != old->stat.device)
        return capf__fail(err, CAPF_CHANGED, 0, "the file to be replaced was replaced by another");
    code = file->io->copy_owner(file->io->ctx, file->writer->fd, &old->stat);
    return code < 0 ? capf__fail_io(err, code, 0, "cannot keep the file's permissions") : CAPF_OK;
}

static enum capf_status make_file(struct capf_file *file, const char *target,
                                  const struct capf__header *header,
                                  const struct capf_creation *creation, const struct old_file *old,
                                  struct capf_error *err)
{
    struct birth birth;
    enum capf_status status = birth_open(&birth, file->io, target, old->fd >= 0, err);
    if (status != CAPF_OK)
        return status;
    status = bring_up(file, header, creation, birth.fd, err);
    if (status == CAPF_OK)
        status = still_the_old(file, target, old, err);
    if (status == CAPF_OK && birth.temporary != NULL)
        status = open_to_read(file, birth.temporary, err);
    if (status == CAPF_OK)
        status = give_name(&birth, old->fd >= 0, err);
    bool named = status == CAPF_OK;
    if (birth.temporary != NULL) { /* the folder's sync below covers this too */
        file->io->unlink(file->io->ctx, birth.temporary);
        capf__free(file->io, birth.temporary);
        birth.temporary = NULL;
    }
    if (named && file->options.durability == CAPF_DURABLE_FULL)
        status = sync_name(&birth, err);
    if (status == CAPF_OK)
        status = open_by_name(file, target, err);
    capf__free(file->io, birth.folder);
    return status;
}

static enum capf_status create_new(const char *path, const struct capf__header *header,
                                   const struct capf_creation *creation,
                                   const struct capf_options *options, const struct old_file *old,
                                   capf_file **out, struct capf_error *err)
{
    struct capf_file *file;
    enum capf_status status = capf__file_new(&file, path, options, err);
    if (status != CAPF_OK)
        return status;
    status = make_file(file, path, header, creation, old, err);
    if (status == CAPF_OK)
        *out = file;
    else
        capf_close(file);
    return status;
}

/* ---- Replacing ---- */

static enum capf_status hold_old(const struct capf_io *io, const struct capf_options *options,
                                 const char *target, struct old_file *old, struct capf_error *err)
{
    unsigned warnings = 0;
    int fd = io->open(io->ctx, target, CAPF_IO_READ);
    if (fd < 0)
        return capf__fail_io(err, fd, 0, "cannot open the file to be replaced");
    enum capf_status status = CAPF_OK;
    int code = io->stat(io->ctx, fd, &old->stat);
    if (code < 0)
        status = capf__fail_io(err, code, 0, "cannot look at the file to be replaced");
    else if (old->stat.kind != CAPF_IO_REGULAR)
        status = capf__fail(err, CAPF_NOT_REGULAR, 0, "not a regular file, so it is not replaced");
    if (status == CAPF_OK)
        status = capf__writer_lock(io, options, target, fd, &old->fd, &warnings, err);
    if (status == CAPF_OK) {
        code = io->stat(io->ctx, old->fd, &old->stat);
        if (code < 0) {
            status = capf__fail_io(err, code, 0, "cannot look at the file to be replaced");
            io->close(io->ctx, old->fd);
        }
    }
    io->close(io->ctx, fd);
    return status;
}

static enum capf_status replace(const char *path, const struct capf__header *header,
                                const struct capf_creation *creation,
                                const struct capf_options *options, capf_file **out,
                                struct capf_error *err)
{
    const struct capf_io *io = options->io;
    struct old_file old = {.fd = -1};
    char target[PATH_MAX];
    int code = io->real_path(io->ctx, path, target, sizeof target);
    if (code == -ENOENT)
        return create_new(path, header, creation, options, &old, out, err);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot find the file to be replaced");
    enum capf_status status = hold_old(io, options, target, &old, err);
    if (status != CAPF_OK)
        return status;
    status = create_new(target, header, creation, options, &old, out, err);
    io->close(io->ctx, old.fd);
    return status;
}

/* ---- The public call ---- */

static enum capf_status open_or_create(const char *path, const struct capf__header *header,
                                       const struct capf_creation *creation,
                                       const struct capf_options *options, capf_file **out,
                                       bool *created, struct capf_error *err)
{
    const struct old_file none = {.fd = -1};
    enum capf_status status = CAPF_NO_FILE;
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        *created = false;
        status = capf_open(path, CAPF_WRITE, options, out, err);
        if (status != CAPF_NO_FILE)
            return status;
        *created = true;
        status = create_new(path, header, creation, options, &none, out, err);
        if (status != CAPF_EXISTS)
            return status;
    }
    return status;
}

enum capf_status capf_create(const char *path, const struct capf_creation *creation,
                             const struct capf_options *options, capf_file **out, bool *created,
                             struct capf_error *err)
{
    static const struct capf_creation default_creation;
    const struct capf_creation *c = creation != NULL ? creation : &default_creation;
    const struct old_file none = {.fd = -1};
    struct capf_options o = options != NULL ? *options : (struct capf_options){0};
    struct capf__header header;
    bool made = true;
    if (o.io == NULL)
        o.io = capf_io_posix();
    enum capf_status status = capf__options_check(&o, CAPF_WRITE, err);
    if (status == CAPF_OK)
        status = fill_header(&header, c, err);
    if (status != CAPF_OK)
        return status;
    if (c->how == CAPF_OPEN_OR_CREATE)
        status = open_or_create(path, &header, c, &o, out, &made, err);
    else if (c->how == CAPF_REPLACE)
        status = replace(path, &header, c, &o, out, err);
    else
        status = create_new(path, &header, c, &o, &none, out, err);
    if (status == CAPF_OK && created != NULL)
        *created = made;
    return status;
}
