/* SPDX-License-Identifier: MIT */
/*
 * The reader protocol. Readers take no lock, so a node may be read while it
 * is being written: then its checksum fails, and the other one, which a writer
 * never touches meanwhile, is good. One that is bad for longer was torn by a
 * crash. Either way a good node is a complete state that was once committed.
 */
#include "nodes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

#define NODE_WHOLE (32u << 20) /* longer nodes are read in several pieces; none is written */
#define MICROSECOND UINT64_C(1000)
#define MILLISECOND (1000 * MICROSECOND)
#define NAP_FIRST (50 * MICROSECOND)
#define NAP_MAX (2 * MILLISECOND)
#define ONE_BAD_PATIENCE (250 * MILLISECOND)
#define BOTH_BAD_STILL                                                                             \
    (50 * MILLISECOND) /* both bad and unchanged for so long: nobody is writing */
#define BOTH_BAD_PATIENCE (2000 * MILLISECOND)
#define CERTAIN_STILL (250 * MILLISECOND) /* a writer that is at work changes a node within that */
#define CERTAIN_PATIENCE (10000 * MILLISECOND)

static enum capf_status decode_slot(struct capf__nodes *nodes, int slot, const struct capf_io *io,
                                    const struct capf__header *header, const uint8_t *bytes,
                                    size_t got, struct capf_error *err)
{
    struct capf_error why;
    if (got >= CAPF__NODE_PEEK)
        memcpy(nodes->peek[slot], bytes, CAPF__NODE_PEEK);
    if (got < header->node_len) {
        nodes->sum[slot] = (uint32_t)got;
        snprintf(nodes->fault[slot], sizeof nodes->fault[slot],
                 "cut off after %zu of %" PRIu64 " bytes", got, header->node_len);
        return CAPF_OK;
    }
    enum capf_status status = capf__master_decode(&nodes->state[slot], header, io, bytes, &why);
    nodes->good[slot] = status == CAPF_OK;
    if (status == CAPF_OK)
        nodes->state[slot].slot = slot;
    if (status == CAPF_DAMAGED) {
        nodes->sum[slot] = (uint32_t)crc32_z(0, bytes, got);
        snprintf(nodes->fault[slot], sizeof nodes->fault[slot], "%.79s", why.text);
    }
    if (status == CAPF_NO_MEMORY)
        return capf__fail_memory(err, header->node_len);
    return CAPF_OK;
}

/* A node's bytes, for one slot after the other. */
struct image {
    uint8_t *bytes;
    size_t room, got;
};

/* In one piece. Only a node longer than any that is written is read in several, so that a header
 * that is wrong does not make us set aside a gigabyte for a file that has no such bytes. */
static enum capf_status read_image(struct image *image, const struct capf_io *io, int fd,
                                   uint64_t pos, uint64_t node_len, struct capf_error *err)
{
    size_t want = (size_t)capf__min_u64(node_len, NODE_WHOLE), got;
    image->got = 0;
    for (;;) {
        if (want > image->room) {
            uint8_t *grown = io->realloc(io->ctx, image->bytes, want);
            if (grown == NULL)
                return capf__fail_memory(err, want);
            image->bytes = grown;
            image->room = want;
        }
        enum capf_status status = capf__read_some(io, fd, image->bytes + image->got,
                                                  want - image->got, pos + image->got, &got, err);
        if (status != CAPF_OK)
            return status;
        image->got += got;
        if (image->got < want || want == node_len)
            return CAPF_OK;
        want = (size_t)capf__min_u64(node_len, 2 * (uint64_t)want);
    }
}

static enum capf_status read_slot(struct capf__nodes *nodes, int slot, const struct capf_io *io,
                                  int fd, const struct capf__header *header, struct image *image,
                                  struct capf_error *err)
{
    struct capf_error why;
    enum capf_status status =
        read_image(image, io, fd, header->node_pos[slot], header->node_len, &why);
    if (status == CAPF_OK)
        return decode_slot(nodes, slot, io, header, image->bytes, image->got, err);
    if (status == CAPF_NO_MEMORY)
        return capf__fail_memory(err, header->node_len);
    nodes->io_code = -why.sys_errno;
    snprintf(nodes->fault[slot], sizeof nodes->fault[slot], "%.79s", why.text);
    return CAPF_OK;
}

static void choose(struct capf__nodes *nodes)
{
    nodes->best = nodes->good[0] ? 0 : nodes->good[1] ? 1 : -1;
    if (!nodes->good[0] || !nodes->good[1]) {
        nodes->warnings = CAPF_WARN_NODE_BAD;
        return;
    }
    int32_t ahead = (int32_t)(nodes->state[0].serial - nodes->state[1].serial);
    nodes->best = ahead > 0 ? 0 : ahead < 0 ? 1 : -1;
    if (ahead != 1 && ahead != -1)
        nodes->warnings = CAPF_WARN_NOT_CONSECUTIVE;
}

