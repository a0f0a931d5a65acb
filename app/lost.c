/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences about records that could not be read; see lost.h. */
#include "app/lost.h"

#include "app/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTES_MAX 20 /* places that are told one by one */

#define SENTENCE_SIZE (CAPF_ERROR_TEXT + 160)

/* "record 7: damaged block at 5632: ...; the last 65,536 bytes printed belong to it" */
static void describe(const struct lost_record *lost, uint64_t last, char text[SENTENCE_SIZE])
{
    char number[FORMAT_NUMBER];
    size_t len;

    if (last > lost->recno)
        snprintf(text, SENTENCE_SIZE, "records %" PRIu64 "..%" PRIu64 ": %s", lost->recno, last,
                 lost->why->text);
    else
        snprintf(text, SENTENCE_SIZE, "record %" PRIu64 ": %s", lost->recno, lost->why->text);
    len = strlen(text);
    if (lost->printed > 0)
        snprintf(text + len, SENTENCE_SIZE - len,
                 lost->shown ? "; its first %s bytes were printed"
                             : "; the last %s bytes printed belong to it",
                 format_grouped(lost->printed, number));
}

int lost_report(struct context *ctx, struct damage_tally *tally, const struct lost_record *lost,
                uint64_t *last)
{
    char text[SENTENCE_SIZE];
    struct damage damage;

    *last = lost->recno;
    if (!tally || !damage_is(lost->why->status)) {
        describe(lost, *last, text);
        return command_fail(ctx, COMMAND_FAILED, "%s; %s", text, session_advice(lost->why));
    }
    damage_around(lost->cursor, lost->recno, lost->why, &damage);
    *last = damage.last < lost->until ? damage.last : lost->until;
    describe(lost, *last, text);
    if (tally->notes++ < NOTES_MAX)
        command_note(ctx, "%s", text);
    damage_tally_add(tally, lost->recno, *last);
    return 0;
}

int lost_misframed(struct context *ctx, const struct lost_record *lost)
{
    char printed[FORMAT_NUMBER];

    return command_fail(ctx, COMMAND_FAILED,
                        "record %" PRIu64 ": %s; the output ends inside its frame, after %s of its "
                        "bytes, and only what stands before that frame is good",
                        lost->recno, lost->why->text, format_grouped(lost->printed, printed));
}

int lost_conclude(struct context *ctx, const struct damage_tally *tally)
{
    char text[DAMAGE_TALLY_TEXT], number[FORMAT_NUMBER];
    uint64_t more = tally->notes > NOTES_MAX ? tally->notes - NOTES_MAX : 0;

    if (tally->records == 0)
        return 0;
    if (more > 0)
        command_note(ctx, "and %s more like these", format_grouped(more, number));
    damage_tally_text(tally, text);
    return command_fail(ctx, COMMAND_FAILED, "%s", text);
}
