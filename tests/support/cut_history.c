/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Versions of a file: making them, and comparing a file with them.
 */
#include "tests/support/test.h"

#include "tests/support/cut.h"
#include "tests/support/model.h"

#include <string.h>
#include <zlib.h>

const char cut_differs[] = "its content is that of no commit that may be seen";

unsigned cut_history_add(struct cut_history *history, struct arena *arena,
                         const struct cut_version *version)
{
    if (history->count == history->room) {
        unsigned room = 2 * history->room + 16;
        struct cut_version *list = arena_take(arena, room * sizeof *list);
        if (history->count != 0)
            memcpy(list, history->list, history->count * sizeof *list);
        history->list = list;
        history->room = room;
    }
    history->list[history->count] = *version;
    return history->count++;
}

void cut_history_promise(struct cut_history *history, unsigned version)
{
    history->promised = version;
    history->epoch++;
}

void cut_history_kill(struct cut_history *history, unsigned version)
{
    history->list[version].dead = true;
    history->epoch++;
}

static uint32_t crc_add(uint32_t crc, struct cut_value record)
{
    const uint8_t prefix[4] = {(uint8_t)(record.len >> 24), (uint8_t)(record.len >> 16),
                               (uint8_t)(record.len >> 8), (uint8_t)record.len};
    crc = (uint32_t)crc32_z(crc, prefix, sizeof prefix);
    return (uint32_t)crc32_z(crc, record.data, record.len);
}

struct cut_version cut_version_add(struct arena *arena, const struct cut_version *from,
                                   struct cut_value record)
{
    struct cut_version version = *from;
    size_t size = from->count * sizeof *from->records;
    version.records = arena_take(arena, size + sizeof record);
    if (size != 0)
        memcpy(version.records, from->records, size);
    version.records[version.count++] = record;
    version.crc = crc_add(from->crc, record);
    return version;
}

bool cut_version_has_room(const struct cut_version *version, uint32_t page_size, uint32_t fan_out)
{
    const struct model model = {
        .page_size = page_size, .fan_out = fan_out, .now.count = version->count};
    return model_has_room(&model);
}

struct cut_value cut_value_new(struct arena *arena, uint32_t len, uint64_t seed, unsigned noise)
{
    uint8_t *data = arena_take(arena, len + 1u);
    test_fill(data, len, seed, noise);
    return (struct cut_value){data, len};
}

static bool same(struct cut_value value, struct capf_bytes bytes)
{
    if (value.data == NULL || bytes.data == NULL)
        return value.data == NULL && bytes.data == NULL;
    return value.len == bytes.len && memcmp(value.data, bytes.data, value.len) == 0;
}

static const char *compare_records(const struct cut_version *version, capf_file *file)
{
    capf_cursor *cursor;
    struct capf_bytes record;
    const char *why = NULL;
    if (capf_cursor_open(file, &cursor, &test_err) != CAPF_OK)
        return "no cursor can be opened on it";
    for (uint32_t i = 0; i < version->count && why == NULL; i++) {
        if (capf_cursor_next(cursor, NULL, &record, &test_err) != CAPF_OK)
            why = "a record cannot be read";
        else if (!same(version->records[i], record))
            why = cut_differs;
    }
    capf_cursor_close(cursor);
    return why;
}

const char *cut_version_compare(const struct cut_version *version, capf_file *file)
{
    struct capf_bytes meta;
    if (!version->exists || capf_file_count(file) != version->count)
        return cut_differs;
    if (capf_get_meta(file, &meta, &test_err) != CAPF_OK)
        return "the metadata cannot be read";
    return same(version->meta, meta) ? compare_records(version, file) : cut_differs;
}

int cut_history_find(const struct cut_history *history, capf_file *file, const char **why)
{
    *why = cut_differs;
    for (unsigned i = history->count; i > history->promised && *why == cut_differs; i--) {
        const struct cut_version *version = &history->list[i - 1];
        if (version->dead)
            continue;
        *why = cut_version_compare(version, file);
        if (*why == NULL)
            return (int)i - 1;
    }
    return -1;
}
