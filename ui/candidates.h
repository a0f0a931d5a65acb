/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What could stand at the cursor of a command line, as a person picks it. */
#ifndef UI_CANDIDATES_H
#define UI_CANDIDATES_H

#include "app/command.h"
#include "ui/prompt.h"

/* For the word that ends at byte `point`. The caller releases it. */
void candidates_find(struct context *ctx, const char *line, size_t point,
                     struct prompt_completion *completion);
void candidates_release(struct prompt_completion *completion);

#endif
