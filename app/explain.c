/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line about the command that is being typed: what belongs at the cursor, what it means, and
 * what would be refused, as soon as it is certain. The texts are the table's.
 */
#include "app/command.h"

#include "app/browser.h"
#include "app/memory.h"
#include "app/range.h"
#include "app/usage.h"
#include "app/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPLAIN_SIZE 1024

static void say(struct explanation *explanation, const char *text, bool wrong)
{
    free(explanation->text);
    *explanation = (struct explanation){.text = memory_string(text), .wrong = wrong};
}

/* ---- Names ---- */

/* "goto POSITION: go to a record", with a part of the usage marked. */
static void say_usage(struct explanation *explanation, const struct command *command,
                      const struct usage_part *part)
{
    char text[EXPLAIN_SIZE];
    snprintf(text, sizeof text, "%s%s%s: %s", command->name, command->usage[0] ? " " : "",
             command->usage, command->help);
    say(explanation, text, false);
    if (part == NULL)
        return;
    explanation->mark = strlen(command->name) + 1 + part->start;
    explanation->mark_len = part->len;
}

static void say_unknown(struct explanation *explanation, const char *name)
{
    char text[EXPLAIN_SIZE];
    const char *near = command_did_you_mean(name);
    if (near != NULL)
        snprintf(text, sizeof text, "there is no command \"%.60s\"; did you mean \"%s\"?", name,
                 near);
    else
        snprintf(text, sizeof text, "there is no command \"%.60s\"; :help lists them", name);
    say(explanation, text, true);
}

/* The names that a beginning may become, with blanks between. */
static void say_names(struct explanation *explanation, const struct completion *names)
{
    char text[EXPLAIN_SIZE] = "";
    size_t len = 0;
    for (size_t i = 0; i < names->count && len + 40 < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? "  " : "",
                                names->found[i]);
    say(explanation, text, false);
}

static void explain_name(struct context *ctx, const char *name, struct explanation *explanation)
{
    const struct command *command = command_find(name);
    struct completion names;
    if (name[0] == '\0') {
        say(explanation, "Tab completes; :help lists the commands", false);
        return;
    }
    command_complete(ctx, name, strlen(name), &names);
    if (command == NULL && names.count == 1)
        command = command_find(names.found[0]);
    if (command != NULL)
        say_usage(explanation, command, NULL);
    else if (names.count > 0)
        say_names(explanation, &names);
    else
        say_unknown(explanation, name);
    completion_release(&names);
}

/* ---- Options ---- */

static void say_option(struct explanation *explanation, const struct option_spec *spec,
                       bool value_marked)
{
    char text[EXPLAIN_SIZE];
    size_t name_len = strlen(spec->name) + 2;
    snprintf(text, sizeof text, "--%s%s%s: %s", spec->name, spec->value != NULL ? " " : "",
             spec->value != NULL ? spec->value : "", spec->help);
    say(explanation, text, false);
    explanation->mark = value_marked ? name_len + 1 : 0;
    explanation->mark_len = value_marked ? strlen(spec->value) : name_len;
}

static const struct option_spec *find_option(const struct command *command, const char *word)
{
    const struct option_spec *specs = command->options;
    int index = -1;
    if (strncmp(word, "--", 2) == 0)
        index = option_find(specs, word + 2, strlen(word + 2));
    else if (word[0] == '-' && word[1] != '\0')
        index = option_find_letter(specs, word[strlen(word) - 1]);
    return index >= 0 ? &specs[index] : NULL;
}

/* What an option is for, or what this one may become. */
static void explain_option(const struct completion *at, struct explanation *explanation)
{
    char text[EXPLAIN_SIZE], line[EXPLAIN_SIZE];
    const struct option_spec *spec = find_option(at->command, at->word);
    struct completion options;
    snprintf(line, sizeof line, "%s %.200s", at->command->name, at->word);
    command_complete(at->ctx, line, strlen(line), &options);
    if (spec == NULL && options.count == 1)
        spec = find_option(at->command, options.found[0]);
    snprintf(text, sizeof text, "there is no option %.60s; usage: %s %s", at->word,
             at->command->name, at->command->usage);
    if (spec != NULL)
        say_option(explanation, spec, false);
    else if (options.count > 0)
        say_names(explanation, &options);
    else
        say(explanation, text, true);
    completion_release(&options);
}

