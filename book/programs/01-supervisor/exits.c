// SPDX-License-Identifier: MIT
// exits.c -- exit() does the parent's work a second time.  Book: chapter 1.
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

static const char *who = "parent";

static void
clean_up(void)
{
    printf("%s: removes the lock file\n", who);
}

int
main(int argc, char *argv[])
{
    atexit(clean_up);  //> exits
    printf("a line still in the buffer\n");
    if (must(fork()) == 0) {
        who = "child";
        if (argc > 1 && strcmp(argv[1], "_exit") == 0)
            _exit(0);
        exit(0);  //< exits
    }
    must(wait(NULL));
    return 0;
}
