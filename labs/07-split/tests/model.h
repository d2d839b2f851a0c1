// SPDX-License-Identifier: MIT
// model.h -- what an exploration of walk.h has to come to, event by event,
// computed without a fork and without a line of libsplit.  Trusted: part of the
// judge of lab 7.  Book: chapter 7.
#ifndef MODEL_H
#define MODEL_H

#include "walk.h"

enum { MODEL_NODES = 4000, MODEL_EVENTS = 20000, MODEL_FINDINGS = 1000 };

struct expected {
    enum kind kind;
    int node;                        // the timeline that tells
    int64_t n[X_NUMBERS];
};

struct model_node {
    int parent;                      // -1: a root
    int mark;                        // that split
    uint64_t count, seed;            // where it left its parent
    unsigned depth;
    enum split_death death;
    int code;
};

struct model_finding {
    enum split_death death;
    int code, node;
    uint64_t root_seed;
};

// Ways to be wrong that some runs do not show.  The judge takes runs that do:
// in which a timeline somewhere tells what it would not tell if all were right.
enum mistake {
    NO_MISTAKE,
    YIELD_IS_LOST,                   // children bring nothing, ever
    OWN_NEWS,                        // its own is news when its children see it
    ONE_BATCH,
    NEVER_WARM,
    PAYS_LATER,
    LEVEL_STAYS,                     // each child makes its parent deeper
    ONLY_42,                         // other codes are no findings
    MISTAKES,
};

struct model {
    struct order order;              // in
    enum mistake mistake;
    size_t n_events, n_nodes, n_findings;
    int64_t global, pool, left[MARKS];
    uint64_t splits, retries, failures, root_seed;
    uint64_t passed;                 // in a replay: marks that nobody knew
    // its own
    bool is_triggered[MARKS], is_explored[MARKS], is_given[MARKS];
    bool is_warm, is_stopped, is_replay;
    int next_fail;
    // out, as many as are counted above
    struct expected event[MODEL_EVENTS];
    struct model_node node[MODEL_NODES];
    struct model_finding finding[MODEL_FINDINGS];
};

// The sequential loop.
void model_run(struct model *m);
// With room for one process, every split is put off: each timeline runs from
// the start, in the order in which the splits came up.
void model_run_put_off(struct model *m);
// One timeline follows a path and does not split; what it tells when.
void model_replay(struct model *m, uint64_t root_seed,
                  const struct split_step *path, size_t len);

uint64_t model_child_seed(uint64_t parent, const char *mark, uint64_t index);
uint64_t model_root_seed(uint64_t seed, uint64_t index);
// The path to a timeline, PATH steps of room; its length.
size_t model_path(const struct model *m, int node, struct split_step *path);
// How a timeline that ends this way counts.
enum split_death model_death(enum way way, int *code);

#endif
