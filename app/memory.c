/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation that ends the program when it fails: see memory.h.
 */
#include "app/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*exhausted_hook)(void);

void memory_on_exhausted(void (*hook)(void))
{
    exhausted_hook = hook;
}

static _Noreturn void memory_exhausted(void)
{
    static const char text[] = "capscope: out of memory; close something and try again\n";
    void (*hook)(void) = exhausted_hook;

    exhausted_hook = NULL;
    if (hook)
        hook();
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
        _exit(2);
    _exit(2);
}

void *memory_resize(void *ptr, size_t size)
{
    void *mem = realloc(ptr, size ? size : 1);

    if (!mem)
        memory_exhausted();
    return mem;
}

void *memory_zeroed(size_t size)
{
    return memset(memory_resize(NULL, size), 0, size);
}

void *memory_copy(const void *bytes, size_t len)
{
    char *copy = memory_resize(NULL, len + 1);

    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *memory_string(const char *string)
{
    return memory_copy(string, strlen(string));
}

void *memory_grow(void *array, size_t *room, size_t need, size_t size)
{
    size_t count = *room;

    if (need <= count)
        return array;
    count = count > SIZE_MAX / 2 ? SIZE_MAX : count * 2;
    if (count < need)
        count = need;
    if (count > SIZE_MAX / size)
        memory_exhausted();
    *room = count;
    return memory_resize(array, count * size);
}
