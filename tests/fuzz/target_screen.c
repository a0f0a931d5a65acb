/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Screen: any keys at the real loop, with its prompt, over records of any bytes on a screen of any
 * size. Each picture is one that a terminal may have.
 */
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/paper.h"
#include "ui/keydecode.h"
#include "ui/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Readline forgets a few bytes when a line is given up in the middle of a key sequence. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libreadline\n";
}

struct screen {
    struct terminal terminal;
    struct fuzz_input keys;
    struct keydecode decode;
    unsigned rows, cols;
};

static void get_size(void *ctx, unsigned *rows, unsigned *cols)
{
    const struct screen *screen = ctx;
    *rows = screen->rows;
    *cols = screen->cols;
}

static void show(void *ctx, const struct grid *grid)
{
    (void)ctx;
    paper_check(grid);
}

/* A zero byte stands for what is no key: another size of the window. */
static struct event read_key(void *ctx, int timeout_ms)
{
    struct screen *screen = ctx;
    struct event event = {.kind = EVENT_NONE};
    if (timeout_ms == 0)
        return event;
    while (screen->keys.size > 0) {
        uint8_t byte = fuzz_byte(&screen->keys);
        if (byte == 0) {
            screen->rows = 1 + fuzz_byte(&screen->keys) % 14;
            screen->cols = 1 + fuzz_byte(&screen->keys) % 60;
            return (struct event){.kind = EVENT_RESIZE};
        }
        if (keydecode_feed(&screen->decode, byte, &event))
            return event;
    }
    if (keydecode_timeout(&screen->decode, &event))
        return event;
    return (struct event){.kind = EVENT_END};
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static bool is_idle(void *ctx)
{
    (void)ctx;
    return false;
}

static void play(struct screen *screen, struct session *session, enum safetext_mode mode)
{
    struct loop loop;
    screen->terminal = (struct terminal){.get_size = get_size,
                                         .show = show,
                                         .read = read_key,
                                         .drain = do_nothing,
                                         .suspend = do_nothing,
                                         .forget = do_nothing,
                                         .is_busy = is_idle,
                                         .ctx = screen};
    keydecode_init(&screen->decode);
    loop_init(&loop, session, &screen->terminal, mode);
    loop_run(&loop);
    loop_release(&loop);
    keydecode_release(&screen->decode);
}

/* A command that could name a file of the system is not for here. */
static bool are_for_us(const uint8_t *keys, size_t len)
{
    return memchr(keys, '/', len) == NULL && memchr(keys, '\t', len) == NULL &&
           memmem(keys, len, "conf", 4) == NULL;
}

void fuzz_screen_run(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct screen screen = {.rows = 1 + fuzz_byte(&input) % 30,
                            .cols = 1 + fuzz_byte(&input) % 100};
    struct session session;
    struct capf_error err;
    uint8_t flags = fuzz_byte(&input);
    screen.keys.data = fuzz_bytes(&input, fuzz_byte(&input) % 32, &screen.keys.size);
    if (!are_for_us(screen.keys.data, screen.keys.size))
        return;
    session_init(&session);
    session.io = paper_file(&input);
    if (session_open(&session, FUZZ_PATH, &err) != CAPF_OK)
        fuzz_fail(__FILE__, __LINE__, "open", "%s", err.text);
    session.edit = flags & 1;
    play(&screen, &session, flags & 2 ? SAFETEXT_ASCII : SAFETEXT_UTF8);
    session_release(&session);
    fuzz_io_end();
}
