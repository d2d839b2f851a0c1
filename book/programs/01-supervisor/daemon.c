// SPDX-License-Identifier: MIT
// daemon.c -- a daemon leaves its group, its session and its parent, and is
// adopted by the subreaper all the same.  Book: chapter 1.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "demo.h"

static int ready[2];

// What a program does that wants to be a daemon.
static void
daemonise(void)
{
    if (must(fork()) != 0)
        _exit(0);
    must(setsid());
    if (must(fork()) != 0)
        _exit(0);
    must(close(ready[1]));
    for (;;)
        pause();
}

// The first of our children, 0 if there is none.
static pid_t
a_child(void)
{
    char path[60];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *f = fopen(path, "r");
    if (f == NULL || fscanf(f, "%d", &pid) != 1)
        pid = 0;
    if (f != NULL)
        fclose(f);
    return pid;
}

int
main(void)
{
    must(prctl(PR_SET_CHILD_SUBREAPER, 1));
    must(pipe(ready));
    pid_t program = must(fork());
    if (program == 0) {
        must(setsid());  // a session and a group of its own
        daemonise();
    }
    must(close(ready[1]));
    await_eof(ready[0]);
    int status;
    must(waitpid(program, &status, 0));
    say("the program exited with %d", WEXITSTATUS(status));

    if (kill(-program, SIGKILL) == -1)
        say("killing its process group: %s", strerror(errno));

    int ended = 0, killed = 0;
    pid_t pid;
    while ((pid = a_child()) > 0) {  //> hunt
        must(kill(pid, SIGKILL));  // its pid is ours until we wait for it
        must(waitpid(pid, &status, 0));
        WIFEXITED(status) ? ended++ : killed++;
    }  //< hunt
    say("adopted: %d that had ended, %d that I killed", ended, killed);
    return 0;
}
