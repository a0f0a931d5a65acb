/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Eight readers, in threads of one process and in processes of their own, beside a writer that
 * commits as fast as it can: ours with its locks, one that takes none, and one that locks the
 * classic way as the Python implementation does on request. Whatever a reader sees must be one
 * committed state, never an older one than it saw before, and never an error.
 *
 * Record N follows from N, and each commit's metadata says how many records there are, so that a
 * state put together from two commits would show.
 */
#include "tests/support/test.h"

#include "tests/support/locks.h"
#include "tests/support/process.h"
#include "tests/support/rng.h"
#include "tests/support/scratch.h"
#include "tests/support/wrap_io.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define READERS 8 /* half of them are threads of one process */
#define RECORD_MAX 20000
#define REOPEN_EVERY 50 /* refreshes */
#define NODE_LEN 40960
#define LOCK_MS 200 /* a writer waits 250 ms for the nodes, and then goes on without their lock */

enum writing { OURS, UNLOCKED, CLASSIC };

/* What the writer tells all processes. */
struct told {
    atomic_uint_least64_t committed; /* records */
    atomic_bool ended;
};

struct scene {
    struct told *told;
    char path[SCRATCH_PATH];
    enum writing writing;
    enum capf_locking reading; /* of every second reader; the others take no locks */
    bool classic_reader;       /* one more, which locks as the Python implementation does */
    uint64_t until;            /* when all of them end */
};

struct tally {
    uint64_t refreshes, changes, opens, records; /* of readers */
    uint64_t torn, backward, errors;
    uint64_t late;    /* refreshes that did not show all that was acknowledged before; no fault */
    uint64_t commits; /* of the writer */
    char first[200];  /* what was wrong first */
};

static size_t make_record(uint8_t *buf, uint64_t recno)
{
    struct rng rng = {recno};
    size_t len = 8 + (size_t)rng_below(&rng, recno % 500 == 0 ? RECORD_MAX - 8 : 150);
    test_fill(buf, len, recno, 30);
    memcpy(buf, &recno, 8);
    return len;
}

static bool lock_classic(int fd, short type, off_t start, off_t len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    return fcntl(fd, F_SETLKW, &lock) == 0;
}

/* ---- The writer ---- */

struct writer {
    const struct scene *scene;
    capf_file *file;
    int fd; /* CLASSIC: to lock with */
    uint64_t commits;
};

static enum capf_status begin_writing(struct writer *writer, struct capf_error *err)
{
    const struct scene *scene = writer->scene;
    struct capf_options options = {.level = 1};
    if (scene->writing != OURS) {
        options.locking = CAPF_LOCK_NONE;
        options.durability = CAPF_DURABLE_NONE;
    }
    enum capf_status status = capf_open(scene->path, CAPF_WRITE, &options, &writer->file, err);
    if (status == CAPF_OK && scene->writing == CLASSIC) {
        writer->fd = open(scene->path, O_RDWR | O_CLOEXEC);
        if (writer->fd < 0 || !lock_classic(writer->fd, F_WRLCK, LOCKS_WRITER, 1))
            status = CAPF_LOCKED;
    }
    return status;
}

static enum capf_status commit(struct writer *writer, struct capf_error *err)
{
    bool classic = writer->scene->writing == CLASSIC;
    if (classic && !lock_classic(writer->fd, F_WRLCK, LOCKS_NODES, 2 * NODE_LEN))
        return CAPF_LOCKED;
    enum capf_status status = capf_commit(writer->file, err);
    if (classic && !lock_classic(writer->fd, F_UNLCK, LOCKS_NODES, 2 * NODE_LEN))
        return CAPF_LOCKED;
    writer->commits += status == CAPF_OK;
    if (status == CAPF_OK)
        atomic_store_explicit(&writer->scene->told->committed, capf_file_count(writer->file),
                              memory_order_relaxed);
    return status;
}

