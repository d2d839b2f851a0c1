// SPDX-License-Identifier: MIT
// chain.c -- k rare events in a row, each of chance 1 in n; how many timelines
// until the first bug?  Book: chapter 9.
//
//     chain N K CHILDREN EXPERIMENTS [adaptive]     0 children: plain restarts
//
// Prints the median and the quartiles.  Linked with libsplit, or with the model
// of the design that libsplit descends from (explorer/tests/model_original).

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "quartiles.h"
#include "split.h"

static unsigned one_in, k, children, experiments;
static bool is_adaptive;
static struct split *x;
static uint64_t *found_at;           // shared: timelines so far, at the bug

static int
leave(void)
{
    if (split_is_child())
        split_end(0);
    return 0;
}

static int
chain(void *arg)
{
    struct split_stats s;
    char name[32];

    (void)arg;
    for (unsigned i = 0; i < k && !*found_at; i++) {
        if (!split_chance(one_in))
            return leave();
        snprintf(name, sizeof(name), "event %u", i);
        split_reachable(name);
    }
    if (*found_at)
        return leave();
    split_get_stats(x, &s);
    *found_at = s.timelines;
    split_bug("all events came");
}

static uint64_t
restarts(uint64_t seed)
{
    uint64_t n = 0;
    unsigned met;

    srand48((long)seed);
    do {
        n++;
        for (met = 0; met < k && drand48() * one_in < 1; met++)
            ;
    } while (met < k);
    return n;
}

static void
explore(uint64_t seed)
{
    struct split_config c = split_defaults();

    c.seed = seed;
    c.seeds = 100000;
    c.stop_after = 1;
    c.max_depth = k;
    c.timelines = children;
    c.energy = 1000000;
    c.is_adaptive = is_adaptive;
    c.adaptive = (struct split_adaptive){
        .batch = 8, .min = children, .warm_min = children,
        .max = 2 * children, .mark_energy = children};
    if ((x = split_open(&c)))
        split_run(x, chain, NULL);
    _exit(0);
}

int
main(int argc, char **argv)
{
    uint64_t *v;

    if (argc < 5)
        return 2;
    one_in = (unsigned)atoi(argv[1]);
    k = (unsigned)atoi(argv[2]);
    children = (unsigned)atoi(argv[3]);
    experiments = (unsigned)atoi(argv[4]);
    is_adaptive = argc > 5;
    found_at = mmap(NULL, sizeof(*found_at), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    v = calloc(experiments, sizeof(*v));
    for (unsigned i = 0; i < experiments; i++) {
        *found_at = 0;
        if (children == 0) {
            v[i] = restarts(1 + i);
        } else if (fork() == 0) {
            explore(1 + i);
        } else {
            wait(NULL);
            v[i] = *found_at;
        }
    }
    print_quartiles(v, experiments);
    return 0;
}
