// SPDX-License-Identifier: MIT
// split.c -- the split loop: child seeds, one child at a time, replay steps.
// Lab 7: this file is yours.  The contracts are loop.h and split.h; what you
// call is in child.h, energy.h, rng.h, window.h, and what you see is in world.h
// (all of them in explorer/src, the public one in explorer/include).
// Book: chapter 7.

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

// A seed makes its first draw: rng_mix(seed + RNG_GAMMA).  So the seed whose
// first draw is d is rng_unmix(d) - RNG_GAMMA.  The first draw of number
// `index` is to be the sum of
//     begin,
//     the fraction of log2(2 * index + 1), and
//     the upper half of rng_mix(begin ^ index), as the lower half of the word;
//     of number 0 nothing.
static uint64_t
spread(uint64_t begin, uint64_t index)
{
    // TODO: so far, the seed of number 0 for everybody.
    (void)log2_fraction;
    (void)index;
    return rng_unmix(begin) - RNG_GAMMA;
}

// Begins at the first draw of `parent`, xor the hash of the mark's name, mixed
// once more.
uint64_t
split_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    // TODO: so far, every parent has the same children.
    (void)parent;
    return spread(hash_name(mark), index);
}

// Begins at the first draw of `seed`.
uint64_t
split_root_seed(uint64_t seed, uint64_t index)
{
    return spread(rng_mix(seed + RNG_GAMMA), index);
}

// Forks the children of `p` one after the other, waiting for each.  In this
// order, for each:
//     energy_batch() says how many the next batch has, 0 that it was the last;
//     energy_take() pays for one, or cannot;
//     a slot is taken (slot_take_waiting()); child_prepare(), as number
//     p->spent.spawned; then child_count(), which moves that number on;
//     it gets the turn (its slot's has_turn), and is forked (the
//     configuration's fork_tries times at most).
// A fork that fails has cost nothing: what was counted and paid is undone.
// Without energy, or without a process, the split is starved, and over; tell
// energy_batch() so, by p->spent.is_starved.
// What a child found new (child_wait() says it) counts for the batch, in
// p->spent.fresh.  When the run is stopped, this timeline ends (SPLIT_STOPPED,
// 0, NULL) instead of going on.  Returns in each child at once.
void
loop_sequential(struct point *p)
{
    // TODO: so far, no children.
    (void)p;
}

// Splits, if this timeline explores and is not as deep as it may be
// (max_depth).  Where the run is stopped already, it ends, as above.  The point
// says where this timeline is.  Before the first child, what was covered so far
// is published (child_publish()), and self.pid is this process;
// children_expected() stands around the loop, which is window_split() in
// parallel mode.  has_split is set in the slot of who splits, for window.c.
void
loop_discovery(struct mark *m)
{
    // TODO: so far, whatever is discovered, there is one timeline.
    (void)m;
}

// The step self.next is due; self.next moves on.  Say so (split_replaying()),
// go on with its seed (rng_reseed()), one level deeper, as a child would: it
// is_child, and the ticks of its deadline are at 0.  A replay that is watched
// (MODE_REPLAY, with a slot) counts its steps in the slot's prefix_len.  After
// the last step say split_arrived(); who came here to explore (MODE_REACH) does
// so from now on.
void
loop_replay_step(void)
{
    // TODO: so far, a step is passed over.
    self.next++;
}