static enum capf_status write_some(struct writer *writer, struct rng *rng, struct capf_error *err)
{
    uint8_t record[RECORD_MAX];
    uint64_t count = capf_file_count(writer->file), end = count + rng_below(rng, 6);
    enum capf_status status = CAPF_OK;
    while (status == CAPF_OK && count++ < end)
        status = capf_append(writer->file, record, make_record(record, count), NULL, err);
    uint64_t now = capf_file_count(writer->file);
    if (status == CAPF_OK)
        status = capf_set_meta(writer->file, &now, sizeof now, err);
    return status == CAPF_OK ? commit(writer, err) : status;
}

static int run_writer(void *ctx, int report)
{
    struct writer writer = {.scene = ctx};
    struct rng rng = {7};
    struct tally tally = {0};
    struct capf_error err = {0};
    enum capf_status status = begin_writing(&writer, &err);
    while (status == CAPF_OK && process_now_ms() < writer.scene->until)
        status = write_some(&writer, &rng, &err);
    atomic_store(&writer.scene->told->ended, true);
    tally.commits = writer.commits;
    tally.errors = status != CAPF_OK;
    snprintf(tally.first, sizeof tally.first, "the writer: %.150s", err.text);
    return write(report, &tally, sizeof tally) == sizeof tally ? 0 : 1;
}

/* ---- Readers ---- */

struct reader {
    const struct scene *scene;
    struct capf_options options;
    struct rng rng;
    capf_file *file;
    uint64_t seen; /* records, in the newest state so far */
    struct tally tally;
};

static void complain(struct reader *reader, uint64_t *count, const char *what, const char *why)
{
    if (*count == 0)
        snprintf(reader->tally.first, sizeof reader->tally.first, "%s after %llu records: %.120s",
                 what, (unsigned long long)reader->seen, why);
    ++*count;
}

static void check_record(struct reader *reader, uint64_t recno)
{
    uint8_t expected[RECORD_MAX];
    struct capf_bytes record;
    struct capf_error err;
    reader->tally.records++;
    if (capf_get(reader->file, recno, &record, &err) != CAPF_OK)
        complain(reader, &reader->tally.errors, "a record cannot be read", err.text);
    else if (record.len != make_record(expected, recno) ||
             memcmp(record.data, expected, record.len) != 0)
        complain(reader, &reader->tally.torn, "a record is wrong", "");
}

/* The state that the handle shows now. */
static void check_state(struct reader *reader)
{
    struct capf_bytes meta;
    struct capf_error err;
    uint64_t count = capf_file_count(reader->file), said = 0;
    if (count < reader->seen)
        complain(reader, &reader->tally.backward, "it went back", "");
    reader->seen = count;
    if (capf_get_meta(reader->file, &meta, &err) != CAPF_OK)
        complain(reader, &reader->tally.errors, "the metadata cannot be read", err.text);
    else if (meta.data != NULL && meta.len == sizeof said)
        memcpy(&said, meta.data, sizeof said);
    if (said != count)
        complain(reader, &reader->tally.torn, "the metadata is of another state", "");
    if (count == 0)
        return;
    check_record(reader, count);
    check_record(reader, count - rng_below(&reader->rng, count < 100 ? count : 100));
    check_record(reader, 1 + rng_below(&reader->rng, count));
}

static bool open_reader(struct reader *reader)
{
    struct capf_error err;
    capf_close(reader->file);
    reader->file = NULL;
    reader->tally.opens++;
    if (capf_open(reader->scene->path, CAPF_READ, &reader->options, &reader->file, &err) == CAPF_OK)
        return true;
    complain(reader, &reader->tally.errors, "it cannot be opened", err.text);
    return false;
}

