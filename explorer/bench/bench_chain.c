// SPDX-License-Identifier: MIT
// bench_chain.c -- what splitting is worth: k rare events in a row, each of
// chance p; how many timelines until the first bug?  Run by `make bench-chain`.
// Book: chapter 9.
//
// A split has 3/p children.  The figures of the design that libsplit descends
// from stand beside ours (medians of 21 runs of it; these are not independent,
// for below the root its children draw the same numbers for every root seed).
// Independent draws need about k/p timelines.  `least` is the median for draws
// that are spread so evenly that no two meet the same event, the best that any
// sequence can do which does not know the events: n of them meet an event of
// chance p with at most np.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"
#include "split.h"

#define EXPERIMENTS 101           // with splits: our medians move by 2 of 100
#define EXPERIMENTS_PLAIN 21
#define PLAIN_MOST 20e6          // restarts that are run; more is calculated

struct chain {
    unsigned one_in, k;
};

static int
chain_sim(void *arg)
{
    const struct chain *c = arg;
    char name[32];

    for (unsigned i = 0; i < c->k; i++) {
        if (!split_chance(c->one_in))
            return 0;
        snprintf(name, sizeof(name), "event %u", i);
        split_reachable(name);
    }
    split_bug("all events came");
}

// Timelines of the original to its first bug, medians of 21; 0: not measured.
static const struct {
    unsigned one_in, k;
    double fixed, adaptive;
} original[] = {
    {20, 2, 28, 28}, {20, 3, 51, 54}, {20, 4, 68, 68}, {20, 5, 81, 81},
    {50, 3, 78, 78}, {100, 3, 190, 190}, {100, 4, 266, 298},
};

// Until the bug: restarts without any split.
static double
plain(const struct chain *c, uint64_t seed, bool *is_run)
{
    double expected = pow(c->one_in, c->k), n = 0;

    *is_run = expected * log(2) * 4 < PLAIN_MOST;
    if (!*is_run)
        return expected * log(2);
    srand48((long)seed);
    for (;;) {
        unsigned met = 0;

        n++;
        while (met < c->k && drand48() * c->one_in < 1)
            met++;
        if (met == c->k)
            return n;
    }
}

static double
explore(struct chain *chain, uint64_t seed, bool is_adaptive)
{
    struct split_config c = split_defaults();
    unsigned children = 3 * chain->one_in;
    struct split_stats s;
    struct split *x;

    c.seed = seed;
    c.seeds = 1000000;
    c.stop_after = 1;
    c.max_depth = chain->k;
    c.timelines = children;
    c.energy = 1000000;
    c.is_adaptive = is_adaptive;
    c.adaptive = (struct split_adaptive){
        .batch = chain->one_in, .min = children, .warm_min = children,
        .max = 2 * children, .mark_energy = children};
    if (!(x = split_open(&c)) || split_run(x, chain_sim, chain) != 1) {
        fprintf(stderr, "bench_chain: %s\n", split_error(x));
        exit(1);
    }
    split_get_stats(x, &s);
    split_close(x);
    return (double)s.timelines;
}

static double
median_of(struct chain *c, int mode, bool *is_run)
{
    unsigned n = mode ? EXPERIMENTS : EXPERIMENTS_PLAIN;
    double v[EXPERIMENTS];

    for (unsigned i = 0; i < n; i++)
        v[i] = mode == 0 ? plain(c, 1 + i, is_run)
                         : explore(c, 1 + i, mode == 2);
    return bench_median(v, n);
}

static bool
row(FILE *json, struct chain c, bool is_first)
{
    bool is_run = true, is_good;
    double restarts = median_of(&c, 0, &is_run);
    double fixed = median_of(&c, 1, NULL), adaptive = median_of(&c, 2, NULL);
    double their_fixed = 0, their_adaptive = 0;

    for (size_t i = 0; i < sizeof(original) / sizeof(original[0]); i++)
        if (original[i].one_in == c.one_in && original[i].k == c.k) {
            their_fixed = original[i].fixed;
            their_adaptive = original[i].adaptive;
        }
    is_good = adaptive <= fixed &&
              (!their_fixed || (fixed <= their_fixed &&
                                adaptive <= their_adaptive));
    printf("1/%-4u %u %14.0f%s %6.0f %8.0f %9.0f", c.one_in, c.k, restarts,
           is_run ? " " : "*", c.k * (c.one_in + 1) / 2.0, fixed, adaptive);
    if (their_fixed)
        printf(" %10.0f %9.0f", their_fixed, their_adaptive);
    printf("%s\n", is_good ? "" : "   above");
    fflush(stdout);
    fprintf(json, "%s\n  {\"one_in\": %u, \"k\": %u, \"plain\": %.0f, "
            "\"plain_is_calculated\": %s, \"fixed\": %.0f, \"adaptive\": %.0f",
            is_first ? "" : ",", c.one_in, c.k, restarts,
            is_run ? "false" : "true", fixed, adaptive);
    if (their_fixed)
        fprintf(json, ", \"original_fixed\": %.0f, \"original_adaptive\": %.0f",
                their_fixed, their_adaptive);
    fputs("}", json);
    return is_good;
}

int
main(int argc, char **argv)
{
    static const unsigned one_in[] = {20, 50, 100};
    bool is_good = true, is_first = true;
    FILE *json;

    if (argc < 2 || !(json = fopen(argv[1], "we"))) {
        fprintf(stderr, "usage: bench_chain FILE.json\n");
        return 2;
    }
    printf("timelines to the first bug, medians of %d, plain of %d (*: "
           "calculated)\n"
           "p      k          plain   least    fixed  adaptive   original: "
           "fixed, adaptive\n", EXPERIMENTS, EXPERIMENTS_PLAIN);
    fputs("[", json);
    for (int i = 0; i < 3; i++)
        for (unsigned k = 1; k <= 6; k++) {
            is_good &= row(json, (struct chain){one_in[i], k}, is_first);
            is_first = false;
        }
    fputs("\n]\n", json);
    if (!is_good)
        puts("above: more timelines than the original, or than fixed");
    return fclose(json) != 0;
}
