/* SPDX-License-Identifier: MIT */
/*
 * States and what they share: counted buffers and transactions.
 */
#include "state.h"

#include <string.h>

#include "io.h"

struct capf__buf *capf__buf_new(const struct capf_io *io, size_t room)
{
    struct capf__buf *buf = capf__alloc(io, sizeof *buf + room);
    if (buf != NULL) {
        atomic_init(&buf->refs, 1);
        buf->io = io;
        buf->room = room;
    }
    return buf;
}

struct capf__buf *capf__buf_ref(struct capf__buf *buf)
{
    if (buf != NULL)
        atomic_fetch_add_explicit(&buf->refs, 1, memory_order_relaxed);
    return buf;
}

void capf__buf_unref(struct capf__buf *buf)
{
    if (buf != NULL && atomic_fetch_sub_explicit(&buf->refs, 1, memory_order_acq_rel) == 1)
        capf__free(buf->io, buf);
}

struct capf__txn *capf__txn_new(const struct capf_io *io)
{
    struct capf__txn *txn = capf__alloc(io, sizeof *txn);
    if (txn != NULL) {
        atomic_init(&txn->refs, 1);
        atomic_init(&txn->rolled_back, false);
        txn->io = io;
    }
    return txn;
}

struct capf__txn *capf__txn_ref(struct capf__txn *txn)
{
    if (txn != NULL)
        atomic_fetch_add_explicit(&txn->refs, 1, memory_order_relaxed);
    return txn;
}

void capf__txn_unref(struct capf__txn *txn)
{
    if (txn != NULL && atomic_fetch_sub_explicit(&txn->refs, 1, memory_order_acq_rel) == 1)
        capf__free(txn->io, txn);
}

enum capf_status capf__state_init(struct capf__state *state, const struct capf_io *io,
                                  uint32_t path_room, struct capf_error *err)
{
    memset(state, 0, sizeof *state);
    atomic_init(&state->refs, 1);
    state->io = io;
    size_t size = path_room * sizeof *state->path.coords;
    state->path.coords = capf__alloc(io, size);
    if (state->path.coords == NULL)
        return capf__fail_memory(err, size);
    state->path.room = path_room;
    return CAPF_OK;
}

void capf__state_release(struct capf__state *state)
{
    if (state->io == NULL)
        return;
    capf__free(state->io, state->path.coords);
    capf__buf_unref(state->tail);
    capf__buf_unref(state->open);
    capf__txn_unref(state->txn);
    memset(state, 0, sizeof *state);
}

static void swap_buf(struct capf__buf **slot, struct capf__buf *buf)
{
    capf__buf_ref(buf);
    capf__buf_unref(*slot);
    *slot = buf;
}

void capf__state_assign(struct capf__state *to, const struct capf__state *from)
{
    to->serial = from->serial;
    to->crc = from->crc;
    to->slot = from->slot;
    to->count = from->count;
    to->limit = from->limit;
    to->meta = from->meta;
    to->open_len = from->open_len;
    capf__path_copy(&to->path, &from->path);
    swap_buf(&to->tail, from->tail);
    swap_buf(&to->open, from->open);
    capf__txn_ref(from->txn);
    capf__txn_unref(to->txn);
    to->txn = from->txn;
}

struct capf__state *capf__state_share(const struct capf__state *state)
{
    struct capf__state *copy = capf__alloc(state->io, sizeof *copy);
    if (copy == NULL)
        return NULL;
    if (capf__state_init(copy, state->io, state->path.total, NULL) != CAPF_OK) {
        capf__free(state->io, copy);
        return NULL;
    }
    capf__state_assign(copy, state);
    return copy;
}

struct capf__state *capf__state_ref(struct capf__state *state)
{
    if (state != NULL)
        atomic_fetch_add_explicit(&state->refs, 1, memory_order_relaxed);
    return state;
}

void capf__state_unref(struct capf__state *state)
{
    if (state == NULL || atomic_fetch_sub_explicit(&state->refs, 1, memory_order_acq_rel) != 1)
        return;
    const struct capf_io *io = state->io;
    capf__state_release(state);
    capf__free(io, state);
}

uint64_t capf__state_last_block(const struct capf__state *state, const struct capf__header *header)
{
    uint64_t pos = header->data_pos;
    for (uint32_t i = 0; i < state->path.total; i++)
        if (state->path.coords[i].pos < state->limit && state->path.coords[i].pos > pos)
            pos = state->path.coords[i].pos;
    if (state->meta.pos < state->limit && state->meta.pos > pos)
        pos = state->meta.pos;
    return pos;
}

bool capf__state_stale(const struct capf__state *state)
{
    return state->txn != NULL && atomic_load(&state->txn->rolled_back);
}
