/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a salvage share: where blocks come from, what was read of
 * them, what the index nodes among them prove, and what is written.
 *
 * The file is read once, block after block. Items wait until an index node of
 * height 1 lists them, which makes them records and says where they belong; then
 * they are copied. Nodes wait on a stack until a node above lists them. Where
 * bytes are bad there is a gap, and after it a new run of blocks; a node that
 * lists children on both sides tells how many records the gap took.
 */
#ifndef CAPF_SALVAGE_H
#define CAPF_SALVAGE_H

#include "file.h"
#include "look.h"

/* ---- Gaps ---- */

#define CAPF__GAPS_MAX 65536u

/* Positions from which nothing can be had. Ascending. */
struct capf__gap {
    uint64_t from, to;
};

/* ---- Items and nodes ---- */

struct capf__pending {
    struct capf_coord at;
    uint32_t run; /* gaps before it */
    uint32_t len; /* bytes, without the prefix */
};

/* One thing on the stack: a node whose parent has not come yet. */
struct capf__element {
    struct capf_coord at;
    unsigned height; /* 0: one that could not be told, or no node but a gap */
    uint64_t lead;   /* records under it that come before `sure` and are not here */
    uint64_t sure;   /* records written before its first one that is here */
    size_t loss;     /* losses before that one */
};

/* Records that are not here, after the first `sure` ones that are. */
struct capf__loss {
    uint64_t sure;
    uint64_t count;
    bool known;    /* is count known? */
    bool held;     /* not lost: an unsure item has this number */
    size_t joined; /* not 0: count is for all losses up to this index, in an unknown division */
};

/* A node of the file, good or not. */
struct capf__witness {
    uint8_t *bytes;           /* node_len; NULL: not all there */
    bool good;                /* its checksum holds */
    bool fits;                /* its fields can be, and its file limit is where a block ends */
    struct capf__state state; /* when good or fits */
    /* Without a limit: */
    struct capf__state *overlay; /* the file with its last page at `page` */
    bool placed;                 /* a block was read through it, from first to last */
    uint64_t first, last;
};

struct capf__salvage {
    const struct capf_io *io;
    const struct capf_salvage_options *options;
    const struct capf_options *open_options;
    struct capf_salvage_report *report;

    struct capf__store *store;
    uint64_t size;
    struct capf__state *plain; /* all bytes of the file as they stand */
    struct capf__witness node[2];
    bool header_good;
    bool blind;     /* page and block size are not known: blocks count however short they are */
    int top;        /* the node whose state is salvaged; -1: none is known */
    uint64_t limit; /* where reading ends */
    struct capf__look look, copy;
    struct capf__progress inner;
    uint64_t pos;                /* for progress */
    bool cancelled;              /* the caller said stop */
    uint64_t effort, effort_max; /* bytes inflated in vain */
    z_stream probe;
    bool probe_ready;
    uint8_t *window;

    struct capf__gap *gaps;
    size_t gap_count, gap_room;
    bool *confirmed; /* of each run: does an index node know it? */

    struct capf__pending *pending; /* since the last node of height 1 */
    size_t pending_start, pending_end, pending_room;
    struct capf_coord forgotten; /* items up to here are not kept any more */
    uint8_t *node_bytes;
    struct capf_coord last_item, last_node;
    bool after_node;     /* the last thing read was a node, and no gap since */
    bool after_item;     /* the same of an item */
    uint32_t node_run;   /* gaps before the last node */
    uint64_t proven_len; /* bytes of the open block that something vouches for */

    struct capf__element *stack;
    size_t depth, stack_room;
    struct capf__loss *losses;
    size_t loss_count, loss_room;
    uint64_t sure; /* records known for certain so far */

    capf_file *out; /* NULL: nothing is written */
    uint8_t *part;
    uint64_t written;
};

/* Grows an array to hold one more; false: no memory. */
bool capf__salvage_room(const struct capf__salvage *s, void *array_of, size_t count, size_t *room,
                        size_t item);

/* ---- salvage_geometry.c ---- */

/* Finds page size, block size and fan-out: given, in the header, or by what the file shows. */
enum capf_status capf__salvage_geometry(struct capf__salvage *s, struct capf_error *err);
enum capf_status capf__salvage_fan_out(struct capf__salvage *s, struct capf_error *err);

/* ---- salvage_source.c ---- */

#define CAPF__SALVAGE_ITEM (UINT64_C(5) + UINT32_MAX) /* no item is longer, its length included */
#define CAPF__SALVAGE_WINDOW (64u << 10)              /* bytes of s->window */

enum capf_status capf__salvage_open(struct capf__salvage *s, const char *path,
                                    struct capf_error *err);
void capf__salvage_close(struct capf__salvage *s);

