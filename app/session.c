/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The open file of a person: opening, refreshing, committing. See session.h;
 * the words about a commit are in review.c.
 */
#include "app/session.h"

#include "app/memory.h"
#include "app/review.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void session_init(struct session *session)
{
    memset(session, 0, sizeof(*session));
    stage_init(&session->stage);
    jumps_init(&session->jumps);
    settings_init(&session->settings);
}

void session_release(struct session *session)
{
    session_close(session);
    stage_release(&session->stage);
    settings_release(&session->settings);
    keymap_release(&session->keymap);
    messages_release(&session->messages);
    free(session->path);
    free(session->config_path);
    session->path = session->config_path = NULL;
}

void session_close(struct session *session)
{
    session_look_back(session);
    capf_cursor_close(session->cursor);
    session->cursor = NULL;
    capf_close(session->file);
    session->file = NULL;
    memset(&session->info, 0, sizeof(session->info));
    session->recno = 0;
}

static struct capf_options session_options(const struct session *session)
{
    struct capf_options options = {0};

    options.io = session->io;
    options.locking = session->locking;
    options.force = session->force;
    options.wait_ms = session->wait_ms;
    return options;
}

/* The state that a handle has, with recno where it is or as near as there is a record. */
static enum capf_status state_of(capf_file *file, uint64_t recno, struct session_state *state,
                                 struct capf_error *err)
{
    capf_cursor *cursor;
    struct capf_info info;
    enum capf_status status = capf_get_info(file, &info, err);

    if (status == CAPF_OK)
        status = capf_cursor_open(file, &cursor, err);
    if (status != CAPF_OK)
        return status;
    if (recno > info.records)
        recno = info.records;
    if (recno == 0 && info.records > 0)
        recno = 1;
    *state = (struct session_state){file, cursor, info, recno, 0};
    return CAPF_OK;
}

static void put_state(struct session *session, const struct session_state *state)
{
    session->file = state->file;
    session->cursor = state->cursor;
    session->info = state->info;
    session->recno = state->recno;
    session->uncommitted = state->uncommitted;
}

/* Shows the newest state the handle has: the cursor, the info and the current record follow. */
static enum capf_status session_show(struct session *session, struct capf_error *err)
{
    struct session_state state;
    enum capf_status status = state_of(session->file, session->recno, &state, err);

    if (status != CAPF_OK)
        return status;
    capf_cursor_close(session->cursor);
    put_state(session, &state);
    return CAPF_OK;
}

void session_set_path(struct session *session, const char *path)
{
    char *copy = memory_string(path);

    session_close(session);
    free(session->path);
    session->path = copy;
}

enum capf_status session_open(struct session *session, const char *path, struct capf_error *err)
{
    struct capf_options options = session_options(session);
    struct capf_error why = {0};
    enum capf_status status;

    session_set_path(session, path);
    status = capf_open(session->path, CAPF_READ, &options, &session->file, &why);
    if (status == CAPF_OK)
        status = session_show(session, &why);
    if (status != CAPF_OK)
        session_close(session);
    session->unopened = why;
    if (status != CAPF_OK && err)
        *err = why;
    return status;
}

enum capf_status session_replace(struct session *session, const char *path, struct capf_error *err)
{
    struct capf_options options = session_options(session);
    struct session_state state;
    capf_file *file;
    enum capf_status status = capf_open(path, CAPF_READ, &options, &file, err);

    if (status != CAPF_OK)
        return status;
    status = state_of(file, 0, &state, err);
    if (status != CAPF_OK) {
        capf_close(file);
        return status;
    }
    session_set_path(session, path);
    put_state(session, &state);
    jumps_init(&session->jumps);
    session->damage = 0;
    session->unopened = (struct capf_error){0};
    memset(session->marks, 0, sizeof(session->marks));
    return CAPF_OK;
}

enum capf_status session_refresh(struct session *session, bool *changed, struct capf_error *err)
{
    bool newer = false;
    enum capf_status status = capf_refresh(session->file, &newer, err);

    if (status == CAPF_OK && newer)
        status = session_show(session, err);
    else if (status == CAPF_OK) /* warnings come and go without a new state */
        status = capf_get_info(session->file, &session->info, err);
    if (status == CAPF_OK && changed)
        *changed = newer;
    return status;
}

/* ---- Looking at another state ---- */

/* A new file has two nodes that say the same: neither is a commit. */
static bool is_new(const struct capf_info *info)
{
    const struct capf_node_info *a = &info->node[0], *b = &info->node[1];

    return a->good && b->good && a->records == 0 && b->records == 0 && a->limit == b->limit &&
           a->open_len == b->open_len && a->meta.pos == b->meta.pos && a->meta.off == b->meta.off;
}

