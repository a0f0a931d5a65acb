/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prompt as the loop runs it; see loop_prompt.h. */
#include "ui/loop_prompt.h"

#include "app/format.h"
#include "app/memory.h"
#include "ui/candidates.h"
#include "ui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 65536u /* that a paste may make of a line */

/* ---- Completion ---- */

static void complete(void *ctx, const char *line, size_t point,
                     struct prompt_completion *completion)
{
    struct loop *loop = ctx;
    candidates_find(&loop->browser.ctx, line, point, completion);
}

/* ---- Opening and closing ---- */

void loop_prompt_open(struct loop *loop)
{
    struct browser *browser = &loop->browser;
    bool commands = browser->prompt == BROWSER_PROMPT_COMMAND;
    loop->open_prompt = browser->prompt;
    prompt_open(&loop->lines[browser->prompt], browser->prompt_text, commands ? complete : NULL,
                loop);
}

static void close_prompt(struct loop *loop, const char *line)
{
    loop->open_prompt = BROWSER_PROMPT_NONE;
    browser_answer_prompt(&loop->browser, line);
}

/* Lines that are gone back to in this run, and the ones of commands in later runs too; but what a
 * record or the metadata holds stays out of a file of history. */
static void remember(struct loop *loop, const char *line)
{
    struct history *lines = &loop->lines[loop->open_prompt];
    if (line[0] == '\0')
        return;
    if (lines->count == HISTORY_LINES) {
        free(lines->lines[0]);
        memmove(lines->lines, lines->lines + 1, --lines->count * sizeof lines->lines[0]);
    }
    lines->lines = memory_grow(lines->lines, &lines->room, lines->count + 1, sizeof(char *));
    lines->lines[lines->count++] = memory_string(line);
    if (loop->open_prompt != BROWSER_PROMPT_COMMAND || command_line_holds_content(line))
        return;
    history_add(&loop->kept, line);
    (void)history_save(&loop->kept);
}

void loop_keep_history(struct loop *loop, const char *path)
{
    struct history *lines = &loop->lines[BROWSER_PROMPT_COMMAND];
    history_release(&loop->kept);
    history_load(&loop->kept, path);
    for (size_t i = 0; i < loop->kept.count; i++)
        history_add(lines, loop->kept.lines[i]);
}

void loop_prompt_release(struct loop *loop)
{
    prompt_cancel();
    for (size_t i = 0; i < sizeof loop->lines / sizeof loop->lines[0]; i++)
        history_release(&loop->lines[i]);
    history_release(&loop->kept);
    free(loop->explanation.text);
}

/* ---- Pastes ---- */

static bool refuse_long(struct loop *loop, size_t len)
{
    char pasted[FORMAT_NUMBER], most[FORMAT_NUMBER], text[160];
    if (strlen(prompt_line()) + len <= LINE_MAX_BYTES)
        return false;
    snprintf(text, sizeof text,
             "%s bytes are too many to paste: a line holds %s; nothing was put in",
             format_grouped(len, pasted), format_grouped(LINE_MAX_BYTES, most));
    browser_set_message(&loop->browser, text, true);
    return true;
}

/* The newline at the end was the copying's. A terminal sends Enter for each. */
static size_t without_last_newline(const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    return len;
}

/* In a command a pasted newline is a blank, so that nothing runs by itself; in data it stays. The
 * rest is put in as it is, and shown in notation. */
static void clean(char *text, size_t len, bool commands)
{
    size_t kept = 0, end = without_last_newline(text, len);
    bool was_return = false;
    for (size_t i = 0; i < end; i++) {
        char c = text[i];
        bool newline = c == '\r' || c == '\n', second = c == '\n' && was_return;
        was_return = c == '\r';
        if (c == '\0' || second)
            continue;
        if (newline)
            c = commands ? ' ' : '\n';
        text[kept++] = c == '\t' && commands ? ' ' : c;
    }
    text[kept] = '\0';
}

