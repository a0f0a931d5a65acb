/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buffered reading: see input.h.
 */
#include "app/input.h"

#include "app/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void input_init(struct input *input, int fd)
{
    struct stat st;

    memset(input, 0, sizeof(*input));
    input->fd = fd;
    input->size = INPUT_SIZE_UNKNOWN;
    input->buffer = memory_resize(NULL, INPUT_BUFFER_BYTES);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);

        /* Files of /proc say 0 and have content all the same: they are read to their end. */
        if (at >= 0 && st.st_size > at)
            input->size = (uint64_t)(st.st_size - at);
    }
}

int input_open(struct input *input, const char *path)
{
    struct stat st;
    int fd;

    memset(input, 0, sizeof(*input));
    if (strcmp(path, "-") == 0) {
        input_init(input, STDIN_FILENO);
        return 0;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return EISDIR;
    }
    input_init(input, fd);
    input->owned = true;
    return 0;
}

void input_release(struct input *input)
{
    if (input->owned)
        close(input->fd);
    free(input->buffer);
    memset(input, 0, sizeof(*input));
}

bool input_fill(struct input *input)
{
    ssize_t n;

    if (input->start > 0) {
        memmove(input->buffer, input->buffer + input->start, input->end - input->start);
        input->end -= input->start;
        input->start = 0;
    }
    if (input->at_end || input->sys_errno || input->end == INPUT_BUFFER_BYTES)
        return false;
    do {
        n = read(input->fd, input->buffer + input->end, INPUT_BUFFER_BYTES - input->end);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        input->sys_errno = errno;
    else if (n == 0)
        input->at_end = true;
    else
        input->end += (size_t)n;
    return n > 0;
}

bool input_need(struct input *input, size_t len)
{
    while (input->end - input->start < len)
        if (!input_fill(input))
            return false;
    return true;
}

uint8_t *input_read_file(const char *path, size_t max, size_t *len, int *sys_errno)
{
    struct input input;
    uint8_t *bytes = NULL;
    size_t room = 0, fill = 0;

    *sys_errno = input_open(&input, path);
    if (*sys_errno)
        return NULL;
    do {
        size_t here = input.end - input.start;

        if (here > max - fill) {
            input.sys_errno = EFBIG;
            break;
        }
        bytes = memory_grow(bytes, &room, fill + here + 1, 1);
        memcpy(bytes + fill, input.buffer + input.start, here);
        fill += here;
        input.start = input.end;
    } while (input_fill(&input));
    *sys_errno = input.sys_errno;
    input_release(&input);
    if (*sys_errno) {
        free(bytes);
        return NULL;
    }
    bytes[fill] = '\0';
    *len = fill;
    return bytes;
}
