/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decoder of keys; see keydecode.h. The sequences are those of xterm, the VT220 and Linux. */
#include "ui/keydecode.h"

#include "app/memory.h"

#include <stdlib.h>
#include <string.h>

#define SEQUENCE_MS 1000 /* a sequence that has begun is given up after so long */
#define PASTED_MS 25     /* so long it is quiet behind a paste, at least */
#define PASTE_MAX (16u << 20)

static const char paste_begin[] = "\033[200~", paste_end[] = "\033[201~";

void keydecode_init(struct keydecode *decode)
{
    *decode = (struct keydecode){0};
}

void keydecode_release(struct keydecode *decode)
{
    free(decode->paste);
    free(decode->held);
    decode->paste = decode->held = NULL;
}

/* ---- Keys ---- */

static bool emit(struct keydecode *decode, struct event *event, uint32_t key)
{
    *event = (struct event){.kind = EVENT_KEY, .key = key, .len = decode->len};
    memcpy(event->bytes, decode->bytes, decode->len);
    decode->state = DECODE_GROUND;
    decode->len = 0;
    decode->overlong = false;
    return true;
}

/* The key of a final letter: of Esc O x, and of Esc [ x. */
static uint32_t key_of_letter(uint8_t letter)
{
    switch (letter) {
    case 'A':
        return K_UP;
    case 'B':
        return K_DOWN;
    case 'C':
        return K_RIGHT;
    case 'D':
        return K_LEFT;
    case 'H':
        return K_HOME;
    case 'F':
        return K_END;
    case 'M':
        return K_ENTER;
    case 'Z':
        return K_BACK_TAB;
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
        return (uint32_t)(K_F1 + (letter - 'P'));
    default:
        return K_OTHER;
    }
}

/* The key of Esc [ number ~. */
static uint32_t key_of_number(unsigned number)
{
    static const uint32_t keys[] = {
        [1] = K_HOME,      [2] = K_INSERT,  [3] = K_DELETE,  [4] = K_END,      [5] = K_PAGE_UP,
        [6] = K_PAGE_DOWN, [7] = K_HOME,    [8] = K_END,     [11] = K_F1,      [12] = K_F1 + 1,
        [13] = K_F1 + 2,   [14] = K_F1 + 3, [15] = K_F1 + 4, [17] = K_F1 + 5,  [18] = K_F1 + 6,
        [19] = K_F1 + 7,   [20] = K_F1 + 8, [21] = K_F1 + 9, [23] = K_F1 + 10, [24] = K_F12,
        [28] = K_F1,       [29] = ':', /* Help and Do of a VT220 */
    };
    if (number >= sizeof keys / sizeof keys[0] || keys[number] == K_NONE)
        return K_OTHER;
    return keys[number];
}

static unsigned leading_number(const struct keydecode *decode)
{
    unsigned number = 0;
    for (size_t i = 2; i < decode->len && decode->bytes[i] >= '0' && decode->bytes[i] <= '9'; i++)
        number = number > 9999 ? number : number * 10 + decode->bytes[i] - '0';
    return number;
}

static uint32_t key_of_control(uint8_t byte)
{
    switch (byte) {
    case '\b':
    case 0x7f:
        return K_BACKSPACE;
    case '\n':
        return K_ENTER;
    case 0:
        return K_OTHER;
    default:
        return byte;
    }
}

/* ---- Pastes ---- */

static bool begin_paste(struct keydecode *decode)
{
    decode->state = DECODE_PASTE;
    decode->len = decode->paste_len = 0;
    return false;
}

static bool paste_ends_with(const struct keydecode *decode, const char *mark)
{
    size_t len = strlen(mark);
    return decode->paste_len >= len &&
           memcmp(decode->paste + decode->paste_len - len, mark, len) == 0;
}

/* What is beyond the limit is dropped, but for room to see the end in: no person pastes so much. */
static void keep_pasted(struct keydecode *decode, uint8_t byte)
{
    size_t end = sizeof paste_end - 1;
    decode->paste = memory_grow(decode->paste, &decode->paste_room, decode->paste_len + 2, 1);
    decode->paste[decode->paste_len++] = (char)byte;
    if (decode->paste_len < PASTE_MAX || paste_ends_with(decode, paste_end))
        return;
    memmove(decode->paste + PASTE_MAX - end, decode->paste + PASTE_MAX - end + 1, end - 1);
    decode->paste_len--;
}

static void forget_paste(struct keydecode *decode)
{
    decode->paste = NULL;
    decode->paste_len = decode->paste_room = 0;
}

static bool feed_paste(struct keydecode *decode, uint8_t byte, struct event *event)
{
    keep_pasted(decode, byte);
    if (!paste_ends_with(decode, paste_end))
        return false;
    decode->paste_len -= sizeof paste_end - 1;
    decode->paste[decode->paste_len] = '\0';
    *event =
        (struct event){.kind = EVENT_PASTE, .paste = decode->paste, .paste_len = decode->paste_len};
    forget_paste(decode);
    decode->state = DECODE_PASTED;
    return true;
}

/* What was held back are keys: they go the way of all keys. */
static bool give_back(struct keydecode *decode, struct event *event)
{
    free(decode->held);
    decode->held = decode->paste;
    decode->held_len = decode->paste_len;
    decode->held_room = decode->paste_room;
    decode->held_at = 0;
    forget_paste(decode);
    decode->state = DECODE_GROUND;
    return keydecode_next(decode, event);
}

/* Another paste that begins says that the one before was whole. */
static bool feed_pasted(struct keydecode *decode, uint8_t byte, struct event *event)
{
    if (feed_paste(decode, byte, event))
        return true;
    return paste_ends_with(decode, paste_begin) ? give_back(decode, event) : false;
}

