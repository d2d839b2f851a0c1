// SPDX-License-Identifier: MIT
// random.c -- SplitMix64, started from the time stamp counter.
#include "random.h"
#include "x86.h"

static uint64_t
next(void)
{
    static uint64_t state;
    if (state == 0)
        state = rdtsc();
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void
random_bytes(void *to, size_t n)
{
    for (size_t done = 0; done < n; done += 8) {
        uint64_t r = next();
        memcpy((char *)to + done, &r, min_u64(n - done, 8));
    }
}
