/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing the screen; see browse.h. */
#include "ui/browse.h"

#include "app/format.h"
#include "app/memory.h"
#include "ui/loop.h"
#include "ui/term.h"

#include <stdio.h>
#include <stdlib.h>

/* What was staged and could not be kept is said where it can still be read. */
static void say_lost(const struct session *session)
{
    const struct stage *stage = &session->stage;
    if (stage_is_empty(stage))
        return;
    fprintf(stderr, "capscope: not committed, and lost: %zu staged record%s%s\n", stage->count,
            format_plural(stage->count),
            stage->meta != STAGE_META_KEEP ? " and a change of the metadata" : "");
}

static int browse(struct session *session, const struct terminal *terminal)
{
    struct loop loop;
    loop_init(&loop, session, terminal, safetext_mode_of_locale());
    char *path = history_path(HISTORY_COMMANDS);
    loop_keep_history(&loop, path);
    free(path);
    loop_run(&loop);
    bool ended = loop.ended;
    int signal_number = loop.signal;
    loop_release(&loop);
    term_close();
    if (ended)
        say_lost(session);
    return signal_number > 0 ? 128 + signal_number : 0;
}

int ui_browse(struct session *session)
{
    const char *why;
    const struct terminal *terminal = term_open(&why);
    if (terminal == NULL) {
        fprintf(stderr,
                "capscope: no screen: %s; use \"capscope info FILE\", \"capscope cat FILE\" or "
                "\"capscope -c COMMAND FILE\"\n",
                why);
        return 2;
    }
    memory_on_exhausted(term_close);
    int status = browse(session, terminal);
    memory_on_exhausted(NULL);
    return status;
}
