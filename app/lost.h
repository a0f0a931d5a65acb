/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What commands that give out many records say of those that they could not read: cat, and whoever
 * comes after it. Without --keep-going the first one ends the command.
 */
#ifndef APP_LOST_H
#define APP_LOST_H

#include "app/command.h"
#include "app/damage.h"

struct lost_record {
    capf_cursor *cursor;
    uint64_t recno;
    uint64_t until;   /* the last record that was asked for */
    uint64_t printed; /* bytes that were given out before it failed */
    bool shown;       /* as text or hex, so that these are bytes of the record */
    const struct capf_error *why;
};

/* Without a tally, or where the reason is no damage: the command's failure. With one the record is
 * noted and counted, and those beside it that share its fate; *last is the last of them. */
int lost_report(struct context *ctx, struct damage_tally *tally, const struct lost_record *lost,
                uint64_t *last);
/* Part of a frame was given out, so nothing that follows could be told from it: the failure. */
int lost_misframed(struct context *ctx, const struct lost_record *lost);
/* At the end: 0 when nothing was lost, else the failure that says how much. */
int lost_conclude(struct context *ctx, const struct damage_tally *tally);

#endif
