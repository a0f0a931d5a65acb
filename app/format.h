/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as people read them. Pure.
 */
#ifndef APP_FORMAT_H
#define APP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_NUMBER 32 /* a buffer of this size holds any of these texts */

/* "1,234,567" */
const char *format_grouped(uint64_t number, char buf[FORMAT_NUMBER]);

/* "312", "4.0K", "2.9M", "4.0G": at most four characters below a million million million. */
const char *format_size(uint64_t bytes, char buf[FORMAT_NUMBER]);

/* "s" behind a number that is not 1. */
const char *format_plural(uint64_t number);

#endif
