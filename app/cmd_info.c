/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * info [--json]: what the file is and holds, in words or as one JSON object
 * with fixed keys. In words also a guess of what the records look like, from a
 * small sample.
 */
#include "app/handlers.h"

#include "app/format.h"
#include "app/json.h"
#include "app/looks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WARNING_TEXT 256

/* ---- JSON ---- */

static void json_number(struct sink *out, const char *key, uint64_t value)
{
    sink_printf(out, ", \"%s\": %" PRIu64, key, value);
}

static void json_warnings(struct sink *out, const struct capf_info *info)
{
    char text[WARNING_TEXT];
    const char *comma = "";

    sink_string(out, ", \"warnings\": [");
    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++) {
        if (!(info->warnings & 1u << bit))
            continue;
        capf_warning_text(info, (enum capf_warning)(1u << bit), text, sizeof(text));
        sink_string(out, comma);
        json_string(out, text, strlen(text));
        comma = ", ";
    }
    sink_string(out, "]");
}

static bool add_to_crc(void *ctx, const uint8_t *bytes, size_t len)
{
    uint32_t *crc = ctx;

    *crc = capf_crc32(*crc, bytes, len);
    return true;
}

static void json_meta(struct sink *out, const struct session_meta *meta, uint32_t crc)
{
    if (!meta->present)
        sink_string(out, ", \"metadata\": null");
    else
        sink_printf(out,
                    ", \"metadata\": {\"length\": %" PRIu64 ", \"crc32\": \"%08" PRIx32 "\"}",
                    meta->len, crc);
}

static void print_json(struct context *ctx, const struct session_meta *meta, uint32_t crc)
{
    const struct capf_info *info = &ctx->session->info;
    struct sink *out = ctx->out;

    sink_string(out, "{\"file\": ");
    json_string(out, ctx->session->path, strlen(ctx->session->path));
    json_number(out, "version", info->version);
    json_number(out, "page_size", info->page_size);
    json_number(out, "block_size", info->block_size);
    json_number(out, "fan_out", info->fan_out);
    json_number(out, "records", info->records);
    json_number(out, "levels", info->levels);
    json_number(out, "serial", info->serial);
    json_number(out, "file_limit", info->file_limit);
    json_number(out, "file_size", info->file_size);
    json_number(out, "open_block", info->open_block);
    json_meta(out, meta, crc);
    json_warnings(out, info);
    sink_string(out, "}\n");
}

/* ---- Words ---- */

static void say_size(struct sink *out, const struct capf_info *info)
{
    char size[FORMAT_NUMBER], limit[FORMAT_NUMBER];

    sink_printf(out, "size        %s bytes, used up to %s\n", format_grouped(info->file_size, size),
                format_grouped(info->file_limit, limit));
}

static void say_format(struct sink *out, const struct capf_info *info)
{
    char page[FORMAT_NUMBER], block[FORMAT_NUMBER], fan_out[FORMAT_NUMBER];

    sink_printf(out, "format      version %" PRIu32 "%s, page size %s, block size %s, fan-out %s\n",
                info->version, info->old_magic ? " (WebCapture)" : "",
                format_grouped(info->page_size, page), format_grouped(info->block_size, block),
                format_grouped(info->fan_out, fan_out));
}

static void say_state(struct sink *out, const struct capf_info *info)
{
    char open[FORMAT_NUMBER];

    sink_printf(out,
                "state       serial %" PRIu32 ", %u index level%s, %s bytes in the open block\n",
                info->serial, info->levels, format_plural(info->levels),
                format_grouped(info->open_block, open));
}

static void say_meta(struct sink *out, const struct session_meta *meta)
{
    char text[SESSION_META_HEAD], number[FORMAT_NUMBER];
    size_t taken;

    if (!meta || !meta->present) {
        sink_printf(out, "metadata    %s\n", meta ? "none" : "cannot be read");
        return;
    }
    taken = safetext_fit(out->mode, meta->head, meta->head_len, 48, text, sizeof(text), NULL);
    sink_printf(out, "metadata    %s byte%s%s%s%s\n", format_grouped(meta->len, number),
                format_plural(meta->len), meta->len ? ": " : "", text,
                taken < meta->len ? "..." : "");
}

/* The kinds and sizes of a few records. One that cannot be read is left out and counted. */
static size_t take_sample(struct session *session, struct looks *looks)
{
    uint64_t count = session_count(session);
    uint64_t sample = count < LOOKS_SAMPLE ? count : LOOKS_SAMPLE;
    size_t unreadable = 0;

    looks_init(looks);
    for (uint64_t i = 0; i < sample; i++) {
        uint64_t recno = looks_pick(count, sample, i), size;
        uint8_t head[LOOKS_HEAD_BYTES];
        size_t got;

        if (capf_cursor_size(session->cursor, recno, &size, NULL) == CAPF_OK &&
            capf_cursor_read(session->cursor, recno, 0, head, sizeof(head), &got, NULL) == CAPF_OK)
            looks_add(looks, head, got, size);
        else
            unreadable++;
    }
    return unreadable;
}

static void say_looks(struct context *ctx)
{
    struct sink *out = ctx->out;
    struct looks looks;
    char text[LOOKS_TEXT_SIZE];
    size_t unreadable = take_sample(ctx->session, &looks);

    looks_describe(&looks, text);
    if (looks.records > 0)
        sink_printf(out, "looks like  %s\n", text);
    if (looks.records > 0 && looks.records < session_count(ctx->session))
        sink_printf(out, "            (a guess from a sample of %zu record%s)\n", looks.records,
                    format_plural(looks.records));
    if (unreadable > 0)
        sink_printf(out, "            %zu record%s of the sample cannot be read\n", unreadable,
                    format_plural(unreadable));
}

static void say_warnings(struct sink *out, const struct capf_info *info)
{
    char text[WARNING_TEXT];

    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++)
        if (info->warnings & 1u << bit) {
            capf_warning_text(info, (enum capf_warning)(1u << bit), text, sizeof(text));
            sink_string(out, "warning     ");
            sink_safe(out, text, strlen(text));
            sink_string(out, "\n");
        }
}

static void print_words(struct context *ctx, const struct session_meta *meta)
{
    const struct capf_info *info = &ctx->session->info;
    struct sink *out = ctx->out;
    char number[FORMAT_NUMBER];

    sink_string(out, "file        ");
    sink_safe(out, ctx->session->path, strlen(ctx->session->path));
    sink_printf(out, "\nrecords     %s\n", format_grouped(info->records, number));
    say_size(out, info);
    say_format(out, info);
    say_state(out, info);
    say_meta(out, meta);
    say_looks(ctx);
    say_warnings(out, info);
}

int cmd_info(struct context *ctx, int argc, char **argv)
{
    struct session_meta meta;
    struct capf_error err;
    uint32_t crc = 0;
    bool json = command_flag(ctx, "json");
    enum capf_status status = session_meta(ctx->session, &meta, &err);

    (void)argc, (void)argv;
    if (status == CAPF_OK && json)
        status = session_each_meta(ctx->session, add_to_crc, &crc, &err);
    if (status != CAPF_OK && !json)
        print_words(ctx, NULL); /* the rest is as true without it */
    if (status != CAPF_OK)
        return command_fail(ctx, COMMAND_FAILED, "metadata: %s; %s", err.text,
                            session_advice(&err));
    if (json)
        print_json(ctx, &meta, crc);
    else
        print_words(ctx, &meta);
    return COMMAND_DONE;
}
