/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * help [COMMAND]
 */
#include "app/browser.h"
#include "app/handlers.h"
#include "app/help.h"

#include <string.h>

int cmd_help(struct context *ctx, int argc, char **argv)
{
    const struct command *command;
    const char *near;

    if (argc < 2 && ctx->browser)
        return browser_show_help(ctx);
    if (argc < 2)
        return help_list(ctx);
    command = command_find(argv[1]);
    if (command) {
        help_command(ctx, command);
        if (strcmp(command->name, "keys") == 0) {
            sink_string(ctx->out, "\nBound now:\n");
            keymap_write_all(&ctx->session->keymap, ctx->out);
        }
        return COMMAND_DONE;
    }
    near = command_did_you_mean(argv[1]);
    if (near)
        return command_fail_about(ctx, COMMAND_FAILED, "help",
                                  "there is no command \"%s\"; did you mean \"%s\"?", argv[1],
                                  near);
    return command_fail_about(ctx, COMMAND_FAILED, "help",
                              "there is no command \"%s\"; \"help\" lists them", argv[1]);
}

void complete_help(struct completion *completion)
{
    const struct command *row;

    for (size_t i = 0; (row = command_at(i)) != NULL; i++)
        completion_add(completion, row->name);
}
