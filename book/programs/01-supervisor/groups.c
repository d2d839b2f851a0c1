// SPDX-License-Identifier: MIT
// groups.c -- one signal for a whole process group, and who escapes it.
// Book: chapter 1.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

static int ready[2];

// A child in process group `group`; 0: in a new one, named after it.
static pid_t
worker(pid_t group, int leaves)
{
    pid_t pid = must(fork());
    if (pid == 0) {  //> setpgid
        must(setpgid(0, group));
        if (leaves)
            must(setsid());
        must(close(ready[1]));
        for (;;)
            pause();
    }
    // Both of us try, whoever is first succeeds.
    setpgid(pid, group);  //< setpgid
    return pid;
}

int
main(void)
{
    must(pipe(ready));
    pid_t leader = worker(0, 0);
    worker(leader, 0);
    pid_t deserter = worker(leader, 1);
    must(close(ready[1]));
    await_eof(ready[0]);

    must(kill(-leader, SIGTERM));
    int died = 0;
    while (waitpid(-leader, NULL, 0) > 0)
        died++;
    say("of the group: %d died, then %s", died, strerror(errno));
    say("the deserter is %s", waitpid(deserter, NULL, WNOHANG) == 0
                                  ? "alive" : "dead");
    must(kill(deserter, SIGKILL));
    must(waitpid(deserter, NULL, 0));
    return 0;
}
