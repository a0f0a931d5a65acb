/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * before: the state of the other master node, which the last commit replaced. In the browser it
 * takes the list's place until now; elsewhere it is compared with the newest in a few lines, or its
 * records are printed as cat does.
 */
#include "app/browser.h"
#include "app/format.h"
#include "app/handlers.h"
#include "app/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char the_commit_before[] = "the commit before";

/* The states that are compared: info of the one before has both. */
static const struct capf_node_info *node_before(const struct capf_info *info)
{
    return &info->node[info->current];
}

static const struct capf_node_info *node_now(const struct capf_info *info)
{
    return &info->node[!info->current];
}

static bool has_meta(const struct capf_node_info *node)
{
    return node->meta.pos != 0 || node->meta.off != 0;
}

static bool meta_changed(const struct capf_info *info)
{
    const struct capf_coord *a = &node_before(info)->meta, *b = &node_now(info)->meta;
    return a->pos != b->pos || a->off != b->off;
}

static uint64_t added(const struct capf_info *info)
{
    uint64_t before = node_before(info)->records, now = node_now(info)->records;
    return now > before ? now - before : 0;
}

/* "set the metadata" */
static const char *meta_text(const struct capf_info *info)
{
    if (!meta_changed(info))
        return "left the metadata alone";
    return has_meta(node_now(info)) ? "set the metadata" : "cleared the metadata";
}

#define ADDED_TEXT 160

/* "added 250 records: 4751..5000; left the metadata alone" */
static void added_text(const struct capf_info *info, char text[ADDED_TEXT])
{
    uint64_t count = added(info), last = node_now(info)->records;
    char number[FORMAT_NUMBER];
    if (count == 0)
        snprintf(text, ADDED_TEXT, "added no record; %s", meta_text(info));
    else if (count == 1)
        snprintf(text, ADDED_TEXT, "added 1 record: %" PRIu64 "; %s", last, meta_text(info));
    else
        snprintf(text, ADDED_TEXT, "added %s records: %" PRIu64 "..%" PRIu64 "; %s",
                 format_grouped(count, number), last - count + 1, last, meta_text(info));
}

/* ---- In words ---- */

static void say_state(struct sink *out, const char *name, const struct capf_node_info *node)
{
    char number[FORMAT_NUMBER];
    sink_printf(out, "%-12sserial %" PRIu32 ", %s record%s\n", name, node->serial,
                format_grouped(node->records, number), format_plural(node->records));
}

static void say_meta(struct context *ctx)
{
    struct session_meta meta;
    struct capf_error err;
    char text[SESSION_META_HEAD], number[FORMAT_NUMBER];
    sink_string(ctx->out, "metadata    ");
    if (session_meta(ctx->session, &meta, &err) != CAPF_OK) {
        sink_string(ctx->out, "cannot be read: ");
        sink_safe(ctx->out, err.text, strlen(err.text));
        sink_string(ctx->out, "\n");
        return;
    }
    if (!meta.present) {
        sink_string(ctx->out, "none in the one before\n");
        return;
    }
    size_t taken =
        safetext_fit(ctx->out->mode, meta.head, meta.head_len, 32, text, sizeof text, NULL);
    sink_printf(ctx->out, "%s byte%s in the one before%s%s%s\n", format_grouped(meta.len, number),
                format_plural(meta.len), meta.len > 0 ? ": " : "", text,
                taken < meta.len ? "..." : "");
}

static int print_words(struct context *ctx)
{
    const struct capf_info *info = &ctx->session->info;
    char text[ADDED_TEXT];
    say_state(ctx->out, "before", node_before(info));
    say_state(ctx->out, "now", node_now(info));
    added_text(info, text);
    sink_printf(ctx->out, "last commit %s\n", text);
    say_meta(ctx);
    if (node_now(info)->serial - node_before(info)->serial != 1)
        sink_string(ctx->out,
                    "warning     the serial numbers are not one apart: there were commits "
                    "in between\n");
    return COMMAND_DONE;
}

/* ---- As JSON ---- */

