/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The history of jumps: rows that were left for a far one, to go back to and forward again. Pure.
 */
#ifndef APP_JUMPS_H
#define APP_JUMPS_H

#include <stddef.h>
#include <stdint.h>

#define JUMPS_MAX 100

struct jumps {
    uint64_t places[JUMPS_MAX];
    size_t count;
    size_t at;     /* between 0 and count: count when nothing was gone back */
    uint64_t last; /* the place before the last jump; 0: none */
};

void jumps_init(struct jumps *jumps);

/* A jump leaves `from`; what could be gone forward to is forgotten. */
void jumps_note(struct jumps *jumps, uint64_t from);

/* Where back and forward lead from `here`; 0: nowhere. */
uint64_t jumps_back(struct jumps *jumps, uint64_t here);
uint64_t jumps_forward(struct jumps *jumps, uint64_t here);

#endif
