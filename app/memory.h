/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that is there or ends the program. What app and ui allocate is small;
 * when even that fails, a hook gives the terminal back and the program says so
 * and ends with 2. Core does not use this: it returns its out-of-memory.
 */
#ifndef APP_MEMORY_H
#define APP_MEMORY_H

#include <stddef.h>

/* As realloc, malloc of zeros and strdup; never NULL, not even for 0 bytes. */
void *memory_resize(void *ptr, size_t size);
void *memory_zeroed(size_t size);
char *memory_string(const char *string);
/* A copy of bytes with a NUL behind them. */
void *memory_copy(const void *bytes, size_t len);

/* Makes room for `need` elements of `size` bytes in an array that has room for *room, at least
 * doubling it. Returns the array, perhaps moved. */
void *memory_grow(void *array, size_t *room, size_t need, size_t size);

/* Called once when memory is out, before the program ends. */
void memory_on_exhausted(void (*hook)(void));

#endif
