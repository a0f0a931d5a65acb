/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must hold after a call has failed, kind by kind, as capf.h says.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool fault_writes_no_more(enum capf_status status)
{
    return status == CAPF_BROKEN || status == CAPF_UNKNOWN;
}

static void check_meta(capf_file *file, const struct model_value *value)
{
    struct capf_bytes meta;
    must(capf_get_meta(file, &meta, &test_err));
    assert_true(fault_equals(value, meta));
}

void fault_check_shows(capf_file *file, const struct model_state *state)
{
    struct capf_bytes record;
    assert_int_equal(capf_file_count(file), state->count);
    for (uint64_t i = 0; i < state->count; i++) {
        must(capf_get(file, i + 1, &record, &test_err));
        if (!fault_equals(&state->records[i], record))
            fail_msg("record %llu is not what was appended", (unsigned long long)(i + 1));
    }
    check_meta(file, &state->meta);
}

uint64_t fault_inode(const struct fault_run *run)
{
    const struct capf_io *io = mem_disk_io(run->disk);
    struct capf_io_stat stat = {0};
    return io->stat_path(io->ctx, FAULT_PATH, &stat) == 0 ? stat.inode : 0;
}

/* ---- The status and its description ---- */

static bool is_creation(const struct fault_run *run, enum fault_step_kind kind)
{
    return kind == STEP_CREATE || kind == STEP_REPLACE ||
           (kind == STEP_CREATE_OR_OPEN && !run->exists);
}

static enum capf_status plain_status(const struct fault_plan *plan)
{
    if (plan->error == -EINTR || (plan->error == 0 && plan->most > 0))
        return CAPF_OK; /* nobody is to see these */
    if ((plan->ops & FAULT_MEMORY) != 0)
        return CAPF_NO_MEMORY;
    return plan->error == -ENOSPC ? CAPF_NO_SPACE : CAPF_IO;
}

struct capf_error *fault_err(const struct fault_run *run)
{
    return run->what->silent ? NULL : &test_err;
}

void fault_check_error(const struct fault_run *run, enum capf_status status)
{
    const struct fault_plan *plan = &run->what->plan;
    if (run->what->silent)
        return;
    size_t len = strlen(test_err.text);
    assert_int_equal(test_err.status, status);
    assert_true(len > 10 && len < sizeof test_err.text && test_err.text[len - 1] != '.');
    if (status != CAPF_NO_MEMORY)
        assert_int_equal(test_err.sys_errno, plan->error != 0 ? -plan->error : EIO);
}

/* A node that was written in part, and could not be taken back. */
static bool is_half_written(const struct fault_run *run, enum capf_status status)
{
    return status == CAPF_UNKNOWN && run->what->script->limits.transfer != 0 &&
           (run->fault.step_ops & FAULT_OP(IO_PWRITE)) != 0;
}

/* The documented reasons for the two statuses after which a handle writes no more, and no other. */
static void check_status(const struct fault_run *run, const struct fault_step *step,
                         enum capf_status status)
{
    const struct fault_io *fault = &run->fault;
    enum capf_status want = plain_status(&fault->plan);
    if (is_creation(run, step->kind)) {
        if (fault_inode(run) != run->inode) /* it got its name */
            want = CAPF_UNKNOWN;
    } else if (fault->data_syncs_failed > 0 || (fault->step_ops & FAULT_OP(IO_DIRSYNC)) != 0) {
        want = CAPF_BROKEN;
    } else if (fault->node_syncs_failed > 0 || is_half_written(run, status)) {
        want = CAPF_UNKNOWN;
        assert_true(fault->plan.times > 1); /* one is mended */
    }
    if (status != want)
        fail_msg("step %zu gave %s, not %s: %s", run->step, capf_status_name(status),
                 capf_status_name(want), test_err.text);
    fault_check_error(run, status);
}

/* ---- The file ---- */

static capf_file *open_healthy(struct fault_run *run, enum capf_access access)
{
    capf_file *file = NULL;
    struct capf_options options = {.io = mem_disk_io(run->disk), .locking = CAPF_LOCK_NONE};
    must(capf_open(FAULT_PATH, access, &options, &file, &test_err));
    return file;
}

