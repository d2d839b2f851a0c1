// SPDX-License-Identifier: MIT
// clock.c -- two clocks and one core; used by ways.c and rounds.c.
// Book: chapter 10.
//
// Wall time is what a caller waits, other people's programs included.  Core
// time is what the work used of a core: it stays the same on a loaded machine,
// so the cost model is fitted to it.
#include "clock.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

static double
read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double
wall_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

double
core_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

int
pin(int cpu)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) < 0)
        return -errno;
    for (int i = CPU_SETSIZE - 1; cpu < 0 && i >= 0; i--)
        if (CPU_ISSET(i, &may))
            cpu = i;
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return -EINVAL;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) < 0)
        return -errno;
    return cpu;
}
