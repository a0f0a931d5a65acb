/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splitting a line: see words.h.
 */
#include "app/words.h"

#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *line;
    size_t at;
    char *word; /* never longer than the line, so it is allocated once */
    size_t len;
    bool marks; /* 'a is a mark, where it can be none but that */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t words_skip_blanks(const char *line, size_t pos)
{
    while (is_blank(line[pos]))
        pos++;
    return pos;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* \xHH; a NUL cannot be part of a word. */
static enum words_status take_hex(struct scan *scan)
{
    int high = hex_digit(scan->line[scan->at + 2]);
    int low = high < 0 ? -1 : hex_digit(scan->line[scan->at + 3]);

    if (low < 0 || high * 16 + low == 0)
        return WORDS_BAD_ESCAPE;
    scan->word[scan->len++] = (char)(high * 16 + low);
    scan->at += 4;
    return WORDS_ONE;
}

/* A backslash and what follows it. On trouble `at` stays on the backslash. */
static enum words_status take_escape(struct scan *scan)
{
    static const char letters[] = "ntre\\\"' \t#$";
    static const char meanings[] = "\n\t\r\033\\\"' \t#$";
    char c = scan->line[scan->at + 1];
    const char *found = c ? strchr(letters, c) : NULL;

    if (!c)
        return WORDS_UNCLOSED;
    if (c == 'x')
        return take_hex(scan);
    if (!found)
        return WORDS_BAD_ESCAPE;
    scan->word[scan->len++] = meanings[found - letters];
    scan->at += 2;
    return WORDS_ONE;
}

static enum words_status take_quoted(struct scan *scan)
{
    size_t open = scan->at;
    char quote = scan->line[scan->at++];

    while (scan->line[scan->at] && scan->line[scan->at] != quote) {
        if (quote == '"' && scan->line[scan->at] == '\\') {
            enum words_status status = take_escape(scan);

            if (status != WORDS_ONE)
                return status;
        } else {
            scan->word[scan->len++] = scan->line[scan->at++];
        }
    }
    if (!scan->line[scan->at]) {
        scan->at = open;
        return WORDS_UNCLOSED;
    }
    scan->at++;
    return WORDS_ONE;
}

/* At a quote: a mark begins a position, and a position ends behind it. */
static bool is_mark(const struct scan *scan)
{
    const char *at = scan->line + scan->at;
    const char *word = scan->word, *end = word + scan->len;
    bool begins =
        scan->len == 0 || end[-1] == ',' || (scan->len >= 2 && end[-1] == '.' && end[-2] == '.');
    bool is_letter = (at[1] >= 'a' && at[1] <= 'z') || (at[1] >= 'A' && at[1] <= 'Z');

    return begins && is_letter &&
           (at[2] == '\0' || at[2] == ',' || is_blank(at[2]) || strncmp(at + 2, "..", 2) == 0);
}

static enum words_status take_word(struct scan *scan)
{
    enum words_status status = WORDS_ONE;

    while (status == WORDS_ONE && scan->line[scan->at] && !is_blank(scan->line[scan->at])) {
        char c = scan->line[scan->at];

        if (c == '\'' && scan->marks && is_mark(scan))
            scan->word[scan->len++] = scan->line[scan->at++];
        else if (c == '\'' || c == '"')
            status = take_quoted(scan);
        else if (c == '\\')
            status = take_escape(scan);
        else
            scan->word[scan->len++] = scan->line[scan->at++];
    }
    return status;
}

static enum words_status next(const char *line, size_t *pos, char **word, bool marks)
{
    struct scan scan = {line, words_skip_blanks(line, *pos), NULL, 0, marks};
    enum words_status status;

    if (!line[scan.at])
        return WORDS_END;
    scan.word = memory_resize(NULL, strlen(line + scan.at) + 1);
    status = take_word(&scan);
    scan.word[scan.len] = '\0';
    *pos = scan.at;
    if (status == WORDS_BAD_ESCAPE)
        free(scan.word);
    else
        *word = scan.word;
    return status;
}

enum words_status words_next(const char *line, size_t *pos, char **word)
{
    return next(line, pos, word, false);
}

enum words_status words_next_position(const char *line, size_t *pos, char **word)
{
    return next(line, pos, word, true);
}

/* ---- The way back ---- */

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

static bool needs_quotes(const char *text)
{
    bool needs = text[0] == '\0' || text[0] == '#';

    for (; *text; text++)
        needs = needs || is_control((unsigned char)*text) || strchr(" \"'\\", *text);
    return needs;
}

/* One byte as it stands in double quotes. At most four bytes and a NUL. */
static size_t quote_byte(char c, char *out)
{
    static const char meanings[] = "\n\t\r\033\\\"";
    static const char letters[] = "ntre\\\"";
    const char *found = c ? strchr(meanings, c) : NULL;

    if (found)
        return (size_t)sprintf(out, "\\%c", letters[found - meanings]);
    if (is_control((unsigned char)c))
        return (size_t)sprintf(out, "\\x%02x", (unsigned)(unsigned char)c);
    *out = c;
    return 1;
}

char *words_quote(const char *text, bool open)
{
    char *quoted;
    size_t len = 0;

    if (!needs_quotes(text))
        return memory_string(text);
    quoted = memory_zeroed(4 * strlen(text) + 3);
    quoted[len++] = '"';
    for (; *text; text++)
        len += quote_byte(*text, quoted + len);
    if (!open)
        quoted[len++] = '"';
    quoted[len] = '\0';
    return quoted;
}
