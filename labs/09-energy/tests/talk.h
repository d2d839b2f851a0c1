// SPDX-License-Identifier: MIT
// talk.h -- what lab 9's judge orders, and what the subject tells it.  See
// explorer/lab/xtalk.h.  Book: chapter 9.
#ifndef TALK_H
#define TALK_H

#include <stdint.h>
#include "xtalk.h"

enum {
    MARKS = 4,               // of a script of energy
    VIEWS = 4,               // coverage, of a script of maps; 0: explored
    MOST_OPS = 400,
    MOST_EDGES = 256,
    MOST_MODULES = 4,
    NOBODY = 255,
};

enum order_kind {
    DO_ENERGY,               // a script of calls into energy.c
    DO_COVERAGE,             // a script of calls into novelty.c
    DO_BUCKETS,              // novel_bucket(0 .. 255)
    DO_UNTOUCHED,            // maps whose other page must not be touched
    DO_KILLED,               // novel_note() and novel_merge(), stop by stop
    DO_RACE_ENERGY,          // two at once
    DO_RACE_MAPS,
    DO_TREE,                 // a whole exploration
};

enum op_kind {
    // energy.c
    OP_SEED,                 // energy_reset(), energy_reset_mark() of all
    OP_TAKE,
    OP_REFUND,               // value: the level
    OP_BARREN,
    OP_BATCH,                // spawned, value: fresh, flags
    // novelty.c; `on` and `with` are views
    OP_NOTE,                 // value: the hash
    OP_CLEAR,
    OP_MERGE,                // `with` into `on`
    OP_COUNT,
    OP_HIT,                  // value: where the counts come from
    OP_MERGE_EDGES,
    OP_COUNT_EDGES,
    OP_PUBLISH,              // `on` into view 0
    OP_SETTLE,               // `on` into view 0; `with`: its parent or NOBODY
};

enum { IS_WARM = 1, IS_STARVED = 2 };

struct op {
    uint8_t what, on, with, flags;
    uint32_t spawned;
    uint64_t value;
};

struct order {
    int32_t kind;
    int32_t is_adaptive;
    uint64_t seed;
    int64_t energy, mark_energy, pool;
    uint32_t timelines, batch, min, max, warm_min;
    uint32_t seeds, max_depth, width, steps, marks;      // DO_TREE
    uint32_t n_modules, module[MOST_MODULES];            // edges of each
    uint32_t n_edges;                                    // DO_COVERAGE
    uint32_t n_ops;
    struct op op[MOST_OPS];
};

// What the subject tells.  Numbers in this order:
enum {
    // step, result, fresh after it, global, pool, left[MARKS]
    E_ENERGY,
    // step, result, yield[VIEWS], digest[VIEWS], bits of `on`, dirty of `on`
    E_COVERAGE,
    // first, 8 buckets
    E_BUCKETS,
    // what was touched (text says by whom), digest after it
    E_UNTOUCHED,
    // instructions, instants at which a word had bits and no stripe
    E_KILLED,
    // instructions, least level seen, taken, put back, global, pool, left by
    // both marks, takes refused though there was a unit, the race (enum race);
    // text: "processes", the last
    E_RACE_ENERGY,
    // instructions, new bits counted, bits there, bits that belong there,
    // calls in between, words with bits whose stripe is not set
    E_RACE_MAPS,
    // a whole exploration, text: the mark
    E_TREE_SEED,             // global, pool
    E_TREE_BATCH,            // spawned, fresh, result, global, pool, left
    E_TREE_TAKE,             // level, global, pool, left
    E_TREE_PUBLISH,          // own yield, bits explored, edges' bits explored
    E_TREE_SETTLE,           // result, parent's yield or -1, bits, edges' bits
    E_DONE,
};

// What is stepped through while others take; who is scarce is what they fight
// for.
enum race {
    RACE_GLOBAL,             // energy_take(), the global level has few
    RACE_MARK,               // ... the mark has few
    RACE_POOL,               // ... the mark has none, the pool few
    RACE_FIXED,              // ... in fixed mode
    RACE_BARREN,             // energy_barren()
    RACE_REFUND_MARK,        // energy_refund()
    RACE_REFUND_POOL,
    RACE_REFUSED,            // energy_take() of a spent mark; others have more
    RACES,
    RACE_PROCESSES = RACES,
};

enum { ENOUGH = 40, CROWD = 3, ROUNDS = 30, CROWD_ENERGY = CROWD * ROUNDS * 3 };

// What there is when a race begins: `energy`, `mark_energy` and `pool` of the
// order are a few each.
static inline void
talk_race(const struct order *o, int race, struct order *r)
{
    *r = *o;
    r->is_adaptive = race != RACE_FIXED;
    if (race != RACE_GLOBAL && race != RACE_FIXED)
        r->energy = ENOUGH;
    if (race == RACE_GLOBAL)
        r->mark_energy = ENOUGH;
    if (race == RACE_POOL || race == RACE_REFUND_POOL) {
        r->pool = o->mark_energy;
        r->mark_energy = 0;
    } else if (race != RACE_BARREN) {
        r->pool = 0;
    }
    if (race == RACE_PROCESSES)
        r->energy = r->mark_energy = CROWD_ENERGY;
    if (race == RACE_FIXED)
        r->mark_energy = 0;
}

// A generator that judge and subject share.
static inline uint64_t
talk_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

// Counts of n edges: half of the edges were not hit, and every bucket occurs.
static inline void
talk_hits(uint64_t seed, unsigned char *hits, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = talk_next(&seed);

        hits[i] = r & 1 ? 0 : (unsigned char)((r >> 8 & 0xff) >> (r >> 4 & 7));
    }
}

// FNV-1a over words, to compare maps by.
static inline uint64_t
talk_digest(uint64_t h, uint64_t word)
{
    return ((h ^ word) * UINT64_C(0x100000001b3)) ^ (word >> 32);
}
#define TALK_DIGEST UINT64_C(0xcbf29ce484222325)

#endif
