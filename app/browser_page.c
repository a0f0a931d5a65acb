/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages that cover the panes: what a command printed, the keys of a view, the metadata. */
#include "app/browser.h"

#include "app/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t read_page(void *ctx, uint64_t off, void *buf, size_t len)
{
    const struct page *page = ctx;
    memcpy(buf, page->bytes + off, len);
    return len;
}

static void set_page(struct page *page, const char *title, const void *bytes, size_t len)
{
    free(page->title);
    free(page->bytes);
    page->title = safetext_dup_string(title);
    page->bytes = memory_copy(bytes, len);
    page->empty = "nothing";
    recordmodel_set_source(&page->view, &(struct byte_source){len, read_page, page});
}

void browser_open_page(struct browser *browser, const char *title, const void *bytes, size_t len)
{
    struct page *page = memory_zeroed(sizeof *page);
    recordmodel_init(&page->view, browser->record.mode);
    page->view.by_words = true;
    set_page(page, title, bytes, len);
    page->below = browser->page;
    browser->page = page;
}

void browser_close_page(struct browser *browser)
{
    struct page *page = browser->page;
    browser->page = page->below;
    free(page->title);
    free(page->bytes);
    free(page);
}

/* ---- Metadata ---- */

/* The file's value, which may have gigabytes: read as it is shown. */
static size_t read_metadata(void *ctx, uint64_t off, void *buf, size_t len)
{
    struct browser *browser = ctx;
    struct capf_error err;
    size_t got;
    if (capf_cursor_meta_read(browser->session->cursor, off, buf, len, &got, &err) == CAPF_OK)
        return got;
    browser_set_message(browser, err.text, true);
    return 0;
}

static void load_staged(struct browser *browser)
{
    const struct stage *stage = &browser->session->stage;
    bool none = stage->meta == STAGE_META_CLEAR;
    set_page(browser->page, "metadata, staged", none ? (const void *)"" : stage->meta_bytes,
             none ? 0 : stage->meta_len);
    browser->page->empty = none ? "none" : "an empty value";
}

static void load_current(struct browser *browser)
{
    struct page *page = browser->page;
    struct capf_error err;
    bool present;
    uint64_t len;
    set_page(page, "metadata", "", 0);
    if (capf_cursor_meta_size(browser->session->cursor, &present, &len, &err) != CAPF_OK) {
        browser_set_message(browser, err.text, true);
        page->empty = "<damaged: the metadata cannot be read>";
        return;
    }
    page->empty = present ? "an empty value" : "none";
    recordmodel_set_source(&page->view, &(struct byte_source){len, read_metadata, browser});
}

void browser_load_metadata(struct browser *browser)
{
    if (browser->session->aside == NULL && browser->session->stage.meta != STAGE_META_KEEP)
        load_staged(browser);
    else
        load_current(browser);
}

int browser_show_metadata(struct context *ctx)
{
    struct browser *browser = ctx->browser;
    if (browser->page == NULL || !browser->page->is_metadata) {
        browser_open_page(browser, "", "", 0);
        browser->page->is_metadata = true;
        browser->page->view.by_words = false;
    }
    browser_load_metadata(browser);
    return COMMAND_DONE;
}

/* ---- Help ---- */

static const char *context_name(unsigned context)
{
    switch (context) {
    case KEYS_LIST:
        return "keys of the list";
    case KEYS_RECORD:
        return "keys of the record view";
    case KEYS_METADATA:
        return "keys of the metadata view";
    case KEYS_CLOSED:
        return "keys of a file that does not open";
    default:
        return "keys of this page";
    }
}

int browser_show_help(struct context *ctx)
{
    struct browser *browser = ctx->browser;
    unsigned context = browser_context(browser);
    struct sink_text text;
    sink_text_init(&text, 65536);
    keymap_write_help(&browser->session->keymap, &text.sink, context);
    sink_string(&text.sink, "\n:help lists the commands, :help COMMAND explains one.\n");
    browser_open_page(browser, context_name(context), text.text, text.len);
    sink_text_release(&text);
    return COMMAND_DONE;
}

int browser_ask_append(struct context *ctx)
{
    int status = command_require_edit(ctx);
    if (status == COMMAND_DONE)
        browser_want_prompt(ctx->browser, BROWSER_PROMPT_APPEND, "");
    return status;
}
