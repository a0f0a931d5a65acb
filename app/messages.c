/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last messages; see messages.h. */
#include "app/messages.h"

#include "app/memory.h"

#include <stdlib.h>

void messages_add(struct messages *messages, const char *text, bool is_failure)
{
    struct message *message;
    if (messages->kept == NULL)
        messages->kept = memory_zeroed(MESSAGES_KEPT * sizeof messages->kept[0]);
    message = &messages->kept[(messages->first + messages->count) % MESSAGES_KEPT];
    if (messages->count < MESSAGES_KEPT)
        messages->count++;
    else
        messages->first = (messages->first + 1) % MESSAGES_KEPT;
    free(message->text);
    *message = (struct message){memory_string(text), is_failure, time(NULL)};
}

const struct message *messages_at(const struct messages *messages, size_t index)
{
    return &messages->kept[(messages->first + index) % MESSAGES_KEPT];
}

void messages_release(struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        free(messages->kept[i].text);
    free(messages->kept);
    *messages = (struct messages){0};
}
