/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The real program ($CAPSCOPE) as a child in the scratch folder, with pipes:
 * what it is given, what it printed, and how it ended.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stddef.h>

enum program_stdout {
    PROGRAM_CAPTURED,
    PROGRAM_TERMINAL,  /* captured too, through a pseudo-terminal */
    PROGRAM_FULL,      /* /dev/full */
    PROGRAM_NO_READER, /* a pipe that nobody reads any more */
    PROGRAM_CLOSED,
};

struct program {
    const char *input; /* for its standard input; NULL: none */
    size_t input_len;
    enum program_stdout where;
    const char *term;   /* TERM; NULL: not set */
    const char *locale; /* LC_ALL; NULL: C.UTF-8 */

    int status;      /* its exit code; 128 and the signal where one ended it */
    char *out, *err; /* NUL behind; good until the next run */
    size_t out_len, err_len;
};

/* The one that a test uses; what is not set is as a shell has it. */
extern struct program program;

/* Set-up and teardown for cmocka: nothing is set, and the folder is gone afterwards. */
int program_begin(void **state);
int program_end(void **state);

/* What it reads. The bytes must last. */
void program_input(const char *input, size_t len);
#define PROGRAM_INPUT(literal) program_input(literal, sizeof(literal) - 1)

/* Runs "capscope LINE"; the line's words are split as app/words.h says. Fails the test when the
 * program cannot be run. */
void program_run(const char *line);

/* The same, and it must end with that status. */
void program_ends(const char *line, int status);
/* It prints this, complains of nothing and ends with 0. */
void program_gives(const char *line, const char *out);
/* It prints nothing, complains in this one line, and ends with 2. */
void program_fails(const char *line, const char *err);
/* It ends with 1, without a word. */
void program_finds_nothing(const char *line);

/* Makes x.capture with the records "a", "b", "" and "d e". */
void program_make_file(void);
/* Makes a file of that name with that text. */
void program_make_text(const char *name, const char *text);

#endif
