/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes to capture files that get past the checksums: after libFuzzer's own changes the name at
 * the front, a sensible geometry, the blocks' lengths and Adler-32, and the master nodes' CRC-32
 * are mended, mostly; and now and then a block is taken out, changed, and put back with everything
 * behind it moved. Bytes behind the data stay, so that a target may keep a script there.
 */
#ifndef TESTS_FUZZ_MEND_H
#define TESTS_FUZZ_MEND_H

#include "tests/fuzz/fuzz.h"

/* For fuzz_target.mutate. */
size_t mend_mutate(uint8_t *data, size_t size, size_t room, struct rng *rng,
                   fuzz_mutate_fn *plainly);

/* The checksums of a file made right, and nothing else. */
void mend_all(uint8_t *data, size_t size);

#endif