void loop_prompt_paste(struct loop *loop, struct event *event)
{
    size_t len = event->paste_len;
    browser_set_message(&loop->browser, NULL, false);
    if (loop->open_prompt == BROWSER_PROMPT_NONE) {
        browser_set_message(&loop->browser, "pasted text is taken at a prompt: a or : opens one",
                            true);
        return;
    }
    if (refuse_long(loop, len))
        return;
    if (memchr(event->paste, '\0', len) != NULL)
        browser_set_message(&loop->browser, "NUL bytes were left out: a line cannot hold them",
                            true);
    clean(event->paste, len, loop->open_prompt == BROWSER_PROMPT_COMMAND);
    prompt_insert(event->paste);
}

/* ---- Keys ---- */

/* What readline binds in every terminal, for keys whose sequence in this one it does not know. */
static const char *usual_sequence(uint32_t key)
{
    switch (key) {
    case K_UP:
        return "\033[A";
    case K_DOWN:
        return "\033[B";
    case K_RIGHT:
        return "\033[C";
    case K_LEFT:
        return "\033[D";
    case K_HOME:
        return "\033[H";
    case K_END:
        return "\033[F";
    case K_DELETE:
        return "\033[3~";
    case K_BACK_TAB:
        return "\033[Z";
    default:
        return NULL;
    }
}

static enum prompt_state feed(const struct event *event)
{
    const char *usual = usual_sequence(event->key);
    if (event->key == K_OTHER && event->len > 0 && (event->bytes[0] & 0x80)) {
        char text[EVENT_BYTES + 1] = ""; /* no character: readline would wait for its rest */
        memcpy(text, event->bytes, event->len);
        prompt_insert(text);
        return PROMPT_EDITING;
    }
    if (usual != NULL && !prompt_wants_any() && !prompt_knows(event->bytes, event->len))
        return prompt_feed(usual, strlen(usual));
    return prompt_feed(event->bytes, event->len);
}

static void feed_key(struct loop *loop, const struct event *event)
{
    switch (feed(event)) {
    case PROMPT_DONE: {
        char *line = prompt_take();
        remember(loop, line);
        close_prompt(loop, line);
        free(line);
        break;
    }
    case PROMPT_CLOSED:
        close_prompt(loop, NULL);
        break;
    case PROMPT_EDITING:
        break;
    }
}

void loop_prompt_key(struct loop *loop, const struct event *event)
{
    bool literal = prompt_wants_any();
    browser_set_message(&loop->browser, NULL, false);
    if (literal || !loop_is_cancel(event)) {
        if (!literal && event->key == '\f') /* C-l draws anew here as everywhere */
            loop->browser.wants_redraw = true;
        else
            feed_key(loop, event);
        return;
    }
    if (prompt_step_back(event->key == K_ESC))
        return;
    prompt_cancel();
    close_prompt(loop, NULL);
}

/* ---- Showing ---- */

static const char *label_of_prompt(enum browser_prompt prompt)
{
    bool commands = prompt_in_commands(); /* of vi */
    switch (prompt) {
    case BROWSER_PROMPT_APPEND:
        return commands ? " (cmd) append: " : " append: ";
    case BROWSER_PROMPT_METADATA:
        return commands ? " (cmd) metadata: " : " metadata: ";
    default:
        return commands ? " (cmd) :" : " :";
    }
}

static void explain(struct loop *loop, struct explanation *explanation)
{
    const char *help;
    free(explanation->text);
    *explanation = (struct explanation){0};
    (void)prompt_says(&help);
    if (help != NULL)
        explanation->text = memory_string(help);
    else if (prompt_wants_any())
        explanation->text = memory_string("the next key is put in as it is");
    else if (loop->open_prompt == BROWSER_PROMPT_APPEND)
        explanation->text = memory_string("Enter stages the line as a record; an empty line ends");
    else if (loop->open_prompt == BROWSER_PROMPT_METADATA)
        explanation->text = memory_string("Enter stages the line as the file's metadata");
    else
        command_explain(&loop->browser.ctx, prompt_line(), prompt_point(), explanation);
}

void loop_prompt_view(struct loop *loop, struct view_prompt *view)
{
    const char *help;
    explain(loop, &loop->explanation);
    *view = (struct view_prompt){
        .label = label_of_prompt(loop->open_prompt),
        .says = prompt_says(&help),
        .line = prompt_line(),
        .point = prompt_point(),
        .explanation = &loop->explanation,
    };
    view->found = prompt_found(&view->chosen);
}
