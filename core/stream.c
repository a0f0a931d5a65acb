/* SPDX-License-Identifier: MIT */
/*
 * Items on their way into the file, piece by piece.
 *
 * A short one is collected behind the open block's end, where nobody sees it.
 * A long one, which closes its block, is compressed as it comes: pages go out
 * behind the file limit as they fill, and only the first ones are held back,
 * because the block's length stands in them and is known last.
 *
 * When the item's own length is not known either, it gets a stored deflate
 * block of its own, whose four bytes can be patched in the end. What comes
 * before and after is compressed apart from it, and the Adler-32 at the end
 * is combined from the parts. Any inflater takes the result.
 */
#include <string.h>

#include "bytes.h"
#include "error.h"
#include "file.h"
#include "io.h"

#define OUT_ROOM (1u << 20) /* compressed bytes collected before pages go out */
#define PIECE (1u << 20)    /* bytes compressed between two looks at the progress callback */
#define RAW_WINDOW (-15)    /* deflate without zlib's frame, full window */
#define MEMORY_LEVEL 8      /* zlib's default */
#define ZLIB_FRAME_START 2u

static const uint8_t stored_block_start[5] = {0x00, 0x04, 0x00, 0xFB, 0xFF}; /* of 4 bytes */

static enum capf_status give_up(struct capf_file *file, enum capf_status status)
{
    capf_append_cancel(file);
    return status;
}

void capf_append_cancel(capf_file *file)
{
    if (file->writer == NULL || !file->writer->stream.active)
        return;
    struct capf__stream *s = &file->writer->stream;
    if (s->z == &s->raw)
        deflateEnd(&s->raw);
    capf__free(file->io, s->head);
    uint8_t *buf = s->buf;
    size_t room = s->room;
    memset(s, 0, sizeof *s);
    s->buf = buf;
    s->room = room;
}

/* ---- Bytes out ---- */

static enum capf_status reserve_out(struct capf_file *file, size_t extra, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    if (s->room - s->len >= extra)
        return CAPF_OK;
    size_t room = s->len + extra;
    uint8_t *buf = file->io->realloc(file->io->ctx, s->buf, room);
    if (buf == NULL)
        return capf__fail_memory(err, room);
    s->buf = buf;
    s->room = room;
    return CAPF_OK;
}

/* The first pages, to be patched: all that hold the block's length or the item's. */
static size_t head_len(const struct capf_file *file)
{
    const struct capf__stream *s = &file->writer->stream;
    uint32_t page = file->store->header.page_size;
    size_t kept = (size_t)(file->writer->tip->limit % page);
    size_t need = s->len_at != 0 ? s->len_at + 4 : kept + 4;
    return (need + page - 1) / page * page;
}

static enum capf_status hold_head(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    size_t len = head_len(file);
    s->head = capf__alloc(file->io, len);
    if (s->head == NULL)
        return capf__fail_memory(err, len);
    memcpy(s->head, s->buf, len);
    s->head_len = len;
    return CAPF_OK;
}

/* Writes the whole pages among what is collected, but for the first `skip` bytes. */
static enum capf_status flush_pages(struct capf_file *file, size_t skip, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    size_t whole = (size_t)capf__round_down(s->len, file->store->header.page_size);
    enum capf_status status = capf__writer_touch(file, err);
    if (status == CAPF_OK && !s->grown && s->pos + s->len > file->writer->file_size) {
        status = capf__writer_grow(file, file->writer->tip->limit, s->pos + s->len, err);
        s->grown = true; /* once for a block, however long, as a whole append does */
    }
    if (status == CAPF_OK)
        status = capf__writer_put_pages(file, s->buf + skip, whole - skip, s->pos + skip, err);
    if (status != CAPF_OK)
        return status;
    memmove(s->buf, s->buf + whole, s->len - whole);
    s->pos += whole;
    s->len -= whole;
    return CAPF_OK;
}

