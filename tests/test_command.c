/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table is in order, and the dispatcher refuses what a row does not allow,
 * in words that say what to do. Commands run as a script would run them.
 */
#include "tests/support/mem_file.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"

/* ---- The table ---- */

static void every_name_and_alias_is_there_once(void **state)
{
    const struct command *row;

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        assert_ptr_equal(command_find(row->name), row);
        if (row->alias)
            assert_ptr_equal(command_find(row->alias), row);
    }
    assert_null(command_find(""));
    assert_null(command_find("nonsense"));
}

static void assert_row(const struct command *row)
{
    size_t options = 0;

    if (!row->help || strlen(row->help) < 4 || row->help[strlen(row->help) - 1] == '.')
        fail_msg("%s has no proper help", row->name);
    if (!row->usage || (row->usage[0] == '\0') != (row->max_args == 0 && !row->options))
        fail_msg("the usage of %s does not fit its arguments", row->name);
    if (row->max_args >= 0 && row->min_args > row->max_args)
        fail_msg("%s wants more than it takes", row->name);
    for (const struct option_spec *spec = row->options; spec && spec->name; spec++, options++)
        if (!spec->help || strcmp(spec->name, "help") == 0)
            fail_msg("option --%s of %s", spec->name, row->name);
    assert_true(options <= OPTIONS_MAX);
}

static void every_row_has_help_and_a_usage_that_fits(void **state)
{
    const struct command *row;

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        if (row->run)
            assert_row(row);
        if (row->shell && !row->shell->options)
            assert_row(row->shell);
        assert_true(row->run || row->shell);
    }
}

static void words_of_the_shell_are_words_of_the_table(void **state)
{
    const struct command *row;

    (void)state;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        if (!row->shell)
            continue;
        assert_true(row->flags & CMD_SHELL);
        assert_true(row->shell->flags & CMD_SHELL);
        assert_ptr_equal(command_find(row->shell->name), row);
    }
}

static void a_wrong_name_is_answered_with_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(command_did_you_mean("inof"), "info");
    assert_string_equal(command_did_you_mean("comit"), "commit");
    assert_string_equal(command_did_you_mean("apend"), "append");
    assert_string_equal(command_did_you_mean("metdata"), "metadata");
    assert_string_equal(command_did_you_mean("disc"), "discard");
    assert_null(command_did_you_mean("xyzzy"));
    assert_null(command_did_you_mean(""));
    assert_null(command_did_you_mean("a/very/long/path/that/is/no/command.capture"));
}

/* ---- Running ---- */

struct bench {
    struct mem_file_test *test;
    struct session session;
    struct context ctx;
    struct sink_text out;
    bool answer;
    char asked[2000];
    char noted[400];
};

static bool answer_question(struct context *ctx, const char *text)
{
    struct bench *bench = ctx->hook_ctx;

    snprintf(bench->asked, sizeof(bench->asked), "%s", text);
    return bench->answer;
}

static void keep_note(struct context *ctx, const char *text)
{
    struct bench *bench = ctx->hook_ctx;

    snprintf(bench->noted, sizeof(bench->noted), "%s", text);
}

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    capf_file *file;

    if (!bench || mem_test_begin((void **)&bench->test))
        return -1;
    file = mem_create(bench->test, 0, 0, 0);
    mem_append_numbered(file, 5);
    must(capf_commit(file, &test_err));
    capf_close(file);
    session_init(&bench->session);
    bench->session.io = mem_disk_io(bench->test->disk);
    must(session_open(&bench->session, MEM_PATH, &test_err));
    sink_text_init(&bench->out, 1u << 20);
    context_init(&bench->ctx, DOOR_BATCH, &bench->session, &bench->out.sink);
    bench->ctx.note = keep_note;
    bench->ctx.hook_ctx = bench;
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    void *test = bench->test;
    int rc;

    context_release(&bench->ctx);
    sink_text_release(&bench->out);
    session_release(&bench->session);
    rc = mem_test_end(&test);
    free(bench);
    return rc;
}

static void run(struct bench *bench, const char *line, int status)
{
    sink_text_clear(&bench->out);
    if (command_run_line(&bench->ctx, line) != status)
        fail_msg("%s: %s", line, bench->ctx.failure ? bench->ctx.failure : bench->out.text);
}

