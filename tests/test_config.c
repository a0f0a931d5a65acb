/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration file: what it may hold, how a bad line is told, which files are left alone, and
 * that what write-config writes is read again as it was.
 */
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "tests/support/bench.h"
#include "tests/support/scratch.h"

static void complain(void *ctx, const char *about, const char *text)
{
    struct bench *bench = ctx;
    const char *slash = strrchr(about, '/');
    size_t len = strlen(bench->told);

    snprintf(bench->told + len, sizeof(bench->told) - len, "%s: %s\n", slash ? slash + 1 : about,
             text);
}

static const char *make(const char *name, const char *text)
{
    const char *path = scratch_path(name);

    scratch_write(path, text, strlen(text));
    assert_int_equal(chmod(path, 0600), 0);
    return path;
}

static unsigned load(struct bench *bench, const char *text)
{
    bench->told[0] = '\0';
    return config_load(&bench->session, make("config", text), complain, bench);
}

static void run(struct bench *bench, const char *line)
{
    sink_text_clear(&bench->out);
    if (command_run_line(&bench->ctx, line) != COMMAND_DONE)
        fail_msg("%s: %s", line, bench->ctx.failure);
}

static void run_fails(struct bench *bench, const char *line, const char *failure)
{
    assert_int_equal(command_run_line(&bench->ctx, line), COMMAND_FAILED);
    if (!strstr(bench->ctx.failure, failure))
        fail_msg("%s: %s", line, bench->ctx.failure);
}

/* ---- Reading ---- */

static void lines_of_the_prompts_language_are_run(void **state)
{
    struct bench *bench = *state;
    uint32_t key = 'z';

    assert_int_equal(load(bench, "# mine\n\n  set wrap off\r\n\tset wait 5\nbind z goto 50%\n"
                                 "unbind Q\nset pager 'less -R'"),
                     0);
    assert_string_equal(bench->told, "");
    assert_false(bench->session.settings.wrap);
    assert_int_equal(bench->session.wait_ms, 5000);
    assert_string_equal(bench->session.settings.pager, "less -R");
    assert_string_equal(keymap_find(&bench->session.keymap, KEYS_LIST, &key, 1, NULL)->line,
                        "goto 50%");
    key = 'Q';
    assert_null(keymap_find(&bench->session.keymap, KEYS_LIST, &key, 1, NULL));
}

static void a_bad_line_is_told_with_its_number_and_skipped(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(load(bench, "set wrpa on\n#\nquit\nbind z qiut\nset 'wrap\nset wait 7\n"
                                 "for *.x set wrap on\n\\q\n"),
                     6);
    assert_string_equal(bench->told,
                        "config:1: there is no option \"wrpa\"; did you mean \"wrap\"?\n"
                        "config:3: only set, bind, unbind and comments may stand here\n"
                        "config:4: there is no command \"qiut\"; did you mean \"quit\"?\n"
                        "config:5: ' at place 5 is never closed\n"
                        "config:7: only set, bind, unbind and comments may stand here\n"
                        "config:8: only set, bind, unbind and comments may stand here\n");
    assert_int_equal(bench->session.wait_ms, 7000);
}

static void no_file_is_fine(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(config_load(&bench->session, scratch_path("none"), complain, bench), 0);
    assert_int_equal(config_load(&bench->session, scratch_path("none/none"), complain, bench), 0);
    assert_string_equal(bench->told, "");
}

static void bytes_of_any_kind_are_only_bad_lines(void **state)
{
    static const char bytes[] = "set\0wrap off\n\377\376\n\033[2Jset\nset wait 3\n";
    struct bench *bench = *state;
    const char *path = scratch_path("config");

    scratch_write(path, bytes, sizeof(bytes) - 1);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(config_load(&bench->session, path, complain, bench), 3);
    assert_non_null(strstr(bench->told, "config:1: there is a NUL byte in it\n"));
    assert_int_equal(bench->session.wait_ms, 3000);
    assert_true(bench->session.settings.wrap);
}

static unsigned load_path(struct bench *bench, const char *path)
{
    bench->told[0] = '\0';
    return config_load(&bench->session, path, complain, bench);
}

