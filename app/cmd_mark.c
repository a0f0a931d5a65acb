/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mark, marks and unmark: letters for records of the open file, as long as the program runs. */
#include "app/handlers.h"

#include "app/browser.h"
#include "app/format.h"
#include "app/memory.h"
#include "app/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "a" or "'a" */
static bool take_letter(struct context *ctx, const char *text, size_t *index)
{
    text += *text == '\'' && text[1];
    if (text[0] >= 'a' && text[0] <= 'z' && text[1] == '\0') {
        *index = (size_t)(text[0] - 'a');
        return true;
    }
    if (text[0] >= 'A' && text[0] <= 'Z' && text[1] == '\0')
        command_fail_about(ctx, COMMAND_FAILED, NULL,
                           "%s is no mark: marks are a to z, and last until the program ends",
                           text);
    else
        command_misuse(ctx, "\"%s\" is no mark: it is a letter, a to z", text);
    return false;
}

/* The record that is looked at. What is staged has no number yet. */
static bool take_current(struct context *ctx, uint64_t *recno)
{
    const struct browser *browser = ctx->browser;
    *recno = browser ? browser->list.selected : ctx->session->recno;
    if (*recno == 0)
        command_fail_about(ctx, COMMAND_FAILED, NULL, "there are no records yet");
    else if (*recno > session_count(ctx->session))
        command_fail_about(ctx, COMMAND_FAILED, NULL,
                           "what is staged has no number yet: it can be marked after commit");
    else
        return true;
    return false;
}

int cmd_mark(struct context *ctx, int argc, char **argv)
{
    struct range_base base = session_base(ctx->session);
    char error[RANGE_ERROR];
    size_t index;
    uint64_t recno;
    if (!take_letter(ctx, argv[1], &index))
        return COMMAND_FAILED;
    if (argc > 2 && !range_parse_position(argv[2], &base, &recno, error))
        return command_fail_about(ctx, COMMAND_FAILED, NULL, "%s", error);
    if (argc < 3 && !take_current(ctx, &recno))
        return COMMAND_FAILED;
    ctx->session->marks[index] = recno;
    command_note(ctx, "mark %c is on record %" PRIu64, (int)('a' + index), recno);
    return COMMAND_DONE;
}

int cmd_marks(struct context *ctx, int argc, char **argv)
{
    bool json = command_flag(ctx, "json"), any = false;
    char number[FORMAT_NUMBER];
    (void)argc, (void)argv;
    for (size_t i = 0; i < RANGE_MARKS; i++) {
        uint64_t recno = ctx->session->marks[i];
        int letter = (int)('a' + i);
        if (recno == 0)
            continue;
        any = true;
        if (json)
            sink_printf(ctx->out, "{\"mark\": \"%c\", \"record\": %" PRIu64 "}\n", letter, recno);
        else
            sink_printf(ctx->out, "'%c %20s\n", letter, format_grouped(recno, number));
    }
    return any ? command_check_out(ctx)
               : command_fail_about(ctx, COMMAND_NOTHING, NULL, "no mark is set");
}

static bool is_set(struct context *ctx, const char *text, size_t *index)
{
    if (!take_letter(ctx, text, index))
        return false;
    if (ctx->session->marks[*index] > 0)
        return true;
    command_fail_about(ctx, COMMAND_FAILED, NULL, "mark %c is not set", (int)('a' + *index));
    return false;
}

/* All of them or none. */
int cmd_unmark(struct context *ctx, int argc, char **argv)
{
    size_t index;
    if (command_flag(ctx, "all") == (argc > 1))
        return command_misuse(ctx, "name marks, or --all");
    for (int i = 1; i < argc; i++)
        if (!is_set(ctx, argv[i], &index))
            return COMMAND_FAILED;
    for (int i = 1; i < argc; i++)
        if (take_letter(ctx, argv[i], &index))
            ctx->session->marks[index] = 0;
    if (argc == 1)
        memset(ctx->session->marks, 0, sizeof ctx->session->marks);
    return COMMAND_DONE;
}

void complete_marks(struct completion *completion)
{
    for (size_t i = 0; i < RANGE_MARKS; i++) {
        const char text[] = {'\'', (char)('a' + i), '\0'};
        if (completion->ctx->session->marks[i] > 0)
            completion_add(completion, text);
    }
}

/* Where the position begins that is being typed: in a list or a range it is the last one. */
static size_t position_start(const char *word)
{
    size_t start = 0;

    for (size_t i = 0; word[i]; i++)
        if (word[i] == ',')
            start = i + 1;
        else if (word[i] == '.' && word[i + 1] == '.')
            start = i + 2;
    return start;
}

static void add_position(struct completion *completion, size_t start, const char *position,
                         const char *note)
{
    char *text = memory_resize(NULL, start + strlen(position) + 1);

    memcpy(text, completion->word, start);
    strcpy(text + start, position);
    completion_add_noted(completion, text, note);
    free(text);
}

void complete_positions(struct completion *completion)
{
    const struct session *session = completion->ctx->session;
    size_t start = position_start(completion->word);

    if (start == 0)
        add_position(completion, start, ".", "the current record");
    add_position(completion, start, "$", "the last record");
    for (size_t i = 0; i < RANGE_MARKS; i++) {
        const char text[] = {'\'', (char)('a' + i), '\0'};
        char number[FORMAT_NUMBER], note[FORMAT_NUMBER + 16];

        snprintf(note, sizeof(note), "record %s", format_grouped(session->marks[i], number));
        if (session->marks[i] > 0)
            add_position(completion, start, text, note);
    }
}
