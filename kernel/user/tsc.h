// SPDX-License-Identifier: MIT
// tsc.h -- the clock of bench.c and prices.c, and how they choose among rounds.
#ifndef TSC_H
#define TSC_H

// The time-stamp counter: 1000 a microsecond of virtual time.
static inline long
tsc(void)
{
    unsigned lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (long)((unsigned long)hi << 32 | lo);
}

// The smaller of two measurements; 0: there is none yet.
static inline long
least(long a, long b)
{
    return a == 0 || b < a ? b : a;
}

#endif
