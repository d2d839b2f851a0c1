// SPDX-License-Identifier: MIT
// timeline.c -- two threads, one lock, one fork, as a trace: without handlers,
// and with them ("timeline handlers").  Each line: time, process, thread, what.
// Time is the number of the line.  Book: chapter 5.
#include <stdatomic.h>
#include <sys/mman.h>

#include "demo.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct meeting has_it, wanted;
static struct {
    atomic_int now;
    sem_t parent_first;
} *shared;
static const char *process = "parent";

static void
note(const char *thread, const char *what)
{
    say("%2d %-6s %-5s %s", ++shared->now, process, thread, what);
}

static void
before(void)
{
    note("main", "wants");
    arrive(&wanted);
    pthread_mutex_lock(&lock);
    note("main", "has");
}

static void
in_parent(void)
{
    note("main", "lets go");
    pthread_mutex_unlock(&lock);
    sem_post(&shared->parent_first);
}

static void
in_child(void)
{
    sem_wait(&shared->parent_first);  // for a trace that is always the same
    process = "child";
    note("main", "is born");
    note("main", "lets go");
    pthread_mutex_unlock(&lock);
}

static void *
other(void *handlers)
{
    pthread_mutex_lock(&lock);
    note("other", "has");
    arrive(&has_it);
    await_arrival(&wanted);
    note("other", "lets go");
    pthread_mutex_unlock(&lock);
    return handlers;
}

int
main(int argc, char **argv)
{
    (void)argv;
    bool handlers = argc > 1;
    int go[2];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(&shared->parent_first, 1, 0);
    must(pipe(go));
    if (handlers)
        pthread_atfork(before, in_parent, in_child);
    note("main", "runs");
    pthread_t thread = start(other, NULL);
    await_arrival(&has_it);
    note("main", "forks");
    pid_t pid = must(fork());
    if (pid == 0) {
        if (!handlers) {
            process = "child";
            note("main", "is born");
        }
        close(go[1]);
        await_eof(go[0]);
        note("main", "wants");
        pthread_mutex_lock(&lock);
        note("main", "has");
        note("main", "ends");
        _exit(0);
    }
    close(go[1]);
    const char *end = fate(pid);
    if (strcmp(end, "ended well") != 0) {
        process = "child";
        note("main", end);
        process = "parent";
    }
    if (!handlers)
        arrive(&wanted);
    pthread_join(thread, NULL);
    note("main", "ends");
    return 0;
}
