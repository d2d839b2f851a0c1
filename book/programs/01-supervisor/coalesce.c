// SPDX-License-Identifier: MIT
// coalesce.c -- five children die, one SIGCHLD comes.  Book: chapter 1.
#include <signal.h>
#include <sys/wait.h>

#include "demo.h"

static volatile sig_atomic_t signals;

static void
count(int sig)
{
    (void)sig;
    signals++;
}

int
main(void)
{
    sigset_t chld, old;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    struct sigaction act = {.sa_handler = count};
    must(sigaction(SIGCHLD, &act, NULL));

    must(sigprocmask(SIG_BLOCK, &chld, &old));  //> coalesce
    for (int i = 0; i < 5; i++) {
        pid_t pid = must(fork());
        if (pid == 0)
            _exit(0);
        // Wait until it is dead, but leave it there to be waited for.
        siginfo_t info;
        must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    }
    must(sigprocmask(SIG_SETMASK, &old, NULL));

    int reaped = 0;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;  //< coalesce
    say("signals: %d, children to reap: %d", (int)signals, reaped);
    return 0;
}
