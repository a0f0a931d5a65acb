/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Carries scripts of operations out on a capture file, records either whole or
 * streamed in pieces.
 */
#include "tests/support/ops.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum capf_status out_of_place(struct capf_error *err, const char *text)
{
    *err = (struct capf_error){.status = CAPF_ARGUMENT};
    snprintf(err->text, sizeof err->text, "%s", text);
    return CAPF_ARGUMENT;
}

static enum capf_status create(struct replay *replay, const struct op *op, struct capf_error *err)
{
    struct capf_creation creation = {
        .how = CAPF_REPLACE,
        .page_size = op->page_size,
        .block_size = op->block_size,
        .fan_out = op->fan_out,
        .meta = op->has_data ? op->data : NULL,
        .meta_len = op->len,
    };
    if (op->page_size == 0 || op->block_size == 0 || op->fan_out == 0)
        return out_of_place(err, "page, block and fan must not be 0");
    return capf_create(replay->path, &creation, &replay->options, &replay->file, NULL, err);
}

static enum capf_status append_pieces(struct replay *replay, const struct op *op,
                                      struct capf_error *err)
{
    uint64_t len = replay->how == REPLAY_PIECES ? op->len : CAPF_UNKNOWN_LENGTH;
    uint64_t recno;
    enum capf_status status = capf_append_begin(replay->file, len, err);
    for (size_t done = 0; status == CAPF_OK && done < op->len;) {
        size_t piece = 1 + (size_t)rng_below(&replay->rng, op->len - done);
        status = capf_append_data(replay->file, op->data + done, piece, err);
        done += piece;
    }
    return status == CAPF_OK ? capf_append_end(replay->file, &recno, err) : status;
}

static enum capf_status add(struct replay *replay, const struct op *op, struct capf_error *err)
{
    uint64_t recno;
    if (replay->how != REPLAY_WHOLE)
        return append_pieces(replay, op, err);
    return capf_append(replay->file, op->data, op->len, &recno, err);
}

static enum capf_status change_meta(struct replay *replay, const struct op *op,
                                    struct capf_error *err)
{
    if (!op->has_data)
        return capf_clear_meta(replay->file, err);
    return capf_set_meta(replay->file, op->data, op->len, err);
}

enum capf_status replay_op(struct replay *replay, const struct op *op, struct capf_error *err)
{
    bool starts = op->kind == OP_NEW || op->kind == OP_OPEN;
    if (starts && replay->file != NULL)
        return out_of_place(err, "the file is open already");
    if (!starts && replay->file == NULL)
        return out_of_place(err, "no file is open");
    switch (op->kind) {
    case OP_NEW:
        return create(replay, op, err);
    case OP_OPEN:
        return capf_open(replay->path, CAPF_WRITE, &replay->options, &replay->file, err);
    case OP_ADD:
        return add(replay, op, err);
    case OP_META:
        return change_meta(replay, op, err);
    case OP_COMMIT:
        return capf_commit(replay->file, err);
    case OP_CLOSE:
        capf_close(replay->file);
        replay->file = NULL;
        return CAPF_OK;
    }
    return out_of_place(err, "no such operation");
}

int replay_script(struct replay *replay, const char *ops_path, char *why, size_t size)
{
    struct ops_reader *reader = ops_open(ops_path);
    if (reader == NULL) {
        snprintf(why, size, "%s", errno == 0 ? "no memory" : strerror(errno));
        return -1;
    }
    struct op op;
    struct capf_error err;
    char fault[OPS_ERROR];
    int more;
    while ((more = ops_next(reader, &op, fault)) > 0) {
        if (replay_op(replay, &op, &err) != CAPF_OK) {
            snprintf(fault, sizeof fault, "%s", err.text);
            more = -1;
            break;
        }
    }
    if (more < 0)
        snprintf(why, size, "line %lu: %s", ops_line(reader), fault);
    ops_close(reader);
    capf_close(replay->file);
    replay->file = NULL;
    return more;
}
