/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a usage; see usage.h. */
#include "app/usage.h"

#include <string.h>

/* Where the brackets or the word at `at` end. */
static size_t piece_end(const char *usage, size_t at)
{
    int depth = 0;
    for (; usage[at] != '\0' && (depth > 0 || usage[at] != ' '); at++)
        depth += usage[at] == '[' ? 1 : usage[at] == ']' ? -1 : 0;
    return at;
}

/* The next part from *at on: brackets with all in them, or words with bars between. */
static bool next_part(const char *usage, size_t *at, struct usage_part *part)
{
    size_t start = *at + strspn(usage + *at, " "), end;
    if (usage[start] == '\0')
        return false;
    end = piece_end(usage, start);
    while (strncmp(usage + end, " | ", 3) == 0)
        end = piece_end(usage, end + 3);
    *part = (struct usage_part){start, end - start};
    *at = end;
    return true;
}

/* Does one of its alternatives stand by its place? Options do not, named or not. */
static bool has_argument(const char *usage, const struct usage_part *part)
{
    size_t at = part->start, end = part->start + part->len;
    while (at < end) {
        at += strspn(usage + at, "[ ");
        if (usage[at] != '-' && strncmp(usage + at, "OPTION", 6) != 0)
            return true;
        const char *bar = memchr(usage + at, '|', end - at);
        if (bar == NULL)
            return false;
        at = (size_t)(bar - usage) + 1;
    }
    return false;
}

static bool repeats(const char *usage, const struct usage_part *part)
{
    for (size_t i = 0; i + 3 <= part->len; i++)
        if (strncmp(usage + part->start + i, "...", 3) == 0 ||
            (i > 0 && usage[part->start + i] == '['))
            return true;
    return false;
}

bool usage_argument(const char *usage, int index, struct usage_part *part)
{
    struct usage_part next;
    bool found = false;
    for (size_t at = 0; index >= 0 && next_part(usage, &at, &next);) {
        if (!has_argument(usage, &next))
            continue;
        *part = next;
        found = true;
        index--;
    }
    return found && (index < 0 || repeats(usage, part));
}

static bool is_word_end(char c)
{
    return c == '\0' || strchr(" []|.,", c) != NULL;
}

bool usage_part_has(const char *usage, const struct usage_part *part, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = part->start; i + len <= part->start + part->len; i++)
        if (strncmp(usage + i, name, len) == 0 && is_word_end(usage[i + len]) &&
            (i == 0 || is_word_end(usage[i - 1])))
            return true;
    return false;
}

bool usage_option(const char *usage, const char *option, struct usage_part *part)
{
    struct usage_part all = {0, strlen(usage)};
    size_t len = strlen(option) + 2;
    for (size_t i = 0; i + len <= all.len; i++) {
        struct usage_part here = {i, len};
        if (strncmp(usage + i, "--", 2) != 0 || strncmp(usage + i + 2, option, len - 2) != 0 ||
            !is_word_end(usage[i + len]))
            continue;
        if (usage[i + len] == ' ' && usage[i + len + 1] >= 'A' && usage[i + len + 1] <= 'Z')
            here.len += 1 + strcspn(usage + i + len + 1, " ]|");
        *part = here;
        return true;
    }
    return false;
}