/* ---- Arguments ---- */

/* Records of other states than the one shown have numbers that are not known here. */
static bool numbers_are_known(const struct command *command)
{
    return strcmp(command->name, "before") != 0 && strcmp(command->name, "after") != 0;
}

static bool parses(const char *usage, const struct usage_part *part, const char *word,
                   const struct range_base *base, char error[RANGE_ERROR])
{
    struct range_list list = {0};
    uint64_t recno;
    bool good = true;
    if (usage_part_has(usage, part, "RANGE"))
        good = range_parse(&list, word, base, error);
    else if (usage_part_has(usage, part, "POSITION"))
        good = range_parse_position(word, base, &recno, error);
    range_list_release(&list);
    return good;
}

/* A word that is being typed may be the beginning of a right one. What is wrong with a record's
 * number is certain, though; what is wrong with its form begins with the form. */
static bool may_become_right(const char *usage, const struct usage_part *part, const char *word,
                             const struct range_base *base, const char *error)
{
    static const char *const ends[] = {"1", ".", "..", "$"};
    size_t size = strlen(word) + 3;
    char *longer = memory_zeroed(size), other[RANGE_ERROR];
    bool may = word[0] == '\0' || word[0] == '\'';
    for (size_t i = 0; error[0] == '"' && !may && i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(longer, size, "%s%s", word, ends[i]);
        may = parses(usage, part, longer, base, other) || other[0] != '"';
    }
    free(longer);
    return may;
}

/* The first argument that names no record; false: there is none. */
static bool find_wrong_range(struct context *ctx, const struct completion *at, int argc,
                             char **argv, char error[RANGE_ERROR])
{
    const char *usage = at->command->usage;
    struct range_base base = session_base(ctx->session);
    if (ctx->browser != NULL)
        base.last = ctx->browser->records;
    for (int i = 1; i < argc && numbers_are_known(at->command); i++) {
        struct usage_part part;
        bool typed = i - 1 == completion_place(at);
        if (!usage_argument(usage, i - 1, &part) || parses(usage, &part, argv[i], &base, error))
            continue;
        if (!typed || !may_become_right(usage, &part, argv[i], &base, error))
            return true;
    }
    return false;
}

static void explain_argument(struct context *ctx, const char *line, const struct completion *at,
                             struct explanation *explanation)
{
    struct usage_part part;
    char error[RANGE_ERROR], **argv;
    int argc;
    char *refusal = command_check_line(ctx, line, &argc, &argv);
    if (refusal != NULL)
        say(explanation, refusal, true);
    else if (find_wrong_range(ctx, at, argc, argv, error))
        say(explanation, error, true);
    else if (at->value_of != NULL)
        say_option(explanation, at->value_of, true);
    else if (usage_argument(at->command->usage, completion_place(at), &part))
        say_usage(explanation, at->command, &part);
    else
        say_usage(explanation, at->command, NULL);
    command_words_release(argc, argv);
    free(refusal);
}

void command_explain(struct context *ctx, const char *line, size_t cursor,
                     struct explanation *explanation)
{
    struct completion at;
    *explanation = (struct explanation){0};
    if (line[words_skip_blanks(line, 0)] == '#') {
        say(explanation, "a comment: nothing is run", false);
        return;
    }
    completion_locate(ctx, line, cursor, &at);
    if (at.argc == 0 && line[cursor] != '\0' && line[cursor] != ' ') {
        completion_release(&at); /* within the name: it is meant as a whole */
        completion_locate(ctx, line, cursor + strcspn(line + cursor, " \t"), &at);
    }
    if (at.argc == 0)
        explain_name(ctx, at.word, explanation);
    else if (at.command == NULL)
        say_unknown(explanation, at.argv[0]);
    else if (at.value_of == NULL && at.word[0] == '-' && at.word[1] != '\0' &&
             (at.word[1] < '0' || at.word[1] > '9') && !(at.command->flags & CMD_TAIL))
        explain_option(&at, explanation);
    else
        explain_argument(ctx, line, &at, explanation);
    completion_release(&at);
}
