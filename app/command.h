/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language. A command is a row of THE table (commands.c); the same row
 * serves the key, the prompt, the console, a script and the shell. Here a line
 * becomes words, words find their row, the dispatcher checks what the row asks
 * for, and the handler runs.
 *
 * A handler writes its answer to ctx->out, says asides with command_note, and
 * on trouble returns command_fail(...). It prints nothing itself. Options have
 * been taken off by the dispatcher: argv[0] is the command's name, argv[1] up
 * to argv[argc - 1] are its other arguments.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/options.h"
#include "app/session.h"
#include "app/sink.h"

#include <stdbool.h>
#include <stddef.h>

struct browser; /* ui's; only handlers of CMD_SCREEN commands look inside */

enum door { DOOR_SHELL, DOOR_SCREEN, DOOR_CONSOLE, DOOR_BATCH };

/* What a handler returns; also the exit codes of the shell. */
enum command_status {
    COMMAND_DONE = 0,
    COMMAND_NOTHING = 1, /* nothing found, none there; no error */
    COMMAND_FAILED = 2,  /* wrong use or trouble; context.failure says what */
};

enum command_lines {
    COMMAND_LINE,           /* here is one, to be freed */
    COMMAND_LINES_END,      /* there is none */
    COMMAND_LINES_GIVEN_UP, /* the person wants none of it */
};

struct context {
    enum door door;
    struct session *session; /* never NULL; session->file may be */
    struct sink *out;
    struct browser *browser; /* NULL off the screen */
    bool quit;               /* set by a command that ends the program */

    /* A question that must be answered with yes before something is done for good. `text` is what
     * would be done, one line, safe. NULL: nobody can be asked, and the command goes ahead. */
    bool (*ask)(struct context *ctx, const char *text);
    /* A question with several answers, each one of `keys`, and more about them in `help`. 0: none of
     * them. NULL: nobody can be asked. */
    char (*choose)(struct context *ctx, const char *text, const char *keys, const char *help);
    /* The line behind the command's own, for one that takes lines. NULL: there are none. */
    enum command_lines (*next_line)(struct context *ctx, char **line);
    bool lines_follow; /* those lines are a script's: what takes none of them must pass over them */
    /* An aside that is no failure, one line. NULL: dropped. */
    void (*note)(struct context *ctx, const char *text);
    /* A long work goes on: bytes done, and in all (0: not known). False: stop. NULL: nobody looks. */
    bool (*progress)(struct context *ctx, uint64_t done, uint64_t total);
    void *hook_ctx;     /* for whoever set the hooks */
    unsigned page_rows; /* of the terminal where there is no screen; 0: twenty */
    unsigned page_cols; /* 0: eighty */

    /* Of the command that runs, or ran last. */
    const struct command *command;
    const struct options *options; /* ask with command_option and command_flag */
    char *failure;       /* one sentence without a full stop, NULL: none. Not safe as it stands */
    char *failure_about; /* the file or command it is about; NULL: nothing in particular */
};

/* The rest is zero or NULL. */
void context_init(struct context *ctx, enum door door, struct session *session, struct sink *out);
void context_release(struct context *ctx);

/* ---- The table ---- */

enum command_flag {
    CMD_NEEDS_FILE = 1 << 0, /* refused when no file is open */
    CMD_WRITES = 1 << 1,     /* refused unless the session is in edit mode */
    CMD_SCREEN = 1 << 2,     /* makes sense only on a screen: refused elsewhere */
    CMD_ASKS = 1 << 3,       /* asks before it does something for good */
    CMD_SHELL = 1 << 4,      /* also a word of the shell: capscope WORD FILE ... */
    CMD_TAIL = 1 << 5,       /* the last argument is the rest of the line, verbatim */
    CMD_OPENS = 1 << 6,      /* as a word of the shell it opens or creates FILE itself */
    CMD_NO_FILE = 1 << 7,    /* as a word of the shell it takes no FILE */
    CMD_CONFIG = 1 << 9,     /* may stand in a configuration file */
    CMD_POSITIONS = 1 << 8,  /* its arguments are positions: on a line 'a is a mark, and no quote */
    CMD_LINES = 1 << 10, /* without an argument it takes the lines behind it, up to a lone dot */
};

struct completion;

struct command {
    const char *name;
    const char *alias;      /* NULL: none */
    const char *usage;      /* the arguments, options included: "[--json]"; "" for none */
    const char *help;       /* one line, lower case, no full stop: "go to a record" */
    int min_args, max_args; /* options and the shell's FILE not counted; -1: any number */
    unsigned flags;
    const struct option_spec *options;               /* ends with a NULL name; NULL: none */
    void (*complete)(struct completion *completion); /* its arguments; NULL: none */
    int (*run)(struct context *ctx, int argc, char **argv);
    int (*plain)(struct context *ctx, int argc, char **argv); /* off the screen, where it differs */
    const struct command *shell; /* the row to use for the shell's word where it differs; or NULL */
};

/* The rows by subject; both lists end with a NULL. */
struct command_subject {
    const char *title;
    const struct command *rows;
};
extern const struct command_subject command_subjects[];

/* The row at a place in the whole table, to go through it; NULL behind the last. */
const struct command *command_at(size_t index);