/* Sends pages out once there are many, and never before the first ones can be held back whole. */
static enum capf_status drain(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    bool len_pending = s->want == CAPF_UNKNOWN_LENGTH && s->len_at == 0;
    size_t skip = s->head == NULL ? head_len(file) : 0;
    if (s->len < OUT_ROOM + skip || len_pending)
        return CAPF_OK;
    enum capf_status status = s->head == NULL ? hold_head(file, err) : CAPF_OK;
    return status == CAPF_OK ? flush_pages(file, skip, err) : status;
}

/* Counts bytes of the zlib stream that were put behind buf's end. */
static enum capf_status added(struct capf_file *file, size_t n, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    s->len += n;
    s->stored += n;
    if (s->stored > UINT32_MAX)
        return capf__fail(
            err, CAPF_TOO_LARGE, 0,
            "the record does not fit: its block is longer than 4 GiB when compressed");
    return drain(file, err);
}

static enum capf_status put_bytes(struct capf_file *file, const void *bytes, size_t n,
                                  struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status = reserve_out(file, n, err);
    if (status != CAPF_OK)
        return status;
    memcpy(s->buf + s->len, bytes, n);
    return added(file, n, err);
}

static enum capf_status deflate_piece(struct capf_file *file, const uint8_t *data, size_t len,
                                      int flush, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    s->z->next_in = (Bytef *)(uintptr_t)data; /* zlib does not write there */
    s->z->avail_in = (uInt)len;
    int result;
    do {
        enum capf_status status = reserve_out(file, OUT_ROOM / 4, err);
        if (status != CAPF_OK)
            return status;
        uInt room = (uInt)capf__min_u64(s->room - s->len, OUT_ROOM);
        s->z->next_out = s->buf + s->len;
        s->z->avail_out = room;
        result = deflate(s->z, flush);
        status = added(file, room - s->z->avail_out, err);
        if (status != CAPF_OK)
            return status;
    } while (s->z->avail_out == 0 || (flush == Z_FINISH && result != Z_STREAM_END));
    return CAPF_OK;
}

/* Any length; the callback may stop it between two pieces. */
static enum capf_status deflate_bytes(struct capf_file *file, const void *data, size_t len,
                                      int flush, struct capf_error *err)
{
    const struct capf__progress progress = {file->options.progress, file->options.progress_ctx};
    const uint8_t *bytes = data;
    for (size_t done = 0; done < len || (len == 0 && flush != Z_NO_FLUSH);) {
        size_t n = (size_t)capf__min_u64(PIECE, len - done);
        bool last = done + n == len;
        enum capf_status status =
            deflate_piece(file, n > 0 ? bytes + done : NULL, n, last ? flush : Z_NO_FLUSH, err);
        if (status == CAPF_OK)
            status = capf__progress_step(&progress, done + n, len, err);
        if (status != CAPF_OK)
            return status;
        done += n;
        if (last)
            break;
    }
    return CAPF_OK;
}

/* ---- From collecting to compressing ---- */

static enum capf_status no_compressor(struct capf_error *err)
{
    return capf__fail(err, CAPF_NO_MEMORY, 0, "out of memory for the compressor");
}

/* The page that the block begins in, and room for the block's length. */
static enum capf_status start_block(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    const struct capf__state *tip = file->writer->tip;
    size_t kept = (size_t)(tip->limit % file->store->header.page_size);
    s->len = 0;
    s->pos = tip->limit - kept;
    s->deflating = true;
    enum capf_status status = reserve_out(file, kept + 4, err);
    if (status == CAPF_OK) {
        memcpy(s->buf, tip->tail->data, kept);
        s->len = kept + 4;
    }
    return status;
}

static enum capf_status start_known(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    const struct capf__state *tip = file->writer->tip;
    uint8_t prefix[4];
    s->z = capf__packer_stream(&file->writer->packer);
    if (s->z == NULL)
        return no_compressor(err);
    enum capf_status status = start_block(file, err);
    if (status == CAPF_OK)
        status = deflate_bytes(file, tip->open->data, tip->open_len, Z_NO_FLUSH, err);
    capf__put_u32(prefix, (uint32_t)s->want);
    if (status == CAPF_OK)
        status = deflate_bytes(file, prefix, sizeof prefix, Z_NO_FLUSH, err);
    return status;
}

