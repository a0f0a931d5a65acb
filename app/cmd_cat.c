/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cat [RANGE...]: records, as bytes or as a person reads them.
 */
#include "app/handlers.h"

#include "app/cat.h"

int cmd_cat(struct context *ctx, int argc, char **argv)
{
    struct range_base base = {ctx->session->recno, session_count(ctx->session)};
    struct range_list ranges = {0};
    char error[RANGE_ERROR];
    struct cat cat;
    int status;

    cat.ctx = ctx;
    cat.cursor = ctx->session->cursor;
    if (!cat_choose_format(ctx, &cat.format))
        return command_misuse(ctx, CAT_FORMAT_MISUSE);
    if (!cat_parse_ranges(argc, argv, &base, &ranges, error))
        status = command_fail(ctx, COMMAND_FAILED, "%s", error);
    else if (range_list_total(&ranges) == 0)
        status = command_fail(ctx, COMMAND_NOTHING, "there are no such records");
    else
        status = cat_put_ranges(&cat, &ranges);
    range_list_release(&ranges);
    return status;
}
