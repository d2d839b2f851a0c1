// SPDX-License-Identifier: MIT
// hello.c -- says hello, and a number that differs from run to run.
#include <stdio.h>
#include <unistd.h>

int
main(void)
{
    printf("hello <from> %d & 7 at %p\n", (int)getpid(), (void *)&main);
    return 3;
}
