/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of the sample: JSON log lines, most of them, binary frames of a
 * fixed layout, text in several scripts, a few that a terminal should not see
 * raw, and one large table of measurements. See demo.h.
 */
#include "app/demo.h"

#include "app/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SEED 0x5eed5eed00000000u

const char demo_metadata[] = "{\"what\":\"the sample of capscope demo\",\"host\":\"alpha\","
                             "\"started\":\"2026-03-02T00:00:00Z\"}";

/* One record in the making. */
struct maker {
    uint64_t random;
    uint8_t **buf;
    size_t *room;
    size_t len;
};

/* splitmix64 */
static uint64_t next_random(struct maker *maker)
{
    uint64_t z = maker->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t pick(struct maker *maker, uint32_t below)
{
    return (uint32_t)(next_random(maker) % below);
}

static void put_bytes(struct maker *maker, const void *bytes, size_t len)
{
    *maker->buf = memory_grow(*maker->buf, maker->room, maker->len + len, 1);
    memcpy(*maker->buf + maker->len, bytes, len);
    maker->len += len;
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
put_text(struct maker *maker, const char *format, ...)
{
    char text[512];
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    put_bytes(maker, text, len < 0 ? 0 : (size_t)len);
}

static void put_u32(struct maker *maker, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                        (uint8_t)value};

    put_bytes(maker, bytes, sizeof(bytes));
}

/* Records come 700 ms apart, give or take. */
static uint64_t time_of(struct maker *maker, uint32_t recno)
{
    return (uint64_t)recno * 700 + pick(maker, 600);
}

static void put_time(struct maker *maker, uint64_t ms)
{
    put_text(maker, "2026-03-02T%02u:%02u:%02u.%03uZ", (unsigned)(ms / 3600000 % 24),
             (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

/* ---- The kinds ---- */

static void make_log_line(struct maker *maker, uint32_t recno)
{
    static const char *const levels[] = {"INFO",  "INFO",  "INFO", "INFO", "INFO",
                                         "DEBUG", "DEBUG", "WARN", "INFO", "ERROR"};
    static const char *const services[] = {"billing", "auth", "search", "mail", "edge"};
    static const char *const messages[] = {
        "request served", "cache miss", "retrying upstream", "session opened",
        "session closed", "slow query", "token refreshed",   "queue drained",
    };

    put_text(maker, "{\"ts\":\"");
    put_time(maker, time_of(maker, recno));
    put_text(maker, "\",\"level\":\"%s\"", levels[pick(maker, 10)]);
    put_text(maker, ",\"service\":\"%s\"", services[pick(maker, 5)]);
    put_text(maker, ",\"msg\":\"%s\"", messages[pick(maker, 8)]);
    put_text(maker, ",\"ms\":%u", 1 + pick(maker, 40) * pick(maker, 40));
    if (pick(maker, 3) == 0)
        put_text(maker, ",\"user\":{\"id\":\"u%05u\"}", pick(maker, 100000));
    put_text(maker, ",\"seq\":%" PRIu32 "}", recno);
}

/* Magic, sequence number, time in ms, channel, flags, length, then that many samples. */
static void make_frame(struct maker *maker, uint32_t recno)
{
    uint8_t channel = (uint8_t)pick(maker, 8), flags = (uint8_t)pick(maker, 256);
    uint32_t samples = 8 + pick(maker, 57);

    put_bytes(maker, "\xca\xfe\x00\x02", 4);
    put_u32(maker, recno);
    put_u32(maker, (uint32_t)time_of(maker, recno));
    put_bytes(maker, &channel, 1);
    put_bytes(maker, &flags, 1);
    put_u32(maker, samples);
    for (uint32_t i = 0; i < samples; i++) {
        uint32_t wave = (i * 37 + recno) % 256;

        put_u32(maker, wave < 128 ? wave * 512 : (255 - wave) * 512);
    }
}

static void make_greeting(struct maker *maker, uint32_t recno)
{
    static const char *const greetings[] = {
        "Guten Morgen, schöne Grüße aus Köln",
        "Добрый вечер, записано в журнал",
        "おはようございます、記録しました",
        "안녕하세요, 기록되었습니다",
        "你好，世界：第一条记录",
        "Καλημέρα κόσμε",
        "नमस्ते दुनिया",
        "Ça va très bien, merci",
        "plain ASCII, nothing special",
        "🙂 emoji and ½ fractions ≥ 0",
    };

    put_text(maker, "%s (#%" PRIu32 ")", greetings[pick(maker, 10)], recno);
}

/* What a careless program writes into its log: colours, a title, bad UTF-8, a bidi override. */
static void make_unruly(struct maker *maker, uint32_t recno)
{
    static const char *const unruly[] = {
        "\033[31mred alert\033[0m and \033]0;a title\a",
        "caf\xe9 in Latin-1, not UTF-8",
        "user \xe2\x80\xaegnp.exe\xe2\x80\xac uploaded",
        "column\tcolumn\tcolumn\r\nsecond line\b\b\b",
    };

    put_text(maker, "%s #%" PRIu32, unruly[pick(maker, 4)], recno);
}

static void make_large(struct maker *maker)
{
    uint32_t row = 0;

    put_text(maker, "row,sensor,value\n");
    while (maker->len < DEMO_LARGE_BYTES) {
        /* One after the other: compilers differ in the order of a call's arguments. */
        uint32_t sensor = pick(maker, 16), whole = 15 + pick(maker, 10), part = pick(maker, 100);

        put_text(maker, "%06" PRIu32 ",s%02u,%u.%02u\n", row++, sensor, whole, part);
    }
    maker->len = DEMO_LARGE_BYTES;
}

size_t demo_record(uint32_t recno, uint8_t **buf, size_t *room)
{
    struct maker maker = {SEED + recno, buf, room, 0};
    uint32_t kind = pick(&maker, 100);

    if (recno == DEMO_LARGE_RECORD)
        make_large(&maker);
    else if (recno == 1 || kind < 80)
        make_log_line(&maker, recno);
    else if (kind < 90)
        make_frame(&maker, recno);
    else if (kind < 97)
        make_greeting(&maker, recno);
    else if (kind < 99)
        make_unruly(&maker, recno);
    return maker.len;
}
