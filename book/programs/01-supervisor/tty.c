// SPDX-License-Identifier: MIT
// tty.c -- run a program with a terminal of its own, and show what it writes
// there.  Book: chapter 1.
#include <pty.h>
#include <sys/wait.h>

#include "demo.h"

int
main(int argc, char *argv[])
{
    int terminal;
    pid_t pid = must(forkpty(&terminal, NULL, NULL, NULL));
    if (pid == 0) {
        if (argc > 1)
            execv(argv[1], argv + 1);
        _exit(127);
    }
    // A terminal whose last user has gone reads as an error, EIO.
    char c;
    while (read(terminal, &c, 1) == 1)
        if (c != '\r')
            putchar(c);
    must(waitpid(pid, NULL, 0));
    return 0;
}
