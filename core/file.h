/* SPDX-License-Identifier: MIT */
/*
 * The handle, and what its parts (open, create, write, stream, commit,
 * reading) share. What always holds between calls:
 *
 * - `committed` is the state of the last commit that this handle saw or made; `shown` is the newest
 *   state, or NULL while nobody has asked for it since the writer changed it.
 * - The writer's `tip` is the newest state, changed in place or replaced by `work` under `lock`;
 *   when nothing is pending it equals `committed`.
 * - tip->open_len < block size; every level of the rightmost path has fewer children than the
 *   fan-out; both limits are at or behind data_pos, and tip's is not below committed's.
 * - Bytes below committed->limit, but for its partial last page, are never written.
 * - tip->txn is set while anything may be pending, and every state shared since then holds it.
 *
 * file_assert in file.c checks the list unless NDEBUG is set.
 */
#ifndef CAPF_FILE_H
#define CAPF_FILE_H

#include "nodes.h"
#include "view.h"

enum capf__item { CAPF__RECORD, CAPF__META };

/* Something of any length on its way into the file (stream.c). */
struct capf__stream {
    bool active;
    enum capf__item kind;
    uint64_t want;  /* its length; CAPF_UNKNOWN_LENGTH */
    uint64_t got;   /* bytes so far */
    bool deflating; /* false: it is collected behind the open block's end */
    z_stream *z;
    z_stream raw; /* for an unknown length; initialised when z points at it */
    uint64_t pos; /* file position of buf[0], a whole page */
    uint8_t *buf; /* compressed pages on their way out */
    size_t len, room;
    bool grown;    /* the file was grown for this block */
    uint8_t *head; /* the first pages, held back until the length is known; NULL: still in buf */
    size_t head_len;
    size_t len_at;   /* where in the first pages the item's length will go; 0: it is known */
    uint64_t stored; /* bytes of the zlib stream so far */
    uint32_t adler_before, adler; /* of the block before the item, and of the item's data */
};

struct capf__writer {
    int fd; /* opened to write; holds the lock */
    struct capf__packer packer;
    struct capf__state *tip, *work;
    uint64_t file_size;
    bool changed;                     /* tip differs from committed */
    bool unsynced;                    /* pages were written since the last sync */
    bool started;                     /* recovery, which comes before the first write, is done */
    bool watched;                     /* nobody else wrote, as of the last commit or block */
    uint8_t peek[2][CAPF__NODE_PEEK]; /* what the nodes must look like then */
    uint8_t *pages;                   /* a closed block on its way out */
    size_t pages_room;
    uint8_t *node;            /* the image of a master node */
    struct capf__state *next; /* prepared: the state that the commit will make; or NULL */
    bool prepared;
    enum capf_status broken; /* CAPF_OK, or why this handle writes no more */
    struct capf__stream stream;
};

struct capf_file {
    const struct capf_io *io;
    struct capf_options options;
    char *path;
    pthread_mutex_t lock; /* over store, committed, shown, and changes of the writer's tip */
    struct capf__store *store;
    struct capf__state *committed, *shown;
    atomic_uint_least64_t count; /* of the newest state */
    struct capf__view view;
    struct capf__writer *writer;      /* NULL: opened to read */
    uint8_t peek[2][CAPF__NODE_PEEK]; /* of the nodes when last read */
    bool settled;                     /* both were good then; a bad one may be complete by now */
    int node_code;                    /* negative errno: a node could not be read then; 0 */
    unsigned warnings;
};

/* The newest state with a reference for the caller, and its store likewise; any thread. NULL: no memory. */
struct capf__state *capf__file_state(struct capf_file *file, struct capf__store **store);

/* Turns the handle's own view to the newest state. */
enum capf_status capf__file_look(struct capf_file *file, struct capf_error *err);

/* A new handle without a file; capf_close frees it in any condition. */
enum capf_status capf__file_new(struct capf_file **file, const char *path,
                                const struct capf_options *options, struct capf_error *err);

/* Takes up the state of a good node, and the store that it belongs to, whose reference passes to the
 * handle on success. */
enum capf_status capf__file_adopt(struct capf_file *file, struct capf__store *store,
                                  const struct capf__state *state, struct capf_error *err);

/* ---- cursor.c ---- */

/* A cursor on a state of the file, to both of which it takes references. */
enum capf_status capf__cursor_new(const struct capf_file *file, struct capf__store *store,
                                  struct capf__state *state, capf_cursor **out,
                                  struct capf_error *err);

