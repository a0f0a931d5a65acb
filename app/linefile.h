/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text that is read line by line: a script, or commands on standard input. A line ends with LF or
 * CR LF; the last one may end without. What is no text is trouble, and said.
 */
#ifndef APP_LINEFILE_H
#define APP_LINEFILE_H

#include "app/input.h"

enum linefile_status { LINEFILE_LINE, LINEFILE_END, LINEFILE_BAD };

struct linefile {
    struct input input;
    const char *name;  /* as it was given; not safe as it stands */
    uint64_t number;   /* of the line that was read last, from 1 */
    const char *fault; /* LINEFILE_BAD: a sentence. Static, or strerror's */
};

/* "-" is standard input. Returns 0 or an errno. */
int linefile_open(struct linefile *file, const char *path);
void linefile_release(struct linefile *file);

/* *line is the caller's to free, and holds no newline. */
enum linefile_status linefile_next(struct linefile *file, char **line);

#endif
