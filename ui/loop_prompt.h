/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's side room with the prompt in it: what keys and pastes do there, and how it is shown. */
#ifndef UI_LOOP_PROMPT_H
#define UI_LOOP_PROMPT_H

#include "ui/loop.h"
#include "ui/view.h"

/* Opens the prompt that the browser wants. */
void loop_prompt_open(struct loop *loop);
void loop_prompt_key(struct loop *loop, const struct event *event);
void loop_prompt_paste(struct loop *loop, struct event *event);
/* How it is to be drawn; good until the next event. */
void loop_prompt_view(struct loop *loop, struct view_prompt *view);
void loop_prompt_release(struct loop *loop);

#endif
