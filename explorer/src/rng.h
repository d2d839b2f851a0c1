// SPDX-License-Identifier: MIT
// rng.h -- the random numbers of timelines, and the mixing of their seeds.
// Implemented by rng.c, used by split.c and assert.c.  Book: chapter 7.
#ifndef SPLIT_RNG_H
#define SPLIT_RNG_H

#include <stdint.h>

#define RNG_GAMMA UINT64_C(0x9e3779b97f4a7c15)   // 2^64 / golden ratio

uint64_t rng_mix(uint64_t z);       // a permutation of 64 bits
uint64_t rng_unmix(uint64_t z);     // its inverse

// Starts the numbers of `seed`; the draws count from 0.
void rng_reseed(uint64_t seed);
// Takes the steps of the recipe that are due now, and sets when split_draw()
// has to look up next: at a step, or at a deadline.
void rng_set_alarm(void);

#endif
