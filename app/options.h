/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options as a command's row declares them, and the parser that takes them off
 * an argument list: --name, --name=value, --name value, -n, -nvalue, -ab, and
 * -- which ends them. Pure. The same declarations serve help and completion.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_spec {
    const char *name;  /* without the dashes */
    char letter;       /* 0: none */
    bool tail;         /* on a command line the value is the rest of the line, verbatim */
    const char *value; /* what the value is called in help; NULL: the option has none */
    const char *help;
};

#define OPTIONS_MAX 16

/* What was given, by place in the row's list. The values point into the arguments. */
struct options {
    const struct option_spec *specs; /* NULL: none are known */
    bool help;                       /* --help, which every list has */
    bool given[OPTIONS_MAX];
    const char *value[OPTIONS_MAX];
};

#define OPTIONS_ERROR 160

/* Takes the options out of argv[1..*argc), keeping the order of the rest. On failure `error` is
 * one sentence, and argv is as it was or partly moved. An argument like -5 is no option unless the
 * digit is a letter of one. */
bool options_parse(const struct option_spec *specs, int *argc, char **argv, struct options *options,
                   char error[OPTIONS_ERROR]);

/* How many of the arguments behind argv[0] are neither options nor values of options; -1: the value
 * of the last is still to come. */
int options_arguments(const struct option_spec *specs, int argc, char *const *argv);

/* The place of an option in its list by name, by letter; -1: none. */
int option_find(const struct option_spec *specs, const char *name, size_t name_len);
int option_find_letter(const struct option_spec *specs, char letter);

#endif
