/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of the rightmost path (FORMAT.md 3). Pure.
 */
#include "path.h"

#include <string.h>

#include "bytes.h"

uint32_t capf__path_start(const struct capf__path *path, unsigned height)
{
    uint32_t start = 0;
    for (unsigned h = path->levels; h > height; h--)
        start += path->children[h - 1];
    return start;
}

uint64_t capf__path_span(uint32_t fan_out, unsigned height)
{
    uint64_t span = 1;
    while (height-- > 0)
        if (!capf__mul_u64(span, fan_out, &span))
            return UINT64_MAX;
    return span;
}

bool capf__path_count(const struct capf__path *path, uint32_t fan_out, uint64_t *count)
{
    uint64_t sum = 0;
    for (unsigned h = 1; h <= path->levels; h++) {
        uint64_t span = capf__path_span(fan_out, h - 1), part;
        if (path->children[h - 1] == 0)
            continue;
        if (span == UINT64_MAX || !capf__mul_u64(span, path->children[h - 1], &part) ||
            !capf__add_u64(sum, part, &sum))
            return false;
    }
    *count = sum;
    return true;
}

void capf__path_push(struct capf__path *path, unsigned height, struct capf_coord child)
{
    if (path->levels < height)
        path->levels = height;
    path->coords[path->total++] = child;
    path->children[height - 1]++;
}

void capf__path_pop(struct capf__path *path, unsigned height)
{
    path->total -= path->children[height - 1];
    path->children[height - 1] = 0;
}

bool capf__path_find(const struct capf__path *path, uint32_t fan_out, uint64_t index,
                     struct capf__turn *turn)
{
    uint32_t start = 0;
    for (unsigned h = path->levels; h > 0; h--) {
        uint64_t span = capf__path_span(fan_out, h - 1);
        uint64_t digit = index / span;
        if (digit < path->children[h - 1]) {
            *turn = (struct capf__turn){.at = path->coords[start + digit],
                                        .height = h,
                                        .child = (uint32_t)digit,
                                        .rest = index % span};
            return true;
        }
        index -= path->children[h - 1] * span;
        start += path->children[h - 1];
    }
    return false;
}

void capf__path_copy(struct capf__path *to, const struct capf__path *from)
{
    to->levels = from->levels;
    to->total = from->total;
    memcpy(to->children, from->children, sizeof to->children);
    if (from->total > 0)
        memcpy(to->coords, from->coords, from->total * sizeof *to->coords);
}
