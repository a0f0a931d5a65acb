/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * demo: writes the sample into a new file, in one commit.
 */
#include "app/handlers.h"

#include "app/demo.h"
#include "app/format.h"

#include <stdlib.h>
#include <string.h>

static enum capf_status write_records(capf_file *file, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    uint8_t *buf = NULL;
    size_t room = 0;

    for (uint32_t recno = 1; recno <= DEMO_RECORDS && status == CAPF_OK; recno++) {
        size_t len = demo_record(recno, &buf, &room);
        uint64_t given;

        status = capf_append(file, buf, len, &given, err);
    }
    free(buf);
    return status == CAPF_OK ? capf_commit(file, err) : status;
}

int cmd_demo(struct context *ctx, int argc, char **argv)
{
    struct session *session = ctx->session;
    const struct capf_io *io = session->io ? session->io : capf_io_posix();
    struct capf_options options = {.io = io};
    struct capf_creation creation = {
        .how = CAPF_CREATE_NEW, .meta = demo_metadata, .meta_len = strlen(demo_metadata)};
    char number[FORMAT_NUMBER];
    struct capf_error err;
    capf_file *file;
    enum capf_status status;

    (void)argc, (void)argv;
    if (command_flag(ctx, "no-lock"))
        options.locking = CAPF_LOCK_NONE;
    if (capf_create(session->path, &creation, &options, &file, NULL, &err) != CAPF_OK)
        return command_fail_core(ctx, &err);
    status = write_records(file, &err);
    /* A sample without records helps nobody. Gone before the lock is, so no other writer loses. */
    if (status != CAPF_OK)
        io->unlink(io->ctx, session->path);
    capf_close(file);
    if (status != CAPF_OK)
        return command_fail_core(ctx, &err);
    sink_string(ctx->out, "wrote ");
    sink_safe(ctx->out, session->path, strlen(session->path));
    sink_printf(ctx->out, ": %s records\n", format_grouped(DEMO_RECORDS, number));
    return COMMAND_DONE;
}
