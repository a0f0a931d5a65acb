/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One language, whichever door it comes in by. Each conversation below is held with a word of the
 * shell, -c, a script, the console through a pipe and in a terminal, and the browser's prompt, and
 * what is answered is the same, but for what each door writes before a complaint.
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/words.h"
#include "tests/support/program.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"
#include "tests/support/script_term.h"

enum {
    MOVES = 1,   /* on the screen it shows something else, and prints nothing */
    NOTHING = 2, /* the last command finds nothing, which only a person is told */
    WORD = 4,    /* also a word of the shell */
};

struct conversation {
    const char *lines[6]; /* a question is answered with yes */
    int how;
};

static const struct conversation conversations[] = {
    {{"info"}, WORD},
    {{"info --json"}, WORD},
    {{"info more"}, WORD},
    {{"cat 2"}, WORD},
    {{"cat 1..2"}, WORD},
    {{"cat 4,1"}, WORD},
    {{"cat $"}, WORD},
    {{"cat --format hex 2..3"}, WORD},
    {{"cat 9"}, WORD},
    {{"cat 1 9"}, WORD},
    {{"cat x"}, WORD},
    {{"cat 0"}, WORD},
    {{"cat 6.."}, WORD | NOTHING},
    {{"cat --format zip"}, WORD},
    {{"cat --nonsense"}, WORD},
    {{"before"}, WORD | MOVES},
    {{"after"}, WORD | MOVES | NOTHING},
    {{"verify"}, WORD},
    {{"verify --quick --json"}, WORD},
    {{"metadata"}, WORD | MOVES | NOTHING},
    {{"help goto"}, 0},
    {{"help nonsense"}, 0},
    {{"keys --markdown"}, 0},
    {{"nonsense"}, 0},
    {{"apend x"}, 0},
    {{"cat 'never closed"}, 0},
    {{"demo"}, 0},
    {{"list 1..3"}, 0},
    {{"list 9"}, 0},
    {{"list 6.."}, NOTHING},
    {{"goto 3"}, MOVES},
    {{"goto 3", "cat ."}, MOVES},
    {{"goto 3", "next", "prev 2", "back"}, MOVES},
    {{"last", "first"}, MOVES},
    {{"last", "text"}, MOVES},
    {{"hex"}, MOVES},
    {{"page"}, MOVES},
    {{"goto"}, 0},
    {{"goto 9"}, 0},
    {{"goto x"}, 0},
    {{"next x"}, 0},
    {{"next 1 2"}, 0},
    {{"last", "next"}, MOVES | NOTHING},
    {{"back"}, NOTHING},
    {{"next-damage"}, NOTHING},
    {{"next-damage 9"}, 0},
    {{"append x"}, 0},
    {{"metadata --set x"}, 0},
    {{"commit"}, NOTHING},
    {{"discard"}, NOTHING},
    {{"staged"}, NOTHING},
    {{"unstage 1"}, 0},
    {{"edit perhaps"}, 0},
    {{"E", "append e  f"}, 0},
    {{"E", "append e", "append -- --f", "staged"}, 0},
    {{"E", "append e", "unstage 1"}, 0},
    {{"E", "append e", "unstage 3"}, 0},
    {{"E", "append e", "discard"}, 0},
    {{"E", "append e", "commit", "cat 5", "commit"}, NOTHING},
    {{"E", "metadata --set a b", "metadata --clear", "commit"}, 0},
    {{"E", "metadata --set-file gone"}, 0},
    {{"E", "E off", "append x"}, 0},
};

/* ---- What was answered ---- */

struct answer {
    char text[65536];
    size_t len;
};

static void answer_add(struct answer *answer, const char *text, size_t len)
{
    assert_true(answer->len + len + 2 < sizeof answer->text);
    memcpy(answer->text + answer->len, text, len);
    answer->len += len;
    if (len > 0 && text[len - 1] != '\n')
        answer->text[answer->len++] = '\n';
    answer->text[answer->len] = '\0';
}

/* A complaint without what the door says of itself: the program, the script's line, the open
 * file, and the file's place in the usage of a word. */
