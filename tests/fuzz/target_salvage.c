/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Salvage, and what was never committed: any bytes as a damaged capture file. What salvage writes is
 * a whole capture file with as many records as it says; of a file that the check calls whole it
 * brings back everything. What `after` shows can be read to its end.
 */
#include "tests/fuzz/fuzz.h"

#include "capf.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/see.h"
#include "tests/support/mem_io.h"

#include <stdlib.h>
#include <string.h>

#define SOURCE "/f"
#define OUT "/o"
#define READ_MAX 64 /* records that are read behind the last commit */

/* One disk for all inputs: making one costs more than most of them. Memory is that of fuzz_io.h. */
static struct mem_disk *disk;
static struct capf_io table;
static struct capf_options options;

static bool is_whole(const char *path, uint64_t *records)
{
    struct capf_check_result result = {0};
    struct capf_error err;
    enum capf_status status = see(capf_check(path, NULL, &options, &result, &err), &err);
    *records = result.records;
    return status == CAPF_OK && result.damage == 0;
}

static void check_out(const struct capf_salvage_report *report)
{
    uint64_t records = 0;
    FUZZ_CHECK(is_whole(OUT, &records), "the new file is damaged");
    FUZZ_CHECK(records == report->written, "%llu records written, %llu there",
               (unsigned long long)report->written, (unsigned long long)records);
    FUZZ_CHECK(report->recovered + report->unsure_written == report->written,
               "%llu and %llu are not %llu", (unsigned long long)report->recovered,
               (unsigned long long)report->unsure_written, (unsigned long long)report->written);
}

static void salvage(bool unsure, bool whole, uint64_t records)
{
    struct capf_salvage_options how = {.unsure = unsure};
    struct capf_salvage_report report;
    struct capf_error err;
    size_t len;
    enum capf_status status = see(capf_salvage(SOURCE, OUT, &how, &options, &report, &err), &err);
    uint8_t *out = mem_disk_copy(disk, OUT, &len);
    FUZZ_CHECK((out != NULL) == (status == CAPF_OK), "%s, and a file", capf_status_name(status));
    FUZZ_CHECK(!whole || status == CAPF_OK || records == 0, "whole, but %s",
               capf_status_name(status));
    if (status == CAPF_OK)
        check_out(&report);
    if (status == CAPF_OK && whole && !unsure)
        FUZZ_CHECK(report.recovered == records, "whole, but %llu records of %llu came back",
                   (unsigned long long)report.recovered, (unsigned long long)records);
    capf_salvage_release(&report);
    free(out);
    if (status == CAPF_OK)
        mem_disk_io(disk)->unlink(mem_disk_io(disk)->ctx, OUT);
}

/* ---- Behind the last commit ---- */

static void read_behind(capf_cursor *cursor, const struct capf_after_info *info)
{
    struct capf_bytes bytes;
    struct capf_error err;
    char text[CAPF_ERROR_TEXT];
    capf_after_text(info, text, sizeof text);
    see_sentence(text);
    FUZZ_CHECK(info->first == info->committed + 1 && info->last >= info->committed, "%llu to %llu",
               (unsigned long long)info->first, (unsigned long long)info->last);
    FUZZ_CHECK(capf_cursor_count(cursor) == info->last, "another count");
    for (uint64_t recno = info->first; recno <= info->last && recno < info->first + READ_MAX;
         recno++) {
        enum capf_status status = see(capf_cursor_get(cursor, recno, &bytes, &err), &err);
        FUZZ_CHECK(status == CAPF_OK, "record %llu: %s", (unsigned long long)recno, err.text);
    }
}

static void look_behind(void)
{
    struct capf_after_info info;
    struct capf_error err;
    capf_cursor *cursor;
    capf_file *file;
    if (see(capf_open(SOURCE, CAPF_READ, &options, &file, &err), &err) != CAPF_OK)
        return;
    enum capf_status status = capf_cursor_open_after(file, &cursor, &info, &err);
    if (see(status, &err) == CAPF_OK) {
        read_behind(cursor, &info);
        capf_cursor_close(cursor);
    }
    capf_close(file);
}

void fuzz_salvage_run(const uint8_t *data, size_t size)
{
    uint64_t records = 0;
    if (disk == NULL)
        disk = mem_disk_new();
    table = *mem_disk_io(disk);
    table.realloc = fuzz_io_begin(NULL, 0, false)->realloc;
    options = (struct capf_options){.io = &table, .level = 1, .zlib_only = true};
    mem_disk_put(disk, SOURCE, data, size);
    bool whole = is_whole(SOURCE, &records);
    salvage(false, whole, records);
    if (size % 4 == 0)
        salvage(true, whole, records);
    look_behind();
    FUZZ_CHECK(mem_disk_open_count(disk) == 0, "a file is open");
    fuzz_io_end();
    FUZZ_CHECK(mem_disk_name_count(disk) == 1, "a file is left behind");
}
