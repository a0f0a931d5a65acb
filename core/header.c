/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing the header (FORMAT.md 1), and the limits on its fields
 * (FORMAT.md 7): they are input, and nothing protects them.
 */
#include "header.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "error.h"

#define PAGE_MIN 64u
#define PAGE_MAX (1u << 20)
#define BLOCK_MAX (1u << 30)
#define FAN_OUT_MIN 2u
#define FAN_OUT_MAX 65536u

#define NODE_FIXED_LEN 36u /* bytes of a master node before its first child */
#define NODE_CHILD_LEN 13u

static const uint8_t magic[11] = "MioCapture";
static const uint8_t magic_old[11] = "WebCapture";

bool capf__header_derive(struct capf__header *h, char *why, size_t why_size)
{
    uint32_t page = h->page_size, block = h->block_size;
    if (page < PAGE_MIN || page > PAGE_MAX) {
        snprintf(why, why_size, "page size %u is not within %u to %u", page, PAGE_MIN, PAGE_MAX);
        return false;
    }
    if (block == 0 || block % page != 0 || block > BLOCK_MAX) {
        snprintf(why, why_size, "block size %u is not a multiple of the page size %u within %u",
                 block, page, BLOCK_MAX);
        return false;
    }
    if (h->fan_out < FAN_OUT_MIN || h->fan_out > FAN_OUT_MAX) {
        snprintf(why, why_size, "fan-out %u is not within %u to %u", h->fan_out, FAN_OUT_MIN,
                 FAN_OUT_MAX);
        return false;
    }
    h->node_len = 2 * (uint64_t)page + block;
    h->node_pos[0] = page;
    h->node_pos[1] = page + h->node_len;
    h->data_pos = page + 2 * h->node_len;
    h->path_max = (page - NODE_FIXED_LEN) / NODE_CHILD_LEN;
    return true;
}

enum capf_status capf__header_decode(struct capf__header *h, const uint8_t *bytes, size_t len,
                                     struct capf_error *err)
{
    *h = (struct capf__header){0};
    if (len < sizeof magic || (memcmp(bytes, magic, sizeof magic) != 0 &&
                               memcmp(bytes, magic_old, sizeof magic_old) != 0))
        return capf__fail(err, CAPF_NOT_CAPTURE, 0, "not a capture file");
    if (len < CAPF__HEADER_LEN)
        return capf__fail(err, CAPF_NOT_CAPTURE, len,
                          "not a capture file: it ends inside its header, after %zu bytes", len);
    h->old_magic = memcmp(bytes, magic_old, sizeof magic_old) == 0;
    h->version = capf__get_u32(bytes + 11);
    h->page_size = capf__get_u32(bytes + 15);
    h->block_size = capf__get_u32(bytes + 19);
    h->fan_out = capf__get_u32(bytes + 23);
    if (h->version > CAPF__VERSION)
        return capf__fail(err, CAPF_VERSION, 11,
                          "a capture file of version %u; this program reads up to version %d",
                          h->version, CAPF__VERSION);
    char why[120];
    if (!capf__header_derive(h, why, sizeof why))
        return capf__fail(err, CAPF_DAMAGED, 15, "damaged header: %s", why);
    return CAPF_OK;
}

void capf__header_encode(const struct capf__header *h, uint8_t bytes[CAPF__HEADER_LEN])
{
    memcpy(bytes, magic, sizeof magic);
    capf__put_u32(bytes + 11, h->version);
    capf__put_u32(bytes + 15, h->page_size);
    capf__put_u32(bytes + 19, h->block_size);
    capf__put_u32(bytes + 23, h->fan_out);
}

bool capf__header_writable(const struct capf__header *h)
{
    return h->fan_out - 1 <= h->path_max;
}
