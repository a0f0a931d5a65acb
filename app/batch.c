/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running commands and scripts without a person: see batch.h.
 */
#include "app/batch.h"

#include "app/command.h"
#include "app/format.h"
#include "app/linefile.h"
#include "app/memory.h"
#include "app/progress.h"
#include "app/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct batch {
    struct context ctx;
    struct sink_fd out;
    struct linefile standard; /* read by "-x -", and by commands of -c that take lines */
    struct linefile *script;  /* whose lines run now; NULL: a command of -c does */
    uint64_t number;          /* of the line that complaints are about */
    bool keep_going;
    bool broken; /* no more of it, whatever comes */
    int status;  /* the highest so far */
};

/* ---- What is said ---- */

/* "SCRIPT:3", or "SCRIPT:3: ABOUT"; a command of -c has no line. To be freed. */
static char *place_of(const struct batch *batch, const char *about)
{
    const char *name = batch->script ? batch->script->name : "";
    size_t size = strlen(name) + (about ? strlen(about) : 0) + 32;
    char *text;

    if (!batch->script)
        return about ? memory_string(about) : NULL;
    text = memory_zeroed(size);
    snprintf(text, size, "%s:%" PRIu64 "%s%s", name, batch->number, about ? ": " : "",
             about ? about : "");
    return text;
}

static void complain(struct batch *batch, const char *about, const char *text)
{
    char *place = place_of(batch, about);

    progress_end();
    sink_fd_flush(&batch->out); /* what came before is seen before */
    shell_complain(place, text);
    free(place);
}

/* That nothing was found is said to a person; a program has the exit code. */
static void report(struct batch *batch, int status)
{
    if (batch->ctx.failure && (status == COMMAND_FAILED || isatty(STDERR_FILENO) == 1))
        complain(batch, batch->ctx.failure_about, batch->ctx.failure);
}

static void on_note(struct context *ctx, const char *text)
{
    struct batch *batch = ctx->hook_ctx;

    sink_fd_flush(&batch->out);
    shell_complain(ctx->session->path, text);
}

static bool on_progress(struct context *ctx, uint64_t done, uint64_t total)
{
    return progress_step(ctx->command ? ctx->command->name : "", done, total);
}

/* ---- Lines ---- */

static void break_off(struct batch *batch)
{
    batch->broken = true;
    batch->status = COMMAND_FAILED;
}

/* A command takes the lines behind it, in a script; with -c those of standard input. */
static enum command_lines on_next_line(struct context *ctx, char **line)
{
    struct batch *batch = ctx->hook_ctx;
    struct linefile *file = batch->script ? batch->script : &batch->standard;

    switch (linefile_next(file, line)) {
    case LINEFILE_LINE:
        return COMMAND_LINE;
    case LINEFILE_END:
        return COMMAND_LINES_END;
    default:
        batch->number = file->number;
        complain(batch, batch->script ? NULL : file->name, file->fault);
        break_off(batch);
        return COMMAND_LINES_GIVEN_UP;
    }
}

static void run_line(struct batch *batch, const char *line)
{
    int status = command_run_line(&batch->ctx, line);

    progress_end();
    if (status > batch->status)
        batch->status = status;
    if (status != COMMAND_DONE && !batch->broken)
        report(batch, status);
    if (status == COMMAND_FAILED && (!batch->keep_going || progress_interrupted()))
        batch->broken = true;
}

static bool goes_on(const struct batch *batch)
{
    return !batch->broken && !batch->ctx.quit;
}

static void run_lines(struct batch *batch, struct linefile *file)
{
    enum linefile_status status = LINEFILE_LINE;
    char *line;

    batch->script = file;
    batch->ctx.lines_follow = true;
    while (goes_on(batch) && (status = linefile_next(file, &line)) == LINEFILE_LINE) {
        batch->number = file->number;
        run_line(batch, line);
        free(line);
    }
    batch->number = file->number;
    if (status == LINEFILE_BAD) {
        complain(batch, NULL, file->fault);
        break_off(batch);
    }
    batch->script = NULL;
    batch->ctx.lines_follow = false;
}

static void run_script(struct batch *batch, const char *path)
{
    struct linefile file;
    int rc;

    if (strcmp(path, "-") == 0) {
        run_lines(batch, &batch->standard);
        return;
    }
    rc = linefile_open(&file, path);
    if (rc == 0) {
        run_lines(batch, &file);
        linefile_release(&file);
        return;
    }
    complain(batch, path, strerror(rc));
    break_off(batch);
}

/* ---- From the beginning to the end ---- */

static struct batch *batch_begin(struct session *session, enum door door, bool keep_going)
{
    struct batch *batch = memory_zeroed(sizeof(*batch));

    linefile_open(&batch->standard, "-");
    sink_fd_init(&batch->out, STDOUT_FILENO);
    context_init(&batch->ctx, door, session, &batch->out.sink);
    batch->ctx.note = on_note;
    batch->ctx.progress = on_progress;
    batch->ctx.next_line = on_next_line;
    batch->ctx.hook_ctx = batch;
    batch->keep_going = keep_going;
    return batch;
}

/* A reader that went away is no trouble; an output that could not be written is. */
static void check_output(struct batch *batch)
{
    sink_fd_flush(&batch->out);
    if (batch->status == COMMAND_FAILED)
        return;
    if (batch->out.sink.state == SINK_CLOSED)
        batch->status = COMMAND_DONE;
    if (batch->out.sink.state != SINK_FAILED)
        return;
    batch->status = command_check_out(&batch->ctx);
    report(batch, batch->status);
}

static int batch_end(struct batch *batch)
{
    int status;

    check_output(batch);
    shell_note_dropped(&batch->ctx);
    status = batch->status;
    context_release(&batch->ctx);
    linefile_release(&batch->standard);
    free(batch);
    progress_obey();
    return status;
}

int batch_run(struct session *session, const char *path, const struct batch_step *steps, int count,
              bool keep_going)
{
    struct capf_error err;
    struct batch *batch;

    if (session_open(session, path, &err) != CAPF_OK) {
        shell_complain_core(path, &err);
        return COMMAND_FAILED;
    }
    batch = batch_begin(session, DOOR_BATCH, keep_going);
    for (int i = 0; i < count && goes_on(batch); i++) {
        if (steps[i].is_script)
            run_script(batch, steps[i].text);
        else
            run_line(batch, steps[i].text);
    }
    return batch_end(batch);
}

int batch_run_console(struct session *session)
{
    struct batch *batch = batch_begin(session, DOOR_CONSOLE, true);

    run_lines(batch, &batch->standard);
    return batch_end(batch);
}
