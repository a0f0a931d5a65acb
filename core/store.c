/* SPDX-License-Identifier: MIT */
/*
 * Opening a file to read, and reading raw committed bytes from it.
 */
#include "store.h"

#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

#define CACHE_DEFAULT (4u << 20) /* bytes */
#define STORED_MIN 8u            /* the shortest zlib stream: header, empty block, checksum */

static enum capf_status check_kind(const struct capf_io_stat *stat, struct capf_error *err)
{
    if (stat->kind == CAPF_IO_DIRECTORY)
        return capf__fail(err, CAPF_NOT_REGULAR, 0, "a directory, not a capture file");
    if (stat->kind != CAPF_IO_REGULAR)
        return capf__fail(err, CAPF_NOT_REGULAR, 0,
                          "not a regular file, so it cannot be a capture file");
    return CAPF_OK;
}

static enum capf_status read_header(struct capf__store *store, const char *path,
                                    struct capf_error *err)
{
    const struct capf_io *io = store->io;
    store->fd = io->open(io->ctx, path, CAPF_IO_READ);
    if (store->fd < 0)
        return capf__fail_io(err, store->fd, 0, "cannot open the file");
    int code = io->stat(io->ctx, store->fd, &store->stat);
    if (code < 0)
        return capf__fail_io(err, code, 0, "cannot look at the file");
    enum capf_status status = check_kind(&store->stat, err);
    if (status != CAPF_OK)
        return status;
    uint8_t bytes[CAPF__HEADER_LEN];
    size_t got;
    status = capf__read_some(io, store->fd, bytes, sizeof bytes, 0, &got, err);
    if (status != CAPF_OK)
        return status;
    return capf__header_decode(&store->header, bytes, got, err);
}

struct capf__store *capf__store_new(const struct capf_io *io, size_t cache_bytes)
{
    struct capf__store *store = capf__alloc_zero(io, sizeof *store);
    if (store == NULL)
        return NULL;
    atomic_init(&store->refs, 1);
    store->io = io;
    store->fd = -1;
    capf__cache_init(&store->cache, cache_bytes != 0 ? cache_bytes : CACHE_DEFAULT);
    return store;
}

enum capf_status capf__store_open(struct capf__store **out, const struct capf_io *io,
                                  const char *path, size_t cache_bytes, struct capf_error *err)
{
    struct capf__store *store = capf__store_new(io, cache_bytes);
    if (store == NULL)
        return capf__fail_memory(err, sizeof *store);
    enum capf_status status = read_header(store, path, err);
    if (status == CAPF_OK)
        *out = store;
    else
        capf__store_unref(store);
    return status;
}

struct capf__store *capf__store_ref(struct capf__store *store)
{
    atomic_fetch_add_explicit(&store->refs, 1, memory_order_relaxed);
    return store;
}

void capf__store_unref(struct capf__store *store)
{
    if (store == NULL || atomic_fetch_sub_explicit(&store->refs, 1, memory_order_acq_rel) != 1)
        return;
    capf__cache_release(&store->cache);
    if (store->fd >= 0)
        store->io->close(store->io->ctx, store->fd);
    capf__free(store->io, store);
}

static enum capf_status read_pages(const struct capf__store *store, uint64_t pos, void *buf,
                                   size_t len, struct capf_error *err)
{
    size_t got;
    enum capf_status status = capf__read_some(store->io, store->fd, buf, len, pos, &got, err);
    if (status == CAPF_OK && got < len)
        status = capf__fail(err, CAPF_CUT, pos + got,
                            got > 0 ? "the file is cut: it ends at byte %" PRIu64 ", inside a block"
                                    : "the file is cut: it ends before byte %" PRIu64
                                      ", where data should be",
                            pos + got);
    return status;
}

enum capf_status capf__data_read(const struct capf__store *store, const struct capf__state *state,
                                 uint64_t pos, void *buf, size_t len, struct capf_error *err)
{
    if (pos < store->header.data_pos || pos > state->limit || len > state->limit - pos)
        return capf__fail(err, CAPF_DAMAGED, pos,
                          "%zu bytes at %" PRIu64 " are outside the data, which ends at %" PRIu64,
                          len, pos, state->limit);
    uint64_t whole = capf__round_down(state->limit, store->header.page_size);
    size_t in_file = pos < whole ? (size_t)capf__min_u64(len, whole - pos) : 0;
    enum capf_status status = CAPF_OK;
    if (in_file > 0)
        status = read_pages(store, pos, buf, in_file, err);
    if (status == CAPF_OK && in_file < len)
        memcpy((uint8_t *)buf + in_file, state->tail->data + (pos + in_file - whole),
               len - in_file);
    return status;
}

enum capf_status capf__stored_len(const struct capf__store *store, const struct capf__state *state,
                                  uint64_t pos, uint32_t *stored, struct capf_error *err)
{
    uint8_t prefix[4];
    enum capf_status status = capf__data_read(store, state, pos, prefix, sizeof prefix, err);
    if (status != CAPF_OK)
        return status;
    *stored = capf__get_u32(prefix);
    if (*stored < STORED_MIN || *stored > state->limit - pos - sizeof prefix)
        return capf__fail(err, CAPF_DAMAGED, pos,
                          "damaged block at %" PRIu64 ": a length of %u bytes cannot be", pos,
                          *stored);
    return CAPF_OK;
}

uint64_t capf__missing_bytes(const struct capf__header *header, const struct capf__state *state,
                             uint64_t size)
{
    uint64_t whole = capf__round_down(state->limit, header->page_size);
    return whole > size ? whole - size : 0;
}
