/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What handlers need to answer and to complain: their options and lines, failures, notes. See
 * command.h; the dispatcher is in command.c.
 */
#include "app/command.h"

#include "app/memory.h"
#include "app/range.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void command_forget_failure(struct context *ctx)
{
    free(ctx->failure);
    free(ctx->failure_about);
    ctx->failure = ctx->failure_about = NULL;
}

bool command_flag(const struct context *ctx, const char *name)
{
    int index = option_find(ctx->options->specs, name, strlen(name));

    return index >= 0 && ctx->options->given[index];
}

const char *command_option(const struct context *ctx, const char *name)
{
    int index = option_find(ctx->options->specs, name, strlen(name));

    return index >= 0 ? ctx->options->value[index] : NULL;
}

bool command_count(struct context *ctx, int argc, char **argv, uint64_t *count)
{
    const char *text = argc > 1 ? argv[1] : "1";

    if (range_parse_number(&text, count) && *text == '\0')
        return true;
    command_misuse(ctx, "\"%s\" is no count", argv[1]);
    return false;
}

enum command_lines command_next_line(struct context *ctx, char **line)
{
    enum command_lines status = COMMAND_LINES_END;

    if (ctx->next_line)
        status = ctx->next_line(ctx, line);
    if (status == COMMAND_LINE && strcmp(*line, ".") == 0) {
        free(*line);
        return COMMAND_LINES_END;
    }
    return status;
}

#if defined(__GNUC__)
__attribute__((format(printf, 1, 0)))
#endif
static char *
format_text(const char *format, va_list ap)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = memory_resize(NULL, len < 0 ? 1 : (size_t)len + 1);
    text[0] = '\0';
    if (len >= 0)
        vsnprintf(text, (size_t)len + 1, format, ap);
    return text;
}

static void keep_failure(struct context *ctx, const char *about, char *text)
{
    char *copy = about ? memory_string(about) : NULL;

    command_forget_failure(ctx);
    ctx->failure = text;
    ctx->failure_about = copy;
    if (ctx->door == DOOR_CONSOLE)
        messages_add(&ctx->session->messages, text, true);
}

int command_fail_about(struct context *ctx, int status, const char *about, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    keep_failure(ctx, about, format_text(format, ap));
    va_end(ap);
    return status;
}

int command_fail(struct context *ctx, int status, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    keep_failure(ctx, ctx->session->path, format_text(format, ap));
    va_end(ap);
    return status;
}

int command_misuse(struct context *ctx, const char *format, ...)
{
    const struct command *command = ctx->command;
    const char *file = ctx->door == DOOR_SHELL && !(command->flags & CMD_NO_FILE) ? " FILE" : "";
    va_list ap;
    char *text;

    va_start(ap, format);
    text = format_text(format, ap);
    va_end(ap);
    command_fail_about(ctx, COMMAND_FAILED, command->name, "%s; usage: %s%s%s%s", text,
                       command->name, file, command->usage[0] ? " " : "", command->usage);
    free(text);
    return COMMAND_FAILED;
}

int command_fail_core(struct context *ctx, const struct capf_error *err)
{
    return command_fail(ctx, COMMAND_FAILED, "%s; %s", err->text, session_advice(err));
}

void command_note(struct context *ctx, const char *format, ...)
{
    va_list ap;
    char *text;

    if (!ctx->note)
        return;
    va_start(ap, format);
    text = format_text(format, ap);
    va_end(ap);
    if (!ctx->browser) /* which logs what it shows */
        messages_add(&ctx->session->messages, text, false);
    ctx->note(ctx, text);
    free(text);
}

int command_require_newest(struct context *ctx)
{
    if (!ctx->session->aside)
        return 0;
    return command_fail(ctx, COMMAND_FAILED, "only to look at: %s; :now comes back to the newest",
                        ctx->session->aside);
}

bool command_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct context *context = ctx;

    return !context->progress || context->progress(context, done, total);
}

int command_require_edit(struct context *ctx)
{
    int status = command_require_newest(ctx);

    if (status || ctx->session->edit)
        return status;
    return command_fail(ctx, COMMAND_FAILED, "read-only: E turns editing on");
}

int command_check_out(struct context *ctx)
{
    if (ctx->out->state != SINK_FAILED)
        return 0;
    return command_fail_about(ctx, COMMAND_FAILED, "standard output", "%s; write to another place",
                              strerror(ctx->out->sys_errno));
}

bool command_size_option(const struct context *ctx, const char *name, uint32_t *size)
{
    const char *text = command_option(ctx, name);
    uint64_t value;
    unsigned shift = 0;

    *size = 0;
    if (!text)
        return true;
    if (!range_parse_number(&text, &value))
        return false;
    if (*text == 'K' || *text == 'k')
        shift = 10;
    else if (*text == 'M')
        shift = 20;
    if (shift)
        text++;
    if (*text || value == 0 || value > UINT32_MAX >> shift)
        return false;
    *size = (uint32_t)(value << shift);
    return true;
}
