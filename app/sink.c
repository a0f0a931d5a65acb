/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sinks: see sink.h. A descriptor's sink collects what is written in a buffer;
 * a string's sink grows up to a limit.
 */
#include "app/sink.h"

#include "app/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Any sink ---- */

bool sink_write(struct sink *sink, const void *bytes, size_t len)
{
    if (sink->state == SINK_GOOD && len > 0) {
        int rc = sink->write(sink, bytes, len);

        if (rc < 0) {
            sink->state = rc == -EPIPE ? SINK_CLOSED : SINK_FAILED;
            sink->sys_errno = -rc;
        }
    }
    return sink->state == SINK_GOOD;
}

bool sink_string(struct sink *sink, const char *string)
{
    return sink_write(sink, string, strlen(string));
}

bool sink_printf(struct sink *sink, const char *format, ...)
{
    char small[512];
    char *text = small;
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsnprintf(small, sizeof(small), format, ap);
    va_end(ap);
    if (len < 0)
        return sink->state == SINK_GOOD;
    if ((size_t)len >= sizeof(small)) {
        text = memory_resize(NULL, (size_t)len + 1);
        va_start(ap, format);
        vsnprintf(text, (size_t)len + 1, format, ap);
        va_end(ap);
    }
    sink_write(sink, text, (size_t)len);
    if (text != small)
        free(text);
    return sink->state == SINK_GOOD;
}

bool sink_safe(struct sink *sink, const void *bytes, size_t len)
{
    const uint8_t *src = bytes;
    struct safetext_unit unit;
    struct safetext st;
    size_t n;

    safetext_init(&st, sink->mode);
    while ((n = safetext_next(&st, src, len, false, &unit)) > 0) {
        if (!sink_write(sink, unit.text, unit.text_len))
            return false;
        src += n;
        len -= n;
    }
    return sink->state == SINK_GOOD;
}

static void sink_init(struct sink *sink, int (*write_all)(struct sink *, const void *, size_t))
{
    memset(sink, 0, sizeof(*sink));
    sink->write = write_all;
    sink->mode = safetext_mode_of_locale();
}

/* ---- A descriptor ---- */

static int fd_write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int sink_fd_empty(struct sink_fd *out)
{
    size_t fill = out->fill;

    out->fill = 0;
    return fd_write_all(out->fd, out->buffer, fill);
}

static int sink_fd_write(struct sink *sink, const void *bytes, size_t len)
{
    struct sink_fd *out = (struct sink_fd *)sink;

    if (len > sizeof(out->buffer) - out->fill) {
        int rc = sink_fd_empty(out);

        if (rc < 0)
            return rc;
        if (len >= sizeof(out->buffer))
            return fd_write_all(out->fd, bytes, len);
    }
    memcpy(out->buffer + out->fill, bytes, len);
    out->fill += len;
    return 0;
}

void sink_fd_init(struct sink_fd *out, int fd)
{
    sink_init(&out->sink, sink_fd_write);
    out->sink.to_terminal = isatty(fd) == 1;
    out->fd = fd;
    out->fill = 0;
}

bool sink_fd_flush(struct sink_fd *out)
{
    if (out->sink.state == SINK_GOOD) {
        int rc = sink_fd_empty(out);

        if (rc < 0) {
            out->sink.state = rc == -EPIPE ? SINK_CLOSED : SINK_FAILED;
            out->sink.sys_errno = -rc;
        }
    }
    return out->sink.state == SINK_GOOD;
}

/* ---- A string ---- */

static int sink_text_write(struct sink *sink, const void *bytes, size_t len)
{
    struct sink_text *text = (struct sink_text *)sink;

    if (len > text->max - text->len) {
        len = text->max - text->len;
        text->cut = true;
    }
    text->text = memory_grow(text->text, &text->room, text->len + len + 1, 1);
    memcpy(text->text + text->len, bytes, len);
    text->len += len;
    text->text[text->len] = '\0';
    return 0;
}

void sink_text_init(struct sink_text *text, size_t max)
{
    memset(text, 0, sizeof(*text));
    sink_init(&text->sink, sink_text_write);
    text->max = max;
    text->text = memory_grow(NULL, &text->room, 1, 1);
    text->text[0] = '\0';
}

void sink_text_clear(struct sink_text *text)
{
    text->len = 0;
    text->text[0] = '\0';
    text->cut = false;
}

void sink_text_release(struct sink_text *text)
{
    free(text->text);
    text->text = NULL;
}
