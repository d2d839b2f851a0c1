// SPDX-License-Identifier: MIT
// held.c -- a mutex that is locked for ever: its owner stayed in the parent.
// Book: chapter 1; chapter 5 is about what to do.
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int locked[2];

static void *
owner(void *arg)
{
    pthread_mutex_lock(&lock);
    must(close(locked[1]));
    for (;;)
        pause();
    return arg;
}

static int
count_threads(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    if (d != NULL)
        closedir(d);
    return n;
}

int
main(void)
{
    pthread_t thread;
    must(pipe(locked));
    if (pthread_create(&thread, NULL, owner, NULL) != 0)
        return 2;
    await_eof(locked[0]);
    say("parent: %d threads", count_threads());
    if (must(fork()) == 0) {
        say("child: %d thread, lock %s", count_threads(),
            pthread_mutex_trylock(&lock) == EBUSY ? "held" : "free");
        _exit(0);
    }
    must(wait(NULL));
    return 0;
}
