/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop, with its two side rooms: the prompt, and questions. See loop.h. */
#include "ui/loop.h"

#include "ui/loop_prompt.h"
#include "ui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 20 /* how often a slow line is asked whether the last frame has left */

/* ---- Drawing ---- */

static void draw(struct loop *loop)
{
    struct browser *browser = &loop->browser;
    struct view_prompt prompt;
    bool typing = loop->open_prompt != BROWSER_PROMPT_NONE;
    if (typing)
        loop_prompt_view(loop, &prompt);
    view_draw(&loop->grid, browser, typing ? &prompt : NULL, loop->question);
    if (browser->wants_redraw)
        loop->terminal->forget(loop->terminal->ctx);
    browser->wants_redraw = false;
    loop->terminal->show(loop->terminal->ctx, &loop->grid);
}

static void take_size(struct loop *loop)
{
    unsigned rows, cols;
    loop->terminal->get_size(loop->terminal->ctx, &rows, &cols);
    browser_set_size(&loop->browser, rows, cols);
}

/* ---- Events ---- */

static struct event read_event(struct loop *loop, int timeout_ms)
{
    const struct terminal *terminal = loop->terminal;
    if (loop->held_count > 0) {
        struct event event = loop->held[0];
        memmove(loop->held, loop->held + 1, --loop->held_count * sizeof event);
        return event;
    }
    return terminal->read(terminal->ctx, timeout_ms);
}

static void end(struct loop *loop, const struct event *event)
{
    loop->ended = true;
    loop->signal = event->signal;
}

static void drop_held(struct loop *loop)
{
    while (loop->held_count > 0)
        free(loop->held[--loop->held_count].paste);
}

/* What is the same whatever is on the screen; false: the event is for whoever has the keys. */
static bool handle_common(struct loop *loop, const struct event *event)
{
    const struct terminal *terminal = loop->terminal;
    bool literal = loop->open_prompt != BROWSER_PROMPT_NONE && prompt_wants_any();
    bool stop_key = event->kind == EVENT_KEY && event->key == K_CTRL_Z && !literal;
    if (event->kind == EVENT_SUSPEND || stop_key)
        terminal->suspend(terminal->ctx);
    else if (event->kind == EVENT_CONTINUE)
        loop->browser.wants_redraw = true;
    else if (event->kind == EVENT_END)
        end(loop, event);
    else if (event->kind != EVENT_RESIZE)
        return event->kind == EVENT_NONE;
    if (!loop->ended)
        take_size(loop);
    return true;
}

bool loop_is_cancel(const struct event *event)
{
    return event->kind == EVENT_KEY &&
           (event->key == K_ESC || event->key == K_CTRL_C || event->key == K_CTRL_G);
}

/* ---- Questions ---- */

/* The answer that a key gives: one of `keys`, '\r' for none of them, 0 where it is no answer. */
static char answer_of(const struct event *event, const char *keys)
{
    if (event->kind != EVENT_KEY)
        return 0;
    if (event->key > ' ' && event->key < 0x7f && strchr(keys, (int)event->key) != NULL)
        return (char)event->key;
    return loop_is_cancel(event) || event->key == K_ENTER ? '\r' : 0;
}

static char ask_until_answered(struct loop *loop, const char *text, const char *keys,
                               const char *help)
{
    char answer = 0;
    loop->question = text;
    while (answer == 0 && !loop->ended) {
        draw(loop);
        struct event event = read_event(loop, WAIT_FOREVER);
        free(event.paste);
        if (handle_common(loop, &event))
            continue;
        if (event.kind == EVENT_KEY && event.key == '?')
            loop->question = loop->question == text ? help : text;
        else if (loop->question == help)
            loop->question = text; /* any key comes back from the help, and is no answer */
        else
            answer = answer_of(&event, keys);
    }
    loop->question = NULL;
    return loop->ended || answer == '\r' ? 0 : answer;
}

static char choose(void *ctx, const char *text, const char *keys, const char *help)
{
    struct loop *loop = ctx;
    drop_held(loop);
    loop->terminal->drain(loop->terminal->ctx);
    return ask_until_answered(loop, text, keys, help);
}

/* ---- Long readings ---- */

/* Shows how far it is, holds back what is typed, and stops at Esc and the like, or at the end. */
static bool progress(void *ctx, uint64_t done, uint64_t total)
{
    struct loop *loop = ctx;
    const char *doing = loop->browser.doing[0] != '\0' ? loop->browser.doing : "reading";
    char text[120];
    for (;;) {
        struct event event = loop->terminal->read(loop->terminal->ctx, 0);
        if (event.kind == EVENT_NONE)
            break;
        if (loop_is_cancel(&event)) {
            browser_set_message(&loop->browser, "stopped", false);
            return false;
        }
        if (loop->held_count == sizeof loop->held / sizeof loop->held[0])
            free(event.paste);
        else
            loop->held[loop->held_count++] = event;
        if (event.kind == EVENT_END)
            return false;
    }
    if (total > 0)
        snprintf(text, sizeof text, "%s: %u%%; C-c stops", doing,
                 listmodel_ppm(done, total) / 10000);
    else
        snprintf(text, sizeof text, "%s; C-c stops", doing);
    if (loop->grid.rows > 1) { /* only the last row: the rest is what was there */
        grid_fill(&loop->grid, loop->grid.rows - 1, 0, loop->grid.cols, GRID_PLAIN, ' ');
        grid_put(&loop->grid, loop->grid.rows - 1, 1, loop->grid.cols, GRID_MESSAGE, text);
        loop->terminal->show(loop->terminal->ctx, &loop->grid);
    }
    return true;
}

/* ---- The loop ---- */

void loop_init(struct loop *loop, struct session *session, const struct terminal *terminal,
               enum safetext_mode mode)
{
    *loop = (struct loop){.terminal = terminal};
    loop->screen = (struct browser_screen){.choose = choose, .progress = progress, .ctx = loop};
    grid_init(&loop->grid, mode);
    browser_init(&loop->browser, session, &loop->screen, mode);
    take_size(loop);
}

void loop_release(struct loop *loop)
{
    loop_prompt_release(loop);
    drop_held(loop);
    browser_release(&loop->browser);
    grid_release(&loop->grid);
}

static void handle(struct loop *loop, struct event *event)
{
    if (handle_common(loop, event))
        return;
    if (event->kind == EVENT_PASTE)
        loop_prompt_paste(loop, event);
    else if (loop->open_prompt != BROWSER_PROMPT_NONE)
        loop_prompt_key(loop, event);
    else
        browser_press(&loop->browser, event->key);
    free(event->paste);
}

void loop_run(struct loop *loop)
{
    const struct terminal *terminal = loop->terminal;
    bool drawn = false;
    while (!loop->ended && !loop->browser.ctx.quit) {
        if (loop->browser.prompt != BROWSER_PROMPT_NONE && loop->open_prompt == BROWSER_PROMPT_NONE)
            loop_prompt_open(loop);
        bool busy = !drawn && terminal->is_busy(terminal->ctx);
        if (!drawn && !busy)
            draw(loop);
        drawn = !busy;
        struct event event = read_event(loop, busy ? BUSY_MS : WAIT_FOREVER);
        drawn = drawn && event.kind == EVENT_NONE;
        handle(loop, &event);
    }
}
