// SPDX-License-Identifier: MIT
// price.h -- lab 10: measure what a fork costs, fit a model to it, and make
// the cheapest child that will do.  You write price.c; the judge calls it.
// Book: chapter 10.
#ifndef PRICE_H
#define PRICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ================================================================ 1. measure

enum price_pages {
    PRICE_SMALL,     // 4 KiB pages
    PRICE_HUGE,      // huge pages of 2 MiB
};

// The machine to be measured.  Every call takes it as its first argument; the
// calls that can fail return -errno.  A *place* is a process that holds memory
// and forks when asked to.  Time passes in every call, and nowhere else.
struct price_ops {
    void *machine;
    // A clock, in nanoseconds; only differences mean anything.  To read it
    // takes time, too: always the same, and between two reads it passes once.
    int64_t (*now)(void *machine);
    // Stay on that core; -1: go where the scheduler likes, as at the start.
    // Places stay where this process was when they were mapped.  -EINVAL: no
    // such core for us.
    int (*pin)(void *machine, int core);
    // A new place with so many 4 KiB pages of private memory, none of them
    // touched, so none of them there.  Returns its number (>= 0).
    int (*map)(void *machine, size_t pages);
    // As madvise(MADV_NOHUGEPAGE), madvise(MADV_HUGEPAGE): of which kind pages
    // will be when they are touched.  What a place has without advice is the
    // machine's default, which may be either.
    int (*advise)(void *machine, int place, enum price_pages kind);
    // Write to `count` pages of the place, from page `first` on.
    int (*touch)(void *machine, int place, size_t first, size_t count);
    // How many of its 4 KiB pages lie in huge ones now.
    long (*huge)(void *machine, int place);
    // The place forks; the child exits at once.  Returns, as fork() in the
    // parent, the child (> 0); -EAGAIN: not just now.
    int (*fork)(void *machine, int place);
    // Wait until a child has ended, as waitid(WEXITED | WNOWAIT): it is a
    // zombie then.  -EINTR: a signal came first.
    int (*ended)(void *machine, int child);
    // Wait for it if need be, and take the zombie away, as waitpid().  -EINTR.
    int (*reap)(void *machine, int child);
    // End a place, and give its memory back.
    int (*unmap)(void *machine, int place);
};

// What is to be timed: from the call of fork() ...
enum price_until {
    PRICE_CREATED,   // ... until it has returned in the parent,
    PRICE_ENDED,     // ... until the child has ended,
    PRICE_REAPED,    // ... until the zombie is gone.
};

struct price_question {
    size_t pages;    // 4 KiB pages of private memory, written to before
    enum price_pages kind;
    enum price_until until;
};

struct price_plan {
    int core;        // to measure on
    int warm;        // forks of each place that come first and do not count
    int samples;     // how many do, for each question
};

struct price_answer {
    int error;            // 0, or -errno: why there is no answer
    int samples;
    double median;        // in nanoseconds, without the clock's own time
    double low, high;     // the quarters: half of all samples lie between
};

// Answer n questions.  Returns 0, or -errno if nothing could be measured: the
// core cannot be had.  Then nobody looks at the answers.
//
//  * Pinned to plan->core throughout, from before the first place is mapped.
//  * A place for each question, made once: mapped, advised (also where 4 KiB
//    pages are asked for: do not trust the default), all of its pages touched.
//    Where huge pages are asked for and less than nine tenths of the pages lie
//    in such, the answer's error is -ENOTSUP; one that cannot be mapped has
//    what map() said, and so on with advise() and touch().  The other questions
//    are answered all the same.
//  * The machine gets slower and faster as it likes, so the questions take
//    turns: one fork of each, then again one of each.
//  * The first plan->warm forks of each place do not count.
//  * In a sample's interval there is the fork and what the question asks for,
//    and no call besides.  Each child is reaped before the next fork.
//  * A fork that failed with -EAGAIN is no sample: ask again, with the interval
//    begun anew.  Whoever leaves children as zombies hears it for ever, so
//    set a bound (some hundred times; then it is the answer's error).  What
//    -EINTR interrupts is called again.
//  * The clock's own time (the median of what passes between two reads with
//    nothing between them) is taken off each sample.
//  * Outliers stay among the samples; that is what medians are for.
//  * At the end, however it comes, no place is left, and pin(-1).
int price_measure(const struct price_ops *ops, const struct price_plan *plan,
                  const struct price_question *questions, int n,
                  struct price_answer *answers);

