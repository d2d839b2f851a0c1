// SPDX-License-Identifier: MIT
// atfork.c -- a log and a pool of workers, for any number of threads and any
// number of forks; see atfork.h.  Book: chapter 5.
//
// Wrong: `work` is made anew in the child, but not `idle`, which is broadcast, so
// that no signal can go to the wrong one.  But the parent's waiters are still in
// it, and the second broadcast waits for them to leave.
#include "atfork.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job {
    const char *name;
    void (*call)(void *);
    void *arg;
};

static struct {
    pthread_mutex_t lock;  // held when using what follows
    int fd;
    char tag[LOG_TAG];
    char buffer[LOG_BUFFER];
    size_t used;           // bytes of it
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    pthread_mutex_t lock;  // held when using what follows; then sink.lock
    pthread_cond_t work;   // there is a job, or the pool is stopping
    pthread_cond_t idle;   // nothing is pending
    struct job queue[POOL_QUEUE];
    unsigned first, waiting;  // a ring: those not yet started
    unsigned pending;         // not yet done: waiting or running
    unsigned workers;         // 0: not started
    unsigned hired;           // threads that exist in this very process
    pthread_t threads[POOL_MAX];
    bool stopping;
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .idle = PTHREAD_COND_INITIALIZER,
};

// -------------------------------------------------------------------- forking

static void
before_fork(void)
{
    pthread_mutex_lock(&pool.lock);
    pthread_mutex_lock(&sink.lock);
}

static void
in_parent(void)
{
    pthread_mutex_unlock(&sink.lock);
    pthread_mutex_unlock(&pool.lock);
}

// Called with both locks held by this thread, the only one here.  Stores only:
// nothing is freed, nothing written, no thread made.
static void
in_child(void)
{
    sink.used = 0;                // the parent's lines
    pool.waiting = pool.pending = 0;  // the parent's jobs
    pool.hired = 0;               // the parent's threads
    if (pool.stopping)
        pool.workers = 0;         // nobody is here to end the stopping
    pool.stopping = false;
    // Threads that waited for this are not here to leave it.
    pool.work = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pthread_mutex_unlock(&sink.lock);
    pthread_mutex_unlock(&pool.lock);
}

// ------------------------------------------------------------------- the log

// Caller holds sink.lock.
static void
write_out(void)
{
    size_t done = 0;
    while (done < sink.used) {
        ssize_t n = write(sink.fd, sink.buffer + done, sink.used - done);
        if (n < 0 && errno != EINTR)
            break;  // nowhere to complain to
        if (n > 0)
            done += (size_t)n;
    }
    sink.used = 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int register_error;

static void
register_all(void)
{
    register_error = pthread_atfork(before_fork, in_parent, in_child);
    if (register_error == 0 && atexit(log_flush) != 0)
        register_error = ENOMEM;
}

// Registers once a process, and its children inherit that.
int
log_open(int fd, const char *tag)
{
    pthread_once(&once, register_all);
    if (register_error != 0)
        return -register_error;
    pthread_mutex_lock(&sink.lock);
    write_out();
    sink.fd = fd;
    snprintf(sink.tag, sizeof(sink.tag), "%s", tag);
    pthread_mutex_unlock(&sink.lock);
    return 0;
}

void
log_tag(const char *tag)
{
    pthread_mutex_lock(&sink.lock);
    snprintf(sink.tag, sizeof(sink.tag), "%s", tag);
    pthread_mutex_unlock(&sink.lock);
}

// "TAG: VERB TEXT", or "TAG: TEXT" if there is no verb.
static void
put_line(const char *verb, const char *text)
{
    char line[LOG_TAG + LOG_LINE + 8];
    pthread_mutex_lock(&sink.lock);
    int n = snprintf(line, sizeof(line), "%s: %s%s%.*s\n", sink.tag, verb,
                     *verb ? " " : "", LOG_LINE - 8, text);
    if (sink.used + (size_t)n > sizeof(sink.buffer))
        write_out();
    memcpy(sink.buffer + sink.used, line, (size_t)n);
    sink.used += (size_t)n;
    pthread_mutex_unlock(&sink.lock);
}

void
log_line(const char *text)
{
    put_line("", text);
}

void
log_flush(void)
{
    pthread_mutex_lock(&sink.lock);
    write_out();
    pthread_mutex_unlock(&sink.lock);
}

// ------------------------------------------------------------------ the pool

static void *
worker(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (pool.waiting == 0 && !pool.stopping)
            pthread_cond_wait(&pool.work, &pool.lock);
        if (pool.waiting == 0)
            break;
        struct job job = pool.queue[pool.first];
        pool.first = (pool.first + 1) % POOL_QUEUE;
        pool.waiting--;
        put_line("start", job.name);  // locked: the starts are in order
        pthread_mutex_unlock(&pool.lock);
        job.call(job.arg);
        pthread_mutex_lock(&pool.lock);
        put_line("done", job.name);
        if (--pool.pending == 0)
            pthread_cond_broadcast(&pool.idle);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

// Make the threads that there should be.  Caller holds pool.lock.  0 or an
// errno; those that were made stay.
static int
hire(void)
{
    int error = 0;
    while (pool.hired < pool.workers && error == 0) {
        error = pthread_create(&pool.threads[pool.hired], NULL, worker, NULL);
        if (error == 0)
            pool.hired++;
    }
    return error;
}

int
pool_start(unsigned workers)
{
    if (workers < 1 || workers > POOL_MAX)
        return -EINVAL;
    pthread_mutex_lock(&pool.lock);
    if (pool.workers != 0) {
        pthread_mutex_unlock(&pool.lock);
        return -EBUSY;
    }
    pool.workers = workers;
    int error = hire();
    pthread_mutex_unlock(&pool.lock);
    if (error != 0)
        pool_stop();
    return -error;
}

int
pool_submit(const char *name, void (*call)(void *), void *arg)
{
    int result = 0;
    pthread_mutex_lock(&pool.lock);
    if (pool.workers == 0) {
        result = -ESRCH;
    } else if (pool.waiting == POOL_QUEUE) {
        result = -EAGAIN;
    } else if ((result = -hire()) == 0 || pool.hired > 0) {
        result = 0;  // fewer workers than asked for will do
        unsigned last = (pool.first + pool.waiting) % POOL_QUEUE;
        pool.queue[last] = (struct job){name, call, arg};
        pool.waiting++;
        pool.pending++;
        pthread_cond_signal(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    return result;
}

unsigned
pool_pending(void)
{
    pthread_mutex_lock(&pool.lock);
    unsigned pending = pool.pending;
    pthread_mutex_unlock(&pool.lock);
    return pending;
}

void
pool_wait(void)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.pending > 0)
        pthread_cond_wait(&pool.idle, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

int
pool_stop(void)
{
    pthread_mutex_lock(&pool.lock);
    unsigned workers = pool.workers;
    while (pool.pending > 0)
        pthread_cond_wait(&pool.idle, &pool.lock);
    pool.stopping = true;
    pthread_cond_broadcast(&pool.work);
    unsigned hired = pool.hired;
    pthread_mutex_unlock(&pool.lock);

    for (unsigned i = 0; i < hired; i++)
        pthread_join(pool.threads[i], NULL);

    pthread_mutex_lock(&pool.lock);
    pool.workers = pool.hired = 0;
    pool.stopping = false;
    pthread_mutex_unlock(&pool.lock);
    return workers > 0 ? 0 : -ESRCH;
}
