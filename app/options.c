/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The option parser: see options.h.
 */
#include "app/options.h"

#include <stdio.h>
#include <string.h>

/* One run over an argument list. */
struct scan {
    const struct option_spec *specs;
    struct options *options;
    int argc;
    char **argv;
    int at; /* the argument being looked at */
    char *error;
};

static bool scan_fail(struct scan *scan, const char *what, const char *name, size_t len)
{
    snprintf(scan->error, OPTIONS_ERROR, "%s%.*s", what, len > 60 ? 60 : (int)len, name);
    return false;
}

int option_find(const struct option_spec *specs, const char *name, size_t name_len)
{
    for (int i = 0; specs && specs[i].name; i++)
        if (strlen(specs[i].name) == name_len && memcmp(specs[i].name, name, name_len) == 0)
            return i;
    return -1;
}

int option_find_letter(const struct option_spec *specs, char letter)
{
    for (int i = 0; letter && specs && specs[i].name; i++)
        if (specs[i].letter == letter)
            return i;
    return -1;
}

static void scan_note(struct scan *scan, int index, const char *value)
{
    scan->options->given[index] = true;
    scan->options->value[index] = value;
}

/* --name, --name=value, --name value */
static bool scan_long(struct scan *scan)
{
    const char *arg = scan->argv[scan->at];
    const char *name = arg + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    int index = option_find(scan->specs, name, len);

    if (index < 0 && strcmp(name, "help") == 0)
        return scan->options->help = true;
    if (index < 0)
        return scan_fail(scan, "there is no option ", arg, len + 2);
    if (!scan->specs[index].value) {
        if (equals)
            return scan_fail(scan, "no value goes with ", arg, len + 2);
        scan_note(scan, index, NULL);
        return true;
    }
    if (!equals && scan->at + 1 >= scan->argc)
        return scan_fail(scan, "a value is missing behind ", arg, len + 2);
    scan_note(scan, index, equals ? equals + 1 : scan->argv[++scan->at]);
    return true;
}

/* -n, -nvalue, -n value, -ab */
static bool scan_letters(struct scan *scan)
{
    const char *letters;

    for (letters = scan->argv[scan->at] + 1; *letters; letters++) {
        char shown[3] = {'-', *letters, '\0'};
        int index = option_find_letter(scan->specs, *letters);

        if (index < 0)
            return scan_fail(scan, "there is no option ", shown, 2);
        if (!scan->specs[index].value) {
            scan_note(scan, index, NULL);
            continue;
        }
        if (letters[1] == '\0' && scan->at + 1 >= scan->argc)
            return scan_fail(scan, "a value is missing behind ", shown, 2);
        scan_note(scan, index, letters[1] ? letters + 1 : scan->argv[++scan->at]);
        break;
    }
    return true;
}

/* "-" alone and negative numbers are none. */
static bool is_option(const struct option_spec *specs, const char *arg)
{
    if (arg[0] != '-' || arg[1] == '\0')
        return false;
    if (arg[1] >= '0' && arg[1] <= '9')
        return option_find_letter(specs, arg[1]) >= 0;
    return true;
}

bool options_parse(const struct option_spec *specs, int *argc, char **argv, struct options *options,
                   char error[OPTIONS_ERROR])
{
    struct scan scan = {specs, options, *argc, argv, 1, error};
    int kept = 1;
    bool ended = false;

    memset(options, 0, sizeof(*options));
    options->specs = specs;
    for (; scan.at < scan.argc; scan.at++) {
        char *arg = argv[scan.at];

        if (ended || !is_option(specs, arg))
            argv[kept++] = arg;
        else if (strcmp(arg, "--") == 0)
            ended = true;
        else if (arg[1] == '-' ? !scan_long(&scan) : !scan_letters(&scan))
            return false;
    }
    if (kept < *argc)
        argv[kept] = NULL;
    *argc = kept;
    return true;
}

/* Is the value of this option, which exists or not, the next argument? */
static bool value_follows(const struct option_spec *specs, const char *arg)
{
    int index;

    if (arg[1] == '-')
        index = option_find(specs, arg + 2, strlen(arg + 2));
    else
        index = arg[2] ? -1 : option_find_letter(specs, arg[1]);
    return index >= 0 && specs[index].value;
}

int options_arguments(const struct option_spec *specs, int argc, char *const *argv)
{
    int count = 0, i;

    for (i = 1; i < argc; i++) {
        if (!is_option(specs, argv[i]))
            count++;
        else if (value_follows(specs, argv[i]))
            i++;
    }
    return i > argc ? -1 : count;
}
