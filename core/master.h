/* SPDX-License-Identifier: MIT */
/*
 * A master node's bytes, and the state that they describe (FORMAT.md 4). Pure:
 * bytes in, values out, but for the memory that a state holds.
 */
#ifndef CAPF_MASTER_H
#define CAPF_MASTER_H

#include "state.h"

#define CAPF__NODE_PEEK 8 /* the first bytes, checksum and serial number, tell two nodes apart */

/* The checksum that a node of these bytes must begin with. */
uint32_t capf__master_crc(const struct capf__header *header, const uint8_t *bytes);

/* Decodes the node_len bytes of a node into an uninitialised state, with the file limit checked
 * against the data's start, but not against the size of the file. CAPF_DAMAGED: err->text says
 * why; CAPF_NO_MEMORY. The state is initialised only on success. */
enum capf_status capf__master_decode(struct capf__state *state, const struct capf__header *header,
                                     const struct capf_io *io, const uint8_t *bytes,
                                     struct capf_error *err);

/* Writes all node_len bytes of the node; gives its checksum. */
uint32_t capf__master_encode(const struct capf__state *state, const struct capf__header *header,
                             uint8_t *bytes);

#endif