/* By name or alias; NULL: none. */
const struct command *command_find(const char *name);
/* How many letters must be put in, left out, changed or swapped with their neighbour to make one of
 * the other; SIZE_MAX where one is too long to be told. */
size_t command_distance(const char *a, const char *b);
/* The nearest name for a wrong one, or NULL when none is near. */
const char *command_did_you_mean(const char *name);

/* ---- Running ---- */

/* Runs one line; an empty one and one that begins with '#' do nothing. */
int command_run_line(struct context *ctx, const char *line);
/* Would the line's command take its options and arguments? As command_run_line, and nothing is done. */
int command_check_call(struct context *ctx, const char *line);
/* Runs words that are already apart; argv[0] is the name. */
int command_run_argv(struct context *ctx, int argc, char **argv);
/* Runs a row with its words: what both end in. */
int command_run(struct context *ctx, const struct command *command, int argc, char **argv);

/* ---- For handlers ---- */

/* The value of option --name as it was last given, or NULL; whether it was given at all. */
const char *command_option(const struct context *ctx, const char *name);
bool command_flag(const struct context *ctx, const char *name);
/* The count that a motion takes, 1 where none is given. False: wrong use, noted. */
bool command_count(struct context *ctx, int argc, char **argv, uint64_t *count);
/* The next line for a command of CMD_LINES: the end where there are none, or at a lone dot. */
enum command_lines command_next_line(struct context *ctx, char **line);
/* Bytes as "4096", "64K" or "1M", more than 0; 0 where the option was not given. False: no such. */
bool command_size_option(const struct context *ctx, const char *name, uint32_t *size);

#if defined(__GNUC__)
#define COMMAND_FORMAT(n) __attribute__((format(printf, n, n + 1)))
#else
#define COMMAND_FORMAT(n)
#endif

/* What the last command failed with is past. */
void command_forget_failure(struct context *ctx);
/* Notes the failure, about the open file, and returns `status`. */
COMMAND_FORMAT(3) int command_fail(struct context *ctx, int status, const char *format, ...);
/* The same about something else: another file; NULL: nothing in particular. */
COMMAND_FORMAT(4)
int command_fail_about(struct context *ctx, int status, const char *about, const char *format, ...);
/* Wrong use: the sentence, and the command's usage behind it. */
COMMAND_FORMAT(2) int command_misuse(struct context *ctx, const char *format, ...);
/* A failure of core, with what to do about it; 2. */
int command_fail_core(struct context *ctx, const struct capf_error *err);
COMMAND_FORMAT(2) void command_note(struct context *ctx, const char *format, ...);
/* For capf_options.progress and its like, with the context: asks ctx->progress, where there is one. */
bool command_progress(void *ctx, uint64_t done, uint64_t total);
/* Refuses while another state than the newest is looked at: 0, or the failure's status. */
int command_require_newest(struct context *ctx);
/* The same, and unless the session is in edit mode. */
int command_require_edit(struct context *ctx);
/* 0, or 2 with the failure noted when the output could not be written. */
int command_check_out(struct context *ctx);

/* ---- Completion ---- */

/* What could stand where the cursor is. `word` begins at byte `start` of the line. */
struct completion {
    struct context *ctx;
    const struct command *command; /* NULL: the command's name itself is completed */
    int argc;                      /* the arguments before the word, options included */
    char **argv;
    char *word;
    size_t start;
    const struct option_spec *value_of; /* the option whose value the word is; NULL: it is none */
    size_t value_at;                    /* where the value begins in the word: behind "--name=" */
    char **found;                       /* sorted, each once; not quoted, see words_quote */
    char **notes;                       /* a few words about each, or NULL */
    size_t count, room, notes_room;
    bool files; /* they are names of files; one that ends with '/' is not whole */
};

/* Completes the word that ends at byte `cursor`. The caller releases *completion. */
void command_complete(struct context *ctx, const char *line, size_t cursor,
                      struct completion *completion);
/* The same without looking for anything: only where the cursor is. */
void completion_locate(struct context *ctx, const char *line, size_t cursor,
                       struct completion *completion);
/* For completers: adds `text` when it begins with the word. `note` may be NULL. */
void completion_add(struct completion *completion, const char *text);
void completion_add_noted(struct completion *completion, const char *text, const char *note);
/* Adds the names of files that begin with the word. */
void completion_add_files(struct completion *completion);
/* Which of the arguments the word is, options not counted, from 0. */
int completion_place(const struct completion *completion);
void completion_release(struct completion *completion);

/* ---- While a line is typed ---- */

/* What there is to say about the command in a line before it is run, in one line. The bytes from
 * `mark` on are about what stands at the cursor. */
struct explanation {
    char *text; /* not safe as it stands */
    size_t mark, mark_len;
    bool wrong; /* it would not run */
};

/* Runs nothing and reads no record. The caller frees the text. */
void command_explain(struct context *ctx, const char *line, size_t cursor,
                     struct explanation *explanation);

/* What the dispatcher would refuse of a line, without running it: a sentence, to be freed. NULL:
 * nothing, or only that it is not finished. argv (NULL: not wanted) gets the arguments without
 * options, to be released with command_words_release. */
char *command_check_line(struct context *ctx, const char *line, int *argc, char ***argv);
void command_words_release(int argc, char **argv);

/* Does the line hold content of a file, a record's text or metadata? */
bool command_line_holds_content(const char *line);

#endif
