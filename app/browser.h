/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person sees of a session on a screen, without the screen: the list with its selection, the
 * record view beside or over it, pages on top (help, what commands print, the metadata), the
 * message, and the keys on their way to a command. Every key becomes a command line that runs
 * through the table; the handlers in cmd_move.c and cmd_view.c act on this. ui draws it.
 */
#ifndef APP_BROWSER_H
#define APP_BROWSER_H

#include "app/bytecache.h"
#include "app/command.h"
#include "app/damage.h"
#include "app/layout.h"
#include "app/listmodel.h"
#include "app/looks.h"
#include "app/recordmodel.h"
#include "app/typing.h"

/* What the browser needs of whoever shows it. */
struct browser_screen {
    /* Asks a question and waits for one of `keys`; 0: none of them was given. What was typed before
     * the question appeared is thrown away. `help` is shown for `?`. */
    char (*choose)(void *ctx, const char *text, const char *keys, const char *help);
    /* Called while a long reading goes on; false stops it. */
    bool (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
};

enum browser_prompt {
    BROWSER_PROMPT_NONE,
    BROWSER_PROMPT_COMMAND,
    BROWSER_PROMPT_APPEND, /* a record a line, until an empty one */
    BROWSER_PROMPT_METADATA,
};
#define BROWSER_PROMPTS (BROWSER_PROMPT_METADATA + 1)

/* Something to read that covers the panes until it is closed. */
struct page {
    struct page *below;
    char *title; /* safe */
    uint8_t *bytes;
    const char *empty; /* what to say when there are no bytes. Static */
    bool is_metadata;  /* taken up anew when it may have changed */
    struct recordmodel view;
};

struct browser {
    struct context ctx;
    struct session *session;
    const struct browser_screen *screen;
    struct sink_text out;
    unsigned rows, cols;

    /* Rows are the records, and behind them what is staged. */
    struct listmodel list;
    uint64_t records;        /* how many of the rows are records */
    struct listmodel newest; /* the list of the newest state while another is looked at */

    bool record_open, record_full, record_focus;
    struct recordmodel record;
    uint64_t shown_row;              /* the row whose bytes the record view has; 0: none */
    const capf_cursor *shown_cursor; /* and the state it was read from */
    struct bytecache bytes;
    uint64_t before_top, before_cursor; /* where it was seen before this command */
    bool stopped;     /* the person stopped a reading: nothing more is read for this command */
    bool keep_offset; /* the next record is shown at the offset of this one */
    uint64_t kept_top, kept_cursor;
    bool view_chosen;        /* text or hex was asked for; else it goes by what the record is */
    enum looks_kind kind;    /* of the record shown */
    struct capf_error fault; /* why it cannot be read; CAPF_OK when it can */
    char *fault_reason;      /* at length, once it was asked for */
    struct damage known;     /* met while this frame was drawn; first 0: none */

    struct page *page; /* the topmost; NULL: none */
    struct typing typing;

    char *message; /* safe; NULL: none */
    bool message_is_failure;

    enum browser_prompt prompt; /* the prompt that is wanted, or open */
    char *prompt_text;          /* what stands in it at first */
    bool wants_redraw;          /* the terminal's content is not to be relied on */
    char doing[64];             /* what takes so long, for who shows the progress; "": reading */
};

void browser_init(struct browser *browser, struct session *session,
                  const struct browser_screen *screen, enum safetext_mode mode);
void browser_release(struct browser *browser);

void browser_set_size(struct browser *browser, unsigned rows, unsigned cols);
struct layout browser_layout(const struct browser *browser);

/* ---- What comes in ---- */

void browser_press(struct browser *browser, uint32_t key);
void browser_run(struct browser *browser, const char *line);
/* The prompt was answered with `line`, or given up (NULL). It may be wanted again afterwards. */
void browser_answer_prompt(struct browser *browser, const char *line);
/* Takes up what the session holds now, and gives every pane its place. */
void browser_sync(struct browser *browser);

/* ---- For views ---- */

/* What stands in a row of the list. */
struct browser_row {
    uint64_t number; /* of the record, or the place among what is staged */
    bool staged;
    bool uncommitted; /* a record that no commit vouches for; see session.h */
    uint64_t size;
    enum looks_kind kind;
    uint8_t head[LOOKS_HEAD_BYTES]; /* how it begins */
    size_t head_len;
    struct capf_error fault; /* why it cannot be read; CAPF_OK when it can */
};

/* Reads at most `head` bytes of the record. */
void browser_read_row(struct browser *browser, uint64_t row, size_t head, struct browser_row *out);

/* A record that cannot be read, in few words: "damaged: block 5,632". The number is grouped where
 * there is room. */
#define BROWSER_FAULT_LABEL (CAPF_ERROR_TEXT + 16)
void browser_fault_label(const struct capf_error *fault, bool grouped,
                         char text[BROWSER_FAULT_LABEL]);
/* The same at length, of the record shown: what, where, what to do, a line each. */
const char *browser_fault_reason(struct browser *browser);

/* What is staged and shown: nothing while another state than the newest is looked at. */
size_t browser_staged(const struct browser *browser);

unsigned browser_context(const struct browser *browser);
/* What q does now: "back" or "quit". */
const char *browser_back_hint(const struct browser *browser);
/* Warnings about the file, in one line, to be freed; NULL: none. Safe. */
char *browser_warnings(const struct browser *browser);

/* ---- For handlers ---- */

/* Moves to a row; a jump is remembered, and closes what is on top. */
void browser_select(struct browser *browser, uint64_t row);
void browser_jump(struct browser *browser, uint64_t row);

/* Shows another state of the file in the list, on the same record; see session_look_aside. */
void browser_look_aside(struct browser *browser, const char *name, struct session_state *state);
void browser_look_back(struct browser *browser);

/* Another file is open: nothing is left of how the one before was seen. */
void browser_begin_file(struct browser *browser);
/* Shows records as the session's settings say. */
void browser_take_settings(struct browser *browser);

/* What scrolls: the topmost page or the record where it has the focus; NULL: the list. */
struct recordmodel *browser_focused(struct browser *browser);

void browser_open_page(struct browser *browser, const char *title, const void *bytes, size_t len);
void browser_close_page(struct browser *browser);
/* Fills the topmost page with the metadata: what is staged, else what the file has. */
void browser_load_metadata(struct browser *browser);

void browser_set_message(struct browser *browser, const char *text, bool is_failure);
/* The same of what only helps to type: it is not kept for the log. */
void browser_hint(struct browser *browser, const char *text);
void browser_want_prompt(struct browser *browser, enum browser_prompt prompt, const char *text);

/* What commands that also run elsewhere do on a screen: prompt for records to append, show the
 * metadata, show the keys of the view. */
int browser_ask_append(struct context *ctx);
int browser_show_metadata(struct context *ctx);
int browser_show_help(struct context *ctx);

#endif
