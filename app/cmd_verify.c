/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify [--quick] [--json]: the whole file, and everything that is wrong with it. It works on files
 * that do not open, too.
 */
#include "app/handlers.h"

#include "app/format.h"
#include "app/json.h"

#include <inttypes.h>
#include <string.h>

struct verify {
    struct context *ctx;
    bool json;
    uint64_t said;
};

/* ---- Findings, as they come ---- */

static void say_records(struct sink *out, const struct capf_finding *finding)
{
    char first[FORMAT_NUMBER], last[FORMAT_NUMBER];

    if (finding->first == 0)
        return;
    sink_printf(out, "; touches record%s %s", finding->first < finding->last ? "s" : "",
                format_grouped(finding->first, first));
    if (finding->first < finding->last)
        sink_printf(out, "..%s", format_grouped(finding->last, last));
}

static void say_finding(struct sink *out, const struct capf_finding *finding)
{
    sink_printf(out, "%-8s", finding->note ? "note" : "damage");
    sink_safe(out, finding->text, strlen(finding->text));
    say_records(out, finding);
    sink_string(out, "\n");
}

static void json_records(struct sink *out, const struct capf_finding *finding)
{
    if (finding->first == 0)
        sink_string(out, "null");
    else
        sink_printf(out, "[%" PRIu64 ", %" PRIu64 "]", finding->first, finding->last);
}

static void json_finding(struct sink *out, const struct capf_finding *finding, bool is_first)
{
    sink_printf(out,
                "%s\n  {\"kind\": \"%s\", \"severity\": \"%s\", \"offset\": %" PRIu64
                ", \"records\": ",
                is_first ? "" : ",", capf_finding_kind_name(finding->kind),
                finding->note ? "note" : "damage", finding->offset);
    json_records(out, finding);
    sink_string(out, ", \"text\": ");
    json_string(out, finding->text, strlen(finding->text));
    sink_string(out, "}");
}

static void on_finding(void *ctx, const struct capf_finding *finding)
{
    struct verify *verify = ctx;

    if (verify->json)
        json_finding(verify->ctx->out, finding, verify->said == 0);
    else
        say_finding(verify->ctx->out, finding);
    verify->said++;
}

/* ---- The end ---- */

static const char *verdict(enum capf_status status, const struct capf_check_result *result)
{
    if (status == CAPF_CANCELLED)
        return "stopped";
    if (status != CAPF_OK)
        return "unreadable";
    return result->damage > 0 ? "damaged" : "clean";
}

static void json_end(const struct verify *verify, enum capf_status status,
                     const struct capf_check_result *result, const struct capf_error *err)
{
    struct sink *out = verify->ctx->out;

    sink_printf(out, "%s], \"result\": \"%s\", \"error\": ", verify->said ? "\n" : "",
                verdict(status, result));
    if (status == CAPF_OK)
        sink_string(out, "null");
    else
        json_string(out, err->text, strlen(err->text));
    sink_printf(out,
                ", \"damage\": %" PRIu64 ", \"notes\": %" PRIu64 ", \"records\": %" PRIu64
                ", \"sound\": %" PRIu64 ", \"blocks\": %" PRIu64 ", \"index_nodes\": %" PRIu64
                ", \"metadata_values\": %" PRIu64 ", \"stored_bytes\": %" PRIu64
                ", \"raw_bytes\": %" PRIu64 ", \"serial\": %" PRIu32 ", \"file_limit\": %" PRIu64
                "}\n",
                result->damage, result->notes, result->records, result->sound, result->blocks,
                result->index_nodes, result->metadata_values, result->stored, result->raw,
                result->serial, result->file_limit);
}

static void json_begin(const struct verify *verify, bool quick)
{
    const char *path = verify->ctx->session->path;

    sink_string(verify->ctx->out, "{\"file\": ");
    json_string(verify->ctx->out, path, strlen(path));
    sink_printf(verify->ctx->out, ", \"quick\": %s, \"findings\": [", quick ? "true" : "false");
}

static void say_seen(struct sink *out, const struct capf_check_result *result, bool quick)
{
    char records[FORMAT_NUMBER], sound[FORMAT_NUMBER], blocks[FORMAT_NUMBER], raw[FORMAT_NUMBER];

    sink_printf(out, "records %s", format_grouped(result->records, records));
    if (!quick)
        sink_printf(out, ", of which %s are sound", format_grouped(result->sound, sound));
    sink_printf(out, "; %s good block%s read, %s bytes\n", format_grouped(result->blocks, blocks),
                format_plural(result->blocks), format_grouped(result->raw, raw));
}

static void say_end(const struct verify *verify, enum capf_status status,
                    const struct capf_check_result *result, bool quick)
{
    struct sink *out = verify->ctx->out;
    char damage[FORMAT_NUMBER];

    if (status != CAPF_OK)
        return;
    say_seen(out, result, quick);
    if (result->damage == 0)
        sink_printf(out, "clean%s\n", quick ? ", as far as a quick look tells" : "");
    else
        sink_printf(out, "damaged: %s finding%s\n", format_grouped(result->damage, damage),
                    format_plural(result->damage));
}

static int fail(struct context *ctx, enum capf_status status,
                const struct capf_check_result *result, const struct capf_error *err)
{
    char damage[FORMAT_NUMBER];

    if (status == CAPF_CANCELLED)
        return command_fail(ctx, COMMAND_FAILED, "stopped before the end; %s finding%s so far",
                            format_grouped(result->damage, damage), format_plural(result->damage));
    return command_fail_core(ctx, err);
}

int cmd_verify(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    struct verify verify = {.ctx = ctx, .json = command_flag(ctx, "json")};
    struct capf_check check = {
        .quick = command_flag(ctx, "quick"), .found = on_finding, .ctx = &verify};
    struct capf_options options = {
        .io = session->io, .progress = command_progress, .progress_ctx = ctx};
    struct capf_check_result result;
    struct capf_error err;
    enum capf_status status;

    (void)argc, (void)argv;
    if (!session->path)
        return command_fail_about(ctx, COMMAND_FAILED, "verify", "no file is open; name one");
    if (verify.json)
        json_begin(&verify, check.quick);
    status = capf_check(session->path, &check, &options, &result, &err);
    if (verify.json)
        json_end(&verify, status, &result, &err);
    else
        say_end(&verify, status, &result, check.quick);
    if (status != CAPF_OK)
        return fail(ctx, status, &result, &err);
    return result.damage > 0 ? COMMAND_NOTHING : COMMAND_DONE;
}
