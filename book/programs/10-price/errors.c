// SPDX-License-Identifier: MIT
// errors.c -- what a fork with 64 MB costs, measured in one right way and in
// six wrong ones, in core time.  Book: chapter 10.
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20, SIZE = 64 << 20, SAMPLES = 9, WARM = 3 };

static double
used(void)
{
    struct rusage u;
    struct timespec t;
    getrusage(RUSAGE_CHILDREN, &u);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec + t.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) +
           (double)t.tv_nsec / 1e3;
}

static char *
map(int advice)
{
    char *p = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        exit(1);
    p += -(uintptr_t)p % HUGE;
    madvise(p, SIZE, advice);
    return p;
}

static void
touch(char *p)
{
    for (size_t i = 0; i < SIZE; i += PAGE)
        p[i] = 1;
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum wrong { RIGHT, UNTOUCHED, TOUCHED_INSIDE, HUGE_PAGES, CREATED, WRITTEN,
             FIRST };

//> sample
// One sample, and what some put into it or leave out of it.
static double
sample(enum wrong how, char *p)
{
    double t0 = used(), t1;
    if (how == TOUCHED_INSIDE)
        touch(p);
    pid_t pid = fork();
    if (pid == 0) {
        if (how == WRITTEN)
            touch(p);
        _exit(0);
    }
    t1 = used();
    waitpid(pid, NULL, 0);
    return (how == CREATED ? t1 : used()) - t0;
}
//< sample

static double
measure(enum wrong how)
{
    double v[SAMPLES];
    char *p = map(how == HUGE_PAGES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    if (how != UNTOUCHED && how != TOUCHED_INSIDE)
        touch(p);
    for (int i = 0; i < WARM && how != FIRST && how != TOUCHED_INSIDE; i++)
        sample(how, p);
    for (int i = 0; i < SAMPLES; i++) {
        if (how == TOUCHED_INSIDE)  // anew for each, so that it is a first one
            madvise(p, SIZE, MADV_DONTNEED);
        v[i] = sample(how, p);
        if (how == FIRST)
            break;
    }
    munmap(p, SIZE);
    if (how == FIRST)
        return v[0];
    qsort(v, SAMPLES, sizeof(*v), ascending);
    return v[SAMPLES / 2];
}

int
main(void)
{
    static const char *const text[] = {
        "as it should be",
        "the memory was mapped, but not touched",
        "touched for the first time in the interval",
        "in huge pages, because that was the default",
        "only until fork() returned",
        "with a child that writes to all of it",
        "the first fork, and no other",
    };
    cpu_set_t one;
    sched_getaffinity(0, sizeof(one), &one);
    int core = CPU_SETSIZE - 1;
    while (!CPU_ISSET((size_t)core, &one))
        core--;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    sched_setaffinity(0, sizeof(one), &one);
    double right = measure(RIGHT);
    for (int i = RIGHT; i <= FIRST; i++) {
        double us = i ? measure((enum wrong)i) : right;
        printf("%8.0f us  %6.2f times  %s\n", us, us / right, text[i]);
    }
    return 0;
}
