// SPDX-License-Identifier: MIT
// split.c -- wrong: who follows a recipe takes itself for a root: a simulation
// that asks split_is_child() takes another way than the timeline took.

#include <string.h>
#include <unistd.h>
#include "child.h"
#include "loop.h"
#include "rng.h"
#include "window.h"

// FNV-1a, so that a mark's name takes part in the seeds of its children.
static uint64_t
hash_name(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h;
}

// The fraction of log2(m), its 32 highest bits at the top of the word: squaring
// doubles the logarithm, and what goes over 2 is its next bit.
static uint64_t
log2_fraction(uint64_t m)
{
    uint64_t x = m << __builtin_clzll(m), fraction = 0;   // 1 <= x < 2, by 63

    for (uint64_t bit = UINT64_C(1) << 63; bit > UINT32_MAX; bit >>= 1) {
        unsigned __int128 square = (unsigned __int128)x * x;

        if (square >> 127) {
            fraction |= bit;
            x = (uint64_t)(square >> 64);
        } else {
            x = (uint64_t)(square >> 63);
        }
    }
    return fraction;
}

// Random, but not independent: the first draws of a split's children fill the
// interval evenly from the first child on.  So n children meet an event of
// chance 1/n nearly always, where n independent draws miss it every third time,
// and the first to meet it is the n/2th, not the nth.  No sequence keeps its
// gaps smaller than the fractions of log2(1), log2(3), log2(5)... (de Bruijn
// and Erdos, 1949); parent and mark decide where on the circle it begins.  All
// that is drawn later is as random as any.
static uint64_t
spread(uint64_t begin, uint64_t index)
{
    uint64_t fine = index ? rng_mix(begin ^ index) >> 32 : 0;

    return rng_unmix(begin + log2_fraction(2 * index + 1) + fine) - RNG_GAMMA;
}

uint64_t
split_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    return spread(rng_mix(rng_mix(parent + RNG_GAMMA) ^ hash_name(mark)),
                  index);
}

uint64_t
split_root_seed(uint64_t seed, uint64_t index)
{
    return spread(rng_mix(seed + RNG_GAMMA), index);
}

void
loop_sequential(struct point *p)
{
    struct world *w = self.world;
    struct energy *e = &w->energy;
    struct mark *m = p->mark;
    unsigned n;

    while ((n = energy_batch(e, &m->energy, &w->config, w->is_warm,
                             &p->spent)) > 0) {
        for (; n > 0 && !p->spent.is_starved; n--) {
            enum energy_level paid = energy_take(e, &m->energy);
            struct slot *s;
            int r;

            if (paid == ENERGY_NONE) {
                p->spent.is_starved = true;
                break;
            }
            s = slot_take_waiting(w);
            child_prepare(p, s, p->spent.spawned);
            child_count(p, s);
            atomic_store(&s->has_turn, 1);
            r = child_fork(s, w->config.fork_tries);
            if (r == 0)
                return;                 // in the child: a new timeline
            if (r < 0) {
                child_uncount(p);
                energy_refund(e, &m->energy, paid);
                p->spent.is_starved = true;
                break;
            }
            p->spent.fresh += child_wait(s);
            if (atomic_load(&w->is_stopped))
                timeline_end(SPLIT_STOPPED, 0, NULL);
        }
    }
}

void
loop_discovery(struct mark *m)
{
    struct world *w = self.world;
    struct point p = {
        .mark = m,
        .seed = self.seed,
        .count = self.count,
        .depth = self.depth,
    };

    if (self.mode != MODE_EXPLORE || self.depth >= w->config.max_depth)
        return;
    if (atomic_load(&w->is_stopped))
        timeline_end(SPLIT_STOPPED, 0, NULL);
    self.pid = getpid();
    child_publish();     // what this timeline saw is no news in its children
    children_expected(true);
    atomic_store_explicit(&self.slot->has_split, true, memory_order_relaxed);
    if (w->is_parallel)
        window_split(&p);
    else
        loop_sequential(&p);
    children_expected(false);
}

void
loop_replay_step(void)
{
    const struct split_step *step = self.next++;

    split_replaying(step->count, step->seed);
    rng_reseed(step->seed);      // count is 0 now
    self.ticks = 0;
    self.depth++;
    if (self.mode == MODE_REPLAY && self.slot)
        self.slot->prefix_len++;     // how far the replay has come
    if (self.next == self.end) {
        if (self.mode == MODE_REACH)
            self.mode = MODE_EXPLORE;
        split_arrived();
    }
}
