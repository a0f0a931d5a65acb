/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages that cover the panes: what a command printed, the keys of a view, the metadata. */
#include "config.h"

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

static enum capf_status current_metadata(struct browser *browser, struct capf_bytes *meta,
                                         struct capf_error *err)
{
    const struct stage *stage = &browser->session->stage;
    if (stage->meta == STAGE_META_KEEP)
        return session_meta(browser->session, meta, err);
    *meta = (struct capf_bytes){0};
    if (stage->meta == STAGE_META_SET)
        *meta = (struct capf_bytes){stage->meta_bytes, stage->meta_len};
    return CAPF_OK;
}

void browser_load_metadata(struct browser *browser)
{
    bool staged = browser->session->stage.meta != STAGE_META_KEEP;
    struct capf_bytes meta = {0};
    struct capf_error err;
    enum capf_status status = current_metadata(browser, &meta, &err);
    if (status != CAPF_OK) {
        browser_set_message(browser, err.text, true);
        meta = (struct capf_bytes){0};
    }
    set_page(browser->page, staged ? "metadata, staged" : "metadata",
             meta.data != NULL ? (const void *)meta.data : "", meta.len);
    if (status != CAPF_OK)
        browser->page->empty = "<damaged: the metadata cannot be read>";
    else
        browser->page->empty = meta.data == NULL ? "none" : "an empty value";
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
    keymap_write_help(&text.sink, context);
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
