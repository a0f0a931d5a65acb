/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What records look like, guessed from the beginning of a few of them: JSON,
 * text or binary, of one size or of many. Pure.
 */
#ifndef APP_LOOKS_H
#define APP_LOOKS_H

#include <stddef.h>
#include <stdint.h>

#define LOOKS_SAMPLE 300      /* records at most */
#define LOOKS_HEAD_BYTES 1024 /* of each, at most */

enum looks_kind { LOOKS_EMPTY, LOOKS_JSON, LOOKS_TEXT, LOOKS_BINARY, LOOKS_KINDS };

/* The kind of a record of `len` bytes that begins with head_len bytes of `head`. */
enum looks_kind looks_kind_of(const uint8_t *head, size_t head_len, uint64_t len);

struct looks {
    size_t records;
    size_t of_kind[LOOKS_KINDS];
    size_t lines; /* JSON and text records that are one line */
    uint64_t sizes[LOOKS_SAMPLE];
};

void looks_init(struct looks *looks);
/* At most LOOKS_SAMPLE times. */
void looks_add(struct looks *looks, const uint8_t *head, size_t head_len, uint64_t len);

/* Number `index` of `sample` record numbers spread over 1 to `count`; sample <= count. */
uint64_t looks_pick(uint64_t count, uint64_t sample, uint64_t index);

#define LOOKS_TEXT_SIZE 256

/* "JSON, one line each (297 of 300), the rest binary; 71 to 4,096 bytes, half of them up to 90".
 * Sorts the sizes. */
void looks_describe(struct looks *looks, char text[LOOKS_TEXT_SIZE]);

#endif
