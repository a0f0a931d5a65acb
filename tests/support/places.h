/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Places where writing fails, made for a test: a small disk, a limit on files, and modes that
 * hold for root too. What the machine does not allow is told, so that a test can be skipped.
 */
#ifndef TESTS_PLACES_H
#define TESTS_PLACES_H

#include <stdbool.h>

/* A file system of its own for the folder `path`, which is made, with room for so many KiB. Only
 * this process and its children see it, and it is gone with them. False: not allowed here. */
bool places_mount_small(const char *path, unsigned kib);

/* The same one, from now on read-only. */
bool places_make_read_only(const char *path);
void places_unmount(const char *path);

/* Fills the small disk with a file of that name, up to so many KiB. */
void places_fill(const char *name, unsigned leave_kib);

/* Files written by children from now on may have so many bytes; 0: any number again. */
void places_limit_files(unsigned long bytes);

/* Programs that this process starts respect the modes of files, even when it is root. False: root's
 * do not here. */
bool places_respect_modes(void);

/* The path of capscope as it is on a disk whose syncs go like this, for those that this process
 * starts from now on (tests/bad_disk.c). */
const char *places_bad_disk(const char *syncs);

#endif
