/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command line's words. Blanks part them; 'single quotes' keep everything,
 * "double quotes" and bare text know the escapes \n \t \r \e \\ \" \' \xHH and
 * a backslash before a blank. Pure.
 */
#ifndef APP_WORDS_H
#define APP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum words_status {
    WORDS_ONE,       /* here is a word */
    WORDS_END,       /* there is none */
    WORDS_UNCLOSED,  /* the line ends within quotes, or behind a backslash; the word so far */
    WORDS_BAD_ESCAPE /* an escape that means nothing */
};

/* The next word from byte *pos of the line. *word is the caller's to free, except after WORDS_END
 * and WORDS_BAD_ESCAPE. *pos moves behind the word; after WORDS_UNCLOSED and WORDS_BAD_ESCAPE it is
 * the place of the quote or backslash. */
enum words_status words_next(const char *line, size_t *pos, char **word);

/* The same where words are positions: 'a, 'a..'b and 7,'a are marks, and 'a b' is quoted no more. */
enum words_status words_next_position(const char *line, size_t *pos, char **word);

/* A text as a line's word, which words_next gives back byte for byte; to be freed. One that needs no
 * quotes gets none. With `open`, the closing quote is left out, for more to be typed. */
char *words_quote(const char *text, bool open);

/* The place of the next byte that is no blank. */
size_t words_skip_blanks(const char *line, size_t pos);

#endif
