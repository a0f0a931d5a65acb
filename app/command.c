/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dispatcher: a line becomes words, a row is found, what the row asks for
 * is checked, the handler runs. What handlers need to answer and to complain is
 * in answer.c, the table itself in commands.c, completion in complete.c.
 */
#include "app/command.h"

#include "app/help.h"
#include "app/memory.h"
#include "app/range.h"
#include "app/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void context_init(struct context *ctx, enum door door, struct session *session, struct sink *out)
{
    memset(ctx, 0, sizeof(*ctx));
    ctx->door = door;
    ctx->session = session;
    ctx->out = out;
}

void context_release(struct context *ctx)
{
    command_forget_failure(ctx);
}

/* ---- Finding a row ---- */

const struct command *command_find(const char *name)
{
    for (const struct command_subject *subject = command_subjects; subject->title; subject++)
        for (const struct command *row = subject->rows; row->name; row++)
            if (strcmp(row->name, name) == 0 || (row->alias && strcmp(row->alias, name) == 0))
                return row;
    return NULL;
}

#define NAME_MAX_LEN 24 /* longer words are nobody's misspelt command */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t command_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_LEN + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);

            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[b_len];
}

const char *command_did_you_mean(const char *name)
{
    const char *best = NULL;
    size_t len = strlen(name), best_distance = 3;
    const struct command *row;

    if (len == 0 || len > NAME_MAX_LEN)
        return NULL;
    for (size_t place = 0; (row = command_at(place)) != NULL; place++) {
        const char *names[] = {row->name, row->alias};

        for (size_t i = 0; i < 2 && names[i]; i++) {
            size_t distance = command_distance(name, names[i]);

            if (strncmp(name, names[i], len) == 0)
                distance = 1;
            if (distance < best_distance && distance < strlen(names[i])) {
                best = names[i];
                best_distance = distance;
            }
        }
    }
    return best;
}

static int fail_unknown(struct context *ctx, const char *name)
{
    const char *near = command_did_you_mean(name);

    if (near)
        return command_fail_about(ctx, COMMAND_FAILED, NULL,
                                  "there is no command \"%s\"; did you mean \"%s\"?", name, near);
    return command_fail_about(ctx, COMMAND_FAILED, NULL,
                              "there is no command \"%s\"; \"help\" lists them", name);
}

/* ---- What a row asks for ---- */

static int check_counts(struct context *ctx, int argc)
{
    const struct command *command = ctx->command;

    if (argc - 1 < command->min_args)
        return command_misuse(ctx, "something is missing");
    if (command->max_args >= 0 && argc - 1 > command->max_args)
        return command_misuse(ctx, "that is too much");
    return 0;
}

static int fail_closed(struct context *ctx)
{
    const struct session *session = ctx->session;

    if (session->unopened.status != CAPF_OK)
        return command_fail(ctx, COMMAND_FAILED, "the file does not open: %s",
                            session->unopened.text);
    return command_fail_about(ctx, COMMAND_FAILED, ctx->command->name, "no file is open; name one");
}

static int check_flags(struct context *ctx)
{
    unsigned flags = ctx->command->flags;

    if ((flags & CMD_SCREEN) && !ctx->browser)
        return command_fail_about(ctx, COMMAND_FAILED, ctx->command->name,
                                  "works only on the screen; open the file in the browser");
    if ((flags & CMD_NEEDS_FILE) && !ctx->session->file && ctx->door != DOOR_SHELL)
        return fail_closed(ctx);
    if (flags & CMD_WRITES)
        return command_require_edit(ctx);
    return 0;
}

/* In the shell the first argument names the file; the door opens it. */
static int take_file(struct context *ctx, int *argc, char **argv)
{
    struct capf_error err;
    const char *path = argv[1];

    if (*argc < 2)
        return command_misuse(ctx, "the file is missing");
    memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof(argv[0]));
    (*argc)--;
    session_set_path(ctx->session, path);
    if (ctx->command->flags & CMD_OPENS)
        return 0;
    if (session_open(ctx->session, path, &err) != CAPF_OK)
        return command_fail_core(ctx, &err);
    return 0;
}

/* ctx->command and ctx->options are set for the row. */
static int run_row(struct context *ctx, struct options *options, int argc, char **argv)
{
    const struct command *command = ctx->command;
    bool takes_file = ctx->door == DOOR_SHELL && !(command->flags & CMD_NO_FILE);
    char error[OPTIONS_ERROR];
    int status;

    if (!options_parse(command->options, &argc, argv, options, error))
        return command_misuse(ctx, "%s", error);
    if (options->help)
        return help_command(ctx, command);
    status = check_counts(ctx, takes_file && argc > 1 ? argc - 1 : argc);
    if (status == 0 && takes_file)
        status = take_file(ctx, &argc, argv);
    if (status == 0)
        status = check_flags(ctx);
    if (status)
        return status;
    return command->plain && !ctx->browser ? command->plain(ctx, argc, argv)
                                           : command->run(ctx, argc, argv);
}

