/* SPDX-License-Identifier: MIT */
/*
 * Checking a whole file. The index says where every record and every node of
 * its own stands; walked children first, it names them in file order
 * (check_tree.c). The data are gone through once, block by block, and each
 * thing must be where it was said to be, with nothing but metadata values in
 * between (check_pass.c). check.c has what comes before and after that.
 *
 * An index node stands behind its children, so it is read ahead of its place,
 * through a view of its own; the pass has another, which never goes back.
 */
#ifndef CAPF_CHECK_H
#define CAPF_CHECK_H

#include "view.h"

/* Where the pass stands. */
struct capf__place {
    uint64_t pos;            /* of the block */
    uint64_t len;            /* its uncompressed bytes */
    uint64_t next;           /* position of the block behind it; 0: its length cannot be believed */
    uint64_t end;            /* offset behind the last thing that was placed in it */
    bool bad;                /* it cannot be read, */
    struct capf_error error; /* and why */
    uint64_t first, last;    /* records that are known to be in a bad one; 0, 0: none */
};

/* An index node on the way to the thing that is visited. */
struct capf__frame {
    struct capf_coord at;
    unsigned height;   /* 1: its children are records */
    uint64_t first;    /* number of the first record below it */
    uint32_t next;     /* child to visit */
    uint8_t *children; /* fan_out coordinates as they stand in the file; kept for the next node */
};

struct capf__check {
    const struct capf_io *io;
    const struct capf_check *wish;
    struct capf_check_result *result;
    struct capf__progress progress; /* the caller's */
    struct capf__store *store;
    struct capf__state *state;
    struct capf__view guide, pass;
    struct capf__place place;
    bool blind; /* what stands between the last thing placed and the next one is not known */
    bool meta_seen;
    uint64_t unread; /* block that the guide could not read; 0: none */
    struct capf_error unread_why;
    uint64_t cut_first, cut_last; /* records that a cut file may lack; 0, 0: none */
    struct capf__frame frames[CAPF_LEVELS_MAX];
    unsigned depth;
};

/* Reports. `first` and `last` are record numbers, 0 for none; `offset` as in struct capf_error. */
void capf__check_say(struct capf__check *check, enum capf_finding_kind kind, uint64_t offset,
                     uint64_t first, uint64_t last, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The file ends before these records do; that is reported once, at the end. 0, 0: not known which. */
void capf__check_touch_cut(struct capf__check *check, uint64_t first, uint64_t last);

/* Is this the end of the check, and no finding? Then *err (which may be NULL) gets `why`. */
bool capf__check_stops(enum capf_status status, const struct capf_error *why,
                       struct capf_error *err);

/* ---- check_pass.c: CAPF_OK, or a status that stops ---- */

/* Goes to a block, wherever the pass was. */
enum capf_status capf__check_pass_from(struct capf__check *check, uint64_t pos,
                                       struct capf_error *err);

/* Looks at this one block alone. */
enum capf_status capf__check_pass_at(struct capf__check *check, uint64_t pos,
                                     struct capf_error *err);

/* The next thing in file order: a record (height 0), or an index node above `recno`. */
enum capf_status capf__check_place(struct capf__check *check, struct capf_coord at, unsigned height,
                                   uint64_t recno, struct capf_error *err);

/* All blocks up to the open one, and that. */
enum capf_status capf__check_pass_end(struct capf__check *check, struct capf_error *err);

/* ---- check_tree.c ---- */

/* Visits everything that the index leads to. */
enum capf_status capf__check_tree(struct capf__check *check, struct capf_error *err);

/* Reads an index node and holds it against its place: *good, or it was reported. */
enum capf_status capf__check_node(struct capf__check *check, struct capf_coord at, unsigned height,
                                  uint64_t first, uint8_t **children, bool *good,
                                  struct capf_error *err);

#endif
