/* SPDX-License-Identifier: MIT */
/*
 * A state of a file: everything that a master node says, which is enough to
 * find every record. A reader decodes one from a master node; the writer has
 * one that it changes as records are added, and gives copies of it to cursors.
 *
 * A shared state is immutable and counted. Copies are cheap, because the two
 * large parts are shared too: the partial last page is replaced and never
 * changed, and the open block is append-only, so a state holds it with a
 * length, and bytes that are added behind that length do not concern it.
 */
#ifndef CAPF_STATE_H
#define CAPF_STATE_H

#include <stdatomic.h>

#include "header.h"
#include "path.h"

/* Counted bytes. */
struct capf__buf {
    atomic_uint refs;
    const struct capf_io *io;
    size_t room;
    uint8_t data[];
};

/* A new buffer with one reference, not cleared; NULL: out of memory. */
struct capf__buf *capf__buf_new(const struct capf_io *io, size_t room);
struct capf__buf *capf__buf_ref(struct capf__buf *buf); /* NULL is fine, and gives NULL */
void capf__buf_unref(struct capf__buf *buf);

/* What was added since a commit lives or dies together: states that show it share one of these. */
struct capf__txn {
    atomic_uint refs;
    atomic_bool rolled_back;
    const struct capf_io *io;
};

struct capf__txn *capf__txn_new(const struct capf_io *io);
struct capf__txn *capf__txn_ref(struct capf__txn *txn);
void capf__txn_unref(struct capf__txn *txn);

struct capf__state {
    atomic_uint refs; /* of a shared one */
    const struct capf_io *io;
    uint32_t serial;
    uint32_t crc;           /* of the master node it came from */
    int slot;               /* which master node: 0 or 1 */
    uint64_t count;         /* records */
    uint64_t limit;         /* file limit: where the open block will go */
    struct capf_coord meta; /* 0, 0: none */
    struct capf__path path;
    struct capf__buf *tail; /* one page: the bytes before the limit that no whole page holds */
    struct capf__buf *open; /* the open block */
    uint32_t open_len;
    struct capf__txn *txn; /* NULL: committed */
};

/* Empty, with room for `path_room` coordinates; no tail and no open block yet. */
enum capf_status capf__state_init(struct capf__state *state, const struct capf_io *io,
                                  uint32_t path_room, struct capf_error *err);
void capf__state_release(struct capf__state *state);

/* Makes `to`, which was initialised with room enough, the same as `from`. Cannot fail. */
void capf__state_assign(struct capf__state *to, const struct capf__state *from);

/* A shared copy with one reference; NULL: out of memory. */
struct capf__state *capf__state_share(const struct capf__state *state);
struct capf__state *capf__state_ref(struct capf__state *state);
void capf__state_unref(struct capf__state *state);

/* The closed block furthest back in the file that the state itself names; the data's start if none. */
uint64_t capf__state_last_block(const struct capf__state *state, const struct capf__header *header);

/* Do its uncommitted records no longer exist? */
bool capf__state_stale(const struct capf__state *state);

#endif
