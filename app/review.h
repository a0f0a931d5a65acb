/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person is shown before a commit, and what is held against the file
 * once the lock is taken. Pure but for the reading of the metadata; the
 * sentences are session_review_text (session.h) and the ones here.
 */
#ifndef APP_REVIEW_H
#define APP_REVIEW_H

#include "app/session.h"

void review_note(struct session_review *review, const struct capf_info *info);

/* Whether the file is not as it was reviewed; then `text` says how. */
bool review_changes(const struct session_review *review, const struct capf_info *info,
                    char text[SESSION_TEXT]);

#endif
