/* SPDX-License-Identifier: MIT */
/*
 * Whole reads and writes, and memory, over any I/O table.
 */
#include "io.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "error.h"

enum capf_status capf__read_some(const struct capf_io *io, int fd, void *buf, size_t len,
                                 uint64_t off, size_t *got, struct capf_error *err)
{
    size_t done = 0;
    while (done < len) {
        int64_t n = io->pread(io->ctx, fd, (uint8_t *)buf + done, len - done, off + done);
        if (n == -EINTR)
            continue;
        if (n < 0)
            return capf__fail_io(err, (int)n, off + done, "cannot read the file");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return CAPF_OK;
}

enum capf_status capf__write_counted(const struct capf_io *io, int fd, const void *buf, size_t len,
                                     uint64_t off, size_t *done, struct capf_error *err)
{
    *done = 0;
    while (*done < len) {
        int64_t n = io->pwrite(io->ctx, fd, (const uint8_t *)buf + *done, len - *done, off + *done);
        if (n == -EINTR)
            continue;
        if (n == 0)
            n = -EIO; /* a write that does nothing and gives no reason would loop for ever */
        if (n < 0)
            return capf__fail_io(err, (int)n, off + *done, "cannot write the file");
        *done += (size_t)n;
    }
    return CAPF_OK;
}

enum capf_status capf__write_all(const struct capf_io *io, int fd, const void *buf, size_t len,
                                 uint64_t off, struct capf_error *err)
{
    size_t done;
    return capf__write_counted(io, fd, buf, len, off, &done, err);
}

void *capf__alloc(const struct capf_io *io, size_t size)
{
    return io->realloc(io->ctx, NULL, size > 0 ? size : 1);
}

void *capf__alloc_zero(const struct capf_io *io, size_t size)
{
    void *p = capf__alloc(io, size);
    if (p != NULL)
        memset(p, 0, size);
    return p;
}

void capf__free(const struct capf_io *io, void *ptr)
{
    if (ptr != NULL)
        io->realloc(io->ctx, ptr, 0);
}

char *capf__strdup(const struct capf_io *io, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = capf__alloc(io, size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

enum capf_status capf__fail_memory(struct capf_error *err, uint64_t size)
{
    return capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory: %" PRIu64 " bytes asked for", size);
}

char *capf__folder_of(const struct capf_io *io, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return capf__strdup(io, ".");
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    char *folder = capf__alloc(io, len + 1);
    if (folder != NULL) {
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    return folder;
}
