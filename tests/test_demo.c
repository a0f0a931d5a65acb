/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sample: the same every time, and of every kind that it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "capf.h"
#include "app/demo.h"
#include "app/looks.h"

/* A changed sample is a decision: documents and tests quote it. */
static void the_sample_is_the_same_every_time(void **state)
{
    (void)state;
    uint8_t *buf = NULL;
    size_t room = 0;
    uint32_t sum = 0;
    uint64_t bytes = 0;

    for (uint32_t recno = 1; recno <= DEMO_RECORDS; recno++) {
        size_t len = demo_record(recno, &buf, &room);

        sum = sum * 31 + capf_crc32(0, buf, len);
        bytes += len;
    }
    free(buf);
    assert_int_equal(bytes, 3256188);
    assert_int_equal(sum, 0x1ca914dd);
}

static void a_record_depends_on_its_number_alone(void **state)
{
    (void)state;
    uint8_t *a = NULL, *b = NULL;
    size_t a_room = 0, b_room = 0;
    size_t a_len = demo_record(500, &a, &a_room), b_len;

    demo_record(DEMO_LARGE_RECORD, &b, &b_room);
    b_len = demo_record(500, &b, &b_room);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
    free(a);
    free(b);
}

static void the_sample_holds_every_kind(void **state)
{
    (void)state;
    uint8_t *buf = NULL;
    size_t room = 0, of_kind[LOOKS_KINDS] = {0};

    for (uint32_t recno = 1; recno <= DEMO_RECORDS; recno++) {
        size_t len = demo_record(recno, &buf, &room);

        of_kind[looks_kind_of(buf, len < 1024 ? len : 1024, len)]++;
        if (recno == DEMO_LARGE_RECORD)
            assert_int_equal(len, DEMO_LARGE_BYTES);
    }
    free(buf);
    assert_in_range(of_kind[LOOKS_EMPTY], 50, 200);
    assert_in_range(of_kind[LOOKS_JSON], 8000, 8500);
    assert_in_range(of_kind[LOOKS_TEXT], 600, 1000);
    assert_in_range(of_kind[LOOKS_BINARY], 1000, 1400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_the_same_every_time),
        cmocka_unit_test(a_record_depends_on_its_number_alone),
        cmocka_unit_test(the_sample_holds_every_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
