/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for a record that cannot be read. */
#include "app/browser.h"

#include "app/damage.h"
#include "app/format.h"
#include "app/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *block_number(uint64_t pos, bool grouped, char buf[FORMAT_NUMBER])
{
    if (grouped)
        return format_grouped(pos, buf);
    snprintf(buf, FORMAT_NUMBER, "%" PRIu64, pos);
    return buf;
}

/* Where it cannot be said which block it is, and where the fault is none of the file's, the error's
 * own words. */
void browser_fault_label(const struct capf_error *fault, bool grouped,
                         char text[BROWSER_FAULT_LABEL])
{
    char number[FORMAT_NUMBER];
    if (damage_is(fault->status) && fault->offset > 0)
        snprintf(text, BROWSER_FAULT_LABEL, "damaged: block %s",
                 block_number(fault->offset, grouped, number));
    else
        snprintf(text, BROWSER_FAULT_LABEL, "%s: %s",
                 damage_is(fault->status) ? "damaged" : "not read", fault->text);
}

#define REASON_SIZE 1024

/* Whom it concerns: the stretch of records that share the fault. */
static void say_where(const struct browser *browser, char *text, size_t size)
{
    const struct capf_error *fault = &browser->fault;
    struct damage damage;
    char number[FORMAT_NUMBER];
    damage_around(browser->session->cursor, browser->shown_row, fault, &damage);
    snprintf(text, size, "Lost with block %s: record%s %" PRIu64,
             format_grouped(fault->offset, number), damage.last > damage.first ? "s" : "",
             damage.first);
    if (damage.last > damage.first)
        snprintf(text + strlen(text), size - strlen(text), "..%" PRIu64, damage.last);
}

const char *browser_fault_reason(struct browser *browser)
{
    const struct capf_error *fault = &browser->fault;
    char text[REASON_SIZE], where[160] = "";
    if (browser->fault_reason != NULL)
        return browser->fault_reason;
    bool damaged = damage_is(fault->status) && browser->shown_row <= browser->records;
    if (damaged && fault->offset > 0)
        say_where(browser, where, sizeof where);
    snprintf(text, sizeof text, "%s: %s.\n%s%s%s",
             browser->record.source.size > 0 ? "The record cannot be read to its end"
                                             : "This record cannot be read",
             fault->text, where, where[0] != '\0' ? ".\n" : "",
             damaged
                 ? ":verify lists all damage in the file, :salvage copies what can be read to a "
                   "new file. } and { go to the next damage and the one before."
                 : "");
    return browser->fault_reason = memory_string(text);
}
