// SPDX-License-Identifier: MIT
// xjudge.h -- what the judges of the explorer's labs have in common: start the
// subject in its cell, give it orders, take what its timelines tell, with the
// number of the process that tells it.  See xtalk.h.  Book: chapter 7.
//
//     struct x_run r;
//     struct x_seen e;
//     x_start(&r, j, NULL);
//     x_order(&r, &order, sizeof(order));
//     while (x_next(&r, &e, "the next timeline")) {
//         judge_int(j, "its depth", want, e.n[0]);
//         x_answer(&e, 0);                       // it may go on
//     }
//     x_end(&r);
#ifndef XJUDGE_H
#define XJUDGE_H

#include "judge.h"
#include "xtalk.h"

struct x_run {
    struct judge *j;
    struct cell *cell;
    int fd;                  // the judge's end of the channel
};

// What a process and its descendants do.
struct x_moves {
    uint64_t sum;            // another one, if anything has moved
    uint64_t switches;       // how often they went to sleep
    uint64_t ticks;          // of processor time
    unsigned running;        // how many run, or wait for a processor
};

// A message, and what the kernel says of its sender.
struct x_seen {
    int kind;
    int64_t n[X_NUMBERS];
    char text[X_TEXT];
    pid_t pid;               // as the judge's own namespace numbers it
    pid_t parent;            // its parent; 0 if it does not wait
    int answer_fd;           // -1: it does not wait
};

// Starts /built/subject; `limits` may be NULL: those of lab.ini.
void x_start(struct x_run *r, struct judge *j, const struct cell_spec *limits);
void x_order(struct x_run *r, const void *order, size_t size);
// The next message, in the order in which they were sent; false when nobody
// is left who could send one.  Ends the test at the deadline, if the subject
// crashes, or if all of its processes sleep for seconds, and none moves; `what`
// names what was awaited.
bool x_next(struct x_run *r, struct x_seen *e, const char *what);
// The same, and it has to be of this kind.
void x_expect(struct x_run *r, struct x_seen *e, int kind, const char *what);
// Lets the sender go on.  Nothing if it does not wait.
void x_answer(struct x_seen *e, int64_t answer);
// No more orders: the subject has to end by itself, well.
void x_end(struct x_run *r);

// The parent of a process, as /proc says; 0 if there is no such process.
pid_t x_parent_of(pid_t pid);
// What a process and its descendants have done.  Pid 0: it is not known yet, and
// may well run.
struct x_moves x_moves_of(pid_t pid);

#endif
