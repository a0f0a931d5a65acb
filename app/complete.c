/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion: which word of a line is being typed, and what could stand there.
 * A command's own completer knows its arguments; names of commands and options
 * are completed here.
 */
#include "app/command.h"

#include "app/memory.h"
#include "app/usage.h"
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
        if (status == WORDS_UNCLOSED && takes_positions(completion)) {
            free(word);
            word = memory_string(line + start); /* a mark whose letter is yet to come */
        }
        if (status == WORDS_END || status == WORDS_BAD_ESCAPE)
            completion->word = memory_string("");
        else if (status == WORDS_UNCLOSED || pos == len)
            completion->word = word;
        if (completion->word)
            return;
        add_argument(completion, word);
    }
}

/* The place of a text among what was found; *is_new: it is yet to be put there. */
static size_t place_of(const struct completion *completion, const char *text, bool *is_new)
{
    size_t at = 0;

    while (at < completion->count && strcmp(completion->found[at], text) < 0)
        at++;
    *is_new = at == completion->count || strcmp(completion->found[at], text) != 0;
    return at;
}

static void insert_at(char ***array, size_t *room, size_t count, size_t at, const char *text)
{
    *array = memory_grow(*array, room, count + 1, sizeof(**array));
    memmove(*array + at + 1, *array + at, (count - at) * sizeof(**array));
    (*array)[at] = text ? memory_string(text) : NULL;
}

void completion_add_noted(struct completion *completion, const char *text, const char *note)
{
    bool is_new;
    size_t at;

    if (strncmp(text, completion->word, strlen(completion->word)) != 0)
        return;
    at = place_of(completion, text, &is_new);
    if (!is_new)
        return;
    insert_at(&completion->found, &completion->room, completion->count, at, text);
    insert_at(&completion->notes, &completion->notes_room, completion->count, at, note);
    completion->count++;
}

void completion_add(struct completion *completion, const char *text)
{
    completion_add_noted(completion, text, NULL);
}

static void complete_name(struct completion *completion)
{
    const struct command *row;

    for (size_t i = 0; (row = command_at(i)) != NULL; i++)
        if (row->run && (completion->ctx->browser || !(row->flags & CMD_SCREEN)))
            completion_add_noted(completion, row->name, row->help);
}

/* "FORMAT  lines, raw, framed, hex or text" */
static void complete_option(struct completion *completion)
{
    const struct option_spec *spec = completion->command->options;

    for (; spec && spec->name; spec++) {
        char text[64], note[160];

        snprintf(text, sizeof(text), "--%s", spec->name);
        snprintf(note, sizeof(note), "%s%s%s", spec->value ? spec->value : "",
                 spec->value ? "  " : "", spec->help);
        completion_add_noted(completion, text, note);
    }
}

/* ---- Values ---- */

static const char *const formats[] = {"lines", "raw", "framed", "hex", "text", NULL};

static bool names_file(const char *name)
{
    return strcmp(name, "FILE") == 0 || strcmp(name, "OUT") == 0 || strcmp(name, "INPUT") == 0;
}

/* The word may be --format=VALUE as a whole. */
static void complete_value(struct completion *completion)
{
    const char *name = completion->value_of->value;
    char text[96];

    if (names_file(name))
        completion_add_files(completion);
    else if (strcmp(name, "FORMAT") != 0 && completion->command->complete)
        completion->command->complete(completion); /* which knows what it means */
    if (strcmp(name, "FORMAT") != 0)
        return;
    for (size_t i = 0; formats[i]; i++) {
        snprintf(text, sizeof(text), "%.*s%s", (int)(completion->value_at % 64), completion->word,
                 formats[i]);
        completion_add(completion, text);
    }
}

/* Completers come first; where there is none, the usage knows where a file's name belongs. */
static void complete_argument(struct completion *completion)
{
    static const char *const names[] = {"FILE", "OUT", "INPUT"};
    const struct command *command = completion->command;
    struct usage_part part;

    if (command->complete) {
        command->complete(completion);
        return;
    }
    if (!usage_argument(command->usage, completion_place(completion), &part))
        return;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (usage_part_has(command->usage, &part, names[i]))
            completion_add_files(completion);
}

/* ---- Where the cursor is ---- */

static const struct option_spec *spec_of(const struct command *command, const char *word,
                                         size_t len)
{
    int index = -1;

    if (strncmp(word, "--", 2) == 0)
        index = option_find(command->options, word + 2, len - 2);
    else if (word[0] == '-' && len == 2)
        index = option_find_letter(command->options, word[1]);
    return index < 0 || !command->options[index].value ? NULL : &command->options[index];
}

static bool options_ended(const struct completion *completion)
{
    for (int i = 1; i < completion->argc; i++)
        if (strcmp(completion->argv[i], "--") == 0)
            return true;
    return false;
}

static void locate_value(struct completion *completion)
{
    const char *last = completion->argv[completion->argc - 1];
    const char *equals = strchr(completion->word, '=');

    if (options_ended(completion))
        return;
    if (completion->argc > 1)
        completion->value_of = spec_of(completion->command, last, strlen(last));
    if (completion->value_of || !equals || completion->word[0] != '-')
        return;
    completion->value_of =
        spec_of(completion->command, completion->word, (size_t)(equals - completion->word));
    if (completion->value_of)
        completion->value_at = (size_t)(equals - completion->word) + 1;
}

int completion_place(const struct completion *completion)
{
    int place = 0;
    bool ended = false;

    for (int i = 1; i < completion->argc; i++) {
        const char *word = completion->argv[i];
        bool option = !ended && word[0] == '-' && word[1] && (word[1] < '0' || word[1] > '9');

        ended = ended || strcmp(word, "--") == 0;
        if (!option)
            place++;
        else if (spec_of(completion->command, word, strlen(word)))
            i++;
    }
    return place;
}

void completion_locate(struct context *ctx, const char *line, size_t cursor,
                       struct completion *completion)
{
    char *head = memory_copy(line, cursor);

    memset(completion, 0, sizeof(*completion));
    completion->ctx = ctx;
    split(completion, head);
    free(head);
    if (completion->argc == 0)
        return;
    completion->command = command_find(completion->argv[0]);
    if (completion->command)
        locate_value(completion);
}

void command_complete(struct context *ctx, const char *line, size_t cursor,
                      struct completion *completion)
{
    completion_locate(ctx, line, cursor, completion);
    if (completion->argc == 0)
        complete_name(completion);
    else if (!completion->command)
        return;
    else if (completion->value_of)
        complete_value(completion);
    else if (completion->word[0] == '-' && !options_ended(completion))
        complete_option(completion);
    else
        complete_argument(completion);
}

void completion_release(struct completion *completion)
{
    for (int i = 0; i < completion->argc; i++)
        free(completion->argv[i]);
    for (size_t i = 0; i < completion->count; i++) {
        free(completion->found[i]);
        free(completion->notes[i]);
    }
    free(completion->argv);
    free(completion->found);
    free(completion->notes);
    free(completion->word);
    memset(completion, 0, sizeof(*completion));
}
