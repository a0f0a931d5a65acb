/* SPDX-License-Identifier: MIT */
/*
 * What core builds on the storage seam: whole transfers in place of short
 * ones, and memory. No file of core calls the system but through here.
 */
#ifndef CAPF_IO_HELPERS_H
#define CAPF_IO_HELPERS_H

#include "capf.h"

/* Reads until `len` bytes or the end of the file; *got says how many. */
enum capf_status capf__read_some(const struct capf_io *io, int fd, void *buf, size_t len,
                                 uint64_t off, size_t *got, struct capf_error *err);

/* Writes all of it or fails; *done says how much was written in either case. */
enum capf_status capf__write_counted(const struct capf_io *io, int fd, const void *buf, size_t len,
                                     uint64_t off, size_t *done, struct capf_error *err);

/* The same for those who do not ask. */
enum capf_status capf__write_all(const struct capf_io *io, int fd, const void *buf, size_t len,
                                 uint64_t off, struct capf_error *err);

/* Memory from the table; NULL when there is none. capf__alloc's is not cleared. */
void *capf__alloc(const struct capf_io *io, size_t size);
void *capf__alloc_zero(const struct capf_io *io, size_t size);
void capf__free(const struct capf_io *io, void *ptr);
char *capf__strdup(const struct capf_io *io, const char *text);

/* CAPF_NO_MEMORY with a sentence that names the size. */
enum capf_status capf__fail_memory(struct capf_error *err, uint64_t size);

/* The folder that holds `path`, as a new string: "." for a plain name. */
char *capf__folder_of(const struct capf_io *io, const char *path);

#endif