static void run_gives(struct bench *bench, const char *line, const char *out)
{
    run(bench, line, COMMAND_DONE);
    assert_string_equal(bench->out.text, out);
    assert_null(bench->ctx.failure);
}

static void run_fails(struct bench *bench, const char *line, int status, const char *failure)
{
    run(bench, line, status);
    assert_string_equal(bench->out.text, "");
    assert_non_null(bench->ctx.failure);
    assert_string_equal(bench->ctx.failure, failure);
}

static void empty_lines_and_comments_do_nothing(void **state)
{
    run_gives(*state, "", "");
    run_gives(*state, " \t ", "");
    run_gives(*state, "  # cat 1", "");
}

static void wrong_lines_are_refused_with_their_place(void **state)
{
    run_fails(*state, "nonsense", 2, "there is no command \"nonsense\"; \"help\" lists them");
    run_fails(*state, "ct 1", 2, "there is no command \"ct\"; did you mean \"cat\"?");
    run_fails(*state, "cat '1", 2, "' at place 5 is never closed");
    run_fails(*state, "cat \\q", 2, "\\q at place 5 means nothing; \\\\ is a backslash");
}

static void wrong_arguments_are_answered_with_the_usage(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "staged 1", 2, "that is too much; usage: staged [--json]");
    assert_string_equal(bench->ctx.failure_about, "staged");
    run_fails(bench, "unstage", 2, "something is missing; usage: unstage N | metadata");
    run_fails(bench, "info --jsno", 2, "there is no option --jsno; usage: info [--json]");
    run_fails(bench, "edit maybe", 2, "it is on or off; usage: edit [on | off]");
}

static void what_writes_is_refused_until_editing_is_on(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "append x", 2, "read-only: E turns editing on");
    run_fails(bench, "meta --set x", 2, "read-only: E turns editing on");
    run_fails(bench, "commit", 2, "read-only: E turns editing on");
    assert_true(stage_is_empty(&bench->session.stage));
    run(bench, "E", COMMAND_DONE);
    run_gives(bench, "append x", "staged +1, 1 byte\n");
    run(bench, "E off", COMMAND_DONE);
    run_fails(bench, "append x", 2, "read-only: E turns editing on");
}

static void what_needs_a_screen_says_so_elsewhere(void **state)
{
    run_fails(*state, "offset 5", 2, "works only on the screen; open the file in the browser");
    run_fails(*state, "demo", 2, "works only from the shell: capscope demo FILE");
}

static void what_needs_a_file_says_so_without_one(void **state)
{
    struct bench *bench = *state;

    session_close(&bench->session);
    run_fails(bench, "cat", 2, "no file is open; name one");
}

static void a_failure_is_forgotten_by_the_next_command(void **state)
{
    run_fails(*state, "cat 9", 2, "no record 9 (last is 5)");
    run_gives(*state, "cat 5", "record 5\n");
}

static void words_that_are_apart_already_are_not_split_again(void **state)
{
    struct bench *bench = *state;
    char name[] = "append", text[] = "a 'b";
    char *argv[] = {name, text, NULL};

    bench->session.edit = true;
    assert_int_equal(command_run_argv(&bench->ctx, 2, argv), COMMAND_DONE);
    assert_string_equal((char *)bench->session.stage.pieces[0].bytes, "a 'b");
}

/* ---- For programs ---- */

static void staged_and_commit_answer_a_program(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    run_fails(bench, "staged --json", 1, "nothing is staged");
    run(bench, "append a \"b\"\033", COMMAND_DONE);
    run(bench, "meta --set xyz", COMMAND_DONE);
    run_gives(bench, "staged --json",
              "{\"staged\": 1, \"length\": 6, \"begins\": \"a \\\"b\\\"\\u001b\"}\n"
              "{\"staged\": \"metadata\", \"length\": 3}\n");
    run_gives(bench, "commit --json",
              "{\"committed\": 1, \"first\": 6, \"last\": 6, \"metadata_changed\": true}\n");
    run(bench, "meta --clear", COMMAND_DONE);
    run_gives(bench, "staged --json", "{\"staged\": \"metadata\", \"length\": null}\n");
    run_gives(bench, "commit --json",
              "{\"committed\": 0, \"first\": 0, \"last\": 0, \"metadata_changed\": true}\n");
}

