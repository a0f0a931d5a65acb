/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preparing and committing: append, staged, unstage, discard, commit, edit.
 * Nothing here touches the file but commit.
 */
#include "app/handlers.h"

#include "app/browser.h"
#include "app/format.h"
#include "app/json.h"
#include "app/memory.h"
#include "app/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cmd_edit(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    int status = command_require_newest(ctx);

    if (status)
        return status;
    if (argc < 2)
        session->edit = !session->edit;
    else if (strcmp(argv[1], "on") == 0)
        session->edit = true;
    else if (strcmp(argv[1], "off") == 0)
        session->edit = false;
    else
        return command_misuse(ctx, "it is on or off");
    sink_string(ctx->out, session->edit ? "editing is on: what you append is staged until commit\n"
                                        : "editing is off\n");
    return COMMAND_DONE;
}

void complete_on_off(struct completion *completion)
{
    completion_add(completion, "off");
    completion_add(completion, "on");
}

/* ---- Append ---- */

static int add_piece(struct context *ctx, const char *text, size_t len)
{
    struct stage *stage = &ctx->session->stage;

    stage_add(stage, text, len, STAGE_TYPED, NULL);
    sink_printf(ctx->out, "staged +%zu, %zu byte%s\n", stage->count, len, format_plural(len));
    return COMMAND_DONE;
}

static int give_up_lines(struct context *ctx, size_t before)
{
    struct stage *stage = &ctx->session->stage;

    while (stage->count > before)
        stage_remove(stage, stage->count - 1);
    return command_fail_about(ctx, COMMAND_NOTHING, NULL, "nothing of it is staged");
}

/* Each line a record. */
static int append_lines(struct context *ctx)
{
    struct stage *stage = &ctx->session->stage;
    size_t before = stage->count, added;
    enum command_lines status;
    char *line;

    while ((status = command_next_line(ctx, &line)) == COMMAND_LINE) {
        stage_add(stage, line, strlen(line), STAGE_TYPED, NULL);
        free(line);
    }
    if (status == COMMAND_LINES_GIVEN_UP)
        return give_up_lines(ctx, before);
    added = stage->count - before;
    if (added == 0)
        return command_fail_about(ctx, COMMAND_NOTHING, NULL, "there were no lines to stage");
    if (added == 1)
        sink_printf(ctx->out, "staged 1 record: +%zu\n", stage->count);
    else
        sink_printf(ctx->out, "staged %zu records: +%zu..+%zu\n", added, before + 1, stage->count);
    return COMMAND_DONE;
}

/* One record of all lines, a newline between each two. */
static int append_multi(struct context *ctx)
{
    enum command_lines status;
    size_t len = 0, room = 0, lines = 0;
    char *text = NULL, *line;

    while ((status = command_next_line(ctx, &line)) == COMMAND_LINE) {
        size_t line_len = strlen(line);

        text = memory_grow(text, &room, len + line_len + 1, 1);
        if (lines++ > 0)
            text[len++] = '\n';
        memcpy(text + len, line, line_len);
        len += line_len;
        free(line);
    }
    if (status == COMMAND_LINES_GIVEN_UP)
        give_up_lines(ctx, ctx->session->stage.count);
    else if (lines == 0)
        command_fail_about(ctx, COMMAND_NOTHING, NULL, "there were no lines to stage");
    else
        add_piece(ctx, text, len);
    free(text);
    return status == COMMAND_LINES_END && lines > 0 ? COMMAND_DONE : COMMAND_NOTHING;
}

int cmd_append(struct context *ctx, int argc, char **argv)
{
    bool multi = command_flag(ctx, "multi");

    if (argc > 1 && multi)
        return command_misuse(ctx, "--multi takes the lines that follow, and no TEXT");
    if (argc > 1)
        return add_piece(ctx, argv[1], strlen(argv[1]));
    if (ctx->browser)
        return browser_ask_append(ctx);
    if (ctx->ask)
        command_note(ctx, multi
                              ? "the lines become one record: a lone dot or ^D ends it, ^C drops it"
                              : "each line becomes a record: a lone dot or ^D ends, ^C drops them");
    return multi ? append_multi(ctx) : append_lines(ctx);
}

