/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options; see settings.h. */
#include "app/settings.h"

#include "app/command.h"
#include "app/handlers.h"
#include "app/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void settings_init(struct settings *settings)
{
    *settings = (struct settings){.wrap = true};
}

void settings_release(struct settings *settings)
{
    free(settings->pager);
    settings->pager = NULL;
}

static void put(char text[SETTING_TEXT], const char *value)
{
    snprintf(text, SETTING_TEXT, "%s", value);
}

static bool is(const char *text, const char *value)
{
    return strcmp(text, value) == 0;
}

/* ---- edit ---- */

static void get_edit(const struct session *session, char text[SETTING_TEXT])
{
    put(text, session->edit ? "on" : "off");
}

static bool set_edit(struct session *session, const char *text, char error[SETTING_ERROR])
{
    if (session->aside) {
        snprintf(error, SETTING_ERROR, "only to look at: %s; :now comes back to the newest",
                 session->aside);
        return false;
    }
    session->edit = is(text, "on");
    return true;
}

/* ---- keys ---- */

static void get_keys(const struct session *session, char text[SETTING_TEXT])
{
    put(text, session->keymap.preset == KEYMAP_LESS ? "less" : "default");
}

static bool set_keys(struct session *session, const char *text, char error[SETTING_ERROR])
{
    (void)error;
    keymap_set_preset(&session->keymap, is(text, "less") ? KEYMAP_LESS : KEYMAP_DEFAULT);
    return true;
}

/* ---- locking, wait ---- */

static void get_locking(const struct session *session, char text[SETTING_TEXT])
{
    put(text, session->locking == CAPF_LOCK_NONE ? "none" : "writer");
}

static bool set_locking(struct session *session, const char *text, char error[SETTING_ERROR])
{
    (void)error;
    session->locking = is(text, "none") ? CAPF_LOCK_NONE : CAPF_LOCK_WRITER;
    return true;
}

static void get_wait(const struct session *session, char text[SETTING_TEXT])
{
    snprintf(text, SETTING_TEXT, "%g", session->wait_ms / 1000.0);
}

static bool set_wait(struct session *session, const char *text, char error[SETTING_ERROR])
{
    if (locking_parse_wait(text, &session->wait_ms))
        return true;
    snprintf(error, SETTING_ERROR, "it takes seconds, as 5 or 0.5");
    return false;
}

/* ---- pager ---- */

static void get_pager(const struct session *session, char text[SETTING_TEXT])
{
    put(text, session->settings.pager ? session->settings.pager : "");
}

static bool set_pager(struct session *session, const char *text, char error[SETTING_ERROR])
{
    if (strlen(text) >= SETTING_TEXT) {
        snprintf(error, SETTING_ERROR, "the command has %d bytes at most", SETTING_TEXT - 1);
        return false;
    }
    settings_release(&session->settings);
    if (text[0])
        session->settings.pager = memory_string(text);
    return true;
}

/* ---- view, wrap ---- */

static const char *const view_choices[] = {"auto", "text", "hex", NULL};

static void get_view(const struct session *session, char text[SETTING_TEXT])
{
    put(text, view_choices[session->settings.view]);
}

static bool set_view(struct session *session, const char *text, char error[SETTING_ERROR])
{
    (void)error;
    session->settings.view = is(text, "text")  ? SETTINGS_VIEW_TEXT
                             : is(text, "hex") ? SETTINGS_VIEW_HEX
                                               : SETTINGS_VIEW_AUTO;
    return true;
}

static void get_wrap(const struct session *session, char text[SETTING_TEXT])
{
    put(text, session->settings.wrap ? "on" : "off");
}

static bool set_wrap(struct session *session, const char *text, char error[SETTING_ERROR])
{
    (void)error;
    session->settings.wrap = is(text, "on");
    return true;
}

/* ---- The table ---- */

static const char *const on_off[] = {"on", "off", NULL};
static const char *const key_choices[] = {"default", "less", NULL};
static const char *const locking_choices[] = {"writer", "none", NULL};

const struct setting settings_table[] = {
    {"edit", "on | off", on_off, "off", "what is appended may be staged", false, get_edit,
     set_edit},
    {"keys", "default | less", key_choices, "default",
     "the keys, or with less's and vi's over them", true, get_keys, set_keys},
    {"locking", "writer | none", locking_choices, "writer", "what a commit locks", true,
     get_locking, set_locking},
    {"pager", "COMMAND", NULL, "", "what shows long output in the console; empty: $PAGER", true,
     get_pager, set_pager},
    {"view", "auto | text | hex", view_choices, "auto",
     "how records are shown; auto goes by what they are", true, get_view, set_view},
    {"wait", "SECONDS", NULL, "0", "how long a commit waits for the writer's lock", true, get_wait,
     set_wait},
    {"wrap", "on | off", on_off, "on", "long lines are wrapped", true, get_wrap, set_wrap},
    {0},
};

const struct setting *settings_find(const char *name)
{
    for (const struct setting *setting = settings_table; setting->name; setting++)
        if (is(setting->name, name))
            return setting;
    return NULL;
}

const char *settings_did_you_mean(const char *name)
{
    const char *best = NULL;
    size_t best_distance = 3;

    for (const struct setting *setting = settings_table; setting->name; setting++) {
        size_t distance = command_distance(name, setting->name);

        if (distance < best_distance && distance < strlen(setting->name)) {
            best = setting->name;
            best_distance = distance;
        }
    }
    return best;
}

static bool is_choice(const char *const *choices, const char *text)
{
    for (; *choices; choices++)
        if (is(*choices, text))
            return true;
    return false;
}

bool settings_set(const struct setting *setting, struct session *session, const char *text,
                  char error[SETTING_ERROR])
{
    if (!setting->choices || is_choice(setting->choices, text))
        return setting->set(session, text, error);
    snprintf(error, SETTING_ERROR, "it is %s", setting->values);
    return false;
}

bool settings_differs(const struct setting *setting, const struct session *session)
{
    char text[SETTING_TEXT];

    setting->get(session, text);
    return !is(text, setting->standard);
}