/* ---- Marks ---- */

static void marks_are_set_listed_used_and_taken_off(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "marks", 1, "no mark is set");
    run(bench, "mark b 4", COMMAND_DONE);
    assert_string_equal(bench->noted, "mark b is on record 4");
    run(bench, "mark a", COMMAND_DONE);
    run_gives(bench, "marks", "'a                    1\n'b                    4\n");
    run_gives(bench, "marks --json",
              "{\"mark\": \"a\", \"record\": 1}\n{\"mark\": \"b\", \"record\": 4}\n");
    run_gives(bench, "cat 'b", "record 4\n");
    run_gives(bench, "cat 'b..'b 'a", "record 4\nrecord 1\n");
    run(bench, "mark c 'b", COMMAND_DONE);
    assert_int_equal(bench->session.marks[2], 4);
    run(bench, "unmark a 'b", COMMAND_DONE);
    run_fails(bench, "cat 'a", 2, "mark a is not set");
    run_fails(bench, "unmark a c", 2, "mark a is not set");
    run(bench, "unmark --all", COMMAND_DONE);
    run_fails(bench, "marks", 1, "no mark is set");
}

static void wrong_marks_are_refused_in_words(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "mark A", 2,
              "A is no mark: marks are a to z, and last until the program ends");
    run_fails(bench, "mark ab", 2,
              "\"ab\" is no mark: it is a letter, a to z; usage: mark LETTER [POSITION]");
    run_fails(bench, "mark a 9", 2, "no record 9 (last is 5)");
    run_fails(bench, "unmark", 2, "name marks, or --all; usage: unmark LETTER... | --all");
    run_fails(bench, "cat 1,234", 2,
              "\"1,234\" could be one number or a list: write 1_234 for the number, 1 234 for the "
              "list");
}

/* ---- Staging and committing ---- */

static void assert_staged(struct bench *bench, size_t index, const char *text)
{
    assert_true(index < bench->session.stage.count);
    assert_string_equal((char *)bench->session.stage.pieces[index].bytes, text);
}

static void an_appended_text_is_the_rest_of_the_line_verbatim(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    run(bench, "append {\"a\": 'b\\n'}  # c ", COMMAND_DONE);
    run(bench, "append   two blanks before", COMMAND_DONE);
    run(bench, "append -- --force", COMMAND_DONE);
    run(bench, "append - a list", COMMAND_DONE);
    run(bench, "append", COMMAND_NOTHING); /* nobody has lines for it here */
    run(bench, "append two\nlines", COMMAND_DONE);
    assert_staged(bench, 0, "{\"a\": 'b\\n'}  # c ");
    assert_staged(bench, 1, "  two blanks before");
    assert_staged(bench, 2, "--force");
    assert_staged(bench, 3, "- a list");
    assert_staged(bench, 4, "two\nlines");
    run_fails(bench, "append --hex 41", 2,
              "there is no option --hex; usage: append [TEXT | --multi]");
}

static void metadata_text_is_the_rest_of_the_line_verbatim(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    run(bench, "metadata --set {\"a\": \"b  c\"} --clear", COMMAND_DONE);
    run_gives(bench, "meta", "{\"a\": \"b  c\"} --clear");
    run_fails(bench, "meta --clear --set x", 2,
              "one change at a time; usage: metadata [--set TEXT | --set-file FILE | --clear]");
    run(bench, "meta --clear", COMMAND_DONE);
    run_fails(bench, "meta", 1, "there is no metadata");
}

