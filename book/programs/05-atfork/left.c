// SPDX-License-Identifier: MIT
// left.c -- what a thread leaves in a child in which it does not exist.
// Book: chapter 5.
#include "demo.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static bool rung;
static int waiting;
static pthread_key_t key;
static int destroyed;
static _Thread_local char *scratch;
static char *its_scratch;

//> left
static void
destroy(void *memory)
{
    destroyed++;
    free(memory);
}

static void *
waiter(void *unused)
{
    pthread_setspecific(key, malloc(1 << 20));
    scratch = its_scratch = strdup("notes of a thread");
    pthread_mutex_lock(&lock);
    waiting++;
    while (!rung)
        pthread_cond_wait(&bell, &lock);
    pthread_mutex_unlock(&lock);
    free(scratch);
    return unused;
}
//< left

static void
await_waiter(void)
{
    for (int n = 0; n == 0; sched_yield()) {
        pthread_mutex_lock(&lock);  // free only when it waits
        n = waiting;
        pthread_mutex_unlock(&lock);
    }
}

int
main(void)
{
    must(pthread_key_create(&key, destroy));
    pthread_t thread = start(waiter, NULL);
    await_waiter();
    pid_t pid = must(fork());
    if (pid == 0) {
        say("child: its notes are here, \"%s\"; mine: %s", its_scratch,
            scratch ? scratch : "none");
        say("child: destructors called: %d", destroyed);
        _exit(0);
    }
    must(waitpid(pid, NULL, 0));

    if ((pid = must(fork())) == 0) {
        pthread_cond_destroy(&bell);
        _exit(0);
    }
    say("destroying the condition: the child %s", fate(pid));

    pthread_mutex_lock(&lock);
    rung = true;
    pthread_cond_signal(&bell);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    say("parent: destructors called: %d", destroyed);
    return 0;
}
