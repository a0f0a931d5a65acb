/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a script, which may be gzipped, line by line, and takes the lines
 * apart. Nothing here knows what the operations do.
 */
#include "tests/support/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct ops_reader {
    gzFile file;
    char *line;
    size_t len, room;
    uint8_t *data;
    size_t data_room;
    unsigned long number;
};

struct ops_reader *ops_open(const char *path)
{
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        return NULL;
    struct ops_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        abort();
    gzbuffer(file, 1 << 16);
    reader->file = file;
    return reader;
}

void ops_close(struct ops_reader *reader)
{
    gzclose(reader->file);
    free(reader->line);
    free(reader->data);
    free(reader);
}

unsigned long ops_line(const struct ops_reader *reader)
{
    return reader->number;
}

static int refuse(char why[OPS_ERROR], const char *text)
{
    snprintf(why, OPS_ERROR, "%s", text);
    return -1;
}

static void *make_room(void *memory, size_t *room, size_t need)
{
    if (need <= *room)
        return memory;
    *room = need < 2 * *room ? 2 * *room : need;
    memory = realloc(memory, *room);
    if (memory == NULL)
        abort();
    return memory;
}

/* Reads a line of any length, without its end. 1, 0 at the end, -1 when the file is damaged. */
static int read_line(struct ops_reader *reader, char why[OPS_ERROR])
{
    reader->len = 0;
    for (;;) {
        reader->line = make_room(reader->line, &reader->room, reader->len + 4096);
        size_t free_room = reader->room - reader->len;
        int ask = free_room > 1 << 30 ? 1 << 30 : (int)free_room;
        if (gzgets(reader->file, reader->line + reader->len, ask) == NULL)
            break;
        reader->len += strlen(reader->line + reader->len);
        if (reader->len != 0 && reader->line[reader->len - 1] == '\n')
            break;
    }
    int fault;
    const char *text = gzerror(reader->file, &fault);
    if (fault != Z_OK && fault != Z_STREAM_END)
        return refuse(why, text);
    if (reader->len == 0)
        return 0;
    reader->number++;
    reader->line[strcspn(reader->line, "\r\n")] = '\0';
    return 1;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "xHEX" into op->data. */
static int parse_hex(struct ops_reader *reader, const char *text, struct op *op,
                     char why[OPS_ERROR])
{
    if (text[0] != 'x')
        return refuse(why, "bytes must be given as xHEX");
    size_t digits = strlen(++text);
    if (digits % 2 != 0)
        return refuse(why, "an odd number of hex digits");
    reader->data = make_room(reader->data, &reader->data_room, digits / 2 + 1);
    for (size_t i = 0; i < digits; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return refuse(why, "not a hex digit");
        reader->data[i / 2] = (uint8_t)(high * 16 + low);
    }
    op->has_data = true;
    op->data = reader->data;
    op->len = digits / 2;
    return 1;
}

static int parse_meta(struct ops_reader *reader, const char *text, struct op *op,
                      char why[OPS_ERROR])
{
    return strcmp(text, "none") == 0 ? 1 : parse_hex(reader, text, op, why);
}

/* "KEY=NUMBER " at *text, which moves behind it. */
static bool parse_number(const char **text, const char *key, uint32_t *value)
{
    size_t len = strlen(key);
    char *end;
    if (strncmp(*text, key, len) != 0 || (*text)[len] < '0' || (*text)[len] > '9')
        return false;
    unsigned long long number = strtoull(*text + len, &end, 10);
    if (number > UINT32_MAX || *end != ' ')
        return false;
    *value = (uint32_t)number;
    *text = end + 1;
    return true;
}

static int parse_new(struct ops_reader *reader, const char *text, struct op *op,
                     char why[OPS_ERROR])
{
    if (!parse_number(&text, "page=", &op->page_size) ||
        !parse_number(&text, "block=", &op->block_size) ||
        !parse_number(&text, "fan=", &op->fan_out) || strncmp(text, "meta=", 5) != 0)
        return refuse(why, "expected: new page=P block=B fan=F meta=none|xHEX");
    return parse_meta(reader, text + 5, op, why);
}

static int parse_line(struct ops_reader *reader, struct op *op, char why[OPS_ERROR])
{
    static const struct {
        const char *word;
        enum op_kind kind;
        int (*argument)(struct ops_reader *, const char *, struct op *, char *);
    } known[] = {
        {"new", OP_NEW, parse_new},    {"open", OP_OPEN, NULL},     {"add", OP_ADD, parse_hex},
        {"meta", OP_META, parse_meta}, {"commit", OP_COMMIT, NULL}, {"close", OP_CLOSE, NULL},
    };
    size_t word_len = strcspn(reader->line, " ");
    const char *rest = reader->line + word_len;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].word) != word_len || memcmp(known[i].word, reader->line, word_len) != 0)
            continue;
        *op = (struct op){.kind = known[i].kind};
        if (known[i].argument == NULL)
            return *rest == '\0' ? 1 : refuse(why, "more than was expected");
        return *rest == '\0' ? refuse(why, "less than was expected")
                             : known[i].argument(reader, rest + 1, op, why);
    }
    return refuse(why, "no such operation");
}

int ops_next(struct ops_reader *reader, struct op *op, char why[OPS_ERROR])
{
    int more;
    do {
        more = read_line(reader, why);
    } while (more > 0 && (reader->line[0] == '\0' || reader->line[0] == '#'));
    return more > 0 ? parse_line(reader, op, why) : more;
}