/* Does it take the lines behind it? The words are as they were given. */
static bool takes_lines(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' || strcmp(argv[i], "--") == 0)
            return false;
    return (command->flags & CMD_LINES) != 0;
}

/* The lines that a refused command would have taken are no commands. */
static void pass_over_lines(struct context *ctx)
{
    char *line;

    while (ctx->lines_follow && command_next_line(ctx, &line) == COMMAND_LINE)
        free(line);
}

int command_run(struct context *ctx, const struct command *command, int argc, char **argv)
{
    const struct command *outer_command = ctx->command;
    const struct options *outer_options = ctx->options;
    bool lines = takes_lines(command, argc, argv);
    struct options options = {0};
    int status;

    command_forget_failure(ctx);
    if (ctx->door == DOOR_SHELL && command->shell)
        command = command->shell;
    if (!command->run)
        return command_fail_about(ctx, COMMAND_FAILED, command->name,
                                  "works only from the shell: capscope %s FILE", command->name);
    ctx->command = command;
    ctx->options = &options;
    status = run_row(ctx, &options, argc, argv);
    if (status == COMMAND_FAILED && lines)
        pass_over_lines(ctx);
    ctx->command = outer_command;
    ctx->options = outer_options;
    return status;
}

int command_run_argv(struct context *ctx, int argc, char **argv)
{
    const struct command *command = command_find(argv[0]);

    if (!command) {
        command_forget_failure(ctx);
        return fail_unknown(ctx, argv[0]);
    }
    return command_run(ctx, command, argc, argv);
}

/* ---- Lines ---- */

struct line {
    const struct command *command;
    char **argv;
    int argc;
    size_t room;
};

static void line_add(struct line *line, char *word)
{
    line->argv = memory_grow(line->argv, &line->room, (size_t)line->argc + 2, sizeof(char *));
    line->argv[line->argc++] = word;
    line->argv[line->argc] = NULL;
}

static void line_release(struct line *line)
{
    for (int i = 0; i < line->argc; i++)
        free(line->argv[i]);
    free(line->argv);
}

/* The words end with an option whose value is the rest of the line. */
static bool value_is_tail(const struct line *line)
{
    const char *last = line->argv[line->argc - 1];
    int index;

    if (line->argc < 2 || strncmp(last, "--", 2) != 0)
        return false;
    index = option_find(line->command->options, last + 2, strlen(last + 2));
    return index >= 0 && line->command->options[index].tail;
}

/* The row's last argument, which is the rest of the line, begins here; no option does. */
static bool argument_is_tail(const struct line *line, const char *rest)
{
    if (!(line->command->flags & CMD_TAIL))
        return false;
    if (line->argc > 1 && strcmp(line->argv[line->argc - 1], "--") == 0)
        return true;
    return options_arguments(line->command->options, line->argc, line->argv) ==
               line->command->max_args - 1 &&
           (rest[0] != '-' || rest[1] == '\0' || rest[1] == ' ' || rest[1] == '\t');
}

/* Adds the rest of the line where it is one word. "--" keeps it from being read as an option. */
static bool line_take_tail(struct line *line, const char *rest)
{
    if (line->argc == 0 || rest[0] == '\0')
        return false;
    if (!value_is_tail(line)) {
        if (!argument_is_tail(line, rest))
            return false;
        if (strcmp(line->argv[line->argc - 1], "--") != 0)
            line_add(line, memory_string("--"));
    }
    line_add(line, memory_string(rest));
    return true;
}

static int fail_word(struct context *ctx, enum words_status status, const char *line, size_t pos)
{
    if (status == WORDS_BAD_ESCAPE)
        return command_fail_about(ctx, COMMAND_FAILED, NULL,
                                  "\\%c at place %zu means nothing; \\\\ is a backslash",
                                  line[pos + 1], pos + 1);
    return command_fail_about(ctx, COMMAND_FAILED, NULL, "%c at place %zu is never closed",
                              line[pos], pos + 1);
}

static enum words_status next_word(const struct line *line, const char *text, size_t *pos,
                                   char **word)
{
    if (line->command && (line->command->flags & CMD_POSITIONS))
        return words_next_position(text, pos, word);
    return words_next(text, pos, word);
}

