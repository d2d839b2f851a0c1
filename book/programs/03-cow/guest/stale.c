// SPDX-License-Identifier: MIT
// stale.c -- the parent writes right after its fork, to a page to which it has
// just written.  Book: chapter 3.
#include "demo.h"

// A system call without a call, hence without a write to the stack: on a
// kernel that forgets to flush, that page would be the first to be hit.
static inline __attribute__((always_inline)) long
call0(long n)
{
    __asm__ volatile("syscall" : "+a"(n) : : "rcx", "r11", "memory");
    return n;
}

//> try
// Fork; the parent writes 'p' before or after it has let others run.  What
// does the child find?
static char
try(volatile char *page, bool at_once)
{
    page[0] = 'a';              // the TLB knows now: may be written
    long pid = call0(SYS_fork);
    if (pid == 0) {
        call0(SYS_sched_yield);
        sys_exit(page[0]);
    }
    if (at_once)
        page[0] = 'p';
    call0(SYS_sched_yield);     // the child runs; CR3 changes
    page[0] = 'p';
    return (char)(wait_for(pid) >> 8);
}
//< try

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    volatile char *page = pages(1);
    print("after others ran: the child has '%c'\n", try(page, false));
    print("at once: the child has '%c'\n", try(page, true));
    return 0;
}
