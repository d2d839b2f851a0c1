// SPDX-License-Identifier: MIT
// ignored.c -- who ignores SIGCHLD never learns how a child ended.
// Book: chapter 1.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

int
main(void)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = must(fork());
    if (pid == 0)
        _exit(7);

    int status;
    if (waitpid(pid, &status, 0) == -1)
        say("waitpid(): %s", strerror(errno));
    say("kill(): %s", kill(pid, 0) == 0 ? "it is there" : strerror(errno));
    return 0;
}
