// SPDX-License-Identifier: MIT
// walk.h -- the simulation of lab 7, and what judge and subject say about it.
// The subject (subject.c) runs it with your split.c; the judge's model
// (model.c) runs it without any fork.  See explorer/lab/xtalk.h.
// Book: chapter 7.
#ifndef WALK_H
#define WALK_H

#include "split.h"
#include "xtalk.h"

enum { MARKS = 200, WAYS = 8, PATH = 150, FAILS = 6, NAME = 16 };

// A way for a timeline to end.
enum way {
    WAY_FINE,            // it returns 0
    WAY_RETURN,          // it returns 9
    WAY_ALWAYS,          // an assertion fails
    WAY_BUG,             // split_bug()
    WAY_CODE,            // _exit() with a code
    WAY_EXIT,            // exit()
    WAY_ABORT,
    WAY_SEGV,            // a signal of the kernel's
    WAY_KILL,            // a signal of somebody's
    WAY_HANG,            // it draws for ever (max_draws)
    WAY_STUCK,           // it does nothing for ever (wall_ms)
};

// `steps` steps.  In each, a draw below `marks` + `n_ways` + `idle` is made:
// the lowest values discover a mark, the next ones end the timeline (if it is
// at least `dies_from` deep), the others do nothing.  Every third step draws
// once more and forgets it.  Each step begins with split_tick(tick).
struct walk {
    unsigned steps, marks, n_ways, idle, dies_from, tick;
    char mark[MARKS][NAME];
    enum way way[WAYS];
};

// Circumstances.
enum {
    CALM = 0,
    QUIET = 1,               // timelines tell nothing
    SIGCHLD_IGNORED = 2,     // the simulation ignores SIGCHLD
    SIGCHLD_HANDLED = 4,     // ... handles it
    SIGNALS = 8,             // SIGUSR1 has a handler, and does not restart
    BROTHERS = 16,           // the root timeline has children of its own
};

// When `born` timelines were born (roots too), fork() fails `times` times.
struct fork_fails {
    int born, times;
};

// Judge to subject.
struct order {
    enum { DO_SEEDS, DO_RUN, DO_REPLAY, DO_REPLAY_HERE } what;
    struct split_config config;          // without pointers
    struct walk walk;
    unsigned circumstances;
    struct fork_fails fails[FAILS];      // times 0: no more
    uint64_t parent, index;              // DO_SEEDS
    char mark[64];
    bool has_seed;                       // DO_REPLAY: the recipe
    uint64_t seed;
    uint32_t len;
    struct split_step step[PATH];
};

// Subject to judge: kinds of events, and what their numbers are.
enum kind {
    EV_SEEDS = 1,    // child's seed, root's seed
    EV_BEGIN,        // a process starts the walk                    (waits)
    EV_DISCOVER,     // loop_discovery() is called                   (waits)
    EV_BORN,         // it returned in a child                       (waits)
    EV_BACK,         // it returned in its caller                    (waits)
    EV_STEP,         // split_replaying(): see enum step
    EV_ARRIVED,      // split_arrived()                              (waits)
    EV_END,          // the timeline ends now; n[N_WAY] how
    EV_BROTHER,      // a child of the simulation's own              (waits)
    EV_OVER,         // split_run() returned n[0]; statistics        (waits)
    EV_FINDING,      // n[0] death, code, timeline, seed, steps
    EV_PATH,         // a step of it: n[0] draws, n[1] seed
    EV_NODE,         // of the tree: parent, draws, seed, depth, death, code
    EV_REPLAYED,     // split_replay() returned n[0]; death, code    (waits)
};

// Of the events of a timeline (EV_BEGIN to EV_END).
enum number {
    N_DEPTH, N_SEED, N_COUNT,    // split_depth(), split_seed(), split_draws()
    N_HASH,                      // of all it drew, before it was born too
    N_STEP,                      // of the walk
    N_GLOBAL, N_POOL, N_LEFT,    // energy: the tree's, the pool's, the mark's
    N_MARK,                      // that is discovered
    N_WAY,
    N_SIGCHLD,                   // 0 default, 1 ignored, 2 handled
    N_SIGNALS,                   // handled so far
    N_IS_CHILD,                  // split_is_child()
    N_TICKS,                     // that count for its deadline
};

// Of EV_STEP: what split_replaying() is told, and what is so at that moment.
enum step {
    S_COUNT, S_SEED, S_DRAWS, S_OLD_SEED, S_TICKS,
};

// Of EV_OVER.
enum over {
    O_RESULT, O_TIMELINES, O_SPLITS, O_ENERGY, O_POOL, O_SEEDS, O_RETRIES,
    O_FAILURES, O_LIVE, O_DEFERRED,
    O_UNSAID,                    // splits whose slot has no has_split
    O_MISSAID,                   // timelines that have it for no discovery
};

#endif
