/* SPDX-License-Identifier: MIT */
/*
 * What a handle and its cursors share for reading one file: the descriptor,
 * the geometry and the cache. Counted, so that a cursor outlives its handle.
 * It reads committed bytes and knows nothing of records.
 */
#ifndef CAPF_STORE_H
#define CAPF_STORE_H

#include "cache.h"
#include "header.h"
#include "state.h"

struct capf__store {
    atomic_uint refs;
    const struct capf_io *io;
    int fd; /* opened to read; the store closes it */
    struct capf__header header;
    struct capf_io_stat stat; /* as it was when opened */
    struct capf__cache cache;
    atomic_bool fan_out_known; /* the first leaf node was held against the header */
    atomic_bool fan_out_wrong; /* and contradicts it: a warning */
};

/* Without a descriptor and a header yet; 0 cache bytes: the default. NULL: out of memory. */
struct capf__store *capf__store_new(const struct capf_io *io, size_t cache_bytes);

/* Opens `path` to read and decodes its header: a regular file with a good header, or an error. */
enum capf_status capf__store_open(struct capf__store **store, const struct capf_io *io,
                                  const char *path, size_t cache_bytes, struct capf_error *err);
struct capf__store *capf__store_ref(struct capf__store *store);
void capf__store_unref(struct capf__store *store);

/* `len` bytes of the data that a state covers, which may lie on the last page, which is the
 * state's own. CAPF_DAMAGED: outside the data; CAPF_CUT: the file ends before them. */
enum capf_status capf__data_read(const struct capf__store *store, const struct capf__state *state,
                                 uint64_t pos, void *buf, size_t len, struct capf_error *err);

/* The compressed length of the block at `pos`, checked to lie within the data. */
enum capf_status capf__stored_len(const struct capf__store *store, const struct capf__state *state,
                                  uint64_t pos, uint32_t *stored, struct capf_error *err);

/* How many bytes are missing at the end of a file of `size` bytes that should hold this state; 0: none. */
uint64_t capf__missing_bytes(const struct capf__header *header, const struct capf__state *state,
                             uint64_t size);

#endif