/* ---- The list ---- */

#define PREVIEW_BYTES 512

static void print_piece(struct context *ctx, size_t index)
{
    const struct stage_piece *piece = &ctx->session->stage.pieces[index];
    uint8_t head[PREVIEW_BYTES];
    char text[PREVIEW_BYTES], number[FORMAT_NUMBER], label[FORMAT_NUMBER];
    size_t got = stage_read(&ctx->session->stage, index, 0, head, sizeof(head));
    size_t taken = safetext_fit(ctx->out->mode, head, got, 54, text, sizeof(text), NULL);

    snprintf(label, sizeof(label), "+%zu", index + 1);
    sink_printf(ctx->out, "%8s %12s  %s%s\n", label, format_grouped(piece->len, number), text,
                taken < piece->len ? "..." : "");
}

static void print_meta(struct context *ctx)
{
    const struct stage *stage = &ctx->session->stage;

    if (stage->meta == STAGE_META_CLEAR) {
        sink_string(ctx->out, "metadata cleared\n");
    } else if (stage->meta == STAGE_META_SET) {
        sink_printf(ctx->out, "metadata set, %zu byte%s: ", stage->meta_len,
                    format_plural(stage->meta_len));
        sink_safe(ctx->out, stage->meta_bytes, stage->meta_len);
        sink_string(ctx->out, "\n");
    }
}

static void print_json_piece(struct context *ctx, size_t index)
{
    const struct stage_piece *piece = &ctx->session->stage.pieces[index];
    uint8_t head[PREVIEW_BYTES];
    size_t got = stage_read(&ctx->session->stage, index, 0, head, sizeof(head));

    sink_printf(ctx->out, "{\"staged\": %zu, \"length\": %" PRIu64 ", \"begins\": ", index + 1,
                piece->len);
    json_string(ctx->out, head, got);
    sink_string(ctx->out, "}\n");
}

static int print_json(struct context *ctx)
{
    const struct stage *stage = &ctx->session->stage;

    for (size_t i = 0; i < stage->count && ctx->out->state == SINK_GOOD; i++)
        print_json_piece(ctx, i);
    if (stage->meta == STAGE_META_CLEAR)
        sink_string(ctx->out, "{\"staged\": \"metadata\", \"length\": null}\n");
    else if (stage->meta == STAGE_META_SET)
        sink_printf(ctx->out, "{\"staged\": \"metadata\", \"length\": %zu}\n", stage->meta_len);
    return command_check_out(ctx);
}

int cmd_staged(struct context *ctx, int argc, char **argv)
{
    const struct stage *stage = &ctx->session->stage;

    (void)argc, (void)argv;
    if (stage_is_empty(stage))
        return command_fail(ctx, COMMAND_NOTHING, "nothing is staged");
    if (command_flag(ctx, "json"))
        return print_json(ctx);
    for (size_t i = 0; i < stage->count && ctx->out->state == SINK_GOOD; i++)
        print_piece(ctx, i);
    print_meta(ctx);
    return COMMAND_DONE;
}

/* "3" or "+3": a place in the staged list. */
int cmd_unstage(struct context *ctx, int argc, char **argv)
{
    struct stage *stage = &ctx->session->stage;
    const char *text = argv[1][0] == '+' ? argv[1] + 1 : argv[1];
    uint64_t number;

    (void)argc;
    if (strcmp(text, "metadata") == 0 || strcmp(text, "meta") == 0) {
        if (stage->meta == STAGE_META_KEEP)
            return command_fail(ctx, COMMAND_NOTHING, "no change of the metadata is staged");
        stage_keep_meta(stage);
        sink_string(ctx->out, "the metadata stays as it is\n");
        return COMMAND_DONE;
    }
    if (!range_parse_number(&text, &number) || *text)
        return command_misuse(ctx, "\"%s\" is no number", argv[1]);
    if (number == 0 || number > stage->count)
        return command_fail(ctx, COMMAND_FAILED, "nothing is staged as +%" PRIu64 " (last is +%zu)",
                            number, stage->count);
    stage_remove(stage, (size_t)number - 1);
    sink_printf(ctx->out, "unstaged +%" PRIu64 ", %zu left\n", number, stage->count);
    return COMMAND_DONE;
}

