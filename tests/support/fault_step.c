/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps of a script with failing calls. Each is one public call, or a few
 * that belong together, and can be done again when it has failed.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <stdlib.h>
#include <string.h>

#define PIECES 3

/* ---- Creating and opening ---- */

static enum capf_status create(struct fault_run *run, enum capf_how how)
{
    const struct fault_script *script = run->what->script;
    struct capf_creation creation = {
        .how = how,
        .page_size = script->page_size,
        .block_size = script->block_size,
        .fan_out = script->fan_out,
        .meta = run->value.there ? fault_bytes(&run->value) : NULL,
        .meta_len = run->value.len,
    };
    bool created = false;
    enum capf_status status =
        capf_create(FAULT_PATH, &creation, &run->options, &run->file, &created, fault_err(run));
    if (status != CAPF_OK)
        return status;
    run->litter += (run->fault.step_ops & FAULT_OP(IO_UNLINK)) != 0;
    if (created) {
        model_release(&run->model);
        model_init(&run->model, script->page_size, script->fan_out, &run->value);
    } else {
        assert_true(run->exists);
    }
    run->exists = true;
    return CAPF_OK;
}

static enum capf_status do_create(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    if (run->file != NULL) /* an earlier try ended with CAPF_UNKNOWN: it is there */
        return CAPF_OK;
    return create(run, CAPF_CREATE_NEW);
}

static enum capf_status do_create_or_open(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return create(run, CAPF_OPEN_OR_CREATE);
}

static enum capf_status do_replace(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return create(run, CAPF_REPLACE);
}

static enum capf_status do_open(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return capf_open(FAULT_PATH, CAPF_WRITE, &run->options, &run->file, fault_err(run));
}

static enum capf_status open_to_read(struct fault_run *run, capf_file **file)
{
    enum capf_status status = capf_open(FAULT_PATH, CAPF_READ, &run->options, file, fault_err(run));
    struct capf_info info;
    if (status != CAPF_OK)
        return status;
    run->fault.paused = true;
    must(capf_get_info(*file, &info, &test_err));
    if ((info.warnings & CAPF_WARN_NODE_BAD) != 0) /* see fault_check_reader */
        must(capf_refresh(*file, NULL, &test_err));
    run->fault.paused = false;
    return CAPF_OK;
}

static enum capf_status do_open_read(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return open_to_read(run, &run->file);
}

static enum capf_status do_open_reader(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    enum capf_status status = open_to_read(run, &run->reader);
    if (status == CAPF_OK)
        fault_check_reader(run);
    return status;
}

static enum capf_status do_close(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    capf_close(run->file);
    run->file = NULL;
    model_rollback(&run->model);
    return CAPF_OK;
}

/* ---- Writing ---- */

static enum capf_status appended(struct fault_run *run, enum capf_status status, uint64_t recno)
{
    if (status != CAPF_OK) {
        assert_int_equal(recno, 0); /* out-parameters are untouched on failure */
        return status;
    }
    model_append(&run->model, &run->value);
    assert_int_equal(recno, run->model.now.count);
    return CAPF_OK;
}

static enum capf_status do_append(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    uint64_t recno = 0;
    enum capf_status status =
        capf_append(run->file, fault_bytes(&run->value), run->value.len, &recno, fault_err(run));
    return appended(run, status, recno);
}

/* The value in pieces, all but the call that ends it. */
static enum capf_status stream(struct fault_run *run, uint64_t len)
{
    const uint8_t *data = fault_bytes(&run->value);
    size_t done = 0, piece = run->value.len / PIECES + 1;
    enum capf_status status = capf_append_begin(run->file, len, fault_err(run));
    while (status == CAPF_OK && done < run->value.len) {
        size_t n = piece < run->value.len - done ? piece : run->value.len - done;
        status = capf_append_data(run->file, data + done, n, fault_err(run));
        done += n;
    }
    return status;
}

