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

/* `"all of it"` or `"its beginning..." (1234 bytes)`. Of `len` bytes the first `head_len` are at hand. */
static void describe_value(const uint8_t *head, size_t head_len, uint64_t len,
                           char text[VALUE_TEXT])
{
    char preview[PREVIEW_BYTES];
    size_t taken = safetext_fit(safetext_mode_of_locale(), head, head_len, PREVIEW_CELLS, preview,
                                sizeof(preview), NULL);

    if (taken == len)
        snprintf(text, VALUE_TEXT, "\"%s\"", preview);
    else
        snprintf(text, VALUE_TEXT, "\"%s...\" (%" PRIu64 " bytes)", preview, len);
}

static void describe_current(struct session *session, char text[VALUE_TEXT])
{
    struct session_meta meta;

    if (!session->file || session_meta(session, &meta, NULL) != CAPF_OK)
        snprintf(text, VALUE_TEXT, "unreadable");
    else if (!meta.present)
        snprintf(text, VALUE_TEXT, "none");
    else
        describe_value(meta.head, meta.head_len, meta.len, text);
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
    char before[VALUE_TEXT], after[VALUE_TEXT] = "none";

    text[0] = '\0';
    if (stage->meta == STAGE_META_KEEP)
        return;
    describe_current(session, before);
    if (stage->meta == STAGE_META_SET)
        describe_value(stage->meta_bytes, stage->meta_len, stage->meta_len, after);
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
