/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in from the person: keys, lines, answers to prompts and questions. Each ends in a
 * command line that runs through the table, and in what its output, note or failure becomes on the
 * screen.
 */
#include "app/browser.h"

#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The hooks of the context ---- */

#define QUESTION_SIZE 2048

static const char question_help[] =
    "y does it for good. n, Enter or Esc goes back, and nothing is lost: what is staged stays "
    "staged. Keys that were typed before the question appeared do not count.";

static bool ask(struct context *ctx, const char *text)
{
    struct browser *browser = ctx->browser;
    char question[QUESTION_SIZE];
    browser_sync(browser); /* the screen under the question shows what it is about */
    snprintf(question, sizeof question, "%s -- %s? [y/N/?]", text,
             ctx->command != NULL ? ctx->command->name : "go on");
    return browser->screen->choose(browser->screen->ctx, question, "yn", question_help) == 'y';
}

static char choose(struct context *ctx, const char *text, const char *keys, const char *help)
{
    const struct browser_screen *screen = ctx->browser->screen;
    return screen->choose(screen->ctx, text, keys, help);
}

static void note(struct context *ctx, const char *text)
{
    browser_set_message(ctx->browser, text, false);
}

/* ---- Running lines ---- */

/* A failure is about a file, a command or nothing; the open file needs no name here. */
static void show_failure(struct browser *browser)
{
    const struct context *ctx = &browser->ctx;
    const char *about = ctx->failure_about;
    const char *path = browser->session->path;
    if (about == NULL || (path != NULL && strcmp(about, path) == 0)) {
        browser_set_message(browser, ctx->failure, true);
        return;
    }
    size_t size = strlen(about) + strlen(ctx->failure) + 3;
    char *text = memory_resize(NULL, size);
    snprintf(text, size, "%s: %s", about, ctx->failure);
    browser_set_message(browser, text, true);
    free(text);
}

static bool is_one_line(const char *text)
{
    const char *newline = strchr(text, '\n');
    return newline == NULL || newline[1] == '\0';
}

static void show_output(struct browser *browser, const char *line)
{
    struct sink_text *out = &browser->out;
    if (!is_one_line(out->text)) {
        browser_open_page(browser, line, out->text, out->len);
        return;
    }
    out->text[strcspn(out->text, "\n")] = '\0';
    browser_set_message(browser, out->text, false);
}

static void begin_command(struct browser *browser)
{
    browser->stopped = false;
    browser->doing[0] = '\0';
    browser->before_top = browser->record.top;
    browser->before_cursor = browser->record.cursor;
    browser_set_message(browser, NULL, false);
    sink_text_clear(&browser->out);
    browser->ctx.ask = ask;
    browser->ctx.choose = choose;
    browser->ctx.note = note;
}

/* A reading was stopped: the record is shown where it was before. */
static void go_back_to_kept(struct browser *browser)
{
    browser->stopped = false;
    browser->record.top = browser->before_top;
    recordmodel_seek(&browser->record, browser->before_cursor);
    browser->kept_top = browser->record.top;
    browser->kept_cursor = browser->record.cursor;
}

static void end_command(struct browser *browser, const char *title, int status)
{
    browser->doing[0] = '\0';
    if (browser->out.len > 0)
        show_output(browser, title);
    if (status != COMMAND_DONE && browser->ctx.failure != NULL)
        show_failure(browser);
    browser_sync(browser);
    if (browser->stopped)
        go_back_to_kept(browser);
}

void browser_run(struct browser *browser, const char *line)
{
    begin_command(browser);
    end_command(browser, line, command_run_line(&browser->ctx, line));
}

/* ---- Keys ---- */

static void say_unknown(struct browser *browser, uint32_t key)
{
    char name[KEY_NAME_SIZE], text[80];
    snprintf(text, sizeof text, "%s means nothing here; ? shows the keys",
             keymap_key_name(key, name));
    browser_set_message(browser, text, true);
}

static void say_refused(struct browser *browser, uint32_t key)
{
    char name[KEY_NAME_SIZE], text[120];
    bool records = (browser_context(browser) & (KEYS_LIST | KEYS_RECORD)) != 0;
    snprintf(text, sizeof text, "%s takes no number; %sEsc forgets it", keymap_key_name(key, name),
             records ? "Enter goes to the record, " : "");
    browser_set_message(browser, text, true);
}

static void say_what_follows(struct browser *browser, uint32_t key)
{
    struct sink_text text;
    sink_text_init(&text, 400);
    keymap_write_next(&browser->session->keymap, browser_context(browser), key, &text.sink);
    browser_hint(browser, text.text);
    sink_text_release(&text);
}

void browser_press(struct browser *browser, uint32_t key)
{
    char line[TYPING_LINE];
    browser_set_message(browser, NULL, false);
    switch (typing_key(&browser->typing, &browser->session->keymap, browser_context(browser), key,
                       line)) {
    case TYPING_RUN:
        browser_run(browser, line);
        break;
    case TYPING_IDLE:
        browser_hint(browser, strcmp(browser_back_hint(browser), "quit") == 0
                                  ? "q quits"
                                  : "q goes back, Q quits");
        break;
    case TYPING_REFUSED:
        say_refused(browser, key);
        break;
    case TYPING_UNKNOWN:
        say_unknown(browser, key);
        break;
    case TYPING_FULL:
        browser_set_message(browser, "no number has so many digits", true);
        break;
    case TYPING_WAIT:
        if (browser->typing.pending_count > 0)
            say_what_follows(browser, key);
        break;
    case TYPING_CANCELLED:
        break;
    }
}

/* ---- Prompts ---- */

/* Runs a command on a text that is anything: the row is called with words, so that nothing in the
 * text is taken for an option or a quote. */
static void run_words(struct browser *browser, int argc, char **words)
{
    char *title = memory_string(words[0]);
    begin_command(browser);
    end_command(browser, title, command_run_argv(&browser->ctx, argc, words));
    free(title);
}

static void append_line(struct browser *browser, const char *text)
{
    char name[] = "append", dashes[] = "--";
    char *line = memory_string(text);
    char *words[] = {name, dashes, line, NULL};
    run_words(browser, 3, words);
    free(line);
}

static void set_metadata(struct browser *browser, const char *text)
{
    char name[] = "metadata";
    size_t size = strlen(text) + sizeof "--set=";
    char *option = memory_resize(NULL, size);
    snprintf(option, size, "--set=%s", text);
    char *words[] = {name, option, NULL};
    run_words(browser, 2, words);
    free(option);
}

void browser_answer_prompt(struct browser *browser, const char *line)
{
    enum browser_prompt prompt = browser->prompt;
    browser->prompt = BROWSER_PROMPT_NONE;
    if (line == NULL)
        return;
    switch (prompt) {
    case BROWSER_PROMPT_COMMAND:
        browser_run(browser, line);
        break;
    case BROWSER_PROMPT_APPEND:
        if (line[0] == '\0')
            break;
        append_line(browser, line);
        browser_select(browser, browser->list.count);
        browser_sync(browser);
        browser_want_prompt(browser, BROWSER_PROMPT_APPEND, "");
        break;
    case BROWSER_PROMPT_METADATA:
        set_metadata(browser, line);
        break;
    case BROWSER_PROMPT_NONE:
        break;
    }
}
