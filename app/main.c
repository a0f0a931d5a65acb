/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Picks a front door: a word of the shell, commands and scripts given with -c
 * and -x, the console, or the browser. The only file of app that knows ui.
 */
#include "app/batch.h"
#include "app/handlers.h"
#include "app/help.h"
#include "app/memory.h"
#include "app/range.h"
#include "app/shell.h"
#include "ui/browse.h"
#include "ui/console.h"

#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* What the command line asked for. */
struct request {
    struct session session;
    struct batch_step *steps; /* of -c and -x */
    int step_count;
    bool keep_going;
    bool console; /* "capscope shell" */
    const char *path;
    const char *position; /* "+N", without the plus; NULL: none */
};

/* A file must never be opened as descriptor 0, 1 or 2, or what is meant for standard output would
 * be written into it. Those that are closed stay useless: reading and writing them fails. */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
            _exit(COMMAND_FAILED);
}

static bool names_utf8(const char *locale)
{
    return locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "utf8"));
}

/* Character set only: numbers are ours. A locale that is asked for and not installed is common on
 * fresh machines; where it says UTF-8 the terminal has it all the same. */
static void choose_locale(void)
{
    const char *all = getenv("LC_ALL"), *ctype = getenv("LC_CTYPE"), *lang = getenv("LANG");

    if (setlocale(LC_CTYPE, ""))
        return;
    if (names_utf8(all && *all ? all : ctype && *ctype ? ctype : lang))
        setlocale(LC_CTYPE, "C.UTF-8");
}

static int misuse(const char *about, const char *text)
{
    shell_complain(about, text);
    return COMMAND_FAILED;
}

static int print_and_end(void (*print)(struct sink *out))
{
    static struct sink_fd out;

    sink_fd_init(&out, STDOUT_FILENO);
    print(&out.sink);
    if (sink_fd_flush(&out) || out.sink.state == SINK_CLOSED)
        return COMMAND_DONE;
    return misuse("standard output", strerror(out.sink.sys_errno));
}

static void print_version(struct sink *out)
{
    sink_printf(out, "%s %s (libcapf %s)\n", PACKAGE_NAME, PACKAGE_VERSION, capf_version());
}

/* ---- The command line ---- */

enum { OPTION_NO_LOCK = 256, OPTION_FORCE, OPTION_WAIT, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
    {"command", required_argument, NULL, 'c'},      {"edit", no_argument, NULL, 'e'},
    {"script", required_argument, NULL, 'x'},       {"keep-going", no_argument, NULL, 'k'},
    {"no-lock", no_argument, NULL, OPTION_NO_LOCK}, {"force", no_argument, NULL, OPTION_FORCE},
    {"wait", required_argument, NULL, OPTION_WAIT}, {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION}, {0},
};

static bool read_option(struct request *request, int option)
{
    struct session *session = &request->session;

    switch (option) {
    case 'c':
    case 'x':
        request->steps[request->step_count++] = (struct batch_step){option == 'x', optarg};
        return true;
    case 'k':
        request->keep_going = true;
        return true;
    case 'e':
        session->edit = true;
        return true;
    case OPTION_NO_LOCK:
        session->locking = CAPF_LOCK_NONE;
        return true;
    case OPTION_FORCE:
        session->force = true;
        return true;
    case OPTION_WAIT:
        if (!locking_parse_wait(optarg, &session->wait_ms))
            misuse("--wait", "it takes seconds, as 5 or 0.5");
        return locking_parse_wait(optarg, &session->wait_ms);
    default:
        return false;
    }
}

/* getopt has moved on, and the letter or the word is what it stumbled over. */
static void complain_of_option(char **argv)
{
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_word = strncmp(argv[optind - 1], "--", 2) == 0;

    misuse(is_word ? argv[optind - 1] : letter,
           "there is no such option, or its value is missing; see capscope --help");
}

/* FILE and +N, in either order. */
static bool read_operands(struct request *request, int count, char **operands)
{
    for (int i = 0; i < count; i++) {
        if (operands[i][0] == '+' && !request->position) {
            request->position = operands[i] + 1;
        } else if (!request->path) {
            request->path = operands[i];
        } else {
            misuse(operands[i], "only one file at a time; see capscope --help");
            return false;
        }
    }
    if (!request->path)
        misuse(NULL, "which file? capscope FILE opens it, capscope --help tells more");
    return request->path != NULL;
}

/* ---- The browser ---- */

