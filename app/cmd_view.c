/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that change what is shown: the record view, text and hex, pages, prompts; and the ones
 * that end it.
 */
#include "app/browser.h"
#include "app/format.h"
#include "app/handlers.h"
#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The record view ---- */

static int open_record(struct context *ctx, bool full)
{
    struct browser *browser = ctx->browser;
    if (browser->list.count == 0)
        return command_fail_about(ctx, COMMAND_NOTHING, NULL, "there is no record to open");
    while (browser->page != NULL)
        browser_close_page(browser);
    browser->record_open = true;
    browser->record_full = full;
    browser->record_focus = full;
    return COMMAND_DONE;
}

/* First split, then full: what Enter does. */
int cmd_record(struct context *ctx, int argc, char **argv)
{
    if (argc < 2)
        return open_record(ctx, ctx->browser->record_open);
    if (strcmp(argv[1], "full") == 0)
        return open_record(ctx, true);
    if (strcmp(argv[1], "split") == 0)
        return open_record(ctx, false);
    return command_misuse(ctx, "it is split or full");
}

void complete_record(struct completion *completion)
{
    completion_add(completion, "full");
    completion_add(completion, "split");
}

int cmd_list(struct context *ctx, int argc, char **argv)
{
    struct browser *browser = ctx->browser;
    if (argc > 1) /* of a range: printed, which on a screen is a page to read */
        return walk_list(ctx, argc, argv);
    while (browser->page != NULL)
        browser_close_page(browser);
    browser->record_open = browser->record_full = browser->record_focus = false;
    return COMMAND_DONE;
}

int cmd_pane(struct context *ctx, int argc, char **argv)
{
    struct browser *browser = ctx->browser;
    (void)argc, (void)argv;
    if (!browser->record_open)
        return open_record(ctx, false);
    browser->record_focus = !browser->record_focus;
    if (!browser->record_focus)
        browser->record_full = false;
    return COMMAND_DONE;
}

/* What shows bytes: the topmost page, or the record, which opens for it. */
static struct recordmodel *view_to_change(struct context *ctx)
{
    struct browser *browser = ctx->browser;
    if (browser->page != NULL)
        return &browser->page->view;
    if (!browser->record_open && open_record(ctx, false) != COMMAND_DONE)
        return NULL;
    return &browser->record;
}

static int set_view(struct context *ctx, enum record_view wanted)
{
    struct recordmodel *view = view_to_change(ctx);
    if (view == NULL)
        return COMMAND_NOTHING;
    if (view == &ctx->browser->record) {
        ctx->session->settings.view = wanted == RECORD_HEX ? SETTINGS_VIEW_HEX : SETTINGS_VIEW_TEXT;
        ctx->browser->view_chosen = true;
    }
    recordmodel_set_view(view, wanted);
    return COMMAND_DONE;
}

int cmd_text(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return set_view(ctx, RECORD_TEXT);
}

int cmd_hex(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    return set_view(ctx, RECORD_HEX);
}

int cmd_wrap(struct context *ctx, int argc, char **argv)
{
    struct recordmodel *view = view_to_change(ctx);
    (void)argc, (void)argv;
    if (view == NULL)
        return COMMAND_NOTHING;
    recordmodel_set_wrap(view, !view->wrap);
    if (view == &ctx->browser->record)
        ctx->session->settings.wrap = view->wrap;
    command_note(ctx, view->wrap ? "long lines are wrapped" : "long lines go on to the right");
    return COMMAND_DONE;
}

/* ---- Prompts, refreshing ---- */

int cmd_prompt(struct context *ctx, int argc, char **argv)
{
    char text[64] = "";
    if (argc > 1)
        snprintf(text, sizeof text, "%s ", argv[1]);
    browser_want_prompt(ctx->browser, BROWSER_PROMPT_COMMAND, text);
    return COMMAND_DONE;
}

#define EDIT_MAX 4096 /* bytes of a value that is edited at the prompt */