static void add_complaints(struct answer *answer, const char *err)
{
    while (*err != '\0') {
        static const char *const prefixes[] = {
            "capscope: ", "job:", "standard input:", "x.capture: "};
        size_t len = strcspn(err, "\n");
        const char *at = err, *file, *dropped;
        for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
            if (strncmp(at, prefixes[i], strlen(prefixes[i])) != 0)
                continue;
            at += strlen(prefixes[i]);
            if (prefixes[i][strlen(prefixes[i]) - 1] == ':')
                at += strspn(at, "0123456789") + 2;
        }
        dropped = strstr(at, "dropped: there was no commit");
        file = strstr(at, " FILE [");
        if (dropped != NULL && dropped < err + len) {
            /* the screen and a person at the console are asked instead */
        } else if (file != NULL && file < err + len) {
            char text[1024];
            snprintf(text, sizeof text, "%.*s%.*s", (int)(file - at), at,
                     (int)(len - (size_t)(file - err) - 5), file + 5);
            answer_add(answer, text, strlen(text));
        } else {
            answer_add(answer, at, len - (size_t)(at - err));
        }
        err += len + (err[len] == '\n');
    }
}

static void make_file(void)
{
    unlink(scratch_path("x.capture"));
    program_make_file();
}

static void join(const struct conversation *talk, char *text, size_t size, const char *before,
                 const char *behind)
{
    size_t len = 0;
    for (int i = 0; talk->lines[i] != NULL; i++)
        len += (size_t)snprintf(text + len, size - len, "%s%s%s", before, talk->lines[i], behind);
}

static void run(const char *line, struct answer *answer)
{
    program_run(line);
    answer_add(answer, program.out, program.out_len);
    add_complaints(answer, program.err);
}

/* ---- The doors ---- */

static void with_commands(const struct conversation *talk, struct answer *answer)
{
    char *argument, line[1024] = "";
    for (int i = 0; talk->lines[i] != NULL; i++) {
        argument = words_quote(talk->lines[i], false);
        snprintf(line + strlen(line), sizeof line - strlen(line), "-c %s ", argument);
        free(argument);
    }
    strcat(line, "x.capture");
    run(line, answer);
}

static void with_script(const struct conversation *talk, struct answer *answer)
{
    char script[1024];
    join(talk, script, sizeof script, "# a comment\n\n", "\r\n");
    program_make_text("job", script);
    run("-x job x.capture", answer);
}

static void with_pipe(const struct conversation *talk, struct answer *answer)
{
    char input[1024];
    join(talk, input, sizeof input, "", "\n");
    program_input(input, strlen(input));
    run("shell x.capture", answer);
    program_input(NULL, 0);
}

static void with_word(const struct conversation *talk, struct answer *answer)
{
    char line[256], word[32];
    size_t len = strcspn(talk->lines[0], " ");
    snprintf(word, sizeof word, "%.*s", (int)len, talk->lines[0]);
    snprintf(line, sizeof line, "%s x.capture%s", word, talk->lines[0] + len);
    run(line, answer);
}

/* ---- The console in a terminal ---- */

static bool awaits_person(struct pty *pty, void *arg)
{
    size_t len, *seen = arg;
    const char *output = pty_output(pty, &len);
    return len > *seen + 2 && strncmp(output + len - 2, "> ", 2) == 0;
}

static bool awaits_answer(struct pty *pty, void *arg)
{
    size_t len, *seen = arg;
    const char *output = pty_output(pty, &len);
    return awaits_person(pty, arg) || (len > *seen + 2 && strncmp(output + len - 2, "] ", 2) == 0);
}

static void type_line(struct pty *pty, const char *line, struct answer *answer)
{
    char text[32768], *from, *to, *question;
    const char *output;
    size_t seen, len, fill = 0;
    pty_output(pty, &seen);
    pty_type(pty, line);
    pty_type(pty, "\r");
    pty_expect_that(pty, "the next prompt", awaits_answer, &seen);
    output = pty_output(pty, &len);
    if (output[len - 2] == ']') {
        pty_let_pass(pty, 20);
        pty_type(pty, "y\r");
        pty_expect_that(pty, "the prompt behind the answer", awaits_person, &seen);
        output = pty_output(pty, &len);
    }
    for (size_t i = seen; i < len; i++)
        if (output[i] != '\r')
            text[fill++] = output[i];
    text[fill] = '\0';
    from = strchr(text, '\n'); /* behind what was typed */
    question = strstr(text, "/?] ");
    if (question != NULL)
        from = strchr(question, '\n');
    to = strrchr(text, '\n'); /* before the prompt */
    assert_non_null(from);
    answer_add(answer, from + 1, to > from ? (size_t)(to - from) : 0);
}

