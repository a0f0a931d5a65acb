/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of keys, as people write them; see keymap.h. */
#include "app/keymap.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The first name of a key is the one that is shown. */
static const struct {
    const char *name;
    uint32_t key;
} key_names[] = {
    {"Tab", K_TAB},
    {"Enter", K_ENTER},
    {"Return", K_ENTER},
    {"Esc", K_ESC},
    {"Escape", K_ESC},
    {"Space", K_SPACE},
    {"Up", K_UP},
    {"Backspace", K_BACKSPACE},
    {"BS", K_BACKSPACE},
    {"Down", K_DOWN},
    {"Left", K_LEFT},
    {"Right", K_RIGHT},
    {"Home", K_HOME},
    {"End", K_END},
    {"PgUp", K_PAGE_UP},
    {"PageUp", K_PAGE_UP},
    {"PgDn", K_PAGE_DOWN},
    {"PageDown", K_PAGE_DOWN},
    {"PgDown", K_PAGE_DOWN},
    {"Ins", K_INSERT},
    {"Insert", K_INSERT},
    {"Del", K_DELETE},
    {"Delete", K_DELETE},
    {"S-Tab", K_BACK_TAB},
    {"Shift-Tab", K_BACK_TAB},
    {"BackTab", K_BACK_TAB},
    {"Letter", K_LETTER},
};

#define KEY_NAMES (sizeof key_names / sizeof key_names[0])

static bool is_name(const char *known, const char *name, size_t len)
{
    return strlen(known) == len && strncasecmp(known, name, len) == 0;
}

static uint32_t parse_named(const char *name, size_t len)
{
    for (size_t i = 0; i < KEY_NAMES; i++)
        if (is_name(key_names[i].name, name, len))
            return key_names[i].key;
    return K_NONE;
}

/* F1 to F12 */
static uint32_t parse_function(const char *name, size_t len)
{
    uint32_t number = 0;
    if (len < 2 || len > 3 || (name[0] != 'F' && name[0] != 'f') || name[1] == '0')
        return K_NONE;
    for (size_t i = 1; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return K_NONE;
        number = number * 10 + (uint32_t)(name[i] - '0');
    }
    return number <= 12 ? K_F1 + number - 1 : K_NONE;
}

/* C-d, c-D, ^D, Ctrl-D, Ctrl+d */
static uint32_t parse_control(const char *name, size_t len)
{
    static const char *const prefixes[] = {"C-", "^", "Ctrl-", "Ctrl+"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t prefix = strlen(prefixes[i]);
        if (len != prefix + 1 || strncasecmp(prefixes[i], name, prefix) != 0)
            continue;
        char letter = name[prefix];
        if (letter >= 'A' && letter <= 'Z')
            return (uint32_t)(letter - 'A' + 1);
        if (letter >= 'a' && letter <= 'z')
            return (uint32_t)(letter - 'a' + 1);
    }
    return K_NONE;
}

/* U+00E9 */
static uint32_t parse_code_point(const char *name, size_t len)
{
    uint32_t code = 0;
    if (len < 6 || len > 8 || name[0] != 'U' || name[1] != '+')
        return K_NONE;
    for (size_t i = 2; i < len; i++) {
        const char *digit = memchr("0123456789ABCDEF", name[i], 16);
        if (digit == NULL)
            return K_NONE;
        code = code << 4 | (uint32_t)(digit - "0123456789ABCDEF");
    }
    return code < K_BACKSPACE ? code : K_NONE;
}

/* One character of UTF-8 that is no ASCII. */
static uint32_t parse_character(const char *name, size_t len)
{
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    uint32_t code = (uint8_t)name[0];
    if (len < 2 || len > 4 || (code & (0xff00u >> (len + 1) & 0xff)) != marks[len])
        return K_NONE;
    code &= 0x7fu >> len;
    for (size_t i = 1; i < len; i++) {
        if (((uint8_t)name[i] & 0xc0) != 0x80)
            return K_NONE;
        code = code << 6 | ((uint8_t)name[i] & 0x3f);
    }
    bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code >= least[len] && code < K_BACKSPACE && !is_surrogate ? code : K_NONE;
}

static uint32_t parse_key(const char *name, size_t len)
{
    static uint32_t (*const parsers[])(const char *name, size_t len) = {
        parse_named, parse_function, parse_control, parse_code_point, parse_character,
    };
    if (len == 1)
        return name[0] > ' ' && name[0] < 0x7f ? (uint32_t)name[0] : K_NONE;
    for (size_t i = 0; len > 0 && i < sizeof parsers / sizeof parsers[0]; i++) {
        uint32_t key = parsers[i](name, len);
        if (key != K_NONE)
            return key;
    }
    return K_NONE;
}

uint32_t keymap_parse_key(const char *name)
{
    return parse_key(name, strlen(name));
}

/* "gg", "''": two characters that are no name together. */
static size_t parse_pair(const char *names, uint32_t keys[KEYMAP_SEQUENCE])
{
    if (strlen(names) != 2)
        return 0;
    keys[0] = parse_key(names, 1);
    keys[1] = parse_key(names + 1, 1);
    return keys[0] != K_NONE && keys[1] != K_NONE ? 2 : 0;
}

size_t keymap_parse_sequence(const char *names, uint32_t keys[KEYMAP_SEQUENCE])
{
    size_t count = 0;
    const char *at = names + strspn(names, " ");
    while (*at != '\0') {
        size_t len = strcspn(at, " ");
        if (count == KEYMAP_SEQUENCE)
            return 0;
        keys[count] = parse_key(at, len);
        if (keys[count++] == K_NONE)
            return parse_pair(names, keys);
        at += len;
        at += strspn(at, " ");
    }
    return count;
}

const char *keymap_key_name(uint32_t key, char buf[KEY_NAME_SIZE])
{
    for (size_t i = 0; i < KEY_NAMES; i++) {
        if (key_names[i].key == key) {
            snprintf(buf, KEY_NAME_SIZE, "%s", key_names[i].name);
            return buf;
        }
    }
    if (key >= K_F1 && key <= K_F12)
        snprintf(buf, KEY_NAME_SIZE, "F%u", (unsigned)(key - K_F1 + 1));
    else if (key > 0 && key < 27)
        snprintf(buf, KEY_NAME_SIZE, "C-%c", (int)('a' + key - 1));
    else if (key > ' ' && key < 0x7f)
        snprintf(buf, KEY_NAME_SIZE, "%c", (int)key);
    else if (key < 0x110000)
        snprintf(buf, KEY_NAME_SIZE, "U+%04X", (unsigned)key);
    else
        snprintf(buf, KEY_NAME_SIZE, "that key");
    return buf;
}

const char *keymap_sequence_name(const uint32_t *keys, size_t count, char buf[KEY_SEQUENCE_SIZE])
{
    char name[KEY_NAME_SIZE];
    size_t len = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(buf + len, KEY_SEQUENCE_SIZE - len, "%s%s", i > 0 ? " " : "",
                                keymap_key_name(keys[i], name));
    return buf;
}
