/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs of scripts, and sweeps of runs.
 */
#include "tests/support/test.h"

#include "tests/support/fault_script.h"

#include <stdlib.h>
#include <string.h>

static const struct fault_case *under_way;
static uint64_t failing_call;

/* ---- One run ---- */

static void begin(struct fault_run *run, const struct fault_case *what)
{
    const struct fault_script *script = what->script;
    memset(run, 0, sizeof *run);
    run->what = what;
    run->disk = mem_disk_new();
    *mem_disk_limits(run->disk) = script->limits;
    fault_io_init(&run->fault, mem_disk_io(run->disk), &what->plan);
    run->fault.nodes_begin = script->page_size;
    run->fault.nodes_end = 5 * (uint64_t)script->page_size + 2 * (uint64_t)script->block_size;
    run->options = (struct capf_options){.io = &run->fault.wrap.io,
                                         .locking = script->locking,
                                         .level = 1,
                                         .zlib_only = script->zlib_only,
                                         .cache_bytes = script->cache_bytes};
    const struct model_value none = {0};
    model_init(&run->model, script->page_size, script->fan_out, &none);
    fault_io_feed_libdeflate(&run->fault);
    fault_step_begin(&run->fault);
}

static void close_all(struct fault_run *run)
{
    capf_close(run->file);
    capf_close(run->reader);
    run->file = run->reader = NULL;
    assert_int_equal(run->fault.wrap.memory.live_blocks, 0);
    assert_int_equal(mem_disk_open_count(run->disk), 0);
    fault_io_feed_libdeflate(NULL);
}

static void end(struct fault_run *run)
{
    model_release(&run->model);
    model_state_release(&run->seen);
    mem_disk_free(run->disk);
}

/* A handle that writes no more refuses all writing but a rollback; a new one takes over. What was not committed
 * is done again. */
static void reopen(struct fault_run *run, enum capf_status status)
{
    run->fault.paused = true;
    must_be(CAPF_BROKEN, capf_append(run->file, "x", 1, NULL, &test_err));
    must_be(CAPF_BROKEN, capf_commit(run->file, &test_err));
    must(capf_rollback(run->file, &test_err));
    must_be(CAPF_BROKEN, capf_append(run->file, "x", 1, NULL, &test_err));
    capf_close(run->file);
    run->file = NULL;
    must(capf_open(FAULT_PATH, CAPF_WRITE, &run->options, &run->file, &test_err));
    enum capf_verdict verdict = CAPF_VERDICT_UNKNOWN;
    bool happened = status == CAPF_UNKNOWN && run->happened;
    if (run->receipt.serial != 0) {
        must(capf_receipt_check(run->file, &run->receipt, &verdict, &test_err));
        assert_int_equal(verdict, happened ? CAPF_VERDICT_YES : CAPF_VERDICT_NO);
    }
    if (happened)
        run->resume = run->step + 1;
    model_rollback(&run->model);
    fault_check_shows(run->file, &run->model.now);
    run->fault.paused = false;
}

/* Decides how it goes on after a step that failed. False: not at all. */
static bool go_on(struct fault_run *run, const struct fault_step *step, enum capf_status status)
{
    const struct fault_plan *plan = &run->what->plan;
    if (!run->what->retry)
        return false;
    run->tries++;
    if (run->tries > plan->times)
        fail_msg("tried %u times with %llu calls failing", run->tries,
                 (unsigned long long)plan->times);
    if (step->kind > STEP_OPEN_READER && fault_writes_no_more(status)) {
        reopen(run, status);
        run->step = run->resume;
        run->tries = 0;
        run->value = (struct model_value){0};
    }
    return true;
}

static void move_on(struct fault_run *run, enum fault_step_kind kind)
{
    run->step++;
    run->tries = 0;
    run->value = (struct model_value){0};
    run->receipt = (struct capf_receipt){0};
    if (!run->model.pending || kind <= STEP_OPEN_READ)
        run->resume = run->step;
}

/* `times` of a step is unrolled beforehand, so that each counts as one. */
static void do_steps(struct fault_run *run, const struct fault_step *steps, size_t count)
{
    while (run->step < count) {
        const struct fault_step *step = &steps[run->step];
        fault_step_begin(&run->fault);
        run->inode = fault_inode(run);
        test_err = (struct capf_error){0};
        enum capf_status status = fault_step_do(run, step);
        if (status == CAPF_OK) {
            move_on(run, step->kind);
            continue;
        }
        fault_check_promise(run, step, status);
        if (!go_on(run, step, status))
            return;
    }
}

static struct fault_step *unroll(const struct fault_script *script, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < script->count; i++)
        *count += script->steps[i].times > 1 ? script->steps[i].times : 1;
    struct fault_step *steps = test_bytes(*count * sizeof *steps), *next = steps;
    for (size_t i = 0; i < script->count; i++)
        for (unsigned n = 0; n < (script->steps[i].times > 1 ? script->steps[i].times : 1); n++)
            *next++ = script->steps[i];
    return steps;
}

uint64_t fault_case_image(const struct fault_case *what, uint8_t **image, size_t *len)
{
    struct fault_run run;
    size_t count;
    struct fault_step *steps = unroll(what->script, &count);
    under_way = what;
    failing_call = what->plan.first;
    begin(&run, what);
    do_steps(&run, steps, count);
    close_all(&run);
    if (what->retry)
        assert_int_equal(run.step, count);
    if (image != NULL)
        *image = mem_disk_copy(run.disk, FAULT_PATH, len);
    fault_check_found(&run);
    end(&run);
    free(steps);
    under_way = NULL;
    return run.fault.calls;
}

uint64_t fault_case_run(const struct fault_case *what)
{
    return fault_case_image(what, NULL, NULL);
}

/* ---- Sweeps ---- */

uint64_t fault_sweep(const struct fault_case *what)
{
    struct fault_case one = *what;
    one.plan.first = FAULT_NEVER;
    uint64_t calls = fault_case_run(&one), runs = 0;
    uint64_t stride = 1 + calls / (test_scaled((unsigned)calls) + 1);
    for (one.plan.first = 1; one.plan.first <= calls; one.plan.first += stride, runs++)
        fault_case_run(&one);
    fault_values_forget();
    return runs;
}

int fault_tell_case(void **state)
{
    (void)state;
    if (under_way == NULL)
        return 0;
    const struct fault_plan *plan = &under_way->plan;
    print_error("script %s: error %d at call %llu of the set %x, %lld times, %s\n",
                under_way->script->name, plan->error, (unsigned long long)failing_call, plan->ops,
                (long long)plan->times, under_way->retry ? "tried again" : "then closed");
    under_way = NULL;
    return 0;
}
