/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory is bounded, whatever a file holds: a block of 1.1 MB that inflates to 1 GiB, and a record
 * of 2^32 - 1 bytes, cost every command and the browser at most 64 MiB of a real process's memory.
 * The files are made without a writer, of one run of zeros that was compressed once.
 */
#include "tests/support/test.h"

#include "app/command.h"
#include "tests/fuzz/shape.h"
#include "tests/support/pty.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define MEMORY_MAX_KB (64 * 1024)
#define PAGE 4096u
#define BLOCK 32768u
#define FAN 32u
#define NODE_LEN (2 * PAGE + BLOCK)
#define DATA_POS (PAGE + 2 * NODE_LEN)
#define RUN_LEN (64u << 20)

/* One block, whose first four bytes are the length of record 1; record 2 is in the open block. */
struct bomb {
    const char *name;
    uint32_t record; /* length of record 1 */
    uint64_t zeros;  /* that follow it in the block */
    bool is_slow;    /* going through all of it is for a soak */
};

static const struct bomb bombs[] = {
    {"a block that inflates to 1 GiB", (1u << 30) - 4, (1u << 30) - 4, false},
    {"a short record in such a block", 5, (1u << 30) - 4, false},
    {"a record of 2^32 - 1 bytes", UINT32_MAX, UINT32_MAX, true},
};

static char path[SCRATCH_PATH]; /* of the file */

/* ---- Making one ---- */

struct packed {
    uint8_t *bytes;
    size_t len;
    uLong adler;
};

/* Zeros that stand alone: what was before does not matter, and anything may follow. */
static struct packed pack_zeros(size_t len)
{
    uint8_t *zeros = calloc(1, len);
    struct packed packed = {.bytes = test_bytes(len / 500 + 1024)};
    z_stream z = {0};
    assert_non_null(zeros);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = zeros;
    z.avail_in = (uInt)len;
    z.next_out = packed.bytes;
    z.avail_out = (uInt)(len / 500 + 1024);
    assert_int_equal(deflate(&z, Z_FULL_FLUSH), Z_OK);
    packed.len = z.total_out;
    packed.adler = adler32_z(1, zeros, len);
    deflateEnd(&z);
    free(zeros);
    return packed;
}

static void put_bytes(FILE *file, const void *bytes, size_t len)
{
    assert_int_equal(fwrite(bytes, 1, len, file), len);
}

/* The block: the length of record 1 as a stored piece, zeros, an empty last piece, the checksum.
 * Returns its stored length. */
static uint32_t put_block(FILE *file, const struct bomb *bomb)
{
    uint8_t head[4 + 2 + 5 + 4] = {0, 0, 0, 0, 0x78, 0x01, 0, 4, 0, 0xfb, 0xff};
    uint8_t tail[2 + 4] = {3, 0};
    struct packed run = pack_zeros(RUN_LEN), rest = pack_zeros((size_t)(bomb->zeros % RUN_LEN));
    shape_put_u32(head + 11, bomb->record);
    uLong adler = adler32_z(1, head + 11, 4);
    put_bytes(file, head, sizeof head);
    for (uint64_t i = 0; i < bomb->zeros / RUN_LEN; i++) {
        put_bytes(file, run.bytes, run.len);
        adler = adler32_combine(adler, run.adler, RUN_LEN);
    }
    put_bytes(file, rest.bytes, rest.len);
    adler = adler32_combine(adler, rest.adler, (z_off_t)(bomb->zeros % RUN_LEN));
    shape_put_u32(tail + 2, (uint32_t)adler);
    put_bytes(file, tail, sizeof tail);
    free(run.bytes);
    free(rest.bytes);
    return (uint32_t)((uint64_t)ftell(file) - DATA_POS - 4);
}

static void put_child(uint8_t *at, uint64_t pos)
{
    at[0] = 1;
    shape_put_u64(at + 1, pos);
}

/* `tail` is the data's last page, as far as there is one. */
static void put_node(FILE *file, uint32_t serial, uint64_t limit, const uint8_t *tail)
{
    static uint8_t node[NODE_LEN];
    memset(node, 0, sizeof node);
    shape_put_u32(node + 4, serial);
    shape_put_u64(node + 8, limit);
    shape_put_u32(node + 16, 4 + 5);
    shape_put_u32(node + 32, 2);
    put_child(node + 36, DATA_POS);
    put_child(node + 36 + 13, limit);
    memcpy(node + PAGE, tail, (size_t)(limit % PAGE));
    memcpy(node + (size_t)2 * PAGE, "\0\0\0\5after", 9);
    shape_put_u32(node, (uint32_t)crc32_z(0, node + 4, sizeof node - 4));
    put_bytes(file, node, sizeof node);
}

