/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion: which word of a line is being typed, and what could stand there.
 * A command's own completer knows its arguments; names of commands and options
 * are completed here.
 */
#include "app/command.h"

#include "app/memory.h"
#include "app/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_argument(struct completion *completion, char *word)
{
    completion->argv = memory_resize(completion->argv,
                                     ((size_t)completion->argc + 1) * sizeof(completion->argv[0]));
    completion->argv[completion->argc++] = word;
}

static bool takes_positions(const struct completion *completion)
{
    const struct command *row = completion->argc > 0 ? command_find(completion->argv[0]) : NULL;

    return row && (row->flags & CMD_POSITIONS);
}

/* Splits the line up to the cursor: whole words become arguments, the last one, which touches the
 * cursor, is the word to complete. */
static void split(struct completion *completion, const char *line)
{
    size_t pos = 0, len = strlen(line);

    for (;;) {
        size_t start = words_skip_blanks(line, pos);
        enum words_status status;
        char *word = NULL;

        pos = start;
        completion->start = start;
        status = takes_positions(completion) ? words_next_position(line, &pos, &word)
                                             : words_next(line, &pos, &word);
        if (status == WORDS_END || status == WORDS_BAD_ESCAPE)
            completion->word = memory_string("");
        else if (status == WORDS_UNCLOSED || pos == len)
            completion->word = word;
        if (completion->word)
            return;
        add_argument(completion, word);
    }
}

void completion_add(struct completion *completion, const char *text)
{
    size_t at = 0;

    if (strncmp(text, completion->word, strlen(completion->word)) != 0)
        return;
    while (at < completion->count && strcmp(completion->found[at], text) < 0)
        at++;
    if (at < completion->count && strcmp(completion->found[at], text) == 0)
        return;
    completion->found = memory_grow(completion->found, &completion->room, completion->count + 1,
                                    sizeof(completion->found[0]));
    memmove(completion->found + at + 1, completion->found + at,
            (completion->count - at) * sizeof(completion->found[0]));
    completion->found[at] = memory_string(text);
    completion->count++;
}

static void complete_name(struct completion *completion)
{
    const struct command *row;

    for (size_t i = 0; (row = command_at(i)) != NULL; i++)
        if (row->run && (completion->ctx->browser || !(row->flags & CMD_SCREEN)))
            completion_add(completion, row->name);
}

static void complete_option(struct completion *completion)
{
    const struct option_spec *spec = completion->command->options;

    for (; spec && spec->name; spec++) {
        char text[64];

        snprintf(text, sizeof(text), "--%s", spec->name);
        completion_add(completion, text);
    }
}

void command_complete(struct context *ctx, const char *line, size_t cursor,
                      struct completion *completion)
{
    char *head = memory_copy(line, cursor);

    memset(completion, 0, sizeof(*completion));
    completion->ctx = ctx;
    split(completion, head);
    free(head);
    if (completion->argc == 0) {
        complete_name(completion);
        return;
    }
    completion->command = command_find(completion->argv[0]);
    if (!completion->command)
        return;
    if (completion->word[0] == '-')
        complete_option(completion);
    else if (completion->command->complete)
        completion->command->complete(completion);
}

void completion_release(struct completion *completion)
{
    for (int i = 0; i < completion->argc; i++)
        free(completion->argv[i]);
    for (size_t i = 0; i < completion->count; i++)
        free(completion->found[i]);
    free(completion->argv);
    free(completion->found);
    free(completion->word);
    memset(completion, 0, sizeof(*completion));
}