/* "2 records and the metadata" */
static void describe_stage(const struct stage *stage, char *text, size_t size)
{
    const char *meta = stage->meta == STAGE_META_KEEP ? "" : "a change of the metadata";

    if (stage->count == 0)
        snprintf(text, size, "%s", meta);
    else
        snprintf(text, size, "%zu record%s%s%s", stage->count, format_plural(stage->count),
                 meta[0] ? " and " : "", meta);
}

int cmd_discard(struct context *ctx, int argc, char **argv)
{
    struct stage *stage = &ctx->session->stage;
    char what[80], question[120];

    (void)argc, (void)argv;
    if (stage_is_empty(stage))
        return command_fail(ctx, COMMAND_NOTHING, "nothing is staged");
    describe_stage(stage, what, sizeof(what));
    snprintf(question, sizeof(question), "throw away what is staged: %s", what);
    if (ctx->ask && !ctx->ask(ctx, question))
        return command_fail(ctx, COMMAND_NOTHING, "everything stays staged");
    stage_discard(stage);
    sink_printf(ctx->out, "discarded %s\n", what);
    return COMMAND_DONE;
}

/* ---- Commit ---- */

static int report_commit(struct context *ctx, const struct session_outcome *outcome)
{
    uint64_t count = outcome->first ? outcome->last - outcome->first + 1 : 0;

    if (command_flag(ctx, "json")) {
        sink_printf(ctx->out,
                    "{\"committed\": %" PRIu64 ", \"first\": %" PRIu64 ", \"last\": %" PRIu64
                    ", \"metadata_changed\": %s}\n",
                    count, outcome->first, outcome->last, outcome->meta_changed ? "true" : "false");
        return COMMAND_DONE;
    }
    if (count == 1)
        sink_printf(ctx->out, "committed 1 record: %" PRIu64, outcome->last);
    else if (count > 1)
        sink_printf(ctx->out, "committed %" PRIu64 " records: %" PRIu64 "..%" PRIu64, count,
                    outcome->first, outcome->last);
    else
        sink_string(ctx->out, "committed");
    sink_string(ctx->out, !outcome->meta_changed ? "\n" : count ? "; metadata\n" : " metadata\n");
    return COMMAND_DONE;
}

static int fail_commit(struct context *ctx, const struct capf_error *err)
{
    return command_fail(ctx, COMMAND_FAILED, "%s; %s; everything is still staged", err->text,
                        session_advice(err));
}

/* Shows what would be done, and asks. `changes` is what came since the last question, or "". */
static bool person_agrees(struct context *ctx, const struct session_review *review,
                          const char *changes)
{
    char text[SESSION_TEXT], question[2 * SESSION_TEXT + 4];

    session_review_text(ctx->session, review, text);
    snprintf(question, sizeof(question), "%s%s%s", changes, changes[0] ? ": " : "", text);
    return ctx->ask(ctx, question);
}

/* Where a person decides, it goes on asking as long as the file changes under the question. */
int cmd_commit(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    struct session_outcome outcome = {0};
    struct session_review review;
    struct capf_error err;

    (void)argc, (void)argv;
    if (stage_is_empty(&session->stage))
        return command_fail(ctx, COMMAND_NOTHING, "nothing is staged");
    for (;;) {
        enum session_result result;

        if (session_look(session, &review, &err) != CAPF_OK)
            return fail_commit(ctx, &err);
        if (ctx->ask && !person_agrees(ctx, &review, outcome.changes))
            return command_fail(ctx, COMMAND_NOTHING, "not committed; everything is still staged");
        result = session_commit(session, ctx->ask ? &review : NULL, &outcome, &err);
        if (result == SESSION_COMMITTED)
            return report_commit(ctx, &outcome);
        if (result == SESSION_FAILED)
            return fail_commit(ctx, &err);
    }
}
