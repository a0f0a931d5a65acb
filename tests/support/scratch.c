/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scratch folder. It is removed at exit by the process that made it, not by
 * the children that tests fork.
 */
#include "tests/support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[SCRATCH_PATH / 2];
static pid_t maker;

static void stop(const char *what)
{
    perror(what);
    abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void scratch_remove(void)
{
    if (folder[0] != '\0' && maker == getpid())
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    folder[0] = '\0';
}

static void make_folder(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/capscope-test-XXXXXX", parent == NULL ? "/tmp" : parent);
    if (mkdtemp(folder) == NULL)
        stop(folder);
    maker = getpid();
    atexit(scratch_remove);
}

const char *scratch_path(const char *name)
{
    static char paths[8][SCRATCH_PATH];
    static unsigned turn;
    if (folder[0] == '\0')
        make_folder();
    char *path = paths[turn++ % 8];
    snprintf(path, SCRATCH_PATH, "%s/%s", folder, name);
    return path;
}

uint8_t *scratch_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t room = 1 << 16, used = 0, got = 0;
    uint8_t *data = malloc(room);
    while (data != NULL && (got = fread(data + used, 1, room - used, file)) != 0) {
        used += got;
        if (used == room)
            data = realloc(data, room *= 2);
    }
    fclose(file);
    if (data == NULL)
        stop("scratch_read");
    *len = used;
    return data;
}

void scratch_write(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, len, file) != len || fclose(file) != 0)
        stop(path);
}
