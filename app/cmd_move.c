/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that move: between records, in the list, and inside what is shown. All of them work on
 * the browser; where a record is not the matter they move what has the focus.
 */
#include "app/browser.h"
#include "app/format.h"
#include "app/handlers.h"
#include "app/range.h"

#include <inttypes.h>
#include <string.h>

static int fail_plain(struct context *ctx, const char *text)
{
    return command_fail_about(ctx, COMMAND_FAILED, NULL, "%s", text);
}

/* An end was reached: worth a word, and no failure. */
static int say_end(struct context *ctx, const char *text)
{
    command_note(ctx, "%s", text);
    return COMMAND_NOTHING;
}

static uint64_t times(uint64_t count, uint64_t rows)
{
    return count > UINT64_MAX / rows ? UINT64_MAX : count * rows;
}

/* ---- Between records ---- */

int cmd_goto(struct context *ctx, int argc, char **argv)
{
    struct browser *browser = ctx->browser;
    struct range_base base = session_base(ctx->session);
    char error[RANGE_ERROR];
    uint64_t recno;
    (void)argc;
    if (!range_parse_position(argv[1], &base, &recno, error))
        return fail_plain(ctx, error);
    browser_jump(browser, recno);
    return COMMAND_DONE;
}

static int jump_to_end(struct context *ctx, uint64_t row)
{
    if (ctx->browser->list.count == 0)
        return say_end(ctx, "there are no records yet");
    browser_jump(ctx->browser, row);
    return COMMAND_DONE;
}

int cmd_first(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return jump_to_end(ctx, 1);
}

int cmd_last(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return jump_to_end(ctx, ctx->browser->list.count);
}

/* From inside the record view the next one is shown at the same offset. */
static int step_records(struct context *ctx, int argc, char **argv, bool down)
{
    struct browser *browser = ctx->browser;
    uint64_t count;
    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    browser->keep_offset = browser->record_open && browser->record_focus;
    bool moved = down ? listmodel_move_down(&browser->list, count)
                      : listmodel_move_up(&browser->list, count);
    if (moved)
        return COMMAND_DONE;
    if (browser->list.count == 0)
        return say_end(ctx, "there are no records yet");
    return say_end(ctx, down ? "this is the last record" : "this is the first record");
}

int cmd_next(struct context *ctx, int argc, char **argv)
{
    return step_records(ctx, argc, argv, true);
}

int cmd_prev(struct context *ctx, int argc, char **argv)
{
    return step_records(ctx, argc, argv, false);
}

static int go_in_history(struct context *ctx, int argc, char **argv,
                         uint64_t (*go)(struct jumps *, uint64_t), const char *end)
{
    struct browser *browser = ctx->browser;
    uint64_t count, row = 0;
    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    for (; count > 0; count--) {
        uint64_t next = go(&browser->session->jumps, row > 0 ? row : browser->list.selected);
        if (next == 0)
            break;
        row = next;
    }
    if (row == 0)
        return say_end(ctx, end);
    browser_select(browser, row);
    return COMMAND_DONE;
}

int cmd_back(struct context *ctx, int argc, char **argv)
{
    return go_in_history(ctx, argc, argv, jumps_back, "no jump to go back to");
}

int cmd_forward(struct context *ctx, int argc, char **argv)
{
    return go_in_history(ctx, argc, argv, jumps_forward, "no jump to go forward to");
}

int cmd_last_place(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (ctx->browser->session->jumps.last == 0)
        return say_end(ctx, "no jump to go back to");
    browser_jump(ctx->browser, ctx->browser->session->jumps.last);
    return COMMAND_DONE;
}

/* ---- Rows of what has the focus ---- */

enum motion { BY_ROWS, BY_HALVES, BY_PAGES };

static uint64_t rows_of(enum motion motion, uint64_t count, uint64_t height)
{
    if (motion == BY_ROWS)
        return count;
    uint64_t rows = motion == BY_HALVES ? height / 2 : height;
    return times(count, rows > 0 ? rows : 1);
}

static bool move_view(struct recordmodel *view, uint64_t rows, bool down, bool with_window)
{
    if (with_window)
        return down ? recordmodel_scroll_down(view, rows) : recordmodel_scroll_up(view, rows);
    return down ? recordmodel_move_down(view, rows) : recordmodel_move_up(view, rows);
}

/* A page of text has no cursor worth moving: its window moves. */
static bool moves_window(const struct browser *browser, enum motion motion)
{
    return motion != BY_ROWS || (browser->page != NULL && !browser->page->is_metadata);
}

static bool move_list(struct listmodel *list, uint64_t rows, bool down, bool with_window)
{
    if (with_window)
        return down ? listmodel_scroll_down(list, rows) : listmodel_scroll_up(list, rows);
    return down ? listmodel_move_down(list, rows) : listmodel_move_up(list, rows);
}

static int move_focused(struct context *ctx, int argc, char **argv, enum motion motion, bool down)
{
    struct browser *browser = ctx->browser;
    struct recordmodel *view = browser_focused(browser);
    uint64_t count;
    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    bool window = moves_window(browser, motion);
    bool moved =
        view != NULL
            ? move_view(view, rows_of(motion, count, view->height), down, window)
            : move_list(&browser->list, rows_of(motion, count, browser->list.height), down, window);
    return moved ? COMMAND_DONE : say_end(ctx, down ? "this is the end" : "this is the beginning");
}

int cmd_down(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_ROWS, true);
}

int cmd_up(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_ROWS, false);
}

int cmd_page_down(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_PAGES, true);
}

int cmd_page_up(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_PAGES, false);
}

int cmd_half_down(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_HALVES, true);
}

int cmd_half_up(struct context *ctx, int argc, char **argv)
{
    return move_focused(ctx, argc, argv, BY_HALVES, false);
}

/* ---- Bytes ---- */

static int move_sideways(struct context *ctx, int argc, char **argv, bool right)
{
    struct recordmodel *view = browser_focused(ctx->browser);
    uint64_t count;
    if (!command_count(ctx, argc, argv, &count))
        return COMMAND_FAILED;
    if (view != NULL)
        (void)(right ? recordmodel_move_right(view, count) : recordmodel_move_left(view, count));
    return COMMAND_DONE;
}

int cmd_left(struct context *ctx, int argc, char **argv)
{
    return move_sideways(ctx, argc, argv, false);
}

int cmd_right(struct context *ctx, int argc, char **argv)
{
    return move_sideways(ctx, argc, argv, true);
}

int cmd_offset(struct context *ctx, int argc, char **argv)
{
    struct browser *browser = ctx->browser;
    struct recordmodel *view = browser_focused(browser);
    char size[FORMAT_NUMBER];
    uint64_t off;
    (void)argc;
    if (view == NULL && browser->record_open)
        view = &browser->record;
    if (view == NULL)
        return fail_plain(ctx, "no record is open: Enter opens one");
    if (!range_parse_offset(argv[1], view->cursor, view->source.size, &off))
        return command_misuse(ctx, "\"%s\" is no offset: give 496, 0x1f0, 50%%, +16, -16 or $",
                              argv[1]);
    if (off > 0 && off >= view->source.size)
        return command_fail_about(ctx, COMMAND_FAILED, NULL, "no byte %" PRIu64 " (there are %s)",
                                  off, format_grouped(view->source.size, size));
    recordmodel_seek(view, off);
    return COMMAND_DONE;
}
