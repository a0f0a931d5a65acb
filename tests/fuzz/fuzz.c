/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failing, and taking an input apart; see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *what, const char *format, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d: does not hold: %s: ", file, line, what);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

const struct fuzz_target *fuzz_find(const char *name)
{
    for (const struct fuzz_target *target = fuzz_targets; target->name != NULL; target++)
        if (strcmp(target->name, name) == 0)
            return target;
    return NULL;
}

uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t len, size_t *got)
{
    const uint8_t *bytes = input->data;
    *got = len < input->size ? len : input->size;
    input->data += *got;
    input->size -= *got;
    return bytes;
}

void fuzz_use_utf8(void)
{
    FUZZ_CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "no locale C.UTF-8");
}
