/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script of calls on one capture file, done with a call failing somewhere.
 * After each call that failed, what capf.h promises for it ("What holds after a
 * failure") is compared with a model of the file, down to every record; and at
 * the end, what a healthy reader finds, and that nothing is left over.
 */
#ifndef TESTS_FAULT_SCRIPT_H
#define TESTS_FAULT_SCRIPT_H

#include "tests/support/fault_io.h"
#include "tests/support/mem_io.h"
#include "tests/support/model.h"

#define FAULT_PATH "/folder/f.capture"

enum fault_step_kind {
    STEP_CREATE,         /* where nothing may be, with metadata of `len` bytes */
    STEP_CREATE_OR_OPEN, /* likewise */
    STEP_REPLACE,        /* likewise */
    STEP_OPEN,           /* to write */
    STEP_OPEN_READ,
    STEP_OPEN_READER, /* a second handle, beside the first */
    STEP_CLOSE,
    STEP_APPEND,       /* `len` bytes */
    STEP_STREAM_KNOWN, /* the same in pieces */
    STEP_STREAM_UNKNOWN,
    STEP_CANCEL, /* a stream of `len` bytes that is given up */
    STEP_SET_META,
    STEP_CLEAR_META,
    STEP_COMMIT,
    STEP_TWO_HALVES, /* of a commit, with a receipt */
    STEP_ROLLBACK,
    STEP_REFRESH, /* the second handle */
    STEP_READ,    /* everything, in every way */
    STEP_HEALTHY, /* from here on calls do not fail: for what is no part of the test */
    STEP_FAULTY,  /* from here on they do */
    STEP_KINDS,
};

struct fault_step {
    enum fault_step_kind kind;
    uint32_t len;
    unsigned times; /* 0: once */
    unsigned noise; /* percent of the bytes that do not compress */
};

struct fault_script {
    const char *name;
    const struct fault_step *steps;
    size_t count;
    uint32_t page_size, block_size, fan_out;
    enum capf_locking locking;
    bool zlib_only;
    size_t cache_bytes;
    struct mem_limits limits;
};

/* For the initialiser of a script: its steps, and a geometry of which few records make many blocks. */
#define FAULT_STEPS(list) .steps = list, .count = sizeof list / sizeof list[0]
#define FAULT_GEOMETRY .page_size = 128, .block_size = 256, .fan_out = 4

/* One run. A call that failed may be tried again, or the file is closed at once and looked at. */
struct fault_case {
    const struct fault_script *script;
    struct fault_plan plan;
    bool retry;
    bool silent; /* nobody asks for the error: the calls of the script are given NULL */
};

struct fault_run {
    const struct fault_case *what;
    struct mem_disk *disk;
    struct fault_io fault;
    struct capf_options options;
    capf_file *file;
    capf_file *reader;
    struct model model;       /* committed: what was acknowledged */
    struct model_state seen;  /* what the reader must show */
    bool exists;              /* there is a file, and the model describes it */
    bool happened;            /* a commit whose outcome was CAPF_UNKNOWN */
    uint64_t inode;           /* of what was under the name before the present step; 0: nothing */
    uint64_t seed;            /* of the newest value */
    size_t step, resume;      /* the present one; the one behind the last commit */
    unsigned tries;           /* of the present step, or of a call within a STEP_READ */
    unsigned litter;          /* names that may be left because an unlink failed */
    struct model_value value; /* of the present step, the same when it is tried again */
    struct capf_receipt receipt;
};

/* Does the script. Fails the test when a promise is broken. Gives how many calls counted. */
uint64_t fault_case_run(const struct fault_case *what);

/* The same, and a copy of the file's bytes at the end (free(3)). */
uint64_t fault_case_image(const struct fault_case *what, uint8_t **image, size_t *len);

/* Every call of a script in turn (or, scaled down, some of them) with the rest of the plan and
 * tries as given, and prints a line. Gives how many runs there were. */
uint64_t fault_sweep(const struct fault_case *what);

/* A test for cmocka; when it fails, its teardown says which case was under way. */
#define FAULT_TEST(name) cmocka_unit_test_teardown(name, fault_tell_case)
int fault_tell_case(void **state);

/* ---- Values, in fault_value.c ---- */

/* As model_bytes and model_equals, but long values are kept from run to run. */
const uint8_t *fault_bytes(const struct model_value *value);
bool fault_equals(const struct model_value *value, struct capf_bytes bytes);
void fault_values_forget(void);

/* ---- The steps, in fault_step.c and fault_read.c ---- */

/* Once; the model follows when it succeeds. */
enum capf_status fault_step_do(struct fault_run *run, const struct fault_step *step);

/* Reads everything through the handle, in every way. */
enum capf_status fault_read_all(struct fault_run *run);

/* A failed call of a STEP_READ: checks, and says whether to try again. */
bool fault_read_again(struct fault_run *run, enum capf_status status);

/* ---- What must hold, in fault_check.c ---- */

/* What is under the name now. */
uint64_t fault_inode(const struct fault_run *run);

bool fault_writes_no_more(enum capf_status status);

/* The handle shows this state, by number, and as metadata. */
void fault_check_shows(capf_file *file, const struct model_state *state);

/* What a call of the script is given for its error. */
struct capf_error *fault_err(const struct fault_run *run);

/* The status is one that the calls that failed can give, and test_err describes it. */
void fault_check_error(const struct fault_run *run, enum capf_status status);

/* Everything that capf.h promises after this step has failed. */
void fault_check_promise(struct fault_run *run, const struct fault_step *step,
                         enum capf_status status);

/* What the reader shows after a refresh that succeeded. */
void fault_check_reader(struct fault_run *run);

/* A healthy reader, and then a healthy writer, find what was acknowledged. */
void fault_check_found(struct fault_run *run);

#endif
