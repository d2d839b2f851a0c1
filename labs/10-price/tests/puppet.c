// SPDX-License-Identifier: MIT
// puppet.c -- the program that price_spawn() is given to start: exits with the
// status that is its last argument, or dies of the signal after a '-'.
// Book: chapter 10.
#include <signal.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[argc - 1]) : 0;
    if (n < 0)
        raise(-n);
    return n;
}
