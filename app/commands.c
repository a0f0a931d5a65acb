/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * THE table: every command there is, by subject. Keys, prompt, console, scripts
 * and the shell run these rows; help, completion, the README's list and the
 * manual are made from them. The rows of a subject are in a file of their own.
 */
#include "app/handlers.h"

const struct command_subject command_subjects[] = {
    {"What a file holds", commands_file},
    {"Changing it", commands_change},
    {"Moving", commands_move},
    {"What the screen shows", commands_view},
    {"The program", commands_program},
    {0},
};

const struct command *command_at(size_t index)
{
    for (const struct command_subject *subject = command_subjects; subject->title; subject++)
        for (const struct command *row = subject->rows; row->name; row++, index--)
            if (index == 0)
                return row;
    return NULL;
}
