// SPDX-License-Identifier: MIT
// kept.c -- what a child keeps of its parent's signals, timers and locks.
// Book: chapter 1.
#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "demo.h"

static int fd;
static timer_t timer;

static void
handler(int sig)
{
    (void)sig;
}

static void
look(const char *who)
{
    sigset_t pending, blocked;
    struct sigaction act;
    struct itimerspec left;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    sigpending(&pending);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    sigaction(SIGUSR1, NULL, &act);
    must(fcntl(fd, F_GETLK, &lock));  // who is in our way?

    say("%s", who);
    say("  SIGUSR1: handler %s, blocked %s, pending %s",
        act.sa_handler == handler ? "yes" : "no",
        sigismember(&blocked, SIGUSR1) ? "yes" : "no",
        sigismember(&pending, SIGUSR1) ? "yes" : "no");
    say("  alarm: %s, timer: %s, CPU time used: %s",
        alarm(0) > 0 ? "runs" : "none",
        timer_gettime(timer, &left) == 0 ? "is there" : "unknown",
        clock() >= CLOCKS_PER_SEC / 20 ? "much" : "next to none");
    say("  lock by fcntl(): %s, lock by flock(): %s",
        lock.l_type == F_UNLCK ? "mine" : "somebody else's",
        flock(fd, LOCK_EX | LOCK_NB) == 0 ? "mine" : "somebody else's");
}

int
main(void)
{
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    signal(SIGUSR1, handler);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    raise(SIGUSR1);
    alarm(1000);
    must(timer_create(CLOCK_MONOTONIC, NULL, &timer));
    while (clock() < CLOCKS_PER_SEC / 20)
        continue;
    fd = must(memfd_create("locked", 0));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    must(fcntl(fd, F_SETLK, &lock));
    must(flock(fd, LOCK_EX));

    if (must(fork()) == 0) {
        look("child");
        _exit(0);
    }
    must(wait(NULL));
    look("parent");
    return 0;
}
