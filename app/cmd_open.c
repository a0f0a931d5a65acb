/* SPDX-License-Identifier: GPL-3.0-or-later */
/* open FILE: another file in place of the one that is open. */
#include "app/browser.h"
#include "app/handlers.h"

#include <stdlib.h>

int cmd_open(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    struct capf_error err;
    (void)argc;
    if (!stage_is_empty(&session->stage))
        return command_fail(ctx, COMMAND_FAILED, "something is staged: commit or discard it first");
    if (session_replace(session, argv[1], &err) != CAPF_OK)
        return command_fail_about(ctx, COMMAND_FAILED, argv[1], "%s; %s", err.text,
                                  session_advice(&err));
    if (ctx->browser != NULL)
        browser_begin_file(ctx->browser);
    return COMMAND_DONE;
}
