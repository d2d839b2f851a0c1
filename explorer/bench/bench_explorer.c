// SPDX-License-Identifier: MIT
// bench_explorer.c -- timelines per second, against a raw fork loop of the very
// same process.  `make bench-explorer` runs it, static and pinned to a core.
// Book: chapters 7 and 10.
//
// Each figure is the median of some rounds.  In a round the raw loop and the
// exploration take turns, raw, ours, ours, raw, for about the same number of
// forks, so that their ratio means something on a machine whose speed wanders;
// the same exploration without the state comes before and after them.  Seconds
// are those of the core: all processes share one, so that is what it would take
// if nobody else did.

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"
#include "split.h"

#define ROUNDS 9
#define ROUNDS_OF_STATE 3
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

// The state of a simulation, every page of it touched.
enum state { PRIVATE, SHARED, OWN, PLAIN };
static const char *const state_names[] = {"private", "shared", "own", "plain"};

struct memory {
    struct split_arena *arena;
    void *plain;
    size_t size;
};

static bool
memory_take(struct memory *m, enum state state, size_t mb)
{
    static const enum split_arena_kind kinds[] = {
        SPLIT_ARENA_PRIVATE, SPLIT_ARENA_SHARED, SPLIT_ARENA_OWN};
    char *p = NULL;

    *m = (struct memory){.size = mb << 20};
    if (mb == 0)
        return true;
    if (state != PLAIN) {
        m->arena = split_arena_new(kinds[state], m->size);
        p = m->arena ? split_arena_alloc(m->arena, m->size) : NULL;
    } else {
        p = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return false;
        madvise(p, m->size, MADV_NOHUGEPAGE);
        m->plain = p;
    }
    for (size_t i = 0; p && i < m->size; i += 4096)
        p[i] = 1;
    return p;
}

static void
memory_drop(struct memory *m)
{
    if (m->plain)
        munmap(m->plain, m->size);
    split_arena_free(m->arena);
}

struct round {
    double raw, ours, tiny;           // per second
};

// False: not enough memory.
static bool
take_turns(const struct row *r, enum state state, size_t mb, unsigned forks,
           struct round *of)
{
    struct memory m;
    double seconds_raw, seconds_ours, seconds_tiny = 0;

    if (mb)
        seconds_tiny = 1 / explore(r);
    if (!memory_take(&m, state, mb)) {
        memory_drop(&m);
        return false;
    }
    seconds_raw = 1 / raw(forks);
    seconds_ours = 1 / explore(r);
    seconds_ours += 1 / explore(r);
    seconds_raw += 1 / raw(forks);
    memory_drop(&m);
    seconds_tiny += mb ? 1 / explore(r) : seconds_ours;
    *of = (struct round){2 / seconds_raw, 2 / seconds_ours, 2 / seconds_tiny};
    return true;
}

static bool is_first = true;

// The ratio to the raw loop; 0: skipped.
static double
measure(FILE *json, enum state state, size_t mb, const struct row *r,
        unsigned rounds)
{
    unsigned forks = state == PLAIN ? 100 : mb > 100 ? 500 : 2000;
    double base[ROUNDS], rate[ROUNDS], ratio[ROUNDS], cost[ROUNDS];
    struct round of;

    for (unsigned i = 0; i < rounds; i++) {
        if (!take_turns(r, state, mb, forks, &of)) {
            printf("%-7s %5zu MB  skipped: no memory\n", state_names[state],
                   mb);
            return 0;
        }
        base[i] = of.raw;
        rate[i] = of.ours;
        ratio[i] = of.ours / of.raw;
        cost[i] = of.tiny / of.ours;
    }
    bench_median(ratio, rounds);
    printf("%-7s %5zu MB  %-26s %8.0f/s  raw %8.0f/s  ratio %.2f"
           "  cost of tiny x%.2f\n", state_names[state], mb, r->name,
           bench_median(rate, rounds), bench_median(base, rounds),
           ratio[rounds / 2], bench_median(cost, rounds));
    fflush(stdout);
    fprintf(json, "%s\n  {\"state\": \"%s\", \"mb\": %zu, \"mode\": \"%s\", "
            "\"per_second\": %.1f, \"raw_per_second\": %.1f, "
            "\"ratio_to_raw\": %.4f, \"cost_of_tiny\": %.3f}",
            is_first ? "" : ",", state_names[state], mb, r->name,
            rate[rounds / 2], base[rounds / 2], ratio[rounds / 2],
            cost[rounds / 2]);
    is_first = false;
    return ratio[rounds / 2];
}

int
main(int argc, char **argv)
{
    static const size_t sizes[] = {10, 100, 1000};
    bool is_short = argc > 2 && !strcmp(argv[2], "short");
    double least = 1e9, ratio;
    FILE *json;

    if (argc < 2 || !(json = fopen(argv[1], "we"))) {
        fprintf(stderr, "usage: bench_explorer FILE.json [short]\n");
        return 2;
    }
    // A quiet core: everybody else waits, if we may ask for that.
    if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1}))
        puts("not permitted to keep others off this core: run it on a quiet "
             "machine");
    raw(500);
    fputs("[", json);
    for (size_t r = 0; r < N_ROWS; r++) {
        ratio = measure(json, PRIVATE, 0, &rows[r], is_short ? 5 : ROUNDS);
        least = ratio < least ? ratio : least;
    }
    for (size_t i = is_short ? 1 : 0; i < (is_short ? 2 : 3); i++) {
        for (enum state state = PRIVATE; state <= (is_short ? PRIVATE : OWN);
             state++)
            for (size_t r = 0; r < N_ROWS; r++)
                measure(json, state, sizes[i], &rows[r],
                        is_short ? 3 : ROUNDS_OF_STATE);
        if (sizes[i] <= 100 && !is_short)
            measure(json, PLAIN, sizes[i], &rows[0], 1);
    }
    fputs("\n]\n", json);
    printf("least ratio to the raw loop at tiny state: %.3f\n", least);
    return fclose(json) != 0;
}
