// SPDX-License-Identifier: MIT
// energy.h -- who may fork how often: three levels, and batches.
// Implemented by energy.c, used by split.c, window.c, run.c and world.c.
// Book: chapter 9.
//
//   global   forks that are left to the whole tree, on this seed
//   mark     what a mark owns; given once a seed, at its first split
//   pool     what barren marks gave back; marks that spent theirs draw on it
//
// In fixed mode only the global level counts.  No level is ever negative, not
// even for a moment: a unit is taken by compare-and-swap or not at all.
#ifndef SPLIT_ENERGY_H
#define SPLIT_ENERGY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct split_config;

struct energy {
    _Atomic int64_t global;
    _Atomic int64_t pool;
    int64_t per_mark;               // what a mark is given
    bool is_adaptive;
};

struct mark_energy {
    _Atomic int64_t left;
    _Atomic bool is_given;          // on this seed
};

enum energy_level { ENERGY_NONE, ENERGY_GLOBAL, ENERGY_MARK, ENERGY_POOL };

// How one split spends, and what came of it.  The loops set the last two, and
// child_count() the first.
struct spending {
    unsigned spawned;               // children that count, in all batches
    uint64_t fresh;                 // new coverage since the batch began
    bool is_starved;                // energy or processes ran out
};

// A new seed: everything is as the configuration says (split.h: c->energy, and
// c->adaptive.mark_energy for each mark that comes to split), the pool empty.
void energy_reset(struct energy *e, const struct split_config *c);
void energy_reset_mark(struct mark_energy *m);

// Takes one unit for a child of `m`: ENERGY_NONE if there is none, else the
// level that paid besides the global one: the mark, and the pool when the mark
// has none.  In fixed mode no other pays, and that is ENERGY_GLOBAL.  Gives `m`
// its own first, if need be; but not if the global level has nothing: then
// nothing changes.
enum energy_level energy_take(struct energy *e, struct mark_energy *m);

// Puts a unit back where energy_take() took it: the fork failed.
void energy_refund(struct energy *e, struct mark_energy *m,
                   enum energy_level level);

// `m` brought nothing: what it still owns goes to the pool.
void energy_barren(struct energy *e, struct mark_energy *m);

// How many children the split may start next, before it looks at the yield
// again; 0: it is finished (and a barren mark's energy is in the pool).
// Barren is a split that has had the minimum, and whose last batch brought
// nothing; not one that is starved, or has come to its maximum.  The first
// batch is given whatever the minimum is, unless the split is starved.
// In adaptive mode `fresh` is 0 when a new batch begins.  In fixed mode there
// is one batch, of c->timelines, and `fresh` stays what it is.
unsigned energy_batch(struct energy *e, struct mark_energy *m,
                      const struct split_config *c, bool is_warm,
                      struct spending *s);

#endif