static void check_committed(struct fault_run *run)
{
    struct model_state state = model_committed(&run->model);
    capf_file *file = open_healthy(run, CAPF_READ);
    fault_check_shows(file, &state);
    capf_close(file);
    model_state_release(&state);
}

/* One name, or none, and what could not be unlinked. */
static void check_names(const struct fault_run *run)
{
    unsigned names = mem_disk_name_count(run->disk), wanted = run->exists ? 1 : 0;
    assert_true(names >= wanted && names <= wanted + run->litter);
}

static void check_creation(struct fault_run *run, const struct fault_step *step,
                           enum capf_status status)
{
    assert_null(run->file);
    run->litter += (run->fault.step_ops & FAULT_OP(IO_UNLINK)) != 0;
    if (status == CAPF_UNKNOWN) { /* complete under its name */
        model_release(&run->model);
        model_init(&run->model, run->what->script->page_size, run->what->script->fan_out,
                   &run->value);
        run->exists = true;
    }
    check_names(run);
    if (run->exists)
        check_committed(run);
    if (status == CAPF_UNKNOWN && run->what->retry && step->kind == STEP_CREATE)
        run->file = open_healthy(run, CAPF_WRITE);
}

/* All of it is there, or nothing. */
static void check_unknown_commit(struct fault_run *run)
{
    capf_file *file = open_healthy(run, CAPF_READ);
    struct capf_info ours, found;
    must(capf_get_info(run->file, &ours, &test_err));
    must(capf_get_info(file, &found, &test_err));
    run->happened = found.serial != ours.serial;
    capf_close(file);
    if (run->happened)
        model_commit(&run->model);
    check_committed(run);
}

static void check_handle(struct fault_run *run)
{
    struct capf_info info;
    fault_check_shows(run->file, &run->model.now);
    must(capf_get_info(run->file, &info, &test_err));
    assert_int_equal(info.committed, run->model.committed);
    assert_int_equal(info.pending, run->model.pending);
}

/* No stream goes on, and no commit is prepared. */
static void check_over(struct fault_run *run)
{
    must_be(CAPF_BUSY, capf_append_end(run->file, NULL, &test_err));
    must_be(CAPF_BUSY, capf_commit_finish(run->file, &test_err));
}

void fault_check_promise(struct fault_run *run, const struct fault_step *step,
                         enum capf_status status)
{
    check_status(run, step, status);
    bool creation = is_creation(run, step->kind);
    run->fault.paused = true;
    if (creation)
        check_creation(run, step, status);
    else if (run->file != NULL)
        check_handle(run);
    if (run->file != NULL && step->kind >= STEP_APPEND && step->kind <= STEP_TWO_HALVES)
        check_over(run);
    if (status == CAPF_UNKNOWN && !creation)
        check_unknown_commit(run);
    else if (run->exists)
        check_committed(run);
    if (run->reader != NULL)
        fault_check_shows(run->reader, &run->seen);
    run->fault.paused = false;
}

/* With two looks at a node failing a reader goes on with the other one, and says so; it must take
 * up the newest as soon as it can be read. */
void fault_check_reader(struct fault_run *run)
{
    struct capf_info info;
    bool paused = run->fault.paused;
    run->fault.paused = true;
    must(capf_get_info(run->reader, &info, &test_err));
    if ((info.warnings & CAPF_WARN_NODE_BAD) != 0) {
        assert_true(run->what->plan.times > 1);
        must(capf_refresh(run->reader, NULL, &test_err));
    }
    model_state_release(&run->seen);
    run->seen = model_committed(&run->model);
    fault_check_shows(run->reader, &run->seen);
    run->fault.paused = paused;
}

/* ---- At the end ---- */

static void check_writable(struct fault_run *run)
{
    struct model_value value = {true, ++run->seed, 100, 50};
    capf_file *file = open_healthy(run, CAPF_WRITE);
    must(capf_append(file, fault_bytes(&value), value.len, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
    model_append(&run->model, &value);
    model_commit(&run->model);
    check_committed(run);
}

void fault_check_found(struct fault_run *run)
{
    check_names(run);
    if (!run->exists)
        return;
    model_rollback(&run->model);
    check_committed(run);
    check_writable(run);
}
