/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person has prepared and not committed: records to append, in order,
 * and a change of the metadata. It is ours alone: nothing of it is in the file.
 * Pieces are read through stage_read, so that a large one may one day lie in a
 * spool. No files, no locks here: the session commits.
 */
#ifndef APP_STAGE_H
#define APP_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stage_source { STAGE_TYPED, STAGE_FILE };

struct stage_piece {
    uint8_t *bytes;
    uint64_t len;
    enum stage_source source;
    char *source_name; /* the file's name; NULL when typed */
};

enum stage_meta { STAGE_META_KEEP, STAGE_META_SET, STAGE_META_CLEAR };

struct stage {
    struct stage_piece *pieces;
    size_t count;
    size_t room;
    uint64_t total_bytes; /* of all pieces */
    enum stage_meta meta;
    uint8_t *meta_bytes; /* STAGE_META_SET; never NULL then, also for an empty value */
    size_t meta_len;
};

void stage_init(struct stage *stage);
void stage_release(struct stage *stage);

/* Nothing is staged. */
bool stage_is_empty(const struct stage *stage);

/* Copies the bytes. `source_name` may be NULL. */
void stage_add(struct stage *stage, const void *bytes, size_t len, enum stage_source source,
               const char *source_name);

/* Part of piece `index` (from 0) from byte `off`; returns how many bytes there were. */
size_t stage_read(const struct stage *stage, size_t index, uint64_t off, void *buf, size_t len);

/* Takes piece `index` out; the ones behind it move up. */
void stage_remove(struct stage *stage, size_t index);

void stage_set_meta(struct stage *stage, const void *bytes, size_t len);
void stage_clear_meta(struct stage *stage);
/* The metadata stays as it is in the file. */
void stage_keep_meta(struct stage *stage);

/* Forgets everything. */
void stage_discard(struct stage *stage);

#endif
