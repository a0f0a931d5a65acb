/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checked calls, the scale of the long tests, and bytes made from a seed.
 */
#include "tests/support/test.h"
#include "tests/support/rng.h"

#include <stdlib.h>
#include <string.h>

struct capf_error test_err;

void test_check_status(enum capf_status got, enum capf_status want, const char *call,
                       const char *file, int line)
{
    bool described = got == CAPF_OK || test_err.status == CAPF_OK ||
                     (test_err.status == got && test_err.text[0] != '\0');
    if (got == want && described)
        return;
    print_error("%s\n  gave %s, not %s; error: %s, \"%s\", errno %d, offset %llu, record %llu\n",
                call, capf_status_name(got), capf_status_name(want),
                capf_status_name(test_err.status), test_err.text, test_err.sys_errno,
                (unsigned long long)test_err.offset, (unsigned long long)test_err.record);
    _fail(file, line);
}

void test_check_bytes(struct capf_bytes bytes, const void *data, size_t len, const char *file,
                      int line)
{
    if (bytes.data != NULL && bytes.len == len && memcmp(bytes.data, data, len) == 0)
        return;
    print_error("%zu bytes at %p are not the %zu expected\n", bytes.len, (const void *)bytes.data,
                len);
    _fail(file, line);
}

unsigned test_scaled(unsigned count)
{
    const char *scale = getenv("CAPF_TEST_SCALE");
    double scaled = scale == NULL ? count : count * strtod(scale, NULL);
    return scaled < 1 ? 1 : (unsigned)scaled;
}

uint64_t test_seed(uint64_t otherwise)
{
    const char *seed = getenv("CAPF_TEST_SEED");
    return seed == NULL ? otherwise : strtoull(seed, NULL, 0);
}

bool test_is_soak(void)
{
    const char *soak = getenv("CAPF_SOAK");
    return soak != NULL && strcmp(soak, "0") != 0 && soak[0] != '\0';
}

void *test_bytes(size_t size)
{
    void *memory = malloc(size + 1);
    if (memory == NULL)
        abort();
    return memory;
}

static uint8_t plain_byte(size_t i)
{
    return (uint8_t)('a' + i / 3 % 16);
}

void test_fill(void *data, size_t len, uint64_t seed, unsigned noise)
{
    struct rng rng = {seed};
    uint8_t *bytes = data;
    for (size_t i = 0; i < len;) {
        uint64_t word = noise == 0 ? 0 : rng_next(&rng);
        bool noisy = (word >> 57) * 100 / 128 < noise;
        for (unsigned k = 0; k < 6 && i < len; k++, i++, word >>= 8)
            bytes[i] = noisy ? (uint8_t)word : plain_byte(i + seed);
    }
}
