/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/emulator.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct emulator {
    VTerm *vterm;
    VTermScreen *screen;
    struct emulator_modes modes; /* but for bracketed_paste */
    char *row_text;              /* what emulator_row() gave last */
};

/* ---- what libvterm tells ---- */

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct emulator *emulator = user;
    switch (property) {
    case VTERM_PROP_ALTSCREEN:
        emulator->modes.alternate_screen = value->boolean;
        break;
    case VTERM_PROP_CURSORVISIBLE:
        emulator->modes.cursor_hidden = !value->boolean;
        break;
    case VTERM_PROP_MOUSE:
        emulator->modes.mouse = value->number != VTERM_PROP_MOUSE_NONE;
        break;
    default:
        break;
    }
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

/* ---- life and data ---- */

struct emulator *emulator_new(int rows, int cols)
{
    struct emulator *emulator = calloc(1, sizeof *emulator);
    if (emulator == NULL)
        abort();
    emulator->vterm = vterm_new(rows, cols);
    vterm_set_utf8(emulator->vterm, 1);
    emulator->screen = vterm_obtain_screen(emulator->vterm);
    vterm_screen_set_callbacks(emulator->screen, &callbacks, emulator);
    vterm_screen_enable_altscreen(emulator->screen, 1);
    vterm_screen_reset(emulator->screen, 1);
    return emulator;
}

void emulator_free(struct emulator *emulator)
{
    if (emulator == NULL)
        return;
    vterm_free(emulator->vterm);
    free(emulator->row_text);
    free(emulator);
}

void emulator_write(struct emulator *emulator, const char *data, size_t len)
{
    vterm_input_write(emulator->vterm, data, len);
}

size_t emulator_read(struct emulator *emulator, char *data, size_t size)
{
    return vterm_output_read(emulator->vterm, data, size);
}

void emulator_press(struct emulator *emulator, VTermKey key)
{
    vterm_keyboard_key(emulator->vterm, key, VTERM_MOD_NONE);
}

/* ---- size ---- */

void emulator_resize(struct emulator *emulator, int rows, int cols)
{
    vterm_set_size(emulator->vterm, rows, cols);
}

int emulator_rows(const struct emulator *emulator)
{
    int rows, cols;
    vterm_get_size(emulator->vterm, &rows, &cols);
    return rows;
}

int emulator_cols(const struct emulator *emulator)
{
    int rows, cols;
    vterm_get_size(emulator->vterm, &rows, &cols);
    return cols;
}

/* ---- what is seen ---- */

/* Appends a character; there is room for one of four bytes. */
static char *put_utf8(char *at, uint32_t c)
{
    static const uint32_t limits[] = {0x80, 0x800, 0x10000};
    static const unsigned char leads[] = {0x00, 0xc0, 0xe0, 0xf0};
    int more = 0;
    while (more < 3 && c >= limits[more])
        more++;
    *at++ = (char)(leads[more] | (c >> (6 * more)));
    while (more-- > 0)
        *at++ = (char)(0x80 | ((c >> (6 * more)) & 0x3f));
    return at;
}

/* libvterm marks the right half of a wide character so. */
static const uint32_t wide_gap = UINT32_MAX;

struct emulator_cell emulator_cell(const struct emulator *emulator, int row, int col)
{
    VTermScreenCell from = {.width = 1};
    vterm_screen_get_cell(emulator->screen, (VTermPos){.row = row, .col = col}, &from);

    struct emulator_cell cell = {
        .width = from.width,
        .bold = from.attrs.bold,
        .underline = from.attrs.underline != 0,
        .reverse = from.attrs.reverse,
        .colored = !VTERM_COLOR_IS_DEFAULT_FG(&from.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&from.bg),
    };
    char *end = cell.text;
    if (from.chars[0] == 0)
        *end++ = ' ';
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && from.chars[i] != 0; i++) {
        if (from.chars[i] != wide_gap)
            end = put_utf8(end, from.chars[i]);
    }
    *end = '\0';
    return cell;
}

const char *emulator_row(struct emulator *emulator, int row)
{
    int cols = emulator_cols(emulator);
    size_t size = (size_t)cols * sizeof(((struct emulator_cell *)NULL)->text) + 1;
    free(emulator->row_text);
    emulator->row_text = malloc(size);
    if (emulator->row_text == NULL)
        abort();

    char *end = emulator->row_text;
    for (int col = 0; col < cols; col++) {
        struct emulator_cell cell = emulator_cell(emulator, row, col);
        end = stpcpy(end, cell.text);
    }
    while (end > emulator->row_text && end[-1] == ' ')
        end--;
    *end = '\0';
    return emulator->row_text;
}

void emulator_cursor(const struct emulator *emulator, int *row, int *col)
{
    VTermPos position;
    vterm_state_get_cursorpos(vterm_obtain_state(emulator->vterm), &position);
    *row = position.row;
    *col = position.col;
}

/* libvterm does not tell this mode, but it brackets a paste when it is set. */
static bool brackets_paste(VTerm *vterm)
{
    char unsent[16];
    vterm_keyboard_start_paste(vterm);
    return vterm_output_read(vterm, unsent, sizeof unsent) > 0;
}

struct emulator_modes emulator_modes(struct emulator *emulator)
{
    struct emulator_modes modes = emulator->modes;
    modes.bracketed_paste = brackets_paste(emulator->vterm);
    return modes;
}
