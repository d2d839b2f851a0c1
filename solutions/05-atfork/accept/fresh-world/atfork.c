// SPDX-License-Identifier: MIT
// atfork.c -- a log and a pool of workers, for any number of threads and any
// number of forks; see atfork.h.  Book: chapter 5.
//
// No lock is taken for a fork, and none is repaired after it: the child drops
// the parent's locks, with all that they guard, and takes a fresh world.  What
// it inherits is published by atomic stores, so that it is whole at any moment.
// fork() never waits.  The price: where the fork meets a write(), the lines of
// parent and child may mix in the file, each process's own being in order.
#include "atfork.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Never changed once it is published; replaced instead.
struct settings {
    int fd;
    char tag[LOG_TAG];
};

struct job {
    const char *name;
    void (*call)(void *);
    void *arg;
};

// What belongs to one process.
struct world {
    pthread_mutex_t log_lock;  // guards what follows, and replacing `settings`
    char buffer[LOG_BUFFER];
    size_t used;
    pthread_mutex_t lock;      // guards the rest; then log_lock
    pthread_cond_t work, idle;
    struct job queue[POOL_QUEUE];
    unsigned first, waiting, pending, hired;
    pthread_t threads[POOL_MAX];
    bool stopping;
};

static _Atomic(struct settings *) settings;
static atomic_uint wanted;  // workers; 0: not started.  Stored under lock
static struct world first_world = {
    .log_lock = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .idle = PTHREAD_COND_INITIALIZER,
};
static struct world *world = &first_world;

// The only thread here is this one.  mmap() is a bare system call; malloc()
// would ask for the parent's locks.
static void
in_child(void)
{
    struct world *fresh = mmap(NULL, sizeof(*fresh), PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED)
        abort();
    pthread_mutex_init(&fresh->log_lock, NULL);
    pthread_mutex_init(&fresh->lock, NULL);
    pthread_cond_init(&fresh->work, NULL);
    pthread_cond_init(&fresh->idle, NULL);
    struct world *old = world;
    world = fresh;
    if (old != &first_world)
        munmap(old, sizeof(*old));
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int register_error;

static void
register_all(void)
{
    register_error = pthread_atfork(NULL, NULL, in_child);
    if (register_error == 0 && atexit(log_flush) != 0)
        register_error = ENOMEM;
}

// ------------------------------------------------------------------- the log

// Caller holds log_lock.
static void
write_out(struct world *w)
{
    size_t done = 0;
    while (done < w->used) {
        ssize_t n = write(settings->fd, w->buffer + done, w->used - done);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0)
            done += (size_t)n;
    }
    w->used = 0;
}

// Caller holds log_lock.  fd -1: the present one.
static int
publish(int fd, const char *tag)
{
    struct settings *fresh = malloc(sizeof(*fresh)), *old = settings;
    if (!fresh)
        return -ENOMEM;
    fresh->fd = fd >= 0 ? fd : old->fd;
    snprintf(fresh->tag, sizeof(fresh->tag), "%s", tag);
    settings = fresh;
    free(old);
    return 0;
}

int
log_open(int fd, const char *tag)
{
    struct world *w = world;
    pthread_once(&once, register_all);
    if (register_error != 0)
        return -register_error;
    pthread_mutex_lock(&w->log_lock);
    write_out(w);
    int result = publish(fd, tag);
    pthread_mutex_unlock(&w->log_lock);
    return result;
}

void
log_tag(const char *tag)
{
    struct world *w = world;
    pthread_mutex_lock(&w->log_lock);
    publish(-1, tag);
    pthread_mutex_unlock(&w->log_lock);
}

static void
put_line(const char *verb, const char *text)
{
    struct world *w = world;
    char line[LOG_TAG + LOG_LINE + 8];
    pthread_mutex_lock(&w->log_lock);
    struct settings *s = settings;
    int n = snprintf(line, sizeof(line), "%s: %s%s%.*s\n", s->tag, verb,
                     *verb ? " " : "", LOG_LINE - 8, text);
    if (w->used + (size_t)n > sizeof(w->buffer))
        write_out(w);
    memcpy(w->buffer + w->used, line, (size_t)n);
    w->used += (size_t)n;
    pthread_mutex_unlock(&w->log_lock);
}

void
log_line(const char *text)
{
    put_line("", text);
}

void
log_flush(void)
{
    struct world *w = world;
    pthread_mutex_lock(&w->log_lock);
    write_out(w);
    pthread_mutex_unlock(&w->log_lock);
}

// ------------------------------------------------------------------ the pool

static void *
worker(void *arg)
{
    struct world *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->waiting == 0 && !w->stopping)
            pthread_cond_wait(&w->work, &w->lock);
        if (w->waiting == 0)
            break;
        struct job job = w->queue[w->first];
        w->first = (w->first + 1) % POOL_QUEUE;
        w->waiting--;
        put_line("start", job.name);
        pthread_mutex_unlock(&w->lock);
        job.call(job.arg);
        pthread_mutex_lock(&w->lock);
        put_line("done", job.name);
        if (--w->pending == 0)
            pthread_cond_broadcast(&w->idle);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int
pool_start(unsigned workers)
{
    struct world *w = world;
    int result = -EBUSY;
    if (workers < 1 || workers > POOL_MAX)
        return -EINVAL;
    pthread_mutex_lock(&w->lock);
    if (wanted == 0) {
        wanted = workers;  // the threads come with the first job
        result = 0;
    }
    pthread_mutex_unlock(&w->lock);
    return result;
}

int
pool_submit(const char *name, void (*call)(void *), void *arg)
{
    struct world *w = world;
    int result = 0;
    pthread_mutex_lock(&w->lock);
    if (wanted == 0)
        result = -ESRCH;
    else if (w->waiting == POOL_QUEUE)
        result = -EAGAIN;
    while (result == 0 && w->hired < wanted) {
        result = -pthread_create(&w->threads[w->hired], NULL, worker, w);
        w->hired += result == 0;
    }
    if (result == 0) {
        w->queue[(w->first + w->waiting) % POOL_QUEUE] =
            (struct job){name, call, arg};
        w->waiting++;
        w->pending++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return result;
}

unsigned
pool_pending(void)
{
    struct world *w = world;
    pthread_mutex_lock(&w->lock);
    unsigned pending = w->pending;
    pthread_mutex_unlock(&w->lock);
    return pending;
}

void
pool_wait(void)
{
    struct world *w = world;
    pthread_mutex_lock(&w->lock);
    while (w->pending > 0)
        pthread_cond_wait(&w->idle, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

int
pool_stop(void)
{
    struct world *w = world;
    pthread_mutex_lock(&w->lock);
    unsigned workers = wanted, hired = w->hired;
    while (w->pending > 0)
        pthread_cond_wait(&w->idle, &w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);

    for (unsigned i = 0; i < hired; i++)
        pthread_join(w->threads[i], NULL);

    pthread_mutex_lock(&w->lock);
    wanted = 0;
    w->hired = 0;
    w->stopping = false;
    pthread_mutex_unlock(&w->lock);
    return workers > 0 ? 0 : -ESRCH;
}
