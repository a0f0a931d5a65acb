/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fuzz targets without a fuzzer: the inputs of tests/data/fuzz, every one that was ever a
 * finding among them, and the mutator's own changes to seeds by number, the same ones each time.
 * A target that finds something ends this program and says what.
 */
#include "tests/support/test.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mend.h"
#include "tests/support/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536
#define CHANGES 40 /* to one input, each on top of the one before */

static uint8_t input[INPUT_MAX];

/* Which kind of input a target takes: a folder of tests/data/fuzz. */
static const char *kind_of(const struct fuzz_target *target)
{
    return target->mutate != NULL ? "capture" : target->name;
}

static size_t read_input(const char *folder, const char *name)
{
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, input, sizeof input);
    assert_true(len >= 0 && len < INPUT_MAX);
    close(fd);
    return (size_t)len;
}

/* Stands in for libFuzzer's changes: a few bytes set, cut out, put in or copied. */
static struct rng change_rng;

static size_t change_plainly(uint8_t *data, size_t size, size_t room)
{
    size_t at = size > 0 ? (size_t)rng_below(&change_rng, size) : 0;
    size_t len = 1 + (size_t)rng_below(&change_rng, 8);
    switch (rng_below(&change_rng, 4)) {
    case 0:
        if (size + len > room)
            return size;
        memmove(data + at + len, data + at, size - at);
        memset(data + at, (int)rng_below(&change_rng, 256), len);
        return size + len;
    case 1:
        if (at + len >= size)
            return size;
        memmove(data + at, data + at + len, size - at - len);
        return size - len;
    default:
        for (size_t i = at; i < at + len && i < size; i++)
            data[i] = (uint8_t)rng_below(&change_rng, 256);
        return size;
    }
}

/* The input, then changed again and again, and tried each time. */
static unsigned try_input(const struct fuzz_target *target, size_t size, unsigned changes)
{
    for (unsigned i = 0;; i++) {
        uint8_t *copy = malloc(size); /* exactly, so that a read behind the end is seen */
        assert_true(copy != NULL || size == 0);
        if (size > 0)
            memcpy(copy, input, size);
        target->run(copy, size);
        free(copy);
        if (i == changes)
            return changes + 1;
        if (target->mutate != NULL)
            size = target->mutate(input, size, sizeof input, &change_rng, change_plainly);
        else
            size = change_plainly(input, size, sizeof input);
    }
}

static unsigned try_folder(const struct fuzz_target *target, const char *folder, unsigned changes)
{
    struct dirent **names;
    unsigned runs = 0;
    int count = scandir(folder, &names, NULL, alphasort);
    assert_true(count >= 2);
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.')
            runs += try_input(target, read_input(folder, names[i]->d_name), changes);
        free(names[i]);
    }
    free(names);
    return runs;
}

static void every_input_that_was_kept_finds_nothing(void **state)
{
    (void)state;
    for (const struct fuzz_target *target = fuzz_targets; target->name != NULL; target++) {
        char folder[4096];
        if (target->begin != NULL)
            target->begin();
        snprintf(folder, sizeof folder, "%s/%s", fixture_data_path("fuzz"), kind_of(target));
        change_rng.state = test_seed(1);
        unsigned runs = try_folder(target, folder, test_scaled(CHANGES));
        print_message("%s: %u runs\n", target->name, runs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_input_that_was_kept_finds_nothing),
    };
    if (freopen("/dev/null", "r", stdin) == NULL || chdir("/") != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