static void the_staged_list_can_be_seen_and_changed(void **state)
{
    struct bench *bench = *state;

    run_fails(bench, "staged", 1, "nothing is staged");
    bench->session.edit = true;
    run(bench, "append one", COMMAND_DONE);
    run(bench, "append t\033wo", COMMAND_DONE);
    run(bench, "meta --set m", COMMAND_DONE);
    run_gives(bench, "staged",
              "      +1            3  one\n"
              "      +2            4  t^[wo\n"
              "metadata set, 1 byte: m\n");
    run_gives(bench, "unstage +1", "unstaged +1, 1 left\n");
    run_fails(bench, "unstage 2", 2, "nothing is staged as +2 (last is +1)");
    run_gives(bench, "unstage metadata", "the metadata stays as it is\n");
    run_fails(bench, "unstage metadata", 1, "no change of the metadata is staged");
    run_gives(bench, "staged", "      +1            4  t^[wo\n");
    run_gives(bench, "discard", "discarded 1 record\n");
    run_fails(bench, "discard", 1, "nothing is staged");
}

static void a_commit_without_a_person_goes_ahead(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    run_fails(bench, "commit", 1, "nothing is staged");
    run(bench, "append six", COMMAND_DONE);
    run_gives(bench, "commit", "committed 1 record: 6\n");
    run(bench, "append seven", COMMAND_DONE);
    run(bench, "append eight", COMMAND_DONE);
    run(bench, "meta --set m", COMMAND_DONE);
    run_gives(bench, "commit", "committed 2 records: 7..8; metadata\n");
    run(bench, "meta --clear", COMMAND_DONE);
    run_gives(bench, "commit", "committed metadata\n");
    run_gives(bench, "cat 6..", "six\nseven\neight\n");
}

static void a_person_is_shown_the_commit_and_may_say_no(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    bench->ctx.ask = answer_question;
    run(bench, "append six", COMMAND_DONE);
    run_fails(bench, "commit", 1, "not committed; everything is still staged");
    assert_string_equal(bench->asked, "append 1 -> #6; cannot be undone");
    run_fails(bench, "discard", 1, "everything stays staged");
    assert_string_equal(bench->asked, "throw away what is staged: 1 record");
    assert_int_equal(bench->session.stage.count, 1);
    bench->answer = true;
    run_gives(bench, "commit", "committed 1 record: 6\n");
}

/* Says yes, but while the first question stands another process commits. */
static bool answer_late(struct context *ctx, const char *text)
{
    struct bench *bench = ctx->hook_ctx;

    if (!bench->asked[0]) {
        capf_file *file = mem_open_write(bench->test);

        mem_append(file, "another's");
        must(capf_commit(file, &test_err));
        capf_close(file);
    }
    snprintf(bench->asked, sizeof(bench->asked), "%s", text);
    return true;
}

static void a_person_is_asked_again_when_the_file_changed_under_the_question(void **state)
{
    struct bench *bench = *state;

    bench->session.edit = true;
    bench->ctx.ask = answer_late;
    run(bench, "append mine", COMMAND_DONE);
    run_gives(bench, "commit", "committed 1 record: 7\n");
    assert_string_equal(bench->asked,
                        "another process added 1 record meanwhile, it now ends at #6: "
                        "append 1 -> #7; cannot be undone");
    run_gives(bench, "cat 6..7", "another's\nmine\n");
}

static void a_commit_that_fails_keeps_what_is_staged_and_says_so(void **state)
{
    struct bench *bench = *state;
    capf_file *holder;

    bench->session.edit = true;
    run(bench, "append mine", COMMAND_DONE);
    holder = mem_open_write(bench->test);
    run(bench, "commit", COMMAND_FAILED);
    assert_non_null(strstr(bench->ctx.failure, "everything is still staged"));
    assert_int_equal(bench->session.stage.count, 1);
    capf_close(holder);
}

/* ---- Help and completion ---- */

static void help_lists_what_the_door_has(void **state)
{
    struct bench *bench = *state;

    run(bench, "help", COMMAND_DONE);
    assert_non_null(strstr(bench->out.text, "  append [TEXT | --multi] "));
    assert_null(strstr(bench->out.text, "  offset "));
    assert_non_null(strstr(bench->out.text, "  goto "));
    assert_null(strstr(bench->out.text, "  demo "));
    bench->ctx.door = DOOR_SHELL;
    run(bench, "help", COMMAND_DONE);
    assert_non_null(strstr(bench->out.text, "  demo FILE "));
    assert_null(strstr(bench->out.text, "  staged "));
}

