/* SPDX-License-Identifier: MIT */
/*
 * The two codecs behind one face. Where both are built in, libdeflate does
 * the work; zlib is used when the caller wants the very bytes that the Python
 * implementation would write.
 */
#include "codec.h"

#include <string.h>

#include "bytes.h"
#include "error.h"
#include "io.h"

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

static voidpf z_alloc(voidpf io, uInt items, uInt size)
{
    return capf__alloc(io, (size_t)items * size);
}

static void z_free(voidpf io, voidpf ptr)
{
    capf__free(io, ptr);
}

void capf__z_use_io(z_stream *z, const struct capf_io *io)
{
    memset(z, 0, sizeof *z);
    z->zalloc = z_alloc;
    z->zfree = z_free;
    z->opaque = (voidpf)(uintptr_t)io; /* zlib's type drops the const; z_alloc puts it back */
}

void capf__packer_init(struct capf__packer *packer, const struct capf_io *io, int level,
                       bool zlib_only)
{
    memset(packer, 0, sizeof *packer);
    packer->io = io;
    packer->level = level;
    packer->zlib_only = zlib_only;
}

void capf__packer_release(struct capf__packer *packer)
{
    if (packer->z_ready)
        deflateEnd(&packer->z);
#ifdef HAVE_LIBDEFLATE
    libdeflate_free_compressor(packer->libdeflate);
#endif
    memset(packer, 0, sizeof *packer);
}

size_t capf__packer_bound(size_t len)
{
    /* Covers zlib's deflateBound for its default window, and libdeflate's bound, which allows for 5
     * bytes in each stored block of at least 5,000 bytes. */
    return len + len / 1000 + 64;
}

z_stream *capf__packer_stream(struct capf__packer *packer)
{
    if (packer->z_ready) {
        deflateReset(&packer->z);
        return &packer->z;
    }
    capf__z_use_io(&packer->z, packer->io);
    if (deflateInit(&packer->z, packer->level) != Z_OK)
        return NULL;
    packer->z_ready = true;
    return &packer->z;
}

static enum capf_status pack_zlib(struct capf__packer *packer, const uint8_t *in, size_t len,
                                  uint8_t *out, size_t room, size_t *out_len,
                                  struct capf_error *err)
{
    z_stream *z = capf__packer_stream(packer);
    if (z == NULL)
        return capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory for the compressor");
    z->next_in = (Bytef *)(uintptr_t)in; /* zlib does not write there */
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = (uInt)room;
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return capf__fail(err, CAPF_NO_MEMORY, 0, "zlib did not finish a block of %zu bytes", len);
    *out_len = room - z->avail_out;
    return CAPF_OK;
}

#ifdef HAVE_LIBDEFLATE
static enum capf_status pack_libdeflate(struct capf__packer *packer, const uint8_t *in, size_t len,
                                        uint8_t *out, size_t room, size_t *out_len,
                                        struct capf_error *err)
{
    if (packer->libdeflate == NULL)
        packer->libdeflate = libdeflate_alloc_compressor(packer->level);
    if (packer->libdeflate == NULL)
        return capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory for the compressor");
    *out_len = libdeflate_zlib_compress(packer->libdeflate, in, len, out, room);
    if (*out_len == 0)
        return capf__fail(err, CAPF_NO_MEMORY, 0, "libdeflate found no room for %zu bytes", len);
    return CAPF_OK;
}
#endif

enum capf_status capf__pack(struct capf__packer *packer, const uint8_t *in, size_t len,
                            uint8_t *out, size_t room, size_t *out_len, struct capf_error *err)
{
#ifdef HAVE_LIBDEFLATE
    if (!packer->zlib_only)
        return pack_libdeflate(packer, in, len, out, room, out_len, err);
#endif
    return pack_zlib(packer, in, len, out, room, out_len, err);
}

void capf__unpacker_init(struct capf__unpacker *unpacker, const struct capf_io *io)
{
    memset(unpacker, 0, sizeof *unpacker);
    unpacker->io = io;
}

void capf__unpacker_release(struct capf__unpacker *unpacker)
{
    if (unpacker->z_ready)
        inflateEnd(&unpacker->z);
#ifdef HAVE_LIBDEFLATE
    libdeflate_free_decompressor(unpacker->libdeflate);
#endif
    memset(unpacker, 0, sizeof *unpacker);
}

#ifdef HAVE_LIBDEFLATE

enum capf__unpacked capf__unpack(struct capf__unpacker *unpacker, const uint8_t *in, size_t len,
                                 uint8_t *out, size_t room, size_t *out_len)
{
    if (unpacker->libdeflate == NULL)
        unpacker->libdeflate = libdeflate_alloc_decompressor();
    if (unpacker->libdeflate == NULL)
        return CAPF__UNPACK_NO_MEMORY;
    size_t used = 0;
    switch (
        libdeflate_zlib_decompress_ex(unpacker->libdeflate, in, len, out, room, &used, out_len)) {
    case LIBDEFLATE_SUCCESS:
        return used == len ? CAPF__UNPACKED : CAPF__UNPACK_BAD;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
        return CAPF__UNPACK_MORE;
    default:
        return CAPF__UNPACK_BAD;
    }
}

#else

static bool unpacker_reset(struct capf__unpacker *unpacker)
{
    if (unpacker->z_ready)
        return inflateReset(&unpacker->z) == Z_OK;
    capf__z_use_io(&unpacker->z, unpacker->io);
    unpacker->z_ready = inflateInit(&unpacker->z) == Z_OK;
    return unpacker->z_ready;
}

enum capf__unpacked capf__unpack(struct capf__unpacker *unpacker, const uint8_t *in, size_t len,
                                 uint8_t *out, size_t room, size_t *out_len)
{
    if (!unpacker_reset(unpacker))
        return CAPF__UNPACK_NO_MEMORY;
    z_stream *z = &unpacker->z;
    z->next_in = (Bytef *)(uintptr_t)in; /* zlib does not write there */
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = (uInt)room;
    int result = inflate(z, Z_FINISH);
    *out_len = room - z->avail_out;
    if (result == Z_STREAM_END)
        return z->avail_in == 0 ? CAPF__UNPACKED : CAPF__UNPACK_BAD;
    if (result == Z_MEM_ERROR)
        return CAPF__UNPACK_NO_MEMORY;
    return result == Z_BUF_ERROR && z->avail_out == 0 ? CAPF__UNPACK_MORE : CAPF__UNPACK_BAD;
}

#endif

uint32_t capf_crc32(uint32_t crc, const void *data, size_t len)
{
    return (uint32_t)crc32_z(crc, data, len);
}
