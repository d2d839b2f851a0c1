// SPDX-License-Identifier: MIT
// prices.c -- what a write costs: to a page of one's own, to a shared one, and
// to one whose other owner has gone.  Book: chapter 3.
#include "demo.h"

#define N 256

static volatile char *area;

// Instructions for a write to each page, on virtual time: 2^5 ns each.
static long
price(void)
{
    long start = probe(PROBE_TSC, 0);
    for (int i = 0; i < N; i++)
        area[i * PAGE] = 'w';
    return (probe(PROBE_TSC, 0) - start) / 32 / N;
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    volatile long *copying = sys_mmap(0, PAGE, RW, MAP_SHARED);
    area = pages(N);
    long own = price();
    long pid = sys_fork();
    if (pid == 0) {
        *copying = price();
        sys_exit(0);
    }
    wait_for(pid);
    long taking = price();
    print("a page of one's own: %ld\ncopied: %ld\ntaken over: %ld\n", own,
          *copying, taking);
    return 0;
}
