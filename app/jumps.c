/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of jumps; see jumps.h. */
#include "app/jumps.h"

#include <string.h>

void jumps_init(struct jumps *jumps)
{
    *jumps = (struct jumps){0};
}

static void add_place(struct jumps *jumps, uint64_t place)
{
    if (jumps->count == JUMPS_MAX) {
        memmove(jumps->places, jumps->places + 1, (JUMPS_MAX - 1) * sizeof jumps->places[0]);
        jumps->count--;
    }
    jumps->places[jumps->count++] = place;
}

void jumps_note(struct jumps *jumps, uint64_t from)
{
    jumps->last = from;
    jumps->count = jumps->at;
    if (jumps->count == 0 || jumps->places[jumps->count - 1] != from)
        add_place(jumps, from);
    jumps->at = jumps->count;
}

uint64_t jumps_back(struct jumps *jumps, uint64_t here)
{
    if (jumps->at == 0)
        return 0;
    jumps->last = here;
    if (jumps->at == jumps->count) { /* so that forward can come back here */
        add_place(jumps, here);
        jumps->at = jumps->count - 1;
    }
    return jumps->places[--jumps->at];
}

uint64_t jumps_forward(struct jumps *jumps, uint64_t here)
{
    if (jumps->at + 1 >= jumps->count)
        return 0;
    jumps->last = here;
    return jumps->places[++jumps->at];
}
