// SPDX-License-Identifier: MIT
// demo.h -- what the programs of chapter 3 share: pages, and what the kernel
// tells of itself with probe=on.  Book: chapter 3.
#ifndef DEMO_H
#define DEMO_H

#include "rt.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

// n pages of one's own, each written to once.
static inline volatile char *
pages(long n)
{
    volatile char *p = sys_mmap(0, (size_t)n * PAGE, RW, MAP_PRIVATE);
    for (long i = 0; i < n; i++)
        p[i * PAGE] = 'a';
    return p;
}

static inline long
free_frames(void)
{
    return probe(PROBE_FREE, 0);
}

static inline long
copies(void)
{
    return probe(PROBE_COPIES, 0);
}

static inline long
takeovers(void)
{
    return probe(PROBE_TAKEOVERS, 0);
}

static inline long
refs(volatile char *p)
{
    return probe(PROBE_REFS, (long)p);
}

// Appointments: a byte through a pipe.
static inline void
tell(int fd[2])
{
    sys_write(fd[1], "", 1);
}

static inline void
await(int fd[2])
{
    static char c;
    sys_read(fd[0], &c, 1);
}

#endif
