/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model of a capture file. It knows the format in one point only: how many
 * children of the rightmost path a master node's page can hold.
 */
#include "tests/support/test.h"

#include "tests/support/model.h"

#include <stdlib.h>
#include <string.h>

const uint8_t *model_bytes(const struct model_value *value)
{
    static uint8_t *buffer;
    static size_t room;
    if (buffer == NULL || value->len > room) {
        free(buffer);
        room = value->len;
        buffer = test_bytes(room);
    }
    test_fill(buffer, value->len, value->seed, value->noise);
    return buffer;
}

bool model_equals(const struct model_value *value, struct capf_bytes bytes)
{
    if (!value->there)
        return bytes.data == NULL && bytes.len == 0;
    return bytes.data != NULL && bytes.len == value->len &&
           memcmp(bytes.data, model_bytes(value), bytes.len) == 0;
}

struct model_state model_state_copy(const struct model_state *state)
{
    struct model_state copy = *state;
    size_t size = state->count * sizeof *copy.records;
    copy.records = test_bytes(size);
    if (size != 0)
        memcpy(copy.records, state->records, size);
    return copy;
}

void model_state_release(struct model_state *state)
{
    free(state->records);
    *state = (struct model_state){0};
}

void model_init(struct model *model, uint32_t page_size, uint32_t fan_out,
                const struct model_value *meta)
{
    *model = (struct model){
        .page_size = page_size,
        .fan_out = fan_out,
        .now.meta = *meta,
        .committed_meta = *meta,
    };
}

void model_release(struct model *model)
{
    model_state_release(&model->now);
}

/* The rightmost path holds as many children as the count's digits in base fan-out add up to. */
bool model_has_room(const struct model *model)
{
    uint64_t children = 0;
    for (uint64_t rest = model->now.count + 1; rest != 0; rest /= model->fan_out)
        children += rest % model->fan_out;
    return 36 + 13 * children <= model->page_size;
}

void model_append(struct model *model, const struct model_value *value)
{
    if (model->now.count == model->room) {
        model->room = 2 * model->room + 64;
        model->now.records = realloc(model->now.records, model->room * sizeof *model->now.records);
        if (model->now.records == NULL)
            abort();
    }
    model->now.records[model->now.count++] = *value;
    model->pending = true;
}

void model_set_meta(struct model *model, const struct model_value *value)
{
    model->now.meta = *value;
    model->pending = true;
}

void model_commit(struct model *model)
{
    if (!model->pending)
        return;
    model->committed = model->now.count;
    model->committed_meta = model->now.meta;
    model->pending = false;
}

void model_rollback(struct model *model)
{
    if (!model->pending)
        return;
    model->now.count = model->committed;
    model->now.meta = model->committed_meta;
    model->pending = false;
}

struct model_state model_committed(const struct model *model)
{
    struct model_state state = model->now;
    state.count = model->committed;
    state.meta = model->committed_meta;
    return model_state_copy(&state);
}
