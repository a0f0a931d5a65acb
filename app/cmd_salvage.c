/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * salvage OUT: copies what can be had of a damaged file into a new one, and
 * says what came back, what did not, and what is not certain. The source is
 * never written.
 */
#include "app/handlers.h"

#include "app/format.h"
#include "app/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINES_MAX 20 /* of each list, in words; --json has all that there is */

/* ---- JSON ---- */

static const char *const source_names[] = {"header", "given", "inferred", "assumed"};
static const char *const why_names[] = {"kind", "unproven", "stray"};

static void json_head(struct sink *out, const uint8_t *head, size_t len)
{
    sink_string(out, "\"");
    for (size_t i = 0; i < len; i++)
        sink_printf(out, "%02x", head[i]);
    sink_string(out, "\"");
}

static void json_geometry(struct sink *out, const struct capf_salvage_report *r)
{
    sink_printf(out, ", \"page_size\": %" PRIu32 ", \"block_size\": %" PRIu32, r->page_size,
                r->block_size);
    sink_printf(out, ", \"fan_out\": %" PRIu32 ", \"geometry\": \"%s\"", r->fan_out,
                source_names[r->geometry]);
    sink_printf(out, ", \"fan_out_source\": \"%s\"", source_names[r->fan_out_source]);
    sink_printf(out, ", \"nodes_good\": [%s, %s]", r->node_good[0] ? "true" : "false",
                r->node_good[1] ? "true" : "false");
    sink_printf(out, ", \"state\": \"%s\"",
                !r->state_known   ? "unknown"
                : r->state_proven ? "proven"
                                  : "consistent");
}

static void json_losts(struct sink *out, const struct capf_salvage_report *r)
{
    sink_printf(out, ", \"lost\": %" PRIu64 ", \"lost_more\": %s, \"lost_ranges\": [", r->lost,
                r->lost_more ? "true" : "false");
    for (size_t i = 0; i < r->lost_count; i++) {
        const struct capf_lost *lost = &r->losts[i];

        sink_printf(out, "%s{\"first\": %" PRIu64 ", \"last\": %" PRIu64, i > 0 ? ", " : "",
                    lost->first, lost->last);
        sink_printf(out, ", \"count\": %" PRIu64 ", \"after\": %" PRIu64 "}", lost->count,
                    lost->after);
    }
    sink_string(out, "]");
}

static void json_unsure(struct sink *out, const struct capf_salvage_report *r)
{
    sink_printf(out, ", \"unsure\": %" PRIu64 ", \"unsure_written\": %" PRIu64, r->unsure_total,
                r->unsure_written);
    sink_string(out, ", \"unsure_items\": [");
    for (size_t i = 0; i < r->unsure_count; i++) {
        const struct capf_unsure *u = &r->unsure[i];

        sink_printf(out, "%s{\"block\": %" PRIu64 ", \"offset\": %" PRIu32, i > 0 ? ", " : "",
                    u->at.pos, u->at.off);
        sink_printf(out, ", \"length\": %" PRIu32 ", \"number\": %" PRIu64, u->len, u->number);
        sink_printf(out, ", \"after\": %" PRIu64 ", \"why\": \"%s\", \"written\": %s", u->after,
                    why_names[u->why], u->written ? "true" : "false");
        sink_string(out, ", \"head\": ");
        json_head(out, u->head, u->head_len);
        sink_string(out, "}");
    }
    sink_string(out, "]");
}

static void json_skipped(struct sink *out, const struct capf_salvage_report *r)
{
    sink_printf(out, ", \"blocks_good\": %" PRIu64 ", \"blocks_odd\": %" PRIu64, r->blocks_good,
                r->blocks_odd);
    sink_printf(out, ", \"skipped\": %" PRIu64 ", \"skipped_bytes\": %" PRIu64, r->skipped_total,
                r->skipped_bytes);
    sink_printf(out, ", \"gave_up\": %s, \"skipped_ranges\": [", r->gave_up ? "true" : "false");
    for (size_t i = 0; i < r->skipped_count; i++)
        sink_printf(out, "%s{\"offset\": %" PRIu64 ", \"length\": %" PRIu64 "}", i > 0 ? ", " : "",
                    r->skipped[i].offset, r->skipped[i].len);
    sink_string(out, "]");
}

static void json_meta(struct sink *out, const struct capf_salvage_report *r)
{
    sink_printf(out, ", \"metadata\": \"%s\"",
                !r->meta_known     ? "unknown"
                : !r->meta_present ? "none"
                : r->meta_written  ? "recovered"
                                   : "lost");
    sink_printf(out, ", \"metadata_seen\": %" PRIu64 ", \"metadata_candidates\": [", r->meta_seen);
    for (size_t i = 0; i < r->candidate_count; i++) {
        const struct capf_meta_candidate *c = &r->candidate[i];

        sink_printf(out, "%s{\"block\": %" PRIu64 ", \"offset\": %" PRIu32, i > 0 ? ", " : "",
                    c->at.pos, c->at.off);
        sink_printf(out, ", \"length\": %" PRIu32 ", \"head\": ", c->len);
        json_head(out, c->head, c->head_len);
        sink_string(out, "}");
    }
    sink_string(out, "]");
}

