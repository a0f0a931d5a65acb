/* SPDX-License-Identifier: MIT */
/*
 * A look at a block: see look.h. What is short comes from the block itself,
 * what is long through the streaming reader, which keeps its access points
 * while the look stays on the block.
 */
#include "look.h"

#include <string.h>

#include "bytes.h"

void capf__look_init(struct capf__look *look, struct capf__store *store,
                     const struct capf__progress *progress)
{
    memset(look, 0, sizeof *look);
    look->store = store;
    look->progress = progress;
    capf__loader_init(&look->loader, store->io);
}

void capf__look_release(struct capf__look *look)
{
    if (look->store == NULL)
        return;
    capf__block_unref(look->block);
    capf__loader_release(&look->loader);
    memset(look, 0, sizeof *look);
}

static void turn_away(struct capf__look *look)
{
    capf__block_unref(look->block);
    look->block = NULL;
    look->open = NULL;
}

enum capf_status capf__look_at(struct capf__look *look, const struct capf__state *state,
                               uint64_t pos, struct capf_error *err)
{
    struct capf__block *block;
    if (look->block != NULL && look->pos == pos && look->state == state)
        return CAPF_OK;
    enum capf_status status = capf__block_load(&look->loader, look->store, state, pos, &block, err);
    if (status != CAPF_OK)
        return status;
    turn_away(look);
    look->block = block;
    look->state = state;
    look->pos = pos;
    look->raw = block->len;
    return CAPF_OK;
}

enum capf_status capf__look_prove(struct capf__look *look, const struct capf__state *state,
                                  uint64_t pos, struct capf_error *err)
{
    struct capf__big *big = &look->loader.big;
    enum capf_status status = capf__look_at(look, state, pos, err);
    if (status != CAPF_OK || look->block->complete)
        return status;
    status = capf__big_open(big, pos, look->block->stored, err);
    if (status == CAPF_OK)
        status = capf__big_len(big, look->store, state, &look->raw, look->progress, err);
    if (status != CAPF_OK)
        turn_away(look);
    return status;
}

void capf__look_open(struct capf__look *look, uint64_t pos, const uint8_t *bytes, size_t len)
{
    turn_away(look);
    look->pos = pos;
    look->open = bytes;
    look->raw = len;
}

uint64_t capf__look_next(const struct capf__look *look)
{
    return look->pos + 4 + look->block->stored;
}

static enum capf_status read_long(struct capf__look *look, uint64_t off, void *buf, size_t len,
                                  size_t *got, struct capf_error *err)
{
    struct capf__big *big = &look->loader.big;
    enum capf_status status = capf__big_open(big, look->pos, look->block->stored, err);
    if (status == CAPF_OK)
        status =
            capf__big_read(big, look->store, look->state, off, buf, len, got, look->progress, err);
    return status;
}

enum capf_status capf__look_read(struct capf__look *look, uint64_t off, void *buf, size_t len,
                                 size_t *got, struct capf_error *err)
{
    const uint8_t *bytes = look->open != NULL ? look->open : look->block->data;
    uint64_t held = look->open != NULL ? look->raw : look->block->len;
    size_t here = off < held ? (size_t)capf__min_u64(len, held - off) : 0;
    size_t more = 0;
    if (here > 0)
        memcpy(buf, bytes + off, here);
    enum capf_status status = CAPF_OK;
    if (here < len && look->open == NULL && !look->block->complete)
        status = read_long(look, off + here, (uint8_t *)buf + here, len - here, &more, err);
    if (status == CAPF_OK)
        *got = here + more;
    return status;
}
