// SPDX-License-Identifier: MIT
// split.c -- the split loop, another way: one loop over children instead of one
// over batches, a wait on a pidfd, and the logarithm by square roots.  Called
// from assert.c at a discovery.  Book: chapter 7.

#include <string.h>
#include <unistd.h>
#include "child.h"
#include "loop.h"
#include "rng.h"
#include "window.h"

static uint64_t
hash_name(const char *name, uint64_t so_far)
{
    const uint64_t prime = UINT64_C(0x100000001b3);

    return *name ? hash_name(name + 1, (so_far ^ (unsigned char)*name) * prime)
                 : so_far;
}

// floor(sqrt(x)) by trial of one bit after the other.
static uint64_t
root_of(unsigned __int128 x)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 63; bit; bit >>= 1)
        if ((unsigned __int128)(root | bit) * (root | bit) <= x)
            root |= bit;
    return root;
}

// The fraction of log2(m), 32 bits at the top: m is divided by 2^(1/2),
// 2^(1/4), 2^(1/8) ... where it is not less than that; each division is a bit.
// Numbers from 1 to 2 have 63 bits behind the point.
static uint64_t
log2_fraction(uint64_t m)
{
    const int shift = __builtin_clzll(m);
    uint64_t x = m << shift, fraction = 0;
    unsigned __int128 power = (unsigned __int128)1 << 127;   // 2, by 126

    for (int k = 63; k >= 32; k--) {
        uint64_t root = root_of(power);                      // by 63

        if (x >= root) {
            x = (uint64_t)(((unsigned __int128)x << 63) / root);
            fraction |= UINT64_C(1) << k;
        }
        power = (unsigned __int128)root << 63;
    }
    return fraction;
}

static uint64_t
seed_whose_first_draw_is(uint64_t draw)
{
    return rng_unmix(draw) - RNG_GAMMA;
}

static uint64_t
first_draw_of(uint64_t seed)
{
    return rng_mix(seed + RNG_GAMMA);
}

static uint64_t
nth(uint64_t begin, uint64_t index)
{
    uint64_t draw = begin;

    if (index) {
        draw += log2_fraction(2 * index + 1);
        draw += rng_mix(begin ^ index) >> 32;
    }
    return seed_whose_first_draw_is(draw);
}

uint64_t
split_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    uint64_t name = hash_name(mark, UINT64_C(0xcbf29ce484222325));

    return nth(rng_mix(first_draw_of(parent) ^ name), index);
}

uint64_t
split_root_seed(uint64_t seed, uint64_t index)
{
    return nth(first_draw_of(seed), index);
}

// The yield of a child, when it has ended.
static uint64_t
outlive(struct slot *s)
{
    uint64_t yield = 0;
    int fd = child_watch(s);

    while (!child_wait_or(s, fd, -1, -1, &yield))
        ;
    if (fd >= 0)
        close(fd);
    return yield;
}

enum outcome { IN_CHILD, ENDED, NO_MORE };

// One child, from its energy to its end.
static enum outcome
one_child(struct point *p)
{
    struct world *w = self.world;
    enum energy_level paid = energy_take(&w->energy, &p->mark->energy);
    struct slot *s;
    int r;

    if (paid == ENERGY_NONE)
        return NO_MORE;
    s = slot_take_waiting(w);
    child_prepare(p, s, p->spent.spawned);
    child_count(p, s);
    atomic_store(&s->has_turn, 1);
    r = child_fork(s, w->config.fork_tries);
    if (r == 0)
        return IN_CHILD;
    if (r < 0) {
        energy_refund(&w->energy, &p->mark->energy, paid);
        child_uncount(p);
        return NO_MORE;
    }
    p->spent.fresh += outlive(s);
    return ENDED;
}

void
loop_sequential(struct point *p)
{
    struct world *w = self.world;
    unsigned left = 0;

    for (;;) {
        if (p->spent.is_starved)
            left = 0;
        if (left == 0)
            left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                                w->is_warm, &p->spent);
        if (left-- == 0)
            return;
        switch (one_child(p)) {
        case IN_CHILD:
            return;
        case NO_MORE:
            p->spent.is_starved = true;
            break;
        case ENDED:
            if (atomic_load(&w->is_stopped))
                timeline_end(SPLIT_STOPPED, 0, NULL);
        }
    }
}

void
loop_discovery(struct mark *m)
{
    struct world *w = self.world;
    void (*loop)(struct point *) =
        w->is_parallel ? window_split : loop_sequential;
    struct point p = {0};

    if (self.mode == MODE_EXPLORE && self.depth < w->config.max_depth) {
        if (atomic_load(&w->is_stopped))
            timeline_end(SPLIT_STOPPED, 0, NULL);
        p.mark = m;
        p.seed = split_seed();
        p.count = split_draws();
        p.depth = split_depth();
        children_expected(true);
        child_publish();
        self.pid = getpid();
        self.slot->has_split = true;
        loop(&p);
        children_expected(false);
    }
}

void
loop_replay_step(void)
{
    bool is_last = self.next + 1 == self.end;

    split_replaying(self.next->count, self.next->seed);
    rng_reseed(self.next->seed);
    self.next++;
    self.is_child = true;
    self.depth += 1;
    self.ticks = 0;
    if (self.slot && self.mode == MODE_REPLAY)
        self.slot->prefix_len += 1;
    if (is_last && self.mode == MODE_REACH)
        self.mode = MODE_EXPLORE;
    if (is_last)
        split_arrived();
}
