/* SPDX-License-Identifier: MIT */
/*
 * A view reads records: it has one state of one file and the scratch memory for
 * looking into it. A cursor is a view with a position; a handle has a view of
 * its newest state. One thread at a time.
 */
#ifndef CAPF_VIEW_H
#define CAPF_VIEW_H

#include "block.h"

struct capf__view {
    const struct capf_io *io;
    struct capf__store *store; /* NULL: nothing shown yet */
    struct capf__state *state;
    struct capf__loader loader;
    struct capf__progress progress;
    struct capf__block *block; /* the last one read */
    uint8_t *leaf;             /* the last index node of height 1, as it stands in its block */
    bool leaf_good;
    struct capf_coord leaf_at;
    uint64_t leaf_first; /* index (from 0) of its first record */
    uint8_t *whole;      /* a record that is longer than a block is put together here */
    size_t whole_room;
};

void capf__view_init(struct capf__view *view, const struct capf_io *io);
void capf__view_release(struct capf__view *view);

/* Turns to a state of a file, taking references to both. */
enum capf_status capf__view_show(struct capf__view *view, struct capf__store *store,
                                 struct capf__state *state, struct capf_error *err);

/* Where record `recno` stands. */
enum capf_status capf__view_find(struct capf__view *view, uint64_t recno, struct capf_coord *at,
                                 struct capf_error *err);

/* Can the block at `pos` be read, of a long one its beginning? */
enum capf_status capf__view_touch(struct capf__view *view, uint64_t pos, struct capf_error *err);

/* Where a child of the index node at `node` stands. */
enum capf_status capf__view_child(struct capf__view *view, struct capf_coord node, uint32_t child,
                                  struct capf_coord *at, struct capf_error *err);

/* As the public functions of similar names. */
enum capf_status capf__view_get(struct capf__view *view, uint64_t recno, struct capf_bytes *record,
                                struct capf_error *err);
enum capf_status capf__view_size(struct capf__view *view, uint64_t recno, uint64_t *size,
                                 struct capf_error *err);
enum capf_status capf__view_read(struct capf__view *view, uint64_t recno, uint64_t off, void *buf,
                                 size_t len, size_t *got, struct capf_error *err);
enum capf_status capf__view_meta(struct capf__view *view, struct capf_bytes *meta,
                                 struct capf_error *err);
enum capf_status capf__view_meta_size(struct capf__view *view, bool *present, uint64_t *size,
                                      struct capf_error *err);
enum capf_status capf__view_meta_read(struct capf__view *view, uint64_t off, void *buf, size_t len,
                                      size_t *got, struct capf_error *err);
enum capf_status capf__view_locate(struct capf__view *view, uint64_t recno,
                                   struct capf_step steps[CAPF_LEVELS_MAX], unsigned *count,
                                   struct capf_error *err);
enum capf_status capf__view_block_info(struct capf__view *view, uint64_t pos,
                                       struct capf_block_info *info, struct capf_error *err);
/* reach.c */
enum capf_status capf__view_reach(struct capf__view *view, uint64_t recno, uint64_t *first,
                                  uint64_t *last, struct capf_error *err);

/* `len` bytes that stand `skip` bytes behind a coordinate, in its block: all of them or an error that
 * calls them `what`. */
enum capf_status capf__view_bytes(struct capf__view *view, struct capf_coord at, uint64_t skip,
                                  void *buf, size_t len, const char *what, struct capf_error *err);

/* The length of the record or metadata value at a coordinate. */
enum capf_status capf__view_sized_len(struct capf__view *view, struct capf_coord at, uint32_t *len,
                                      struct capf_error *err);

/* Does the first index node of height 1 stand where the header's fan-out puts it? It proves the
 * fan-out, which no checksum covers (FORMAT.md 3). *wrong is false too where there is no such node. */
enum capf_status capf__view_prove_fan_out(struct capf__view *view, bool *wrong,
                                          struct capf_error *err);

#endif
