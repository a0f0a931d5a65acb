/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verify: any bytes as a capture file. The check comes to an end, says what it says in words that
 * a terminal may have, and agrees with reading: what it calls whole can be read, and it can be
 * carried out exactly when the file can be opened.
 */
#include "tests/fuzz/fuzz.h"

#include "capf.h"
#include "tests/fuzz/fuzz_io.h"
#include "tests/fuzz/see.h"

#define NEAR 8 /* records from either end that are read */

struct tally {
    uint64_t damage, notes;
};

static void found(void *ctx, const struct capf_finding *finding)
{
    struct tally *tally = ctx;
    see_sentence(finding->text);
    FUZZ_CHECK(finding->text[0] != '\0', "a finding without words");
    see_sentence(capf_finding_kind_name(finding->kind));
    FUZZ_CHECK(finding->first <= finding->last, "records %llu to %llu",
               (unsigned long long)finding->first, (unsigned long long)finding->last);
    if (finding->note)
        tally->notes++;
    else
        tally->damage++;
}

static enum capf_status check(const struct capf_options *options, bool quick,
                              struct capf_check_result *result)
{
    struct tally tally = {0};
    struct capf_check how = {.quick = quick, .found = found, .ctx = &tally};
    struct capf_error err;
    enum capf_status status = see(capf_check(FUZZ_PATH, &how, options, result, &err), &err);
    FUZZ_CHECK(tally.damage == result->damage && tally.notes == result->notes,
               "%llu findings reported, %llu counted", (unsigned long long)tally.damage,
               (unsigned long long)result->damage);
    FUZZ_CHECK(result->sound <= result->records, "%llu records sound of %llu",
               (unsigned long long)result->sound, (unsigned long long)result->records);
    return status;
}

static bool is_readable(capf_file *file, uint64_t recno)
{
    struct capf_bytes bytes;
    struct capf_error err;
    return see(capf_get(file, recno, &bytes, &err), &err) == CAPF_OK;
}

static bool are_readable(capf_file *file)
{
    struct capf_bytes meta;
    struct capf_error err;
    uint64_t count = capf_file_count(file);
    for (uint64_t i = 0; i < NEAR && i < count; i++)
        if (!is_readable(file, i + 1) || !is_readable(file, count - i))
            return false;
    return see(capf_get_meta(file, &meta, &err), &err) == CAPF_OK;
}

void fuzz_check_run(const uint8_t *data, size_t size)
{
    struct capf_options options = {.io = fuzz_io_begin(data, size, false)};
    struct capf_check_result whole = {0}, quick = {0};
    struct capf_error err;
    capf_file *file;
    enum capf_status status = check(&options, false, &whole);
    enum capf_status quickly = check(&options, true, &quick);
    enum capf_status opened = see(capf_open(FUZZ_PATH, CAPF_READ, &options, &file, &err), &err);
    FUZZ_CHECK((status == CAPF_OK) == (opened == CAPF_OK), "%s, but opened: %s",
               capf_status_name(status), capf_status_name(opened));
    FUZZ_CHECK(quickly == status, "%s, but quickly %s", capf_status_name(status),
               capf_status_name(quickly));
    FUZZ_CHECK(whole.damage > 0 || quick.damage == 0, "whole, but quickly damaged");
    if (opened == CAPF_OK) {
        FUZZ_CHECK(whole.damage > 0 || are_readable(file), "whole, but cannot be read");
        FUZZ_CHECK(whole.damage > 0 || whole.sound == capf_file_count(file), "not all are sound");
        capf_close(file);
    }
    fuzz_io_end();
}