/* The value can be edited at the prompt only where it is one line of text, and not a long one. */
static bool read_line(const struct page *page, char line[EDIT_MAX + 1])
{
    uint64_t len = page->view.source.size;
    if (len > EDIT_MAX || byte_source_read(&page->view.source, 0, line, (size_t)len) < len)
        return false;
    line[len] = '\0';
    for (uint64_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            return false;
    return true;
}

int cmd_edit_metadata(struct context *ctx, int argc, char **argv)
{
    char line[EDIT_MAX + 1];
    (void)argc, (void)argv;
    browser_show_metadata(ctx);
    if (!read_line(ctx->browser->page, line))
        return command_fail_about(ctx, COMMAND_FAILED, NULL,
                                  "the metadata is not one short line of text: set it with "
                                  ":metadata --set-file FILE");
    browser_want_prompt(ctx->browser, BROWSER_PROMPT_METADATA, line);
    return COMMAND_DONE;
}

int cmd_refresh(struct context *ctx, int argc, char **argv)
{
    uint64_t before = session_count(ctx->session);
    char number[FORMAT_NUMBER];
    struct capf_error err;
    bool changed;
    (void)argc, (void)argv;
    if (command_require_newest(ctx) != 0)
        return COMMAND_FAILED;
    if (session_refresh(ctx->session, &changed, &err) != CAPF_OK)
        return command_fail_core(ctx, &err);
    uint64_t after = session_count(ctx->session);
    if (!changed)
        command_note(ctx, "nothing new");
    else if (after > before)
        command_note(ctx, "%s new record%s", format_grouped(after - before, number),
                     format_plural(after - before));
    else
        command_note(ctx, "the file has changed");
    return COMMAND_DONE;
}

/* It may have been busy, or be mended or put back by now. */
int cmd_reopen(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    struct capf_error err;
    (void)argc, (void)argv;
    if (session->file != NULL)
        return cmd_refresh(ctx, argc, argv);
    char *path = memory_string(session->path);
    if (session_open(session, path, &err) == CAPF_OK)
        command_note(ctx, "the file opens now");
    else
        command_note(ctx, "it does not open");
    free(path);
    return COMMAND_DONE;
}

int cmd_redraw(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    ctx->browser->wants_redraw = true;
    return COMMAND_DONE;
}

/* ---- Closing ---- */

static const char guard_help[] =
    "c shows what a commit would do and asks once more. d throws away everything that is staged, "
    "for good, and quits. s, Enter or Esc stays here, and nothing is lost.";

/* Quits at once where nothing would be lost; otherwise it is for the person to say. */
static int quit_guarded(struct context *ctx)
{
    struct stage *stage = &ctx->session->stage;
    char question[160], number[FORMAT_NUMBER];
    snprintf(question, sizeof question,
             "not committed: %s record%s%s -- c commit, d discard and quit, s stay? [c/d/S/?]",
             format_grouped(stage->count, number), format_plural(stage->count),
             stage->meta != STAGE_META_KEEP ? " and the metadata" : "");
    switch (ctx->choose(ctx, question, "cds", guard_help)) {
    case 'c':
        if (ctx->session->aside != NULL)
            browser_look_back(ctx->browser);
        command_run_line(ctx, "commit");
        ctx->quit = stage_is_empty(stage);
        return ctx->quit ? COMMAND_DONE : COMMAND_FAILED;
    case 'd':
        stage_discard(stage);
        ctx->quit = true;
        return COMMAND_DONE;
    default:
        command_note(ctx, "everything is still staged");
        return COMMAND_NOTHING;
    }
}

int cmd_quit(struct context *ctx, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (ctx->choose != NULL && !stage_is_empty(&ctx->session->stage))
        return quit_guarded(ctx);
    ctx->quit = true;
    return COMMAND_DONE;
}

/* What is on top goes: a page, the full view, the split, another state; at last the program. */
int cmd_close(struct context *ctx, int argc, char **argv)
{
    struct browser *browser = ctx->browser;
    if (browser->page != NULL)
        browser_close_page(browser);
    else if (browser->record_open && browser->record_full)
        browser->record_full = browser->record_focus = false;
    else if (browser->record_open)
        browser->record_open = browser->record_focus = false;
    else if (ctx->session->aside != NULL)
        browser_look_back(browser);
    else
        return cmd_quit(ctx, argc, argv);
    return COMMAND_DONE;
}
