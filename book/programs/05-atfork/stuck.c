// SPDX-License-Identifier: MIT
// stuck.c -- a child wants a lock whose owner does not exist.
// Book: chapter 5.
#include "demo.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct meeting has_it, done;

//> stuck
static void *
owner(void *unused)
{
    pthread_mutex_lock(&lock);
    arrive(&has_it);
    await_arrival(&done);       // forked somewhere in here
    pthread_mutex_unlock(&lock);
    return unused;
}

int
main(void)
{
    pthread_t thread = start(owner, NULL);
    await_arrival(&has_it);
    pid_t pid = must(fork());
    if (pid == 0) {
        pthread_mutex_lock(&lock);
        _exit(0);
    }
    say("parent: %d threads", count_threads(getpid()));
    say("child:  %d thread", count_threads(pid));
    say("the child %s", fate(pid));

    arrive(&done);
    pthread_join(thread, NULL);
    pthread_mutex_lock(&lock);
    say("the parent has the lock");
    return 0;
}
//< stuck
