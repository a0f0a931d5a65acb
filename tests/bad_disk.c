/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linked into capscope_bad_disk, which is capscope with this call of the system wrapped by the
 * linker: its syncs of files go as the environment's BAD_DISK says, a letter for each: "." is
 * done, "x" fails as on a disk that lost the bytes. Behind the last letter all are done.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    static const char *next;
    if (next == NULL)
        next = getenv("BAD_DISK");
    if (next == NULL || *next == '\0')
        return __real_fdatasync(fd);
    if (*next++ != 'x')
        return __real_fdatasync(fd);
    errno = EIO;
    return -1;
}
