/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The open file as a person works on it: a handle to read, a cursor on the
 * state that is shown, the current record, what is staged, and how to lock.
 * The handle never writes. A second one does, for the moment of a commit, so
 * that nobody holds a lock while a person thinks.
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "app/jumps.h"
#include "app/keymap.h"
#include "app/messages.h"
#include "app/range.h"
#include "app/settings.h"
#include "app/stage.h"
#include "core/capf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A state of the file, and where in it the person is. */
struct session_state {
    capf_file *file;
    capf_cursor *cursor;
    struct capf_info info;
    uint64_t recno;
    uint64_t uncommitted; /* from this number on they were never committed; 0: all were */
};

struct session {
    /* How to open; set before session_open. */
    const struct capf_io *io; /* NULL: the operating system's */
    enum capf_locking locking;
    bool force;       /* write although another process writes without a lock */
    unsigned wait_ms; /* for the writer's lock */

    char *path;      /* as it was given; NULL: no file. Not safe for a terminal as it stands */
    capf_file *file; /* to read; NULL: not open */
    struct capf_error unopened; /* why session_open failed at last; CAPF_OK: it did not */
    capf_cursor *cursor;   /* on the state that is shown; replaced by session_refresh and _commit */
    struct capf_info info; /* of that state; info.warnings with capf_warning_text */
    uint64_t recno;        /* the current record, 1 to info.records; 0 when there is none */
    struct jumps jumps;    /* where jumps of it began */
    uint64_t marks[RANGE_MARKS]; /* records by letter; 0: not set */
    uint64_t damage; /* the record that next-damage and prev-damage went to last; 0: none */

    /* Another state than the newest is looked at, and can only be looked at: what it is called, and the
     * newest one meanwhile. */
    const char *aside; /* static: "the commit before"; NULL: the newest is shown */
    struct session_state newest;
    uint64_t uncommitted; /* of the state shown: from this number on never committed; 0: none */

    bool edit;      /* changes may be staged */
    bool immediate; /* a shell command: what it stages it commits itself */
    struct stage stage;

    /* Of the program as a person has set it up, whatever file is open. */
    struct settings settings;
    struct keymap keymap;
    struct messages messages;
    char *config_path; /* where write-config writes; NULL: nowhere by itself */
};

void session_init(struct session *session);
/* Closes, forgets what is staged. */
void session_release(struct session *session);

/* Names the file without opening it. */
void session_set_path(struct session *session, const char *path);
/* Opens `path` to read. On failure the session is without a file, but has its path. */
CAPF_MUST_USE enum capf_status session_open(struct session *session, const char *path,
                                            struct capf_error *err);
/* Opens another file in its place, without marks. On failure the one that is open stays. */
CAPF_MUST_USE enum capf_status session_replace(struct session *session, const char *path,
                                               struct capf_error *err);
/* Closes the file; what is staged stays. */
void session_close(struct session *session);

/* Takes up what others committed; *changed (may be NULL) says whether there was anything. On
 * failure the session goes on showing what it showed. */
CAPF_MUST_USE enum capf_status session_refresh(struct session *session, bool *changed,
                                               struct capf_error *err);

/* ---- Looking at another state ---- */

/* Opens the state of the other master node, the commit before, for session_look_aside. CAPF_END:
 * there is none, because nothing was committed since the file was made. */
CAPF_MUST_USE enum capf_status session_open_before(const struct session *session,
                                                   struct session_state *before,
                                                   struct capf_error *err);
/* The same for what a writer left behind the newest commit and never committed: its records follow
 * the committed ones, from info->first on. CAPF_END: there is nothing. Refreshes first. */
CAPF_MUST_USE enum capf_status session_open_after(struct session *session,
                                                  struct session_state *after,
                                                  struct capf_after_info *info,
                                                  struct capf_error *err);
void session_state_release(struct session_state *state);

/* Shows a state in place of the newest, and takes it over: file, cursor, info and recno of the
 * session are the state's from now on. Its file may be NULL, where the cursor needs none. `name` is static.
 * Nothing can be edited, committed or refreshed meanwhile. */
void session_look_aside(struct session *session, const char *name, struct session_state *state);
/* Back to the newest state, as it was left. */
void session_look_back(struct session *session);

/* Records in the state shown; staged ones not counted. */
uint64_t session_count(const struct session *session);
/* What positions are counted from. */
struct range_base session_base(const struct session *session);

#define SESSION_META_HEAD 256

/* How the current metadata begins: all that is shown of a value that may have gigabytes. */
struct session_meta {
    bool present;
    uint64_t len;
    uint8_t head[SESSION_META_HEAD];
    size_t head_len;
};

CAPF_MUST_USE enum capf_status session_meta(struct session *session, struct session_meta *meta,
                                            struct capf_error *err);

/* Gives the current metadata to `take` piece by piece, until it returns false. */
CAPF_MUST_USE enum capf_status session_each_meta(struct session *session,
                                                 bool (*take)(void *ctx, const uint8_t *bytes,
                                                              size_t len),
                                                 void *ctx, struct capf_error *err);

/* ---- Committing ---- */

/* The file as it was when a person looked at what the commit would do. */
struct session_review {
    uint64_t device, inode;
    uint32_t serial;
    uint64_t records; /* the first staged piece becomes records + 1 */
    struct capf_coord meta;
};

/* Takes up the newest state, without a lock, and notes it. */
CAPF_MUST_USE enum capf_status session_look(struct session *session, struct session_review *review,
                                            struct capf_error *err);

#define SESSION_TEXT 640

/* One line that says what a commit would do: "append 2 -> #6-#7; metadata: ...; cannot be undone".
 * Safe for a terminal. */
void session_review_text(struct session *session, const struct session_review *review,
                         char text[SESSION_TEXT]);

enum session_result {
    SESSION_COMMITTED,
    SESSION_CHANGED, /* the file is not as reviewed; `changes` says how. Nothing was written */
    SESSION_FAILED,  /* nothing of it is in the file, unless err says CAPF_UNKNOWN */
};

struct session_outcome {
    uint64_t first, last; /* numbers of the appended records; 0 when there were none */
    bool meta_changed;
    char changes[SESSION_TEXT]; /* SESSION_CHANGED: what changed since the review */
};

/* Takes the writer's lock, and if the file is still as reviewed (NULL: as it is now), appends what
 * is staged, sets the metadata, commits, and lets go. Only after success is the stage emptied. */
CAPF_MUST_USE enum session_result session_commit(struct session *session,
                                                 const struct session_review *review,
                                                 struct session_outcome *outcome,
                                                 struct capf_error *err);

/* What a person can do about a failure of core: "make room and try again" and the like. Comes
 * behind the error's own sentence and a semicolon. Static. */
const char *session_advice(const struct capf_error *err);

#endif
