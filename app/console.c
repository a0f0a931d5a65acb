/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console: see console.h. Answers go to standard output, through the pager; notes, failures and
 * questions to standard error and the input.
 */
#include "app/console.h"

#include "app/memory.h"
#include "app/pager.h"
#include "app/progress.h"
#include "app/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct console {
    struct context ctx;
    struct console_input *input;
    struct pager out;
    struct history history; /* to go back to */
    struct history kept;    /* of these, what the next run may see */
    char *notes;            /* said when the pager is done; NULL: none */
    char *pending;          /* the rest of pasted lines that a command takes; NULL: none */
    bool gone;              /* nobody is there any more */
};

/* ---- The prompt ---- */

/* The end of a name that is too long says more than its beginning. */
static void fit_name(const char *path, enum safetext_mode mode, size_t room, char *buf, size_t size)
{
    const char *slash = strrchr(path, '/');
    char *name = safetext_dup_string(slash ? slash + 1 : path);
    size_t len = strlen(name), cells = safetext_cell_of(mode, name, len, len), skip = 0;

    if (cells > room)
        skip = safetext_byte_of(mode, name, len, cells - (room > 3 ? room - 3 : 0));
    if (room > 3)
        snprintf(buf, size, "%s%s ", skip > 0 ? "..." : "", name + skip);
    else
        buf[0] = '\0';
    free(name);
}

#define PROMPT_NAME 188

void console_prompt(const struct session *session, enum safetext_mode mode, unsigned cols,
                    char prompt[CONSOLE_PROMPT])
{
    const struct stage *stage = &session->stage;
    char state[64], name[PROMPT_NAME];
    unsigned half = cols / 2; /* the rest is for what is typed */
    int len = snprintf(state, sizeof(state), "%" PRIu64 " %s", session->recno,
                       session->edit ? "EDIT" : "RO");
    size_t room;

    if (stage->count > 0)
        len += snprintf(state + len, sizeof(state) - (size_t)len, " +%zu", stage->count);
    if (stage->meta != STAGE_META_KEEP)
        len += snprintf(state + len, sizeof(state) - (size_t)len, " meta");
    room = half > (unsigned)len + 3 ? half - (unsigned)len - 3 : 0;
    fit_name(session->path, mode, room < 40 ? room : 40, name, sizeof(name));
    if ((unsigned)len + 2 > half && half < 20)
        snprintf(prompt, CONSOLE_PROMPT, "%s> ", stage->count > 0 ? "+" : "");
    else
        snprintf(prompt, CONSOLE_PROMPT, "%s%s> ", name, state);
}

/* ---- What is said ---- */

static void say(const char *text)
{
    char *safe = safetext_dup_string(text);

    progress_end();
    fprintf(stderr, "%s\n", safe);
    free(safe);
}

/* While a pager has the screen, a note waits. */
static void on_note(struct context *ctx, const char *text)
{
    struct console *console = ctx->hook_ctx;
    size_t len = console->notes ? strlen(console->notes) : 0, more = strlen(text);

    if (console->out.pid == 0) {
        pager_show(&console->out);
        say(text);
        return;
    }
    console->notes = memory_resize(console->notes, len + more + 2);
    snprintf(console->notes + len, more + 2, "%s\n", text);
}

static void say_notes(struct console *console)
{
    char *rest = console->notes, *line;

    while (rest && *rest) {
        line = rest;
        rest = strchr(line, '\n');
        *rest++ = '\0';
        say(line);
    }
    free(console->notes);
    console->notes = NULL;
}

/* The open file needs no name here. */
static void say_failure(const struct context *ctx)
{
    const char *about = ctx->failure_about, *path = ctx->session->path;
    size_t size;
    char *text;

    if (!about || strcmp(about, path) == 0) {
        say(ctx->failure);
        return;
    }
    size = strlen(about) + strlen(ctx->failure) + 3;
    text = memory_zeroed(size);
    snprintf(text, size, "%s: %s", about, ctx->failure);
    say(text);
    free(text);
}

