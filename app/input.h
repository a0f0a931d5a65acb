/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes from a descriptor through a buffer of fixed size: standard input, or a
 * file that becomes a record.
 */
#ifndef APP_INPUT_H
#define APP_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_BUFFER_BYTES (1u << 20)

struct input {
    int fd;
    bool owned; /* close it */
    bool at_end;
    int sys_errno; /* of the read that failed; 0: none did */
    uint64_t size; /* of a regular file from where it stands, else INPUT_SIZE_UNKNOWN */
    uint8_t *buffer;
    size_t start, end; /* what is there: buffer[start..end) */
};

#define INPUT_SIZE_UNKNOWN UINT64_MAX

/* Uses an open descriptor. */
void input_init(struct input *input, int fd);
/* Opens a file; "-" is standard input. Returns 0 or an errno. */
int input_open(struct input *input, const char *path);
void input_release(struct input *input);

/* Reads more behind what is there, moving it to the front where that makes room. False: nothing
 * came, because the input is at its end, it failed, or the buffer is full. */
bool input_fill(struct input *input);
/* Reads until `len` bytes are there (at most INPUT_BUFFER_BYTES), or the input ends. */
bool input_need(struct input *input, size_t len);

/* A whole small file, with a NUL behind it, for the caller to free. NULL: *sys_errno says why; it
 * is EFBIG for more than `max` bytes. */
uint8_t *input_read_file(const char *path, size_t max, size_t *len, int *sys_errno);

#endif
