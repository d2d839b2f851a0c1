// SPDX-License-Identifier: MIT
// decoys.c -- rare events in a row, and a swamp beside the way.  Book: chapter 9.
//
//     decoys CHILDREN EXPERIMENTS          fixed
//     decoys MIN EXPERIMENTS MAX OWN       adaptive, OWN units a mark
//
// A timeline meets one event after the other, each of chance 1 in 6; when it
// misses one, it goes through the swamp, where there is much to be seen for the
// first time and nothing to be found.  Prints the median and the quartiles of
// the timelines to the bug behind the last event.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "split.h"

enum { EVENTS = 3, ONE_IN = 6, DECOYS = 24 };

static int
walk(void *arg)
{
    char name[32];

    (void)arg;
    for (int i = 0; i < EVENTS; i++) {
        if (!split_chance(ONE_IN))
            goto swamp;
        snprintf(name, sizeof(name), "event %d", i);
        split_reachable(name);
    }
    split_bug("behind the last event");
swamp:
    for (int i = 0; i < DECOYS; i++) {
        snprintf(name, sizeof(name), "decoy %d", i);
        split_sometimes(split_chance(2), name);
    }
    return 0;
}

static int
compare(const void *a, const void *b)
{
    uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;

    return p < q ? -1 : p > q;
}

int
main(int argc, char **argv)
{
    unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    uint64_t *v = calloc(n + 1, sizeof(*v));

    for (unsigned i = 0; i < n; i++) {
        struct split_config c = split_defaults();
        struct split_stats s;
        struct split *x;

        c.seed = 1 + i;
        c.seeds = 10000;
        c.stop_after = 1;
        c.max_depth = EVENTS;
        c.energy = 2000;
        c.timelines = (unsigned)atoi(argv[1]);
        c.is_adaptive = argc > 4;
        c.adaptive = (struct split_adaptive){
            .batch = 2, .min = c.timelines, .warm_min = c.timelines,
            .max = c.is_adaptive ? (unsigned)atoi(argv[3]) : 0,
            .mark_energy = c.is_adaptive ? atoi(argv[4]) : 0};
        if (!(x = split_open(&c)))
            return 1;
        split_run(x, walk, NULL);
        split_get_stats(x, &s);
        v[i] = s.timelines;
        split_close(x);
    }
    qsort(v, n, sizeof(*v), compare);
    printf("%8" PRIu64 "   %" PRIu64 " to %" PRIu64 "\n", v[n / 2], v[n / 4],
           v[3 * n / 4]);
    return 0;
}
