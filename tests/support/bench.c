/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/bench.h"

#include <stdlib.h>

int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL)
        return -1;
    session_init(&bench->session);
    sink_text_init(&bench->out, 1u << 20);
    context_init(&bench->ctx, DOOR_BATCH, &bench->session, &bench->out.sink);
    *state = bench;
    return 0;
}

int bench_end(void **state)
{
    struct bench *bench = *state;
    context_release(&bench->ctx);
    sink_text_release(&bench->out);
    session_release(&bench->session);
    free(bench);
    return 0;
}
