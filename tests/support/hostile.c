/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile bytes and their twins; see hostile.h. */
#include "tests/support/hostile.h"

#include <stdlib.h>
#include <string.h>

/* Each has its NUL, so that one may hold others. */
static const char *const texts[] = {
    "plain",
    "x",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "overwritten\rX",
    "\033[31m",
    "\033[2J\033[H",
    "\033]0;owned\033\\",
    "\033]52;c;ZXZpbA==\033\\",
    "\033[?1049l",
    "\033[6n",
    "\033c",
    "\033(0",
    "\033P1$r0m\033\\",
    "\033[20t",
    "\033[5i",
    "\033#8",
    "\033[1;1r",
    "\033[?1000h",
    "\033[200~",
    "\xc2\x9b"
    "2J",
    "\xc2\x9d"
    "0;t\xc2\x9c",
    "\xc2\x85",
    "\xe2\x80\xae"
    "gpj.exe",
    "\xe2\x81\xa6",
    "\xe2\x80\x8b",
    "\xef\xbb\xbf",
    "\xc2\xad",
    "\xe2\x80\xa8",
    "\xf3\xa0\x81\x81",
    "\xee\x80\x80",
    "\xef\xbf\xbe",
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
    "\xe6\xbc\xa2\xe5\xad\x97",
    "e\xcc\x81",
    "z\xcc\x80\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89",
    "\xcc\x81",
    "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
    "\xe1\x85\x9f",
    "\xe3\x85\xa4",
    "$(reboot)",
    "%s%n",
    "\\033[31m",
    "<U+202E>",
    "^[",
};

static const char *const binary[] = {
    "\x9b"
    "31m",
    "\x9d"
    "0;t\x9c",
    "\x90q\x9c",
    "\x07",
    "\b\b\b",
    "\x0e",
    "\x0f",
    "\x7f",
    "\x01",
    "\x1a",
    "\xff\xfe",
    "\xc0\xaf",
    "\xc0\x9b",
    "\xe0\x80\x9b",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xe2\x80",
    "\xf0\x9f\x99",
    "\x05",
    "\v",
    "\f",
    "\x80\x81",
    "\x1b",
};

static void add(struct hostile *hostile, const char *bytes, size_t len)
{
    if (len > sizeof hostile->bytes - hostile->len)
        return;
    memcpy(hostile->bytes + hostile->len, bytes, len);
    hostile->len += len;
}

static bool is_for_line(const char *piece)
{
    return strpbrk(piece, "\n\t/\\'\"") == NULL;
}

/* One of the list, any byte, or a NUL; now and then many of it. */
static void add_piece(struct hostile *hostile, struct rng *rng, enum hostile_kind kind)
{
    bool line = kind == HOSTILE_LINE || kind == HOSTILE_WORD;
    bool any = kind != HOSTILE_TEXT && kind != HOSTILE_WORD && rng_chance(rng, 40);
    char byte = (char)rng_below(rng, 256);
    const char *piece = any ? binary[rng_below(rng, sizeof binary / sizeof binary[0])]
                            : texts[rng_below(rng, sizeof texts / sizeof texts[0])];
    unsigned times = !line && rng_chance(rng, 2) ? 100 : 1;
    if (line && !is_for_line(piece))
        return;
    if (kind == HOSTILE_WORD && strchr(piece, '\r') != NULL)
        return;
    while (times-- > 0 && hostile->len + strlen(piece) < HOSTILE_MAX)
        add(hostile, piece, strlen(piece));
    if (kind == HOSTILE_BYTES && rng_chance(rng, 20))
        add(hostile, &byte, 1);
}

void hostile_make(struct hostile *hostile, struct rng *rng, enum hostile_kind kind, unsigned units)
{
    hostile->len = 0;
    while (units-- > 0)
        add_piece(hostile, rng, kind);
    if (kind == HOSTILE_TEXT || kind == HOSTILE_BYTES)
        add(hostile, ".", 1); /* no newline: blanks behind one would be a line */
}

void hostile_twin(const struct hostile *hostile, enum safetext_mode mode, struct hostile *twin)
{
    struct safetext st;
    struct safetext_unit unit;
    size_t at = 0, n;
    twin->len = 0;
    safetext_init(&st, mode);
    while ((n = safetext_next(&st, hostile->bytes + at, hostile->len - at, false, &unit)) > 0) {
        if (unit.code_point == '\n' || unit.code_point == '\t')
            add(twin, hostile->bytes + at, 1);
        else
            add(twin, unit.text, unit.text_len);
        at += n;
    }
}

static void fill(struct hostile *hostile, size_t len)
{
    if (hostile->len >= len)
        return;
    memset(hostile->bytes + hostile->len, ' ', len - hostile->len);
    hostile->len = len;
}

void hostile_even(struct hostile *a, struct hostile *b)
{
    fill(a, b->len);
    fill(b, a->len);
}
