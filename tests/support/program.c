/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running the program: its output goes into files without a name, so that it
 * never waits for us; only its input is a pipe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/memory.h"
#include "app/words.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"

#define WORDS_MAX 64

struct program program;

/* The ends of what the child reads and writes. */
struct ends {
    FILE *out, *err;
    int input[2];
    int terminal; /* the side that shows; -1: none */
    int child_out;
};

static void split_line(const char *line, char *argv[WORDS_MAX])
{
    size_t pos = 0;
    int argc = 1;

    argv[0] = getenv("CAPSCOPE");
    assert_non_null(argv[0]);
    while (argc < WORDS_MAX - 1 && words_next(line, &pos, &argv[argc]) == WORDS_ONE)
        argc++;
    argv[argc] = NULL;
}

static int open_stdout(struct ends *ends, enum program_stdout where)
{
    int pipe_ends[2];

    switch (where) {
    case PROGRAM_TERMINAL:
        ends->terminal = posix_openpt(O_RDWR | O_NOCTTY);
        assert_true(ends->terminal >= 0);
        assert_int_equal(grantpt(ends->terminal), 0);
        assert_int_equal(unlockpt(ends->terminal), 0);
        return open(ptsname(ends->terminal), O_RDWR | O_NOCTTY);
    case PROGRAM_FULL:
        return open("/dev/full", O_WRONLY);
    case PROGRAM_NO_READER:
        assert_int_equal(pipe(pipe_ends), 0);
        close(pipe_ends[0]);
        return pipe_ends[1];
    default:
        return dup(fileno(ends->out));
    }
}

static void ends_open(struct ends *ends, enum program_stdout where)
{
    ends->terminal = -1;
    ends->out = tmpfile();
    ends->err = tmpfile();
    assert_non_null(ends->out);
    assert_non_null(ends->err);
    assert_int_equal(pipe(ends->input), 0);
    ends->child_out = open_stdout(ends, where);
    assert_true(ends->child_out >= 0);
}

static void set_or_unset(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static _Noreturn void become_program(struct ends *ends, char **argv)
{
    char folder[SCRATCH_PATH];

    snprintf(folder, sizeof(folder), "%s", scratch_path("."));
    dup2(ends->input[0], STDIN_FILENO);
    dup2(ends->child_out, STDOUT_FILENO);
    dup2(fileno(ends->err), STDERR_FILENO);
    for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
        close(fd);
    if (program.where == PROGRAM_CLOSED)
        close(STDOUT_FILENO);
    set_or_unset("TERM", program.term);
    set_or_unset("LC_ALL", program.locale ? program.locale : "C.UTF-8");
    if (chdir(folder) == 0)
        execv(argv[0], argv);
    _exit(126);
}

static void feed(int fd)
{
    size_t done = 0;

    while (done < program.input_len) {
        ssize_t n = write(fd, program.input + done, program.input_len - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
}

static char *read_all(FILE *file, size_t *len)
{
    char *bytes = NULL;
    size_t room = 0, n;

    *len = 0;
    rewind(file);
    do {
        bytes = memory_grow(bytes, &room, *len + 65536, 1);
        n = fread(bytes + *len, 1, 65535, file);
        *len += n;
    } while (n > 0);
    bytes[*len] = '\0';
    fclose(file);
    return bytes;
}

/* Everything the terminal was sent; its line ends are made plain again. */
static void read_terminal(int terminal, FILE *out)
{
    char bytes[4096];
    ssize_t n;

    while ((n = read(terminal, bytes, sizeof(bytes))) > 0)
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i] != '\r')
                fputc(bytes[i], out);
    close(terminal);
}

static int wait_for(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void program_forget(void)
{
    free(program.out);
    free(program.err);
    program.out = program.err = NULL;
}

void program_run(const char *line)
{
    char *argv[WORDS_MAX];
    struct ends ends;
    pid_t pid;

    program_forget();
    split_line(line, argv);
    scratch_path("."); /* the folder is made here, and so removed here */
    ends_open(&ends, program.where);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become_program(&ends, argv);
    close(ends.input[0]);
    close(ends.child_out);
    feed(ends.input[1]);
    if (ends.terminal >= 0)
        read_terminal(ends.terminal, ends.out);
    program.status = wait_for(pid);
    program.out = read_all(ends.out, &program.out_len);
    program.err = read_all(ends.err, &program.err_len);
    for (int i = 1; argv[i]; i++)
        free(argv[i]);
}

int program_begin(void **state)
{
    (void)state;
    program = (struct program){0};
    return 0;
}

int program_end(void **state)
{
    (void)state;
    program_forget();
    scratch_remove();
    return 0;
}

void program_input(const char *input, size_t len)
{
    program.input = input;
    program.input_len = len;
}

void program_ends(const char *line, int status)
{
    program_run(line);
    if (program.status != status)
        fail_msg("capscope %s ended with %d, not %d\n%s%s", line, program.status, status,
                 program.out, program.err);
}

void program_gives(const char *line, const char *out)
{
    program_ends(line, 0);
    assert_string_equal(program.out, out);
    assert_string_equal(program.err, "");
}

void program_fails(const char *line, const char *err)
{
    program_ends(line, 2);
    assert_string_equal(program.out, "");
    assert_string_equal(program.err, err);
}

void program_finds_nothing(const char *line)
{
    program_ends(line, 1);
    assert_string_equal(program.out, "");
    assert_string_equal(program.err, "");
}

void program_make_file(void)
{
    PROGRAM_INPUT("a\nb\n\nd e\n");
    program_gives("append x.capture --create", "appended 4 records: 1..4\n");
    program_input(NULL, 0);
}

void program_make_text(const char *name, const char *text)
{
    scratch_write(scratch_path(name), text, strlen(text));
}
