// SPDX-License-Identifier: MIT
// atfork.h -- what atfork.c promises: a log and a pool of workers, for any
// number of threads, in a process that forks.  Book: chapter 5.
#ifndef ATFORK_H
#define ATFORK_H

enum {
    LOG_TAG = 40,      // bytes of a tag, its NUL included
    LOG_LINE = 120,    // bytes of a line after its tag; a text has 8 less,
                       // since "start " takes some, and is cut to that
    LOG_BUFFER = 512,  // bytes that the log collects before it writes
    POOL_MAX = 8,      // workers at most
    POOL_QUEUE = 64,   // jobs that can wait at most
};

// ------------------------------------------------------------------- the log
//
// Each line is written as "TAG: TEXT\n".  Lines are collected and written when
// the buffer is full, by log_flush(), and by exit(); never by _exit().  Each
// is written whole and once, those of one thread in their order.

// Log to descriptor fd from now on.  May be called again, to change fd and tag;
// what was collected is written to the old one first.  0 or -errno.
int log_open(int fd, const char *tag);

// Change the tag of the lines that follow.  Too long a tag is cut.
void log_tag(const char *tag);

void log_line(const char *text);
void log_flush(void);

// ------------------------------------------------------------------ the pool
//
// Needs an open log: the pool logs "start NAME" and "done NAME" of each job,
// the starts in the order in which the jobs were submitted.

// Have `workers` threads (1 to POOL_MAX) do what is submitted.  0, -EINVAL,
// -EBUSY if the pool is started already, or another -errno.
int pool_start(unsigned workers);

// Have a worker call job(arg).  `name` has to live until the job is done.
// 0, -ESRCH if there is no pool, -EAGAIN if the queue is full, or another
// -errno if there are no workers and none could be made.
int pool_submit(const char *name, void (*job)(void *), void *arg);

// How many jobs this process has submitted that are not done yet.
unsigned pool_pending(void);

// Wait until there are none, their "done" lines logged.  Not from a job.
void pool_wait(void);

// The same; then end the workers and wait for their ends.  The pool may be
// started again.  0, or -ESRCH if there was none.  Not from a job; and no
// other thread may stop the pool, or submit a job to it, until this returns.
int pool_stop(void);

// ------------------------------------------------------------------ and fork
//
// Any thread may call fork() at any time, whatever others are doing in here.
//
//  1. fork() returns, in both processes.  To the parent it makes no
//     difference: its lines, its jobs and its threads are as if it had not
//     forked.
//  2. What was logged before the fork, or was being logged, is the parent's,
//     and the parent writes it.  The child's log is open, with the same
//     descriptor and tag, and empty.  The tag is a whole one: if another thread
//     was just changing it, the old or the new.
//  3. Jobs that were submitted before the fork, or were being submitted, are
//     the parent's, and the parent does them.  In the child none are pending.
//  4. If the pool was started, it is in the child, with as many workers; but
//     the threads are made when the child first submits a job.  A child that
//     only becomes another program makes no thread and writes nothing.  If
//     another thread was just starting or stopping the pool, it is started in
//     the child or it is not.
//  5. A job may fork.  Its child, in which there is no other thread, may use
//     all of the above, waiting and stopping included, but must not return
//     from the job: it leaves by exit(), _exit() or exec().
//  6. All of this holds for the children's children, however many generations.
//  7. Other libraries may register fork handlers of their own after log_open()
//     has returned, and use the log and the pool in them.
//
// vfork(), posix_spawn() and _Fork() promise nothing of this: their children
// must not use the log or the pool.

#endif
