// SPDX-License-Identifier: MIT
// bench.c -- what fork costs, in units of the TSC, against the pages that are
// mapped and the pages that are written afterwards.  bench.sh divides.
#include "rt.h"
#include "tsc.h"

#define PAGE 4096
#define ROUNDS 5

static volatile char *area;

static void
touch(long pages)
{
    for (long i = 0; i < pages; i++)
        area[i * PAGE]++;
}

// Measure with `mapped` pages, of which the child writes `touched`.
static void
measure(long mapped, long touched)
{
    long forked = 0, whole = 0, fault = 0;
    volatile long *in_child = sys_mmap(0, PAGE, PROT_READ | PROT_WRITE,
                                       MAP_SHARED);
    area = sys_mmap(0, (size_t)(mapped + 1) * PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE);
    for (int i = 0; i < ROUNDS; i++) {
        touch(mapped);
        long start = tsc();
        long pid = sys_fork();
        if (pid == 0) {
            long first = tsc();
            touch(touched);
            *in_child = tsc() - first;
            sys_exit(0);
        }
        forked = least(forked, tsc() - start);
        wait_for(pid);
        whole = least(whole, tsc() - start);
        if (touched > 0)
            fault = least(fault, *in_child / touched);
    }
    print("bench %ld %ld %ld %ld %ld\n", mapped, touched, forked, whole,
          fault);
    sys_munmap((void *)area, (size_t)(mapped + 1) * PAGE);
    sys_munmap((void *)in_child, PAGE);
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (long mapped = 0; mapped <= 4096; mapped = mapped ? mapped * 4 : 16)
        measure(mapped, 0);
    for (long touched = 1; touched <= 1024; touched *= 4)
        measure(1024, touched);
    return 0;
}
