/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the fuzz targets share. A target takes any bytes and must come back: whatever is wrong it
 * says with FUZZ_CHECK, which ends the process so that both libFuzzer and the replay in "make
 * check" see it. Targets keep no state from one input to the next that could change an answer.
 *
 * A new target is a row in fuzz_targets (table.c), a program in Makefile.am, and its file.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/rng.h"

/* Changes size bytes as libFuzzer does; at most `room` afterwards. */
typedef size_t fuzz_mutate_fn(uint8_t *data, size_t size, size_t room);

struct fuzz_target {
    const char *name;
    void (*begin)(void); /* once, before the first input; NULL: nothing */
    void (*run)(const uint8_t *data, size_t size);
    /* In place of libFuzzer's own changes; NULL: those alone. */
    size_t (*mutate)(uint8_t *data, size_t size, size_t room, struct rng *rng,
                     fuzz_mutate_fn *plainly);
};

/* Ends with a row whose name is NULL. */
extern const struct fuzz_target fuzz_targets[];
const struct fuzz_target *fuzz_find(const char *name);

/* Must hold, or the input is a finding. */
#define FUZZ_CHECK(holds, ...)                                                                     \
    do {                                                                                           \
        if (!(holds))                                                                              \
            fuzz_fail(__FILE__, __LINE__, #holds, __VA_ARGS__);                                    \
    } while (0)

__attribute__((noreturn, format(printf, 4, 5))) void
fuzz_fail(const char *file, int line, const char *what, const char *format, ...);

/* Takes numbers off the front of an input; zeros when it is used up. */
struct fuzz_input {
    const uint8_t *data;
    size_t size;
};

uint8_t fuzz_byte(struct fuzz_input *input);
/* Up to `len` bytes that stay in the input. */
const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t len, size_t *got);

/* For fuzz_target.begin: the locale in which characters have widths. */
void fuzz_use_utf8(void);

/* target_*.c */
void fuzz_open_run(const uint8_t *data, size_t size);
void fuzz_check_run(const uint8_t *data, size_t size);
void fuzz_salvage_run(const uint8_t *data, size_t size);
void fuzz_write_run(const uint8_t *data, size_t size);
void fuzz_text_run(const uint8_t *data, size_t size);
void fuzz_render_run(const uint8_t *data, size_t size);
void fuzz_line_run(const uint8_t *data, size_t size);
void fuzz_command_run(const uint8_t *data, size_t size);
void fuzz_screen_run(const uint8_t *data, size_t size);

#endif
