/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A second opinion on a capture file, written after tests/capcheck.py and
 * sharing nothing with core: every block is inflated once in file order, the
 * index is rebuilt from the records, and each index node and the rightmost path
 * must be where and what that says. For small files.
 */
#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include "capf_io.h"

#include <zlib.h>

#define WALK_FAN_MAX 64
#define WALK_LEVELS_MAX 40

struct walk_coord {
    uint64_t pos;
    uint32_t off;
};

struct walk_block {
    uint64_t pos;
    size_t start, len; /* in walk.flat */
};

/* A block that was inflated before. The next file is often the same one a little further on. */
struct walk_known {
    uint64_t pos;
    uint32_t stored; /* 0: none */
    size_t len;
    uint8_t *bytes; /* as stored, and then inflated */
    size_t room;
};

#define WALK_KNOWN 64

struct walk_level {
    uint32_t count;
    struct walk_coord child[WALK_FAN_MAX];
};

/* Buffers that are used again for the next file. All zeros is a new one. */
struct walk {
    uint64_t records; /* the result */
    uint32_t crc;     /* chained over u32 length and bytes of each record */
    bool has_meta;
    const uint8_t *meta; /* until the next walk */
    uint32_t meta_len;

    uint32_t page, block, fan;
    uint64_t node_len, data_pos, limit;
    uint8_t *raw; /* the file up to its limit, the last page from the master node */
    size_t raw_len, raw_room;
    uint8_t *flat; /* all blocks, inflated, and behind them the open one */
    size_t flat_len, flat_room;
    struct walk_block *blocks;
    size_t block_count, block_room;
    struct walk_known known[WALK_KNOWN];
    struct walk_coord meta_at;
    unsigned levels;                /* of `given` */
    uint64_t span[WALK_LEVELS_MAX]; /* records below a child of each height from 1 */
    struct walk_level given[WALK_LEVELS_MAX], built[WALK_LEVELS_MAX];
    z_stream z;
    bool z_ready;
};

/* NULL: the file is right. Otherwise a word on what is wrong. */
const char *walk_file(struct walk *walk, const struct capf_io *io, const char *path);
void walk_release(struct walk *walk);

#endif
