/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt by readline's callback interface. Readline gets its keys from a queue of ours, writes
 * to /dev/null, touches neither the terminal's modes nor signals nor the environment, and its line
 * is drawn from rl_line_buffer and rl_point. It is a library of globals, so this is a file of them.
 */
#include "ui/prompt.h"

#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

static struct {
    bool is_set_up;
    enum prompt_state state;
    enum prompt_history history;
    HISTORY_STATE *histories[PROMPT_HISTORIES];
    const char *text;          /* to begin with */
    char *line;                /* PROMPT_DONE */
    const unsigned char *keys; /* what is being fed */
    size_t key_count;
    prompt_complete_fn *complete;
    void *complete_ctx;
    struct prompt_completion found; /* of the last Tab */
} prompt;

/* ---- Completion ---- */

static void forget_found(void)
{
    for (size_t i = 0; i < prompt.found.count; i++)
        free(prompt.found.found[i]);
    free(prompt.found.found);
    prompt.found = (struct prompt_completion){0};
}

static size_t common_len(const struct prompt_completion *found)
{
    size_t len = strlen(found->found[0]);
    for (size_t i = 1; i < found->count; i++) {
        size_t same = 0;
        while (same < len && found->found[i][same] == found->found[0][same])
            same++;
        len = same;
    }
    return len;
}

/* Puts what is certain in place of the word; a list stays to be shown when it is not all. */
static void apply_found(void)
{
    const struct prompt_completion *found = &prompt.found;
    size_t len = common_len(found);
    char *text = memory_zeroed(len + 2);
    memcpy(text, found->found[0], len);
    if (found->count == 1)
        text[len] = ' ';
    rl_begin_undo_group();
    rl_delete_text((int)found->start, rl_point);
    rl_point = (int)found->start;
    rl_insert_text(text);
    rl_end_undo_group();
    free(text);
    if (found->count == 1)
        forget_found();
}

static int on_tab(int count, int key)
{
    if (prompt.complete == NULL)
        return rl_insert(count, key);
    prompt.complete(prompt.complete_ctx, rl_line_buffer, (size_t)rl_point, &prompt.found);
    if (prompt.found.count > 0)
        apply_found();
    return 0;
}

/* ---- Readline ---- */

static int next_key(FILE *stream)
{
    (void)stream;
    if (prompt.key_count == 0)
        return EOF;
    prompt.key_count--;
    return *prompt.keys++;
}

/* Readline reads ahead where it believes that there is more. */
static int has_key(void)
{
    return prompt.key_count > 0;
}

static void draw_nothing(void)
{
}

static void on_line(char *line)
{
    rl_callback_handler_remove();
    prompt.line = line;
    prompt.state = line != NULL ? PROMPT_DONE : PROMPT_CLOSED;
}

static int insert_text(void)
{
    rl_insert_text(prompt.text);
    return 0;
}

static void set_up(void)
{
    if (prompt.is_set_up)
        return;
    prompt.is_set_up = true;
    rl_readline_name = "capscope";
    rl_instream = fopen("/dev/null", "r");
    rl_outstream = fopen("/dev/null", "w");
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = next_key;
    rl_input_available_hook = has_key;
    rl_redisplay_function = draw_nothing;
    rl_startup_hook = insert_text;
    using_history();
    for (int i = 0; i < PROMPT_HISTORIES; i++) {
        prompt.histories[i] = memory_zeroed(sizeof(HISTORY_STATE));
        prompt.histories[i]->flags = 0;
    }
    rl_initialize(); /* reads the user's inputrc, which must not take Tab away */
    /* Bytes above 127 are text in every locale, never Meta keys: those come as Esc and a key. */
    rl_variable_bind("input-meta", "on");
    rl_variable_bind("output-meta", "on");
    rl_variable_bind("convert-meta", "off");
    rl_bind_key_in_map('\t', on_tab, emacs_standard_keymap);
    rl_bind_key_in_map('\t', on_tab, vi_insertion_keymap);
}

/* ---- Histories ---- */

static void load_history(void)
{
    history_set_history_state(prompt.histories[prompt.history]);
    using_history();
}

static void keep_history(const char *line)
{
    int last = history_base + history_length - 1;
    const HIST_ENTRY *entry = history_length > 0 ? history_get(last) : NULL;
    if (line[0] != '\0' && (entry == NULL || strcmp(entry->line, line) != 0))
        add_history(line);
}

static void store_history(void)
{
    free(prompt.histories[prompt.history]);
    prompt.histories[prompt.history] = history_get_history_state();
}

/* ---- The interface ---- */

void prompt_open(enum prompt_history history, const char *text, prompt_complete_fn *complete,
                 void *ctx)
{
    set_up();
    forget_found();
    prompt.history = history;
    prompt.text = text;
    prompt.complete = complete;
    prompt.complete_ctx = ctx;
    prompt.state = PROMPT_EDITING;
    load_history();
    rl_callback_handler_install("", on_line);
}

void prompt_cancel(void)
{
    if (prompt.state != PROMPT_EDITING)
        return;
    rl_callback_sigcleanup();
    rl_free_undo_list();
    rl_clear_message();
    rl_reset_line_state();
    rl_callback_handler_remove();
    store_history();
    forget_found();
    prompt.state = PROMPT_CLOSED;
}

static void feed(const char *bytes, size_t len)
{
    prompt.keys = (const unsigned char *)bytes;
    prompt.key_count = len;
    while (prompt.key_count > 0 && prompt.state == PROMPT_EDITING)
        rl_callback_read_char();
}

/* In a search for a line of the history, readline 8.2 follows a null pointer when the first key of
 * two (C-x) is followed by one that it does not know. Such a key ends the search beforehand. */
static void end_search_before(const char *bytes, size_t len)
{
    bool is_prefix = len > 0 && bytes[0] != '\033' &&
                     rl_get_keymap()[(unsigned char)bytes[0]].type == ISKMAP;
    if (is_prefix && RL_ISSTATE(RL_STATE_ISEARCH))
        feed("\033", 1);
    if (is_prefix && RL_ISSTATE(RL_STATE_ISEARCH)) /* an inputrc may end searches with other keys */
        feed("\007", 1);
}

enum prompt_state prompt_feed(const char *bytes, size_t len)
{
    forget_found();
    end_search_before(bytes, len);
    feed(bytes, len);
    if (prompt.state == PROMPT_DONE)
        keep_history(prompt.line);
    if (prompt.state != PROMPT_EDITING)
        store_history();
    return prompt.state;
}

void prompt_insert(const char *text)
{
    forget_found();
    rl_insert_text(text);
}

const char *prompt_line(void)
{
    return rl_line_buffer;
}

size_t prompt_point(void)
{
    return (size_t)rl_point;
}

char *const *prompt_candidates(size_t *count)
{
    *count = prompt.found.count;
    return prompt.found.found;
}

char *prompt_take(void)
{
    char *line = prompt.line;
    prompt.line = NULL;
    prompt.state = PROMPT_CLOSED;
    return line;
}
