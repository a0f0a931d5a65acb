/* SPDX-License-Identifier: MIT */
/*
 * Damaged files: checking a whole file, what was never committed, and salvage.
 * Part of capf.h, which includes it.
 */
#ifndef CAPF_DAMAGE_H
#define CAPF_DAMAGE_H

#include "capf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Checking a whole file ---- */

/* What a finding is about. */
enum capf_finding_kind {
    CAPF_FINDING_HEADER,   /* the first page */
    CAPF_FINDING_NODE,     /* a master node */
    CAPF_FINDING_CUT,      /* the file ends before its file limit */
    CAPF_FINDING_BLOCK,    /* a block cannot be read: length, zlib stream or Adler-32 */
    CAPF_FINDING_CHAIN,    /* blocks do not follow one another without a gap */
    CAPF_FINDING_INDEX,    /* an index node */
    CAPF_FINDING_RECORD,   /* a record is not where the index says */
    CAPF_FINDING_METADATA, /* the metadata is not where the master node says */
    CAPF_FINDING_STRAY,    /* bytes of a block that belong to nothing */
};

struct capf_finding {
    enum capf_finding_kind kind;
    bool note;       /* unusual, but nothing is wrong with it */
    uint64_t offset; /* file position */
    uint64_t first,
        last; /* records that it touches, which may be readable in part; 0, 0: none known */
    char text[CAPF_ERROR_TEXT]; /* one sentence without a full stop */
};

/* "block" and so on. Static. */
const char *capf_finding_kind_name(enum capf_finding_kind kind);

struct capf_check {
    bool quick; /* only header, master nodes, rightmost path, and the first and last blocks */
    /* Called for each finding, in file order by and large. NULL: they are only counted. */
    void (*found)(void *ctx, const struct capf_finding *finding);
    void *ctx;
};

struct capf_check_result {
    uint64_t damage, notes; /* findings */
    uint64_t records;       /* in the state that was checked */
    uint64_t sound;         /* of these, seen where they should be in a good block */
    uint64_t index_nodes, metadata_values, blocks; /* that were seen and are good */
    uint64_t stored, raw; /* bytes of those blocks in the file, and inflated */
    uint32_t serial;      /* of the state; 0 when there was none */
    uint64_t file_limit;
};

/* Reads all of a file, or the ends of it, and holds everything against everything: what reading a
 * record does not look at too. Looks at one state, the newest when it was called, so it is right beside
 * a writer. At most 64 MiB of memory, and 2 block sizes. Uses options->io, cache_bytes and progress;
 * `check` may be NULL. CAPF_OK: it could be done, and result->damage says whether the file is whole.
 * Otherwise the file cannot be opened at all; what was found out about it has been reported. Stopped by
 * the progress callback: CAPF_CANCELLED. *result is filled as far as it came in any case. */
CAPF_MUST_USE enum capf_status capf_check(const char *path, const struct capf_check *check,
                                          const struct capf_options *options,
                                          struct capf_check_result *result, struct capf_error *err);

/* ---- What was never committed ---- */

/* Why the blocks behind the file limit end where they end. */
enum capf_after_end {
    CAPF_AFTER_FILE_END, /* nothing more was written */
    CAPF_AFTER_CUT,      /* a block was begun and not written to its end, as a writer does whose
                          * last page is not full */
    CAPF_AFTER_OTHER,    /* what follows does not inflate, or does not continue what is before it */
    CAPF_AFTER_TOO_MANY, /* 262,144 items and more without an index node */
};

struct capf_after_info {
    uint64_t committed;   /* records of the last commit */
    uint64_t first, last; /* numbers that the records behind it would have had */
    uint64_t unsure;   /* from this number on an item may be a metadata value; last + 1: none may */
    uint64_t metadata; /* values that were set in between, as far as they can be told */
    uint64_t bytes;    /* stored bytes of the blocks behind the file limit */
    uint64_t blocks;
    uint64_t end; /* file position where they end */
    enum capf_after_end why;
    bool changed; /* the master nodes changed since the handle last looked: a writer is at work, and
                   * some of it may be committed by now */
};

/* Opens a view in which what a writer flushed behind the file limit, and never committed, follows
 * the committed records: a writer that was killed leaves it. Every block is proven by its
 * checksum, the first one begins with the committed open block's bytes, and index nodes tell
 * records from metadata, except behind the last one: there each item counts as a record, and
 * info->unsure says from where on. What was still in the writer's memory is nowhere. None of this
 * is part of the file, and the next writer overwrites it; where it stopped in the middle, blocks of
 * one before it may follow, if they fit. Beside a live writer it is what that has flushed so far; what
 * the cursor reads later may have been overwritten, and then is damage or other records: open it anew.
 * Refresh first. Reads each block once; asks the progress callback.
 * CAPF_END: there is nothing; CAPF_ARGUMENT: the handle shows CAPF_PREVIOUS; CAPF_CHANGED:
 * the file was replaced. `info` may be NULL. The caller closes *cursor. */
CAPF_MUST_USE enum capf_status capf_cursor_open_after(capf_file *file, capf_cursor **cursor,
                                                      struct capf_after_info *info,
                                                      struct capf_error *err);

/* Where it ends and why, as one sentence, always terminated. */
void capf_after_text(const struct capf_after_info *info, char *buf, size_t size);