/* A word that is no file may be a command's name, mistyped. */
static int complain_of_file(const char *path, const struct capf_error *err)
{
    const char *near = err->status == CAPF_NO_FILE ? command_did_you_mean(path) : NULL;
    char text[160];

    if (!near) {
        shell_complain_core(path, err);
        return COMMAND_FAILED;
    }
    snprintf(text, sizeof(text), "there is no such file or command; did you mean \"%s\"?", near);
    return misuse(path, text);
}

static bool terminal_can_browse(void)
{
    const char *term = getenv("TERM");

    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && term && *term &&
           strcmp(term, "dumb") != 0;
}

/* Damage is worth a screen, on which something can be done about it; it is said once more where it
 * can still be read afterwards. */
static int browse_closed(struct request *request, const struct capf_error *err)
{
    bool damaged = err->status == CAPF_DAMAGED || err->status == CAPF_CUT;
    int status = COMMAND_DONE;

    if (damaged && terminal_can_browse())
        status = ui_browse(&request->session);
    if (status != COMMAND_DONE || request->session.file)
        return status;
    return complain_of_file(request->path, err);
}

/* +N: false where there is no such record, which is said. */
static bool go_to_position(struct request *request)
{
    struct session *session = &request->session;
    struct range_base base = session_base(session);
    char error[RANGE_ERROR];

    if (!request->position ||
        range_parse_position(request->position, &base, &session->recno, error))
        return true;
    misuse(request->path, error);
    return false;
}

static int browse(struct request *request)
{
    struct session *session = &request->session;
    struct capf_error err;

    shell_read_config(session);
    if (session_open(session, request->path, &err) != CAPF_OK)
        return browse_closed(request, &err);
    if (!go_to_position(request))
        return COMMAND_FAILED;
    if (!terminal_can_browse())
        return misuse(request->path, "browsing needs a terminal that can; elsewhere there are "
                                     "capscope shell FILE, -c COMMAND and -x SCRIPT, and capscope "
                                     "info, cat, append and meta (capscope --help)");
    return ui_browse(session);
}

/* ---- The console ---- */

/* Without a terminal to type at it reads lines. */
static int run_console(struct request *request)
{
    struct session *session = &request->session;
    bool person = isatty(STDIN_FILENO) == 1;
    struct capf_error err;

    if (person)
        shell_read_config(session);
    if (request->step_count > 0)
        return misuse("shell", "-c and -x run without a console: leave out the word shell");
    if (session_open(session, request->path, &err) != CAPF_OK) {
        shell_complain_core(request->path, &err);
        return COMMAND_FAILED;
    }
    if (!go_to_position(request))
        return COMMAND_FAILED;
    return person ? ui_console(session) : batch_run_console(session);
}

static int help_console(void)
{
    char help[] = "help", shell[] = "shell";
    char *words[] = {help, shell, NULL};

    return shell_run_word(2, words);
}

/* ---- */

static int run_request(struct request *request, int argc, char **argv)
{
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "c:ekx:", long_options, NULL)) != -1) {
        if (option == OPTION_HELP && request->console)
            return help_console();
        if (option == OPTION_HELP)
            return print_and_end(help_program);
        if (option == OPTION_VERSION)
            return print_and_end(print_version);
        if (option == '?')
            complain_of_option(argv);
        if (!read_option(request, option))
            return COMMAND_FAILED;
    }
    if (!read_operands(request, argc - optind, argv + optind))
        return COMMAND_FAILED;
    if (request->console)
        return run_console(request);
    if (request->step_count > 0)
        return batch_run(&request->session, request->path, request->steps, request->step_count,
                         request->keep_going);
    return browse(request);
}

static bool is_word(const char *arg)
{
    const struct command *command = command_find(arg);

    return command && (command->flags & CMD_SHELL);
}

int main(int argc, char **argv)
{
    struct request request = {0};
    int status;

    fill_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* what these would end the program for, a failed write says */
    signal(SIGXFSZ, SIG_IGN);
    choose_locale();
    request.console = argc > 1 && strcmp(argv[1], "shell") == 0;
    if (argc > 1 && !request.console && is_word(argv[1]))
        return shell_run_word(argc - 1, argv + 1);
    session_init(&request.session);
    request.steps = memory_zeroed((size_t)argc * sizeof(request.steps[0]));
    status = run_request(&request, argc - request.console, argv + request.console);
    session_release(&request.session);
    free(request.steps);
    return status;
}
