/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines from a descriptor: see linefile.h. A line fits into the input's buffer or is too long.
 */
#include "app/linefile.h"

#include "app/memory.h"

#include <string.h>
#include <unistd.h>

int linefile_open(struct linefile *file, const char *path)
{
    bool standard = strcmp(path, "-") == 0;

    *file = (struct linefile){.name = standard ? "standard input" : path};
    if (!standard)
        return input_open(&file->input, path);
    input_init(&file->input, STDIN_FILENO);
    return 0;
}

void linefile_release(struct linefile *file)
{
    input_release(&file->input);
}

static enum linefile_status bad(struct linefile *file, const char *fault)
{
    file->number++;
    file->fault = fault;
    return LINEFILE_BAD;
}

/* Reads until a newline is there, and says where; NULL: there is none. */
static const uint8_t *find_newline(struct input *input)
{
    size_t seen = 0;

    for (;;) {
        size_t len = input->end - input->start;
        const uint8_t *at = input->buffer + input->start;
        const uint8_t *newline = memchr(at + seen, '\n', len - seen);

        seen = len;
        if (newline || !input_fill(input))
            return newline;
    }
}

enum linefile_status linefile_next(struct linefile *file, char **line)
{
    struct input *input = &file->input;
    const uint8_t *newline = find_newline(input);
    const uint8_t *at = input->buffer + input->start;
    size_t len = newline ? (size_t)(newline - at) : input->end - input->start;
    size_t taken = len + (newline != NULL);

    if (input->sys_errno)
        return bad(file, strerror(input->sys_errno));
    if (!newline && !input->at_end)
        return bad(file, "the line is longer than 1 MiB");
    if (taken == 0)
        return LINEFILE_END;
    if (memchr(at, '\0', len))
        return bad(file, "the line has a NUL byte: this is no text");
    if (newline && len > 0 && at[len - 1] == '\r')
        len--;
    *line = memory_copy(at, len);
    input->start += taken;
    file->number++;
    return LINEFILE_LINE;
}
