/* SPDX-License-Identifier: MIT */
/*
 * The new file of a salvage: items go from the source's blocks into it by the
 * ordinary calls, in pieces, and it gets its name when it is complete.
 */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "io.h"
#include "salvage.h"

/* The source's geometry, where such a file can be made. */
static struct capf_creation creation_of(const struct capf__salvage *s)
{
    const struct capf__header *header = &s->store->header;
    struct capf_creation creation = {.how = CAPF_CREATE_NEW};
    if (s->blind || !capf__header_writable(header) || header->block_size > CAPF_BLOCK_SIZE_MAX)
        return creation;
    creation.page_size = header->page_size;
    creation.block_size = header->block_size;
    creation.fan_out = header->fan_out;
    return creation;
}

enum capf_status capf__salvage_out_begin(struct capf__salvage *s, const char *temporary,
                                         struct capf_error *err)
{
    struct capf_options options = *s->open_options;
    struct capf_creation creation = creation_of(s);
    options.which = CAPF_CURRENT;
    options.progress = NULL; /* ours is about the source */
    enum capf_status status = capf_create(temporary, &creation, &options, &s->out, NULL, err);
    if (status != CAPF_UNKNOWN)
        return status;
    s->io->unlink(s->io->ctx, temporary); /* it is there, and of no use */
    if (err != NULL)
        err->status = CAPF_IO;
    return CAPF_IO;
}

/* Where the item's block is: the open block of the source is in memory, and s->look is on it. */
static enum capf_status turn_to(struct capf__salvage *s, struct capf_coord at,
                                struct capf__look **look, struct capf_error *err)
{
    bool open = s->look.open != NULL && s->look.pos == at.pos;
    *look = open ? &s->look : &s->copy;
    return open ? CAPF_OK : capf__salvage_again(s, at.pos, err);
}

static enum capf_status read_exactly(struct capf__look *look, uint64_t off, void *buf, size_t len,
                                     struct capf_error *err)
{
    size_t got = 0;
    enum capf_status status = capf__look_read(look, off, buf, len, &got, err);
    if (status == CAPF_OK && got < len)
        status = capf__fail(err, CAPF_DAMAGED, look->pos, "an item runs past its block");
    return status;
}

static enum capf_status copy_data(struct capf__salvage *s, struct capf__look *look, uint64_t off,
                                  uint64_t len, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    while (len > 0 && status == CAPF_OK) {
        size_t n = (size_t)capf__min_u64(len, CAPF__SALVAGE_PART);
        status = read_exactly(look, off, s->part, n, err);
        if (status == CAPF_OK)
            status = capf__item_data(s->out, s->part, n, err);
        if (status == CAPF_OK)
            status = capf__progress_step(&s->inner, 0, 0, err);
        off += n;
        len -= n;
    }
    return status;
}

enum capf_status capf__salvage_copy(struct capf__salvage *s, struct capf_coord at,
                                    enum capf__item kind, struct capf_error *err)
{
    struct capf__look *look;
    uint8_t prefix[4];
    s->written += kind == CAPF__RECORD;
    if (s->out == NULL)
        return CAPF_OK;
    enum capf_status status = turn_to(s, at, &look, err);
    if (status == CAPF_OK)
        status = read_exactly(look, at.off, prefix, sizeof prefix, err);
    if (status != CAPF_OK)
        return status;
    uint32_t len = capf__get_u32(prefix);
    status = capf__item_begin(s->out, kind, len, err);
    if (status != CAPF_OK)
        return status;
    status = copy_data(s, look, (uint64_t)at.off + 4, len, err);
    if (status == CAPF_OK)
        return capf__item_end(s->out, err);
    capf_append_cancel(s->out);
    return status;
}

enum capf_status capf__salvage_head(struct capf__salvage *s, struct capf_coord at, uint8_t *head,
                                    size_t room, size_t *got, uint32_t *len, struct capf_error *err)
{
    struct capf__look *look;
    uint8_t prefix[4];
    enum capf_status status = turn_to(s, at, &look, err);
    if (status == CAPF_OK)
        status = read_exactly(look, at.off, prefix, sizeof prefix, err);
    if (status != CAPF_OK)
        return status;
    *len = capf__get_u32(prefix);
    size_t n = (size_t)capf__min_u64(*len, room);
    status = read_exactly(look, (uint64_t)at.off + 4, head, n, err);
    if (status == CAPF_OK)
        *got = n;
    return status;
}

static enum capf_status give_name(struct capf__salvage *s, const char *temporary, const char *name,
                                  struct capf_error *err)
{
    char *folder = capf__folder_of(s->io, name); /* before there is a name */
    if (folder == NULL)
        return capf__fail_memory(err, strlen(name));
    int linked = s->io->link(s->io->ctx, temporary, name);
    int code = linked < 0 ? linked : s->io->dirsync(s->io->ctx, folder);
    capf__free(s->io, folder);
    if (linked < 0)
        return capf__fail_io(err, code, 0,
                             code == -EEXIST ? "not written" : "cannot give the new file its name");
    if (code >= 0 || s->open_options->durability == CAPF_DURABLE_NONE)
        return CAPF_OK;
    capf__fail_io(err, code, 0, "the file is complete, but its name may not survive a power cut");
    if (err != NULL)
        err->status = CAPF_UNKNOWN;
    return CAPF_UNKNOWN;
}

enum capf_status capf__salvage_out_end(struct capf__salvage *s, const char *temporary,
                                       const char *name, bool keep, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    if (s->out == NULL)
        return CAPF_OK;
    if (keep)
        status = capf_commit(s->out, err);
    if (keep && status == CAPF_OK)
        status = give_name(s, temporary, name, err);
    s->io->unlink(s->io->ctx, temporary); /* before the lock is let go: nobody else's by then */
    capf_close(s->out);
    s->out = NULL;
    return status;
}
