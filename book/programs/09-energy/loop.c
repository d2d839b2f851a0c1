// SPDX-License-Identifier: MIT
// loop.c -- a program in which nothing is new but how often a loop has run.
// Compiled by clang with its counters of edges, the explorer sees that.
// Book: chapter 9.

#include <stdio.h>
#include "split.h"

static int
reads(void *arg)
{
    int volatile rounds = 0;

    (void)arg;
    split_draw();
    split_reachable("start");
    while (!split_chance(12))
        rounds++;
    return 0;
}

int
main(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    struct split *x;

    c.max_depth = 1;
    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){
        .batch = 4, .min = 4, .max = 40, .mark_energy = 40};
    if (!(x = split_open(&c)))
        return 1;
    split_run(x, reads, NULL);
    split_get_stats(x, &s);
    printf("%d timelines; %d of %d edges seen\n", (int)s.timelines,
           (int)s.edges_seen, (int)s.edges);
    split_close(x);
    return 0;
}