static bool add_to_crc(void *ctx, const uint8_t *bytes, size_t len)
{
    uint32_t *crc = ctx;
    *crc = capf_crc32(*crc, bytes, len);
    return true;
}

static int print_json(struct context *ctx)
{
    const struct session *session = ctx->session;
    const struct capf_info *info = &session->info;
    struct sink *out = ctx->out;
    struct session_meta meta;
    struct capf_error err;
    uint32_t crc = 0;
    if (session_meta(ctx->session, &meta, &err) != CAPF_OK ||
        session_each_meta(ctx->session, add_to_crc, &crc, &err) != CAPF_OK)
        return command_fail(ctx, COMMAND_FAILED, "metadata: %s; %s", err.text,
                            session_advice(&err));
    sink_string(out, "{\"file\": ");
    json_string(out, session->path, strlen(session->path));
    sink_printf(out, ", \"serial\": %" PRIu32 ", \"records\": %" PRIu64, info->serial,
                info->records);
    if (meta.present)
        sink_printf(out, ", \"metadata\": {\"length\": %" PRIu64 ", \"crc32\": \"%08" PRIx32 "\"}",
                    meta.len, crc);
    else
        sink_string(out, ", \"metadata\": null");
    sink_printf(out, ", \"now\": {\"serial\": %" PRIu32 ", \"records\": %" PRIu64 "}",
                node_now(info)->serial, node_now(info)->records);
    sink_printf(out, ", \"added\": %" PRIu64 ", \"metadata_changed\": %s}\n", added(info),
                meta_changed(info) ? "true" : "false");
    return COMMAND_DONE;
}

/* ---- The commands ---- */

static int show_on_screen(struct context *ctx, struct session_state *before)
{
    struct browser *browser = ctx->browser;
    char text[ADDED_TEXT];
    added_text(&before->info, text);
    while (browser->page != NULL)
        browser_close_page(browser);
    browser_look_aside(browser, the_commit_before, before);
    command_note(ctx, "as of serial %" PRIu32 "; the last commit %s; q comes back",
                 ctx->session->info.serial, text);
    return COMMAND_DONE;
}

/* The state is shown for as long as it takes to print of it. */
static int print_of_it(struct context *ctx, int argc, char **argv, struct session_state *before)
{
    bool records =
        argc > 1 || command_option(ctx, "format") != NULL || command_flag(ctx, "keep-going");
    int status;
    if (records && command_flag(ctx, "json")) {
        session_state_release(before);
        return command_misuse(ctx, "--json is without records");
    }
    session_look_aside(ctx->session, the_commit_before, before);
    if (records)
        status = cmd_cat(ctx, argc, argv);
    else
        status = command_flag(ctx, "json") ? print_json(ctx) : print_words(ctx);
    session_look_back(ctx->session);
    return status;
}

static int fail_before(struct context *ctx, enum capf_status status, const struct capf_error *err)
{
    if (status == CAPF_END)
        return command_fail(ctx, COMMAND_NOTHING,
                            "nothing was committed since the file was made: there is no state "
                            "before");
    return command_fail(ctx, COMMAND_FAILED, "%s", err->text);
}

int cmd_before(struct context *ctx, int argc, char **argv)
{
    struct session_state before;
    struct capf_error err;
    bool bare = argc < 2 && command_option(ctx, "format") == NULL && !command_flag(ctx, "json") &&
                !command_flag(ctx, "keep-going");
    int failed = command_require_newest(ctx);
    if (failed != 0)
        return failed;
    enum capf_status status = session_open_before(ctx->session, &before, &err);
    if (status != CAPF_OK)
        return fail_before(ctx, status, &err);
    if (ctx->browser != NULL && bare)
        return show_on_screen(ctx, &before);
    return print_of_it(ctx, argc, argv, &before);
}

int cmd_now(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (ctx->session->aside == NULL)
        command_note(ctx, "this is the newest state; R takes up what others committed");
    else
        browser_look_back(ctx->browser);
    return COMMAND_DONE;
}
