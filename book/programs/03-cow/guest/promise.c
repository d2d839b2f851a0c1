// SPDX-License-Identifier: MIT
// promise.c -- four children of a process with 4,000 pages, on a machine with
// some 15,700 frames; then one after the other writes to all its pages.
// Book: chapter 3.
#include "demo.h"

#define N 4000
#define CHILDREN 4

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int go[CHILDREN][2], n = 0, status = 0;
    long pid[CHILDREN];
    volatile char *area = pages(N);
    volatile char *done = sys_mmap(0, PAGE, RW, MAP_SHARED);
    for (; n < CHILDREN; n++) {
        sys_pipe(go[n]);
        pid[n] = sys_fork();
        if (pid[n] == 0) {
            await(go[n]);
            for (long i = 0; i < N; i++)
                area[i * PAGE] = 'w';
            done[n] = 1;
            await(go[n]);
            sys_exit(0);
        }
        print("fork %d: %s\n", n + 1, pid[n] > 0 ? "done" : "ENOMEM");
        if (pid[n] < 0)
            break;
    }
    for (int i = 0; i < n; i++) {
        tell(go[i]);
        while (!done[i] && sys_wait4((int)pid[i], &status, WNOHANG) == 0)
            sys_yield();
        if (done[i])
            print("child %d: has written all\n", i + 1);
        else
            print("child %d: killed by signal %d\n", i + 1, status);
    }
    for (int i = 0; i < n; i++)
        tell(go[i]);
    return 0;
}
