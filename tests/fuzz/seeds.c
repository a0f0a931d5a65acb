/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: seeds FOLDER
 *
 * Makes the inputs that the fuzzers begin with, the same ones every time, in a folder for each kind:
 * small capture files of many geometries and histories, from our own writer, each as it wrote it
 * and with its blocks stored, so that changed bytes are changed content; the smallest files of
 * tests/data ($TEST_DATA); texts with everything that a terminal must not have; lines for every
 * command. Some hundred files of a few hundred bytes each.
 */
#include "tests/support/test.h"

#include "app/command.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/shape.h"
#include "tests/support/fixture.h"
#include "tests/support/mem_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *folder;
static unsigned made;

static void put(const char *kind, const char *name, const void *data, size_t len)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, kind);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    made++;
}

/* ---- Capture files ---- */

/* A file up to its newest limit, a page more, and a script for targets that write. */
static void put_capture(const char *name, const uint8_t *data, size_t len)
{
    static uint8_t small[SHAPE_FILE];
    static const uint8_t script[] = {0x11, 3, 0x40, 0x21, 200, 0x31, 0x41, 0x12, 90, 0x40, 12};
    struct shape shape;
    char other[160];
    struct rng rng = {7};
    if (len > sizeof small - 2048)
        len = sizeof small - 2048;
    memcpy(small, data, len);
    if (shape_read(&shape, small, len, sizeof small)) {
        uint64_t end = shape.limit[shape.newest] + shape.page;
        if (end < len)
            len = (size_t)end;
    }
    memcpy(small + len, script, sizeof script);
    len += sizeof script;
    put("capture", name, small, len);
    if (!shape_read(&shape, small, len, sizeof small))
        return;
    len = shape_rebuild(&shape, 100, &rng, SIZE_MAX, NULL, NULL);
    snprintf(other, sizeof other, "%s-stored", name);
    if (len > 0)
        put("capture", other, small, len);
}

enum history { FEW, MANY, LONG, STREAMED, META, COMMITS, UNCOMMITTED, HISTORIES };
static const char *const history_names[] = {"few",  "many",    "long",       "streamed",
                                            "meta", "commits", "uncommitted"};

static void append(capf_file *file, size_t len, uint64_t seed)
{
    uint8_t data[4096];
    test_fill(data, len, seed, seed % 3 == 0 ? 100 : 20);
    /* The smallest pages have room to index a few records only. */
    either_way(capf_append(file, data, len, NULL, &test_err));
}

static void stream(capf_file *file, uint64_t len, uint64_t known)
{
    static uint8_t data[700]; /* as append(): the smallest pages refuse some */
    test_fill(data, sizeof data, len, 50);
    must(capf_append_begin(file, known, &test_err));
    for (uint64_t done = 0; done < len; done += sizeof data)
        must(capf_append_data(
            file, data, len - done < sizeof data ? (size_t)(len - done) : sizeof data, &test_err));
    either_way(capf_append_end(file, NULL, &test_err));
}

static void write_history(capf_file *file, enum history history, uint32_t block)
{
    unsigned records = history == MANY || history == UNCOMMITTED ? 40 : history == FEW ? 3 : 9;
    for (unsigned i = 0; i < records; i++) {
        append(file, history == LONG ? block / 2 + 37 * i : i % 5 == 4 ? 0 : i * 5 % 23, i);
        if (history == COMMITS || (history == UNCOMMITTED && i == 7))
            must(capf_commit(file, &test_err));
    }
    if (history == STREAMED) {
        stream(file, 3 * block, CAPF_UNKNOWN_LENGTH);
        stream(file, block + 5, block + 5);
    }
    if (history == META)
        must(capf_set_meta(file, "some \033[31mmetadata", 18, &test_err));
    if (history != UNCOMMITTED)
        must(capf_commit(file, &test_err));
    if (history == META) {
        must(capf_clear_meta(file, &test_err));
        must(capf_commit(file, &test_err));
    }
}