static enum capf_status stream_to_end(struct fault_run *run, uint64_t len)
{
    uint64_t recno = 0;
    enum capf_status status = stream(run, len);
    if (status == CAPF_OK)
        status = capf_append_end(run->file, &recno, fault_err(run));
    return appended(run, status, recno);
}

static enum capf_status do_stream_known(struct fault_run *run, const struct fault_step *step)
{
    return stream_to_end(run, step->len);
}

static enum capf_status do_stream_unknown(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return stream_to_end(run, CAPF_UNKNOWN_LENGTH);
}

static enum capf_status do_cancel(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    enum capf_status status = stream(run, CAPF_UNKNOWN_LENGTH);
    capf_append_cancel(run->file);
    return status;
}

static enum capf_status do_set_meta(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    enum capf_status status =
        capf_set_meta(run->file, fault_bytes(&run->value), run->value.len, fault_err(run));
    if (status == CAPF_OK)
        model_set_meta(&run->model, &run->value);
    return status;
}

static enum capf_status do_clear_meta(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    const struct model_value none = {0};
    enum capf_status status = capf_clear_meta(run->file, fault_err(run));
    if (status == CAPF_OK)
        model_set_meta(&run->model, &none);
    return status;
}

static enum capf_status do_commit(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    run->receipt = (struct capf_receipt){0};
    enum capf_status status = capf_commit(run->file, fault_err(run));
    if (status == CAPF_OK)
        model_commit(&run->model);
    return status;
}

static enum capf_status do_two_halves(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    run->receipt = (struct capf_receipt){0};
    enum capf_status status = capf_commit_prepare(run->file, &run->receipt, fault_err(run));
    if (status == CAPF_OK)
        status = capf_commit_finish(run->file, fault_err(run));
    if (status == CAPF_OK)
        model_commit(&run->model);
    return status;
}

static enum capf_status do_rollback(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    must(capf_rollback(run->file, &test_err)); /* it needs nothing that can fail */
    model_rollback(&run->model);
    return CAPF_OK;
}

/* ---- Reading ---- */

static enum capf_status do_refresh(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    enum capf_status status = capf_refresh(run->reader, NULL, fault_err(run));
    if (status == CAPF_OK)
        fault_check_reader(run);
    return status;
}

static enum capf_status do_read(struct fault_run *run, const struct fault_step *step)
{
    (void)step;
    return fault_read_all(run);
}

static enum capf_status do_healthy(struct fault_run *run, const struct fault_step *step)
{
    run->fault.plan.ops = step->kind == STEP_HEALTHY ? 0 : run->what->plan.ops;
    return CAPF_OK;
}

/* ---- All of them ---- */

typedef enum capf_status step_fn(struct fault_run *run, const struct fault_step *step);

static step_fn *const step_fns[STEP_KINDS] = {
    [STEP_CREATE] = do_create,
    [STEP_CREATE_OR_OPEN] = do_create_or_open,
    [STEP_REPLACE] = do_replace,
    [STEP_OPEN] = do_open,
    [STEP_OPEN_READ] = do_open_read,
    [STEP_OPEN_READER] = do_open_reader,
    [STEP_CLOSE] = do_close,
    [STEP_APPEND] = do_append,
    [STEP_STREAM_KNOWN] = do_stream_known,
    [STEP_STREAM_UNKNOWN] = do_stream_unknown,
    [STEP_CANCEL] = do_cancel,
    [STEP_SET_META] = do_set_meta,
    [STEP_CLEAR_META] = do_clear_meta,
    [STEP_COMMIT] = do_commit,
    [STEP_TWO_HALVES] = do_two_halves,
    [STEP_ROLLBACK] = do_rollback,
    [STEP_REFRESH] = do_refresh,
    [STEP_READ] = do_read,
    [STEP_HEALTHY] = do_healthy,
    [STEP_FAULTY] = do_healthy,
};

enum capf_status fault_step_do(struct fault_run *run, const struct fault_step *step)
{
    if (run->value.seed == 0)
        run->value = (struct model_value){step->len > 0, ++run->seed, step->len, step->noise};
    return step_fns[step->kind](run, step);
}
