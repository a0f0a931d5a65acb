/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sequences of a terminal; see vocabulary.h. */
#include "tests/support/test.h"

#include "tests/support/vocabulary.h"

#include "tests/support/shown.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

/* What curses may use, of all that a description has: no title, no reset, no printer. */
static const char *const capabilities[] = {
    "cup",   "home",  "cr",    "cud1",  "cub1",  "cuf1",  "cuu1",  "cub",   "cuf",   "cud",
    "cuu",   "hpa",   "vpa",   "el",    "el1",   "ed",    "ech",   "clear", "dch",   "dch1",
    "ich",   "smir",  "rmir",  "il",    "il1",   "dl",    "dl1",   "csr",   "ind",   "ri",
    "indn",  "rin",   "rep",   "sgr",   "sgr0",  "bold",  "dim",   "rev",   "smso",  "rmso",
    "smul",  "rmul",  "smacs", "rmacs", "enacs", "setaf", "setab", "op",    "civis", "cnorm",
    "cvvis", "smcup", "rmcup", "smkx",  "rmkx",  "ht",    "cbt",   "smam",  "rmam",
};

/* The length of the sequence at the front: a control, or Esc and what belongs to it; 0: it is cut. */
static size_t sequence_len(const char *at, size_t len)
{
    size_t n = 2;
    if (at[0] != '\033')
        return 1;
    if (len < 2)
        return 0;
    if (at[1] == '[') {
        while (n < len && at[n] >= 0x20 && at[n] < 0x40)
            n++;
        return n < len ? n + 1 : 0;
    }
    while (n <= len && at[n - 1] >= 0x20 && at[n - 1] < 0x30) /* Esc ( B */
        n++;
    return n <= len ? n : 0;
}

/* Numbers go, and how many there are; but those of modes and windows say what they do. */
static bool to_word(const char *at, size_t len, char word[VOCABULARY_WORD])
{
    bool is_private =
        len > 2 && at[1] == '[' && (at[2] == '?' || strchr("hlt", at[len - 1]) != NULL);
    bool numbers = false;
    size_t fill = 0;
    for (size_t i = 0; i < len && fill + 2 < VOCABULARY_WORD; i++) {
        bool number = !is_private && i >= 2 && at[1] == '[' &&
                      ((at[i] >= '0' && at[i] <= '9') || at[i] == ';');
        if (!number)
            word[fill++] = at[i];
        else if (!numbers)
            word[fill++] = '#';
        numbers = numbers || number;
    }
    word[fill] = '\0';
    return fill > 0;
}

static bool knows(const struct vocabulary *vocabulary, const char *word)
{
    for (size_t i = 0; i < vocabulary->count; i++)
        if (strcmp(vocabulary->words[i], word) == 0)
            return true;
    return false;
}

static void learn(struct vocabulary *vocabulary, const char *word)
{
    if (knows(vocabulary, word))
        return;
    assert_true(vocabulary->count < VOCABULARY_WORDS);
    strcpy(vocabulary->words[vocabulary->count++], word);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* A capability may be several sequences in a row, with delays among them. */
static void learn_string(struct vocabulary *vocabulary, const char *string)
{
    char word[VOCABULARY_WORD];
    size_t len = string != NULL ? strlen(string) : 0;
    for (size_t at = 0, n; at < len; at += n) {
        n = 1;
        if (!is_control(string[at]))
            continue;
        n = sequence_len(string + at, len - at);
        if (n == 0 || !to_word(string + at, n, word))
            return;
        learn(vocabulary, word);
    }
}

/* Sequences look different for small and large numbers. */
static void learn_capability(struct vocabulary *vocabulary, const char *name)
{
    static const int numbers[] = {0, 1, 7, 9, 40, 200};
    char copy[16];
    snprintf(copy, sizeof copy, "%s", name);
    const char *string = tigetstr(copy);
    if (string == NULL || string == (const char *)-1)
        return;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int n = numbers[i];
        char form[256];
        snprintf(form, sizeof form, "%s", string);
        learn_string(vocabulary, tparm(form, n, n, n, n, n, n, 0, 0, 0));
    }
}

void vocabulary_init(struct vocabulary *vocabulary, const char *term)
{
    int error;
    vocabulary->count = 0;
    assert_int_equal(setupterm(term, STDOUT_FILENO, &error), OK);
    for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++)
        learn_capability(vocabulary, capabilities[i]);
    learn_string(vocabulary, "\033[?2004h\033[?2004l\r\n\b\033[m");
    del_curterm(cur_term);
}

const char *vocabulary_read(struct vocabulary *used, const struct vocabulary *allowed,
                            const char *output, size_t len, size_t *at)
{
    char word[VOCABULARY_WORD];
    for (size_t i = 0, n; i < len; i += n) {
        uint32_t code_point;
        *at = i;
        n = shown_decode(output + i, len - i, &code_point);
        if (n > 0 && shown_may(code_point))
            continue;
        if (!is_control(output[i]))
            return n == 0 ? "bad UTF-8" : "a character that is not seen";
        n = sequence_len(output + i, len - i);
        if (n == 0 || !to_word(output + i, n, word))
            return "half a sequence";
        if (!knows(allowed, word))
            return "a sequence that the program does not speak";
        learn(used, word);
    }
    return NULL;
}

bool vocabulary_same(const struct vocabulary *a, const struct vocabulary *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!knows(b, a->words[i]))
            return false;
    return a->count == b->count;
}
