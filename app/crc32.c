/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32, four bits at a time: short, and quick enough for a value that is
 * read once.
 */
#include "app/crc32.h"

#define POLYNOMIAL 0xedb88320u

uint32_t crc32_of(const void *bytes, size_t len)
{
    uint32_t table[16];
    const uint8_t *src = bytes;
    uint32_t crc = 0xffffffffu;

    for (uint32_t i = 0; i < 16; i++) {
        table[i] = i;
        for (int bit = 0; bit < 4; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? POLYNOMIAL : 0);
    }
    for (size_t i = 0; i < len; i++) {
        crc ^= src[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
