// SPDX-License-Identifier: MIT
// world.h -- what all timelines of an exploration share, and what each has of
// its own.  Used by every file of the library.  Book: chapters 7 to 9.
//
// The world is one MAP_SHARED mapping, made before the first fork and at the
// same address everywhere, so plain pointers into it are good in every process.
// Everything that two processes may write is atomic; a record is complete
// before it is published, and never moves.  A process may be killed between
// any two instructions: no locks, so none can stay locked.
#ifndef SPLIT_WORLD_H
#define SPLIT_WORLD_H

#include <stdatomic.h>
#include <sys/types.h>
#include "energy.h"
#include "novelty.h"
#include "split.h"

#define MARK_HEADS 4096     // chains of the mark table, a power of two

// An assertion, or one bucket of a sometimes-each.
struct mark {
    struct mark *_Atomic next;        // of its chain
    struct mark *_Atomic later;       // found next, in order of discovery
    uint64_t hash;                    // of the name; also its bit's base
    enum split_kind kind;
    bool is_maximized;                // numbers: bigger is better
    const char *name;
    _Atomic uint64_t pass, fail;
    _Atomic bool is_triggered;        // split on this seed already
    _Atomic int64_t watermark;        // best ever
    _Atomic int64_t split_watermark;  // best that split on this seed
    _Atomic uint32_t frontier, split_frontier;
    struct quality *_Atomic quality;  // best of this seed; never changed once
                                      // published, only replaced
    struct mark_energy energy;
    _Atomic uint64_t splits, timelines;
};

enum slot_state {
    SLOT_FREE,
    SLOT_TAKEN,          // its timeline is about to start
    SLOT_RUNNING,        // at work, stopped, or a zombie not yet reaped
    SLOT_WAITS_CHILD,    // sleeps until a child of its own ends
    SLOT_WAITS_TURN,     // sleeps until all before it are done
    SLOT_ORPHAN,         // its parent died; the warden reaps it
};

// One live timeline.  Written by its parent until the fork, by itself until it
// ends, by whoever reaps it afterwards.
struct slot {
    _Atomic int state;
    _Atomic int pid;
    int index;
    struct slot *parent;              // NULL: a child of the warden
    uint64_t node;                    // number of the timeline, once it counts
    unsigned child_index;             // at its split
    _Atomic uint32_t has_turn;        // futex; see window.c
    _Atomic bool is_evicted;          // its parent is asked to drop it
    _Atomic bool has_split;
    unsigned depth;
    uint64_t seed;                    // its own
    struct split_step step;           // where it left its parent
    const struct split_step *prefix;  // its whole path, if it has no parent
    size_t prefix_len;
    int64_t born_ns;
    _Atomic int64_t waited_ns;        // spent waiting for children, slots
    _Atomic int64_t waits_since;      // 0: does not wait
    _Atomic bool is_said;             // how it ended is written down below
    _Atomic bool is_recorded;         // ... and a finding was made of it
    _Atomic bool is_reported;         // a sanitizer wrote a report here
    enum split_death death;
    int code;
    const char *text;
    _Atomic uint64_t yield;           // new coverage of it and its descendants
    struct novel_map map;             // what it covered since it began
};

// A split in progress: where, and how far it has come.
struct point {
    struct mark *mark;
    uint64_t seed;                    // of the parent timeline
    uint64_t count;                   // its draws so far
    unsigned depth;                   // of the parent
    struct spending spent;            // energy.c's view of it
    // Only of a split that was put off (window.c, warden.c):
    const struct split_step *path;    // to the parent
    size_t path_len;
    uint64_t parent_node;
    unsigned left;                    // of this batch, not yet started
    struct point *_Atomic next;
};

struct finding {
    struct finding *_Atomic next;
    struct split_finding pub;
};

// A timeline as the tree remembers it.
struct node {
    uint64_t parent;                  // its number; its own number: a root
    struct split_step step;
    const struct mark *mark;          // that split; NULL: a root
    _Atomic uint64_t yield;
    unsigned depth;
    _Atomic int death;                // enum split_death; -1: still alive
    _Atomic int code;
};
#define NODES_PER_BLOCK 4096
#define CROWD_DEPTHS 16               // deeper ones share the last
#define NODE_BLOCKS 65536

