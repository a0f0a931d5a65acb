/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * after [RANGE...]: what a writer flushed behind the last commit and never
 * committed. In the browser it takes the list's place until now; elsewhere it
 * is listed, or printed as cat prints records. It is always said to be what it is:
 * these are no records of the file.
 */
#include "app/handlers.h"

#include "app/browser.h"
#include "app/format.h"
#include "app/json.h"
#include "app/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREVIEW_CELLS 48
#define SUMMARY_TEXT 512

struct after {
    struct context *ctx;
    struct session_state state;
    struct capf_after_info info;
};

static const char never_committed[] = "never committed";

/* ---- What was found ---- */

static void say_unsure(const struct capf_after_info *info, char *text, size_t size)
{
    char number[FORMAT_NUMBER];

    text[0] = '\0';
    if (info->unsure <= info->last)
        snprintf(text, size, "; from %s on an item may be metadata and no record",
                 format_grouped(info->unsure, number));
}

static void summary(const struct capf_after_info *info, char text[SUMMARY_TEXT])
{
    uint64_t count = info->last - info->committed;
    char found[FORMAT_NUMBER], first[FORMAT_NUMBER], last[FORMAT_NUMBER], unsure[96], end[128];

    say_unsure(info, unsure, sizeof(unsure));
    capf_after_text(info, end, sizeof(end));
    snprintf(text, SUMMARY_TEXT, "never committed: %s item%s that would have been %s to %s%s; %s%s",
             format_grouped(count, found), format_plural(count), format_grouped(info->first, first),
             format_grouped(info->last, last), unsure, end,
             info->changed ? "; a writer is at work and may commit them yet" : "");
}

static void print_json(struct after *after)
{
    static const char *const ends[] = {"end of file", "cut", "other bytes", "too many"};
    const struct capf_after_info *info = &after->info;
    struct sink *out = after->ctx->out;

    sink_string(out, "{\"file\": ");
    json_string(out, after->ctx->session->path, strlen(after->ctx->session->path));
    sink_printf(out, ", \"committed\": %" PRIu64, info->committed);
    sink_printf(out, ", \"never_committed\": %" PRIu64, info->last - info->committed);
    sink_printf(out, ", \"first\": %" PRIu64 ", \"last\": %" PRIu64, info->first, info->last);
    if (info->unsure <= info->last)
        sink_printf(out, ", \"unsure_from\": %" PRIu64, info->unsure);
    else
        sink_string(out, ", \"unsure_from\": null");
    sink_printf(out, ", \"metadata_values\": %" PRIu64 ", \"blocks\": %" PRIu64, info->metadata,
                info->blocks);
    sink_printf(out, ", \"bytes\": %" PRIu64 ", \"end\": %" PRIu64, info->bytes, info->end);
    sink_printf(out, ", \"ends_with\": \"%s\", \"writer_at_work\": %s}\n", ends[info->why],
                info->changed ? "true" : "false");
}

/* ---- The list ---- */

static int fail_item(struct after *after, uint64_t recno, const struct capf_error *err)
{
    return command_fail(after->ctx, COMMAND_FAILED, "item %" PRIu64 ": %s; %s", recno, err->text,
                        session_advice(err));
}

static int list_item(struct after *after, uint64_t recno)
{
    struct sink *out = after->ctx->out;
    char number[FORMAT_NUMBER], len[FORMAT_NUMBER], text[4 * PREVIEW_CELLS + 1];
    uint8_t head[PREVIEW_CELLS];
    struct capf_error err;
    uint64_t size;
    size_t got, taken;

    if (capf_cursor_size(after->ctx->session->cursor, recno, &size, &err) != CAPF_OK ||
        capf_cursor_read(after->ctx->session->cursor, recno, 0, head, sizeof(head), &got, &err) !=
            CAPF_OK)
        return fail_item(after, recno, &err);
    taken = safetext_fit(out->mode, head, got, PREVIEW_CELLS, text, sizeof(text), NULL);
    sink_printf(out, "%10s %9s  never committed%s  %s%s\n", format_grouped(recno, number),
                format_grouped(size, len), recno >= after->info.unsure ? "?" : " ", text,
                taken < size ? "..." : "");
    return 0;
}

