// SPDX-License-Identifier: MIT
// split.h -- the public interface of libsplit: fork as a search engine.
// Everything a simulation or a host program needs.  Book: chapters 7 to 9.
//
// A simulation is a function that draws every decision from split_draw() and
// states what it hopes and fears with the assertions below.  split_run() runs
// it.  When an assertion sees something for the first time, the process forks
// there: each child goes on from that point with another seed.  Whatever a
// child dies of is a finding, and a finding has a recipe that replays it.
//
// One exploration at a time in a process, from one thread.  Functions return 0
// or a count when all went well, -errno otherwise, and split_error() says what
// was wrong, where, and what to do.
#ifndef SPLIT_H
#define SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define SPLIT_VERSION "1.0.0"

// ---- configuration -------------------------------------------------------

// How wide the tree may be.  SEQUENTIAL forks one child and waits for it; the
// result is the same bit for bit in every run.  The others run several
// children at once; what is not deterministic then is listed in split(7).
enum split_width {
    SPLIT_SEQUENTIAL,
    SPLIT_PROCESSES,       // width_n processes, waiting ones counted too
    SPLIT_ALL_CORES,       // as many at work as there are cores
    SPLIT_HALF_CORES,      // half of that, at least 1
    SPLIT_CORES_MINUS,     // all cores but width_n, at least 1
};

// Where to spend energy in adaptive mode: batches of children, stopped early
// at marks that bring nothing new.
struct split_adaptive {
    unsigned batch;        // children between two looks at the yield
    unsigned min;          // children of one split at least, barren or not
    unsigned max;          // children of one split at most
    unsigned warm_min;     // min once an earlier seed ran; 0: batch
    int64_t mark_energy;   // energy a mark owns, per seed
};

struct split_config {
    const char *name;      // of the program, in recipes; NULL: none
    uint64_t seed;         // of the first root timeline
    unsigned seeds;        // how many root timelines (default 1)
    unsigned max_depth;    // splits in a row; 0: none, the simulation just runs
    unsigned timelines;    // children per split, in fixed mode
    int64_t energy;        // forks allowed per seed, the whole tree together
    bool is_adaptive;
    struct split_adaptive adaptive;
    enum split_width width;
    unsigned width_n;
    unsigned stop_after;   // findings after which to stop; 0: never
    unsigned wall_ms;      // a timeline's deadline; waiting is free; 0: none
    uint64_t max_draws;    // the same in draws; 0: none
    uint64_t max_ticks;    // the same in split_tick()s; 0: none
    size_t memory_mb;      // address space of one timeline; 0: no limit
    size_t shared_mb;      // room for marks, findings, tree (default 256)
    unsigned fork_tries;   // of one fork, with back-off (default 8)
    bool keep_tree;        // remember every timeline, for split_tree_*()
    int stats_fd;          // JSON lines go here; -1: nowhere (default)
    int progress_fd;       // the progress line goes here; -1: nowhere (default)
    // A generator of the host's own: called instead of seeding split_draw().
    // The host calls split_count_draw() after each of its draws.
    void (*reseed)(uint64_t seed, void *arg);
    void *reseed_arg;
};

// The defaults: one seed, depth 3, 4 timelines a split, 1000 forks, sequential.
struct split_config split_defaults(void);

// ---- running -------------------------------------------------------------

struct split;                          // one exploration
typedef int split_sim(void *arg);      // 0: fine; anything else is a finding

// NULL if the configuration is bad or memory is short; split_error(NULL) says.
struct split *split_open(const struct split_config *config);

// Runs all seeds; returns the number of findings, or -errno.  Only the caller
// returns from here, once: every timeline lives and ends in its own process.
int split_run(struct split *x, split_sim *sim, void *arg);

// Frees everything.  Strings and findings of `x` are gone then.
void split_close(struct split *x);

// The text of the last error of `x`; NULL for that of split_open().
const char *split_error(const struct split *x);

// ---- inside a simulation -------------------------------------------------

uint64_t split_draw(void);                  // 64 random bits
uint64_t split_below(uint64_t n);           // 0 .. n-1; n is not 0
bool split_chance(uint64_t one_in);         // true once in `one_in`
void split_count_draw(void);                // see split_config.reseed
void split_tick(uint64_t n);                // virtual time passes
uint64_t split_draws(void);                 // draws since the last split
unsigned split_depth(void);                 // 0 in a root timeline
bool split_is_child(void);
uint64_t split_seed(void);                  // of this timeline

// Ends this timeline now: 0 is well, anything else a finding.
void split_end(int code) __attribute__((__noreturn__));
// Ends this timeline as a finding with a text (any length).
void split_bug(const char *text) __attribute__((__noreturn__));
// Ends this timeline as an out-of-memory finding.
void split_out_of_memory(size_t bytes) __attribute__((__noreturn__));