/* ---- Salvage: what can be had of a file that does not open, or not wholly ---- */

enum capf_geometry_source {
    CAPF_GEOMETRY_HEADER,   /* the file's own header */
    CAPF_GEOMETRY_GIVEN,    /* by the caller */
    CAPF_GEOMETRY_INFERRED, /* from what stands in the file */
    CAPF_GEOMETRY_ASSUMED,  /* nothing shows it: the header's, or the usual values */
};

/* All zero is fine. */
struct capf_salvage_options {
    uint32_t page_size, block_size, fan_out; /* 0: as the file shows */
    bool unsure; /* write items too that may be records or metadata, each at its place */
};

/* Why an item is not known to be a record. */
enum capf_unsure_why {
    CAPF_UNSURE_KIND,     /* no index node tells whether it is a record or metadata */
    CAPF_UNSURE_UNPROVEN, /* it is in the open block of a master node without a good checksum */
    CAPF_UNSURE_STRAY,    /* in a block that was found by searching and that no index node knows: it
                           * may belong to a capture file inside a record. Never written */
};

#define CAPF_UNSURE_HEAD 32

struct capf_unsure {
    struct capf_coord at; /* where it stands in the source */
    uint32_t len;         /* bytes */
    uint64_t after;       /* certain records before it in the new file */
    uint64_t number;      /* of the record that it may be, in the source; 0: not known */
    enum capf_unsure_why why;
    bool written;
    uint8_t head[CAPF_UNSURE_HEAD]; /* how it begins */
    uint8_t head_len;
};

/* `count` of the records `first` to `last` did not come back for certain. Where the count is less than
 * there are numbers, which of them is not known. Both 0: their numbers are not known. count 0: how
 * many there are is not known, and the numbers begin with `first`, if that is not 0. */
struct capf_lost {
    uint64_t first, last;
    uint64_t count;
    uint64_t after; /* certain records before them in the new file */
};

struct capf_skipped {
    uint64_t offset, len; /* bytes of the source */
};

struct capf_meta_candidate {
    struct capf_coord at;
    uint32_t len;
    uint8_t head[64];
    uint8_t head_len;
};

#define CAPF_META_CANDIDATES 16

/* What became of it. Lists are cut at `..._max`; the totals are not. */
struct capf_salvage_report {
    uint32_t page_size, block_size, fan_out;
    enum capf_geometry_source geometry, fan_out_source;
    bool node_good[2]; /* master nodes with a good checksum */
    bool state_known;  /* a master node tells where the data ends and which items are records */
    bool state_proven; /* and its checksum is good */
    uint64_t source_size, limit; /* bytes; where the data ends, as far as is known */
    uint64_t recovered;          /* records that are certain, all of them written */
    uint64_t written;            /* records in the new file, unsure ones included */
    uint64_t lost;               /* records of the source that are known to be missing */
    bool lost_more;              /* there may be others, whose number is not known */
    uint64_t unsure_total, unsure_written;
    uint64_t blocks_good;
    uint64_t blocks_odd; /* they inflate, and their items make no sense */
    uint64_t skipped_bytes, skipped_total;
    bool gave_up;    /* searching a gap took too long: there may be more */
    bool meta_known; /* the current metadata is known, or that there is none */
    bool meta_present, meta_written;
    struct capf_coord meta;
    uint64_t meta_seen; /* metadata values that were seen */

    struct capf_lost *losts;
    size_t lost_count;
    struct capf_unsure *unsure;
    size_t unsure_count;
    struct capf_skipped *skipped;
    size_t skipped_count;
    struct capf_meta_candidate
        candidate[CAPF_META_CANDIDATES]; /* the last ones seen, oldest first */
    size_t candidate_count;
    const struct capf_io *io; /* whose memory the lists are */
};

#define CAPF_LOSTS_MAX 65536
#define CAPF_UNSURE_MAX 8192
#define CAPF_SKIPPED_MAX 8192

/* Copies what can be had of `path`, which is opened to read, never written and need not be a readable
 * capture file, into the new file `out`: every record whose bytes are proven by a checksum and whose
 * place an index node or the rightmost path tells, in order, and the current metadata where it is
 * known. What is not certain is in the report, and in the new file only if options->unsure asks for it.
 * `out` NULL: only the report. It must not exist; it appears complete or not at all, built under
 * the name `out`.salvage beside it. At most 64 MiB of memory. `salvage` and `options` may be NULL;
 * options->io, level, durability and progress are used. The caller hands *report, which is filled also
 * on failure, to capf_salvage_release.
 * CAPF_END: nothing can be had of it, and there is no new file; CAPF_EXISTS: `out`, or `out`.salvage,
 * is there already; CAPF_VERSION: a good header of a newer version; CAPF_CANCELLED. */
CAPF_MUST_USE enum capf_status capf_salvage(const char *path, const char *out,
                                            const struct capf_salvage_options *salvage,
                                            const struct capf_options *options,
                                            struct capf_salvage_report *report,
                                            struct capf_error *err);
void capf_salvage_release(struct capf_salvage_report *report);

/* Did all come back: nothing lost, nothing unsure, metadata known, and no bad master node that may have
 * held a later commit than the good one? */
bool capf_salvage_complete(const struct capf_salvage_report *report);

#ifdef __cplusplus
}
#endif

#endif
