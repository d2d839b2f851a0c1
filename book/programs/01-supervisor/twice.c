// SPDX-License-Identifier: MIT
// twice.c -- one call, two returns.  Book: chapter 1.
#include <sys/wait.h>

#include "demo.h"

int
main(void)
{
    pid_t me = getpid();
    say("before: one process");

    pid_t result = must(fork());

    if (result != 0)
        must(wait(NULL));  // let the other one speak first
    say("after: fork() returned %s, and I am %s",
        result == 0 ? "0" : "a number above 0",
        getpid() == me ? "the process that called it" : "a new process");
    return 0;
}
