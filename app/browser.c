/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state behind the screen: see browser.h. First the rows and the record that is shown, then
 * where things stand. Pages are in browser_page.c; how commands are run and keys pressed is in
 * browser_input.c.
 */
#include "app/browser.h"

#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool on_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct browser *browser = ctx;
    return browser->screen->progress(browser->screen->ctx, done, total);
}

static bool on_command_progress(struct context *ctx, uint64_t done, uint64_t total)
{
    struct browser *browser = ctx->browser;
    if (browser->doing[0] == '\0' && ctx->command != NULL)
        snprintf(browser->doing, sizeof browser->doing, "%s", ctx->command->name);
    return on_progress(ctx->browser, done, total);
}

void browser_release(struct browser *browser)
{
    while (browser->page != NULL)
        browser_close_page(browser);
    sink_text_release(&browser->out);
    context_release(&browser->ctx);
    bytecache_release(&browser->bytes);
    free(browser->fault_reason);
    free(browser->message);
    free(browser->prompt_text);
}

/* ---- Reading ---- */

/* A row's bytes: of the file, or staged. */
static enum capf_status row_size(struct browser *browser, uint64_t row, uint64_t *size,
                                 struct capf_error *err)
{
    if (row <= browser->records)
        return capf_cursor_size(browser->session->cursor, row, size, err);
    *size = browser->session->stage.pieces[row - browser->records - 1].len;
    return CAPF_OK;
}

static enum capf_status row_read(struct browser *browser, uint64_t row, uint64_t off, void *buf,
                                 size_t len, size_t *got, struct capf_error *err)
{
    if (row <= browser->records)
        return capf_cursor_read(browser->session->cursor, row, off, buf, len, got, err);
    *got =
        stage_read(&browser->session->stage, (size_t)(row - browser->records - 1), off, buf, len);
    return CAPF_OK;
}

static struct damage reach_of(struct browser *browser, uint64_t row, const struct capf_error *why)
{
    struct damage known = {row, row, *why};
    if (capf_cursor_reach(browser->session->cursor, row, &known.first, &known.last, NULL) !=
        CAPF_OK)
        known.first = known.last = row;
    return known;
}

void browser_read_row(struct browser *browser, uint64_t row, size_t head, struct browser_row *out)
{
    out->staged = row > browser->records;
    out->uncommitted =
        browser->session->uncommitted > 0 && !out->staged && row >= browser->session->uncommitted;
    out->number = out->staged ? row - browser->records : row;
    out->fault = (struct capf_error){0};
    out->head_len = 0;
    if (head > sizeof out->head)
        head = sizeof out->head;
    if (!out->staged && row >= browser->known.first && row <= browser->known.last)
        out->fault = browser->known.why; /* its bad block is not tried for each row */
    else if (row_size(browser, row, &out->size, &out->fault) == CAPF_OK &&
             row_read(browser, row, 0, out->head, head, &out->head_len, &out->fault) == CAPF_OK)
        out->kind = looks_kind_of(out->head, out->head_len, out->size);
    else if (!out->staged && damage_is(out->fault.status))
        browser->known = reach_of(browser, row, &out->fault);
}

static void set_fault(struct browser *browser, const struct capf_error *fault)
{
    browser->fault = *fault;
    free(browser->fault_reason);
    browser->fault_reason = NULL;
}

/* Bytes for the record view. A fault met on the way stays on view; what was read before stands. */
static size_t read_shown(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct browser *browser = ctx;
    struct capf_error err;
    size_t got = 0;
    if (browser->stopped)
        return 0;
    if (row_read(browser, browser->shown_row, off, buf, len, &got, &err) == CAPF_OK)
        return got;
    if (err.status == CAPF_CANCELLED)
        browser->stopped = true;
    else
        set_fault(browser, &err);
    return 0;
}

/* ---- The record that is shown ---- */

static void place_offset(struct browser *browser)
{
    if (!browser->keep_offset)
        browser->kept_top = browser->kept_cursor = browser->record.left = 0;
    browser->record.top = browser->kept_top;
    browser->record.cursor = browser->kept_cursor;
}

/* The view for a record that came into sight. */
static void choose_view(struct browser *browser, const struct browser_row *row)
{
    browser->kind = row->kind;
    if (!browser->view_chosen)
        browser->record.view = row->kind == LOOKS_BINARY ? RECORD_HEX : RECORD_TEXT;
}

