/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words about a commit: what it would do, and what came in between. See
 * review.h.
 */
#include "app/review.h"

#include "app/format.h"
#include "app/safetext.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREVIEW_CELLS 40
#define PREVIEW_BYTES 88
#define VALUE_TEXT 144 /* a preview and its length */
#define APPEND_TEXT 128

void review_note(struct session_review *review, const struct capf_info *info)
{
    review->device = info->device;
    review->inode = info->inode;
    review->serial = info->serial;
    review->records = info->committed;
    review->meta = info->meta;
}

static void describe_records(const struct session_review *review, const struct capf_info *info,
                             char *text, size_t size)
{
    char added[FORMAT_NUMBER], last[FORMAT_NUMBER];

    if (info->committed > review->records)
        snprintf(text, size, "another process added %s record%s meanwhile, it now ends at #%s",
                 format_grouped(info->committed - review->records, added),
                 format_plural(info->committed - review->records),
                 format_grouped(info->committed, last));
    else
        snprintf(text, size, "another process changed it meanwhile, it now ends at #%s",
                 format_grouped(info->committed, last));
}

bool review_changes(const struct session_review *review, const struct capf_info *info,
                    char text[SESSION_TEXT])
{
    bool same_meta = info->meta.pos == review->meta.pos && info->meta.off == review->meta.off;

    if (info->device != review->device || info->inode != review->inode) {
        snprintf(text, SESSION_TEXT, "the file was replaced by another of the same name");
        return true;
    }
    if (info->serial == review->serial && info->committed == review->records && same_meta)
        return false;
    if (info->committed != review->records)
        describe_records(review, info, text, SESSION_TEXT);
    else
        snprintf(text, SESSION_TEXT, "another process committed meanwhile");
    if (!same_meta) {
        size_t len = strlen(text);

        snprintf(text + len, SESSION_TEXT - len, "; its metadata is another");
    }
    return true;
}

/* ---- What a commit would do ---- */

/* `none`, `"its beginning"...` or `1,234 bytes` where the beginning says nothing. */
static void describe_value(const uint8_t *bytes, size_t len, char text[VALUE_TEXT])
{
    char preview[PREVIEW_BYTES];
    size_t taken;

    if (!bytes) {
        snprintf(text, VALUE_TEXT, "none");
        return;
    }
    taken = safetext_fit(safetext_mode_of_locale(), bytes, len, PREVIEW_CELLS, preview,
                         sizeof(preview), NULL);
    if (taken == len)
        snprintf(text, VALUE_TEXT, "\"%s\"", preview);
    else
        snprintf(text, VALUE_TEXT, "\"%s...\" (%zu bytes)", preview, len);
}

static void describe_append(const struct session *session, const struct session_review *review,
                            char *text, size_t size)
{
    char first[FORMAT_NUMBER], last[FORMAT_NUMBER], count[FORMAT_NUMBER];
    uint64_t pieces = session->stage.count;

    format_grouped(review->records + 1, first);
    format_grouped(review->records + pieces, last);
    format_grouped(pieces, count);
    if (pieces == 1)
        snprintf(text, size, "append 1 -> #%s; ", first);
    else if (pieces > 1)
        snprintf(text, size, "append %s -> #%s-#%s; ", count, first, last);
    else
        text[0] = '\0';
}

static void describe_meta(struct session *session, char *text, size_t size)
{
    const struct stage *stage = &session->stage;
    struct capf_bytes old = {0};
    char before[VALUE_TEXT], after[VALUE_TEXT];

    text[0] = '\0';
    if (stage->meta == STAGE_META_KEEP)
        return;
    if (session->file && session_meta(session, &old, NULL) == CAPF_OK)
        describe_value(old.data, old.len, before);
    else
        snprintf(before, sizeof(before), "unreadable");
    describe_value(stage->meta == STAGE_META_SET ? stage->meta_bytes : NULL, stage->meta_len,
                   after);
    snprintf(text, size, "metadata: %s -> %s; ", before, after);
}

void session_review_text(struct session *session, const struct session_review *review,
                         char text[SESSION_TEXT])
{
    char append[APPEND_TEXT], meta[SESSION_TEXT / 2];

    describe_append(session, review, append, sizeof(append));
    describe_meta(session, meta, sizeof(meta));
    snprintf(text, SESSION_TEXT, "%s%scannot be undone", append, meta);
}
