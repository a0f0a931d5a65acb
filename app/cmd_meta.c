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

/* As it is for a program, made safe for a person. */
struct printer {
    struct sink *out;
    bool safe;
    struct safestream stream;
};

static void printer_init(struct printer *printer, struct context *ctx)
{
    printer->out = ctx->out;
    printer->safe = ctx->door == DOOR_SCREEN || ctx->out->to_terminal;
    safestream_init(&printer->stream, ctx->out);
}

static bool print_part(void *ctx, const uint8_t *bytes, size_t len)
{
    struct printer *printer = ctx;

    if (printer->safe)
        safestream_write(&printer->stream, bytes, len);
    else
        sink_write(printer->out, bytes, len);
    return printer->out->state == SINK_GOOD;
}

static void printer_finish(struct printer *printer)
{
    if (printer->safe)
        safestream_finish(&printer->stream);
}

static int show_staged(struct context *ctx)
{
    const struct stage *stage = &ctx->session->stage;
    struct printer printer;

    printer_init(&printer, ctx);
    print_part(&printer, stage->meta_bytes, stage->meta_len);
    printer_finish(&printer);
    return COMMAND_DONE;
}

static int show_current(struct context *ctx)
{
    struct session_meta meta;
    struct printer printer;
    struct capf_error err;
    enum capf_status status = session_meta(ctx->session, &meta, &err);

    if (status == CAPF_OK && !meta.present)
        return command_fail(ctx, COMMAND_NOTHING, "there is no metadata");
    printer_init(&printer, ctx);
    if (status == CAPF_OK)
        status = session_each_meta(ctx->session, print_part, &printer, &err);
    printer_finish(&printer);
    return status == CAPF_OK ? COMMAND_DONE : command_fail_core(ctx, &err);
}

/* What is staged is what a person will see in the file, so it comes first. */
static int show(struct context *ctx)
{
    switch (ctx->session->stage.meta) {
    case STAGE_META_SET:
        return show_staged(ctx);
    case STAGE_META_CLEAR:
        return command_fail(ctx, COMMAND_NOTHING, "there is no metadata");
    default:
        return show_current(ctx);
    }
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
