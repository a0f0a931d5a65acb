/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of values in scripts with failing calls. The runs of a sweep are
 * alike, and making a long value takes longer than all that core does with it; so
 * the last few long ones are kept.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <stdlib.h>
#include <string.h>

#define LONG 10000
#define KEPT 8

static struct kept {
    struct model_value value;
    uint8_t *bytes;
} kept[KEPT];

static bool same_value(const struct model_value *a, const struct model_value *b)
{
    return a->seed == b->seed && a->len == b->len && a->noise == b->noise;
}

const uint8_t *fault_bytes(const struct model_value *value)
{
    static unsigned next;
    if (value->len < LONG)
        return model_bytes(value);
    for (unsigned i = 0; i < KEPT; i++)
        if (kept[i].bytes != NULL && same_value(&kept[i].value, value))
            return kept[i].bytes;
    struct kept *place = &kept[next++ % KEPT];
    free(place->bytes);
    place->value = *value;
    place->bytes = test_bytes(value->len);
    test_fill(place->bytes, value->len, value->seed, value->noise);
    return place->bytes;
}

bool fault_equals(const struct model_value *value, struct capf_bytes bytes)
{
    if (!value->there)
        return bytes.data == NULL && bytes.len == 0;
    return bytes.data != NULL && bytes.len == value->len &&
           memcmp(bytes.data, fault_bytes(value), bytes.len) == 0;
}

void fault_values_forget(void)
{
    for (unsigned i = 0; i < KEPT; i++) {
        free(kept[i].bytes);
        kept[i].bytes = NULL;
    }
}
