/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handlers that the table names, by the file that holds them. Each is as
 * command.h says of command.run.
 */
#ifndef APP_HANDLERS_H
#define APP_HANDLERS_H

#include "app/command.h"

/* The table's subjects, each in the file of its name. */
extern const struct command commands_change[], commands_file[], commands_move[], commands_program[],
    commands_view[];

/* cmd_after.c */
int cmd_after(struct context *ctx, int argc, char **argv);
/* cmd_append.c: what comes from outside, straight into a file */
int cmd_append_stream(struct context *ctx, int argc, char **argv);
/* cmd_before.c: the commit before, and back */
int cmd_before(struct context *ctx, int argc, char **argv);
int cmd_now(struct context *ctx, int argc, char **argv);
/* cmd_bind.c: what keys mean */
int cmd_bind(struct context *ctx, int argc, char **argv);
int cmd_keys(struct context *ctx, int argc, char **argv);
int cmd_unbind(struct context *ctx, int argc, char **argv);
void complete_bind(struct completion *completion);
/* cmd_cat.c */
int cmd_cat(struct context *ctx, int argc, char **argv);
struct range_list;
/* Prints these records of the state that the session shows, by the options of the command that runs. */
int cat_print(struct context *ctx, const struct range_list *ranges);
/* Prints one record as text that is safe for a terminal, or as hex. */
int cat_print_one(struct context *ctx, uint64_t recno, bool as_hex);
/* cmd_damage.c: to records that cannot be read */
int cmd_next_damage(struct context *ctx, int argc, char **argv);
int cmd_prev_damage(struct context *ctx, int argc, char **argv);
/* cmd_demo.c */
int cmd_demo(struct context *ctx, int argc, char **argv);
/* cmd_help.c */
int cmd_help(struct context *ctx, int argc, char **argv);
void complete_help(struct completion *completion);
/* cmd_info.c */
int cmd_info(struct context *ctx, int argc, char **argv);
/* cmd_log.c */
int cmd_log(struct context *ctx, int argc, char **argv);
/* cmd_mark.c */
int cmd_mark(struct context *ctx, int argc, char **argv);
int cmd_marks(struct context *ctx, int argc, char **argv);
int cmd_unmark(struct context *ctx, int argc, char **argv);
void complete_marks(struct completion *completion);
void complete_positions(struct completion *completion);
/* manual.c */
int cmd_commands(struct context *ctx, int argc, char **argv);
/* cmd_meta.c */
int cmd_metadata(struct context *ctx, int argc, char **argv);
/* cmd_open.c */
int cmd_open(struct context *ctx, int argc, char **argv);
/* cmd_set.c */
int cmd_set(struct context *ctx, int argc, char **argv);
void complete_set(struct completion *completion);
/* config.c */
int cmd_write_config(struct context *ctx, int argc, char **argv);
/* cmd_salvage.c */
int cmd_salvage(struct context *ctx, int argc, char **argv);
/* cmd_stage.c: what a person prepares and commits */
int cmd_append(struct context *ctx, int argc, char **argv);
int cmd_commit(struct context *ctx, int argc, char **argv);
int cmd_discard(struct context *ctx, int argc, char **argv);
int cmd_edit(struct context *ctx, int argc, char **argv);
void complete_on_off(struct completion *completion);
int cmd_staged(struct context *ctx, int argc, char **argv);
int cmd_unstage(struct context *ctx, int argc, char **argv);

/* cmd_move.c: moving on the screen */
int cmd_back(struct context *ctx, int argc, char **argv);
int cmd_down(struct context *ctx, int argc, char **argv);
int cmd_first(struct context *ctx, int argc, char **argv);
int cmd_forward(struct context *ctx, int argc, char **argv);
int cmd_goto(struct context *ctx, int argc, char **argv);
int cmd_half_down(struct context *ctx, int argc, char **argv);
int cmd_half_up(struct context *ctx, int argc, char **argv);
int cmd_last(struct context *ctx, int argc, char **argv);
int cmd_last_place(struct context *ctx, int argc, char **argv);
int cmd_left(struct context *ctx, int argc, char **argv);
int cmd_next(struct context *ctx, int argc, char **argv);
int cmd_offset(struct context *ctx, int argc, char **argv);
int cmd_page_down(struct context *ctx, int argc, char **argv);
int cmd_page_up(struct context *ctx, int argc, char **argv);
int cmd_prev(struct context *ctx, int argc, char **argv);
int cmd_right(struct context *ctx, int argc, char **argv);
int cmd_up(struct context *ctx, int argc, char **argv);
/* cmd_verify.c */
int cmd_verify(struct context *ctx, int argc, char **argv);
/* cmd_view.c: what the screen shows, and leaving it */
int cmd_close(struct context *ctx, int argc, char **argv);
int cmd_edit_metadata(struct context *ctx, int argc, char **argv);
int cmd_hex(struct context *ctx, int argc, char **argv);
int cmd_list(struct context *ctx, int argc, char **argv);
int cmd_pane(struct context *ctx, int argc, char **argv);
int cmd_prompt(struct context *ctx, int argc, char **argv);
int cmd_quit(struct context *ctx, int argc, char **argv);
int cmd_record(struct context *ctx, int argc, char **argv);
int cmd_redraw(struct context *ctx, int argc, char **argv);
int cmd_reopen(struct context *ctx, int argc, char **argv);
int cmd_refresh(struct context *ctx, int argc, char **argv);
int cmd_text(struct context *ctx, int argc, char **argv);
int cmd_wrap(struct context *ctx, int argc, char **argv);
void complete_record(struct completion *completion);

/* cmd_walk.c: moving and looking where there is no screen */
int walk_back(struct context *ctx, int argc, char **argv);
int walk_first(struct context *ctx, int argc, char **argv);
int walk_forward(struct context *ctx, int argc, char **argv);
int walk_goto(struct context *ctx, int argc, char **argv);
int walk_half_down(struct context *ctx, int argc, char **argv);
int walk_half_up(struct context *ctx, int argc, char **argv);
int walk_hex(struct context *ctx, int argc, char **argv);
int walk_last(struct context *ctx, int argc, char **argv);
int walk_last_place(struct context *ctx, int argc, char **argv);
int walk_list(struct context *ctx, int argc, char **argv);
int walk_next(struct context *ctx, int argc, char **argv);
int walk_page_down(struct context *ctx, int argc, char **argv);
int walk_page_up(struct context *ctx, int argc, char **argv);
int walk_prev(struct context *ctx, int argc, char **argv);
int walk_record(struct context *ctx, int argc, char **argv);
int walk_text(struct context *ctx, int argc, char **argv);

/* cmd_locking.c: --no-lock, --force and --wait, for commands that write */
int locking_apply(struct context *ctx);
/* "5", "0.5" -> milliseconds */
bool locking_parse_wait(const char *text, unsigned *ms);

#endif