// ==================================================================== 2. fit

enum price_term {
    PRICE_FIXED,     // a fork of a process that holds nothing
    PRICE_MAPPING,   // each mapping
    PRICE_TABLE,     // each page of a page table
    PRICE_PAGE,      // each 4 KiB page
    PRICE_DIRTY,     // each page written to after the fork
    PRICE_TERMS
};

// What was measured: a process with so many of each, and what it cost.
struct price_row {
    double mappings, tables, pages, dirty;
    double cost;
};

struct price_model {
    double each[PRICE_TERMS];  // cost = each[0] + each[1] * mappings + ...
    int outliers;
    double r2;
};

// Fit the model to n rows.  A row counts by its relative error, (cost - what
// the model says) / cost: otherwise the largest would decide alone.  Up to a
// tenth of the rows are outliers, much too dear or much too cheap, and none of
// those may move the model; the others are off by a few percent at most.  An
// outlier is a row whose cost is off by more than a quarter of what the model
// says.  r2 is the plain one, over the rows that are no outliers: 1 minus the
// sum of squared residuals over that of squared distances from the mean.
// Returns 0; -EINVAL if there are not more rows than terms; -EDOM if the rows
// cannot tell the terms apart.
int price_fit(const struct price_row *rows, int n, struct price_model *model);

// ================================================================== 3. spawn

struct price_fd {
    int child, parent;   // the child's `child` is the caller's `parent`
};

struct price_span {
    void *start;         // on the border of a page
    size_t length;       // whole pages
};

// What is needed of a child.  Either a program (path is not NULL) or a
// function.
struct price_need {
    const char *path;           // absolute
    char *const *argv;
    char *const *envp;          // NULL: the caller's
    const char *cwd;            // NULL: the caller's
    const struct price_fd *fds; // besides those that it inherits anyway; no
    int nfds;                   // child's number is one of the caller's here
    // Called in the child before the program is, NULL: nothing to call.  It
    // may write to memory, and the caller is not to see that.  Other than 0:
    // the program is not started, for that errno.
    int (*prepare)(void *arg);

    int (*run)(void *arg);      // its return value, 0 to 255, is the status
    bool shared;                // false: it has a copy of the memory, as it was
                                // at the call; true: the memory itself
    void *arg;                  // of prepare() and of run()

    bool pidfd;                 // a pidfd is wanted, so it has to be a process
    bool threads;               // the caller has other threads
    bool safe;                  // prepare() and run() call nothing that is not
                                // async-signal-safe
    const struct price_span *unneeded;  // memory that a copy can do without,
    int nunneeded;                      // and the caller cannot
};

struct price_child {
    pid_t pid;           // 0: it is a thread
    pthread_t thread;
    int pidfd;           // -1: none; else close-on-exec
    void *own;           // yours, to remember things by
};

// Make the cheapest child that will do.  Dear is, in this order: to copy an
// address space; to make a second process or thread where one will do; to make
// a process where a thread will do.
//
//  * A program without prepare() copies no address space.
//  * prepare(), and run() unless `shared`, need a copy; with other threads in
//    the caller, and a function that is not safe, there is no way to do that
//    right: -EDEADLK, and nothing is made.
//  * run() with `shared` and no pidfd is a thread; with a pidfd, a process that
//    shares the address space, and has a stack of its own.
//  * The directory and the descriptors are a program's; run() has the caller's.
//    A prepare() may come before they are set, or after.
//  * What is not needed (`unneeded`) is not copied, and after the call (also
//    where it failed) a child of the caller's own would inherit it again.
//  * What you open for yourself must not lie on a number that the child is to
//    have, and must not be open in a program.
//
// The call does not wait for the child to end.  Returns 0, or -errno: also what
// kept the program from being started.  Then there is no child, no zombie, and
// no descriptor left over.
int price_spawn(const struct price_need *need, struct price_child *child);

// Wait for its end; free what price_spawn() took, close the pidfd.  *status:
// the exit status, or 128 plus the number of the signal that ended it.
int price_wait(struct price_child *child, int *status);

#endif
