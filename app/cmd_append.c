/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * append, as a word of the shell: records from standard input or from whole
 * files go straight into the file. Memory is bounded whatever their length.
 * What a commit holds appears together; what is not committed when something
 * fails is not in the file, and is said by number.
 */
#include "app/handlers.h"

#include "app/input.h"
#include "app/range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records on their way into the file. */
struct feed {
    struct context *ctx;
    capf_file *file;
    uint64_t before;    /* records when it began */
    uint64_t committed; /* records in the file for good */
    uint64_t every;     /* commit after so many; 0: once, at the end */
    struct capf_error err;
    char trouble[160]; /* of the input: a sentence; "": the trouble is err's */
    const char *about; /* the input's name */
};

/* All of them return whether to go on; when not, feed->err or feed->trouble says why. */

static bool feed_commit(struct feed *feed)
{
    if (capf_commit(feed->file, &feed->err) != CAPF_OK)
        return false;
    feed->committed = capf_file_count(feed->file);
    return true;
}

/* A record has just been added. */
static bool feed_added(struct feed *feed, uint64_t recno)
{
    if (feed->every == 0 || recno - feed->committed < feed->every)
        return true;
    return feed_commit(feed);
}

static bool feed_whole(struct feed *feed, const void *bytes, size_t len)
{
    uint64_t recno;

    return capf_append(feed->file, bytes, len, &recno, &feed->err) == CAPF_OK &&
           feed_added(feed, recno);
}

static bool feed_input_failed(struct feed *feed, const struct input *input)
{
    snprintf(feed->trouble, sizeof(feed->trouble), "cannot be read: %s",
             strerror(input->sys_errno));
    return false;
}

static bool feed_data(struct feed *feed, struct input *input, size_t len)
{
    bool good =
        capf_append_data(feed->file, input->buffer + input->start, len, &feed->err) == CAPF_OK;

    input->start += len;
    return good;
}

static bool feed_end(struct feed *feed)
{
    uint64_t recno;

    return capf_append_end(feed->file, &recno, &feed->err) == CAPF_OK && feed_added(feed, recno);
}

/* ---- Lines and the like ---- */

/* The place of the separator in what is buffered, or NULL. */
static const uint8_t *find_separator(const struct input *input, size_t from, uint8_t separator)
{
    const uint8_t *at = input->buffer + input->start + from;

    return memchr(at, separator, input->end - input->start - from);
}

/* A record whose end is not in the buffer: it goes into the file in pieces. */
static bool feed_long_line(struct feed *feed, struct input *input, uint8_t separator)
{
    const uint8_t *found = NULL;

    if (capf_append_begin(feed->file, CAPF_UNKNOWN_LENGTH, &feed->err) != CAPF_OK)
        return false;
    for (;;) {
        size_t here = input->end - input->start;

        found = find_separator(input, 0, separator);
        if (!feed_data(feed, input, found ? (size_t)(found - input->buffer) - input->start : here))
            return false;
        if (found || !input_fill(input))
            break;
    }
    if (input->sys_errno) {
        capf_append_cancel(feed->file);
        return feed_input_failed(feed, input);
    }
    if (found)
        input->start++;
    return feed_end(feed);
}

/* The next record, which ends with a separator or with the input. Sets *more to whether there was
 * one. */
static bool feed_line(struct feed *feed, struct input *input, uint8_t separator, bool *more)
{
    const uint8_t *found;
    size_t searched = 0, len;

    while (!(found = find_separator(input, searched, separator))) {
        searched = input->end - input->start;
        if (searched == INPUT_BUFFER_BYTES)
            return feed_long_line(feed, input, separator);
        if (!input_fill(input))
            break;
    }
    if (input->sys_errno)
        return feed_input_failed(feed, input);
    len = found ? (size_t)(found - input->buffer) - input->start : searched;
    *more = found || len > 0;
    if (*more && !feed_whole(feed, input->buffer + input->start, len))
        return false;
    input->start += len + (found != NULL);
    return true;
}

static bool feed_lines(struct feed *feed, struct input *input, uint8_t separator)
{
    bool more = true;

    while (more)
        if (!feed_line(feed, input, separator, &more))
            return false;
    return true;
}

/* ---- Frames and whole files: the length is known ---- */

static bool feed_short(struct feed *feed, const char *what, uint64_t got, uint64_t len)
{
    snprintf(feed->trouble, sizeof(feed->trouble),
             "ends within %s: %" PRIu64 " of %" PRIu64 " bytes", what, got, len);
    return false;
}