enum split_kind {
    SPLIT_ALWAYS,                // holds each time, and is reached
    SPLIT_ALWAYS_OR_UNREACHABLE, // holds each time it is reached
    SPLIT_SOMETIMES,             // holds at least once
    SPLIT_REACHABLE,             // is reached at least once
    SPLIT_UNREACHABLE,           // is never reached
    SPLIT_NUMERIC_ALWAYS,        // a comparison that always holds
    SPLIT_NUMERIC_SOMETIMES,     // one that holds once; splits at each new best
    SPLIT_SOMETIMES_ALL,         // splits when more of its parts hold at once
    SPLIT_SOMETIMES_EACH,        // a bucket for each combination of keys
};

enum split_cmp { SPLIT_GT, SPLIT_GE, SPLIT_LT, SPLIT_LE };

struct split_key {
    const char *name;
    int64_t value;
};

// A name tells marks apart; any length, any number.  A failed always, or a
// reached unreachable, ends the timeline as a finding.  The others may split.
void split_assert(enum split_kind kind, bool condition, const char *name);
void split_assert_number(enum split_kind kind, enum split_cmp cmp, int64_t left,
                         int64_t right, const char *name);
void split_sometimes_all(const char *name, size_t n, const bool *parts);
// `keys` name the bucket; a bucket splits when first seen, and again whenever
// `quality`, compared from the first number on, is better than ever.
void split_sometimes_each(const char *name, size_t n_keys,
                          const struct split_key *keys, size_t n_quality,
                          const struct split_key *quality);

#define split_always(c, name) split_assert(SPLIT_ALWAYS, (c), (name))
#define split_always_or_unreachable(c, name) \
    split_assert(SPLIT_ALWAYS_OR_UNREACHABLE, (c), (name))
#define split_sometimes(c, name) split_assert(SPLIT_SOMETIMES, (c), (name))
#define split_reachable(name) split_assert(SPLIT_REACHABLE, true, (name))
#define split_unreachable(name) split_assert(SPLIT_UNREACHABLE, true, (name))
#define split_always_gt(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_ALWAYS, SPLIT_GT, (l), (r), (name))
#define split_always_ge(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_ALWAYS, SPLIT_GE, (l), (r), (name))
#define split_always_lt(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_ALWAYS, SPLIT_LT, (l), (r), (name))
#define split_always_le(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_ALWAYS, SPLIT_LE, (l), (r), (name))
#define split_sometimes_gt(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_SOMETIMES, SPLIT_GT, (l), (r), (name))
#define split_sometimes_ge(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_SOMETIMES, SPLIT_GE, (l), (r), (name))
#define split_sometimes_lt(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_SOMETIMES, SPLIT_LT, (l), (r), (name))
#define split_sometimes_le(l, r, name) \
    split_assert_number(SPLIT_NUMERIC_SOMETIMES, SPLIT_LE, (l), (r), (name))

// ---- recipes -------------------------------------------------------------

// After `count` draws, reseed with `seed` and count from 0.  A recipe is the
// path from a root timeline to another: "151@9001 -> 80@77".
struct split_step {
    uint64_t count;
    uint64_t seed;
};

struct split_recipe {
    char *name;                 // program, or NULL
    uint64_t seed;              // of the root timeline
    bool has_seed;
    size_t len;
    struct split_step *step;
};

// "name/seed: 151@9001 -> 80@77", name and seed only where they are known; an
// empty path is "-".  The caller frees the text; NULL when memory is short.
char *split_recipe_print(const struct split_recipe *r);

// Reads what split_recipe_print() writes; spaces are free, seeds may be 0x...
// 0, or -EINVAL or -ENOMEM with a text in err: what is wrong, and where.
int split_recipe_parse(const char *text, struct split_recipe *r, char *err,
                       size_t err_size);
void split_recipe_free(struct split_recipe *r);

// ---- findings ------------------------------------------------------------

enum split_death {
    SPLIT_FINE,
    SPLIT_ASSERTION,     // always failed, unreachable was reached
    SPLIT_BUG,           // split_bug()
    SPLIT_EXIT,          // another exit code than 0
    SPLIT_ESCAPED,       // exit() was called: the host's epilogue was near
    SPLIT_SIGNAL,
    SPLIT_ABORT,
    SPLIT_SANITIZER,     // a sanitizer wrote a report
    SPLIT_HANG,          // past its deadline, in wall or virtual time
    SPLIT_MEMORY,        // out of memory
    SPLIT_VANISHED,      // reaped by somebody else: how it ended is not known
    SPLIT_STOPPED,       // ended because enough was found; no finding
    SPLIT_COLLATERAL,    // killed because its parent died; no finding
};