static void files_that_are_none_or_not_ones_own_are_left_alone(void **state)
{
    struct bench *bench = *state;
    const char *path = make("open", "set wait 9\n");
    char *long_text = malloc(CONFIG_MAX + 2);

    assert_int_equal(chmod(path, 0646), 0);
    assert_int_equal(load_path(bench, path), 1);
    assert_string_equal(bench->told,
                        "open: everybody may write to it; it is left alone (chmod o-w)\n");
    assert_int_equal(mkdir(scratch_path("folder"), 0700), 0);
    assert_int_equal(load_path(bench, scratch_path("folder")), 1);
    assert_string_equal(bench->told, "folder: it is no regular file; it is left alone\n");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_int_equal(load_path(bench, scratch_path("fifo")), 1);
    memset(long_text, '#', CONFIG_MAX + 1);
    long_text[CONFIG_MAX + 1] = '\0';
    assert_int_equal(load(bench, long_text), 1);
    assert_string_equal(bench->told, "config: it is larger than 64 KiB; it is left alone\n");
    long_text[CONFIG_MAX] = '\0';
    assert_int_equal(load(bench, long_text), 0);
    free(long_text);
    if (geteuid() == 0) {
        path = make("theirs", "set wait 9\n");
        assert_int_equal(chown(path, 1, 1), 0);
        assert_int_equal(load_path(bench, path), 1);
        assert_string_equal(bench->told, "theirs: it belongs to someone else; it is left alone\n");
    }
    assert_int_equal(bench->session.wait_ms, 0);
}

static void the_default_place_is_where_the_environment_says(void **state)
{
    static const struct {
        const char *config, *home, *path;
    } cases[] = {
        {"/x", "/h", "/x/capscope/config"},
        {NULL, "/h", "/h/.config/capscope/config"},
        {"", "/h", "/h/.config/capscope/config"},
        {"x", "/h", "/h/.config/capscope/config"},
        {NULL, NULL, NULL},
        {"x", "h", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].config)
            setenv("XDG_CONFIG_HOME", cases[i].config, 1);
        else
            unsetenv("XDG_CONFIG_HOME");
        if (cases[i].home)
            setenv("HOME", cases[i].home, 1);
        else
            unsetenv("HOME");
        char *path = config_default_path();

        assert_int_equal(path == NULL, cases[i].path == NULL);
        if (path)
            assert_string_equal(path, cases[i].path);
        free(path);
    }
}

/* ---- Writing ---- */

static void only_what_differs_is_written(void **state)
{
    struct bench *bench = *state;

    run(bench, "write-config -");
    assert_string_equal(bench->out.text,
                        "# Written by capscope write-config, which keeps no comments.\n");
    run(bench, "set keys less");
    run(bench, "set pager \"less -R '\\\"\"");
    run(bench, "set edit on");
    run(bench, "bind -c list,record \"g g\" goto 5");
    run(bench, "bind z metadata --set a  'b\"c\\");
    run(bench, "unbind -c page q");
    run(bench, "write-config -");
    assert_string_equal(bench->out.text,
                        "# Written by capscope write-config, which keeps no comments.\n"
                        "set keys less\n"
                        "set pager \"less -R '\\\"\"\n"
                        "bind -c list,record \"g g\" goto 5\n"
                        "bind z metadata --set a  'b\"c\\\n"
                        "unbind -c page q\n");
}

static void assert_same_rows(const struct keymap *a, const struct keymap *b)
{
    const struct key_binding *left = keymap_rows(a), *right = keymap_rows(b);

    for (; left->keys; left++, right++) {
        assert_non_null(right->keys);
        assert_string_equal(left->keys, right->keys);
        assert_string_equal(left->line, right->line);
        assert_int_equal(left->contexts, right->contexts);
        assert_int_equal(left->flags, right->flags);
    }
    assert_null(right->keys);
}

static void what_was_written_is_read_as_it_was(void **state)
{
    static const char *const keys[] = {"a",      "g g",          "\"'\"",    "\"' x\"", "C-x",
                                       "F5",     "\\\\",         "\"\\\"\"", "#",       "Space",
                                       "U+00E9", "\"m Letter\"", "q"};
    static const char *const places[] = {"", "-c list ", "-c record,page ", "-c closed,list "};
    static const char *const lines[] = {"quit", "goto 50%", "metadata --set # ' \" \\ ", "last"};
    struct bench *bench = *state;
    char line[200];
    unsigned seed = 1;

    for (int round = 0; round < 60; round++) {
        struct session again;

        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245 + 12345;
            const char *key = keys[(seed >> 16) % (sizeof(keys) / sizeof(keys[0]))];

            snprintf(line, sizeof(line), "%s %s%s%s%s", seed >> 28 & 3 ? "bind" : "unbind",
                     places[seed >> 12 & 3], key, seed >> 28 & 3 ? " " : "",
                     seed >> 28 & 3 ? lines[seed >> 24 & 3] : "");
            (void)!command_run_line(&bench->ctx, line); /* some keys are not bound then */
        }
        sink_text_clear(&bench->out);
        config_write(&bench->session, &bench->out.sink);
        session_init(&again);
        bench->told[0] = '\0';
        config_load(&again, make("again", bench->out.text), complain, bench);
        assert_string_equal(bench->told, "");
        keymap_set_preset(&again.keymap, KEYMAP_DEFAULT);
        keymap_set_preset(&bench->session.keymap, KEYMAP_DEFAULT);
        assert_same_rows(&bench->session.keymap, &again.keymap);
        session_release(&again);
    }
}

