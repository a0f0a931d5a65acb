/* SPDX-License-Identifier: MIT */
/*
 * Whole blocks in and out of zlib streams (RFC 1950), by libdeflate where it
 * was built in and by zlib otherwise. Compressors and decompressors are kept
 * and reused: making one costs more than using it on a block.
 */
#ifndef CAPF_CODEC_H
#define CAPF_CODEC_H

#include <zlib.h>

#include "capf.h"

/* zlib's memory from the I/O table: sets the stream's allocator. */
void capf__z_use_io(z_stream *z, const struct capf_io *io);

struct capf__packer {
    const struct capf_io *io;
    int level;
    bool zlib_only;
    bool z_ready;
    z_stream z;
    void *libdeflate; /* struct libdeflate_compressor */
};

void capf__packer_init(struct capf__packer *packer, const struct capf_io *io, int level,
                       bool zlib_only);
void capf__packer_release(struct capf__packer *packer);

/* The most bytes that `len` bytes can become. */
size_t capf__packer_bound(size_t len);

/* Compresses a block of less than 2 GiB; `room` is at least the bound. CAPF_NO_MEMORY. */
enum capf_status capf__pack(struct capf__packer *packer, const uint8_t *in, size_t len,
                            uint8_t *out, size_t room, size_t *out_len, struct capf_error *err);

/* A kept z_stream in zlib format at the packer's level, ready for a new stream; NULL: no memory. */
z_stream *capf__packer_stream(struct capf__packer *packer);

struct capf__unpacker {
    const struct capf_io *io;
    bool z_ready;
    z_stream z;
    void *libdeflate; /* struct libdeflate_decompressor */
};

void capf__unpacker_init(struct capf__unpacker *unpacker, const struct capf_io *io);
void capf__unpacker_release(struct capf__unpacker *unpacker);

enum capf__unpacked {
    CAPF__UNPACKED,    /* exactly one good stream, checksum and all */
    CAPF__UNPACK_MORE, /* it inflates to more than `room` bytes */
    CAPF__UNPACK_BAD,  /* not a zlib stream, damaged, cut short, or with bytes behind its end */
    CAPF__UNPACK_NO_MEMORY,
};

enum capf__unpacked capf__unpack(struct capf__unpacker *unpacker, const uint8_t *in, size_t len,
                                 uint8_t *out, size_t room, size_t *out_len);

#endif
