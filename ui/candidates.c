/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidates from the command's completion; see candidates.h. */
#include "ui/candidates.h"

#include "app/memory.h"
#include "app/words.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that all of them begin with, whole characters only. */
static size_t common_len(const struct completion *found)
{
    size_t len = strlen(found->found[0]);
    for (size_t i = 1; i < found->count; i++) {
        size_t same = 0;
        while (same < len && found->found[i][same] == found->found[0][same])
            same++;
        len = same;
    }
    while (len > 0 && (found->found[0][len] & 0xc0) == 0x80)
        len--;
    return len;
}

static char *common_of(const struct completion *found)
{
    size_t len = common_len(found);
    char *text = memory_copy(found->found[0], len), *quoted = NULL;
    if (len > strlen(found->word))
        quoted = words_quote(text, true);
    free(text);
    return quoted;
}

/* Of a file only what stands behind the last folder. */
static const char *label_of(const struct completion *found, const char *text)
{
    size_t len = strlen(text);
    const char *label = text;
    for (size_t i = 0; found->files && i + 1 < len; i++)
        if (text[i] == '/')
            label = text + i + 1;
    return label;
}

static void fill_candidate(const struct completion *found, size_t i, struct prompt_candidate *item)
{
    const char *text = found->found[i];
    size_t len = strlen(text);
    item->insert = words_quote(text, false);
    item->label = memory_string(label_of(found, text));
    item->note = found->notes[i] != NULL ? memory_string(found->notes[i]) : NULL;
    item->whole = !found->files || len == 0 || text[len - 1] != '/';
}

void candidates_find(struct context *ctx, const char *line, size_t point,
                     struct prompt_completion *completion)
{
    struct completion found;
    command_complete(ctx, line, point, &found);
    *completion = (struct prompt_completion){.start = found.start, .count = found.count};
    if (found.count > 0)
        completion->common = common_of(&found);
    completion->items = memory_zeroed((found.count + 1) * sizeof completion->items[0]);
    for (size_t i = 0; i < found.count; i++)
        fill_candidate(&found, i, &completion->items[i]);
    completion_release(&found);
}

void candidates_release(struct prompt_completion *completion)
{
    for (size_t i = 0; i < completion->count; i++) {
        free(completion->items[i].insert);
        free(completion->items[i].label);
        free(completion->items[i].note);
    }
    free(completion->items);
    free(completion->common);
    *completion = (struct prompt_completion){0};
}
