/* SPDX-License-Identifier: MIT */
/*
 * The file's first page: magic, version and geometry. The geometry decides
 * where everything else stands and never changes. Pure: bytes in, values out.
 */
#ifndef CAPF_HEADER_H
#define CAPF_HEADER_H

#include "capf.h"

#define CAPF__HEADER_LEN 27
#define CAPF__VERSION 2

struct capf__header {
    uint32_t version;
    uint32_t page_size;  /* bytes */
    uint32_t block_size; /* bytes; a block is closed when it holds this many or more */
    uint32_t fan_out;
    bool old_magic;

    /* What follows from the geometry. */
    uint64_t node_len;    /* bytes of a master node: 2 pages and a block */
    uint64_t node_pos[2]; /* file positions */
    uint64_t data_pos;    /* where the first block goes */
    uint32_t path_max;    /* children that fit into a master node */
};

/* Checks and fills in what follows; `why` gets a sentence when the answer is false. */
bool capf__header_derive(struct capf__header *header, char *why, size_t why_size);

/* `len` may be less than CAPF__HEADER_LEN: then it is not a capture file. */
enum capf_status capf__header_decode(struct capf__header *header, const uint8_t *bytes, size_t len,
                                     struct capf_error *err);

void capf__header_encode(const struct capf__header *header, uint8_t bytes[CAPF__HEADER_LEN]);

/* Can files of this geometry be written? A full index level must fit into a master node. */
bool capf__header_writable(const struct capf__header *header);

#endif
