/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens to a script's calls on their way to the disk: kills, syncs that
 * fail or are taken away, a disk that is full, a library that was tampered with;
 * and the trace that tells what was done.
 */
#include "tests/support/cut_script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void note(struct cut_script *script, const struct io_call *call)
{
    struct cut_trace *trace = arena_take(&script->arena, sizeof *trace);
    *trace = (struct cut_trace){.step = script->step,
                                .doing = script->doing,
                                .op = call->op,
                                .fd = call->fd,
                                .off = call->off,
                                .len = call->len,
                                .fate = ""};
    if (script->last != NULL)
        script->last->next = trace;
    else
        script->first = trace;
    script->last = trace;
}

static bool is_own(enum io_op op)
{
    return op == IO_NOW || op == IO_NAP || op == IO_REALLOC;
}

static bool changes_disk(const struct io_call *call)
{
    switch (call->op) {
    case IO_PWRITE:
    case IO_DATASYNC:
    case IO_GROW:
    case IO_LINK_UNNAMED:
    case IO_LINK:
    case IO_RENAME:
    case IO_UNLINK:
    case IO_DIRSYNC:
        return true;
    default:
        return call->op == IO_OPEN && call->how == CAPF_IO_NEW;
    }
}

/* Some of the bytes are written, and then the disk is full, for one call. */
static int run_out_of_space(struct cut_script *script, struct io_call *call)
{
    if (!script->full)
        call->len = (size_t)cut_pick(script, call->len);
    script->full = !script->full && call->len != 0;
    script->last->fate = script->full ? "is cut short" : "finds no space";
    return script->full ? 0 : -ENOSPC;
}

/* The writer dies in this call, before it or behind it; a write may get half-way. */
static int die(struct cut_script *script, struct io_call *call)
{
    script->killed = true;
    script->kills++;
    bool done = rng_chance(&script->rng, 50);
    if (call->op == IO_PWRITE && !done) {
        call->len = (size_t)cut_pick(script, call->len);
        done = call->len != 0;
    }
    script->last->fate = done ? "is done, then killed" : "killed before";
    script->last->len = call->len;
    return done ? 0 : -EIO;
}

static int each_call(void *ctx, struct io_call *call)
{
    struct cut_script *script = ctx;
    if (is_own(call->op))
        return 0;
    if (script->killed)
        return -EIO;
    if (changes_disk(call) || call->op == IO_OPEN || call->op == IO_CLOSE)
        note(script, call);
    if (call->op == IO_PWRITE)
        script->data_written = call->off >= script->data_pos;
    if (script->fuse != 0 && changes_disk(call) && --script->fuse == 0)
        return die(script, call);
    if (call->op == IO_PWRITE && script->plan.faults &&
        (script->full || rng_chance(&script->rng, 6)))
        return run_out_of_space(script, call);
    return 0;
}

static bool is_taken_away(const struct cut_script *script, int fd, bool first)
{
    switch (script->plan.sabotage) {
    case CUT_NO_BARRIER:
        return fd >= 0 && script->data_written && !first;
    case CUT_NO_SYNC_AT_OPEN:
        return fd >= 0 && first;
    case CUT_NO_FOLDER_SYNC:
        return fd < 0 && script->file != NULL;
    default:
        return false;
    }
}

static enum sim_sync each_sync(void *ctx, int fd)
{
    struct cut_script *script = ctx;
    bool first = script->fresh;
    script->fresh &= fd < 0;
    if (is_taken_away(script, fd, first)) {
        script->last->fate = "does nothing";
        return SIM_SYNC_LIES;
    }
    if (!script->plan.faults || !rng_chance(&script->rng, 15))
        return SIM_SYNC_WORKS;
    script->last->fate = "fails";
    return SIM_SYNC_FAILS;
}

static void cut(void *ctx)
{
    struct cut_script *script = ctx;
    cut_power(script->level, script->disk);
}

/* ---- Reads and writes of a library that was tampered with ---- */

/* Which node a session writes or peeks at; -1: something else, or a file being made. */
static int node_at(const struct cut_script *script, uint64_t off)
{
    uint64_t first = script->creation.page_size;
    if (script->file == NULL || (off != first && off != first + script->node_len))
        return -1;
    return off == first ? 0 : 1;
}

static int64_t write_tampered(void *ctx, int fd, const void *buf, size_t len, uint64_t off)
{
    struct wrap_io *wrap = ctx;
    struct cut_script *script = wrap->hook_ctx;
    enum cut_sabotage sabotage = script->plan.sabotage;
    int slot = node_at(script, off);
    bool whole = slot >= 0 && len == script->node_len;
    if (slot >= 0)
        script->unspoiled[slot] = sabotage == CUT_NO_SPOILING && !whole;
    if ((slot >= 0 && script->unspoiled[slot]) ||
        (whole && script->fresh && sabotage == CUT_NO_RENEWAL))
        return (int64_t)len;
    if (whole && !script->fresh && sabotage == CUT_WRONG_SLOT)
        off = slot == 0 ? off + script->node_len : off - script->node_len;
    struct io_call call = {.op = IO_PWRITE, .fd = fd, .off = off, .len = len, .data = buf};
    int refused = wrap->hook(wrap->hook_ctx, &call);
    return refused != 0 ? refused : wrap->base->pwrite(wrap->base->ctx, fd, buf, call.len, off);
}

/* The library looks whether a node begins with what it put there. */
static int64_t read_tampered(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
    struct wrap_io *wrap = ctx;
    struct cut_script *script = wrap->hook_ctx;
    int slot = node_at(script, off);
    int64_t got = script->killed ? -EIO : wrap->base->pread(wrap->base->ctx, fd, buf, len, off);
    if (slot >= 0 && script->unspoiled[slot] && len < script->node_len)
        memset(buf, 0, len);
    return got;
}

/* What the library is given, on the present disk. */
void cut_script_set_table(struct cut_script *script)
{
    script->disk->hooks = (struct sim_hooks){.changed = cut, .sync = each_sync, .ctx = script};
    wrap_io_init(&script->wrap, &script->disk->io);
    script->wrap.hook = each_call;
    script->wrap.hook_ctx = script;
    if (script->plan.sabotage != CUT_SOUND) {
        script->wrap.io.pwrite = write_tampered;
        script->wrap.io.pread = read_tampered;
    }
    script->options = (struct capf_options){.io = &script->wrap.io, .level = 1};
    if (script->plan.sabotage == CUT_NO_SYNC)
        script->options.durability = CAPF_DURABLE_NONE;
}

void cut_script_tell(void *ctx)
{
    const struct cut_script *script = ctx;
    fprintf(stderr, "pages of %u, blocks of %u, fan-out %u, units of %u; the calls so far:\n",
            script->creation.page_size, script->creation.block_size, script->creation.fan_out,
            script->disk->unit);
    for (const struct cut_trace *trace = script->first; trace != NULL; trace = trace->next)
        fprintf(stderr, "%4u %-10s %-13s fd %d off %llu len %zu %s\n", trace->step, trace->doing,
                io_op_name(trace->op), trace->fd, (unsigned long long)trace->off, trace->len,
                trace->fate);
    fprintf(stderr, "repeat with CAPF_REPLAY='%llu:%d", (unsigned long long)script->plan.seed,
            script->plan.faults);
}
