// SPDX-License-Identifier: MIT
// world.h -- a machine that is made up, for price_measure(); see world.c.
#ifndef WORLD_H
#define WORLD_H

#include "judge.h"
#include "talk.h"

enum { WORLD_PLACES = 64, WORLD_FORKS = 1024 };

// How the machine is.  All zero: quiet, 4 KiB pages, a clock that costs 20 ns.
struct world_nature {
    bool huge_default;   // pages are huge unless somebody advises against it
    int huge_percent;    // so many of the huge pages that are asked for come,
                         // evenly spread; 0: all
    bool outliers;       // few samples are right, though most are
    double warm_times;   // the first plan.warm forks of a place: as much dearer
    double clock_ns;
    bool cores;          // cores differ, their clocks too, and one wanders
    double drift;        // what all costs, from 1 at the first fork to 1 + this
    int eintr, eagain;   // each n-th wait, fork; with eagain the fifth sample
                         // of each place hears it forty times, besides
    // The place of this question fails there, always; 0: none (nor can it).
    int no_advise, no_touch, no_fork;
};

struct world_place {
    int question;        // -1: none asks for so many pages
    bool mapped;
    size_t pages, touched, huge;
    unsigned char *kind;
    int advice, forks, failed, children, again;
    double core_factor;
    double ideal[WORLD_FORKS][3];  // by enum price_until, each for itself
};

struct world {
    struct judge *j;
    struct world_nature is;
    const struct measure_order *order;
    double t;
    int core, pinned, waits, forks, calls;
    bool pins;                     // pin(core) was called, before any map()
    struct world_place place[WORLD_PLACES];
    int nplaces;
    struct world_child {
        int place, state;          // enum, in world.c
        double left;               // of its life, in ns
    } child[WORLD_PLACES * WORLD_FORKS];
    int nchildren;
    bool asked;                    // pages were not touched, or so: noted
    double base[4], skew[8];       // prices: see world.c
};

// A machine whose prices come from the seed.
struct world *world_make(struct judge *j, const struct measure_order *order,
                         const struct world_nature *is);

// Carry out one call of price_ops.
int64_t world_call(struct world *w, const struct word *asked);

// What question i should have been answered, as samples, sorted, in ns:
// plan.samples of them.
void world_truth(struct world *w, int i, double *samples);

// Judge that all pages of its place were touched: one page too few costs less
// than any figure shows.
void world_touched(struct world *w, int i);

// Judge what is left: a place not unmapped, children not reaped, a pin.
void world_left(struct world *w);

#endif
