// SPDX-License-Identifier: MIT
// buffers.c -- the same line, printed once or twice.  Book: chapter 1.
#include <sys/wait.h>

#include "demo.h"

int
main(void)
{
    printf("Once upon a time\n");
    if (must(fork()) != 0)
        must(wait(NULL));
    return 0;
}
