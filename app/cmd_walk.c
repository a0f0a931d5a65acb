/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moving and looking without a screen: where the browser would show the record that was gone to,
 * its line is printed, as line editors do. Pages of lines, and the current record as text or hex.
 */
#include "app/browser.h"
#include "app/format.h"
#include "app/handlers.h"
#include "app/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_ROWS 20 /* where nobody says how high the terminal is */
#define PREVIEW_CELLS 54
#define PREVIEW_COL 22 /* behind number and size */
#define ELLIPSIS 3

/* Worth a word, and no failure. */
static int say(struct context *ctx, const char *text)
{
    return command_fail_about(ctx, COMMAND_NOTHING, NULL, "%s", text);
}

/* ---- The line of a record ---- */

/* Less than usual where the terminal is narrow, and not more where it is wide. */
static size_t preview_cells(const struct context *ctx)
{
    size_t cols = ctx->page_cols > 0 ? ctx->page_cols : 80;

    if (cols >= PREVIEW_COL + PREVIEW_CELLS + ELLIPSIS)
        return PREVIEW_CELLS;
    return cols > PREVIEW_COL + 2 * ELLIPSIS ? cols - PREVIEW_COL - ELLIPSIS : ELLIPSIS;
}

static void print_preview(struct context *ctx, const uint8_t *head, size_t got, uint64_t size)
{
    struct sink *out = ctx->out;
    size_t cells = preview_cells(ctx);
    char text[4 * PREVIEW_CELLS + 1];
    size_t taken = 0;

    if (looks_kind_of(head, got, size) == LOOKS_BINARY) {
        for (; taken < got && taken < cells / 3; taken++)
            sink_printf(out, "%s%02x", taken > 0 ? " " : "", head[taken]);
    } else {
        taken = safetext_fit(out->mode, head, got, cells, text, sizeof(text), NULL);
        sink_string(out, text);
    }
    sink_string(out, taken < size ? "...\n" : "\n");
}

/* "        42       130  {"ts": ..." */
static void print_row(struct context *ctx, uint64_t recno)
{
    char number[FORMAT_NUMBER], len[FORMAT_NUMBER], label[BROWSER_FAULT_LABEL];
    capf_cursor *cursor = ctx->session->cursor;
    uint8_t head[4 * PREVIEW_CELLS];
    struct capf_error err;
    uint64_t size;
    size_t got;

    format_grouped(recno, number);
    if (capf_cursor_size(cursor, recno, &size, &err) == CAPF_OK &&
        capf_cursor_read(cursor, recno, 0, head, sizeof(head), &got, &err) == CAPF_OK) {
        sink_printf(ctx->out, "%10s %9s  ", number, format_grouped(size, len));
        print_preview(ctx, head, got, size);
        return;
    }
    browser_fault_label(&err, true, label);
    sink_printf(ctx->out, "%10s %9s  <", number, "");
    sink_safe(ctx->out, label, strlen(label));
    sink_string(ctx->out, ">\n");
}

static bool print_rows(struct context *ctx, uint64_t first, uint64_t last)
{
    for (uint64_t recno = first; recno <= last && ctx->out->state == SINK_GOOD; recno++) {
        print_row(ctx, recno);
        if (!command_progress(ctx, 0, 0))
            return false;
    }
    return true;
}

static int show_current(struct context *ctx)
{
    print_row(ctx, ctx->session->recno);
    return command_check_out(ctx);
}

/* ---- Jumps ---- */

static int jump(struct context *ctx, uint64_t recno)
{
    struct session *session = ctx->session;

    if (recno == 0)
        return say(ctx, "there are no records yet");
    if (recno != session->recno)
        jumps_note(&session->jumps, session->recno);
    session->recno = recno;
    return show_current(ctx);
}

int walk_goto(struct context *ctx, int argc, char **argv)
{
    struct range_base base = session_base(ctx->session);
    char error[RANGE_ERROR];
    uint64_t recno;

    (void)argc;
    if (!range_parse_position(argv[1], &base, &recno, error))
        return command_fail_about(ctx, COMMAND_FAILED, NULL, "%s", error);
    return jump(ctx, recno);
}

int walk_first(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return jump(ctx, session_count(ctx->session) > 0);
}

int walk_last(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return jump(ctx, session_count(ctx->session));
}

static int go_in_history(struct context *ctx, int argc, char **argv,
                         uint64_t (*go)(struct jumps *, uint64_t), const char *end)
{
    struct session *session = ctx->session;
    uint64_t count, next, recno = 0;

    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    for (; count > 0 && (next = go(&session->jumps, recno ? recno : session->recno)) > 0; count--)
        recno = next;
    if (recno == 0)
        return say(ctx, end);
    session->recno = recno;
    return show_current(ctx);
}

int walk_back(struct context *ctx, int argc, char **argv)
{
    return go_in_history(ctx, argc, argv, jumps_back, "no jump to go back to");
}

int walk_forward(struct context *ctx, int argc, char **argv)
{
    return go_in_history(ctx, argc, argv, jumps_forward, "no jump to go forward to");
}

int walk_last_place(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (ctx->session->jumps.last == 0)
        return say(ctx, "no jump to go back to");
    return jump(ctx, ctx->session->jumps.last);
}

