/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the program said: the last messages of the session, oldest first, for the command log. Texts
 * are as they were said, not safe for a terminal.
 */
#ifndef APP_MESSAGES_H
#define APP_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define MESSAGES_KEPT 200

struct message {
    char *text;
    bool is_failure;
    time_t when;
};

/* All zeros: none. */
struct messages {
    struct message *kept; /* a ring */
    size_t first, count;
};

void messages_add(struct messages *messages, const char *text, bool is_failure);
/* The one at a place, 0 the oldest. */
const struct message *messages_at(const struct messages *messages, size_t index);
void messages_release(struct messages *messages);

#endif