static void print_json(struct context *ctx, const char *name, const struct capf_salvage_report *r)
{
    struct sink *out = ctx->out;

    sink_string(out, "{\"file\": ");
    json_string(out, ctx->session->path, strlen(ctx->session->path));
    sink_string(out, ", \"out\": ");
    if (name)
        json_string(out, name, strlen(name));
    else
        sink_string(out, "null");
    sink_printf(out, ", \"recovered\": %" PRIu64 ", \"written\": %" PRIu64, r->recovered,
                r->written);
    sink_printf(out, ", \"file_size\": %" PRIu64 ", \"data_end\": %" PRIu64, r->source_size,
                r->limit);
    json_geometry(out, r);
    json_losts(out, r);
    json_unsure(out, r);
    json_skipped(out, r);
    json_meta(out, r);
    sink_string(out, "}\n");
}

/* ---- Words ---- */

static const char *state_words(const struct capf_salvage_report *r)
{
    if (!r->state_known)
        return "no master node tells where the data ends and what is last in it";
    if (!r->state_proven)
        return "as a master node with a bad checksum says, which agrees with the data";
    if (r->node_good[0] != r->node_good[1])
        return "as the good master node says; the other is bad, and may have held a later commit";
    return "as a good master node says";
}

static void say_geometry(struct sink *out, const struct capf_salvage_report *r)
{
    static const char *const words[] = {"as the header says", "as given", "as the file shows",
                                        "assumed: nothing shows it"};
    char page[FORMAT_NUMBER], block[FORMAT_NUMBER], fan_out[FORMAT_NUMBER];

    sink_printf(out, "geometry    page size %s, block size %s (%s), fan-out %s (%s)\n",
                format_grouped(r->page_size, page), format_grouped(r->block_size, block),
                words[r->geometry], format_grouped(r->fan_out, fan_out), words[r->fan_out_source]);
    sink_printf(out, "state       %s\n", state_words(r));
}

static void say_lost(struct sink *out, const struct capf_lost *lost)
{
    char first[FORMAT_NUMBER], last[FORMAT_NUMBER], count[FORMAT_NUMBER], after[FORMAT_NUMBER];

    format_grouped(lost->first, first);
    format_grouped(lost->last, last);
    format_grouped(lost->count, count);
    format_grouped(lost->after, after);
    if (lost->count == 0 && lost->first > 0)
        sink_printf(out, "            from %s on, it is not known how many\n", first);
    else if (lost->count == 0)
        sink_printf(out, "            behind the new file's record %s, it is not known how many\n",
                    after);
    else if (lost->first == 0)
        sink_printf(out, "            %s behind the new file's record %s\n", count, after);
    else if (lost->last - lost->first + 1 > lost->count)
        sink_printf(out, "            %s of %s to %s\n", count, first, last);
    else if (lost->count == 1)
        sink_printf(out, "            %s\n", first);
    else
        sink_printf(out, "            %s to %s\n", first, last);
}

static void say_losts(struct sink *out, const struct capf_salvage_report *r)
{
    char number[FORMAT_NUMBER];

    if (r->lost_count == 0) {
        sink_string(out, "lost        none\n");
        return;
    }
    sink_printf(out, "lost        %s%s record%s\n", r->lost_more ? "at least " : "",
                format_grouped(r->lost, number), format_plural(r->lost));
    for (size_t i = 0; i < r->lost_count && i < LINES_MAX; i++)
        say_lost(out, &r->losts[i]);
    if (r->lost_count > LINES_MAX)
        sink_string(out, "            ... (--json lists them all)\n");
}

static void say_head(struct sink *out, const uint8_t *head, size_t len, uint64_t whole)
{
    char text[256];
    size_t taken = safetext_fit(out->mode, head, len, 40, text, sizeof(text), NULL);

    sink_printf(out, "%s%s\n", text, taken < whole ? "..." : "");
}

static void say_unsure(struct sink *out, const struct capf_salvage_report *r)
{
    static const char *const words[] = {"record or metadata", "not proven", "stray"};
    char number[FORMAT_NUMBER], total[FORMAT_NUMBER];

    if (r->unsure_total == 0)
        return;
    sink_printf(out, "unsure      %s item%s, %s of them written\n",
                format_grouped(r->unsure_total, total), format_plural(r->unsure_total),
                format_grouped(r->unsure_written, number));
    for (size_t i = 0; i < r->unsure_count && i < LINES_MAX; i++) {
        const struct capf_unsure *u = &r->unsure[i];

        sink_printf(out, "            %s %s, %s bytes: ", words[u->why],
                    u->number > 0 ? format_grouped(u->number, number) : "?",
                    format_grouped(u->len, total));
        say_head(out, u->head, u->head_len, u->len);
    }
    if (r->unsure_total > LINES_MAX)
        sink_string(out, "            ... (--json lists them)\n");
}