/* Another record, or the same of another state of the file. */
static void load_record(struct browser *browser, bool is_other)
{
    struct byte_source source = {0, read_shown, browser};
    struct browser_row row = {0};
    browser->shown_row = browser->list.selected;
    browser->shown_cursor = browser->session->cursor;
    set_fault(browser, &(struct capf_error){0});
    if (browser->shown_row > 0) {
        browser_read_row(browser, browser->shown_row, LOOKS_HEAD_BYTES, &row);
        set_fault(browser, &row.fault);
        source.size = row.fault.status == CAPF_OK ? row.size : 0;
    }
    bytecache_set_source(&browser->bytes, &source);
    if (is_other) {
        place_offset(browser);
        choose_view(browser, &row);
    }
    const struct byte_source cached = {source.size, bytecache_read, &browser->bytes};
    recordmodel_set_source(&browser->record, &cached);
}

static void show_record(struct browser *browser)
{
    bool is_other = browser->shown_row != browser->list.selected;
    bool is_newer = browser->shown_cursor != browser->session->cursor ||
                    browser->list.selected > browser->records; /* a staged one may have moved up */
    if (is_other || is_newer)
        load_record(browser, is_other);
    if (!is_other) {
        browser->kept_top = browser->record.top;
        browser->kept_cursor = browser->record.cursor;
    }
    browser->keep_offset = false;
}

/* ---- Where things stand ---- */

static enum layout_panes panes_of(const struct browser *browser)
{
    if (browser->page != NULL || (browser->record_open && browser->record_full))
        return LAYOUT_RECORD;
    return browser->record_open ? LAYOUT_SPLIT : LAYOUT_LIST;
}

struct layout browser_layout(const struct browser *browser)
{
    return layout_compute(browser->rows, browser->cols, browser->session->info.warnings != 0,
                          panes_of(browser), browser->record_focus);
}

static void arrange(struct browser *browser)
{
    struct layout layout = browser_layout(browser);
    if (browser->page != NULL) {
        recordmodel_set_window(&browser->page->view, layout.record.cols, layout.record.rows);
        return;
    }
    if (layout.list.rows > 0)
        listmodel_set_height(&browser->list, layout.list.rows);
    if (layout.record.rows > 0)
        recordmodel_set_window(&browser->record, layout.record.cols, layout.record.rows);
}

void browser_set_size(struct browser *browser, unsigned rows, unsigned cols)
{
    browser->rows = rows > 0 ? rows : 1;
    browser->cols = cols > 0 ? cols : 1;
    browser_sync(browser);
}

size_t browser_staged(const struct browser *browser)
{
    return browser->session->aside == NULL ? browser->session->stage.count : 0;
}

/* Records that came in before the staged ones must not move the selection off its piece. */
static void follow_count(struct browser *browser)
{
    uint64_t selected = browser->list.selected;
    uint64_t records = session_count(browser->session);
    size_t staged = browser_staged(browser);
    bool on_staged = selected > browser->records && staged > 0;
    uint64_t piece = on_staged ? selected - browser->records : 0;
    browser->records = records;
    listmodel_set_count(&browser->list, records + staged);
    if (on_staged)
        listmodel_select(&browser->list, records + piece);
}

/* The session's current record and the selected row are one. */
static void follow_position(struct browser *browser)
{
    struct session *session = browser->session;
    if (browser->list.selected <= browser->records)
        session->recno = browser->list.selected;
}

void browser_sync(struct browser *browser)
{
    if (browser->session->cursor != NULL)
        capf_cursor_on_progress(browser->session->cursor, on_progress, browser);
    browser->known.first = browser->known.last = 0; /* what could not be read may be readable now */
    follow_count(browser);
    follow_position(browser);
    if (browser->page != NULL && browser->page->is_metadata)
        browser_load_metadata(browser);
    arrange(browser);
    if (browser->record_open)
        show_record(browser);
    else
        browser->shown_row = 0;
}

static void show_from_the_start(struct browser *browser)
{
    uint64_t recno = browser->session->recno;
    browser_sync(browser);
    browser_select(browser, recno);
}

static void show_message(struct browser *browser, const char *text, bool is_failure)
{
    char *copy = text != NULL ? safetext_dup_string(text) : NULL;
    free(browser->message);
    browser->message = copy;
    browser->message_is_failure = is_failure;
}

/* What went wrong before there was a screen, as in the configuration. */
static void say_last_failure(struct browser *browser)
{
    const struct messages *messages = &browser->session->messages;
    char text[256];
    if (messages->count == 0 || !messages_at(messages, messages->count - 1)->is_failure)
        return;
    snprintf(text, sizeof text, "%s%s", messages_at(messages, messages->count - 1)->text,
             messages->count > 1 ? " (L shows more)" : "");
    show_message(browser, text, true);
}

