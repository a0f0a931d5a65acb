/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32 as zlib and PNG have it, for what `info` says of the metadata. Pure.
 */
#ifndef APP_CRC32_H
#define APP_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *bytes, size_t len);

#endif
