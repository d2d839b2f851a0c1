// SPDX-License-Identifier: MIT
// split.c -- the split loop, another way: a recursive function for the rest of
// a split, and the logarithm by a series in long double, which has the bits to
// spare.  Called from assert.c.  Book: chapter 7.

#include <string.h>
#include <unistd.h>
#include "child.h"
#include "loop.h"
#include "rng.h"
#include "window.h"

// log2(1 + f) for 0 <= f < 1, as 2 / ln 2 times artanh(f / (2 + f)); the series
// has converged long before 60 terms.
static long double
log2_of(long double m)
{
    const long double ln2 = 0.693147180559945309417232121458176568L;
    long double z, term, sum = 0;

    while (m >= 2)
        m /= 2;
    z = (m - 1) / (m + 1);
    term = z;
    for (int k = 1; k < 120; k += 2) {
        sum += term / k;
        term *= z * z;
    }
    return 2 * sum / ln2;
}

static uint64_t
spread(uint64_t begin, uint64_t index)
{
    long double fraction = log2_of((long double)(2 * index + 1));
    uint64_t high = (uint64_t)(fraction * 4294967296.0L);
    uint64_t low = index ? rng_mix(begin ^ index) >> 32 : 0;

    return rng_unmix(begin + (high << 32) + low) - RNG_GAMMA;
}

uint64_t
split_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0, n = strlen(mark); i < n; i++) {
        h ^= (unsigned char)mark[i];
        h += (h << 1) + (h << 4) + (h << 5) + (h << 7) + (h << 8) + (h << 40);
    }
    return spread(rng_mix(rng_mix(parent + RNG_GAMMA) ^ h), index);
}

uint64_t
split_root_seed(uint64_t seed, uint64_t index)
{
    return spread(rng_mix(seed + RNG_GAMMA), index);
}

static void
end_if_stopped(void)
{
    if (atomic_load(&self.world->is_stopped))
        timeline_end(SPLIT_STOPPED, 0, NULL);
}

// A child of `p` that is paid for; false in it.
static bool
live(struct point *p, enum energy_level paid)
{
    struct energy *e = &self.world->energy;
    struct slot *s = slot_take_waiting(self.world);
    int r;

    child_prepare(p, s, p->spent.spawned);
    child_count(p, s);
    s->has_turn = 1;
    r = child_fork(s, self.world->config.fork_tries);
    if (r > 0) {
        p->spent.fresh += child_wait(s);
        end_if_stopped();
    } else if (r < 0) {
        child_uncount(p);
        energy_refund(e, &p->mark->energy, paid);
        p->spent.is_starved = true;
    }
    return r != 0;
}

// `left` children of this batch, and the batches after it; false in a child.
static bool
the_rest(struct point *p, unsigned left)
{
    struct world *w = self.world;
    enum energy_level paid;

    if (left == 0) {
        left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                            w->is_warm, &p->spent);
        return left == 0 || the_rest(p, left);
    }
    paid = energy_take(&w->energy, &p->mark->energy);
    if (paid == ENERGY_NONE)
        p->spent.is_starved = true;
    else if (!live(p, paid))
        return false;
    return the_rest(p, p->spent.is_starved ? 0 : left - 1);
}

void
loop_sequential(struct point *p)
{
    the_rest(p, 0);
}

void
loop_discovery(struct mark *m)
{
    struct world *w = self.world;
    struct point p;

    if (self.mode != MODE_EXPLORE || self.depth >= w->config.max_depth)
        return;
    end_if_stopped();
    memset(&p, 0, sizeof(p));
    p.mark = m;
    p.seed = self.seed;
    p.count = self.count;
    p.depth = self.depth;
    child_publish();
    self.pid = getpid();
    atomic_store(&self.slot->has_split, true);
    children_expected(true);
    if (!w->is_parallel)
        loop_sequential(&p);
    else
        window_split(&p);
    children_expected(false);
}

void
loop_replay_step(void)
{
    struct split_step step = *self.next;

    split_replaying(step.count, step.seed);
    if (self.mode == MODE_REPLAY && self.slot != NULL)
        self.slot->prefix_len++;
    self.next++;
    self.depth++;
    self.ticks = 0;
    self.is_child = true;
    rng_reseed(step.seed);
    if (self.next < self.end)
        return;
    if (self.mode != MODE_REPLAY)
        self.mode = MODE_EXPLORE;
    split_arrived();
}