static void make_capture(uint32_t page, uint32_t block, uint32_t fan, enum history history)
{
    struct mem_disk *disk = mem_disk_new();
    struct capf_options options = {.io = mem_disk_io(disk), .zlib_only = history % 2 == 0};
    struct capf_creation creation = {.page_size = page, .block_size = block, .fan_out = fan};
    capf_file *file;
    char name[100];
    size_t len;
    snprintf(name, sizeof name, "%s-%u-%u-%u", history_names[history], page, block, fan);
    must(capf_create("/s", &creation, &options, &file, NULL, &test_err));
    write_history(file, history, block);
    capf_close(file);
    uint8_t *data = mem_disk_copy(disk, "/s", &len);
    put_capture(name, data, len);
    free(data);
    mem_disk_free(disk);
}

static void make_captures(void)
{
    static const uint32_t shapes[][3] = {{64, 64, 2},   {96, 96, 2},   {64, 128, 2}, {128, 128, 3},
                                         {128, 256, 4}, {256, 512, 4}, {512, 512, 8}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (int history = 0; history < HISTORIES; history++)
            make_capture(shapes[i][0], shapes[i][1], shapes[i][2], (enum history)history);
}

static void take_fixtures(void)
{
    size_t count, len;
    const struct fixture *fixtures = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++) {
        if (fixtures[i].page_size > 512 && fixtures[i].opens == CAPF_OK)
            continue;
        uint8_t *data = fixture_load(fixtures[i].name, &len);
        if (len <= SHAPE_FILE - 2048)
            put_capture(fixtures[i].name, data, len);
        free(data);
    }
}

/* ---- Texts and lines ---- */

static const char *const texts[] = {
    "\001plain text",
    "\002{\"a\":[1,2,{\"b\":\"c\"}]}",
    "\003\033[31mred\033[0m \033]0;title\007",
    "\004\xc2\x9b\063\061m\x9b\063\061m\xc2\x85",
    "\005\xe2\x80\xae\145vil\xe2\x80\xac\xe2\x80\x8b",
    "\006caf\xe9\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80",
    "\007tab\tcr\rbs\bnl\nend",
    "\010e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86",
    "\011\xe6\xbc\xa2\xe5\xad\x97\xf0\x9f\x99\x82",
    "\012\xf3\xa0\x81\x81\xee\x80\x80\xef\xbb\xbf\xef\xbf\xbe",
    "\213\xd0\x9f\xd1\x80\xd0\xb8",
};

static const char *const lines[] = {
    "\003\0011..5,7,$ 1_000 50% +3 -3 . ..",
    "\004\002'a b' \"c\\x41\\n\" d\\ e --json -f x -j5",
    "\005\003\033[A\033[5~\033OP\033[200~paste\033[201~\033\033[1;5C",
    "\006\004goto F1 C-d Space PgUp",
};

/* The line, or keys that type it, and three records to do it to. */
static void put_command(const char *name, const char *line)
{
    char input[400];
    int len = snprintf(input, sizeof input, "%c%c%s%c%cone%c\033[1m%cthree", 2 + 8,
                       (int)strlen(line), line, 0, 3, 4, 5);
    put("command", name, input, (size_t)len);
    len = snprintf(input, sizeof input, "%c%c%c%c:%.20s\r%c%cone%c\033[1m%cthree", 10, 50, 1,
                   2 + (int)strnlen(line, 20), line, 1, 3, 4, 5);
    put("screen", name, input, (size_t)len);
}

static void make_commands(void)
{
    char line[300];
    const struct command *row;
    for (size_t i = 0; (row = command_at(i)) != NULL; i++) {
        snprintf(line, sizeof line, "\001\001%s %s", row->name, row->usage);
        put("line", row->name, line, strlen(line));
        put_command(row->name, line + 2);
    }
}

int main(int argc, char **argv)
{
    char name[32];
    if (argc != 2) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    mkdir(folder, 0777);
    make_captures();
    take_fixtures();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        snprintf(name, sizeof name, "text-%zu", i);
        put("text", name, texts[i], strlen(texts[i]));
        put("render", name, texts[i], strlen(texts[i]));
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(name, sizeof name, "line-%zu", i);
        put("line", name, lines[i], strlen(lines[i]));
    }
    make_commands();
    printf("%u seeds\n", made);
    return 0;
}
