// SPDX-License-Identifier: MIT
// test-sched.c -- test-sched MS: preemption, fairness over so many
// milliseconds, sleeping, and time.
#include "rt.h"

#define SPINNERS 4

static volatile long *work;

static long
now_us(void)
{
    struct timespec t;
    call6(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0, 0, 0, 0);
    return t.sec * 1000000 + t.nsec / 1000;
}

static void
spinners(long ms)
{
    long pid[SPINNERS], least = 0, most = 0;
    for (int i = 0; i < SPINNERS; i++) {
        pid[i] = sys_fork();
        if (pid[i] == 0)
            for (;;)
                work[i * 8]++;
    }
    // Nobody yields: we can go on only if they are preempted.
    sleep_ms(ms);
    for (int i = 0; i < SPINNERS; i++)
        sys_kill((int)pid[i], SIGKILL);
    for (int i = 0; i < SPINNERS; i++) {
        wait_for(pid[i]);
        long w = work[i * 8];
        least = i == 0 || w < least ? w : least;
        most = w > most ? w : most;
    }
    check(least > 0, "four spinners all get the processor");
    check(most - least < most / 4, "about the same of it");
    if (most - least >= most / 4)
        print("# from %ld to %ld\n", least, most);
}

// A loop of one instruction among others takes no more than its share.
static void
one_instruction(long ms)
{
    long pid[2];
    work[0] = work[8] = 0;
    pid[0] = sys_fork();
    if (pid[0] == 0)
        __asm__ volatile("1: jmp 1b");
    pid[1] = sys_fork();
    if (pid[1] == 0)
        for (;;)
            work[0]++;
    sleep_ms(ms);
    long shared = work[0];
    sys_kill((int)pid[0], SIGKILL);
    wait_for(pid[0]);
    long before = work[0];
    sleep_ms(ms);
    long alone = work[0] - before;
    sys_kill((int)pid[1], SIGKILL);
    wait_for(pid[1]);
    check(shared > alone / 3 && shared < alone * 2 / 3,
          "`jmp .` gets half, not more");
    if (!(shared > alone / 3 && shared < alone * 2 / 3))
        print("# %ld beside it, %ld alone\n", shared, alone);
}

static void
sleeping(void)
{
    long start = now_us();
    sleep_ms(200);
    long took = now_us() - start;
    check(took >= 200000 && took < 400000, "nanosleep sleeps that long");
    long pid = sys_fork();
    if (pid == 0)
        for (;;)
            ;
    start = now_us();
    sleep_ms(200);
    took = now_us() - start;
    check(took >= 200000 && took < 500000, "and beside a busy process too");
    sys_kill((int)pid, SIGKILL);
    wait_for(pid);
}

int
main(int argc, char **argv)
{
    work = sys_mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED);
    spinners(argc > 1 ? atol(argv[1]) : 800);
    one_instruction(argc > 1 ? atol(argv[1]) : 800);
    sleeping();
    return plan();
}
