/* SPDX-License-Identifier: MIT */
/*
 * libcapf: capture files, which are compressed transactional record logs.
 *
 * Records are appended, never changed, and committed: all that was added
 * between two commits appears together or not at all. They are numbered from
 * 1. One metadata value belongs to the file and is committed with the records.
 * The bytes of a file are described in FORMAT.md beside this header.
 *
 *     capf_file *file;
 *     struct capf_error err;
 *     if (capf_open("log.capture", CAPF_READ, NULL, &file, &err) != CAPF_OK)
 *         return complain(err.text);
 *     struct capf_bytes record;
 *     if (capf_get(file, 2, &record, &err) == CAPF_OK)
 *         use(record.data, record.len);
 *     capf_close(file);
 *
 * ## Threads
 *
 * A capf_file is used by one thread at a time, except that capf_cursor_open
 * and capf_file_count may be called from any thread at any moment. A cursor is
 * used by one thread at a time; any number of cursors read in parallel, also
 * while the handle appends and commits, and also after capf_close.
 *
 * ## Errors
 *
 * Functions return enum capf_status. The last parameter, which may be NULL, is
 * filled once, where the fault was first seen, and only when the status is not
 * CAPF_OK. Out-parameters are untouched on failure.
 *
 * ## What holds after a failure
 *
 * "As before" means that the handle shows the same records and metadata, has the same pending and
 * the same committed, and that the call may be made again. A call that is refused because of what
 * it was called with or when (CAPF_ARGUMENT, CAPF_NO_RECORD, CAPF_BUSY, CAPF_NOT_WRITABLE) has done
 * nothing, but for capf_append_data and _end; a stream or a prepared commit under way goes on.
 *
 *     call                        after a failure
 *     capf_open                   there is no handle; nothing was written
 *     capf_create                 there is no handle; under `path` is what was there before, and no
 *                                 other new name is left, unless taking it away failed as well
 *       CAPF_UNKNOWN              the new file is complete under its name, but could not be opened
 *                                 again, or the folder's sync failed, and then a power cut may take
 *                                 the name away
 *     capf_get, _size, _read, _get_meta, _meta_size, _meta_read, _locate, _get_block_info, _get_info,
 *     capf_cursor_open, _get, _size, _read, _meta, _meta_size, _meta_read
 *                                 as before, for the same record too
 *     capf_cursor_next, _prev     it has moved over the record, and *recno is set: seek to try again
 *       CAPF_END                  it stands where it stood
 *     capf_cursor_seek            it stands where it stood
 *     capf_refresh                the handle goes on showing the state it showed
 *     capf_append                 as before
 *     capf_set_meta, _clear_meta  as before
 *     capf_append_begin           as before; no stream has begun
 *     capf_append_data, _end      the stream is over, and all is as before its capf_append_begin
 *     capf_commit_prepare         nothing is prepared, everything is still pending
 *     capf_commit_finish          not committed, everything is still pending, and no commit is
 *                                 prepared any more: begin with capf_commit_prepare again
 *     capf_commit                 not committed, everything is still pending
 *     capf_rollback               fails only with CAPF_NOT_WRITABLE
 *     capf_receipt_check          *verdict is not set; as before
 *
 * Three statuses of the calls that write, capf_append to capf_commit in this list, say that the
 * handle writes no more. It can be read and rolled back; reopen to write.
 *
 *     CAPF_BROKEN   a sync failed, of data or before the first write of the session: not committed.
 *                   Also what the calls give after this or CAPF_UNKNOWN
 *     CAPF_CHANGED  another wrote to the file, cut, removed or replaced it: not committed. Also what
 *                   the calls give after this
 *     CAPF_UNKNOWN  of _commit and _finish: the sync of the master node failed, or it was written in
 *                   part, and what would settle that failed too: the commit may or may not be in the
 *                   file. Keep what was committed and ask capf_receipt_check after reopening
 *
 * ## From the Python class to this header
 *
 *     CaptureFile(f)                      capf_open(f, CAPF_READ, ...)
 *     CaptureFile(f, to_write=True)       capf_create(f, &{.how = CAPF_OPEN_OR_CREATE}, ...)
 *     force_new_empty_file=True           .how = CAPF_REPLACE
 *     initial_metadata=m                  .meta, .meta_len (used only when the file is created)
 *     compression_block_size=n            .block_size
 *     use_os_file_locking=False           options.locking = CAPF_LOCK_NONE
 *     encoding=...                        none: records are bytes
 *     open(), close(), with               capf_open, capf_close (drops what is uncommitted)
 *     add_record(r) -> count              capf_append -> record number, the same value
 *     commit()                            capf_commit
 *     record_at(n), cf[n]                 capf_get
 *     record_count()                      capf_file_count
 *     cf[a:b]                             capf_cursor_seek(a), capf_cursor_next until b or CAPF_END
 *     cf[a:b:c]                           a loop over numbers with capf_get
 *     iter(cf), record_generator(n)       capf_cursor_open, capf_cursor_seek(n), capf_cursor_next
 *     refresh()                           capf_refresh
 *     get_metadata()                      capf_get_meta (data NULL is None)
 *     set_metadata(m), set_metadata(None) capf_set_meta, capf_clear_meta
 *     CaptureFileAlreadyOpen              CAPF_LOCKED; CAPF_OTHER_WRITER for a writer without a lock
 *     CaptureFileNotOpenForWrite          CAPF_NOT_WRITABLE
 *     CaptureFileNotOpen                  none: a closed handle does not exist
 *     InvalidCaptureFile                  CAPF_NOT_CAPTURE, CAPF_VERSION, CAPF_DAMAGED, CAPF_CUT
 *     IndexError                          CAPF_NO_RECORD
 */
