// SPDX-License-Identifier: MIT
// rng.c -- split_draw() and its kin: SplitMix64, counted.
// Steps of a recipe and virtual deadlines happen here, between two draws.
// Book: chapter 7.
//
// The generator is a counter that grows by RNG_GAMMA and a permutation of its
// value (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014).  The permutation can be inverted, which split.c
// uses to choose a child's first draw.

#include "rng.h"
#include "loop.h"
#include "world.h"

#define MIX1 UINT64_C(0xbf58476d1ce4e5b9)
#define MIX2 UINT64_C(0x94d049bb133111eb)
#define UNMIX1 UINT64_C(0x96de1b173f119089)    // MIX1 * UNMIX1 == 1
#define UNMIX2 UINT64_C(0x319642b2d24d8ec3)    // MIX2 * UNMIX2 == 1

_Static_assert(MIX1 * UNMIX1 == 1 && MIX2 * UNMIX2 == 1,
               "each factor times its inverse is 1 modulo 2^64");

uint64_t
rng_mix(uint64_t z)
{
    z = (z ^ z >> 30) * MIX1;
    z = (z ^ z >> 27) * MIX2;
    return z ^ z >> 31;
}

uint64_t
rng_unmix(uint64_t z)
{
    z = (z ^ z >> 31 ^ z >> 62) * UNMIX2;
    z = (z ^ z >> 27 ^ z >> 54) * UNMIX1;
    return z ^ z >> 30 ^ z >> 60;
}

void
rng_reseed(uint64_t seed)
{
    self.rng = self.seed = seed;
    self.count = 0;
    if (self.reseed)
        self.reseed(seed, self.reseed_arg);
}

// Steps whose draws are done are due at once, so that a timeline that dies
// before it draws again has taken all of its path.
void
rng_set_alarm(void)
{
    while (self.next < self.end && self.count >= self.next->count)
        loop_replay_step();
    self.alarm = UINT64_MAX;
    if (self.next < self.end)
        self.alarm = self.next->count - 1;
    else if (self.max_draws)
        self.alarm = self.max_draws;
}

// The same as split_draw(), where something is due.  A timeline begins with its
// reseeding, so `count` is what it drew.
static uint64_t
draw_and_look(void)
{
    uint64_t drawn;

    if (self.max_draws && self.next == self.end &&
        self.count >= self.max_draws)
        timeline_die(SPLIT_HANG, 0, "drew more numbers than max_draws allows");
    self.count++;
    drawn = rng_mix(self.rng += RNG_GAMMA);
    rng_set_alarm();
    return drawn;
}

uint64_t
split_draw(void)
{
    if (self.world && self.count >= self.alarm)
        return draw_and_look();
    self.count++;
    return rng_mix(self.rng += RNG_GAMMA);
}

void
split_count_draw(void)
{
    split_draw();
}

// The high bits decide (Lemire, "Fast random integer generation in an
// interval", ACM TOMACS 29(1), 2019, without its rejection: the bias is below
// n / 2^64).  So an event of chance p is an interval of draws, and draws that
// are spread evenly meet it evenly.
uint64_t
split_below(uint64_t n)
{
    return (uint64_t)((unsigned __int128)split_draw() * n >> 64);
}

bool
split_chance(uint64_t one_in)
{
    return split_below(one_in) == 0;
}

void
split_tick(uint64_t n)
{
    if (!self.world || self.mode == MODE_REACH)
        return;
    self.ticks += n;
    if (self.max_ticks && self.ticks > self.max_ticks)
        timeline_die(SPLIT_HANG, 0, "took more ticks than max_ticks allows");
}

uint64_t
split_draws(void)
{
    return self.count;
}

unsigned
split_depth(void)
{
    return self.depth;
}

bool
split_is_child(void)
{
    return self.is_child;
}

uint64_t
split_seed(void)
{
    return self.seed;
}
