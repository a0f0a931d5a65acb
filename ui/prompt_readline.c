/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt by readline's callback interface. Readline gets its keys from a queue of ours, writes
 * to /dev/null, touches neither the terminal's modes nor signals nor the environment, and its line
 * is drawn from rl_line_buffer and rl_point. What the user's inputrc binds and sets is kept,
 * except where it would write to the screen, wait for a key, or leave a line half open. It is a
 * library of globals, so this is a file of them.
 */
#include "ui/prompt.h"

#include "app/memory.h"
#include "ui/candidates.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

static struct {
    bool is_set_up;
    enum prompt_state state;
    const char *text;          /* to begin with */
    char *line;                /* PROMPT_DONE */
    const unsigned char *keys; /* what is being fed */
    size_t key_count;
    bool literal; /* the next key is put in as it is */
    prompt_complete_fn *complete;
    void *complete_ctx;
    struct prompt_completion found; /* of the last Tab */
    size_t chosen;                  /* of those found; the count: none */
    char *typed;                    /* what stood there before one was chosen */
    bool found_stays;               /* the key that is being fed was a Tab, too */
} prompt;

/* ---- Completion ---- */

static void forget_found(void)
{
    candidates_release(&prompt.found);
    free(prompt.typed);
    prompt.typed = NULL;
}

static void replace_word(const char *text, const char *behind)
{
    rl_begin_undo_group();
    rl_delete_text((int)prompt.found.start, rl_point);
    rl_point = (int)prompt.found.start;
    rl_insert_text(text);
    rl_insert_text(behind);
    rl_end_undo_group();
}

/* Looks for what could stand at the cursor, and puts in what is certain. */
static void find(void)
{
    forget_found();
    prompt.complete(prompt.complete_ctx, rl_line_buffer, (size_t)rl_point, &prompt.found);
    prompt.chosen = prompt.found.count;
    if (prompt.found.count == 1) {
        const struct prompt_candidate *only = &prompt.found.items[0];
        replace_word(only->insert, only->whole ? " " : "");
        forget_found();
    } else if (prompt.found.count > 1 && prompt.found.common != NULL) {
        replace_word(prompt.found.common, "");
    }
    prompt.found_stays = prompt.found.count > 1;
    if (!prompt.found_stays)
        forget_found();
}

/* One after the other takes the word's place, and at last what was typed. */
static void choose(size_t step)
{
    size_t all = prompt.found.count + 1, start = prompt.found.start;
    if (prompt.typed == NULL)
        prompt.typed = memory_copy(rl_line_buffer + start, (size_t)rl_point - start);
    prompt.chosen = (prompt.chosen + step) % all;
    replace_word(prompt.chosen < prompt.found.count ? prompt.found.items[prompt.chosen].insert
                                                    : prompt.typed,
                 "");
    prompt.found_stays = true;
}

static bool completes(void)
{
    const char *off = rl_variable_value("disable-completion");
    return prompt.complete != NULL && (off == NULL || strcmp(off, "on") != 0);
}

static int on_tab(int count, int key)
{
    if (!completes())
        return key == '\t' ? rl_insert(count, key) : 0;
    if (prompt.found.count > 0)
        choose(1);
    else
        find();
    return 0;
}

static int on_back_tab(int count, int key)
{
    (void)count, (void)key;
    if (prompt.found.count > 0)
        choose(prompt.found.count);
    else if (completes())
        find();
    return 0;
}

static int on_list(int count, int key)
{
    (void)count, (void)key;
    if (completes())
        find();
    return 0;
}

static int on_delete_or_list(int count, int key)
{
    return rl_point < rl_end ? rl_delete(count, key) : on_list(count, key);
}

/* ---- Readline's keys ---- */

/* Readline reads ahead only where has_key says that there is more. Were it to read where there is
 * nothing, the end of its input would run the line; C-g gives up whatever it waits in. */
static int next_key(FILE *stream)
{
    (void)stream;
    if (prompt.key_count == 0)
        return '\007';
    prompt.key_count--;
    return *prompt.keys++;
}

static int has_key(void)
{
    return prompt.key_count > 0;
}

static void draw_nothing(void)
{
}

static int on_quoted(int count, int key)
{
    (void)count, (void)key;
    prompt.literal = true;
    return 0;
}

static int do_nothing(int count, int key)
{
    (void)count, (void)key;
    return 0;
}

static void settle(void);

static int on_read_again(int count, int key)
{
    int status = rl_re_read_init_file(count, key);
    settle();
    return status;
}

/* Functions that would write to the screen, wait for keys, or open the next line with this one's
 * plans, and what is done in their place. */