struct split_finding {
    enum split_death death;
    int code;                   // exit code or signal
    const char *text;           // the mark's name, or what happened
    uint64_t timeline;          // number of the timeline, in order of birth
    struct split_recipe recipe; // owned by the exploration
};

size_t split_findings(const struct split *x);
// Finding number i, or NULL.
const struct split_finding *split_finding(const struct split *x, size_t i);
// One line: how it died, of what, and the recipe.  The caller frees it.
char *split_finding_print(const struct split_finding *f);

// Replays a recipe in a process of its own, without splitting.  0, and how it
// ended in *death and *code; -EXDEV for a recipe of another program, with what
// and where in split_error().
int split_replay(struct split *x, const struct split_recipe *r, split_sim *sim,
                 void *arg, enum split_death *death, int *code);
// The same in this very process, for a debugger; returns sim's value if it
// returns.  split_replaying() is called before each reseeding, split_arrived()
// at the last one: put a breakpoint there.
int split_replay_here(struct split *x, const struct split_recipe *r,
                      split_sim *sim, void *arg);
void split_replaying(uint64_t count, uint64_t seed);
void split_arrived(void);
// Drops steps for as long as the recipe ends the same way; a shortest one if
// it has at most 12 steps.  The result replaces *r.  Returns its length.
int split_shrink(struct split *x, struct split_recipe *r, split_sim *sim,
                 void *arg);
const char *split_death_name(enum split_death death);

// ---- statistics ----------------------------------------------------------

struct split_stats {
    uint64_t timelines;      // roots and children
    uint64_t splits;         // discoveries that forked at least one child
    uint64_t findings;
    uint64_t seeds;          // finished ones
    int64_t energy_left;     // of this seed, the whole tree's
    int64_t energy_pool;
    uint64_t marks;
    uint64_t coverage;       // bits of the explored map
    uint64_t edges;          // that the compiler counts; 0: not instrumented
    uint64_t edges_seen;
    uint64_t fork_retries;   // forks that had to be tried again
    uint64_t fork_failures;  // forks given up; their energy came back
    uint64_t deferred;       // timelines that had to run from the start
    uint64_t collateral;     // timelines that went down with their parent
    uint64_t live_peak;      // timelines alive at once, at most
    uint64_t live_bound;     // what live_peak may not exceed
    double seconds;
};
void split_get_stats(const struct split *x, struct split_stats *s);

struct split_mark {
    const char *name;            // for a bucket: name{key=value,...}
    enum split_kind kind;
    uint64_t pass, fail;
    int64_t watermark;           // best number ever (numeric kinds)
    uint32_t frontier;           // most parts at once (sometimes-all)
    uint64_t splits;             // times it split, all seeds
    uint64_t timelines;          // children it had, all seeds
    int64_t energy;              // what it owns, of this seed's
    bool is_satisfied;           // see split_kind
};
size_t split_marks(const struct split *x);
// Mark number i in the order of discovery; false if there is none.
bool split_get_mark(const struct split *x, size_t i, struct split_mark *m);

// Statistics as one line of JSON.
int split_stats_json(const struct split *x, FILE *out);
// The tree of timelines (keep_tree): as JSON, as a graph for dot, as SVG.
int split_tree_json(const struct split *x, FILE *out);
int split_tree_dot(const struct split *x, FILE *out);
int split_tree_svg(struct split *x, const char *path);

// ---- memory that is cheap to fork ----------------------------------------

// How fork treats an arena.  Figures per 100 MB: see split_arena(3).
enum split_arena_kind {
    SPLIT_ARENA_PRIVATE,    // copied on write, in huge pages where there are
    SPLIT_ARENA_SHARED,     // one for all timelines, no copies
    SPLIT_ARENA_OWN,        // children do not have it at all (MADV_DONTFORK)
};
struct split_arena;
// NULL with errno where there is no memory.
struct split_arena *split_arena_new(enum split_arena_kind kind, size_t bytes);
// Zeroed, aligned to 16.  In a timeline, an arena that is full ends it as an
// out-of-memory finding; elsewhere NULL.
void *split_arena_alloc(struct split_arena *a, size_t bytes);
size_t split_arena_used(const struct split_arena *a);
void split_arena_reset(struct split_arena *a);
void split_arena_free(struct split_arena *a);

// Seed number `index` that a split at `mark` gives its children, and root seed
// number `index`.  The first draws of consecutive ones are spread evenly.
uint64_t split_child_seed(uint64_t parent, const char *mark, uint64_t index);
uint64_t split_root_seed(uint64_t seed, uint64_t index);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
