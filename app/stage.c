/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of what is staged: see stage.h.
 */
#include "app/stage.h"

#include "app/memory.h"

#include <stdlib.h>
#include <string.h>

void stage_init(struct stage *stage)
{
    memset(stage, 0, sizeof(*stage));
}

static void piece_release(struct stage_piece *piece)
{
    free(piece->bytes);
    free(piece->source_name);
}

void stage_release(struct stage *stage)
{
    stage_discard(stage);
    free(stage->pieces);
    stage_init(stage);
}

bool stage_is_empty(const struct stage *stage)
{
    return stage->count == 0 && stage->meta == STAGE_META_KEEP;
}

void stage_add(struct stage *stage, const void *bytes, size_t len, enum stage_source source,
               const char *source_name)
{
    struct stage_piece *piece;

    stage->pieces =
        memory_grow(stage->pieces, &stage->room, stage->count + 1, sizeof(stage->pieces[0]));
    piece = &stage->pieces[stage->count++];
    piece->bytes = memory_copy(bytes, len);
    piece->len = len;
    piece->source = source;
    piece->source_name = source_name ? memory_string(source_name) : NULL;
    stage->total_bytes += len;
}

size_t stage_read(const struct stage *stage, size_t index, uint64_t off, void *buf, size_t len)
{
    const struct stage_piece *piece = &stage->pieces[index];

    if (off >= piece->len)
        return 0;
    if (len > piece->len - off)
        len = (size_t)(piece->len - off);
    memcpy(buf, piece->bytes + off, len);
    return len;
}

void stage_remove(struct stage *stage, size_t index)
{
    stage->total_bytes -= stage->pieces[index].len;
    piece_release(&stage->pieces[index]);
    stage->count--;
    memmove(&stage->pieces[index], &stage->pieces[index + 1],
            (stage->count - index) * sizeof(stage->pieces[0]));
}

void stage_set_meta(struct stage *stage, const void *bytes, size_t len)
{
    uint8_t *copy = memory_copy(bytes, len);

    stage_keep_meta(stage);
    stage->meta = STAGE_META_SET;
    stage->meta_bytes = copy;
    stage->meta_len = len;
}

void stage_clear_meta(struct stage *stage)
{
    stage_keep_meta(stage);
    stage->meta = STAGE_META_CLEAR;
}

void stage_keep_meta(struct stage *stage)
{
    free(stage->meta_bytes);
    stage->meta_bytes = NULL;
    stage->meta_len = 0;
    stage->meta = STAGE_META_KEEP;
}

void stage_discard(struct stage *stage)
{
    size_t i;

    for (i = 0; i < stage->count; i++)
        piece_release(&stage->pieces[i]);
    stage->count = 0;
    stage->total_bytes = 0;
    stage_keep_meta(stage);
}