static enum capf_status open_before(const struct session *session, struct session_state *before,
                                    struct capf_error *err)
{
    struct capf_options options = session_options(session);
    capf_file *file;
    enum capf_status status;

    options.which = CAPF_PREVIOUS;
    status = capf_open(session->path, CAPF_READ, &options, &file, err);
    if (status != CAPF_OK)
        return status;
    status = state_of(file, session->recno, before, err);
    if (status != CAPF_OK)
        capf_close(file);
    return status;
}

/* Its info has both nodes as they were read last: the state must still be one of them. */
static bool is_settled(const struct capf_info *info)
{
    const struct capf_node_info *node = &info->node[info->current];

    return node->good && node->serial == info->serial && info->node[!info->current].good;
}

enum capf_status session_open_before(const struct session *session, struct session_state *before,
                                     struct capf_error *err)
{
    for (int tries = 0; tries < 10; tries++) {
        enum capf_status status = open_before(session, before, err);

        if (status != CAPF_OK)
            return status;
        if (is_settled(&before->info) && !is_new(&before->info))
            return CAPF_OK;
        status = is_settled(&before->info) ? CAPF_END : CAPF_CHANGED;
        session_state_release(before);
        if (status == CAPF_END)
            return status;
    }
    memset(err, 0, sizeof(*err));
    err->status = CAPF_CHANGED;
    strcpy(err->text, "another process commits again and again meanwhile");
    return CAPF_CHANGED;
}

enum capf_status session_open_after(struct session *session, struct session_state *after,
                                    struct capf_after_info *info, struct capf_error *err)
{
    enum capf_status status = session_refresh(session, NULL, err);

    memset(after, 0, sizeof(*after));
    if (status == CAPF_OK)
        status = capf_cursor_open_after(session->file, &after->cursor, info, err);
    if (status != CAPF_OK)
        return status;
    after->info = session->info;
    after->info.records = info->last;
    after->recno = after->uncommitted = info->first;
    return CAPF_OK;
}

void session_state_release(struct session_state *state)
{
    capf_cursor_close(state->cursor);
    capf_close(state->file);
    memset(state, 0, sizeof(*state));
}

void session_look_aside(struct session *session, const char *name, struct session_state *state)
{
    session_look_back(session);
    session->newest =
        (struct session_state){session->file, session->cursor, session->info, session->recno, 0};
    session->aside = name;
    put_state(session, state);
    if (session->file == NULL)
        session->file = session->newest.file;
    memset(state, 0, sizeof(*state));
}

void session_look_back(struct session *session)
{
    if (!session->aside)
        return;
    capf_cursor_close(session->cursor);
    if (session->file != session->newest.file)
        capf_close(session->file);
    put_state(session, &session->newest);
    memset(&session->newest, 0, sizeof(session->newest));
    session->aside = NULL;
}

uint64_t session_count(const struct session *session)
{
    return session->cursor ? capf_cursor_count(session->cursor) : 0;
}

struct range_base session_base(const struct session *session)
{
    return (struct range_base){session->recno, session_count(session), session->marks};
}

enum capf_status session_meta(struct session *session, struct session_meta *meta,
                              struct capf_error *err)
{
    enum capf_status status =
        capf_cursor_meta_size(session->cursor, &meta->present, &meta->len, err);

    if (status == CAPF_OK)
        status = capf_cursor_meta_read(session->cursor, 0, meta->head, sizeof(meta->head),
                                       &meta->head_len, err);
    return status;
}

enum capf_status session_each_meta(struct session *session,
                                   bool (*take)(void *ctx, const uint8_t *bytes, size_t len),
                                   void *ctx, struct capf_error *err)
{
    uint8_t part[65536];
    uint64_t off = 0;
    size_t got;
    enum capf_status status;

    do {
        status = capf_cursor_meta_read(session->cursor, off, part, sizeof(part), &got, err);
        if (status != CAPF_OK || (got > 0 && !take(ctx, part, got)))
            return status;
        off += got;
    } while (got > 0);
    return CAPF_OK;
}

/* ---- Committing ---- */

enum capf_status session_look(struct session *session, struct session_review *review,
                              struct capf_error *err)
{
    enum capf_status status = session_refresh(session, NULL, err);

    if (status == CAPF_OK)
        review_note(review, &session->info);
    return status;
}