static const struct {
    const char *name;
    rl_command_func_t *in_place;
} replaced[] = {
    {"complete", on_tab},
    {"menu-complete", on_tab},
    {"old-menu-complete", on_tab},
    {"menu-complete-backward", on_back_tab},
    {"possible-completions", on_list},
    {"insert-completions", on_list},
    {"vi-complete", on_list},
    {"delete-char-or-list", on_delete_or_list},
    {"quoted-insert", on_quoted},
    {"re-read-init-file", on_read_again},
    {"operate-and-get-next", rl_newline},
    {"bracketed-paste-begin", do_nothing},
    {"execute-named-command", do_nothing},
    {"export-completions", do_nothing},
    {"clear-display", do_nothing},
    {"tty-status", do_nothing},
};

/* Where keys of two bytes and more are, readline keeps the next map as if it were a function. */
static Keymap map_behind(Keymap map, int key)
{
    Keymap next;
    memcpy(&next, &map[key].function, sizeof next);
    return next;
}

static void replace_in(Keymap map, rl_command_func_t *function, rl_command_func_t *in_place)
{
    for (int i = 0; i < KEYMAP_SIZE; i++) {
        if (map[i].type == ISKMAP && map[i].function != NULL)
            replace_in(map_behind(map, i), function, in_place);
        else if (map[i].type == ISFUNC && map[i].function == function)
            map[i].function = in_place;
    }
}

/* Keys that every keyboard has, where the inputrc has nothing else for them. */
static void bind_usual(Keymap map)
{
    static const struct {
        const char *sequence;
        rl_command_func_t *function;
    } usual[] = {
        {"\\e[A", rl_get_previous_history},
        {"\\e[B", rl_get_next_history},
        {"\\e[C", rl_forward_char},
        {"\\e[D", rl_backward_char},
        {"\\e[H", rl_beg_of_line},
        {"\\e[F", rl_end_of_line},
        {"\\e[3~", rl_delete},
        {"\\e[Z", on_back_tab},
    };
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        rl_bind_keyseq_if_unbound_in_map(usual[i].sequence, usual[i].function, map);
}

/* Whatever the inputrc says. Bytes above 127 are text in every locale, never Meta keys: those come
 * as Esc and a key. */
static void settle(void)
{
    static const char *const fixed[][2] = {
        {"input-meta", "on"},
        {"output-meta", "on"},
        {"convert-meta", "off"},
        {"bell-style", "none"},
        {"blink-matching-paren", "off"},
        {"enable-bracketed-paste", "off"},
        {"revert-all-at-newline", "on"},
    };
    Keymap maps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        rl_variable_bind(fixed[i][0], fixed[i][1]);
    for (size_t m = 0; m < sizeof maps / sizeof maps[0]; m++) {
        for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++) {
            rl_command_func_t *function = rl_named_function(replaced[i].name);
            if (function != NULL)
                replace_in(maps[m], function, replaced[i].in_place);
        }
        bind_usual(maps[m]);
        if (maps[m] != vi_movement_keymap) /* nothing may take Tab away */
            rl_bind_key_in_map('\t', on_tab, maps[m]);
    }
}

/* Readline complains on standard error, in the middle of the screen. */
static int hush(void)
{
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved >= 0)
        dup2(fileno(rl_outstream), STDERR_FILENO);
    return saved;
}