#ifndef CAPF_H
#define CAPF_H

#include "capf_io.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CAPF_MUST_USE __attribute__((warn_unused_result))
#else
#define CAPF_MUST_USE
#endif

typedef struct capf_file capf_file;
typedef struct capf_cursor capf_cursor;

/* ---- Errors ---- */

enum capf_status {
    CAPF_OK,
    CAPF_END,          /* a cursor stands behind the last record or before the first */
    CAPF_NO_RECORD,    /* no such record number */
    CAPF_NO_FILE,      /* nothing under that name */
    CAPF_EXISTS,       /* CAPF_CREATE_NEW: something is there already */
    CAPF_NOT_REGULAR,  /* a directory, FIFO or device */
    CAPF_NOT_CAPTURE,  /* not a capture file */
    CAPF_VERSION,      /* a capture file of a newer version */
    CAPF_DAMAGED,      /* the bytes contradict the format; error.offset says where */
    CAPF_CUT,          /* the file ends before what it should hold */
    CAPF_BUSY,         /* a streamed append is under way, or none is */
    CAPF_LOCKED,       /* another writer holds the lock; error.pid, or -1 */
    CAPF_OTHER_WRITER, /* another process writes without a lock; error.pid, or -1 */
    CAPF_CHANGED,      /* another changed, cut, removed or replaced the file while we wrote */
    CAPF_NOT_WRITABLE, /* the handle was opened to read */
    CAPF_TOO_LARGE,    /* a record or file beyond what the format can hold */
    CAPF_STALE,        /* the cursor's uncommitted records were rolled back */
    CAPF_BROKEN,       /* a sync failed earlier: this handle writes no more */
    CAPF_UNKNOWN,      /* the outcome of a commit cannot be known */
    CAPF_CANCELLED,    /* the progress callback said stop */
    CAPF_NO_SPACE,     /* the disk or quota is full */
    CAPF_IO,           /* any other failed system call; error.sys_errno */
    CAPF_NO_MEMORY,
    CAPF_ARGUMENT, /* a wrong argument */
};

#define CAPF_ERROR_TEXT 240

struct capf_error {
    enum capf_status status;
    int sys_errno;   /* 0 if no system call failed */
    uint64_t offset; /* file position of the fault, in a record of its block; 0 if none */
    uint64_t record; /* record number concerned; 0 if none */
    long pid;        /* of the other process; -1 if it cannot be told, 0 if none */
    char text[CAPF_ERROR_TEXT]; /* one readable sentence without the file's name or a full stop */
};

