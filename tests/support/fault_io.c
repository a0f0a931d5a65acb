/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The failing table: a hook that counts.
 */
#include "tests/support/test.h"

#include "tests/support/fault_io.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

static bool is_due(const struct fault_plan *plan, uint64_t call)
{
    if (call < plan->first || call - plan->first >= plan->times)
        return false;
    return plan->let_through == 0 ||
           (call - plan->first) % (plan->let_through + 1) != plan->let_through;
}

static void note_failure(struct fault_io *fault, const struct io_call *call)
{
    fault->failed++;
    fault->step_ops |= FAULT_OP(call->op);
    if (call->op != IO_DATASYNC)
        return;
    if (fault->node_unsynced)
        fault->node_syncs_failed++;
    else
        fault->data_syncs_failed++;
}

/* A write of the very bytes that are there makes no new node. */
static bool changes_bytes(const struct fault_io *fault, const struct io_call *call)
{
    const struct capf_io *base = fault->wrap.base;
    uint8_t *there = test_bytes(call->len);
    size_t done = 0;
    for (int64_t n = 1; done < call->len && n > 0; done += n > 0 ? (size_t)n : 0)
        n = base->pread(base->ctx, call->fd, there + done, call->len - done, call->off + done);
    bool same = done == call->len && memcmp(there, call->data, call->len) == 0;
    free(there);
    return !same;
}

static void note_success(struct fault_io *fault, const struct io_call *call)
{
    if (call->op == IO_DATASYNC)
        fault->node_unsynced = false;
    if (call->op == IO_PWRITE && call->off >= fault->nodes_begin && call->off < fault->nodes_end &&
        changes_bytes(fault, call))
        fault->node_unsynced = true;
}

static int refuse(void *ctx, struct io_call *call)
{
    struct fault_io *fault = ctx;
    bool counts = !fault->paused && (fault->plan.ops & FAULT_OP(call->op)) != 0;
    if (!counts || !is_due(&fault->plan, ++fault->calls)) {
        note_success(fault, call);
        return 0;
    }
    if (fault->plan.error == 0) {
        fault->failed++;
        if (call->len > fault->plan.most)
            call->len = fault->plan.most;
        return 0;
    }
    note_failure(fault, call);
    return fault->plan.error;
}

void fault_io_init(struct fault_io *fault, const struct capf_io *base,
                   const struct fault_plan *plan)
{
    memset(fault, 0, sizeof *fault);
    wrap_io_init(&fault->wrap, base);
    fault->wrap.hook = refuse;
    fault->wrap.hook_ctx = fault;
    fault->plan = *plan;
}

void fault_step_begin(struct fault_io *fault)
{
    fault->step_ops = 0;
    fault->data_syncs_failed = fault->node_syncs_failed = 0;
    fault->node_unsynced = false;
}

#ifdef HAVE_LIBDEFLATE

static struct fault_io *feeder; /* libdeflate's allocator is global, and has no context */

static void *feed(size_t size)
{
    return feeder->wrap.io.realloc(feeder->wrap.io.ctx, NULL, size);
}

static void take_back(void *ptr)
{
    if (ptr != NULL)
        feeder->wrap.io.realloc(feeder->wrap.io.ctx, ptr, 0);
}

void fault_io_feed_libdeflate(struct fault_io *fault)
{
    feeder = fault;
    libdeflate_set_memory_allocator(fault != NULL ? feed : malloc,
                                    fault != NULL ? take_back : free);
}

#else

void fault_io_feed_libdeflate(struct fault_io *fault)
{
    (void)fault;
}

#endif
