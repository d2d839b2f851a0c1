// SPDX-License-Identifier: MIT
// race.c -- race MS KIND...: a child for each KIND, all at once, for MS
// milliseconds.  `count` counts in memory that all share; `jmp` is a loop of
// one instruction; `late` sleeps half of the time and then counts.  Chapter 4.
#include "rt.h"

#define MAX 8

static _Noreturn void
child(const char *kind, volatile long *count, long ms)
{
    if (kind[0] == 'j')
        __asm__ volatile("1: jmp 1b");
    if (kind[0] == 'l')
        sleep_ms(ms / 2);
    for (;;)
        ++*count;
}

int
main(int argc, char **argv)
{
    long ms = argc > 1 ? atol(argv[1]) : 0;
    int n = argc - 2;
    if (ms <= 0 || n < 1 || n > MAX) {
        print("usage: race MS KIND... (count, jmp or late; at most %d)\n", MAX);
        return 2;
    }
    volatile long *counts = sys_mmap(0, 4096, PROT_READ | PROT_WRITE,
                                     MAP_SHARED);
    int pids[MAX];
    for (int i = 0; i < n; i++) {
        pids[i] = (int)sys_fork();
        if (pids[i] == 0)
            child(argv[i + 2], &counts[i], ms);
    }
    sleep_ms(ms);
    for (int i = 0; i < n; i++)
        print("race: pid %d %s %ld\n", pids[i], argv[i + 2], counts[i]);
    for (int i = 0; i < n; i++) {
        sys_kill(pids[i], SIGKILL);
        wait_for(pids[i]);
    }
    return 0;
}