/* "CAPF_DAMAGED" and so on. Static. */
const char *capf_status_name(enum capf_status status);

/* ---- Options ---- */

enum capf_access { CAPF_READ, CAPF_WRITE };

enum capf_locking {
    CAPF_LOCK_WRITER,          /* the default: the writer's, and the nodes' around a commit */
    CAPF_LOCK_WRITER_AND_NODE, /* the same, and readers lock the nodes while they read */
    CAPF_LOCK_NONE,            /* none, and no look for writers; where there are no locks */
};

enum capf_durability {
    CAPF_DURABLE_FULL, /* the default: a commit that returned survives a power cut */
    CAPF_DURABLE_NONE, /* no sync, as the Python implementation: a power cut can lose the whole file */
};

enum capf_which { CAPF_CURRENT, CAPF_PREVIOUS };

/* Called now and then by calls that may take more than 10 ms, from the calling thread, with
 * bytes done and in all (0: not known). Return false to stop with CAPF_CANCELLED. */
typedef bool capf_progress_fn(void *ctx, uint64_t done, uint64_t total);

struct capf_options {
    const struct capf_io *io; /* NULL: capf_io_posix(). Must outlive the handle and its cursors */
    enum capf_locking locking;
    enum capf_durability durability;
    bool force;            /* write although another process writes without a lock */
    int level;             /* compression 1 to 9; 0: the default, 6 */
    bool zlib_only;        /* compress with zlib, as Python does, even where libdeflate is there */
    size_t cache_bytes;    /* for inflated blocks, all cursors together; 0: the default, 4 MiB */
    unsigned wait_ms;      /* how long to wait for the writer's lock */
    enum capf_which which; /* CAPF_PREVIOUS: the state before the last commit; to read only */
    capf_progress_fn *progress; /* NULL: none */
    void *progress_ctx;
};

#define CAPF_PAGE_SIZE 4096
#define CAPF_BLOCK_SIZE 32768
#define CAPF_FAN_OUT 32
#define CAPF_BLOCK_SIZE_MAX (16u << 20) /* to create; files with up to 1 GiB are read */

enum capf_how { CAPF_CREATE_NEW, CAPF_OPEN_OR_CREATE, CAPF_REPLACE };

struct capf_creation {
    enum capf_how how;
    uint32_t page_size;  /* bytes, 64 to 1 MiB; 0: CAPF_PAGE_SIZE */
    uint32_t block_size; /* bytes, a multiple of page_size; 0: CAPF_BLOCK_SIZE */
    uint32_t fan_out;    /* 2 to 65,536; 0: CAPF_FAN_OUT */
    const void *meta;    /* initial metadata; NULL: none. Ignored when an existing file is opened */
    size_t meta_len;
};

/* ---- Opening and closing ---- */

/* Opens an existing file. `options` may be NULL for the defaults. The caller closes *file. */
CAPF_MUST_USE enum capf_status capf_open(const char *path, enum capf_access access,
                                         const struct capf_options *options, capf_file **file,
                                         struct capf_error *err);

/* Creates a file, or opens an existing one where creation->how allows it, for writing. The new
 * file appears under its name complete or not at all, and is durable on return. *created (may be
 * NULL) says which it was. `creation` may be NULL: CAPF_CREATE_NEW with the default geometry. */
CAPF_MUST_USE enum capf_status capf_create(const char *path, const struct capf_creation *creation,
                                           const struct capf_options *options, capf_file **file,
                                           bool *created, struct capf_error *err);

/* Drops what is uncommitted, releases the lock, frees the handle. Cursors stay usable. NULL is fine. */
void capf_close(capf_file *file);

/* ---- Reading through the handle: its newest state, what is uncommitted included ---- */

struct capf_bytes {
    const uint8_t *data; /* never NULL for a record, also for an empty one */
    size_t len;
};

/* Number of records; any thread. */
uint64_t capf_file_count(const capf_file *file);

/* A whole record. Borrowed until the next call on this handle. For records that may be large
 * use capf_size and capf_read: this one needs memory for the whole. */