static void make_bomb(const struct bomb *bomb)
{
    uint8_t header[PAGE] = "MioCapture", tail[PAGE] = {0}, length[4];
    snprintf(path, sizeof path, "%s", scratch_path("bomb.capture"));
    FILE *file = fopen(path, "w+b");
    assert_non_null(file);
    shape_put_u32(header + 11, 2);
    shape_put_u32(header + 15, PAGE);
    shape_put_u32(header + 19, BLOCK);
    shape_put_u32(header + 23, FAN);
    put_bytes(file, header, sizeof header);
    fseek(file, DATA_POS, SEEK_SET);
    uint32_t stored = put_block(file, bomb);
    uint64_t limit = DATA_POS + 4 + (uint64_t)stored;
    shape_put_u32(length, stored);
    fseek(file, DATA_POS, SEEK_SET);
    put_bytes(file, length, sizeof length);
    fseek(file, (long)(limit - limit % PAGE), SEEK_SET);
    assert_int_equal(fread(tail, 1, (size_t)(limit % PAGE), file), limit % PAGE);
    fseek(file, PAGE, SEEK_SET);
    put_node(file, 2, limit, tail);
    put_node(file, 1, limit, tail);
    assert_int_equal(fclose(file), 0);
}

/* ---- What it costs ---- */

/* FILE stands for the file, OUT for a new one. A command that the program does not have is left out,
 * and so is a slow one, of a bomb that is slow to go through. */
static const struct {
    const char *argv[6];
    bool goes_through;
} commands[] = {
    {{"info", "FILE"}, false},          {{"info", "--json", "FILE"}, false},
    {{"cat", "FILE", "2"}, false},      {{"cat", "FILE", "1"}, true},
    {{"verify", "FILE"}, true},         {{"verify", "--quick", "FILE"}, true},
    {{"salvage", "FILE", "OUT"}, true}, {{"after", "FILE"}, true},
    {{"meta", "FILE"}, false},
};

static const char *argument(const char *name)
{
    if (strcmp(name, "FILE") == 0)
        return path;
    return strcmp(name, "OUT") == 0 ? scratch_path("out.capture") : name;
}

static void run_program(const char *const *words)
{
    const char *argv[8] = {getenv("CAPSCOPE")};
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; words[i] != NULL; i++)
        argv[i + 1] = argument(words[i]);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* The most memory that it had, in KiB. */
static long measure(const char *const *words)
{
    struct rusage usage;
    int status;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        run_program(words);
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 2);
    unlink(scratch_path("out.capture"));
    return usage.ru_maxrss;
}

static void check_memory(const char *what, const char *name, long kb)
{
    print_message("  %-8s %3ld.%ld MiB  %s\n", what, kb / 1024, kb % 1024 * 10 / 1024, name);
    if (kb > MEMORY_MAX_KB)
        fail_msg("%s of %s takes %ld KiB", what, name, kb);
}

static void measure_commands(const struct bomb *bomb)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *const *words = commands[i].argv;
        bool slow = bomb->is_slow && commands[i].goes_through;
        if (command_find(words[0]) != NULL && (!slow || test_is_soak()))
            check_memory(words[0], bomb->name, measure(words));
    }
}

static long memory_of(pid_t pid)
{
    char name[64], line[256];
    long kb = -1;
    snprintf(name, sizeof name, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    while (kb < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(file);
    return kb;
}

static void measure_browser(const struct bomb *bomb)
{
    const char *const argv[] = {getenv("CAPSCOPE"), path, NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    pty_expect(pty, "1 / 2");
    pty_type(pty, "\r\r");
    pty_expect(pty, " bytes == ");
    pty_type(pty, "x");
    pty_expect(pty, "00000000  00");
    pty_type(pty, "t");
    pty_expect(pty, "^@^@");
    if (bomb->record == (1u << 30) - 4) {
        pty_type(pty, "x:offset 25%\r");
        pty_expect(pty, "@0xfffffff");
    }
    check_memory("browser", bomb->name, memory_of(pty_pid(pty)));
    pty_type(pty, "Q");
    assert_int_equal(pty_exit_status(pty), 0);
    pty_stop(pty);
}

static void no_file_takes_more_than_64_mib(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* which has memory of its own */
#endif
    for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
        make_bomb(&bombs[i]);
        measure_commands(&bombs[i]);
        measure_browser(&bombs[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_file_takes_more_than_64_mib, pty_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