static void say_meta(struct sink *out, const struct capf_salvage_report *r)
{
    char number[FORMAT_NUMBER];

    sink_printf(out, "metadata    %s\n",
                !r->meta_known     ? "not known, so the new file has none"
                : !r->meta_present ? "none"
                : r->meta_written  ? "came back"
                                   : "lost");
    if (r->meta_known && r->meta_present == r->meta_written)
        return;
    for (size_t i = 0; i < r->candidate_count; i++) {
        sink_printf(out,
                    "            perhaps, %s bytes: ", format_grouped(r->candidate[i].len, number));
        say_head(out, r->candidate[i].head, r->candidate[i].head_len, r->candidate[i].len);
    }
}

static void print_words(struct context *ctx, const char *name, const struct capf_salvage_report *r)
{
    struct sink *out = ctx->out;
    char number[FORMAT_NUMBER], bytes[FORMAT_NUMBER];

    sink_printf(out, "recovered   %s record%s", format_grouped(r->recovered, number),
                format_plural(r->recovered));
    if (name) {
        sink_string(out, " into ");
        sink_safe(out, name, strlen(name));
    }
    sink_string(out, "\n");
    say_losts(out, r);
    say_unsure(out, r);
    say_meta(out, r);
    say_geometry(out, r);
    sink_printf(out, "skipped     %s byte%s in %" PRIu64 " place%s%s\n",
                format_grouped(r->skipped_bytes, bytes), format_plural(r->skipped_bytes),
                r->skipped_total, format_plural(r->skipped_total),
                r->gave_up ? "; searching took too long and was given up" : "");
}

/* ---- The command ---- */

static int read_wishes(struct context *ctx, struct capf_salvage_options *wishes)
{
    wishes->unsure = command_flag(ctx, "unsure");
    if (!command_size_option(ctx, "page-size", &wishes->page_size))
        return command_misuse(ctx, "--page-size takes bytes, as 4096 or 4K");
    if (!command_size_option(ctx, "block-size", &wishes->block_size))
        return command_misuse(ctx, "--block-size takes bytes, as 32768 or 32K");
    if (!command_size_option(ctx, "fan-out", &wishes->fan_out))
        return command_misuse(ctx, "--fan-out takes a number");
    return 0;
}

static int fail_salvage(struct context *ctx, const char *out, const struct capf_error *err)
{
    if (err->status == CAPF_END)
        return command_fail(ctx, COMMAND_FAILED, "%s; %s", err->text, "no new file was made");
    if (err->status == CAPF_CANCELLED)
        return command_fail(ctx, COMMAND_FAILED, "stopped; no new file was made");
    if (err->status == CAPF_EXISTS || err->status == CAPF_NO_SPACE)
        return command_fail_about(ctx, COMMAND_FAILED, out, "%s; %s", err->text,
                                  session_advice(err));
    return command_fail_core(ctx, err);
}

int cmd_salvage(struct context *ctx, int argc, char **argv)
{
    const char *out = argc > 1 ? argv[1] : NULL;
    struct capf_salvage_options wishes = {0};
    struct capf_options options = {.io = ctx->session->io};
    struct capf_salvage_report report;
    struct capf_error err = {0};
    enum capf_status status;
    bool complete;
    int result = read_wishes(ctx, &wishes);

    if (result)
        return result;
    if (!ctx->session->path)
        return command_fail_about(ctx, COMMAND_FAILED, "salvage", "no file is open; name one");
    if (!out && !command_flag(ctx, "dry-run"))
        return command_misuse(ctx, "name a new file, or ask for the report alone with --dry-run");
    if (command_flag(ctx, "dry-run"))
        out = NULL;
    options.progress = command_progress;
    options.progress_ctx = ctx;
    status = capf_salvage(ctx->session->path, out, &wishes, &options, &report, &err);
    complete = capf_salvage_complete(&report);
    if (status == CAPF_OK || status == CAPF_END) {
        if (command_flag(ctx, "json"))
            print_json(ctx, status == CAPF_OK ? out : NULL, &report);
        else if (status == CAPF_OK || report.unsure_total > 0)
            print_words(ctx, status == CAPF_OK ? out : NULL, &report);
    }
    capf_salvage_release(&report);
    if (status != CAPF_OK)
        return fail_salvage(ctx, out, &err);
    return complete ? COMMAND_DONE : COMMAND_NOTHING;
}