struct world {
    struct split_config config;
    size_t size;                      // of the mapping
    _Atomic size_t used;
    _Atomic bool is_full;
    _Atomic bool is_stopped;          // no further timelines
    _Atomic bool is_done;             // the warden came to its end
    _Atomic int error;                // -errno that ends the run
    int n_slots;                      // the bound on live timelines
    bool is_parallel;
    bool is_warm;                     // a seed ran before
    _Atomic uint32_t slot_freed;      // futex: grows when a slot is freed
    _Atomic uint32_t slot_sleepers;   // who may sleep on it
    _Atomic int live, live_peak;
    _Atomic bool is_crowded[CROWD_DEPTHS];      // see window.c
    struct slot *slots;
    uint64_t root_seed;               // of the seed that runs
    _Atomic int64_t started_ns, ran_ns;
    uint64_t oom_kills;               // of the machine, at the start

    struct energy energy;
    struct novel_map explored;
    unsigned char *edges;             // hit-count buckets seen, one per edge
    unsigned char *slot_edges;        // what each slot's timeline hit
    size_t n_edges;

    _Atomic uint64_t timelines, splits, findings, seeds, marks;
    _Atomic uint64_t fork_retries, fork_failures, deferred, collateral;

    struct mark *_Atomic heads[MARK_HEADS];
    struct mark *_Atomic first_mark, *_Atomic last_mark;
    struct finding *_Atomic first_finding;
    struct point *_Atomic put_off;    // newest first
    struct node *_Atomic nodes[NODE_BLOCKS];
};

struct split {
    struct world *world;
    char error[512];
    bool is_running;
};

// What a timeline is doing with its assertions.
enum mode {
    MODE_EXPLORE,
    MODE_REACH,          // replays its path before it explores (put off)
    MODE_REPLAY,         // replays a recipe; never splits
};

// A process's own state.  In thread-local storage because fork dirties that
// page anyway; and with copies of what each timeline asks, because the first
// touch of the world costs a child a page fault and three page tables.  A
// child that only draws numbers and ends touches nothing else.
struct self {
    struct world *world;              // NULL: no exploration here
    struct slot *slot;                // NULL: replaying
    uint64_t rng;
    uint64_t count;                   // draws since the last reseeding
    uint64_t alarm;                   // count at which split_draw() looks up
    uint64_t ticks;                   // of this timeline, for its deadline
    uint64_t seed;
    unsigned depth;
    enum mode mode;
    bool is_child;
    const struct split_step *next, *end;   // still to be replayed
    int pid;                          // of the last process that split
    int *tid;                         // child_slim(): where the kernel writes
    void *robust;                     // a thread's number; its robust list
    size_t robust_size;
    int wake_fd;                      // eventfd that wakes the warden
    int evict_fd;                     // eventfd: somebody is evicted
    bool has_edges;                   // copies: see struct split_config
    uint64_t max_draws, max_ticks;
    void (*reseed)(uint64_t seed, void *arg);
    void *reseed_arg;
    bool is_sigchld_changed;          // see children_expected()
};
extern _Thread_local struct self self
    __attribute__((tls_model("initial-exec")));

// world.c.  Zeroed memory in the world, or NULL with the run stopped and its
// error set: nothing is dropped in silence.
void *world_alloc(struct world *w, size_t bytes);
char *world_strdup(struct world *w, const char *s);
struct world *world_new(const struct split_config *c, int n_slots);
void world_free(struct world *w);
void world_next_seed(struct world *w, unsigned index);
void world_stop(struct world *w);          // and wake the warden
void world_enter(struct world *w);         // this process works in it now
unsigned char *slot_edges(struct world *w, const struct slot *s);
int64_t now_ns(void);

// mark.c.  The mark of that name, made if it is new; NULL when memory is short.
struct mark *mark_find(struct world *w, enum split_kind kind,
                       bool is_maximized, const char *name);

// node.c, the tree's memory.
uint64_t node_new(struct world *w, uint64_t parent, struct split_step step,
                  const struct mark *mark, unsigned depth);
void node_undo(struct world *w);     // the fork of the newest failed
void node_end(struct world *w, const struct slot *s, enum split_death death,
              int code);
struct node *node_get(const struct world *w, uint64_t number);

// finding.c.  Records how the timeline in `s` died, once; stops the run if
// that was enough.
void finding_record(struct world *w, struct slot *s, enum split_death death,
                    int code, const char *text);
// The path from the root timeline to `s`: `extra` more steps of room at the
// end.  NULL when memory is short.
struct split_step *slot_path(struct world *w, const struct slot *s,
                             size_t extra, size_t *len);

// Writes an error text; returns `code`.
int fail(struct split *x, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// What the library asks of the system, so that tests can make it fail.
struct system_calls {
    pid_t (*fork)(void);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
};
extern struct system_calls split_system;

#endif
