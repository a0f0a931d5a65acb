/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a row's usage says of each argument: "[--json] [OUT | --dry-run] [RANGE...]" has two that
 * stand by their place, OUT and RANGE. The same text that a person reads tells completion and the
 * help at the prompt what belongs where, so the two cannot differ. Pure.
 */
#ifndef APP_USAGE_H
#define APP_USAGE_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a usage. */
struct usage_part {
    size_t start, len;
};

/* The part for the argument number `index`, from 0, options not counted. False: no more belong
 * there. */
bool usage_argument(const char *usage, int index, struct usage_part *part);

/* The part that names --option. False: it does not. */
bool usage_option(const char *usage, const char *option, struct usage_part *part);

/* Is NAME one of the words of the part: "RANGE" of "[RANGE...]"? */
bool usage_part_has(const char *usage, const struct usage_part *part, const char *name);

#endif
