/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cursors of random scripts: opened on the writer or the reader at any
 * moment, they must go on seeing the state of that moment, or say CAPF_STALE
 * when it was rolled back.
 */
#include "tests/support/test.h"

#include "tests/support/script.h"

void view_close(struct script_view *view)
{
    capf_cursor_close(view->cursor);
    model_state_release(&view->state);
    *view = (struct script_view){0};
}

void view_open(struct script *script)
{
    struct script_view *view = &script->views[rng_below(&script->rng, SCRIPT_VIEWS)];
    bool of_writer = rng_chance(&script->rng, 70);
    if (view->cursor != NULL)
        view_close(view);
    must(capf_cursor_open(of_writer ? script->writer : script->reader, &view->cursor, &test_err));
    view->state = model_state_copy(of_writer ? &script->model.now : &script->seen);
    view->uncommitted = of_writer && script->model.pending;
    view->stands = 1;
    assert_int_equal(capf_cursor_count(view->cursor), view->state.count);
}

void views_committed(struct script *script)
{
    for (unsigned i = 0; i < SCRIPT_VIEWS; i++)
        script->views[i].uncommitted = false;
}

void views_rolled_back(struct script *script)
{
    for (unsigned i = 0; i < SCRIPT_VIEWS; i++)
        if (script->views[i].uncommitted) {
            script->views[i].fate = VIEW_STALE;
            script->views[i].uncommitted = false;
        }
}

/* What was never committed went with the handle; whether a view of it says so or still shows it is
 * left open, but it must not show anything else. */
void views_writer_closed(struct script *script)
{
    for (unsigned i = 0; i < SCRIPT_VIEWS; i++)
        if (script->views[i].uncommitted) {
            script->views[i].fate = VIEW_EITHER;
            script->views[i].uncommitted = false;
        }
}

/* Is this the status that the view's fate asks for? True when there are bytes to compare. */
static bool fits_fate(struct script_view *view, enum capf_status status)
{
    if (view->fate == VIEW_EITHER && status == CAPF_STALE)
        view->fate = VIEW_STALE;
    must_be(view->fate == VIEW_STALE ? CAPF_STALE : CAPF_OK, status);
    return status == CAPF_OK;
}

/* As fits_fate, for a step that may find the end. A stale view may stand anywhere. */
static bool fits_step(struct script_view *view, enum capf_status status, bool at_end)
{
    if (status == CAPF_END && (at_end || view->fate == VIEW_STALE))
        return false;
    return fits_fate(view, status);
}

static void look_next(struct script_view *view)
{
    struct capf_bytes record;
    uint64_t recno = 0;
    enum capf_status status = capf_cursor_next(view->cursor, &recno, &record, &test_err);
    if (!fits_step(view, status, view->stands > view->state.count))
        return;
    assert_true(recno == view->stands && recno <= view->state.count);
    assert_true(model_equals(&view->state.records[recno - 1], record));
    view->stands++;
}

static void look_prev(struct script_view *view)
{
    struct capf_bytes record;
    uint64_t recno = 0;
    enum capf_status status = capf_cursor_prev(view->cursor, &recno, &record, &test_err);
    if (!fits_step(view, status, view->stands == 1))
        return;
    view->stands--;
    assert_true(recno == view->stands && recno > 0);
    assert_true(model_equals(&view->state.records[recno - 1], record));
}

static void look_seek(struct script *script, struct script_view *view)
{
    uint64_t recno = 1 + rng_below(&script->rng, view->state.count + 1);
    enum capf_status status = capf_cursor_seek(view->cursor, recno, &test_err);
    if (status == CAPF_OK)
        view->stands = recno;
    assert_true(status == CAPF_OK || (status == CAPF_STALE && view->fate != VIEW_GOOD));
}

static void look_meta(struct script_view *view)
{
    struct capf_bytes meta;
    if (fits_fate(view, capf_cursor_meta(view->cursor, &meta, &test_err)))
        assert_true(model_equals(&view->state.meta, meta));
}

static void look_get(struct script *script, struct script_view *view)
{
    struct capf_bytes record;
    uint64_t size;
    if (view->state.count == 0)
        return;
    uint64_t recno = 1 + rng_below(&script->rng, view->state.count);
    const struct model_value *value = &view->state.records[recno - 1];
    if (!fits_fate(view, capf_cursor_get(view->cursor, recno, &record, &test_err)))
        return;
    assert_true(model_equals(value, record));
    must(capf_cursor_size(view->cursor, recno, &size, &test_err));
    assert_int_equal(size, value->len);
    script_check_part(script, NULL, view->cursor, recno, value);
}

/* One look. A view of a rolled-back state stands nowhere in particular, so it does not walk. */
static void look_once(struct script *script, struct script_view *view)
{
    switch (rng_below(&script->rng, 5)) {
    case 0:
        look_next(view);
        break;
    case 1:
        look_prev(view);
        break;
    case 2:
        look_seek(script, view);
        break;
    case 3:
        look_meta(view);
        break;
    default:
        look_get(script, view);
    }
}

void view_look(struct script *script)
{
    struct script_view *view = &script->views[rng_below(&script->rng, SCRIPT_VIEWS)];
    if (view->cursor == NULL)
        return;
    assert_int_equal(capf_cursor_count(view->cursor), view->state.count);
    for (uint64_t i = rng_below(&script->rng, 12); i > 0; i--)
        look_once(script, view);
}
