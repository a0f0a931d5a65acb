/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens and files of inputs; see paper.h. */
#include "tests/fuzz/paper.h"

#include "tests/fuzz/craft.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/support/shown.h"

#include <stdlib.h>
#include <string.h>

void paper_may_show(const char *text, size_t len, bool lines, const char *what)
{
    const char *fault = shown_fault(text, len, lines);
    FUZZ_CHECK(fault == NULL, "%s: %s", what, fault);
}

static void check_cell(const struct grid *grid, unsigned row, unsigned col)
{
    const struct grid_cell *cell = grid_cell(grid, row, col);
    bool after_wide = col > 0 && grid_cell(grid, row, col - 1)->width == 2;
    FUZZ_CHECK(cell->width <= 2 && cell->style < GRID_STYLES, "row %u column %u", row, col);
    FUZZ_CHECK((cell->width == 0) == after_wide, "half a character in row %u column %u", row, col);
    FUZZ_CHECK(cell->width < 2 || col + 1 < grid->cols, "a wide character in the last column");
    FUZZ_CHECK((cell->width == 0) == (cell->text[0] == '\0'), "text in row %u column %u", row, col);
    paper_may_show(cell->text, strlen(cell->text), false, "a cell");
}

void paper_check(const struct grid *grid)
{
    for (unsigned row = 0; row < grid->rows; row++)
        for (unsigned col = 0; col < grid->cols; col++)
            check_cell(grid, row, col);
    FUZZ_CHECK(!grid->cursor_shown ||
                   (grid->cursor_row < grid->rows && grid->cursor_col < grid->cols),
               "the cursor at %u %u", grid->cursor_row, grid->cursor_col);
    char *text = grid_text(grid);
    paper_may_show(text, strlen(text), true, "a screen");
    free(text);
}

const struct capf_io *paper_file(struct fuzz_input *input)
{
    static uint8_t file[CRAFT_SIZE];
    struct craft_value values[CRAFT_RECORDS + 1];
    size_t count = 0;
    bool has_meta = fuzz_byte(input) & 1;
    while (input->size > 0 && count < CRAFT_RECORDS + 1) {
        size_t len = fuzz_byte(input);
        values[count].bytes = fuzz_bytes(input, len, &values[count].len);
        count++;
    }
    if (has_meta && count > 0)
        craft_file(file, values + 1, count - 1, &values[0]);
    else
        craft_file(file, values, count, &(struct craft_value){NULL, 0});
    return fuzz_io_begin(file, sizeof file, true);
}
