/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands: any lines, a command each, as -c and a console would run them, over a small file in
 * memory. What they print is fit for a terminal, what they complain of is said.
 */
#include "tests/fuzz/fuzz.h"

#include "app/command.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/paper.h"

#include <stdlib.h>
#include <string.h>

static bool ask_nobody(struct context *ctx, const char *text)
{
    paper_may_show(text, strlen(text), false, "a question");
    return ctx->door == DOOR_BATCH;
}

static void note(struct context *ctx, const char *text)
{
    (void)ctx;
    FUZZ_CHECK(text[0] != '\0', "an empty note");
}

/* A line that names files of the system is not for here; nor are bytes that were asked for. */
static bool is_for_us(const char *line)
{
    return strchr(line, '/') == NULL && strstr(line, "file") == NULL &&
           strstr(line, "config") == NULL && strstr(line, "whole") == NULL &&
           strstr(line, "ra") == NULL && strstr(line, "-f") == NULL &&
           strstr(line, "lines") == NULL;
}

static void complete(struct context *ctx, const char *line)
{
    struct completion completion;
    command_complete(ctx, line, strlen(line), &completion);
    FUZZ_CHECK(completion.start <= strlen(line), "a word behind the line");
    completion_release(&completion);
}

static void run(struct context *ctx, struct sink_text *out, const char *line)
{
    if (!is_for_us(line))
        return;
    complete(ctx, line);
    sink_text_clear(out);
    int status = command_run_line(ctx, line);
    FUZZ_CHECK(status >= COMMAND_DONE && status <= COMMAND_FAILED, "status %d", status);
    FUZZ_CHECK(status != COMMAND_FAILED || ctx->failure != NULL, "failed without a reason");
    paper_may_show(out->text, out->len, true, "what it prints");
}

static void run_lines(struct context *ctx, struct sink_text *out, char *lines)
{
    for (char *line = lines, *next; line != NULL && !ctx->quit; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        run(ctx, out, line);
    }
}

void fuzz_command_run(const uint8_t *data, size_t size)
{
    static struct sink_text out;
    struct fuzz_input input = {data, size};
    struct session session;
    struct context ctx;
    struct capf_error err;
    char lines[256];
    uint8_t flags = fuzz_byte(&input);
    size_t len;
    const uint8_t *text = fuzz_bytes(&input, fuzz_byte(&input), &len);
    memcpy(lines, text, len);
    lines[len] = '\0';
    if (out.text == NULL)
        sink_text_init(&out, 65536);
    out.sink.to_terminal = true;
    out.sink.mode = flags & 1 ? SAFETEXT_ASCII : SAFETEXT_UTF8;
    session_init(&session);
    session.io = paper_file(&input);
    if (session_open(&session, FUZZ_PATH, &err) != CAPF_OK)
        fuzz_fail(__FILE__, __LINE__, "open", "%s", err.text);
    session.edit = flags & 2;
    context_init(&ctx, flags & 4 ? DOOR_CONSOLE : DOOR_BATCH, &session, &out.sink);
    ctx.ask = flags & 8 ? ask_nobody : NULL;
    ctx.note = note;
    run_lines(&ctx, &out, lines);
    context_release(&ctx);
    session_release(&session);
    fuzz_io_end();
}
