/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing JSON. Only what the program itself says in JSON; records that hold
 * JSON are bytes.
 */
#ifndef APP_JSON_H
#define APP_JSON_H

#include "app/sink.h"

/* The string in quotes, always valid JSON in valid UTF-8: bytes that are none become U+FFFD, and
 * what could act on a terminal is escaped. */
bool json_string(struct sink *out, const void *bytes, size_t len);

#endif
