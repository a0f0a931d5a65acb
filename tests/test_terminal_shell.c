/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same as test_terminal for what needs no screen: what cat, info, meta and verify print to a
 * terminal, and every complaint, is for a hostile file, name or argument what it is for its twin.
 * Both kinds of locale are tried. Not a control is left in any of it.
 */
#include "tests/support/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/hostile.h"
#include "tests/support/program.h"
#include "tests/support/scratch.h"
#include "tests/support/shown.h"

#define PAIRS 40
#define RECORDS 3
#define LINE 4096

struct side {
    struct hostile name, word, meta, records[RECORDS];
};

static struct side sides[2];
static unsigned compared;

/* F is the file, W a word; each is put in as an argument of its own. */
static const char *const lines[] = {
    "cat F",
    "cat --format text F",
    "cat --format hex F W",
    "info F",
    "meta F",
    "verify F",
    "verify --quick F",
    "cat F W",
    "cat W",
    "info W",
    "help W",
    "-c W F",
    "-c 'goto 1' W",
    "append F --W",
    "cat F 1..W",
    "--W",
    "W F",
    "meta --set-file W F",
    "cat F 99",
    "append --whole F W",
    "demo F",
    "W",
    "cat --format W F",
    "info F --W",
    "-c 'help nothing' F",
};

/* ---- Making them ---- */

static void make_text(struct rng *rng, enum safetext_mode mode, struct hostile *x,
                      struct hostile *t)
{
    hostile_make(x, rng, HOSTILE_BYTES, 1 + (unsigned)rng_below(rng, 12));
    hostile_twin(x, mode, t);
    hostile_even(x, t);
}

/* Letters first, so that it is no option, no hidden file, and near to no command's name. */
static void make_word(struct rng *rng, enum safetext_mode mode, struct hostile *x,
                      struct hostile *t)
{
    do {
        hostile_make(x, rng, HOSTILE_LINE, 3);
        memmove(x->bytes + 8, x->bytes, x->len);
        memset(x->bytes, 'z', 8);
        x->len += 8;
        hostile_twin(x, mode, t);
    } while (t->len > 34 || t->len == x->len); /* messages cut longer words, at a byte */
}

static void write_side(const struct side *side)
{
    const struct capf_options options = {.durability = CAPF_DURABLE_NONE};
    const struct capf_creation creation = {.meta = side->meta.bytes, .meta_len = side->meta.len};
    char name[HOSTILE_ROOM + 1];
    capf_file *file;
    snprintf(name, sizeof name, "%.*s", (int)side->name.len, side->name.bytes);
    must(capf_create(scratch_path(name), &creation, &options, &file, NULL, &test_err));
    for (int i = 0; i < RECORDS; i++)
        must(capf_append(file, side->records[i].bytes, side->records[i].len, NULL, &test_err));
    must(capf_commit(file, &test_err));
    capf_close(file);
}

static void make_pair(struct rng *rng, enum safetext_mode mode)
{
    make_word(rng, mode, &sides[0].name, &sides[1].name);
    make_word(rng, mode, &sides[0].word, &sides[1].word);
    do /* what is longer is cut */
        make_text(rng, mode, &sides[0].meta, &sides[1].meta);
    while (sides[0].meta.len > 20);
    for (int i = 0; i < RECORDS; i++)
        make_text(rng, mode, &sides[0].records[i], &sides[1].records[i]);
    write_side(&sides[0]);
    write_side(&sides[1]);
}

/* ---- Running both ---- */

static void put_argument(char line[LINE], const struct hostile *text)
{
    size_t len = strlen(line);
    for (size_t i = 0; i < text->len; i++, len += 4)
        snprintf(line + len, LINE - len, "\\x%02x", (uint8_t)text->bytes[i]);
}

static void make_line(char line[LINE], const char *form, const struct side *side)
{
    line[0] = '\0';
    for (; *form != '\0'; form++) {
        size_t len = strlen(line);
        if (*form == 'F' || *form == 'W')
            put_argument(line, *form == 'F' ? &side->name : &side->word);
        else
            snprintf(line + len, LINE - len, "%c", *form);
    }
}

static void must_be_safe(const char *form, const char *text, size_t len)
{
    for (size_t start = 0, end; start < len; start = end + 1) {
        const char *cr =
            memchr(text + start, '\r', len - start); /* the terminal's own, before LF */
        end = cr != NULL ? (size_t)(cr - text) : len;
        const char *fault = shown_fault(text + start, end - start, true);
        if (fault != NULL)
            fail_msg("%s prints %s", form, fault);
    }
}

static void run(const char *form, const struct side *side)
{
    char line[LINE];
    make_line(line, form, side);
    program.where = PROGRAM_TERMINAL;
    program_run(line);
    must_be_safe(form, program.out, program.out_len);
    must_be_safe(form, program.err, program.err_len);
}

/* A copy without the blanks at the ends of lines, which make the lengths even, and without the
 * guess at the records' kind, which is another for bytes than for their notation. */
static char *trimmed(const char *text)
{
    char *copy = test_bytes(strlen(text) + 1);
    size_t len = 0;
    for (; strncmp(text, "\nlooks like", 11) != 0; text++) {
        while ((*text == '\n' || *text == '\0') && len > 0 && copy[len - 1] == ' ')
            len--;
        if (*text == '\0')
            break;
        copy[len++] = *text;
    }
    while (len > 0 && copy[len - 1] == ' ')
        len--;
    copy[len] = '\0';
    return copy;
}

static void compare(const char *form)
{
    run(form, &sides[0]);
    char *out = trimmed(program.out), *err = trimmed(program.err);
    int status = program.status;
    run(form, &sides[1]);
    char *twin_out = trimmed(program.out), *twin_err = trimmed(program.err);
    if (status != program.status || strcmp(out, twin_out) != 0 || strcmp(err, twin_err) != 0)
        fail_msg("%s ends with %d, prints\n%s%s\nand for the twin with %d\n%s%s", form, status, out,
                 err, program.status, twin_out, twin_err);
    free(twin_out);
    free(twin_err);
    free(out);
    free(err);
    compared++;
}

static void compare_pairs(const char *locale, enum safetext_mode mode, unsigned pairs)
{
    struct rng rng = {test_seed(1) + mode};
    for (unsigned i = 0; i < pairs; i++) {
        make_pair(&rng, mode);
        program.locale = locale;
        for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++)
            compare(lines[k]);
        scratch_remove();
    }
}

static void a_hostile_file_and_its_twin_print_the_same(void **state)
{
    (void)state;
    unsigned pairs = test_scaled(PAIRS);
    compare_pairs("C.UTF-8", SAFETEXT_UTF8, pairs);
    compare_pairs("C", SAFETEXT_ASCII, pairs);
    print_message("%u files and their twins, %u outputs compared, 0 differences\n", 2 * pairs,
                  compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hostile_file_and_its_twin_print_the_same, program_begin,
                                        program_end),
    };
    setlocale(LC_ALL, "C.UTF-8"); /* for the widths of characters */
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
