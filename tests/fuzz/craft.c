/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capture files without a writer; see craft.h. */
#include "tests/fuzz/craft.h"

#include "tests/fuzz/shape.h"

#include <string.h>

#include <zlib.h>

#define NODE_LEN (2 * CRAFT_PAGE + CRAFT_BLOCK)

struct craft {
    uint8_t *node;
    size_t fill; /* of the open block */
};

static void put_coord(uint8_t *at, size_t off)
{
    shape_put_u64(at, CRAFT_SIZE); /* the file limit, which is where the open block would go */
    shape_put_u32(at + 8, (uint32_t)off);
}

/* False: the block is full; it must stay below its size. */
static bool put_value(struct craft *craft, const struct craft_value *value, uint8_t *coord)
{
    uint8_t *block = craft->node + 2 * (size_t)CRAFT_PAGE;
    size_t room = CRAFT_BLOCK - 1 - craft->fill;
    if (room < 4)
        return false;
    size_t len = value->len < room - 4 ? value->len : room - 4;
    put_coord(coord, craft->fill);
    shape_put_u32(block + craft->fill, (uint32_t)len);
    if (len > 0)
        memcpy(block + craft->fill + 4, value->bytes, len);
    craft->fill += 4 + len;
    return true;
}

static void put_node(uint8_t *node, const struct craft_value *records, size_t count,
                     const struct craft_value *meta)
{
    struct craft craft = {node, 0};
    uint32_t children = 0;
    shape_put_u64(node + 8, CRAFT_SIZE);
    if (meta->bytes != NULL)
        put_value(&craft, meta, node + 20);
    for (; children < count; children++) {
        uint8_t *child = node + 36 + (size_t)children * 13;
        if (!put_value(&craft, &records[children], child + 1))
            break;
        child[0] = 1;
    }
    shape_put_u32(node + 16, (uint32_t)craft.fill);
    shape_put_u32(node + 32, children);
}

void craft_file(uint8_t file[CRAFT_SIZE], const struct craft_value *records, size_t count,
                const struct craft_value *meta)
{
    uint8_t *first = file + CRAFT_PAGE, *second = first + NODE_LEN;
    memset(file, 0, CRAFT_SIZE);
    memcpy(file, "MioCapture", 11);
    shape_put_u32(file + 11, 2);
    shape_put_u32(file + 15, CRAFT_PAGE);
    shape_put_u32(file + 19, CRAFT_BLOCK);
    shape_put_u32(file + 23, CRAFT_FAN);
    put_node(first, records, count < CRAFT_RECORDS ? count : CRAFT_RECORDS, meta);
    memcpy(second, first, NODE_LEN);
    shape_put_u32(second + 4, 1);
    shape_put_u32(first + 4, 2);
    shape_put_u32(first, (uint32_t)crc32_z(0, first + 4, NODE_LEN - 4));
    shape_put_u32(second, (uint32_t)crc32_z(0, second + 4, NODE_LEN - 4));
}