/* ---- States ---- */

/* Of several bytes; with Esc before it when it comes with Alt. */
static void begin_character(struct keydecode *decode, uint8_t byte)
{
    decode->want = decode->len + (byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3);
    decode->state = DECODE_UTF8;
}

static bool feed_ground(struct keydecode *decode, uint8_t byte, struct event *event)
{
    if (byte == K_ESC) {
        decode->state = DECODE_ESC;
        return false;
    }
    if (byte < 0x20 || byte == 0x7f)
        return emit(decode, event, key_of_control(byte));
    if (byte < 0x80)
        return emit(decode, event, byte);
    if (byte < 0xc2 || byte > 0xf4)
        return emit(decode, event, K_OTHER);
    begin_character(decode, byte);
    return false;
}

static bool feed_utf8(struct keydecode *decode, uint8_t byte, struct event *event)
{
    static const uint8_t first_bits[] = {0, 0, 0x1f, 0x0f, 0x07};
    if ((byte & 0xc0) != 0x80)
        return emit(decode, event, K_OTHER);
    if (decode->len < decode->want)
        return false;
    if (decode->bytes[0] == K_ESC)
        return emit(decode, event, K_OTHER);
    uint32_t key = decode->bytes[0] & first_bits[decode->want];
    for (size_t i = 1; i < decode->len; i++)
        key = key << 6 | (decode->bytes[i] & 0x3f);
    return emit(decode, event, key);
}

static bool feed_esc(struct keydecode *decode, uint8_t byte, struct event *event)
{
    switch (byte) {
    case '[':
        decode->state = DECODE_CSI;
        return false;
    case 'O':
        decode->state = DECODE_SS3;
        return false;
    case ']':
    case 'P':
    case '_':
    case '^':
        decode->state = DECODE_STRING;
        return false;
    case K_ESC: /* Esc twice: the first was a key, the second is yet to be known */
        emit(decode, event, K_ESC);
        event->len = 1;
        decode->bytes[0] = K_ESC;
        decode->len = 1;
        decode->state = DECODE_ESC;
        return true;
    default: /* Alt and a key */
        if (byte < 0xc2 || byte > 0xf4)
            return emit(decode, event, K_OTHER);
        begin_character(decode, byte);
        return false;
    }
}

static bool feed_csi(struct keydecode *decode, uint8_t byte, struct event *event)
{
    bool linux_function = decode->len == 3 && byte == '[';
    if (linux_function || byte < 0x40 || byte > 0x7e)
        return false;
    if (decode->len == 4 && decode->bytes[2] == '[')
        return emit(decode, event,
                    byte >= 'A' && byte <= 'E' ? (uint32_t)(K_F1 + (byte - 'A')) : K_OTHER);
    if (decode->overlong)
        return emit(decode, event, K_OTHER);
    if (byte != '~')
        return emit(decode, event, key_of_letter(byte));
    unsigned number = leading_number(decode);
    if (number == 200)
        return begin_paste(decode);
    return emit(decode, event, key_of_number(number));
}

static bool feed_string(struct keydecode *decode, uint8_t byte, struct event *event)
{
    bool ends = byte == '\a' || (byte == '\\' && decode->len > 1);
    return ends ? emit(decode, event, K_OTHER) : false;
}

static bool feed(struct keydecode *decode, uint8_t byte, struct event *event)
{
    if (decode->state == DECODE_PASTE)
        return feed_paste(decode, byte, event);
    if (decode->state == DECODE_PASTED)
        return feed_pasted(decode, byte, event);
    if (decode->len < sizeof decode->bytes)
        decode->bytes[decode->len++] = byte;
    else
        decode->overlong = true;
    switch (decode->state) {
    case DECODE_UTF8:
        return feed_utf8(decode, byte, event);
    case DECODE_ESC:
        return feed_esc(decode, byte, event);
    case DECODE_CSI:
        return feed_csi(decode, byte, event);
    case DECODE_SS3:
        return emit(decode, event, key_of_letter(byte));
    case DECODE_STRING:
        return feed_string(decode, byte, event);
    default:
        return feed_ground(decode, byte, event);
    }
}

bool keydecode_next(struct keydecode *decode, struct event *event)
{
    while (decode->held_at < decode->held_len)
        if (feed(decode, (uint8_t)decode->held[decode->held_at++], event))
            return true;
    return false;
}

bool keydecode_feed(struct keydecode *decode, uint8_t byte, struct event *event)
{
    if (decode->held_at == decode->held_len)
        return feed(decode, byte, event);
    decode->held = memory_grow(decode->held, &decode->held_room, decode->held_len + 1, 1);
    decode->held[decode->held_len++] = (char)byte;
    return keydecode_next(decode, event);
}

bool keydecode_timeout(struct keydecode *decode, struct event *event)
{
    if (keydecode_next(decode, event))
        return true;
    if (decode->state == DECODE_PASTED)
        return give_back(decode, event);
    if (decode->state == DECODE_GROUND || decode->state == DECODE_PASTE)
        return false;
    return emit(decode, event, decode->state == DECODE_ESC ? K_ESC : K_OTHER);
}

int keydecode_wait(const struct keydecode *decode, int escape_ms)
{
    if (decode->held_at < decode->held_len)
        return 0;
    if (decode->state == DECODE_GROUND || decode->state == DECODE_PASTE)
        return WAIT_FOREVER;
    if (decode->state == DECODE_PASTED)
        return escape_ms > PASTED_MS ? escape_ms : PASTED_MS;
    return decode->state == DECODE_ESC ? escape_ms : SEQUENCE_MS;
}
