/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options about locks, which every command of the shell that writes has.
 */
#include "app/handlers.h"

#include <stdlib.h>

#define WAIT_MAX_S 1000000.0

bool locking_parse_wait(const char *text, unsigned *ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end || !(seconds >= 0) || seconds > WAIT_MAX_S)
        return false;
    *ms = (unsigned)(seconds * 1000);
    return true;
}

int locking_apply(struct context *ctx)
{
    const char *wait = command_option(ctx, "wait");

    if (command_flag(ctx, "no-lock"))
        ctx->session->locking = CAPF_LOCK_NONE;
    if (command_flag(ctx, "force"))
        ctx->session->force = true;
    if (wait && !locking_parse_wait(wait, &ctx->session->wait_ms))
        return command_misuse(ctx, "--wait takes seconds, as 5 or 0.5");
    return 0;
}
