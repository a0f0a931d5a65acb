/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Positions and ranges as people type them.
 *
 *     N   1_000   .   $   +N   -N   N%          a position: a record's number,
 *                                               the current, the last, relative
 *     A..B   A..   ..B   ..                     a range, both ends included
 *     A,B,C..D                                  a list
 *
 * Pure; a range is two numbers and never more. A single position that names no
 * record is an error; a range gives what exists of it.
 */
#ifndef APP_RANGE_H
#define APP_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t first, last; /* nothing when first > last */
};

struct range_list {
    struct range *items;
    size_t count, room;
};

/* What `.` and `$` are: record numbers, 0 when there is no record. */
struct range_base {
    uint64_t current, last;
};

#define RANGE_ERROR 160

/* Adds what `text` says to the list. On failure `error` is one sentence. */
bool range_parse(struct range_list *list, const char *text, const struct range_base *base,
                 char error[RANGE_ERROR]);
/* The same of several arguments; none at all means everything. */
bool range_parse_all(struct range_list *list, int count, char *const *texts,
                     const struct range_base *base, char error[RANGE_ERROR]);
void range_list_release(struct range_list *list);

/* How many records the list names, as often as it names them; at most UINT64_MAX. */
uint64_t range_list_total(const struct range_list *list);

/* A single position, which must be a record that exists. */
bool range_parse_position(const char *text, const struct range_base *base, uint64_t *recno,
                          char error[RANGE_ERROR]);

/* A number, perhaps with `_` between digits, at *text, which moves behind it. Too large a number
 * becomes UINT64_MAX. False: there is no digit. */
bool range_parse_number(const char **text, uint64_t *number);

#endif