static void read_once(struct reader *reader)
{
    bool changed = false;
    struct capf_error err;
    uint64_t committed =
        atomic_load_explicit(&reader->scene->told->committed, memory_order_relaxed);
    if (reader->tally.refreshes++ % REOPEN_EVERY == 0 && !open_reader(reader))
        return;
    if (reader->file == NULL)
        return;
    if (capf_refresh(reader->file, &changed, &err) != CAPF_OK)
        complain(reader, &reader->tally.errors, "refresh failed", err.text);
    reader->tally.changes += changed;
    check_state(reader);
    reader->tally.late += reader->seen < committed;
}

/* With the writer gone, the next refresh shows everything. */
static void read_the_end(struct reader *reader)
{
    uint64_t deadline = process_now_ms() + (uint64_t)process_patience_ms();
    while (!atomic_load(&reader->scene->told->ended) && process_now_ms() < deadline)
        read_once(reader);
    uint64_t late = reader->tally.late;
    read_once(reader);
    if (reader->tally.late != late)
        complain(reader, &reader->tally.errors, "the last commit is not shown", "");
}

static void *read_until_the_end(void *arg)
{
    struct reader *reader = arg;
    while (process_now_ms() < reader->scene->until)
        read_once(reader);
    read_the_end(reader);
    capf_close(reader->file);
    return NULL;
}

static struct reader new_reader(const struct scene *scene, unsigned number)
{
    return (struct reader){.scene = scene,
                           .options.locking = number % 2 == 0 ? scene->reading : CAPF_LOCK_WRITER,
                           .rng = {number}};
}

static void add(struct tally *sum, const struct tally *part)
{
    if (part->torn + part->backward + part->errors != 0 && sum->first[0] == '\0')
        memcpy(sum->first, part->first, sizeof sum->first);
    sum->refreshes += part->refreshes;
    sum->changes += part->changes;
    sum->opens += part->opens;
    sum->records += part->records;
    sum->torn += part->torn;
    sum->backward += part->backward;
    sum->errors += part->errors;
    sum->late += part->late;
    sum->commits += part->commits;
}

static int run_reader(void *ctx, int report)
{
    struct reader reader = new_reader(ctx, (unsigned)getpid());
    read_until_the_end(&reader);
    return write(report, &reader.tally, sizeof reader.tally) == sizeof reader.tally ? 0 : 1;
}

