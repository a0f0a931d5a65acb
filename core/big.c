/* SPDX-License-Identifier: MIT */
/*
 * Streams over long blocks, with access points. An access point is a copy of
 * zlib's own inflate state, made by inflateCopy: window, bit position and
 * running checksum included, so that a stream that goes on from one still
 * verifies the whole block.
 */
#include "big.h"

#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "codec.h"
#include "error.h"
#include "io.h"

#define INPUT_LEN (64u << 10)
#define WASTE_LEN (64u << 10)
#define POINT_EVERY (20u << 20) /* inflated bytes between access points */
#define POINT_LAST                                                                                 \
    (UINT64_C(6) << 30) /* no record lies behind this: no points for a bomb's waste */

enum capf_status capf__progress_step(const struct capf__progress *progress, uint64_t done,
                                     uint64_t total, struct capf_error *err)
{
    if (progress->fn == NULL || progress->fn(progress->ctx, done, total))
        return CAPF_OK;
    return capf__fail(err, CAPF_CANCELLED, 0, "stopped");
}

void capf__big_init(struct capf__big *big, const struct capf_io *io)
{
    memset(big, 0, sizeof *big);
    big->io = io;
}

void capf__big_close(struct capf__big *big)
{
    if (big->open)
        inflateEnd(&big->z);
    while (big->last != NULL) {
        struct capf__big_point *point = big->last;
        big->last = point->before;
        inflateEnd(&point->z);
        capf__free(big->io, point);
    }
    big->open = false;
}

void capf__big_release(struct capf__big *big)
{
    capf__big_close(big);
    capf__free(big->io, big->input);
    capf__free(big->io, big->waste);
    memset(big, 0, sizeof *big);
}

static enum capf_status out_of_memory(struct capf_error *err)
{
    return capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory for inflating a long block");
}

enum capf_status capf__big_open(struct capf__big *big, uint64_t pos, uint32_t stored,
                                struct capf_error *err)
{
    if (big->open && big->pos == pos && big->stored == stored)
        return CAPF_OK;
    capf__big_close(big);
    if (big->input == NULL)
        big->input = capf__alloc(big->io, INPUT_LEN);
    if (big->waste == NULL)
        big->waste = capf__alloc(big->io, WASTE_LEN);
    capf__z_use_io(&big->z, big->io);
    if (big->input == NULL || big->waste == NULL || inflateInit(&big->z) != Z_OK)
        return out_of_memory(err);
    big->open = true;
    big->pos = pos;
    big->stored = stored;
    big->in = big->out = 0;
    big->ended = false;
    return CAPF_OK;
}

/* The last access point at or before `off`; NULL: none. */
static struct capf__big_point *point_before(struct capf__big *big, uint64_t off)
{
    struct capf__big_point *point = big->last;
    while (point != NULL && point->out > off)
        point = point->before;
    return point;
}

/* Goes on from an access point, or from the start of the block (NULL). */
static enum capf_status restart(struct capf__big *big, struct capf__big_point *point,
                                struct capf_error *err)
{
    inflateEnd(&big->z);
    capf__z_use_io(&big->z, big->io);
    int result = point != NULL ? inflateCopy(&big->z, &point->z) : inflateInit(&big->z);
    if (result != Z_OK) {
        memset(&big->z, 0, sizeof big->z); /* inflateEnd of it does nothing */
        capf__big_close(big);
        return out_of_memory(err);
    }
    big->in = point != NULL ? point->in : 0;
    big->out = point != NULL ? point->out : 0;
    big->z.avail_in = 0;
    big->ended = false;
    return CAPF_OK;
}

/* A failure to keep a point costs time later, and nothing else. */
static void keep_point(struct capf__big *big)
{
    uint64_t newest = big->last != NULL ? big->last->out : 0;
    if (big->ended || big->out < newest + POINT_EVERY || big->out > POINT_LAST)
        return;
    struct capf__big_point *point = capf__alloc_zero(big->io, sizeof *point);
    if (point == NULL)
        return;
    if (inflateCopy(&point->z, &big->z) != Z_OK) {
        capf__free(big->io, point);
        return;
    }
    point->in = big->in - big->z.avail_in;
    point->out = big->out;
    point->before = big->last;
    big->last = point;
}

static enum capf_status refill(struct capf__big *big, const struct capf__store *store,
                               const struct capf__state *state, struct capf_error *err)
{
    size_t n = (size_t)capf__min_u64(INPUT_LEN, big->stored - big->in);
    if (n == 0)
        return capf__fail(err, CAPF_DAMAGED, big->pos,
                          "damaged block at %" PRIu64 ": its data ends too early", big->pos);
    enum capf_status status =
        capf__data_read(store, state, big->pos + 4 + big->in, big->input, n, err);
    if (status != CAPF_OK)
        return status;
    big->z.next_in = big->input;
    big->z.avail_in = (uInt)n;
    big->in += n;
    return CAPF_OK;
}

