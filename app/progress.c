/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The progress line: see progress.h. There is one terminal and one work at a time, so what is known of
 * it is kept here.
 */
#include "app/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
#define FIRST_AFTER (NS_PER_S / 2) /* what is over by then needs no line */
#define AGAIN_AFTER (NS_PER_S / 5)

static volatile sig_atomic_t interrupted, end_wanted;

static struct {
    bool begun, drawn, on_terminal;
    uint64_t begin_ns, drawn_ns;
} work;

static struct sigaction before; /* what ^C did before it was caught */
static bool held;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void on_interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

/* A ^C that whoever started us wants ignored stays ignored. */
static void catch_interrupts(void)
{
    struct sigaction catch = {.sa_handler = on_interrupt};

    sigemptyset(&catch.sa_mask);
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &catch, NULL);
}

static void on_end_wanted(int sig)
{
    end_wanted = sig;
    interrupted = 1;
    alarm(1);
}

int progress_end_wanted(void)
{
    return (int)end_wanted;
}

void progress_hold(void)
{
    struct sigaction catch = {.sa_handler = on_end_wanted};

    sigemptyset(&catch.sa_mask);
    sigaction(SIGTERM, &catch, NULL);
    sigaction(SIGHUP, &catch, NULL);
    catch_interrupts();
    held = true;
}

bool progress_interrupted(void)
{
    return interrupted != 0;
}

void progress_forget(void)
{
    interrupted = end_wanted != 0;
}

static void begin(void)
{
    memset(&work, 0, sizeof(work));
    work.begun = true;
    work.begin_ns = now_ns();
    work.on_terminal = isatty(STDERR_FILENO) == 1;
    if (!held)
        catch_interrupts();
}

void progress_text(char text[PROGRESS_TEXT], const char *what, uint64_t done, uint64_t total,
                   uint64_t ns)
{
    double seconds = (double)(ns ? ns : 1) / (double)NS_PER_S;
    double rate = (double)done / seconds;

    if (done == 0)
        snprintf(text, PROGRESS_TEXT, "%.30s: at work", what);
    else if (total == 0)
        snprintf(text, PROGRESS_TEXT, "%.30s: %.0f MB/s", what, rate / 1e6);
    else
        snprintf(text, PROGRESS_TEXT, "%.30s: %.0f%%  %.0f MB/s  %.0f s left", what,
                 100.0 * (double)(done < total ? done : total) / (double)total, rate / 1e6,
                 done < total ? (double)(total - done) / rate : 0.0);
}

/* The cursor goes back to the line's beginning, so whatever is written next takes its place. */
static void draw(const char *what, uint64_t done, uint64_t total, uint64_t ns)
{
    char text[PROGRESS_TEXT];

    progress_text(text, what, done, total, ns);
    fprintf(stderr, "%-78.78s\r", text);
    work.drawn = true;
}

bool progress_step(const char *what, uint64_t done, uint64_t total)
{
    uint64_t now;

    if (!work.begun)
        begin();
    if (interrupted)
        return false;
    now = now_ns();
    if (work.on_terminal && now - work.begin_ns >= FIRST_AFTER &&
        now - work.drawn_ns >= AGAIN_AFTER) {
        work.drawn_ns = now;
        draw(what, done, total, now - work.begin_ns);
    }
    return true;
}

void progress_end(void)
{
    if (!work.begun)
        return;
    if (work.drawn)
        fprintf(stderr, "%-78s\r", "");
    if (!held && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &before, NULL);
    work.begun = false;
}

void progress_obey(void)
{
    if (!interrupted)
        return;
    fflush(stdout);
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
}
