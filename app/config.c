/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration file, read and put into words; see config.h. */
#include "app/config.h"

#include "app/command.h"
#include "app/memory.h"
#include "app/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 1;
    char *path = memory_resize(NULL, size);
    snprintf(path, size, "%s%s", folder, name);
    return path;
}

/* A folder that is not absolute is as if it were not set: the standard wants it so. */
char *config_default_path(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config != NULL && config[0] == '/')
        return join(config, "/capscope/config");
    if (home != NULL && home[0] == '/')
        return join(home, "/.config/capscope/config");
    return NULL;
}

/* ---- Reading ---- */

/* What is written there runs at every start: nobody else may have written it. */
static const char *reason_to_refuse(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "it is no regular file; it is left alone";
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return "it belongs to someone else; it is left alone";
    if (st->st_mode & S_IWOTH)
        return "everybody may write to it; it is left alone (chmod o-w)";
    return st->st_size > CONFIG_MAX ? "it is larger than 64 KiB; it is left alone" : NULL;
}

static char *read_all(int fd, size_t *len, const char **reason)
{
    char *text = memory_resize(NULL, CONFIG_MAX + 2);
    ssize_t got = 1;
    *len = 0;
    while (got > 0 && *len <= CONFIG_MAX) {
        got = read(fd, text + *len, CONFIG_MAX + 1 - *len);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            *len += (size_t)got;
    }
    text[*len] = '\0';
    if (got >= 0 && *len <= CONFIG_MAX)
        return text;
    *reason = got < 0 ? strerror(errno) : "it is larger than 64 KiB; it is left alone";
    free(text);
    return NULL;
}

char *config_read(const char *path, size_t *len, const char **reason)
{
    /* Without O_NONBLOCK a FIFO would be waited for. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    char *text = NULL;
    *reason = NULL;
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            *reason = strerror(errno);
        return NULL;
    }
    *reason = fstat(fd, &st) != 0 ? strerror(errno) : reason_to_refuse(&st);
    if (*reason == NULL)
        text = read_all(fd, len, reason);
    close(fd);
    return text;
}

/* ---- Running ---- */

static bool may_run(const char *line)
{
    size_t pos = 0;
    char *word = NULL;
    enum words_status status = words_next(line, &pos, &word);
    if (status == WORDS_END)
        return true;
    if (status == WORDS_BAD_ESCAPE)
        return false;
    const struct command *command = command_find(word);
    bool may = word[0] == '#' || (command != NULL && (command->flags & CMD_CONFIG));
    free(word);
    return may;
}

/* What is wrong with the line, or NULL: it was run. */
static const char *run_line(struct context *ctx, const char *line, size_t len)
{
    if (strlen(line) < len)
        return "there is a NUL byte in it";
    if (!may_run(line))
        return "only set, bind, unbind and comments may stand here";
    if (command_run_line(ctx, line) == COMMAND_DONE)
        return NULL;
    return ctx->failure;
}

static size_t line_length(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
}

static unsigned run_lines(struct context *ctx, const char *path, char *text, size_t text_len,
                          config_complain_fn *complain, void *complain_ctx)
{
    unsigned problems = 0, number = 1;
    for (char *at = text, *end = text + text_len; at < end; number++) {
        size_t len = line_length(at, end), size = strlen(path) + 16;
        char *line = at;
        at += len + 1;
        len -= len > 0 && line[len - 1] == '\r';
        line[len] = '\0';
        const char *wrong = run_line(ctx, line, len);
        if (wrong == NULL)
            continue;
        char *about = memory_resize(NULL, size);
        snprintf(about, size, "%s:%u", path, number);
        complain(complain_ctx, about, wrong);
        free(about);
        problems++;
    }
    return problems;
}

unsigned config_load(struct session *session, const char *path, config_complain_fn *complain,
                     void *complain_ctx)
{
    struct sink_text out;
    struct context ctx;
    const char *reason;
    size_t len;
    char *text = config_read(path, &len, &reason);
    if (text == NULL) {
        if (reason != NULL)
            complain(complain_ctx, path, reason);
        return reason != NULL;
    }
    sink_text_init(&out, 4096); /* what `set` alone would list is for nobody */
    context_init(&ctx, DOOR_BATCH, session, &out.sink);
    unsigned problems = run_lines(&ctx, path, text, len, complain, complain_ctx);
    context_release(&ctx);
    sink_text_release(&out);
    free(text);
    return problems;
}

/* ---- In words ---- */

const char config_mark[] = "# Written by capscope write-config";

/* One word of a line, in quotes where it needs them. */
static void put_word(struct sink *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
    if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
        sink_string(out, text);
        return;
    }
    sink_string(out, "\"");
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            sink_printf(out, "\\x%02x", (unsigned char)*text);
        else
            sink_printf(out, "%s%c", strchr("\"\\", *text) != NULL ? "\\" : "", *text);
    }
    sink_string(out, "\"");
}

static void put_change(struct sink *out, const struct key_binding *change)
{
    unsigned all = 0;
    const char *between = " -c ";
    sink_string(out, change->line != NULL ? "bind" : "unbind");
    for (const struct keymap_place *place = keymap_places; place->name != NULL; place++)
        all |= place->context;
    for (const struct keymap_place *place = keymap_places; place->name != NULL; place++) {
        if (change->contexts == all || !(change->contexts & place->context))
            continue;
        sink_printf(out, "%s%s", between, place->name);
        between = ",";
    }
    sink_string(out, " ");
    put_word(out, change->keys);
    sink_printf(out, "%s%s\n", change->line != NULL ? " " : "",
                change->line != NULL ? change->line : "");
}

void config_write(const struct session *session, struct sink *out)
{
    sink_printf(out, "%s, which keeps no comments.\n", config_mark);
    for (const struct setting *setting = settings_table; setting->name != NULL; setting++) {
        char value[SETTING_TEXT];
        if (!setting->kept || !settings_differs(setting, session))
            continue;
        setting->get(session, value);
        sink_printf(out, "set %s ", setting->name);
        put_word(out, value);
        sink_string(out, "\n");
    }
    for (size_t i = 0; i < session->keymap.change_count; i++)
        put_change(out, &session->keymap.changes[i]);
}