static void assert_file(const char *path, const char *text)
{
    size_t len;
    char *got = (char *)scratch_read(path, &len);

    assert_non_null(got);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, len);
    free(got);
}

static void set_path(struct bench *bench, const char *name)
{
    free(bench->session.config_path);
    bench->session.config_path = strdup(scratch_path(name));
}

static void the_file_is_made_with_its_folders_and_replaced_with_a_copy_kept(void **state)
{
    static const char first[] = "# Written by capscope write-config, which keeps no comments.\n"
                                "set wrap off\n";
    struct bench *bench = *state;
    struct stat st;

    run_fails(bench, "write-config", "no configuration file was read here: name one");
    set_path(bench, "home/deep/capscope/config");
    run(bench, "set wrap off");
    run(bench, "write-config");
    assert_non_null(strstr(bench->out.text, "written: "));
    assert_file(bench->session.config_path, first);
    assert_int_equal(stat(bench->session.config_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    run(bench, "set wrap on");
    run(bench, "write-config");
    assert_file(scratch_path("home/deep/capscope/config~"), first);
}

static void a_persons_own_file_is_kept_unless_it_is_forced(void **state)
{
    struct bench *bench = *state;
    char line[SCRATCH_PATH + 40];
    const char *path = make("mine", "# my comments\nset wrap off\n");

    snprintf(line, sizeof(line), "write-config '%s'", path);
    run_fails(bench, line, "it was not written by write-config and may have comments");
    assert_file(path, "# my comments\nset wrap off\n");
    snprintf(line, sizeof(line), "write-config --force '%s'", path);
    run(bench, line);
    assert_file(scratch_path("mine~"), "# my comments\nset wrap off\n");
    assert_file(path, "# Written by capscope write-config, which keeps no comments.\n");
}

static void a_link_leads_to_the_file_that_is_written(void **state)
{
    struct bench *bench = *state;
    struct stat st;

    make("target", "");
    assert_int_equal(symlink("target", scratch_path("link")), 0);
    set_path(bench, "link");
    run(bench, "set wrap off");
    run(bench, "write-config");
    assert_int_equal(lstat(scratch_path("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(scratch_path("target"), &st), 0);
    assert_true(st.st_size > 0);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    struct bench *bench = *state;

    make("file", "");
    set_path(bench, "file/config");
    run_fails(bench, "write-config", "Not a directory; nothing was written");
    assert_int_equal(mkdir(scratch_path("dir"), 0700), 0);
    set_path(bench, "dir");
    run_fails(bench, "write-config",
              "it is no regular file; it is left alone; nothing was written");
}

static int end(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(lines_of_the_prompts_language_are_run),
        BENCH_TEST(a_bad_line_is_told_with_its_number_and_skipped),
        BENCH_TEST(no_file_is_fine),
        BENCH_TEST(bytes_of_any_kind_are_only_bad_lines),
        BENCH_TEST(files_that_are_none_or_not_ones_own_are_left_alone),
        BENCH_TEST(only_what_differs_is_written),
        BENCH_TEST(what_was_written_is_read_as_it_was),
        BENCH_TEST(the_file_is_made_with_its_folders_and_replaced_with_a_copy_kept),
        BENCH_TEST(a_persons_own_file_is_kept_unless_it_is_forced),
        BENCH_TEST(a_link_leads_to_the_file_that_is_written),
        BENCH_TEST(a_place_that_cannot_be_written_is_told),
        cmocka_unit_test(the_default_place_is_where_the_environment_says),
    };

    return cmocka_run_group_tests(tests, NULL, end) != 0;
}