/* ---- open.c ---- */

enum capf_status capf__options_check(const struct capf_options *options, enum capf_access access,
                                     struct capf_error *err);

/* ---- writer.c ---- */

/* A writer over `fd` (which it owns from now on, whatever the outcome) whose tip is file->committed. */
enum capf_status capf__writer_new(struct capf_file *file, int fd, struct capf_error *err);
void capf__writer_free(struct capf_file *file);

/* May this handle append now? */
enum capf_status capf__writer_ready(const struct capf_file *file, struct capf_error *err);

/* To be called before pages or a node are written: recovery, and the look for another writer's hand.
 * Overwrites writer->node. */
enum capf_status capf__writer_touch(struct capf_file *file, struct capf_error *err);

/* Whole pages into the data area; grows the file as the format says: `end` is the next block's end. */
enum capf_status capf__writer_grow(struct capf_file *file, uint64_t limit, uint64_t end,
                                   struct capf_error *err);
enum capf_status capf__writer_put_pages(struct capf_file *file, const uint8_t *bytes, size_t len,
                                        uint64_t pos, struct capf_error *err);

/* Pending changes belong to a transaction; makes sure that there is one. */
enum capf_status capf__writer_begin(struct capf_file *file, struct capf_error *err);

/* Refuses all further writing; returns `status`. */
enum capf_status capf__writer_break(struct capf_file *file, enum capf_status status);
/* The same with CAPF_CHANGED: another writer's hand was seen. */
enum capf_status capf__writer_changed(struct capf_file *file, struct capf_error *err);

/* ---- recover.c ---- */

/* Once a session, before its first write. */
enum capf_status capf__writer_recover(struct capf_file *file, struct capf_error *err);

/* Writes zeros over a node's checksum and serial number, so that what is left of it cannot count. */
enum capf_status capf__node_spoil(struct capf_file *file, int slot, struct capf_error *err);

/* ---- append.c ---- */

/* Blocks longer than this go through the streaming compressor, whatever call they come from. */
uint64_t capf__whole_block_max(const struct capf__header *header);

/* Makes room for `extra` bytes behind the tip's open block, without showing them; the first `kept` of
 * them are there already. */
enum capf_status capf__tip_reserve(struct capf_file *file, uint64_t extra, size_t kept,
                                   struct capf_error *err);

/* The item's `len` bytes stand behind the open block's end (4 bytes on, for its length): takes
 * them in, as a record or as metadata, with all that follows for blocks and index. */
enum capf_status capf__tip_take(struct capf_file *file, enum capf__item kind, uint32_t len,
                                struct capf_error *err);

/* In `work`: its open block was written elsewhere and takes up `stored` bytes with its length; the
 * bytes of the last, partial page are at `tail`. */
enum capf_status capf__work_block_closed(struct capf_file *file, uint64_t stored,
                                         const uint8_t *tail, struct capf_error *err);
enum capf_status capf__work_index(struct capf_file *file, struct capf_coord record,
                                  struct capf_error *err);
void capf__work_begin(struct capf_file *file);
void capf__work_publish(struct capf_file *file);

/* ---- stream.c ---- */

enum capf_status capf__item_begin(struct capf_file *file, enum capf__item kind, uint64_t len,
                                  struct capf_error *err);
enum capf_status capf__item_data(struct capf_file *file, const void *data, size_t len,
                                 struct capf_error *err);
enum capf_status capf__item_end(struct capf_file *file, struct capf_error *err);

/* ---- commit.c ---- */

/* Writes the image in writer->node to `slot`, under the nodes' lock where there are locks. */
enum capf_status capf__node_write(struct capf_file *file, int slot, struct capf_error *err);

/* ---- lock.c ---- */

#define CAPF__WRITER_LOCK_POS UINT64_C(0x7FFFFFFFFFFFFFFE)

/* Opens `path` to write and takes the writer's lock as the options say; gives the descriptor and
 * adds warnings. `reader_fd` is a descriptor of the same file, to ask about locks. */
enum capf_status capf__writer_lock(const struct capf_io *io, const struct capf_options *options,
                                   const char *path, int reader_fd, int *fd, unsigned *warnings,
                                   struct capf_error *err);

/* Waits up to 250 ms for the lock over both nodes. True: it is held and must be given back. */
bool capf__nodes_lock(const struct capf_io *io, int fd, const struct capf__header *header,
                      enum capf_io_lock mode);
void capf__nodes_unlock(const struct capf_io *io, int fd, const struct capf__header *header);

#endif
