// SPDX-License-Identifier: MIT
// kwrite.c -- the kernel writes into a page that is shared: read() from a pipe.
// Book: chapter 3.
#include "demo.h"

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fd[2], go[2];
    sys_pipe(fd);
    sys_pipe(go);
    volatile char *buffer = pages(1);
    //> kwrite
    long pid = sys_fork();
    if (pid == 0) {
        await(go);
        sys_exit(buffer[0]);
    }
    char before = buffer[0];        // the TLB knows the page now
    sys_write(fd[1], "z", 1);
    long c = copies(), refs_before = refs(buffer);
    sys_read(fd[0], (void *)buffer, 1);
    char after = buffer[0];
    c = copies() - c;
    //< kwrite
    print("parent: '%c', then read(), then '%c'\n", before, after);
    print("references: %ld before, %ld after; pages copied: %ld\n",
          refs_before, refs(buffer), c);
    tell(go);
    print("child: '%c'\n", (char)(wait_for(pid) >> 8));
    return 0;
}
