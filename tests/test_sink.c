/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where output goes, and what becomes of bytes from outside on their way: safe lines and JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/format.h"
#include "app/json.h"
#include "app/safestream.h"
#include "app/sink.h"

static void a_string_sink_holds_what_was_written_up_to_its_limit(void **state)
{
    (void)state;
    struct sink_text text;

    sink_text_init(&text, 10);
    assert_string_equal(text.text, "");
    assert_true(sink_printf(&text.sink, "%d-%s", 12, "ab"));
    assert_string_equal(text.text, "12-ab");
    assert_false(text.cut);
    sink_string(&text.sink, "1234567");
    assert_string_equal(text.text, "12-ab12345");
    assert_true(text.cut);
    sink_text_clear(&text);
    assert_string_equal(text.text, "");
    sink_text_release(&text);
}

static void a_long_printf_arrives_whole(void **state)
{
    (void)state;
    struct sink_text text;

    sink_text_init(&text, 1u << 20);
    sink_printf(&text.sink, "%5000d|", 7);
    assert_int_equal(text.len, 5001);
    assert_string_equal(text.text + 4999, "7|");
    sink_text_release(&text);
}

static void a_descriptor_gets_everything_in_order(void **state)
{
    (void)state;
    static struct sink_fd out;
    char got[16] = "";
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    sink_fd_init(&out, ends[1]);
    assert_false(out.sink.to_terminal);
    sink_string(&out.sink, "one ");
    sink_string(&out.sink, "two");
    assert_true(sink_fd_flush(&out));
    assert_int_equal(read(ends[0], got, sizeof(got)), 7);
    assert_string_equal(got, "one two");
    close(ends[0]);
    close(ends[1]);
}

static void a_reader_that_left_is_no_failure(void **state)
{
    (void)state;
    static struct sink_fd out;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    sink_fd_init(&out, ends[1]);
    assert_true(sink_string(&out.sink, "lost"));
    assert_false(sink_fd_flush(&out));
    assert_int_equal(out.sink.state, SINK_CLOSED);
    assert_false(sink_string(&out.sink, "more"));
    close(ends[1]);
}

static void a_full_disk_is_a_failure_and_is_kept(void **state)
{
    (void)state;
    static struct sink_fd out;
    int fd = open("/dev/full", O_WRONLY);

    if (fd < 0)
        skip();
    sink_fd_init(&out, fd);
    sink_string(&out.sink, "lost");
    assert_false(sink_fd_flush(&out));
    assert_int_equal(out.sink.state, SINK_FAILED);
    assert_string_equal(strerror(out.sink.sys_errno), "No space left on device");
    close(fd);
}

/* ---- Safe lines ---- */

static const char *stream(const char *bytes, size_t len, size_t piece)
{
    static char kept[256];
    struct safestream safe;
    struct sink_text text;

    sink_text_init(&text, sizeof(kept) - 1);
    safestream_init(&safe, &text.sink);
    for (size_t at = 0; at < len; at += piece)
        safestream_write(&safe, bytes + at, len - at < piece ? len - at : piece);
    safestream_finish(&safe);
    memcpy(kept, text.text, text.len + 1);
    sink_text_release(&text);
    return kept;
}

static void a_record_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    static const char record[] = "a\tb漢\t🙂\033[1m\r\n\xf0\x9f.e\u0301\xe2\x80";

    for (size_t piece = 1; piece < sizeof(record); piece++)
        assert_string_equal(stream(record, sizeof(record) - 1, piece),
                            "a       b漢     🙂^[[1m^M\n<F0><9F>.e\u0301<E2><80>\n");
}

static void each_record_ends_its_line_once(void **state)
{
    (void)state;
    assert_string_equal(stream("", 0, 1), "\n");
    assert_string_equal(stream("a", 1, 1), "a\n");
    assert_string_equal(stream("a\n", 2, 2), "a\n");
    assert_string_equal(stream("a\n\n", 3, 2), "a\n\n");
    assert_string_equal(stream("a\n\xc3", 3, 1), "a\n<C3>\n");
}

/* ---- JSON and numbers ---- */

static void json_strings_are_valid_whatever_they_hold(void **state)
{
    (void)state;
    static const char name[] = "a\"b\\c/\b\f\n\r\t\001\177é\xff\u202e\U000E0041🙂";
    struct sink_text text;

    sink_text_init(&text, 1000);
    json_string(&text.sink, name, strlen(name));
    assert_string_equal(text.text, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u007fé"
                                   "\\ufffd\\u202e\\udb40\\udc41🙂\"");
    sink_text_clear(&text);
    text.sink.mode = SAFETEXT_ASCII;
    json_string(&text.sink, "é🙂", 6);
    assert_string_equal(text.text, "\"\\u00e9\\ud83d\\ude42\"");
    sink_text_release(&text);
}

static void numbers_are_grouped(void **state)
{
    (void)state;
    char buf[FORMAT_NUMBER];

    assert_string_equal(format_grouped(0, buf), "0");
    assert_string_equal(format_grouped(999, buf), "999");
    assert_string_equal(format_grouped(1000, buf), "1,000");
    assert_string_equal(format_grouped(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}

static void sizes_are_short(void **state)
{
    (void)state;
    char buf[FORMAT_NUMBER];

    assert_string_equal(format_size(999, buf), "999");
    assert_string_equal(format_size(1000, buf), "1.0K");
    assert_string_equal(format_size(4096, buf), "4.0K");
    assert_string_equal(format_size(1023487, buf), "999K");
    assert_string_equal(format_size(1023500, buf), "1.0M");
    assert_string_equal(format_size((uint64_t)4 << 30, buf), "4.0G");
    assert_string_equal(format_size(UINT64_MAX, buf), "16E");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_sink_holds_what_was_written_up_to_its_limit),
        cmocka_unit_test(a_long_printf_arrives_whole),
        cmocka_unit_test(a_descriptor_gets_everything_in_order),
        cmocka_unit_test(a_reader_that_left_is_no_failure),
        cmocka_unit_test(a_full_disk_is_a_failure_and_is_kept),
        cmocka_unit_test(a_record_is_the_same_however_it_is_cut),
        cmocka_unit_test(each_record_ends_its_line_once),
        cmocka_unit_test(json_strings_are_valid_whatever_they_hold),
        cmocka_unit_test(numbers_are_grouped),
        cmocka_unit_test(sizes_are_short),
    };

    signal(SIGPIPE, SIG_IGN);
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