static enum capf_status append_piece(capf_file *writer, const struct stage *stage, size_t index,
                                     uint64_t *recno, struct capf_error *err)
{
    uint8_t part[65536];
    uint64_t off = 0;
    size_t len;
    enum capf_status status = capf_append_begin(writer, stage->pieces[index].len, err);

    while (status == CAPF_OK && (len = stage_read(stage, index, off, part, sizeof(part))) > 0) {
        status = capf_append_data(writer, part, len, err);
        off += len;
    }
    if (status == CAPF_OK)
        status = capf_append_end(writer, recno, err);
    return status;
}

static enum capf_status append_stage(capf_file *writer, const struct stage *stage,
                                     struct session_outcome *outcome, struct capf_error *err)
{
    enum capf_status status = CAPF_OK;
    size_t i;

    for (i = 0; i < stage->count && status == CAPF_OK; i++) {
        status = append_piece(writer, stage, i, &outcome->last, err);
        if (i == 0)
            outcome->first = outcome->last;
    }
    if (status == CAPF_OK && stage->meta == STAGE_META_SET)
        status = capf_set_meta(writer, stage->meta_bytes, stage->meta_len, err);
    else if (status == CAPF_OK && stage->meta == STAGE_META_CLEAR)
        status = capf_clear_meta(writer, err);
    outcome->meta_changed = stage->meta != STAGE_META_KEEP;
    return status;
}

/* Everything between taking the lock and giving it back. */
static enum session_result commit_through(capf_file *writer, const struct session *session,
                                          const struct session_review *review,
                                          struct session_outcome *outcome, struct capf_error *err)
{
    struct capf_info info;
    enum capf_status status = capf_get_info(writer, &info, err);

    if (status != CAPF_OK)
        return SESSION_FAILED;
    if (review && review_changes(review, &info, outcome->changes))
        return SESSION_CHANGED;
    status = append_stage(writer, &session->stage, outcome, err);
    if (status == CAPF_OK)
        status = capf_commit(writer, err);
    return status == CAPF_OK ? SESSION_COMMITTED : SESSION_FAILED;
}

/* The commit is in the file whatever happens here: a state that cannot be shown now is taken up by
 * the next refresh. */
static void session_follow_own_commit(struct session *session)
{
    enum capf_status status = session->file ? session_refresh(session, NULL, NULL) : CAPF_OK;

    (void)status;
}

enum session_result session_commit(struct session *session, const struct session_review *review,
                                   struct session_outcome *outcome, struct capf_error *err)
{
    struct capf_options options = session_options(session);
    capf_file *writer = NULL;
    enum session_result result;

    memset(outcome, 0, sizeof(*outcome));
    if (capf_open(session->path, CAPF_WRITE, &options, &writer, err) != CAPF_OK)
        return SESSION_FAILED;
    result = commit_through(writer, session, review, outcome, err);
    capf_close(writer);
    if (result != SESSION_COMMITTED)
        return result;
    stage_discard(&session->stage);
    session_follow_own_commit(session);
    return SESSION_COMMITTED;
}

/* ---- Advice ---- */

static const char *advice_for_errno(int sys_errno)
{
    switch (sys_errno) {
    case EACCES:
    case EPERM:
        return "check who may read and write there";
    case EROFS:
        return "choose a place that can be written";
    case EMFILE:
    case ENFILE:
        return "close some files and try again";
    case ELOOP:
    case ENAMETOOLONG:
        return "check the name";
    default:
        return "check the disk and try again";
    }
}

const char *session_advice(const struct capf_error *err)
{
    switch (err->status) {
    case CAPF_EXISTS:
        return "choose another name";
    case CAPF_NO_FILE:
    case CAPF_NOT_REGULAR:
    case CAPF_NOT_CAPTURE:
        return "check the name";
    case CAPF_VERSION:
        return "a newer capscope may read it";
    case CAPF_DAMAGED:
    case CAPF_CUT:
        return "capscope verify says more, capscope salvage saves what can be saved";
    case CAPF_LOCKED:
        return "--wait SECONDS waits for it";
    case CAPF_OTHER_WRITER:
        return "end it first, or take the risk with --force";
    case CAPF_CHANGED:
        return "open it again";
    case CAPF_TOO_LARGE:
        return "split it into smaller records";
    case CAPF_NO_SPACE:
        return err->sys_errno == EFBIG ? "see the limit on file sizes (ulimit -f)"
                                       : "make room and try again";
    case CAPF_BROKEN:
        return "check the disk";
    case CAPF_UNKNOWN:
        return "check the disk, and see which record is the last before trying again";
    case CAPF_NO_MEMORY:
        return "end some programs and try again";
    case CAPF_ARGUMENT:
        return "see the limits in the help";
    case CAPF_IO:
        return advice_for_errno(err->sys_errno);
    default:
        return "try again";
    }
}
