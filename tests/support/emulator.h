/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A terminal in memory: takes the bytes that a program sends to its terminal,
 * and knows what a person would then see. A thin layer over libvterm; it knows
 * nothing of processes and devices (pty.h does).
 */
#ifndef TESTS_EMULATOR_H
#define TESTS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

#include <vterm.h>

struct emulator;

struct emulator_cell {
    char text[32]; /* UTF-8 with combining marks; empty in the right half of a wide character */
    int width;     /* columns: 1, or 2 for a wide character */
    bool bold, underline, reverse;
    bool colored; /* in any other than the terminal's own two colours */
};

struct emulator_modes {
    bool alternate_screen;
    bool cursor_hidden;
    bool mouse;
    bool bracketed_paste;
};

struct emulator *emulator_new(int rows, int cols);
void emulator_free(struct emulator *emulator);

/* What the program writes. A sequence may be cut anywhere. */
void emulator_write(struct emulator *emulator, const char *data, size_t len);

/* What the terminal sends to the program: keys, and answers to its questions. Returns how many
 * bytes there were, 0 for none left. */
size_t emulator_read(struct emulator *emulator, char *data, size_t size);

/* A key in the form that the modes which the program has set ask for; emulator_read() has it. */
void emulator_press(struct emulator *emulator, VTermKey key);

void emulator_resize(struct emulator *emulator, int rows, int cols);
int emulator_rows(const struct emulator *emulator);
int emulator_cols(const struct emulator *emulator);

struct emulator_cell emulator_cell(const struct emulator *emulator, int row, int col);

/* A row as UTF-8 without the spaces at its end. Good until the next call on this emulator. */
const char *emulator_row(struct emulator *emulator, int row);

void emulator_cursor(const struct emulator *emulator, int *row, int *col);

/* Call it when emulator_read() has nothing more to give. */
struct emulator_modes emulator_modes(struct emulator *emulator);

#endif