CAPF_MUST_USE enum capf_status capf_get(capf_file *file, uint64_t recno, struct capf_bytes *record,
                                        struct capf_error *err);

/* A record's length in bytes. */
CAPF_MUST_USE enum capf_status capf_size(capf_file *file, uint64_t recno, uint64_t *size,
                                         struct capf_error *err);

/* Part of a record, from byte `off`: *got is less than `len` only at the record's end. Bounded
 * memory for any size; near places in a record of gigabytes are quick, and so are places visited
 * before. Bytes of a block longer than 1 MiB may be given out before the block's checksum was
 * reached: then damage is reported by the call that reaches it. */
CAPF_MUST_USE enum capf_status capf_read(capf_file *file, uint64_t recno, uint64_t off, void *buf,
                                         size_t len, size_t *got, struct capf_error *err);

/* The metadata. data NULL: there is none, which is not the same as an empty value. Borrowed
 * until the next call on this handle. */
CAPF_MUST_USE enum capf_status capf_get_meta(capf_file *file, struct capf_bytes *meta,
                                             struct capf_error *err);

/* The metadata's length, and part of it, as capf_size and capf_read for a record: it may be 4 GB too.
 * *present: is there any? Reading where there is none gives 0 bytes. */
CAPF_MUST_USE enum capf_status capf_meta_size(capf_file *file, bool *present, uint64_t *size,
                                              struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_meta_read(capf_file *file, uint64_t off, void *buf, size_t len,
                                              size_t *got, struct capf_error *err);

/* Takes up what other processes committed; *changed (may be NULL) says whether there was
 * anything. Never goes back to an older state, unless the file itself was replaced, truncated or
 * created anew under its name: then CAPF_WARN_REPLACED is set. For a handle opened to write,
 * and for CAPF_PREVIOUS, it does nothing. */
CAPF_MUST_USE enum capf_status capf_refresh(capf_file *file, bool *changed, struct capf_error *err);

/* ---- Writing ---- */

/* Appends a record of at most 2^32 - 1 bytes and gives its number, unless recno is NULL. */
CAPF_MUST_USE enum capf_status capf_append(capf_file *file, const void *data, size_t len,
                                           uint64_t *recno, struct capf_error *err);

#define CAPF_UNKNOWN_LENGTH UINT64_MAX

/* Appends a record piece by piece, in bounded memory. With its length given, the file's bytes are
 * those of capf_append, and _end refuses (CAPF_ARGUMENT) when the pieces were fewer, _data when
 * more. Until _end or _cancel reads see the state before, and appends and commits are refused with
 * CAPF_BUSY. A failed call ends the stream as _cancel does. recno may be NULL. */
CAPF_MUST_USE enum capf_status capf_append_begin(capf_file *file, uint64_t len,
                                                 struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_append_data(capf_file *file, const void *data, size_t len,
                                                struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_append_end(capf_file *file, uint64_t *recno,
                                               struct capf_error *err);
void capf_append_cancel(capf_file *file);

CAPF_MUST_USE enum capf_status capf_set_meta(capf_file *file, const void *data, size_t len,
                                             struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_clear_meta(capf_file *file, struct capf_error *err);

/* Makes everything pending durable and visible at once. Nothing pending: nothing is written. */
CAPF_MUST_USE enum capf_status capf_commit(capf_file *file, struct capf_error *err);

/* Forgets everything since the last commit. Cursors that were opened on it return CAPF_STALE. */
CAPF_MUST_USE enum capf_status capf_rollback(capf_file *file, struct capf_error *err);

/* ---- A commit in two halves, for callers that keep a journal ---- */

struct capf_receipt {
    uint64_t device, inode;
    uint32_t serial_before, serial; /* of the current node, and of the node to be written */
    uint32_t crc_before, crc;       /* their checksums */
    uint64_t count_before, count;   /* records */
};

/* First half: everything but the master node is written and synced; the receipt names the node that
 * capf_commit_finish will write. Appends in between are refused with CAPF_BUSY, capf_rollback undoes
 * it. Nothing pending: the receipt's serial equals serial_before. */
CAPF_MUST_USE enum capf_status capf_commit_prepare(capf_file *file, struct capf_receipt *receipt,
                                                   struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_commit_finish(capf_file *file, struct capf_error *err);

enum capf_verdict { CAPF_VERDICT_YES, CAPF_VERDICT_NO, CAPF_VERDICT_UNKNOWN };

/* Did the commit of this receipt happen in the file behind `file`? YES when one of its master nodes
 * is that commit's, NO when the current one is still the one before, UNKNOWN otherwise: later
 * commits cover it up (then compare the records), or it is another file. YES means seen, and is
 * durable from the next commit of any writer on. */
CAPF_MUST_USE enum capf_status capf_receipt_check(capf_file *file,
                                                  const struct capf_receipt *receipt,
                                                  enum capf_verdict *verdict,
                                                  struct capf_error *err);

/* ---- Cursors: a fixed view of one state ---- */

/* Opens a view of the handle's present state, standing before record 1. Any thread. Goes on seeing
 * that state whatever the handle does later. The caller closes *cursor. */
CAPF_MUST_USE enum capf_status capf_cursor_open(capf_file *file, capf_cursor **cursor,
                                                struct capf_error *err);
void capf_cursor_close(capf_cursor *cursor);

uint64_t capf_cursor_count(const capf_cursor *cursor);

/* Replaces the progress callback that the options gave. */
void capf_cursor_on_progress(capf_cursor *cursor, capf_progress_fn *progress, void *ctx);

/* Stands before record `recno` (1 to count + 1): next gives it, prev the one before it. Reads nothing. */
CAPF_MUST_USE enum capf_status capf_cursor_seek(capf_cursor *cursor, uint64_t recno,
                                                struct capf_error *err);

/* Moves over one record forward or back and gives it, and its number where recno is not NULL.
 * CAPF_END: there is none. On damage it moves over the record all the same, and gives its number, so
 * that a caller can go on behind it. Borrowed until the next call on this cursor. */
CAPF_MUST_USE enum capf_status capf_cursor_next(capf_cursor *cursor, uint64_t *recno,
                                                struct capf_bytes *record, struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_prev(capf_cursor *cursor, uint64_t *recno,
                                                struct capf_bytes *record, struct capf_error *err);

/* As the calls of the same names on a handle, of the cursor's state; they do not move it. */
CAPF_MUST_USE enum capf_status capf_cursor_get(capf_cursor *cursor, uint64_t recno,
                                               struct capf_bytes *record, struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_size(capf_cursor *cursor, uint64_t recno, uint64_t *size,
                                                struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_read(capf_cursor *cursor, uint64_t recno, uint64_t off,
                                                void *buf, size_t len, size_t *got,
                                                struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_meta(capf_cursor *cursor, struct capf_bytes *meta,
                                                struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_meta_size(capf_cursor *cursor, bool *present,
                                                     uint64_t *size, struct capf_error *err);
CAPF_MUST_USE enum capf_status capf_cursor_meta_read(capf_cursor *cursor, uint64_t off, void *buf,
                                                     size_t len, size_t *got,
                                                     struct capf_error *err);

/* Where something stands. */
/* How far the damage reaches that keeps a record from being read: *first to *last, `recno` among
 * them, cannot be read for the same reason, because they stand in the same bad block or because the
 * index node that leads to them all cannot be read. So a reader goes on behind it without trying
 * each, of which there may be billions. Reads index nodes, and the bad block once more. What it
 * gives is true and may be less than all: ask again behind it. */
CAPF_MUST_USE enum capf_status capf_cursor_reach(capf_cursor *cursor, uint64_t recno,
                                                 uint64_t *first, uint64_t *last,
                                                 struct capf_error *err);

/* ---- Looking inside ---- */

struct capf_coord {
    uint64_t pos; /* file position of a block */
    uint32_t off; /* offset in its uncompressed bytes */
};

#define CAPF_LEVELS_MAX 63

/* One of the two master nodes, as it stands in the file. */
struct capf_node_info {
    bool good;      /* the fields below are meaningless when not */
    char fault[80]; /* why not good */
    uint64_t pos;   /* file position */
    uint32_t crc;
    uint32_t serial;
    uint64_t limit;    /* file limit: where the next block goes */
    uint32_t open_len; /* bytes in the open block */
    uint64_t records;
    unsigned levels;
    struct capf_coord meta; /* 0, 0: none */
};

/* What a person should be told of a file that could be opened: bits of capf_info.warnings. */
enum capf_warning {
    CAPF_WARN_NODE_BAD = 1 << 0,        /* one master node is bad, the other is used */
    CAPF_WARN_NOT_CONSECUTIVE = 1 << 1, /* serial numbers differ by more than 1 */
    CAPF_WARN_CUT = 1 << 2,             /* the file ends before its file limit */
    CAPF_WARN_FAN_OUT = 1 << 3,         /* the first index node contradicts the header's fan-out */
    CAPF_WARN_NO_LOCK = 1 << 4,         /* open for writing without a lock */
    CAPF_WARN_WRITERS_UNSEEN = 1 << 5,  /* the system does not tell of writers without locks */
    CAPF_WARN_NO_SYNC = 1 << 6,         /* CAPF_DURABLE_NONE */
    CAPF_WARN_REPLACED = 1 << 7,        /* the file was replaced, removed or truncated while open */
};
#define CAPF_WARN_COUNT 8 /* how many bits there are */

struct capf_info {
    uint32_t version, page_size, block_size, fan_out;
    bool old_magic; /* "WebCapture" in place of "MioCapture" */
    bool writable;
    bool pending;       /* something is uncommitted */
    uint64_t records;   /* of the state shown, uncommitted ones included */
    uint64_t committed; /* of the last commit */
    unsigned levels;
    uint32_t level_children[CAPF_LEVELS_MAX]; /* [0] is height 1 */
    uint32_t serial;
    uint64_t file_limit, file_size;
    uint32_t open_block;    /* bytes in the open block */
    struct capf_coord meta; /* 0, 0: none */
    uint64_t missing;       /* CAPF_WARN_CUT: bytes missing at the end */
    uint64_t device, inode;
    unsigned warnings; /* bits of enum capf_warning */
    int current;       /* which of node[] is the state shown, before what is uncommitted */
    struct capf_node_info node[2];
};

/* Fills *info. The two nodes are read from the file anew. */
CAPF_MUST_USE enum capf_status capf_get_info(capf_file *file, struct capf_info *info,
                                             struct capf_error *err);

/* One sentence for one bit of info->warnings, always terminated. */
void capf_warning_text(const struct capf_info *info, enum capf_warning warning, char *buf,
                       size_t size);

/* One step from the top of the index to a record. */
struct capf_step {
    unsigned height; /* of the thing at `at`: 0 is the record itself */
    uint32_t index;  /* which child of the step before, from 0 */
    bool rightmost;  /* a child of the rightmost path: the step before was the master node */
    struct capf_coord at;
};

/* The path to a record: *count steps (at most CAPF_LEVELS_MAX), the last one is the record. */
CAPF_MUST_USE enum capf_status capf_locate(capf_file *file, uint64_t recno,
                                           struct capf_step steps[CAPF_LEVELS_MAX], unsigned *count,
                                           struct capf_error *err);

struct capf_block_info {
    uint64_t pos;
    uint64_t next;   /* position of the block behind it; the open block has none: 0 */
    uint32_t stored; /* compressed length, its 4-byte prefix not counted; 0 for the open block */
    uint64_t raw;    /* uncompressed length */
    bool open;       /* the open block, which is still in the master node */
};

/* The block at a position that some coordinate gave. */
CAPF_MUST_USE enum capf_status capf_get_block_info(capf_file *file, uint64_t pos,
                                                   struct capf_block_info *info,
                                                   struct capf_error *err);

/* The checksum that the format uses, CRC-32 as in zlib and PNG: begin with 0, go on with what it gave. */
uint32_t capf_crc32(uint32_t crc, const void *data, size_t len);

/* The library's version, "0.1.0". Static. */
const char *capf_version(void);

#ifdef __cplusplus
}
#endif

#include "capf_damage.h"

#endif
