// SPDX-License-Identifier: MIT
// status.c -- the ways in which a child can stop, and the word that says so.
// Book: chapter 1.
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

static void
tell(pid_t pid)
{
    int status;
    must(waitpid(pid, &status, WUNTRACED | WCONTINUED));
    if (WIFEXITED(status))
        say("%#06x exited with %d", status, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        say("%#06x ended by SIG%s", status, sigabbrev_np(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        say("%#06x stopped by SIG%s", status, sigabbrev_np(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        say("%#06x goes on", status);
}

int
main(void)
{
    pid_t pid = must(fork());
    if (pid == 0)
        _exit(3);
    tell(pid);

    pid = must(fork());
    if (pid == 0)
        _exit(256 + 3);
    tell(pid);

    pid = must(fork());
    if (pid == 0) {
        raise(SIGSTOP);
        for (;;)
            pause();
    }
    tell(pid);
    must(kill(pid, SIGCONT));
    tell(pid);
    must(kill(pid, SIGKILL));
    tell(pid);
    return 0;
}
