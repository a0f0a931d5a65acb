/* SPDX-License-Identifier: MIT */
/*
 * Loading blocks. An ordinary block is read in one piece and inflated in one
 * go. One that is long, compressed or not, goes through the streaming reader,
 * which gives its beginning and stands ready for the rest; so no length in a
 * file, true or false, makes us allocate more than HEAD_BLOCK_MAX + HEAD_MORE.
 */
#include "block.h"

#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

#define STORED_WHOLE_MAX (1u << 20) /* compressed bytes read in one piece */
#define HEAD_BLOCK_MAX (16u << 20)
#define HEAD_MORE (1u << 20) /* inflated bytes kept of a long block: this beyond a block size */
#define SLACK 4096u          /* the last record of a block lies beyond the block size */

void capf__loader_init(struct capf__loader *loader, const struct capf_io *io)
{
    memset(loader, 0, sizeof *loader);
    loader->io = io;
    capf__unpacker_init(&loader->unpacker, io);
    capf__big_init(&loader->big, io);
}

void capf__loader_release(struct capf__loader *loader)
{
    capf__unpacker_release(&loader->unpacker);
    capf__big_release(&loader->big);
    capf__free(loader->io, loader->stored);
    memset(loader, 0, sizeof *loader);
}

static size_t head_max(const struct capf__header *header)
{
    return (size_t)capf__min_u64(header->block_size, HEAD_BLOCK_MAX) + HEAD_MORE;
}

static size_t first_guess(const struct capf__header *header)
{
    return (size_t)capf__min_u64(header->block_size, HEAD_BLOCK_MAX) + SLACK;
}

static enum capf_status fetch_stored(struct capf__loader *loader, const struct capf__store *store,
                                     const struct capf__state *state, uint64_t pos, uint32_t stored,
                                     struct capf_error *err)
{
    if (loader->stored_room < stored) {
        capf__free(loader->io, loader->stored);
        loader->stored_room = 0;
        loader->stored = capf__alloc(loader->io, stored);
        if (loader->stored == NULL)
            return capf__fail_memory(err, stored);
        loader->stored_room = stored;
    }
    return capf__data_read(store, state, pos + 4, loader->stored, stored, err);
}

/* Gives back what a generous guess left over. */
static struct capf__block *shrink(struct capf__block *block, size_t room)
{
    if (room - block->len <= SLACK)
        return block;
    struct capf__block *smaller =
        block->io->realloc(block->io->ctx, block, sizeof *block + block->len);
    return smaller != NULL ? smaller : block;
}

static enum capf_status inflate_whole(struct capf__loader *loader, uint64_t pos, uint32_t stored,
                                      size_t room, struct capf__block **out, bool *too_long,
                                      struct capf_error *err)
{
    struct capf__block *block = capf__block_new(loader->io, room);
    if (block == NULL)
        return capf__fail_memory(err, room);
    enum capf_status status = CAPF_OK;
    switch (
        capf__unpack(&loader->unpacker, loader->stored, stored, block->data, room, &block->len)) {
    case CAPF__UNPACKED:
        block->complete = true;
        *out = shrink(block, room);
        return CAPF_OK;
    case CAPF__UNPACK_MORE:
        *too_long = true;
        break;
    case CAPF__UNPACK_BAD:
        status = capf__fail(err, CAPF_DAMAGED, pos,
                            "damaged block at %" PRIu64 ": its %u compressed bytes do not inflate",
                            pos, stored);
        break;
    case CAPF__UNPACK_NO_MEMORY:
        status = capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory for the decompressor");
        break;
    }
    capf__block_unref(block);
    return status;
}

/* The beginning of a block as a stream gives it; all of it when it is not so long after all. */
static enum capf_status inflate_head(struct capf__loader *loader, const struct capf__store *store,
                                     const struct capf__state *state, uint64_t pos, uint32_t stored,
                                     struct capf__block **out, struct capf_error *err)
{
    const struct capf__progress silent = {NULL, NULL};
    size_t room = head_max(&store->header);
    struct capf__block *block = capf__block_new(loader->io, room);
    if (block == NULL)
        return capf__fail_memory(err, room);
    enum capf_status status = capf__big_open(&loader->big, pos, stored, err);
    if (status == CAPF_OK)
        status = capf__big_read(&loader->big, store, state, 0, block->data, room, &block->len,
                                &silent, err);
    if (status == CAPF_OK) {
        block->complete = loader->big.ended;
        *out = shrink(block, room);
    } else {
        capf__block_unref(block);
    }
    return status;
}

static enum capf_status read_block(struct capf__loader *loader, const struct capf__store *store,
                                   const struct capf__state *state, uint64_t pos,
                                   struct capf__block **out, struct capf_error *err)
{
    uint32_t stored;
    enum capf_status status = capf__stored_len(store, state, pos, &stored, err);
    if (status != CAPF_OK)
        return status;
    bool too_long = stored > STORED_WHOLE_MAX;
    if (!too_long)
        status = fetch_stored(loader, store, state, pos, stored, err);
    if (status == CAPF_OK && !too_long)
        status =
            inflate_whole(loader, pos, stored, first_guess(&store->header), out, &too_long, err);
    if (status == CAPF_OK && too_long)
        status = inflate_head(loader, store, state, pos, stored, out, err);
    if (status == CAPF_OK) {
        (*out)->pos = pos;
        (*out)->stored = stored;
    }
    return status;
}

enum capf_status capf__block_load(struct capf__loader *loader, struct capf__store *store,
                                  const struct capf__state *state, uint64_t pos,
                                  struct capf__block **out, struct capf_error *err)
{
    *out = capf__cache_find(&store->cache, pos);
    if (*out != NULL)
        return CAPF_OK;
    enum capf_status status = read_block(loader, store, state, pos, out, err);
    if (status == CAPF_DAMAGED) /* once more: a bad read may have been a passing one */
        status = read_block(loader, store, state, pos, out, err);
    if (status == CAPF_OK)
        capf__cache_add(&store->cache, *out, state->txn);
    return status;
}