/* Splits the line by the rules of its row. A tail keeps its blanks but for the one before it. */
static int line_split(struct context *ctx, const char *text, struct line *line)
{
    size_t pos = 0;
    char *word;

    for (;;) {
        enum words_status status;
        size_t start = pos + (pos > 0 && (text[pos] == ' ' || text[pos] == '\t'));

        if (line_take_tail(line, text + start))
            return 0;
        status = next_word(line, text, &pos, &word);
        if (status == WORDS_END)
            return 0;
        if (status == WORDS_UNCLOSED)
            free(word);
        if (status != WORDS_ONE)
            return fail_word(ctx, status, text, pos);
        line_add(line, word);
        if (line->argc == 1) {
            line->command = command_find(word);
            if (!line->command)
                return fail_unknown(ctx, word);
        }
    }
}

/* The row without running it. */
static int check_row(struct context *ctx, const struct command *command, int argc, char **argv)
{
    const struct command *outer_command = ctx->command;
    struct options options = {0};
    char error[OPTIONS_ERROR];
    int status;

    ctx->command = command;
    if (options_parse(command->options, &argc, argv, &options, error))
        status = options.help ? 0 : check_counts(ctx, argc);
    else
        status = command_misuse(ctx, "%s", error);
    ctx->command = outer_command;
    return status;
}

/* Splits the line, and gives its words to `run`. */
static int with_line(struct context *ctx, const char *text,
                     int (*run)(struct context *ctx, const struct command *command, int argc,
                                char **argv))
{
    struct line line = {0};
    char **argv = NULL;
    int status;

    command_forget_failure(ctx);
    if (text[words_skip_blanks(text, 0)] == '#')
        return COMMAND_DONE;
    status = line_split(ctx, text, &line);
    if (status == 0 && line.argc > 0) {
        /* The parser moves words about; `line` keeps them for the release. */
        argv = memory_copy(line.argv, ((size_t)line.argc + 1) * sizeof(char *));
        status = run(ctx, line.command, line.argc, argv);
    }
    free(argv);
    line_release(&line);
    return status;
}

int command_run_line(struct context *ctx, const char *text)
{
    return with_line(ctx, text, command_run);
}

int command_check_call(struct context *ctx, const char *text)
{
    return with_line(ctx, text, check_row);
}

/* ---- Before a line is run ---- */

static bool is_unfinished(const struct context *ctx)
{
    return ctx->failure && (strstr(ctx->failure, "is never closed") ||
                            strstr(ctx->failure, "a value is missing behind "));
}

/* The dispatcher's own checks, but for arguments that are still to come. */
static int check_words(struct context *ctx, struct options *options, int *argc, char **argv)
{
    char error[OPTIONS_ERROR];

    if (!options_parse(ctx->command->options, argc, argv, options, error))
        return command_misuse(ctx, "%s", error);
    if (ctx->command->max_args >= 0 && *argc - 1 > ctx->command->max_args)
        return command_misuse(ctx, "that is too much");
    return ctx->command->run && !options->help ? check_flags(ctx) : 0;
}

static void give_words(int argc, char **words, int *out_argc, char ***out)
{
    char **copy = memory_zeroed(((size_t)argc + 1) * sizeof(char *));

    for (int i = 0; i < argc; i++)
        copy[i] = memory_string(words[i]);
    *out_argc = argc;
    *out = copy;
}

void command_words_release(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    free(argv);
}

char *command_check_line(struct context *ctx, const char *text, int *argc, char ***argv)
{
    struct context probe = *ctx;
    struct options options;
    struct line line = {0};
    char *failure = NULL, **words = NULL;
    int count = 0, status;

    probe.failure = probe.failure_about = NULL;
    status = line_split(&probe, text, &line);
    probe.command = line.command;
    if (status == 0 && line.argc > 0) {
        count = line.argc;
        words = memory_copy(line.argv, ((size_t)count + 1) * sizeof(char *));
        status = check_words(&probe, &options, &count, words);
    }
    if (status && probe.failure && !is_unfinished(&probe))
        failure = memory_string(probe.failure);
    if (argv)
        give_words(status ? 0 : count, words, argc, argv);
    free(words);
    line_release(&line);
    context_release(&probe);
    return failure;
}

static bool has_tail_option(const struct line *line)
{
    for (int i = 1; i < line->argc; i++) {
        const char *word = line->argv[i];
        size_t len = strcspn(word, "=");
        int index = len > 2 && strncmp(word, "--", 2) == 0
                        ? option_find(line->command->options, word + 2, len - 2)
                        : -1;

        if (index >= 0 && line->command->options[index].tail)
            return true;
    }
    return false;
}

/* A line that does not parse may be one that was meant to. */
bool command_line_holds_content(const char *text)
{
    struct context ctx = {0};
    struct line line = {0};
    bool holds = line_split(&ctx, text, &line) != 0;

    if (!holds && line.argc > 1)
        holds = (line.command->flags & (CMD_TAIL | CMD_WRITES)) || has_tail_option(&line) ||
                strcmp(line.command->name, "prompt") == 0;
    line_release(&line);
    context_release(&ctx);
    return holds;
}