/* The geometry is known: the nodes' bytes, whose last page a block may need. */
enum capf_status capf__salvage_read_nodes(struct capf__salvage *s, struct capf_error *err);
/* The fan-out is known too: what the nodes say, and which of them counts. */
enum capf_status capf__salvage_nodes(struct capf__salvage *s, struct capf_error *err);

/* All bytes of the file as they stand, in s->plain. To be forgotten when the page size changes. */
enum capf_status capf__salvage_plain(struct capf__salvage *s, struct capf_error *err);
/* Turns s->look to the block at `pos`, proven; *good false: there is none. */
enum capf_status capf__salvage_block(struct capf__salvage *s, uint64_t pos, bool *good,
                                     struct capf_error *err);

/* Turns s->copy to a block that was good before. */
enum capf_status capf__salvage_again(struct capf__salvage *s, uint64_t pos, struct capf_error *err);

/* The state of a master node whose data ends at `end`, where reading came to an end; NULL: none. */
const struct capf__state *capf__salvage_state(const struct capf__salvage *s, uint64_t end);

/* The open block that continues the data at `end`: bytes and length, or NULL. */
const uint8_t *capf__salvage_open_block(struct capf__salvage *s, uint64_t end, size_t *len,
                                        uint64_t *proven);

/* ---- salvage_search.c ---- */

/* Is it worth while to inflate these bytes as a block, of which `left` stand before the end? */
bool capf__salvage_promising(struct capf__salvage *s, const uint8_t *bytes, size_t len,
                             uint64_t left);

/* From a bad block on: where the next good one begins, or s->limit. *chained: lengths lead there. */
enum capf_status capf__salvage_next(struct capf__salvage *s, uint64_t pos, uint64_t *next,
                                    bool *chained, struct capf_error *err);

/* ---- salvage_index.c ---- */

/* Is this coordinate in a gap, or of an item that is not kept any more? */
bool capf__salvage_is_lost(const struct capf__salvage *s, struct capf_coord at);
enum capf_status capf__salvage_gap(struct capf__salvage *s, uint64_t from, uint64_t to,
                                   bool chained, struct capf_error *err);

const struct capf__element *capf__salvage_find(const struct capf__salvage *s, struct capf_coord at);
enum capf_status capf__salvage_push(struct capf__salvage *s, struct capf__element element,
                                    struct capf_error *err);
/* A number of records that are missing here; unknown: a gap that some node may measure later. */
enum capf_status capf__salvage_lose(struct capf__salvage *s, uint64_t count, bool known,
                                    struct capf_error *err);
/* A node in s->node_bytes whose children are on the stack or in gaps; *taken false: it cannot be. */
enum capf_status capf__salvage_upper(struct capf__salvage *s, struct capf_coord at, bool *taken,
                                     struct capf_error *err);
/* Do the rightmost path's children stand where it says, but for those in gaps? */
bool capf__salvage_path_fits(const struct capf__salvage *s, const struct capf__path *path);
/* Measures the gaps with the path: it knows the number of each of its children. */
void capf__salvage_measure(struct capf__salvage *s, const struct capf__state *state);
/* The losses as numbers, into the report. */
enum capf_status capf__salvage_number(struct capf__salvage *s, struct capf_error *err);
void capf__salvage_number_unsure(struct capf__salvage *s);

/* ---- salvage_items.c ---- */

/* Reads the items of the block that s->look stands on, up to byte `end`. One that makes no sense from
 * some byte on is a gap from there. */
enum capf_status capf__salvage_parse(struct capf__salvage *s, uint64_t end, struct capf_error *err);
/* The end: what the last node's state, or NULL, says of the items that no node lists. */
enum capf_status capf__salvage_settle(struct capf__salvage *s, const struct capf__state *state,
                                      struct capf_error *err);

/* ---- salvage_out.c ---- */

#define CAPF__SALVAGE_PART 65536u

enum capf_status capf__salvage_out_begin(struct capf__salvage *s, const char *temporary,
                                         struct capf_error *err);
/* Commits and gives the file its name, or with `keep` false removes it. Once begun, once ended. */
enum capf_status capf__salvage_out_end(struct capf__salvage *s, const char *temporary,
                                       const char *name, bool keep, struct capf_error *err);
/* Copies an item of a good block behind the records written so far, or as the metadata. */
enum capf_status capf__salvage_copy(struct capf__salvage *s, struct capf_coord at,
                                    enum capf__item kind, struct capf_error *err);
/* The beginning of an item. */
enum capf_status capf__salvage_head(struct capf__salvage *s, struct capf_coord at, uint8_t *head,
                                    size_t room, size_t *got, uint32_t *len,
                                    struct capf_error *err);

#endif
