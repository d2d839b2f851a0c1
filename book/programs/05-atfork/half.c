// SPDX-License-Identifier: MIT
// half.c -- a lock made anew in the child, and what it guarded.
// Book: chapter 5.
#include "demo.h"

static struct {
    pthread_mutex_t lock;  // guards both, which always add up to 100
    int left, right;
} scales = {PTHREAD_MUTEX_INITIALIZER, 100, 0};

static struct meeting halfway, done;

//> half
static void *
move(void *unused)
{
    pthread_mutex_lock(&scales.lock);
    scales.left -= 30;
    arrive(&halfway);           // forked here
    await_arrival(&done);
    scales.right += 30;
    pthread_mutex_unlock(&scales.lock);
    return unused;
}

static void
weigh(const char *who)
{
    pthread_mutex_lock(&scales.lock);
    say("%s: %d + %d = %d", who, scales.left, scales.right,
        scales.left + scales.right);
    pthread_mutex_unlock(&scales.lock);
}

int
main(void)
{
    pthread_t mover = start(move, NULL);
    await_arrival(&halfway);
    pid_t pid = must(fork());
    if (pid == 0) {
        pthread_mutex_init(&scales.lock, NULL);
        weigh("child");
        _exit(0);
    }
    must(waitpid(pid, NULL, 0));
    arrive(&done);
    pthread_join(mover, NULL);
    weigh("parent");
    return 0;
}
//< half
