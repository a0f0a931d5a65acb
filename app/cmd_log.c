/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log: what the program said, the last first. */
#include "app/handlers.h"
#include "app/json.h"

#include <stdio.h>
#include <string.h>

#define TIME_SIZE 72

/* "2026-03-02T01:02:03". */
static const char *time_text(time_t when, char buf[TIME_SIZE])
{
    struct tm parts = {0};
    localtime_r(&when, &parts);
    snprintf(buf, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
             parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return buf;
}

static void put_message(struct sink *out, const struct message *message, bool json)
{
    char when[TIME_SIZE];
    if (json) {
        sink_printf(out, "{\"time\": \"%s\", \"failure\": %s, \"text\": ",
                    time_text(message->when, when), message->is_failure ? "true" : "false");
        json_string(out, message->text, strlen(message->text));
        sink_string(out, "}\n");
        return;
    }
    sink_printf(out, "%s %s ", strchr(time_text(message->when, when), 'T') + 1,
                message->is_failure ? "!" : " ");
    sink_safe(out, message->text, strlen(message->text));
    sink_string(out, "\n");
}

int cmd_log(struct context *ctx, int argc, char **argv)
{
    const struct messages *messages = &ctx->session->messages;
    (void)argc, (void)argv;
    if (messages->count == 0)
        return command_fail_about(ctx, COMMAND_NOTHING, NULL, "no messages yet");
    for (size_t i = messages->count; i > 0; i--)
        put_message(ctx->out, messages_at(messages, i - 1), command_flag(ctx, "json"));
    return command_check_out(ctx);
}