static bool on_progress(struct context *ctx, uint64_t done, uint64_t total)
{
    const struct console *console = ctx->hook_ctx;

    if (console->out.pid > 0 || total == 0)
        return !progress_interrupted();
    return progress_step(ctx->command ? ctx->command->name : "", done, total);
}

/* ---- Reading ---- */

static enum console_read read_line(struct console *console, enum console_kind kind,
                                   const char *prompt, char **line)
{
    enum console_read status;

    progress_end();
    pager_show(&console->out);
    fflush(stderr);
    if (progress_end_wanted() != 0)
        console->gone = true;
    if (console->gone)
        return CONSOLE_GONE;
    status = console->input->read(console->input, kind, prompt, line);
    console->gone = status == CONSOLE_GONE;
    return status;
}

/* A line of several is given out one after the other. */
static char *first_line(char *lines, char **rest)
{
    char *newline = strchr(lines, '\n');

    *rest = NULL;
    if (newline) {
        *newline = '\0';
        if (newline[1] != '\0') /* the one at the end was the copying's */
            *rest = memory_string(newline + 1);
    }
    return lines;
}

static enum command_lines on_next_line(struct context *ctx, char **line)
{
    struct console *console = ctx->hook_ctx;
    char *text = console->pending;

    console->pending = NULL;
    if (!text)
        switch (read_line(console, CONSOLE_RECORD, "> ", &text)) {
        case CONSOLE_LINE:
            break;
        case CONSOLE_END:
            return COMMAND_LINES_END;
        default:
            return COMMAND_LINES_GIVEN_UP;
        }
    *line = first_line(text, &console->pending);
    return COMMAND_LINE;
}

/* ---- Questions ---- */

/* The key that was answered; 0: none of them. */
static char read_answer(struct console *console, const char *question, const char *keys,
                        const char *help)
{
    size_t size = strlen(question) + 2;
    char *prompt = memory_zeroed(size), *line, answer;

    snprintf(prompt, size, "%s ", question);
    do {
        answer = 0;
        if (read_line(console, CONSOLE_ANSWER, prompt, &line) != CONSOLE_LINE)
            break;
        if (strlen(line) == 1)
            answer = line[0];
        free(line);
        if (answer == '?')
            say(help);
    } while (answer == '?');
    free(prompt);
    return answer && strchr(keys, answer) ? answer : 0;
}

static char on_choose(struct context *ctx, const char *text, const char *keys, const char *help)
{
    return read_answer(ctx->hook_ctx, text, keys, help);
}

static bool on_ask(struct context *ctx, const char *text)
{
    static const char help[] = "y does it for good. n or Enter goes back, and nothing is lost: "
                               "what is staged stays staged.";
    size_t size = strlen(text) + 80;
    char *question = memory_zeroed(size), answer;

    snprintf(question, size, "%s -- %s? [y/N/?]", text,
             ctx->command ? ctx->command->name : "go on");
    answer = read_answer(ctx->hook_ctx, question, "yn", help);
    free(question);
    return answer == 'y';
}

/* ---- Running ---- */

static void begin_command(struct console *console)
{
    unsigned rows, cols;

    console->input->get_size(console->input, &rows, &cols);
    console->ctx.page_cols = cols;
    console->ctx.page_rows = rows > 2 ? rows - 2 : 1;
    console->out.wanted = console->ctx.session->settings.pager;
    pager_begin(&console->out, console->input->pages && rows > 1 ? rows - 1 : 0, cols);
    progress_forget();
    if (console->ctx.session->cursor)
        capf_cursor_on_progress(console->ctx.session->cursor, command_progress, &console->ctx);
}