static void speak(int saved)
{
    if (saved < 0)
        return;
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* ---- Readline's lines ---- */

/* A macro may go on behind the line: that is readline's next line, which nobody sees. */
static void on_line(char *line)
{
    if (prompt.state != PROMPT_EDITING) {
        free(line);
        return;
    }
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
    using_history();
    int saved = hush();
    rl_initialize(); /* reads the user's inputrc */
    speak(saved);
    settle();
}

/* Readline 8.2 leaves the freed lines in its list, and a search goes through that up to its end. */
static void clear_lines(void)
{
    HIST_ENTRY **list = history_list();
    rl_clear_history();
    if (list != NULL)
        list[0] = NULL;
}

/* A line that was typed more than once stands where it was typed last. */
static void load_history(const struct history *history)
{
    clear_lines();
    for (size_t i = 0; i < history->count; i++) {
        bool comes_again = false;
        for (size_t later = i + 1; later < history->count && !comes_again; later++)
            comes_again = strcmp(history->lines[i], history->lines[later]) == 0;
        if (!comes_again)
            add_history(history->lines[i]);
    }
    using_history();
}

/* What a line leaves behind: plans of macros, half of a key, lists of changes. */
static void forget_line(void)
{
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_clear_pending_input();
    rl_reset_line_state();
    rl_callback_handler_remove();
    prompt.literal = false;
    forget_found();
}

/* ---- The interface ---- */

void prompt_open(const struct history *history, const char *text, prompt_complete_fn *complete,
                 void *ctx)
{
    set_up();
    forget_found();
    prompt.text = text;
    prompt.complete = complete;
    prompt.complete_ctx = ctx;
    prompt.literal = false;
    prompt.state = PROMPT_EDITING;
    load_history(history);
    rl_startup_hook = insert_text;
    rl_callback_handler_install("", on_line);
}

void prompt_cancel(void)
{
    if (prompt.state != PROMPT_EDITING)
        return;
    forget_line();
    prompt.state = PROMPT_CLOSED;
}

static void feed(const char *bytes, size_t len)
{
    int saved = hush();
    prompt.keys = (const unsigned char *)bytes;
    prompt.key_count = len;
    while (prompt.key_count > 0 && prompt.state == PROMPT_EDITING)
        rl_callback_read_char();
    prompt.key_count = 0;
    speak(saved);
}

/* In a search for a line of the history, readline 8.2 follows a null pointer when the first key of
 * two (C-x) is followed by one that it does not know. Such a key ends the search beforehand. */
static void end_search_before(const char *bytes, size_t len)
{
    bool is_prefix =
        len > 0 && bytes[0] != '\033' && rl_get_keymap()[(unsigned char)bytes[0]].type == ISKMAP;
    if (is_prefix && RL_ISSTATE(RL_STATE_ISEARCH))
        feed("\033", 1);
    if (is_prefix && RL_ISSTATE(RL_STATE_ISEARCH)) /* an inputrc may end searches with other keys */
        feed("\007", 1);
}

bool prompt_knows(const char *bytes, size_t len)
{
    int type = ISKMAP;
    if (len < 2 || bytes[0] != '\033')
        return true;
    rl_command_func_t *function = rl_function_of_keyseq_len(bytes, len, NULL, &type);
    return function != NULL && type != ISKMAP;
}

/* A sequence of which only the beginning is bound would leave its end in the line as letters. */
static bool is_ignored(const char *bytes, size_t len)
{
    bool alt_and_character = len > 1 && bytes[0] == '\033' && (bytes[1] & 0x80);
    return alt_and_character || (len > 2 && !prompt_knows(bytes, len));
}

static void put_literal(const char *bytes, size_t len)
{
    char *text = memory_copy(bytes, len);
    prompt.literal = false;
    rl_insert_text(text);
    free(text);
}

enum prompt_state prompt_feed(const char *bytes, size_t len)
{
    prompt.found_stays = false;
    if (prompt.literal) {
        put_literal(bytes, len);
    } else if (!is_ignored(bytes, len)) {
        end_search_before(bytes, len);
        feed(bytes, len);
    }
    if (prompt.state != PROMPT_EDITING)
        forget_line();
    else if (!prompt.found_stays)
        forget_found();
    return prompt.state;
}

bool prompt_wants_any(void)
{
    return prompt.literal;
}

void prompt_insert(const char *text)
{
    forget_found();
    rl_callback_sigcleanup(); /* ends a search where it is */
    rl_begin_undo_group();
    rl_insert_text(text);
    rl_end_undo_group();
}

static bool in_search(void)
{
    return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);
}

bool prompt_step_back(bool is_esc)
{
    if (in_search()) {
        feed("\007", 1);
        return true;
    }
    if (!is_esc || rl_editing_mode != 0)
        return false;
    if (prompt_in_commands() && !RL_ISSTATE(RL_STATE_VIMOTION | RL_STATE_NUMERICARG))
        return false; /* no half of a command either */
    forget_found();
    if (RL_ISSTATE(RL_STATE_VIMOTION))
        feed("\033", 1); /* no motion: it gives up itself, and forgets nothing */
    rl_callback_sigcleanup();
    if (!prompt_in_commands())
        rl_vi_movement_mode(1, '\033');
    return true;
}

const char *prompt_line(void)
{
    return rl_line_buffer;
}

size_t prompt_point(void)
{
    return (size_t)rl_point;
}

const char *prompt_says(const char **help)
{
    *help = NULL;
    if (RL_ISSTATE(RL_STATE_ISEARCH))
        *help = "C-r looks further back; Enter runs it, Esc gives up the search";
    else if (RL_ISSTATE(RL_STATE_NSEARCH))
        *help = "Enter looks for it in the history; Esc gives up the search";
    return *help != NULL || RL_ISSTATE(RL_STATE_NUMERICARG) ? rl_display_prompt : NULL;
}

bool prompt_in_commands(void)
{
    return rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap;
}

const struct prompt_completion *prompt_found(size_t *chosen)
{
    *chosen = prompt.chosen;
    return prompt.found.count > 0 ? &prompt.found : NULL;
}

char *prompt_take(void)
{
    char *line = prompt.line;
    prompt.line = NULL;
    prompt.state = PROMPT_CLOSED;
    return line;
}
