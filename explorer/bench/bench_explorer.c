// SPDX-License-Identifier: MIT
// bench_explorer.c -- timelines per second, against a raw fork loop of the very
// same process.  `make bench-explorer` runs it, static and pinned to a core.
// Book: chapters 7 and 10.
//
// Each figure is the median of some rounds; in a round the raw loop and the
// exploration run one right after the other, so that their ratio means
// something on a machine whose speed wanders.  Seconds are those of the core:
// all processes share one, so that is what it would take if nobody else did.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"
#include "split.h"

#define ROUNDS 9
#define DRAWS 100

struct row {
    const char *name;
    unsigned depth, timelines;
    bool is_adaptive;
    enum split_width width;
    unsigned width_n;
};

static const struct row rows[] = {
    {"flat fixed sequential", 1, 2000, false, SPLIT_SEQUENTIAL, 0},
    {"flat fixed parallel", 1, 2000, false, SPLIT_PROCESSES, 3},
    {"flat adaptive sequential", 1, 2000, true, SPLIT_SEQUENTIAL, 0},
    {"flat adaptive parallel", 1, 2000, true, SPLIT_PROCESSES, 3},
    {"nested fixed sequential", 3, 16, false, SPLIT_SEQUENTIAL, 0},
    {"nested fixed parallel", 3, 16, false, SPLIT_PROCESSES, 6},
    {"nested adaptive sequential", 3, 16, true, SPLIT_SEQUENTIAL, 0},
    {"nested adaptive parallel", 3, 16, true, SPLIT_PROCESSES, 6},
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static unsigned sim_depth;

// Each timeline splits as long as it may: its mark has a name of its own.
static int
sim(void *arg)
{
    uint64_t x = 0;
    char name[32];

    (void)arg;
    do {
        unsigned before = split_depth();

        for (int i = 0; i < DRAWS; i++)
            x ^= split_draw();
        if (before >= sim_depth)
            break;
        snprintf(name, sizeof(name), "%" PRIx64, split_seed());
        split_reachable(name);
        if (split_depth() == before)
            break;                      // the parent, after its children
    } while (x);
    return 0;
}

static double
seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

// Seconds that this process and its descendants kept the core busy.
static double
core_seconds(void)
{
    struct rusage a, b;

    getrusage(RUSAGE_SELF, &a);
    getrusage(RUSAGE_CHILDREN, &b);
    return seconds_of(&a.ru_utime) + seconds_of(&a.ru_stime) +
           seconds_of(&b.ru_utime) + seconds_of(&b.ru_stime);
}

// Forks per second: fork, _exit, waitpid, n times.
static double
raw(unsigned n)
{
    double start = core_seconds();

    for (unsigned i = 0; i < n; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            exit(1);
    }
    return n / (core_seconds() - start);
}

static double
explore(const struct row *r)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    struct split *x;
    double start;

    c.max_depth = r->depth;
    c.timelines = r->timelines;
    c.energy = 1000000;
    c.is_adaptive = r->is_adaptive;
    c.adaptive = (struct split_adaptive){.batch = r->timelines,
                                         .min = r->timelines,
                                         .max = r->timelines,
                                         .mark_energy = r->timelines};
    c.width = r->width;
    c.width_n = r->width_n;
    sim_depth = r->depth;
    if (!(x = split_open(&c))) {
        fprintf(stderr, "bench_explorer: %s\n", split_error(NULL));
        exit(1);
    }
    start = core_seconds();
    if (split_run(x, sim, NULL) != 0) {
        fprintf(stderr, "bench_explorer: %s: %s\n", r->name, split_error(x));
        exit(1);
    }
    start = core_seconds() - start;
    split_get_stats(x, &s);
    split_close(x);
    return (double)s.timelines / start;
}

static bool is_first = true;

static void
measure(FILE *json, const char *state, size_t mb, const struct row *r,
        unsigned rounds, double *tiny)
{
    double base[ROUNDS], rate[ROUNDS], ratio[ROUNDS];
    double to_raw, to_tiny;

    raw(50);
    for (unsigned i = 0; i < rounds; i++) {
        double before = raw(mb && !strcmp(state, "plain") ? 50 : 300);

        rate[i] = explore(r);
        base[i] = (before + raw(mb && !strcmp(state, "plain") ? 50 : 300)) / 2;
        ratio[i] = rate[i] / base[i];
    }
    to_raw = bench_median(ratio, rounds);
    bench_median(rate, rounds);
    bench_median(base, rounds);
    if (mb == 0)
        *tiny = rate[rounds / 2];
    to_tiny = *tiny / rate[rounds / 2];
    printf("%-7s %5zu MB  %-26s %8.0f/s  raw %8.0f/s  ratio %.2f"
           "  cost of tiny x%.2f\n", state, mb, r->name, rate[rounds / 2],
           base[rounds / 2], to_raw, to_tiny);
    fflush(stdout);
    fprintf(json, "%s\n  {\"state\": \"%s\", \"mb\": %zu, \"mode\": \"%s\", "
            "\"per_second\": %.1f, \"raw_per_second\": %.1f, "
            "\"ratio_to_raw\": %.4f, \"cost_of_tiny\": %.3f}",
            is_first ? "" : ",", state, mb, r->name, rate[rounds / 2],
            base[rounds / 2], to_raw, to_tiny);
    is_first = false;
}

// The state of a simulation, every page of it touched.
static void
with_state(FILE *json, const char *state, size_t mb, double *tiny,
           unsigned rounds)
{
    bool is_arena = strcmp(state, "plain") != 0;
    enum split_arena_kind kind = !strcmp(state, "shared") ? SPLIT_ARENA_SHARED
                               : !strcmp(state, "own") ? SPLIT_ARENA_OWN
                               : SPLIT_ARENA_PRIVATE;
    struct split_arena *a = NULL;
    size_t size = mb << 20;
    char *p = NULL;

    if (mb && is_arena) {
        a = split_arena_new(kind, size);
        p = a ? split_arena_alloc(a, size) : NULL;
    } else if (mb) {
        p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            p = NULL;
        else
            madvise(p, size, MADV_NOHUGEPAGE);
    }
    if (mb && !p) {
        printf("%-7s %5zu MB  skipped: no memory\n", state, mb);
        return;
    }
    for (size_t i = 0; i < size; i += 4096)
        p[i] = 1;
    for (size_t i = 0; i < N_ROWS; i++)
        if (is_arena || i == 0)
            measure(json, state, mb, &rows[i], rounds, &tiny[i]);
    if (a)
        split_arena_free(a);
    else if (p)
        munmap(p, size);
}

int
main(int argc, char **argv)
{
    static const size_t sizes[] = {10, 100, 1000};
    static const char *const states[] = {"private", "shared", "own"};
    double tiny[N_ROWS];
    bool is_short = argc > 2 && !strcmp(argv[2], "short");
    FILE *json;

    if (argc < 2 || !(json = fopen(argv[1], "we"))) {
        fprintf(stderr, "usage: bench_explorer FILE.json [short]\n");
        return 2;
    }
    fputs("[", json);
    with_state(json, "private", 0, tiny, is_short ? 3 : ROUNDS);
    for (size_t i = 0; i < (is_short ? 0 : 3); i++) {
        for (size_t k = 0; k < 3; k++)
            with_state(json, states[k], sizes[i], tiny, 3);
        if (sizes[i] <= 100)
            with_state(json, "plain", sizes[i], tiny, 1);
    }
    if (is_short)
        with_state(json, "private", 100, tiny, 3);
    fputs("\n]\n", json);
    return fclose(json) != 0;
}
