// SPDX-License-Identifier: MIT
// halfway.c -- let the n-th allocation in fork fail, for each n; then write to
// all pages and see which of them the fork had touched.  Book: chapter 3.
#include "demo.h"

#define N 1200

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    volatile char *area = pages(N);
    print("fails  result  frames lost  copied  taken over\n");
    for (long n = 1;; n++) {
        long before = free_frames();
        probe(PROBE_FAIL, n);
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        if (pid > 0) {
            wait_for(pid);
            print("%5ld  succeeds\n", n);
            return 0;
        }
        long c = copies(), t = takeovers();
        for (long i = 0; i < N; i++)
            area[i * PAGE]++;
        print("%5ld  %6ld  %11ld  %6ld  %10ld\n", n, pid,
              before - free_frames(), copies() - c, takeovers() - t);
    }
}
