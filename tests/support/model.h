/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture file as it should be: a list of values that are made from seeds,
 * and what of it is committed. Property tests do to it what they do to a real
 * file and compare.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "capf.h"

struct model_value {
    bool there; /* only metadata may be absent */
    uint64_t seed;
    uint32_t len;
    unsigned noise; /* percent of it that does not compress */
};

/* The value's bytes, borrowed until the next call of this function. Never NULL. */
const uint8_t *model_bytes(const struct model_value *value);

bool model_equals(const struct model_value *value, struct capf_bytes bytes);

/* A state: what a reader of it must see. */
struct model_state {
    struct model_value *records;
    uint64_t count;
    struct model_value meta;
};

/* Owns its records; release with model_state_release. */
struct model_state model_state_copy(const struct model_state *state);
void model_state_release(struct model_state *state);

struct model {
    uint32_t page_size, fan_out;
    struct model_state now; /* records has room for `room` */
    uint64_t room;
    uint64_t committed; /* how many of now.records */
    struct model_value committed_meta;
    bool pending;
};

void model_init(struct model *model, uint32_t page_size, uint32_t fan_out,
                const struct model_value *meta);
void model_release(struct model *model);

/* Has the index room for one more? */
bool model_has_room(const struct model *model);

void model_append(struct model *model, const struct model_value *value);
void model_set_meta(struct model *model, const struct model_value *value);
void model_commit(struct model *model);
void model_rollback(struct model *model);

/* The committed state, as a copy. */
struct model_state model_committed(const struct model *model);

#endif