/* `len` bytes of the input become a record. */
static bool feed_known(struct feed *feed, struct input *input, uint64_t len)
{
    uint64_t left = len;

    if (capf_append_begin(feed->file, len, &feed->err) != CAPF_OK)
        return false;
    while (left > 0) {
        size_t here = input->end - input->start;

        if (here == 0 && !input_fill(input)) {
            capf_append_cancel(feed->file);
            return input->sys_errno ? feed_input_failed(feed, input)
                                    : feed_short(feed, "a record", len - left, len);
        }
        here = input->end - input->start;
        if (here > left)
            here = (size_t)left;
        if (!feed_data(feed, input, here))
            return false;
        left -= here;
    }
    return feed_end(feed);
}

static bool feed_frames(struct feed *feed, struct input *input)
{
    while (input_need(input, 4)) {
        const uint8_t *frame = input->buffer + input->start;
        uint64_t len = (uint64_t)frame[0] << 24 | (uint64_t)frame[1] << 16 |
                       (uint64_t)frame[2] << 8 | frame[3];

        input->start += 4;
        if (!feed_known(feed, input, len))
            return false;
    }
    if (input->sys_errno)
        return feed_input_failed(feed, input);
    if (input->end > input->start)
        return feed_short(feed, "a length", input->end - input->start, 4);
    return true;
}

/* Everything the input gives, until it ends. */
static bool feed_rest(struct feed *feed, struct input *input)
{
    if (capf_append_begin(feed->file, CAPF_UNKNOWN_LENGTH, &feed->err) != CAPF_OK)
        return false;
    while (input_fill(input))
        if (!feed_data(feed, input, input->end - input->start))
            return false;
    if (input->sys_errno) {
        capf_append_cancel(feed->file);
        return feed_input_failed(feed, input);
    }
    return feed_end(feed);
}

static bool feed_file(struct feed *feed, const char *path)
{
    struct input input;
    int sys_errno = input_open(&input, path);
    bool good;

    feed->about = path;
    if (sys_errno) {
        snprintf(feed->trouble, sizeof(feed->trouble), "cannot be opened: %s", strerror(sys_errno));
        return false;
    }
    if (input.size == INPUT_SIZE_UNKNOWN)
        good = feed_rest(feed, &input);
    else
        good = feed_known(feed, &input, input.size);
    input_release(&input);
    return good;
}

static bool feed_files(struct feed *feed, int count, char **paths)
{
    for (int i = 0; i < count; i++)
        if (!feed_file(feed, paths[i]))
            return false;
    return true;
}

static bool feed_stdin(struct feed *feed)
{
    struct context *ctx = feed->ctx;
    struct input input;
    bool good;

    feed->about = "standard input";
    if (isatty(STDIN_FILENO) == 1)
        command_note(ctx, "each line becomes a record; ^D ends, ^C drops them");
    input_init(&input, STDIN_FILENO);
    if (command_flag(ctx, "framed"))
        good = feed_frames(feed, &input);
    else
        good = feed_lines(feed, &input, command_flag(ctx, "null") ? '\0' : '\n');
    input_release(&input);
    return good;
}

/* ---- What is said ---- */

/* "6..10", "6" */
static void number_text(uint64_t first, uint64_t last, char *text, size_t size)
{
    if (first == last)
        snprintf(text, size, "%" PRIu64, first);
    else
        snprintf(text, size, "%" PRIu64 "..%" PRIu64, first, last);
}

static int report(struct feed *feed)
{
    uint64_t count = feed->committed - feed->before;
    char numbers[48];

    if (count == 0) {
        sink_string(feed->ctx->out, "appended nothing: there was no input\n");
        return COMMAND_DONE;
    }
    number_text(feed->before + 1, feed->committed, numbers, sizeof(numbers));
    sink_printf(feed->ctx->out, "appended %" PRIu64 " record%s: %s\n", count, count == 1 ? "" : "s",
                numbers);
    return COMMAND_DONE;
}

/* What is in the file and what is not, by number. */
static void describe_outcome(const struct feed *feed, char *text, size_t size)
{
    uint64_t added = capf_file_count(feed->file);
    char in[48], out[48];

    number_text(feed->before + 1, feed->committed, in, sizeof(in));
    number_text(feed->committed + 1, added, out, sizeof(out));
    if (feed->err.status == CAPF_UNKNOWN)
        snprintf(text, size, "whether %s is in the file cannot be known", out);
    else if (feed->committed == feed->before)
        snprintf(text, size, "nothing was appended");
    else if (added == feed->committed)
        snprintf(text, size, "%s is in the file, nothing behind it", in);
    else
        snprintf(text, size, "%s is in the file, %s is not", in, out);
}

