/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The entries that libFuzzer looks for, over one target of the table: FUZZ_TARGET, which the
 * makefile defines for each program.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    target = fuzz_find(FUZZ_TARGET);
    if (target == NULL) {
        fprintf(stderr, "no fuzz target %s\n", FUZZ_TARGET);
        exit(2);
    }
    if (target->begin != NULL)
        target->begin();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    target->run(data, size);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct rng rng = {seed};
    if (target->mutate == NULL)
        return LLVMFuzzerMutate(data, size, max_size);
    return target->mutate(data, size, max_size, &rng, LLVMFuzzerMutate);
}