static int list_ranges(struct after *after, const struct range_list *ranges)
{
    int status = 0;

    for (size_t i = 0; i < ranges->count; i++)
        for (uint64_t recno = ranges->items[i].first; recno <= ranges->items[i].last; recno++) {
            status = list_item(after, recno);
            if (status || after->ctx->out->state != SINK_GOOD)
                return status;
        }
    return status;
}

/* ---- Which ---- */

/* The numbers go on from the committed ones, which are not for this command. */
static bool keep_behind_commit(const struct after *after, struct range_list *ranges,
                               char error[RANGE_ERROR])
{
    for (size_t i = 0; i < ranges->count; i++) {
        struct range *range = &ranges->items[i];

        if (range->first <= range->last && range->last < after->info.first) {
            snprintf(error, RANGE_ERROR,
                     "%" PRIu64
                     " is committed, and cat prints it; what was not begins with %" PRIu64,
                     range->last, after->info.first);
            return false;
        }
        if (range->first < after->info.first)
            range->first = after->info.first;
    }
    return true;
}

static int put_ranges(struct after *after, const struct range_list *ranges)
{
    char text[SUMMARY_TEXT];

    summary(&after->info, text);
    if (command_flag(after->ctx, "format")) {
        command_note(after->ctx, "%s", text);
        return cat_print(after->ctx, ranges);
    }
    sink_printf(after->ctx->out, "%s\n", text);
    return list_ranges(after, ranges);
}

static int put(struct after *after, int argc, char **argv)
{
    struct range_base base = {after->info.first, after->info.last};
    struct range_list ranges = {0};
    char error[RANGE_ERROR];
    int status;

    if (!range_parse_all(&ranges, argc - 1, argv + 1, &base, error) ||
        !keep_behind_commit(after, &ranges, error))
        status = command_fail(after->ctx, COMMAND_FAILED, "%s", error);
    else if (range_list_total(&ranges) == 0)
        status = command_fail(after->ctx, COMMAND_NOTHING, "nothing of that is there");
    else
        status = put_ranges(after, &ranges);
    range_list_release(&ranges);
    return status;
}

/* ---- The command ---- */

static int show_on_screen(struct after *after)
{
    struct browser *browser = after->ctx->browser;
    char text[SUMMARY_TEXT];

    summary(&after->info, text);
    while (browser->page != NULL)
        browser_close_page(browser);
    browser_look_aside(browser, never_committed, &after->state);
    browser_select(browser, after->info.first);
    command_note(after->ctx, "%s; marked with ~; q comes back", text);
    return COMMAND_DONE;
}

/* The state is shown for as long as it takes to print of it. */
static int print_of_it(struct after *after, int argc, char **argv)
{
    int status = COMMAND_DONE;

    session_look_aside(after->ctx->session, never_committed, &after->state);
    if (command_flag(after->ctx, "json"))
        print_json(after);
    else
        status = put(after, argc, argv);
    session_look_back(after->ctx->session);
    return status;
}

int cmd_after(struct context *ctx, int argc, char **argv)
{
    struct after after = {.ctx = ctx};
    struct capf_error err;
    int wishes =
        command_flag(ctx, "json") + command_flag(ctx, "format") + command_flag(ctx, "list");
    int failed = command_require_newest(ctx);
    enum capf_status status;

    if (failed)
        return failed;
    if (wishes > 1)
        return command_misuse(ctx, "--list, --format and --json exclude each other");
    status = session_open_after(ctx->session, &after.state, &after.info, &err);
    if (status == CAPF_END)
        return command_fail(ctx, COMMAND_NOTHING, "%s", err.text);
    if (status != CAPF_OK)
        return command_fail_core(ctx, &err);
    if (ctx->browser != NULL && wishes == 0 && argc < 2)
        return show_on_screen(&after);
    return print_of_it(&after, argc, argv);
}