static int fail_feed(struct feed *feed)
{
    struct context *ctx = feed->ctx;
    char outcome[160];

    describe_outcome(feed, outcome, sizeof(outcome));
    if (feed->trouble[0])
        return command_fail(ctx, COMMAND_FAILED, "%s %s; %s", feed->about, feed->trouble, outcome);
    return command_fail(ctx, COMMAND_FAILED, "%s; %s; %s", feed->err.text,
                        session_advice(&feed->err), outcome);
}

/* ---- Options ---- */

static int read_creation(struct context *ctx, struct capf_creation *creation)
{
    creation->how = CAPF_OPEN_OR_CREATE;
    creation->meta = command_option(ctx, "meta");
    creation->meta_len = creation->meta ? strlen(creation->meta) : 0;
    if (!command_size_option(ctx, "page-size", &creation->page_size))
        return command_misuse(ctx, "--page-size takes bytes, as 4096 or 4K");
    if (!command_size_option(ctx, "block-size", &creation->block_size))
        return command_misuse(ctx, "--block-size takes bytes, as 32768 or 32K");
    if (!command_size_option(ctx, "fan-out", &creation->fan_out))
        return command_misuse(ctx, "--fan-out takes a number");
    return 0;
}

static int read_every(struct context *ctx, uint64_t *every)
{
    const char *text = command_option(ctx, "commit-every");

    *every = 0;
    if (text && (!range_parse_number(&text, every) || *text || *every == 0))
        return command_misuse(ctx, "--commit-every takes a number of records");
    return 0;
}

static int check_sources(struct context *ctx, int argc)
{
    int sources =
        command_flag(ctx, "null") + command_flag(ctx, "framed") + command_flag(ctx, "whole");

    if (sources > 1)
        return command_misuse(ctx, "-0, --framed and --whole exclude each other");
    if (command_flag(ctx, "whole") && argc < 2)
        return command_misuse(ctx, "--whole needs files");
    if (!command_flag(ctx, "whole") && argc > 1)
        return command_misuse(ctx, "files are taken only with --whole");
    return 0;
}

/* An existing file keeps its geometry and metadata: what was asked for in vain is said. */
static void note_ignored(struct context *ctx)
{
    static const char *const names[] = {"meta", "block-size", "page-size", "fan-out"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (command_option(ctx, names[i]))
            command_note(ctx, "--%s is ignored: the file exists", names[i]);
}

static void note_warnings(struct context *ctx, capf_file *file)
{
    struct capf_info info;
    char text[256];

    if (capf_get_info(file, &info, NULL) != CAPF_OK)
        return;
    for (unsigned bit = 0; bit < CAPF_WARN_COUNT; bit++) {
        if (!(info.warnings & 1u << bit) || 1u << bit == CAPF_WARN_NO_LOCK)
            continue;
        capf_warning_text(&info, (enum capf_warning)(1u << bit), text, sizeof(text));
        command_note(ctx, "%s", text);
    }
}

static int open_file(struct context *ctx, capf_file **file)
{
    struct session *session = ctx->session;
    struct capf_options options = {.io = session->io,
                                   .locking = session->locking,
                                   .force = session->force,
                                   .wait_ms = session->wait_ms};
    struct capf_creation creation = {0};
    bool create = command_flag(ctx, "create"), created = false;
    struct capf_error err;
    enum capf_status status;

    if (read_creation(ctx, &creation))
        return COMMAND_FAILED;
    if (create)
        status = capf_create(session->path, &creation, &options, file, &created, &err);
    else
        status = capf_open(session->path, CAPF_WRITE, &options, file, &err);
    if (status == CAPF_NO_FILE && !create)
        return command_fail(ctx, COMMAND_FAILED, "%s; check the name, or make it with --create",
                            err.text);
    if (status != CAPF_OK)
        return command_fail_core(ctx, &err);
    if (!created)
        note_ignored(ctx);
    note_warnings(ctx, *file);
    return 0;
}

int cmd_append_stream(struct context *ctx, int argc, char **argv)
{
    struct feed feed = {.ctx = ctx};
    int status = check_sources(ctx, argc);
    bool good;

    if (status == 0)
        status = read_every(ctx, &feed.every);
    if (status == 0)
        status = locking_apply(ctx);
    if (status == 0)
        status = open_file(ctx, &feed.file);
    if (status)
        return status;
    feed.before = feed.committed = capf_file_count(feed.file);
    if (command_flag(ctx, "whole"))
        good = feed_files(&feed, argc - 1, argv + 1);
    else
        good = feed_stdin(&feed);
    good = good && feed_commit(&feed);
    status = good ? report(&feed) : fail_feed(&feed);
    capf_close(feed.file);
    return status;
}
