/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * write-config: options and keys into the configuration file, whole or not at all. What was there
 * before is kept beside it as FILE~; a file that write-config did not write is a person's, and is
 * replaced only with --force.
 */
#include "app/config.h"
#include "app/handlers.h"
#include "app/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 or an errno. */
static int write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, text, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        text += done;
        len -= (size_t)done;
    }
    return fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
}

static char *join(const char *path, const char *end)
{
    size_t size = strlen(path) + strlen(end) + 1;
    char *joined = memory_resize(NULL, size);
    snprintf(joined, size, "%s%s", path, end);
    return joined;
}

/* Under another name first, so that nobody sees half of it. 0 or an errno. */
static int replace_file(const char *path, const char *text, size_t len)
{
    char *temporary = join(path, ".XXXXXX");
    int fd = mkstemp(temporary), error = fd < 0 ? errno : write_all(fd, text, len);
    if (fd >= 0 && close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(temporary, path) != 0)
        error = errno;
    if (error != 0 && fd >= 0)
        unlink(temporary);
    free(temporary);
    return error;
}

/* The folders on the way to the file. What is wrong with them its own creation says. */
static void make_folders(const char *path)
{
    char *folder = memory_string(path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700);
        *slash = '/';
    }
    free(folder);
}

static int fail_path(struct context *ctx, const char *path, const char *what)
{
    return command_fail_about(ctx, COMMAND_FAILED, path, "%s; nothing was written", what);
}

/* What stands there is kept as FILE~. */
static int keep_old(struct context *ctx, const char *path)
{
    const char *reason;
    size_t len;
    char *text = config_read(path, &len, &reason);
    int status = COMMAND_DONE;
    if (text == NULL)
        return reason == NULL ? COMMAND_DONE : fail_path(ctx, path, reason);
    if (len > 0 && strncmp(text, config_mark, strlen(config_mark)) != 0 &&
        !command_flag(ctx, "force")) {
        status = command_fail_about(ctx, COMMAND_FAILED, path,
                                    "it was not written by write-config and may have comments; "
                                    "--force replaces it, and keeps it with a ~ behind its name");
    } else {
        char *backup = join(path, "~");
        int error = replace_file(backup, text, len);
        if (error != 0)
            status = fail_path(ctx, backup, strerror(error));
        free(backup);
    }
    free(text);
    return status;
}

static int write_to(struct context *ctx, const char *path)
{
    struct sink_text text;
    int status = keep_old(ctx, path), error;
    if (status != COMMAND_DONE)
        return status;
    sink_text_init(&text, CONFIG_MAX);
    config_write(ctx->session, &text.sink);
    error = text.cut ? EFBIG : replace_file(path, text.text, text.len);
    sink_text_release(&text);
    if (error != 0)
        return fail_path(ctx, path, strerror(error));
    sink_string(ctx->out, "written: ");
    sink_safe(ctx->out, path, strlen(path));
    sink_string(ctx->out, "\n");
    return command_check_out(ctx);
}

int cmd_write_config(struct context *ctx, int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : ctx->session->config_path;
    if (path == NULL)
        return command_misuse(ctx, "no configuration file was read here: name one");
    if (strcmp(path, "-") == 0) {
        config_write(ctx->session, ctx->out);
        return command_check_out(ctx);
    }
    if (argc < 2)
        make_folders(path);
    /* A link leads to the file that is meant. */
    char *real = realpath(path, NULL);
    int status = write_to(ctx, real != NULL ? real : path);
    free(real);
    return status;
}
