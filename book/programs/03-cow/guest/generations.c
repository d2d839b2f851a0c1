// SPDX-License-Identifier: MIT
// generations.c -- one page, five generations, all of them alive, and each of
// which writes to it once.  Book: chapter 3.
#include "demo.h"

#define DEPTH 4

static volatile char *page;

//> descend
// Generation n of DEPTH.  Each forks the next; the youngest writes first, then
// one after the other, whoever gets the byte.
static void
descend(int n, int done[2], int stay[2])
{
    long pid = -1;
    if (n < DEPTH && (pid = sys_fork()) == 0) {
        descend(n + 1, done, stay);
        await(stay);
        sys_exit(0);
    }
    if (pid > 0)
        await(done);
    long before = refs(page), c = copies(), t = takeovers();
    page[0] = (char)('0' + n);
    c = copies() - c;
    t = takeovers() - t;
    print("generation %d: %ld references; copied %ld, taken over %ld\n", n,
          before, c, t);
    tell(done);
    if (n == 0) {
        for (int i = 0; i < DEPTH; i++)
            tell(stay);
        wait_for(pid);
    }
}
//< descend

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int done[2], stay[2];
    sys_pipe(done);
    sys_pipe(stay);
    page = pages(1);
    descend(0, done, stay);
    return 0;
}
