/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal that plays a script; see script_term.h. */
#include "tests/support/test.h"

#include "tests/support/script_term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void get_size(void *ctx, unsigned *rows, unsigned *cols)
{
    const struct script_term *term = ctx;
    *rows = term->rows;
    *cols = term->cols;
}

static void show(void *ctx, const struct grid *grid)
{
    struct script_term *term = ctx;
    free(term->text);
    term->text = grid_text(grid);
    term->frames++;
}

/* The script at its end ends the loop, which then is entered anew for the next keys. */
static struct event read_script(void *ctx, int timeout_ms)
{
    struct script_term *term = ctx;
    struct event event = {.kind = EVENT_NONE};
    if (timeout_ms == 0)
        return event;
    if (term->resized) {
        term->resized = false;
        return (struct event){.kind = EVENT_RESIZE};
    }
    while (*term->keys != '\0') {
        char key = *term->keys++;
        if (key == SCRIPT_PAUSE[0]) {
            if (keydecode_timeout(&term->decode, &event))
                return event;
        } else if (keydecode_feed(&term->decode, (uint8_t)key, &event)) {
            return event;
        }
    }
    while (keydecode_wait(&term->decode, 0) != WAIT_FOREVER)
        if (keydecode_timeout(&term->decode, &event))
            return event;
    return (struct event){.kind = EVENT_END};
}

static void drain(void *ctx)
{
    struct script_term *term = ctx;
    term->keys += strcspn(term->keys, SCRIPT_PAUSE);
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static bool is_busy(void *ctx)
{
    (void)ctx;
    return false;
}

void script_term_open(struct script_term *term, const char *path, unsigned rows, unsigned cols)
{
    memset(term, 0, sizeof *term);
    term->rows = rows;
    term->cols = cols;
    term->terminal = (struct terminal){
        .get_size = get_size,
        .show = show,
        .read = read_script,
        .drain = drain,
        .suspend = do_nothing,
        .forget = do_nothing,
        .is_busy = is_busy,
        .ctx = term,
    };
    keydecode_init(&term->decode);
    session_init(&term->session);
    must(session_open(&term->session, path, &test_err));
    loop_init(&term->loop, &term->session, &term->terminal, SAFETEXT_UTF8);
    script_term_type(term, "");
}

void script_term_close(struct script_term *term)
{
    loop_release(&term->loop);
    session_release(&term->session);
    keydecode_release(&term->decode);
    free(term->text);
}

const char *script_term_type(struct script_term *term, const char *keys)
{
    term->keys = keys;
    term->loop.ended = false;
    loop_run(&term->loop);
    return term->text;
}

const char *script_term_resize(struct script_term *term, unsigned rows, unsigned cols)
{
    term->rows = rows;
    term->cols = cols;
    term->resized = true;
    return script_term_type(term, "");
}

const char *script_term_row(const struct script_term *term, int row)
{
    static char buffers[4][1024];
    static unsigned turn;
    char *buf = buffers[turn++ % 4];
    const char *line = term->text;
    for (int skip = row < 0 ? (int)term->rows + row : row; skip > 0 && line != NULL; skip--) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    snprintf(buf, sizeof buffers[0], "%.*s", line != NULL ? (int)strcspn(line, "\n") : 0,
             line != NULL ? line : "");
    return buf;
}
