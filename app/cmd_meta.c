/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metadata [--set TEXT | --set-file FILE | --clear]: shows it, or stages a
 * change. The shell's word `meta` commits the change itself.
 */
#include "app/handlers.h"

#include "app/browser.h"
#include "app/format.h"
#include "app/input.h"
#include "app/safestream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define META_FILE_MAX UINT32_MAX /* the format's own limit */

static int print_bytes(struct context *ctx, const uint8_t *bytes, size_t len)
{
    struct safestream stream;

    if (ctx->door != DOOR_SCREEN && !ctx->out->to_terminal) {
        sink_write(ctx->out, bytes, len);
        return COMMAND_DONE;
    }
    safestream_init(&stream, ctx->out);
    safestream_write(&stream, bytes, len);
    safestream_finish(&stream);
    return COMMAND_DONE;
}

/* What is staged is what a person will see in the file, so it comes first. */
static int show(struct context *ctx)
{
    const struct stage *stage = &ctx->session->stage;
    struct capf_bytes meta = {0};
    struct capf_error err;

    if (stage->meta == STAGE_META_SET)
        return print_bytes(ctx, stage->meta_bytes, stage->meta_len);
    if (stage->meta == STAGE_META_KEEP && session_meta(ctx->session, &meta, &err) != CAPF_OK)
        return command_fail_core(ctx, &err);
    if (!meta.data)
        return command_fail(ctx, COMMAND_NOTHING, "there is no metadata");
    return print_bytes(ctx, meta.data, meta.len);
}

static int stage_file(struct context *ctx, const char *path)
{
    size_t len = 0;
    int sys_errno;
    uint8_t *bytes = input_read_file(path, META_FILE_MAX, &len, &sys_errno);

    if (!bytes)
        return command_fail_about(ctx, COMMAND_FAILED, path, "%s; the metadata stays as it was",
                                  sys_errno == EFBIG ? "too large for metadata"
                                                     : strerror(sys_errno));
    stage_set_meta(&ctx->session->stage, bytes, len);
    free(bytes);
    return 0;
}

static int stage_change(struct context *ctx)
{
    const char *text = command_option(ctx, "set");
    const char *path = command_option(ctx, "set-file");

    if (path)
        return stage_file(ctx, path);
    if (text)
        stage_set_meta(&ctx->session->stage, text, strlen(text));
    else
        stage_clear_meta(&ctx->session->stage);
    return 0;
}

static int commit_change(struct context *ctx)
{
    struct session_outcome outcome;
    struct capf_error err;

    if (session_commit(ctx->session, NULL, &outcome, &err) == SESSION_COMMITTED)
        return COMMAND_DONE;
    return command_fail_core(ctx, &err);
}

int cmd_metadata(struct context *ctx, int argc, char **argv)
{
    int changes =
        command_flag(ctx, "set") + command_flag(ctx, "set-file") + command_flag(ctx, "clear");
    int status;

    (void)argc, (void)argv;
    if (changes == 0 && ctx->browser)
        return browser_show_metadata(ctx);
    if (changes == 0)
        return show(ctx);
    if (changes > 1)
        return command_misuse(ctx, "one change at a time");
    status = command_require_edit(ctx);
    if (status == 0)
        status = locking_apply(ctx);
    if (status == 0)
        status = stage_change(ctx);
    if (status)
        return status;
    if (ctx->session->immediate)
        return commit_change(ctx);
    sink_string(ctx->out, "the change of the metadata is staged\n");
    return COMMAND_DONE;
}
