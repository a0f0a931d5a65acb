/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts of operations on one capture file, one a line:
 *
 *     new page=P block=B fan=F meta=none|xHEX
 *     open
 *     add xHEX
 *     meta none|xHEX
 *     commit
 *     close
 *
 * Empty lines and lines that begin with # mean nothing. Scripts may be
 * gzipped; their lines may be megabytes long.
 */
#ifndef TESTS_OPS_H
#define TESTS_OPS_H

#include "capf.h"
#include "tests/support/rng.h"

enum op_kind { OP_NEW, OP_OPEN, OP_ADD, OP_META, OP_COMMIT, OP_CLOSE };

struct op {
    enum op_kind kind;
    uint32_t page_size, block_size, fan_out; /* OP_NEW */
    bool has_data;                           /* not meta "none" */
    const uint8_t *data; /* borrowed until the next ops_next; never NULL when has_data */
    size_t len;
};

struct ops_reader;

#define OPS_ERROR CAPF_ERROR_TEXT

/* NULL: it cannot be opened, and errno says why. */
struct ops_reader *ops_open(const char *path);
void ops_close(struct ops_reader *reader);

/* 1: *op is the next operation; 0: the end; -1: a bad line, described in `why`. */
int ops_next(struct ops_reader *reader, struct op *op, char why[OPS_ERROR]);

/* The number of the line that ops_next read last, from 1. */
unsigned long ops_line(const struct ops_reader *reader);

enum replay_how { REPLAY_WHOLE, REPLAY_PIECES, REPLAY_PIECES_UNKNOWN };

/* Carries scripts out. Set path, options and how; rng cuts the pieces. */
struct replay {
    const char *path;
    struct capf_options options;
    enum replay_how how;
    struct rng rng;
    capf_file *file; /* NULL between close and open */
};

/* Carries out one operation. Without a file open only `new` and `open` are right, with one all
 * but those: anything else is CAPF_ARGUMENT. */
enum capf_status replay_op(struct replay *replay, const struct op *op, struct capf_error *err);

/* Carries out a whole script and closes. 0, or -1 with why: "line N: ...". */
int replay_script(struct replay *replay, const char *ops_path, char *why, size_t size);

#endif
