/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the shell and back to it: see shell.h.
 */
#include "app/shell.h"

#include "app/config.h"
#include "app/memory.h"
#include "app/progress.h"
#include "app/safetext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Standard error ---- */

void shell_complain(const char *about, const char *text)
{
    char *safe_about = about ? safetext_dup_string(about) : NULL;
    char *safe_text = safetext_dup_string(text);

    if (about)
        fprintf(stderr, "capscope: %s: %s\n", safe_about, safe_text);
    else
        fprintf(stderr, "capscope: %s\n", safe_text);
    free(safe_about);
    free(safe_text);
}

void shell_complain_core(const char *path, const struct capf_error *err)
{
    char text[CAPF_ERROR_TEXT + 128];

    snprintf(text, sizeof(text), "%s; %s", err->text, session_advice(err));
    shell_complain(path, text);
}

static void note_on_stderr(struct context *ctx, const char *text)
{
    shell_complain(ctx->session->path, text);
}

static bool show_progress(struct context *ctx, uint64_t done, uint64_t total)
{
    return progress_step(ctx->command ? ctx->command->name : "", done, total);
}

/* That nothing was found is said to a person; a program has the exit code. */
static void report(const struct context *ctx, int status)
{
    if (!ctx->failure)
        return;
    if (status == COMMAND_FAILED || isatty(STDERR_FILENO) == 1)
        shell_complain(ctx->failure_about, ctx->failure);
}

/* What the program ends with. A reader that went away is no trouble; an output that could not be
 * written is. */
static int exit_code(struct context *ctx, struct sink_fd *out, int status)
{
    progress_end();
    sink_fd_flush(out);
    if (status != COMMAND_FAILED && out->sink.state == SINK_CLOSED)
        return COMMAND_DONE;
    if (status != COMMAND_FAILED && out->sink.state == SINK_FAILED)
        status = command_check_out(ctx);
    report(ctx, status);
    return status;
}

/* ---- The configuration ---- */

static void complain_of_config(void *ctx, const char *about, const char *text)
{
    struct session *session = ctx;
    size_t size = strlen(about) + strlen(text) + 3;
    char *message = memory_resize(NULL, size);

    snprintf(message, size, "%s: %s", about, text);
    messages_add(&session->messages, message, true);
    free(message);
    shell_complain(about, text);
}

void shell_read_config(struct session *session)
{
    bool edit = session->edit;
    unsigned wait_ms = session->wait_ms;
    enum capf_locking locking = session->locking;

    free(session->config_path);
    session->config_path = config_default_path();
    if (!session->config_path)
        return;
    config_load(session, session->config_path, complain_of_config, session);
    session->edit |= edit;
    if (wait_ms > 0)
        session->wait_ms = wait_ms;
    if (locking != CAPF_LOCK_WRITER)
        session->locking = locking;
}

/* ---- The door ---- */

int shell_run_word(int argc, char **argv)
{
    static struct sink_fd out;
    struct session session;
    struct context ctx;
    int status;

    session_init(&session);
    session.edit = session.immediate = true;
    sink_fd_init(&out, STDOUT_FILENO);
    context_init(&ctx, DOOR_SHELL, &session, &out.sink);
    ctx.note = note_on_stderr;
    ctx.progress = show_progress;
    status = command_run_argv(&ctx, argc, argv);
    status = exit_code(&ctx, &out, status);
    context_release(&ctx);
    session_release(&session);
    progress_obey();
    return status;
}

void shell_note_dropped(struct context *ctx)
{
    const struct stage *stage = &ctx->session->stage;

    if (stage->count > 0)
        command_note(ctx, "%zu staged record%s dropped: there was no commit", stage->count,
                     stage->count == 1 ? " was" : "s were");
    else if (stage->meta != STAGE_META_KEEP)
        command_note(ctx, "the staged metadata was dropped: there was no commit");
}
