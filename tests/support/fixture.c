/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loads fixtures and reads their two tables once for each test program.
 */
#include "tests/support/test.h"

#include "tests/support/fixture.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SAMPLES_MAX 1024
#define LINE_LEN 1024
#define FIELDS_MAX 12

const char *fixture_data_path(const char *file_name)
{
    static char paths[4][SCRATCH_PATH];
    static unsigned turn;
    const char *folder = getenv("TEST_DATA");
    char *path = paths[turn++ % 4];
    snprintf(path, SCRATCH_PATH, "%s/%s", folder == NULL ? "tests/data" : folder, file_name);
    return path;
}

/* Cuts a line at its tabs. */
static unsigned split(char *line, char *fields[FIELDS_MAX])
{
    unsigned count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *rest = line; rest != NULL && count < FIELDS_MAX;)
        fields[count++] = strsep(&rest, "\t");
    return count;
}

static enum capf_status status_of(const char *word)
{
    static const struct {
        const char *word;
        enum capf_status status;
    } known[] = {
        {"ok", CAPF_OK},
        {"corrupt", CAPF_DAMAGED},
        {"not-a-capture-file", CAPF_NOT_CAPTURE},
        {"unsupported-version", CAPF_VERSION},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(word, known[i].word) == 0)
            return known[i].status;
    fail_msg("manifest.tsv: unknown kind of error %s", word);
    return CAPF_OK;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

static void parse_fixture(char *fields[], struct fixture *row)
{
    *row = (struct fixture){.opens = status_of(fields[1])};
    snprintf(row->name, sizeof row->name, "%s", fields[0]);
    if (row->opens != CAPF_OK)
        return;
    row->records = strtoull(fields[2], NULL, 10);
    row->crc = (uint32_t)strtoul(fields[3], NULL, 16);
    row->has_meta = strcmp(fields[4], "none") != 0;
    if (row->has_meta) {
        char *colon;
        row->meta_len = strtoull(fields[4], &colon, 10);
        row->meta_crc = (uint32_t)strtoul(colon + 1, NULL, 16);
    }
    row->page_size = number(fields[5]);
    row->block_size = number(fields[6]);
    row->fan_out = number(fields[7]);
    row->serial = number(fields[8]);
    row->levels = number(fields[9]);
}

static void parse_sample(char *fields[], struct fixture_sample *row)
{
    *row = (struct fixture_sample){.recno = strtoull(fields[1], NULL, 10)};
    snprintf(row->name, sizeof row->name, "%s", fields[0]);
    row->len = strtoull(fields[2], NULL, 10);
    row->crc = (uint32_t)strtoul(fields[3], NULL, 16);
    for (const char *hex = fields[4]; hex[0] != '\0' && row->head_len < sizeof row->head;
         hex += 2) {
        char pair[3] = {hex[0], hex[1], '\0'};
        row->head[row->head_len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

static FILE *open_table(const char *name)
{
    char line[LINE_LEN];
    FILE *table = fopen(fixture_data_path(name), "r");
    if (table == NULL || fgets(line, sizeof line, table) == NULL)
        fail_msg("%s cannot be read", fixture_data_path(name));
    return table;
}

const struct fixture *fixture_manifest(size_t *count)
{
    static struct fixture rows[FIXTURES_MAX];
    static size_t read;
    if (read == 0) {
        char line[LINE_LEN], *fields[FIELDS_MAX];
        FILE *table = open_table("manifest.tsv");
        while (read < FIXTURES_MAX && fgets(line, sizeof line, table) != NULL)
            if (split(line, fields) >= 10)
                parse_fixture(fields, &rows[read++]);
        fclose(table);
    }
    *count = read;
    return rows;
}

const struct fixture_sample *fixture_samples(size_t *count)
{
    static struct fixture_sample rows[SAMPLES_MAX];
    static size_t read;
    if (read == 0) {
        char line[LINE_LEN], *fields[FIELDS_MAX];
        FILE *table = open_table("samples.tsv");
        while (read < SAMPLES_MAX && fgets(line, sizeof line, table) != NULL)
            if (split(line, fields) >= 5)
                parse_sample(fields, &rows[read++]);
        fclose(table);
    }
    *count = read;
    return rows;
}

const struct fixture *fixture_find(const char *name)
{
    size_t count;
    const struct fixture *rows = fixture_manifest(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    fail_msg("no fixture %s", name);
    return NULL;
}

uint8_t *fixture_inflate(const char *path, size_t *len)
{
    size_t room = 1 << 20;
    uint8_t *data = test_bytes(room);
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    *len = 0;
    for (int got; (got = gzread(file, data + *len, (unsigned)(room - *len))) != 0;) {
        if (got < 0)
            fail_msg("%s is damaged", path);
        *len += (size_t)got;
        if (*len == room && (data = realloc(data, room *= 2)) == NULL)
            abort();
    }
    gzclose(file);
    return data;
}

uint8_t *fixture_load(const char *name, size_t *len)
{
    char file_name[64];
    snprintf(file_name, sizeof file_name, "%s.capture.gz", name);
    return fixture_inflate(fixture_data_path(file_name), len);
}

void fixture_to_disk(const char *name, struct mem_disk *disk, const char *path)
{
    size_t len;
    uint8_t *data = fixture_load(name, &len);
    mem_disk_put(disk, path, data, len);
    free(data);
}

void fixture_to_file(const char *name, const char *path)
{
    size_t len;
    uint8_t *data = fixture_load(name, &len);
    scratch_write(path, data, len);
    free(data);
}

uint32_t fixture_crc_add(uint32_t crc, const void *data, size_t len)
{
    uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                       (uint8_t)len};
    uLong sum = crc32(crc, head, sizeof head);
    return (uint32_t)crc32_z(sum, data, len);
}