static void end_command(struct console *console, int status)
{
    struct sink *out = &console->out.sink;
    bool stopped = progress_interrupted();

    pager_end(&console->out);
    progress_end();
    say_notes(console);
    if (console->out.missing)
        say("the pager did not start: see $PAGER, and give the command again");
    if (status == COMMAND_DONE && out->state == SINK_FAILED)
        status = command_check_out(&console->ctx);
    if (status != COMMAND_DONE && console->ctx.failure)
        say_failure(&console->ctx);
    else if (stopped)
        say("stopped");
}

static int run_line(struct console *console, const char *line)
{
    int status;

    begin_command(console);
    status = command_run_line(&console->ctx, line);
    end_command(console, status);
    return status;
}

/* Pasted lines run in turn, until one fails; a command among them may take those behind it. */
static void run_lines(struct console *console, char *lines)
{
    int status = COMMAND_DONE;

    for (char *line = lines; line && status != COMMAND_FAILED && !console->ctx.quit;) {
        char *this = first_line(line, &console->pending);

        status = progress_interrupted() ? COMMAND_FAILED : run_line(console, this);
        free(this);
        line = console->pending;
        console->pending = NULL;
        if (status == COMMAND_FAILED) {
            free(line);
            line = NULL;
        }
    }
}

/* What belongs into the capture file does not go into another one. */
static void remember(struct console *console, const char *lines)
{
    const char *end;

    for (; *lines; lines = *end ? end + 1 : end) {
        char *line;

        end = lines + strcspn(lines, "\n");
        line = memory_copy(lines, (size_t)(end - lines));
        history_add(&console->history, line);
        if (!command_line_holds_content(line))
            history_add(&console->kept, line);
        free(line);
    }
    (void)history_save(&console->kept);
}

static void read_and_run(struct console *console)
{
    char prompt[CONSOLE_PROMPT], *line;
    unsigned rows, cols;

    console->input->get_size(console->input, &rows, &cols);
    console_prompt(console->ctx.session, console->out.sink.mode, cols, prompt);
    switch (read_line(console, CONSOLE_COMMAND, prompt, &line)) {
    case CONSOLE_LINE:
        remember(console, line);
        progress_forget();
        run_lines(console, line);
        break;
    case CONSOLE_END:
        run_line(console, "quit");
        break;
    default:
        break;
    }
}

/* ---- From the beginning to the end ---- */

static void console_begin(struct console *console, struct session *session,
                          struct console_input *input)
{
    char *path = history_path(HISTORY_COMMANDS);

    memset(console, 0, sizeof(*console));
    console->input = input;
    pager_init(&console->out, STDOUT_FILENO);
    history_load(&console->history, path);
    history_load(&console->kept, path);
    free(path);
    context_init(&console->ctx, DOOR_CONSOLE, session, &console->out.sink);
    console->ctx.ask = on_ask;
    console->ctx.choose = on_choose;
    console->ctx.note = on_note;
    console->ctx.progress = on_progress;
    console->ctx.next_line = on_next_line;
    console->ctx.hook_ctx = console;
    input->ctx = &console->ctx;
    input->history = &console->history;
}

static void note_at_end(struct context *ctx, const char *text)
{
    shell_complain(ctx->session->path, text);
}

int console_run(struct session *session, struct console_input *input)
{
    struct console *console = memory_zeroed(sizeof(*console));

    console_begin(console, session, input);
    progress_hold();
    while (!console->ctx.quit && !console->gone)
        read_and_run(console);
    console->ctx.note = note_at_end;
    shell_note_dropped(&console->ctx);
    if (session->cursor)
        capf_cursor_on_progress(session->cursor, NULL, NULL);
    context_release(&console->ctx);
    history_release(&console->history);
    history_release(&console->kept);
    free(console->pending);
    free(console);
    input->ctx = NULL;
    input->history = NULL;
    if (progress_end_wanted() != 0)
        return 128 + progress_end_wanted();
    return input->signal > 0 ? 128 + input->signal : COMMAND_DONE;
}