static int run_reading_threads(void *ctx, int report)
{
    struct reader readers[READERS / 2];
    pthread_t threads[READERS / 2];
    struct tally sum = {0};
    for (unsigned i = 0; i < READERS / 2; i++) {
        readers[i] = new_reader(ctx, i);
        if (pthread_create(&threads[i], NULL, read_until_the_end, &readers[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < READERS / 2; i++) {
        pthread_join(threads[i], NULL);
        add(&sum, &readers[i].tally);
    }
    return write(report, &sum, sizeof sum) == sizeof sum ? 0 : 1;
}

/* Under its lock a node is never half written, unless the writer lost patience with us. */
static int run_classic_reader(void *ctx, int report)
{
    static uint8_t nodes[2 * NODE_LEN];
    const struct scene *scene = ctx;
    struct tally tally = {.first = "a node is torn under a classic lock"};
    int fd = open(scene->path, O_RDONLY | O_CLOEXEC);
    while (process_now_ms() < scene->until) {
        /* The lock counts from when the system gives it, which is before we run again. */
        uint64_t start = process_now_ms();
        if (!lock_classic(fd, F_RDLCK, LOCKS_NODES, sizeof nodes))
            return 1;
        ssize_t got = pread(fd, nodes, sizeof nodes, LOCKS_NODES);
        bool quick = process_now_ms() - start < LOCK_MS;
        lock_classic(fd, F_UNLCK, LOCKS_NODES, sizeof nodes);
        tally.refreshes++;
        for (unsigned i = 0; i < 2 && quick && got == sizeof nodes; i++) {
            const uint8_t *node = nodes + i * NODE_LEN;
            uint32_t crc = (uint32_t)node[0] << 24 | (uint32_t)node[1] << 16 |
                           (uint32_t)node[2] << 8 | node[3];
            tally.torn += crc != crc32_z(0, node + 4, NODE_LEN - 4);
        }
    }
    return write(report, &tally, sizeof tally) == sizeof tally ? 0 : 1;
}

/* ---- Scenes ---- */

static void make_file(const char *path)
{
    struct capf_creation creation = {.how = CAPF_REPLACE, .meta = "\0\0\0\0\0\0\0", .meta_len = 8};
    capf_file *file;
    must(capf_create(path, &creation, NULL, &file, NULL, &test_err));
    capf_close(file);
}

/* Its tally, after the end of the scene. */
static void collect(struct process *process, const struct scene *scene, struct tally *sum)
{
    struct tally tally;
    uint64_t now = process_now_ms();
    int left = now < scene->until ? (int)(scene->until - now) : 0;
    size_t got = process_hear(process, &tally, sizeof tally, left + process_patience_ms());
    assert_int_equal(process_end(process, 0), 0);
    assert_int_equal(got, sizeof tally);
    add(sum, &tally);
}

static void print_tally(const char *name, const struct tally *sum, unsigned ms)
{
    print_message(
        "%s, %u ms: %llu commits; %u readers: %llu refreshes, %llu of them new, %llu opens, "
        "%llu late, %llu records compared; %llu torn, %llu backward, %llu errors\n",
        name, ms, (unsigned long long)sum->commits, READERS, (unsigned long long)sum->refreshes,
        (unsigned long long)sum->changes, (unsigned long long)sum->opens,
        (unsigned long long)sum->late, (unsigned long long)sum->records,
        (unsigned long long)sum->torn, (unsigned long long)sum->backward,
        (unsigned long long)sum->errors);
}

/* Ten seconds become a minute in a soak, and so on. */
static struct tally play(struct scene *scene, const char *name, unsigned ms)
{
    struct process processes[READERS];
    unsigned count = 0;
    struct tally sum = {0};
    ms = test_is_soak() ? 6 * ms : test_scaled(ms);
    snprintf(scene->path, sizeof scene->path, "%s", scratch_path("beside.capture"));
    make_file(scene->path);
    scene->told =
        mmap(NULL, sizeof *scene->told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(scene->told != MAP_FAILED);
    scene->until = process_now_ms() + ms;
    processes[count++] = process_fork(run_writer, scene);
    processes[count++] = process_fork(run_reading_threads, scene);
    for (unsigned i = READERS / 2; i < READERS; i++)
        processes[count++] = process_fork(run_reader, scene);
    if (scene->classic_reader)
        processes[count++] = process_fork(run_classic_reader, scene);
    while (count > 0)
        collect(&processes[--count], scene, &sum);
    munmap(scene->told, sizeof *scene->told);
    print_tally(name, &sum, ms);
    if (sum.torn + sum.backward + sum.errors != 0)
        fail_msg("%s", sum.first);
    if (ms >= 1000) /* in less time a slow machine may not come to anything */
        assert_true(sum.commits > 0 && sum.changes > 0 && sum.records > 0);
    return sum;
}

static void test_readers_beside_a_writer_without_locks(void **state)
{
    (void)state;
    struct scene scene = {.writing = UNLOCKED, .reading = CAPF_LOCK_NONE};
    play(&scene, "a writer without locks", 10000);
}

static void test_readers_beside_our_writer(void **state)
{
    (void)state;
    struct scene scene = {.writing = OURS, .reading = CAPF_LOCK_WRITER};
    play(&scene, "our writer", 3000);
}

/* Eight polling readers that lock hold a writer that waits for them at nothing; ours goes on. */
static void test_locking_readers_do_not_hold_our_writer(void **state)
{
    (void)state;
    struct scene scene = {
        .writing = OURS, .reading = CAPF_LOCK_WRITER_AND_NODE, .classic_reader = true};
    unsigned ms = 3000;
    struct tally sum = play(&scene, "our writer beside readers that lock", ms);
    assert_true(sum.commits >= (test_is_soak() ? 6 * ms : test_scaled(ms)) / 1000);
}

static void test_readers_beside_a_writer_with_classic_locks(void **state)
{
    (void)state;
    struct scene scene = {
        .writing = CLASSIC, .reading = CAPF_LOCK_WRITER_AND_NODE, .classic_reader = true};
    play(&scene, "a writer with classic locks", 3000);
}

/* ---- A reader that is stopped while it holds the lock ---- */

struct stopping {
    const char *path;
    struct wrap_io wrap;
    int report;
    unsigned refreshing;
};

/* In the middle of a refresh, with the lock over the nodes, the process stops. */
static int stop_at_a_node(void *ctx, struct io_call *call)
{
    struct stopping *stopping = ctx;
    if (call->op != IO_PREAD || call->len != NODE_LEN || stopping->refreshing++ != 1)
        return 0;
    return write(stopping->report, "s", 1) == 1 ? raise(SIGSTOP) : -1;
}

static int run_stopped_reader(void *ctx, int report)
{
    struct stopping *stopping = ctx;
    struct capf_options options = {.io = &stopping->wrap.io, .locking = CAPF_LOCK_WRITER_AND_NODE};
    capf_file *file;
    stopping->report = report;
    wrap_io_init(&stopping->wrap, capf_io_posix());
    if (capf_open(stopping->path, CAPF_READ, &options, &file, NULL) != CAPF_OK ||
        write(report, "o", 1) != 1)
        return 1;
    stopping->wrap.hook = stop_at_a_node;
    stopping->wrap.hook_ctx = stopping;
    while (capf_file_count(file) < 6)
        if (capf_refresh(file, NULL, NULL) != CAPF_OK)
            return 2;
    return 0;
}

static void append_numbered(capf_file *file)
{
    uint64_t recno = capf_file_count(file) + 1;
    must(capf_append(file, &recno, sizeof recno, NULL, &test_err));
    must(capf_commit(file, &test_err));
}

static bool is_read_locked(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKS_NODES, .l_len = 2 * NODE_LEN};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETLK, &lock), 0);
    close(fd);
    return lock.l_type == F_RDLCK;
}

static void test_a_reader_stopped_with_the_lock_does_not_stop_commits(void **state)
{
    (void)state;
    struct stopping stopping = {.path = scratch_path("beside.capture")};
    char byte;
    capf_file *file;
    make_file(stopping.path);
    must(capf_open(stopping.path, CAPF_WRITE, NULL, &file, &test_err));
    struct process reader = process_fork(run_stopped_reader, &stopping);
    assert_int_equal(process_hear(&reader, &byte, 1, process_patience_ms()), 1);
    append_numbered(file);
    assert_int_equal(process_hear(&reader, &byte, 1, process_patience_ms()), 1);
    assert_int_equal(waitpid(reader.pid, NULL, WUNTRACED), reader.pid);
    assert_true(is_read_locked(stopping.path));
    uint64_t start = process_now_ms();
    for (unsigned i = 0; i < 5; i++)
        append_numbered(file);
    print_message("5 commits beside a stopped reader: %u ms\n",
                  (unsigned)(process_now_ms() - start));
    assert_in_range(process_now_ms() - start, 5 * 240, 5 * 250 + process_patience_ms());
    assert_true(is_read_locked(stopping.path));
    assert_int_equal(process_end(&reader, SIGCONT), 0);
    capf_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_beside_a_writer_without_locks),
        cmocka_unit_test(test_readers_beside_our_writer),
        cmocka_unit_test(test_locking_readers_do_not_hold_our_writer),
        cmocka_unit_test(test_readers_beside_a_writer_with_classic_locks),
        cmocka_unit_test(test_a_reader_stopped_with_the_lock_does_not_stop_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
