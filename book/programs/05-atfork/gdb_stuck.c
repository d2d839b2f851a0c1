// SPDX-License-Identifier: MIT
// gdb_stuck.c -- for the gdb session: a child that wants a lock whose owner is
// a thread of its parent.  Book: chapter 5.
#include "demo.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct meeting has_it, done;

static void *
owner(void *unused)
{
    pthread_mutex_lock(&lock);
    arrive(&has_it);
    await_arrival(&done);
    pthread_mutex_unlock(&lock);
    return unused;
}

static int
child(void)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return 0;
}

int
main(void)
{
    pthread_t thread = start(owner, NULL);
    await_arrival(&has_it);
    pid_t pid = must(fork());
    if (pid == 0)
        _exit(child());
    must(waitpid(pid, NULL, 0));
    arrive(&done);
    pthread_join(thread, NULL);
    return 0;
}
