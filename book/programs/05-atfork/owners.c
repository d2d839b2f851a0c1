// SPDX-License-Identifier: MIT
// owners.c -- four kinds of mutex, taken before a fork: by the thread that
// forks, and by another.  What can the child do?  Book: chapter 5.
#include <errno.h>

#include "demo.h"

static pthread_mutex_t lock;
static struct meeting has_it, done;

static const char *
name_of(int error)
{
    switch (error) {
    case 0: return "ok";
    case EBUSY: return "EBUSY";
    case EPERM: return "EPERM";
    case EOWNERDEAD: return "EOWNERDEAD";
    default: return "?";
    }
}

static void *
take(void *unused)
{
    pthread_mutex_lock(&lock);
    arrive(&has_it);
    await_arrival(&done);
    pthread_mutex_unlock(&lock);
    return unused;
}

//> owners
static void
try_kind(const char *name, int type, int robust)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutexattr_setrobust(&attr, robust);
    pthread_mutex_init(&lock, &attr);

    pthread_mutex_lock(&lock);          // as a handler before the fork would
    pid_t pid = must(fork());
    if (pid == 0) {
        int unlocked = pthread_mutex_unlock(&lock);
        say("%-14s unlock: %-6s then trylock: %s", name, name_of(unlocked),
            name_of(pthread_mutex_trylock(&lock)));
        _exit(0);
    }
    must(waitpid(pid, NULL, 0));
    pthread_mutex_unlock(&lock);
//< owners

    pthread_t other = start(take, NULL);
    await_arrival(&has_it);
    if ((pid = must(fork())) == 0) {
        say("%-14s another thread's, trylock: %s", "",
            name_of(pthread_mutex_trylock(&lock)));
        _exit(0);
    }
    must(waitpid(pid, NULL, 0));
    arrive(&done);
    pthread_join(other, NULL);
}

int
main(void)
{
    try_kind("normal", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
    try_kind("error-checking", PTHREAD_MUTEX_ERRORCHECK,
             PTHREAD_MUTEX_STALLED);
    try_kind("recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
    try_kind("robust", PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
    return 0;
}