static enum capf_status finish(struct capf__big *big, struct capf_error *err)
{
    if (big->z.avail_in > 0 || big->in < big->stored)
        return capf__fail(err, CAPF_DAMAGED, big->pos,
                          "damaged block at %" PRIu64 ": bytes behind the end of its data",
                          big->pos);
    big->ended = true;
    return CAPF_OK;
}

static enum capf_status bad_stream(const struct capf__big *big, int result, struct capf_error *err)
{
    if (result == Z_MEM_ERROR)
        return out_of_memory(err);
    return capf__fail(err, CAPF_DAMAGED, big->pos, "damaged block at %" PRIu64 ": %s", big->pos,
                      big->z.msg != NULL ? big->z.msg : "not a zlib stream");
}

/* Inflates up to `len` bytes, at least one unless the stream ends. */
static enum capf_status inflate_some(struct capf__big *big, const struct capf__store *store,
                                     const struct capf__state *state, uint8_t *buf, size_t len,
                                     size_t *got, struct capf_error *err)
{
    big->z.next_out = buf;
    big->z.avail_out = (uInt)capf__min_u64(len, WASTE_LEN);
    uInt room = big->z.avail_out;
    while (big->z.avail_out == room && !big->ended) {
        enum capf_status status = CAPF_OK;
        if (big->z.avail_in == 0)
            status = refill(big, store, state, err);
        if (status != CAPF_OK)
            return status;
        int result = inflate(&big->z, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            status = finish(big, err);
        else if (result != Z_OK)
            status = bad_stream(big, result, err);
        if (status != CAPF_OK)
            return status;
    }
    *got = room - big->z.avail_out;
    big->out += *got;
    return CAPF_OK;
}

/* Standing behind the last byte that was asked for: when that is the block's last byte too, the
 * checksum behind it is verified now, for there may be no later call that would. */
static enum capf_status look_for_end(struct capf__big *big, const struct capf__store *store,
                                     const struct capf__state *state, struct capf_error *err)
{
    while (!big->ended) {
        if (big->z.avail_in == 0) {
            enum capf_status status = refill(big, store, state, err);
            if (status != CAPF_OK)
                return status;
        }
        big->z.next_out = big->waste;
        big->z.avail_out = 0;
        int result = inflate(&big->z, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            return finish(big, err);
        if (result != Z_OK && result != Z_BUF_ERROR)
            return bad_stream(big, result, err);
        if (big->z.avail_in > 0)
            return CAPF_OK; /* more to come */
    }
    return CAPF_OK;
}

static enum capf_status skip_to(struct capf__big *big, const struct capf__store *store,
                                const struct capf__state *state, uint64_t off,
                                const struct capf__progress *progress, struct capf_error *err)
{
    while (big->out < off && !big->ended) {
        size_t n = (size_t)capf__min_u64(off - big->out, WASTE_LEN), got;
        enum capf_status status = inflate_some(big, store, state, big->waste, n, &got, err);
        if (status != CAPF_OK)
            return status;
        keep_point(big);
        status = capf__progress_step(progress, big->out, off, err);
        if (status != CAPF_OK)
            return status;
    }
    return CAPF_OK;
}

static enum capf_status go_to(struct capf__big *big, const struct capf__store *store,
                              const struct capf__state *state, uint64_t off,
                              const struct capf__progress *progress, struct capf_error *err)
{
    struct capf__big_point *point = point_before(big, off);
    enum capf_status status = CAPF_OK;
    if (off < big->out || (point != NULL && point->out > big->out))
        status = restart(big, point, err);
    if (status == CAPF_OK)
        status = skip_to(big, store, state, off, progress, err);
    return status;
}

enum capf_status capf__big_read(struct capf__big *big, const struct capf__store *store,
                                const struct capf__state *state, uint64_t off, void *buf,
                                size_t len, size_t *got, const struct capf__progress *progress,
                                struct capf_error *err)
{
    enum capf_status status = go_to(big, store, state, off, progress, err);
    size_t done = 0;
    while (status == CAPF_OK && done < len && !big->ended) {
        size_t n;
        status = inflate_some(big, store, state, (uint8_t *)buf + done, len - done, &n, err);
        if (status != CAPF_OK)
            break;
        done += n;
        keep_point(big);
        status = capf__progress_step(progress, big->out, off + len, err);
    }
    if (status == CAPF_OK)
        status = look_for_end(big, store, state, err);
    if (status == CAPF_OK)
        *got = done;
    else if (status != CAPF_CANCELLED)
        capf__big_close(big); /* a stream that failed half-way is of no further use */
    return status;
}

enum capf_status capf__big_len(struct capf__big *big, const struct capf__store *store,
                               const struct capf__state *state, uint64_t *len,
                               const struct capf__progress *progress, struct capf_error *err)
{
    enum capf_status status = go_to(big, store, state, UINT64_MAX, progress, err);
    if (status == CAPF_OK)
        *len = big->out;
    else if (status != CAPF_CANCELLED)
        capf__big_close(big);
    return status;
}
