// SPDX-License-Identifier: MIT
// chain.c -- k rare events in a row, each of chance 1/20, and then a bug: how
// many timelines until the first one finds it?  Medians of 21 seeds.
// Chapter 7.
#include <stdio.h>
#include <stdlib.h>
#include "split.h"

enum { ONE_IN = 20, CHILDREN = 3 * ONE_IN, SEEDS = 21 };

struct chain {
    unsigned k;
};

//> doors
static int
doors(void *arg)
{
    const struct chain *c = arg;
    char name[32];

    for (unsigned i = 0; i < c->k; i++) {
        if (!split_chance(ONE_IN))
            return 0;
        snprintf(name, sizeof(name), "door %u", i);
        split_reachable(name);
    }
    split_bug("all doors were open");
}
//< doors

static double
explored(struct chain *chain, uint64_t seed, bool is_adaptive)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    struct split *x;

    c.seed = seed;
    c.seeds = 1000000;
    c.stop_after = 1;
    c.max_depth = chain->k;
    c.timelines = CHILDREN;
    c.energy = 1000000;
    c.is_adaptive = is_adaptive;
    c.adaptive = (struct split_adaptive){
        .batch = ONE_IN, .min = CHILDREN, .warm_min = CHILDREN,
        .max = 2 * CHILDREN, .mark_energy = CHILDREN};
    if (!(x = split_open(&c)) || split_run(x, doors, chain) != 1)
        exit(1);
    split_get_stats(x, &s);
    split_close(x);
    return (double)s.timelines;
}

// Restarts, without any fork: a new seed each time, until all doors open.
static double
restarted(const struct chain *c, uint64_t seed)
{
    unsigned open;
    double n = 0;

    for (srand48((long)seed);; ) {
        n++;
        for (open = 0; open < c->k && drand48() * ONE_IN < 1; open++)
            ;
        if (open == c->k)
            return n;
    }
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 4;
    double v[3][SEEDS];

    printf("doors  restarts  fixed  adaptive\n");
    for (struct chain c = {1}; c.k <= most; c.k++) {
        for (int i = 0; i < SEEDS; i++) {
            v[0][i] = restarted(&c, 1 + (uint64_t)i);
            v[1][i] = explored(&c, 1 + (uint64_t)i, false);
            v[2][i] = explored(&c, 1 + (uint64_t)i, true);
        }
        for (int way = 0; way < 3; way++)
            qsort(v[way], SEEDS, sizeof(double), by_size);
        printf("%5u  %8.0f  %5.0f  %8.0f\n", c.k, v[0][SEEDS / 2],
               v[1][SEEDS / 2], v[2][SEEDS / 2]);
    }
    return 0;
}
