/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What other processes do with locks.
 */
#include "tests/support/locks.h"

#include "tests/support/scratch.h"

#include <unistd.h>

#include "capf.h"

const char *locks_path(void)
{
    return scratch_path("lock.capture");
}

int locks_begin(void **state)
{
    (void)state;
    unlink(locks_path());
    return 0;
}

bool locks_hold_ours(const char *name)
{
    capf_file *file;
    return capf_open(name, CAPF_WRITE, NULL, &file, NULL) == CAPF_OK;
}

bool locks_hold_classic(const char *name, short type, off_t start, off_t len)
{
    int fd = open(name, type == F_RDLCK ? O_RDONLY : O_RDWR);
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    return fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0;
}
