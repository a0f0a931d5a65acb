/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random scripts of operations on one capture file in memory, by a writer, a
 * second handle that reads, and cursors opened at any moment, each compared
 * with the model. The calls of core are checked as must() does.
 */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include "tests/support/mem_io.h"
#include "tests/support/model.h"
#include "tests/support/rng.h"

#define SCRIPT_PATH "/p.capture"
#define SCRIPT_VIEWS 6

/* A cursor, and what it must go on seeing. */
struct script_view {
    capf_cursor *cursor; /* NULL: a free place */
    struct model_state state;
    uint64_t stands; /* before this record */
    bool uncommitted;
    enum { VIEW_GOOD, VIEW_STALE, VIEW_EITHER } fate;
};

struct script {
    struct rng rng;
    struct mem_disk *disk;
    struct capf_options options;
    struct capf_creation creation;
    struct model model;
    capf_file *writer;
    capf_file *reader;
    struct model_state seen; /* what the reader must show */
    struct script_view views[SCRIPT_VIEWS];
    unsigned commits, rollbacks, compared; /* for the figures */
};

/* Makes the disk and the file, with random geometry and options. */
void script_begin(struct script *script, uint64_t seed);

/* One random operation. */
void script_step(struct script *script);

/* Closes everything; finds leaks. */
void script_end(struct script *script);

/* Views, in script_view.c: open one, look through one at random, and what writing does to them. */
void view_open(struct script *script);
void view_look(struct script *script);
void view_close(struct script_view *view);
void views_committed(struct script *script);
void views_rolled_back(struct script *script);
void views_writer_closed(struct script *script);

/* A value of a length that suits the block size. */
struct model_value script_value(struct script *script);

/* Some part of the record by capf_read or capf_cursor_read (one of file and cursor is NULL). */
void script_check_part(struct script *script, capf_file *file, capf_cursor *cursor, uint64_t recno,
                       const struct model_value *value);

/* The handle shows this state, each record by a cursor and some by number. */
void script_compare(struct script *script, capf_file *file, const struct model_state *state);

#endif
