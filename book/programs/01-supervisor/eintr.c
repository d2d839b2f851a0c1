// SPDX-License-Identifier: MIT
// eintr.c -- a signal handler cuts wait() short, or does not.
// Book: chapter 1.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "demo.h"

static int gate[2];
static volatile sig_atomic_t ticks;

static void
tick(int sig)
{
    (void)sig;
    if (++ticks == 3)
        close(gate[1]);  // lets the child end; close() is safe in a handler
}

int
main(int argc, char *argv[])
{
    int restart = argc > 1 && strcmp(argv[1], "restart") == 0;
    must(pipe(gate));
    if (must(fork()) == 0) {
        must(close(gate[1]));
        await_eof(gate[0]);
        _exit(0);
    }

    struct sigaction act = {.sa_handler = tick,
                            .sa_flags = restart ? SA_RESTART : 0};
    must(sigaction(SIGALRM, &act, NULL));
    struct itimerval every = {{0, 100000}, {0, 100000}};  // 0.1 s
    must(setitimer(ITIMER_REAL, &every, NULL));

    pid_t pid = wait(NULL);  //> eintr
    if (pid == -1) {
        say("wait() failed: %s", strerror(errno));
        while (pid == -1 && errno == EINTR)
            pid = wait(NULL);  //< eintr
        say("asked again until it answered");
    }
    say("wait() returned the child's pid, after the %s tick",
        ticks >= 3 ? "third" : "first or second");
    return 0;
}