void browser_init(struct browser *browser, struct session *session,
                  const struct browser_screen *screen, enum safetext_mode mode)
{
    *browser = (struct browser){.session = session, .screen = screen, .rows = 24, .cols = 80};
    sink_text_init(&browser->out, 16u << 20);
    browser->out.sink.mode = mode;
    context_init(&browser->ctx, DOOR_SCREEN, session, &browser->out.sink);
    browser->ctx.browser = browser;
    browser->ctx.progress = on_command_progress;
    listmodel_init(&browser->list);
    recordmodel_init(&browser->record, mode);
    bytecache_init(&browser->bytes);
    typing_clear(&browser->typing);
    browser_take_settings(browser);
    show_from_the_start(browser);
    say_last_failure(browser);
}

void browser_begin_file(struct browser *browser)
{
    uint64_t height = browser->list.height;
    while (browser->page != NULL)
        browser_close_page(browser);
    browser->record_open = browser->record_full = browser->record_focus = false;
    browser->shown_row = 0;
    browser->shown_cursor = NULL;
    browser->keep_offset = false;
    listmodel_init(&browser->list);
    if (height > 0)
        listmodel_set_height(&browser->list, height);
    browser->records = 0;
    show_from_the_start(browser);
}

void browser_take_settings(struct browser *browser)
{
    const struct settings *settings = &browser->session->settings;
    recordmodel_set_wrap(&browser->record, settings->wrap);
    browser->view_chosen = settings->view != SETTINGS_VIEW_AUTO;
    if (browser->view_chosen)
        recordmodel_set_view(&browser->record,
                             settings->view == SETTINGS_VIEW_HEX ? RECORD_HEX : RECORD_TEXT);
    else if (browser->shown_row > 0)
        recordmodel_set_view(&browser->record,
                             browser->kind == LOOKS_BINARY ? RECORD_HEX : RECORD_TEXT);
}

void browser_select(struct browser *browser, uint64_t row)
{
    listmodel_select(&browser->list, row);
}

void browser_jump(struct browser *browser, uint64_t row)
{
    while (browser->page != NULL)
        browser_close_page(browser);
    if (row == browser->list.selected)
        return;
    jumps_note(&browser->session->jumps, browser->list.selected);
    browser_select(browser, row);
}

void browser_look_aside(struct browser *browser, const char *name, struct session_state *state)
{
    if (browser->session->aside == NULL)
        browser->newest = browser->list;
    session_look_aside(browser->session, name, state);
    browser_sync(browser);
}

void browser_look_back(struct browser *browser)
{
    uint64_t height = browser->list.height;
    session_look_back(browser->session);
    browser->list = browser->newest;
    browser->records = session_count(browser->session);
    listmodel_set_height(&browser->list, height);
    browser_sync(browser);
}

struct recordmodel *browser_focused(struct browser *browser)
{
    if (browser->page != NULL)
        return &browser->page->view;
    return browser->record_open && browser->record_focus ? &browser->record : NULL;
}

/* ---- Messages, prompts, hints ---- */

void browser_set_message(struct browser *browser, const char *text, bool is_failure)
{
    if (text != NULL && text[0] != '\0')
        messages_add(&browser->session->messages, text, is_failure);
    show_message(browser, text, is_failure);
}

void browser_hint(struct browser *browser, const char *text)
{
    show_message(browser, text, false);
}

void browser_want_prompt(struct browser *browser, enum browser_prompt prompt, const char *text)
{
    char *copy = memory_string(text);
    free(browser->prompt_text);
    browser->prompt_text = copy;
    browser->prompt = prompt;
}

unsigned browser_context(const struct browser *browser)
{
    if (browser->page != NULL)
        return browser->page->is_metadata ? KEYS_METADATA : KEYS_PAGE;
    if (browser->session->file == NULL)
        return KEYS_CLOSED;
    return browser->record_open && browser->record_focus ? KEYS_RECORD : KEYS_LIST;
}

const char *browser_back_hint(const struct browser *browser)
{
    if (browser->page != NULL || browser->record_open)
        return "back";
    return browser->session->aside != NULL ? "now" : "quit";
}

char *browser_warnings(const struct browser *browser)
{
    const struct capf_info *info = &browser->session->info;
    char text[CAPF_WARN_COUNT * (CAPF_ERROR_TEXT + 2)] = "";
    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++) {
        char one[CAPF_ERROR_TEXT];
        if (!(info->warnings & 1u << bit))
            continue;
        capf_warning_text(info, (enum capf_warning)(1u << bit), one, sizeof one);
        if (text[0] != '\0')
            strcat(text, "; ");
        strcat(text, one);
    }
    return text[0] != '\0' ? safetext_dup_string(text) : NULL;
}
