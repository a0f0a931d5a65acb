/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The quickest way to a capture file of given records: all of them lie in the open block, which is
 * not compressed, so a file is two master nodes and nothing else. It shares nothing with core.
 */
#ifndef TESTS_FUZZ_CRAFT_H
#define TESTS_FUZZ_CRAFT_H

#include <stddef.h>
#include <stdint.h>

#define CRAFT_PAGE 256u
#define CRAFT_BLOCK 4096u
#define CRAFT_FAN 64u
#define CRAFT_RECORDS 16 /* as many as the page has room to index */
#define CRAFT_SIZE (CRAFT_PAGE + 2 * (2 * CRAFT_PAGE + CRAFT_BLOCK))

struct craft_value {
    const uint8_t *bytes;
    size_t len;
};

/* Records and a metadata value (bytes NULL: none) into a file of CRAFT_SIZE bytes. What does not fit
 * into the block is cut or left out. */
void craft_file(uint8_t file[CRAFT_SIZE], const struct craft_value *records, size_t count,
                const struct craft_value *meta);

#endif
