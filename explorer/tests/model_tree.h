// SPDX-License-Identifier: MIT
// model_tree.h -- the split loop as a recursive function, without a single
// fork: what the tree, the energy and the seeds have to be.  Used by suite.c.
#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include "split.h"

#define MODEL_NODES 20000
#define MODEL_MARKS 64

// The simulation that both run: `steps` draws, each naming one of `marks`.
struct walk {
    unsigned steps, marks;
};
int walk_sim(void *arg);

struct model_node {
    uint64_t parent, count, seed;
    unsigned depth;
};

struct model {
    struct split_config config;
    struct walk walk;
    bool is_yield_lost;             // a mistake: children bring nothing, ever
    bool is_triggered[MODEL_MARKS], is_explored[MODEL_MARKS];
    bool is_given[MODEL_MARKS];
    int64_t global, pool, left[MODEL_MARKS];
    size_t n;
    struct model_node node[MODEL_NODES];
};

void model_run(struct model *m);
const char *walk_mark(unsigned i);

#endif