enum capf_status capf__nodes_read(struct capf__nodes *nodes, const struct capf_io *io, int fd,
                                  const struct capf__header *header, struct capf_error *err)
{
    memset(nodes, 0, sizeof *nodes);
    struct image image = {0};
    enum capf_status status = read_slot(nodes, 0, io, fd, header, &image, err);
    if (status == CAPF_OK)
        status = read_slot(nodes, 1, io, fd, header, &image, err);
    capf__free(io, image.bytes);
    if (status == CAPF_OK)
        choose(nodes);
    else
        capf__nodes_release(nodes);
    return status;
}

void capf__nodes_release(struct capf__nodes *nodes)
{
    for (int slot = 0; slot < 2; slot++)
        if (nodes->good[slot])
            capf__state_release(&nodes->state[slot]);
    memset(nodes, 0, sizeof *nodes);
}

static bool unchanged(const struct capf__nodes *a, const struct capf__nodes *b)
{
    return memcmp(a->peek, b->peek, sizeof a->peek) == 0 &&
           memcmp(a->good, b->good, sizeof a->good) == 0 &&
           memcmp(a->sum, b->sum, sizeof a->sum) == 0;
}

enum capf_status capf__nodes_none_good(const struct capf__nodes *nodes,
                                       const struct capf__header *header, struct capf_error *err)
{
    if (nodes->io_code != 0)
        return capf__fail_io(err, nodes->io_code, header->node_pos[0],
                             "cannot read the master nodes");
    if (nodes->good[0] && nodes->good[1])
        return capf__fail(err, CAPF_DAMAGED, header->node_pos[0],
                          "damaged: both master nodes have serial number %u",
                          nodes->state[0].serial);
    return capf__fail(err, CAPF_DAMAGED, header->node_pos[0],
                      "damaged: neither master node is good (%s; %s)", nodes->fault[0],
                      nodes->fault[1]);
}

/* Is it worth while to look again, `spent` after the first look, when nothing has changed for `still`? */
typedef bool patience(const struct capf__nodes *nodes, uint64_t spent, uint64_t still);

static bool until_usable(const struct capf__nodes *nodes, uint64_t spent, uint64_t still)
{
    if (nodes->best >= 0)
        return (nodes->warnings & CAPF_WARN_NODE_BAD) != 0 && still == 0 &&
               spent < ONE_BAD_PATIENCE;
    return still < BOTH_BAD_STILL && spent < BOTH_BAD_PATIENCE;
}

static bool until_certain(const struct capf__nodes *nodes, uint64_t spent, uint64_t still)
{
    bool fine = nodes->best >= 0 && nodes->warnings == 0;
    return !fine && still < CERTAIN_STILL && spent < CERTAIN_PATIENCE;
}

/* *still says for how long nothing has changed. */
static enum capf_status read_patiently(struct capf__nodes *nodes, const struct capf_io *io, int fd,
                                       const struct capf__header *header, patience *worth_waiting,
                                       uint64_t *still, struct capf_error *err)
{
    enum capf_status status = capf__nodes_read(nodes, io, fd, header, err);
    uint64_t first = io->now(io->ctx), changed = first, now = first, nap = NAP_FIRST;
    while (status == CAPF_OK && worth_waiting(nodes, now - first, now - changed)) {
        struct capf__nodes before = *nodes; /* to compare with; what it owns is released first */
        capf__nodes_release(nodes);
        io->nap(io->ctx, nap);
        nap = capf__min_u64(2 * nap, NAP_MAX);
        status = capf__nodes_read(nodes, io, fd, header, err);
        now = io->now(io->ctx);
        if (status == CAPF_OK && !unchanged(&before, nodes))
            changed = now;
    }
    *still = now - changed;
    return status;
}

enum capf_status capf__nodes_read_settled(struct capf__nodes *nodes, const struct capf_io *io,
                                          int fd, const struct capf__header *header,
                                          struct capf_error *err)
{
    uint64_t still;
    enum capf_status status = read_patiently(nodes, io, fd, header, until_usable, &still, err);
    if (status == CAPF_OK && nodes->best < 0) {
        status = capf__nodes_none_good(nodes, header, err);
        capf__nodes_release(nodes);
    }
    return status;
}

enum capf_status capf__nodes_read_certain(struct capf__nodes *nodes, const struct capf_io *io,
                                          int fd, const struct capf__header *header, bool *certain,
                                          struct capf_error *err)
{
    uint64_t still;
    enum capf_status status = read_patiently(nodes, io, fd, header, until_certain, &still, err);
    *certain = status == CAPF_OK && (still >= CERTAIN_STILL || nodes->warnings == 0);
    return status;
}

enum capf_status capf__nodes_peek(const struct capf_io *io, int fd,
                                  const struct capf__header *header,
                                  uint8_t peek[2][CAPF__NODE_PEEK], struct capf_error *err)
{
    memset(peek, 0, 2 * CAPF__NODE_PEEK);
    for (int slot = 0; slot < 2; slot++) {
        size_t got;
        enum capf_status status =
            capf__read_some(io, fd, peek[slot], CAPF__NODE_PEEK, header->node_pos[slot], &got, err);
        if (status != CAPF_OK)
            return status;
    }
    return CAPF_OK;
}