/* The two bytes that open a zlib stream: method, window, level, and a check that makes them a
 * multiple of 31 (RFC 1950). */
static void zlib_frame_start(uint8_t bytes[ZLIB_FRAME_START], int level)
{
    unsigned flevel = level < 2 ? 0 : level < 6 ? 1 : level == 6 ? 2 : 3;
    unsigned head = 0x78u << 8 | flevel << 6;
    head += 31 - head % 31;
    bytes[0] = (uint8_t)(head >> 8);
    bytes[1] = (uint8_t)head;
}

/* What was collected so far follows as the first data. */
static enum capf_status start_unknown(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    const struct capf__state *tip = file->writer->tip;
    uint8_t bytes[ZLIB_FRAME_START];
    int level = file->writer->packer.level;
    capf__z_use_io(&s->raw, file->io);
    if (deflateInit2(&s->raw, level, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return no_compressor(err);
    s->z = &s->raw;
    enum capf_status status = start_block(file, err);
    zlib_frame_start(bytes, level);
    if (status == CAPF_OK)
        status = put_bytes(file, bytes, sizeof bytes, err);
    if (status == CAPF_OK && tip->open_len > 0)
        status = deflate_bytes(file, tip->open->data, tip->open_len, Z_FULL_FLUSH, err);
    if (status == CAPF_OK)
        status = put_bytes(file, stored_block_start, sizeof stored_block_start, err);
    if (status != CAPF_OK)
        return status;
    size_t len_at = s->len;
    status = put_bytes(file, (const uint8_t[4]){0}, 4, err);
    s->len_at = len_at;
    s->adler_before = (uint32_t)adler32_z(1, tip->open->data, tip->open_len);
    s->adler = 1;
    return status;
}

static enum capf_status compress_data(struct capf_file *file, const void *data, size_t len,
                                      struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    if (len == 0)
        return CAPF_OK;
    if (s->want == CAPF_UNKNOWN_LENGTH)
        s->adler = (uint32_t)adler32_z(s->adler, data, len);
    return deflate_bytes(file, data, len, Z_NO_FLUSH, err);
}

/* ---- The item ---- */

enum capf_status capf__item_begin(struct capf_file *file, enum capf__item kind, uint64_t len,
                                  struct capf_error *err)
{
    enum capf_status status = capf__writer_ready(file, err);
    if (status != CAPF_OK)
        return status;
    if (len != CAPF_UNKNOWN_LENGTH && len > UINT32_MAX)
        return capf__fail(err, CAPF_TOO_LARGE, 0,
                          "a record of %llu bytes; the format holds at most %u",
                          (unsigned long long)len, UINT32_MAX);
    status = capf__writer_begin(file, err);
    if (status != CAPF_OK)
        return status;
    struct capf__stream *s = &file->writer->stream;
    s->active = true;
    s->kind = kind;
    s->want = len;
    uint64_t whole = (uint64_t)file->writer->tip->open_len + 4 + len;
    if (len != CAPF_UNKNOWN_LENGTH && whole > capf__whole_block_max(&file->store->header))
        status = start_known(file, err);
    else
        status = capf__tip_reserve(file, len != CAPF_UNKNOWN_LENGTH ? 4 + len : 4, 0, err);
    return status == CAPF_OK ? CAPF_OK : give_up(file, status);
}

static enum capf_status collect(struct capf_file *file, const void *data, size_t len,
                                struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status = capf__tip_reserve(file, 4 + s->got + len, 4 + (size_t)s->got, err);
    if (status == CAPF_OK && len > 0) {
        const struct capf__state *tip = file->writer->tip;
        memcpy(tip->open->data + tip->open_len + 4 + s->got, data, len);
    }
    return status;
}

static enum capf_status take_data(struct capf_file *file, const void *data, size_t len,
                                  struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    if (!s->deflating &&
        (s->want != CAPF_UNKNOWN_LENGTH || len <= file->store->header.block_size - s->got))
        return collect(file, data, len, err);
    enum capf_status status = CAPF_OK;
    if (!s->deflating) {
        status = start_unknown(file, err);
        const struct capf__state *tip = file->writer->tip;
        if (status == CAPF_OK)
            status = compress_data(file, tip->open->data + tip->open_len + 4, (size_t)s->got, err);
    }
    return status == CAPF_OK ? compress_data(file, data, len, err) : status;
}

enum capf_status capf__item_data(struct capf_file *file, const void *data, size_t len,
                                 struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status;
    uint64_t max = s->want != CAPF_UNKNOWN_LENGTH ? s->want : UINT32_MAX;
    if (data == NULL && len > 0)
        status = capf__fail(err, CAPF_ARGUMENT, 0, "no data where %zu bytes are announced", len);
    else if (len > max - s->got && s->want != CAPF_UNKNOWN_LENGTH)
        status = capf__fail(err, CAPF_ARGUMENT, 0, "more than the %llu bytes that were announced",
                            (unsigned long long)s->want);
    else if (len > max - s->got)
        status =
            capf__fail(err, CAPF_TOO_LARGE, 0,
                       "the record is longer than the %u bytes that the format holds", UINT32_MAX);
    else
        status = take_data(file, data, len, err);
    if (status != CAPF_OK)
        return give_up(file, status);
    s->got += len;
    return CAPF_OK;
}

/* The end of the zlib stream, its frame included. */
static enum capf_status finish_stream(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status = deflate_bytes(file, NULL, 0, Z_FINISH, err);
    if (status != CAPF_OK || s->want != CAPF_UNKNOWN_LENGTH)
        return status;
    uint8_t bytes[4];
    capf__put_u32(bytes, (uint32_t)s->got);
    uLong adler = adler32_combine(s->adler_before, adler32_z(1, bytes, sizeof bytes), 4);
    adler = adler32_combine(adler, s->adler, (z_off_t)s->got);
    capf__put_u32(bytes, (uint32_t)adler);
    return put_bytes(file, bytes, sizeof bytes, err);
}

/* Puts the lengths where room was left for them, and writes what has not gone out. */
static enum capf_status write_ends(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    uint64_t limit = file->writer->tip->limit;
    uint32_t page = file->store->header.page_size;
    uint8_t *first = s->head != NULL ? s->head : s->buf;
    capf__put_u32(first + limit % page, (uint32_t)s->stored);
    if (s->len_at != 0)
        capf__put_u32(first + s->len_at, (uint32_t)s->got);
    enum capf_status status = flush_pages(file, 0, err);
    if (status == CAPF_OK && s->head != NULL)
        status =
            capf__writer_put_pages(file, s->head, s->head_len, capf__round_down(limit, page), err);
    return status;
}

static enum capf_status end_long(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status = finish_stream(file, err);
    if (status == CAPF_OK)
        status = write_ends(file, err);
    if (status != CAPF_OK)
        return status;
    capf__work_begin(file);
    struct capf__state *work = file->writer->work;
    struct capf_coord at = {work->limit, work->open_len};
    if (s->kind == CAPF__META)
        work->meta = at;
    status = capf__work_block_closed(file, 4 + s->stored, s->buf, err);
    if (status == CAPF_OK && s->kind == CAPF__RECORD)
        status = capf__work_index(file, at, err);
    if (status == CAPF_OK)
        capf__work_publish(file);
    return status;
}

enum capf_status capf__item_end(struct capf_file *file, struct capf_error *err)
{
    struct capf__stream *s = &file->writer->stream;
    enum capf_status status;
    if (s->want != CAPF_UNKNOWN_LENGTH && s->got < s->want)
        status = capf__fail(err, CAPF_ARGUMENT, 0, "%llu bytes of the %llu that were announced",
                            (unsigned long long)s->got, (unsigned long long)s->want);
    else if (s->deflating)
        status = end_long(file, err);
    else
        status = capf__tip_take(file, s->kind, (uint32_t)s->got, err);
    capf_append_cancel(file); /* the stream is over, well or not */
    return status;
}
