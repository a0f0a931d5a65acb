/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sample: records of the kinds people record, the same ones every time,
 * made from a seed. Pure.
 */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include <stddef.h>
#include <stdint.h>

#define DEMO_RECORDS 10240u
#define DEMO_LARGE_RECORD 7000u /* this one is large */
#define DEMO_LARGE_BYTES (2u << 20)

extern const char demo_metadata[];

/* The bytes of record `recno`, 1 to DEMO_RECORDS, into *buf, which is made larger where need be and
 * is the caller's to free; start with NULL and 0. Each record depends on nothing but its number. */
size_t demo_record(uint32_t recno, uint8_t **buf, size_t *room);

#endif
