// SPDX-License-Identifier: MIT
// chain.h -- k rare events in a row: the simulation of bench_chain.c, which
// explores it with libsplit, and of chain_model.c, a model of the original.
#ifndef CHAIN_H
#define CHAIN_H

#include <stdio.h>
#include "split.h"

struct chain {
    unsigned one_in, k;
};

// All events came: the timeline ends.
static void chain_met(void) __attribute__((__noreturn__));

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
    chain_met();
}

static struct split_config
chain_config(const struct chain *chain, uint64_t seed, bool is_adaptive)
{
    struct split_config c = split_defaults();
    unsigned children = 3 * chain->one_in;

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
    return c;
}

#endif