static void with_terminal(const struct conversation *talk, struct answer *answer)
{
    const char *const argv[] = {getenv("CAPSCOPE"), "shell", "x.capture", NULL};
    const char *const env[] = {"PAGER=cat", NULL};
    size_t seen = 0;
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv,
                                                      .env = env,
                                                      .rows = 60,
                                                      .cols = 250,
                                                      .term = "dumb",
                                                      .directory = scratch_path(".")});
    pty_expect_that(pty, "its prompt", awaits_person, &seen);
    for (int i = 0; talk->lines[i] != NULL; i++)
        type_line(pty, talk->lines[i], answer);
    pty_stop(pty);
}

/* ---- The browser's prompt ---- */

static void take_screen(struct script_term *term, struct answer *answer)
{
    struct browser *browser = &term->loop.browser;
    if (browser->page != NULL) {
        answer_add(answer, (const char *)browser->page->bytes,
                   (size_t)browser->page->view.source.size);
        browser_close_page(browser);
    } else if (browser->message != NULL) {
        answer_add(answer, browser->message, strlen(browser->message));
    }
}

static void with_browser(const struct conversation *talk, struct answer *answer)
{
    char folder[SCRATCH_PATH], keys[256];
    static struct script_term term;
    assert_non_null(getcwd(folder, sizeof folder));
    assert_int_equal(chdir(scratch_path(".")), 0);
    script_term_open(&term, "x.capture", 24, 200);
    for (int i = 0; talk->lines[i] != NULL; i++) {
        bool asks = strcmp(talk->lines[i], "commit") == 0 || strcmp(talk->lines[i], "discard") == 0;
        snprintf(keys, sizeof keys, ":%s\r%s", talk->lines[i],
                 asks && i > 0 ? SCRIPT_PAUSE "y" : "");
        if (term.session.stage.count == 0 && term.session.stage.meta == STAGE_META_KEEP)
            snprintf(keys, sizeof keys, ":%s\r", talk->lines[i]);
        script_term_type(&term, keys);
        take_screen(&term, answer);
    }
    script_term_close(&term);
    assert_int_equal(chdir(folder), 0);
}

/* ---- All of them ---- */

typedef void door(const struct conversation *talk, struct answer *answer);

static void hold(const struct conversation *talk, const char *name, door *enter,
                 struct answer *answer)
{
    make_file();
    answer->len = 0;
    answer->text[0] = '\0';
    enter(talk, answer);
    if (answer->len == 0 && !(talk->how & NOTHING))
        fail_msg("%s: nothing was answered to \"%s\"", name, talk->lines[0]);
}

static void compare(const struct conversation *talk, const char *name, door *enter,
                    const struct answer *expected)
{
    static struct answer answer;
    hold(talk, name, enter, &answer);
    if (strcmp(answer.text, expected->text) != 0)
        fail_msg("%s answers to \"%s\" ...:\n%s\nand not:\n%s", name, talk->lines[0], answer.text,
                 expected->text);
}

static void every_door_without_a_person_answers_alike(void **state)
{
    (void)state;
    static struct answer expected;
    for (size_t i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
        const struct conversation *talk = &conversations[i];
        hold(talk, "-c", with_commands, &expected);
        compare(talk, "-x", with_script, &expected);
        compare(talk, "shell <pipe", with_pipe, &expected);
        if (talk->how & WORD)
            compare(talk, "a word", with_word, &expected);
    }
}

static void every_door_with_a_person_answers_alike(void **state)
{
    (void)state;
    static struct answer expected;
    for (size_t i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
        const struct conversation *talk = &conversations[i];
        hold(talk, "the console", with_terminal, &expected);
        if (!(talk->how & MOVES))
            compare(talk, "the browser", with_browser, &expected);
    }
}

/* What is said of nothing is said to persons only; all else is said to both. */
static void a_person_is_answered_as_a_program_is(void **state)
{
    (void)state;
    static struct answer expected;
    for (size_t i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
        const struct conversation *talk = &conversations[i];
        if (talk->how & NOTHING)
            continue;
        hold(talk, "-c", with_commands, &expected);
        compare(talk, "the console", with_terminal, &expected);
    }
}

static int finish(void **state)
{
    pty_teardown(state);
    return program_end(state);
}

#define DOORS_TEST(name) cmocka_unit_test_setup_teardown(name, program_begin, finish)

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        DOORS_TEST(every_door_without_a_person_answers_alike),
        DOORS_TEST(every_door_with_a_person_answers_alike),
        DOORS_TEST(a_person_is_answered_as_a_program_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
