// SPDX-License-Identifier: MIT
// talk.h -- what the judge of lab 8 orders, and what its subject tells.
// A run is one of two simulations.  The walk decides by draws alone, and a
// model without a single fork knows its tree.  In the puppet show every
// timeline asks the judge before each step, and waits for the answer: so the
// judge decides who is fast and who is slow.  Book: chapter 8.
#ifndef TALK_H
#define TALK_H

#include <stdint.h>
#include "xtalk.h"

struct order {
    int32_t is_puppet_show;
    char word[16];                  // in the names of the puppets' marks
    uint64_t seed;
    uint32_t max_depth, timelines, width, wall_ms, stop_after, fork_tries;
    int64_t energy;
    int32_t is_adaptive;
    uint32_t batch, min, max;
    int64_t mark_energy;
    uint32_t steps, marks;          // of the walk
    int32_t is_stormy;              // a signal every millisecond; in a puppet
                                    // show, when the judge sends one
    uint64_t slow;                  // a timeline of the walk that waits for the
                                    // judge before it begins: its seed
    int32_t others[2];              // exit codes of the simulation's own
    int32_t has_others;             // children
    uint32_t fork_from, fork_to;    // forks number from .. to-1 fail; number
                                    // 0 is the warden's, 1 the root's
    uint32_t fork_limit;            // processes; 0: none
};

// Messages.  The host's come in this order, after the run.
enum {
    SAYS_BORN,      // a timeline of the walk: seed, depth
    SAYS_ASKS,      // a puppet: seed, depth, how many answers it had
    SAYS_OTHERS,    // pid asked for and status, of each of the two
    SAYS_STATS,     // see enum stat
    SAYS_NODE,      // parent, count, seed, depth, death, code
    SAYS_FINDING,   // death, code, timeline; its text
    SAYS_DONE,
};

enum stat {
    S_RETURNED, S_TIMELINES, S_SPLITS, S_FINDINGS, S_ENERGY, S_POOL,
    S_RETRIES, S_FAILURES, S_DEFERRED, S_COLLATERAL, S_COVERAGE,
    S_PEAK,         // processes at once, the host not counted
    S_LEFT_OPEN,    // descriptors, by splits of the walk
};

// Answers to a puppet: op | argument << 8.
enum op {
    OP_END,         // return 0
    OP_DISCOVER,    // mark number `argument`
    OP_EXIT,        // _exit(argument)
    OP_RAISE,       // signal `argument`
    OP_BUG,
    OP_HANG,        // sleep for ever
    OP_COLLECT,     // wait for its own children, tell their statuses
};

#endif