static void help_explains_one_command_with_its_options(void **state)
{
    struct bench *bench = *state;

    run(bench, "help cat", COMMAND_DONE);
    assert_non_null(strstr(bench->out.text, "--format FORMAT"));
    run_gives(bench, "info --help",
              "info [--json]\n"
              "    say what the file is and holds\n"
              "      --json                 one JSON object\n");
    run_fails(bench, "help inof", 2, "there is no command \"inof\"; did you mean \"info\"?");
}

static const char *complete(struct bench *bench, const char *line, size_t cursor)
{
    static char text[400];
    struct completion completion;

    command_complete(&bench->ctx, line, cursor, &completion);
    snprintf(text, sizeof(text), "%zu:", completion.start);
    for (size_t i = 0; i < completion.count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", completion.found[i]);
    completion_release(&completion);
    return text;
}

static void positions_are_completed(void **state)
{
    struct bench *bench = *state;
    bench->session.marks[0] = 2;
    bench->session.marks[2] = 3;
    assert_string_equal(complete(bench, "cat ", 4), "4: $ 'a 'c .");
    assert_string_equal(complete(bench, "cat '", 5), "4: 'a 'c");
    assert_string_equal(complete(bench, "cat 'a..'", 9), "4: 'a..'a 'a..'c");
    assert_string_equal(complete(bench, "cat 1,2,", 8), "4: 1,2,$ 1,2,'a 1,2,'c");
    assert_string_equal(complete(bench, "next-damage 'c", 14), "12: 'c");
}

static void names_options_and_arguments_are_completed(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(complete(bench, "co", 2), "0: commands commit");
    assert_string_equal(complete(bench, "  me", 4), "2: metadata");
    assert_string_equal(complete(bench, "commit now", 2), "0: commands commit");
    assert_string_equal(complete(bench, "edit ", 5), "5: off on");
    assert_string_equal(complete(bench, "edit of", 7), "5: off");
    assert_string_equal(complete(bench, "meta --se", 9), "5: --set --set-file");
    assert_string_equal(complete(bench, "help inf", 8), "5: info");
    assert_string_equal(complete(bench, "nonsense x", 10), "9:");
    assert_string_equal(complete(bench, "help 'in", 8), "5: info");
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_and_alias_is_there_once),
        cmocka_unit_test(every_row_has_help_and_a_usage_that_fits),
        cmocka_unit_test(words_of_the_shell_are_words_of_the_table),
        cmocka_unit_test(a_wrong_name_is_answered_with_the_nearest),
        BENCH_TEST(empty_lines_and_comments_do_nothing),
        BENCH_TEST(wrong_lines_are_refused_with_their_place),
        BENCH_TEST(wrong_arguments_are_answered_with_the_usage),
        BENCH_TEST(what_writes_is_refused_until_editing_is_on),
        BENCH_TEST(what_needs_a_screen_says_so_elsewhere),
        BENCH_TEST(what_needs_a_file_says_so_without_one),
        BENCH_TEST(a_failure_is_forgotten_by_the_next_command),
        BENCH_TEST(words_that_are_apart_already_are_not_split_again),
        BENCH_TEST(staged_and_commit_answer_a_program),
        BENCH_TEST(marks_are_set_listed_used_and_taken_off),
        BENCH_TEST(wrong_marks_are_refused_in_words),
        BENCH_TEST(an_appended_text_is_the_rest_of_the_line_verbatim),
        BENCH_TEST(metadata_text_is_the_rest_of_the_line_verbatim),
        BENCH_TEST(the_staged_list_can_be_seen_and_changed),
        BENCH_TEST(a_commit_without_a_person_goes_ahead),
        BENCH_TEST(a_person_is_shown_the_commit_and_may_say_no),
        BENCH_TEST(a_person_is_asked_again_when_the_file_changed_under_the_question),
        BENCH_TEST(a_commit_that_fails_keeps_what_is_staged_and_says_so),
        BENCH_TEST(help_lists_what_the_door_has),
        BENCH_TEST(help_explains_one_command_with_its_options),
        BENCH_TEST(names_options_and_arguments_are_completed),
        BENCH_TEST(positions_are_completed),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
