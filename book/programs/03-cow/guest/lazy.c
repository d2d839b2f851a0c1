// SPDX-License-Identifier: MIT
// lazy.c -- what a fork takes of memory, and what it gives back.
// Book: chapter 3.
#include "demo.h"

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int go[2];
    sys_pipe(go);
    pages(1000);
    long before = free_frames();
    long pid = sys_fork();
    if (pid == 0) {
        await(go);
        sys_exit(0);
    }
    print("pages mapped: %ld\n", probe(PROBE_PAGES, 0));
    print("frames that the fork took: %ld\n", before - free_frames());
    tell(go);
    wait_for(pid);
    print("after the child's end: %ld\n", before - free_frames());
    return 0;
}
