// SPDX-License-Identifier: MIT
// storm.c -- a store of eight pages on our kernel, and a child that holds a
// snapshot of it for a while.  Book: chapter 10.
#include "demo.h"

#define N 8

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int gate[2];
    volatile char *store = pages(N);
    sys_pipe(gate);
    long pid = sys_fork();
    if (pid == 0) {
        await(gate);
        sys_exit(0);
    }
    for (int i = 0; i < N / 2; i++)     // while the snapshot is held
        store[i * PAGE] = 'b';
    tell(gate);
    wait_for(pid);
    for (int i = 0; i < N; i++)         // and when it is gone
        store[i * PAGE] = 'c';
    return 0;
}
