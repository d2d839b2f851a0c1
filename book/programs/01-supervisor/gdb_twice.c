// SPDX-License-Identifier: MIT
// gdb_twice.c -- a fork small enough to watch: of the narrated gdb sessions.
// Only the child prints, so that a parent which gdb let go stays silent.
// Book: chapter 1.
#include <sys/wait.h>

#include "demo.h"

static int work = 40;

static pid_t
twice(void)
{
    return fork();
}

static void
child_part(void)
{
    work = work + 1;
    work = work + 1;
    say("child: work is %d", work);
    _exit(work);
}

int
main(void)
{
    pid_t pid = must(twice());
    if (pid == 0)
        child_part();

    int status;
    must(waitpid(pid, &status, 0));
    return WEXITSTATUS(status);
}
