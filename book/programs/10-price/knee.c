// SPDX-License-Identifier: MIT
// knee.c -- why does a page of a large process cost more in a fork than a page
// of a small one?  The same fork of pages whose frames lie in order, in a wild
// order, with cold caches, and of pages that need no record.  Book: chapter 10.
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, SWEEP = 64 << 20, SAMPLES = 7 };

static char *sweep;

// Core time of this process and of all its children that are gone, in ns.
static double
used(void)
{
    struct rusage u;
    struct timespec t;
    getrusage(RUSAGE_CHILDREN, &u);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec + t.tv_sec) * 1e9 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3 +
           (double)t.tv_nsec;
}

// Read and write more than any cache holds, so that nothing else is left in it.
static void
sweep_caches(void)
{
    for (size_t i = 0; i < SWEEP; i += 64)
        sweep[i]++;
}

// The least of a few: what the neighbours do to the caches only ever adds.
static double
fork_cost(int cold)
{
    double least = 0;
    for (int i = -2; i < SAMPLES; i++) {
        if (cold)
            sweep_caches();
        double t0 = used();
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
        double took = used() - t0;
        if (i == 0 || (i > 0 && took < least))
            least = took;
    }
    return least;
}

enum how { IN_ORDER, SCATTERED, NO_RECORDS };

//> scattered
// The kernel hands out frames about one after the other.  Pages that are
// touched in a wild order lie in frames in a wild order, and so do the kernel's
// records of these frames.  Pages that are only read are all the one page of
// zeros, whose record no fork looks at.
static void
fill(char *p, size_t pages, enum how how)
{
    volatile char sum = 0;
    p[0] = 1;  // or there would be nothing to copy
    for (size_t i = 0, at = 0; i < pages; i++) {
        if (how == NO_RECORDS)
            sum += p[at * PAGE];
        else
            p[at * PAGE] = 1;
        // pages is a power of two, so this comes to each of them once.
        at = how == SCATTERED ? (at * 1664525 + 1013904223) % pages : i + 1;
    }
}
//< scattered

static double
cost(size_t mb, int cold, enum how how)
{
    size_t size = mb << 20;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        exit(1);
    madvise(p, size, MADV_NOHUGEPAGE);
    fill(p, size / PAGE, how);
    double ns = fork_cost(cold);
    munmap(p, size);
    return ns;
}

int
main(int argc, char **argv)
{
    static const size_t mb[] = {8, 16, 32, 64, 128, 256, 512, 1024};
    static const enum how hows[] = {IN_ORDER, SCATTERED, SCATTERED, NO_RECORDS};
    cpu_set_t one;
    CPU_ZERO(&one);
    sched_getaffinity(0, sizeof(one), &one);
    int core = CPU_SETSIZE - 1;
    while (!CPU_ISSET((size_t)core, &one))
        core--;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    sched_setaffinity(0, sizeof(one), &one);
    sweep = mmap(NULL, SWEEP, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sweep_caches();
    int n = argc > 1 ? atoi(argv[1]) : 8;
    puts("ns a page   in order  scattered  the same, cold  without records");
    double base[2];
    for (int c = 0; c < 2; c++)
        base[c] = fork_cost(c);
    for (int i = 0; i < n && i < 8; i++) {
        double pages = (double)(mb[i] << 20) / PAGE, v[4];
        for (int k = 0; k < 4; k++)
            v[k] = (cost(mb[i], k == 2, hows[k]) - base[k == 2]) / pages;
        printf("%6zu MB %10.1f %10.1f %15.1f %16.1f\n", mb[i], v[0], v[1],
               v[2], v[3]);
    }
    return 0;
}
