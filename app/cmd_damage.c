/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * next-damage and prev-damage: to records that cannot be read. What one bad block, or one bad index
 * node, takes with it is one place to go to: its first record.
 */
#include "app/browser.h"
#include "app/damage.h"
#include "app/format.h"
#include "app/handlers.h"
#include "app/json.h"
#include "app/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The screen shows how far it is. Elsewhere progress counts bytes, and here they are not known. */
static bool on_progress(void *ctx, uint64_t at, uint64_t done, uint64_t total)
{
    struct context *context = ctx;
    char number[FORMAT_NUMBER];
    if (context->browser == NULL)
        return command_progress(context, 0, 0);
    snprintf(context->browser->doing, sizeof context->browser->doing, "no damage up to record %s",
             format_grouped(at, number));
    return command_progress(context, done, total);
}

static enum damage_result search_from(struct context *ctx, struct damage_search *search)
{
    search->cursor = ctx->session->cursor;
    search->progress = on_progress;
    search->ctx = ctx;
    return damage_search(search);
}

/* ---- Where to begin ---- */

/* The stretch that record `recno` is in; first 0: it can be read, or only its end cannot, and then
 * it is alone. */
static struct damage stretch_of(const struct session *session, uint64_t recno)
{
    struct damage damage = {0};
    struct capf_error why;
    uint64_t size;
    if (recno >= 1 && recno <= session_count(session) &&
        damage_is(capf_cursor_size(session->cursor, recno, &size, &why)))
        damage_around(session->cursor, recno, &why, &damage);
    return damage;
}

/* The current record; what is staged stands behind them all. */
static uint64_t current_of(const struct context *ctx)
{
    const struct browser *browser = ctx->browser;
    return browser != NULL ? browser->list.selected : ctx->session->recno;
}

/* Where a command without a position begins to look. Off the screen nobody has seen the first record yet, so
 * it counts, until one of these commands has been there. */
static uint64_t begin_of(struct context *ctx, bool back)
{
    uint64_t recno = current_of(ctx), count = session_count(ctx->session);
    if (recno > count)
        return back ? count : recno;
    if (ctx->browser == NULL && ctx->session->damage != recno)
        return recno;
    struct damage here = stretch_of(ctx->session, recno);
    if (back)
        return here.first > 0 && here.first < recno ? recno : recno - 1;
    return here.first > 0 ? here.last + 1 : recno + 1;
}

/* ---- What comes of it ---- */

static int tell_none(struct context *ctx, uint64_t recno, bool back)
{
    const char *where = back ? "before" : "after";
    if (ctx->browser == NULL)
        return command_fail(ctx, COMMAND_NOTHING, "no damage %s record %" PRIu64, where, recno);
    command_note(ctx, "no damage %s record %" PRIu64, where, recno);
    return COMMAND_NOTHING;
}

static int tell_stopped(struct context *ctx, uint64_t at)
{
    command_note(ctx, "stopped at record %" PRIu64 "; :%s %" PRIu64 " goes on from there", at,
                 ctx->command->name, at);
    return COMMAND_NOTHING;
}

static void print_json(struct context *ctx, uint64_t recno, const struct damage *damage)
{
    sink_printf(ctx->out,
                "{\"record\": %" PRIu64 ", \"first\": %" PRIu64 ", \"last\": %" PRIu64
                ", \"offset\": %" PRIu64 ", \"text\": ",
                recno, damage->first, damage->last, damage->why.offset);
    json_string(ctx->out, damage->why.text, strlen(damage->why.text));
    sink_string(ctx->out, "}\n");
}

static int go_to(struct context *ctx, uint64_t recno, const struct damage *damage)
{
    uint64_t count = damage->last - damage->first + 1;
    char number[FORMAT_NUMBER];
    ctx->session->damage = recno;
    if (ctx->browser == NULL) {
        ctx->session->recno = recno;
        if (command_flag(ctx, "json"))
            print_json(ctx, recno, damage);
        else
            sink_printf(ctx->out, "%" PRIu64 "\n", recno);
        return COMMAND_DONE;
    }
    browser_jump(ctx->browser, recno);
    if (count == 1)
        command_note(ctx, "record %" PRIu64 " cannot be read", damage->first);
    else
        command_note(ctx, "%s records cannot be read: %" PRIu64 "..%" PRIu64,
                     format_grouped(count, number), damage->first, damage->last);
    return COMMAND_DONE;
}

static int go(struct context *ctx, int argc, char **argv, bool back)
{
    struct session *session = ctx->session;
    struct range_base base = session_base(session);
    struct damage_search search = {.back = back};
    uint64_t from = current_of(ctx);
    char error[RANGE_ERROR];
    if (argc < 2)
        search.at = begin_of(ctx, back);
    else if (range_parse_position(argv[1], &base, &from, error))
        search.at = from;
    else
        return command_fail_about(ctx, COMMAND_FAILED, NULL, "%s", error);
    switch (search_from(ctx, &search)) {
    case DAMAGE_FOUND:
        return go_to(ctx, back ? search.found.first : search.at, &search.found);
    case DAMAGE_STOPPED:
        return tell_stopped(ctx, search.at);
    case DAMAGE_FAILED:
        return command_fail_core(ctx, &search.found.why);
    default:
        return tell_none(ctx, from < base.last ? from : base.last, back);
    }
}

int cmd_next_damage(struct context *ctx, int argc, char **argv)
{
    return go(ctx, argc, argv, false);
}

int cmd_prev_damage(struct context *ctx, int argc, char **argv)
{
    return go(ctx, argc, argv, true);
}