/* ---- Steps and pages ---- */

/* How many records there are on that side, at most `count`. */
static uint64_t available(const struct session *session, uint64_t count, bool down)
{
    uint64_t left = session->recno > 0 ? session->recno - 1 : 0;

    if (down)
        left = session_count(session) - session->recno;
    return count < left ? count : left;
}

static int say_end(struct context *ctx, bool down)
{
    if (session_count(ctx->session) == 0)
        return say(ctx, "there are no records yet");
    return say(ctx, down ? "this is the last record" : "this is the first record");
}

static int step(struct context *ctx, int argc, char **argv, bool down)
{
    uint64_t count;

    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    count = available(ctx->session, count, down);
    if (count == 0)
        return say_end(ctx, down);
    ctx->session->recno = down ? ctx->session->recno + count : ctx->session->recno - count;
    return show_current(ctx);
}

int walk_next(struct context *ctx, int argc, char **argv)
{
    return step(ctx, argc, argv, true);
}

int walk_prev(struct context *ctx, int argc, char **argv)
{
    return step(ctx, argc, argv, false);
}

static uint64_t page_rows(const struct context *ctx)
{
    return ctx->page_rows > 0 ? ctx->page_rows : PAGE_ROWS;
}

/* The rows behind the current record, whose last is the current one then; or those before it, whose
 * first is. */
static int turn_page(struct context *ctx, int argc, char **argv, uint64_t height, bool down)
{
    struct session *session = ctx->session;
    uint64_t count, recno = session->recno;

    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    if (height == 0)
        height = 1;
    count = count > UINT64_MAX / height ? UINT64_MAX : count * height;
    count = available(session, count, down);
    if (count == 0)
        return say_end(ctx, down);
    session->recno = down ? recno + count : recno - count;
    if (!print_rows(ctx, down ? recno + 1 : recno - count, down ? recno + count : recno - 1))
        return say(ctx, "stopped");
    return command_check_out(ctx);
}

int walk_page_down(struct context *ctx, int argc, char **argv)
{
    return turn_page(ctx, argc, argv, page_rows(ctx), true);
}

int walk_page_up(struct context *ctx, int argc, char **argv)
{
    return turn_page(ctx, argc, argv, page_rows(ctx), false);
}

int walk_half_down(struct context *ctx, int argc, char **argv)
{
    return turn_page(ctx, argc, argv, page_rows(ctx) / 2, true);
}

int walk_half_up(struct context *ctx, int argc, char **argv)
{
    return turn_page(ctx, argc, argv, page_rows(ctx) / 2, false);
}

/* ---- Looking ---- */

static int list_ranges(struct context *ctx, const struct range_list *ranges)
{
    if (range_list_total(ranges) == 0)
        return command_fail(ctx, COMMAND_NOTHING, "there are no such records");
    for (size_t i = 0; i < ranges->count; i++)
        if (!print_rows(ctx, ranges->items[i].first, ranges->items[i].last))
            return say(ctx, "stopped");
    return command_check_out(ctx);
}

/* Without a range: a page from the current record on, which stays where it is. */
int walk_list(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    struct range_base base = session_base(session);
    struct range_list ranges = {0};
    char error[RANGE_ERROR], page[64];
    char *words[] = {page};
    int status;

    snprintf(page, sizeof(page), "%" PRIu64 "..%" PRIu64, session->recno,
             session->recno + available(session, page_rows(ctx) - 1, true));
    if (argc < 2 && base.last == 0)
        return say(ctx, "there are no records yet");
    if (range_parse_all(&ranges, argc < 2 ? 1 : argc - 1, argc < 2 ? words : argv + 1, &base,
                        error))
        status = list_ranges(ctx, &ranges);
    else
        status = command_fail(ctx, COMMAND_FAILED, "%s", error);
    range_list_release(&ranges);
    return status;
}

static int print_current(struct context *ctx, bool as_hex)
{
    if (ctx->session->recno == 0)
        return command_fail_about(ctx, COMMAND_NOTHING, NULL, "there is no record to open");
    return cat_print_one(ctx, ctx->session->recno, as_hex);
}

int walk_text(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return print_current(ctx, false);
}

int walk_hex(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return print_current(ctx, true);
}

/* As what it looks like; how the screen is divided does not matter here. */
int walk_record(struct context *ctx, int argc, char **argv)
{
    uint8_t head[LOOKS_HEAD_BYTES];
    struct capf_error err;
    uint64_t size;
    size_t got;
    bool binary;

    if (argc > 1 && strcmp(argv[1], "split") != 0 && strcmp(argv[1], "full") != 0)
        return command_misuse(ctx, "it is split or full");
    if (ctx->session->recno == 0)
        return print_current(ctx, false);
    binary = capf_cursor_size(ctx->session->cursor, ctx->session->recno, &size, &err) == CAPF_OK &&
             capf_cursor_read(ctx->session->cursor, ctx->session->recno, 0, head, sizeof(head),
                              &got, &err) == CAPF_OK &&
             looks_kind_of(head, got, size) == LOOKS_BINARY;
    return print_current(ctx, binary);
}
