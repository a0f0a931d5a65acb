/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: options and their values; settings.c has the table. */
#include "app/browser.h"
#include "app/handlers.h"
#include "app/json.h"

#include <stdio.h>
#include <string.h>

static void put_json(struct context *ctx, const struct setting *setting, const char *value)
{
    const struct {
        const char *key, *text;
    } pairs[] = {
        {"option", setting->name},   {"value", value},        {"default", setting->standard},
        {"values", setting->values}, {"help", setting->help},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        sink_printf(ctx->out, "%s\"%s\": ", i == 0 ? "{" : ", ", pairs[i].key);
        json_string(ctx->out, pairs[i].text, strlen(pairs[i].text));
    }
    sink_string(ctx->out, "}\n");
}

static void show(struct context *ctx, const struct setting *setting)
{
    char value[SETTING_TEXT];
    setting->get(ctx->session, value);
    if (command_flag(ctx, "json")) {
        put_json(ctx, setting, value);
        return;
    }
    sink_printf(ctx->out, "%-8s ", setting->name);
    sink_safe(ctx->out, value, strlen(value));
    sink_printf(ctx->out, "%*s  %s: %s\n", strlen(value) < 8 ? (int)(8 - strlen(value)) : 0, "",
                setting->values, setting->help);
}

static int fail_option(struct context *ctx, const char *name)
{
    const char *near = settings_did_you_mean(name);
    if (near != NULL)
        return command_fail_about(ctx, COMMAND_FAILED, "set",
                                  "there is no option \"%s\"; did you mean \"%s\"?", name, near);
    return command_fail_about(ctx, COMMAND_FAILED, "set",
                              "there is no option \"%s\"; \"set\" lists them", name);
}

static int give(struct context *ctx, const struct setting *setting, const char *value)
{
    char error[SETTING_ERROR];
    if (!settings_set(setting, ctx->session, value, error))
        return command_fail_about(ctx, COMMAND_FAILED, "set", "%s: %s", setting->name, error);
    if (ctx->browser != NULL)
        browser_take_settings(ctx->browser);
    return COMMAND_DONE;
}

/* "nowrap" is wrap off. */
static const struct setting *find_negated(const char *name)
{
    const struct setting *setting = strncmp(name, "no", 2) == 0 ? settings_find(name + 2) : NULL;
    return setting != NULL && strcmp(setting->values, "on | off") == 0 ? setting : NULL;
}

int cmd_set(struct context *ctx, int argc, char **argv)
{
    const struct setting *setting;
    if (argc < 2) {
        for (setting = settings_table; setting->name != NULL; setting++)
            show(ctx, setting);
        return command_check_out(ctx);
    }
    setting = settings_find(argv[1]);
    if (setting == NULL && argc == 2 && find_negated(argv[1]) != NULL)
        return give(ctx, find_negated(argv[1]), "off");
    if (setting == NULL)
        return fail_option(ctx, argv[1]);
    if (argc > 2)
        return give(ctx, setting, argv[2]);
    show(ctx, setting);
    return command_check_out(ctx);
}

void complete_set(struct completion *completion)
{
    const struct setting *setting;
    if (completion->argc == 1)
        for (setting = settings_table; setting->name != NULL; setting++)
            completion_add(completion, setting->name);
    setting = completion->argc == 2 ? settings_find(completion->argv[1]) : NULL;
    for (const char *const *choice = setting ? setting->choices : NULL; choice && *choice; choice++)
        completion_add(completion, *choice);
}
