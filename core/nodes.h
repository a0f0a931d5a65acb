/* SPDX-License-Identifier: MIT */
/*
 * Reading the two master nodes of a file that somebody may be writing to at
 * this moment, and choosing the one to believe (FORMAT.md 5).
 */
#ifndef CAPF_NODES_H
#define CAPF_NODES_H

#include "master.h"

struct capf__nodes {
    bool good[2];
    struct capf__state state[2];      /* of a good one */
    uint8_t peek[2][CAPF__NODE_PEEK]; /* its first bytes; zeros when it is cut off */
    uint32_t sum[2];                  /* over all bytes of a bad one: does it change? */
    char fault[2][80];                /* of a bad one */
    int io_code;                      /* of a node that the system could not read; 0: none */
    int best;                         /* 0 or 1; -1: none can be believed */
    unsigned warnings;                /* CAPF_WARN_NODE_BAD, CAPF_WARN_NOT_CONSECUTIVE */
};

/* Both nodes as they stand right now. A bad node is not an error; no memory is. */
enum capf_status capf__nodes_read(struct capf__nodes *nodes, const struct capf_io *io, int fd,
                                  const struct capf__header *header, struct capf_error *err);
void capf__nodes_release(struct capf__nodes *nodes);

/* The same with the patience that a busy writer asks for; takes no lock. CAPF_DAMAGED: neither can be
 * believed, and that is not because of a writer. */
enum capf_status capf__nodes_read_settled(struct capf__nodes *nodes, const struct capf_io *io,
                                          int fd, const struct capf__header *header,
                                          struct capf_error *err);

/* The same for those who want to know of every fault: one that stays while nothing else changes for
 * 250 ms is a fault, and *certain is true. Where writers change the nodes all the time it is false after
 * 10 s, and what seems bad may be on its way. That neither can be believed (best is -1) is no error. */
enum capf_status capf__nodes_read_certain(struct capf__nodes *nodes, const struct capf_io *io,
                                          int fd, const struct capf__header *header, bool *certain,
                                          struct capf_error *err);

/* CAPF_DAMAGED or CAPF_IO, with words for why best is -1. */
enum capf_status capf__nodes_none_good(const struct capf__nodes *nodes,
                                       const struct capf__header *header, struct capf_error *err);

/* The first bytes of both, as in nodes->peek. */
enum capf_status capf__nodes_peek(const struct capf_io *io, int fd,
                                  const struct capf__header *header,
                                  uint8_t peek[2][CAPF__NODE_PEEK], struct capf_error *err);

#endif
