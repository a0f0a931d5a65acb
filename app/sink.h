/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a command's output goes: a descriptor, or a string that the screen or
 * a test reads afterwards. Commands know only the sink.
 *
 * The first failure is kept, and everything after it is dropped, so a handler
 * may write on and ask once; one that writes much asks now and then, to stop
 * early. A reader that went away (a closed pipe) is no trouble: it is a reason
 * to stop quietly.
 */
#ifndef APP_SINK_H
#define APP_SINK_H

#include "app/safetext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sink_state { SINK_GOOD, SINK_CLOSED, SINK_FAILED };

struct sink {
    /* Takes all the bytes or returns a negative errno. */
    int (*write)(struct sink *sink, const void *bytes, size_t len);
    enum sink_state state;
    int sys_errno;
    bool to_terminal;        /* a person's terminal: raw bytes have no business there */
    enum safetext_mode mode; /* how sink_safe writes */
};

/* Each returns whether the sink is still good. */
bool sink_write(struct sink *sink, const void *bytes, size_t len);
bool sink_string(struct sink *sink, const char *string);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool sink_printf(struct sink *sink, const char *format, ...);

/* Bytes from outside, made safe. */
bool sink_safe(struct sink *sink, const void *bytes, size_t len);

/* ---- To a descriptor, buffered ---- */

struct sink_fd {
    struct sink sink;
    int fd;
    size_t fill;
    char buffer[65536];
};

/* Does not own the descriptor. */
void sink_fd_init(struct sink_fd *out, int fd);
/* Writes what is buffered; whether everything so far has arrived. */
bool sink_fd_flush(struct sink_fd *out);

/* ---- To a string ---- */

struct sink_text {
    struct sink sink;
    char *text; /* NUL at the end; never NULL */
    size_t len;
    size_t room;
    size_t max; /* what goes beyond it is dropped, and `cut` is set */
    bool cut;
};

void sink_text_init(struct sink_text *text, size_t max);
void sink_text_clear(struct sink_text *text);
void sink_text_release(struct sink_text *text);

#endif
