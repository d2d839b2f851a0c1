// SPDX-License-Identifier: MIT
// preempt.h -- who runs next, and when the running one has had its turn.
// Book: chapter 4; lab 4 puts its own preempt.c here.
#ifndef PREEMPT_H
#define PREEMPT_H

#include "proc.h"

extern uint64_t dispatches;     // since boot

// Give up the processor: run the next READY process, or wait for one.  The
// caller has put `current` wherever it belongs (ready queue, asleep, zombie).
// Returns when `current` is dispatched again.
void schedule(void);

// Let the others have a turn.
void yield(void);

// One tick of the clock.  `user`: the interrupt came from user mode, so that
// the running process may be preempted.  But whoever was given the processor
// gets a fair part of clock_period in user mode first, however long it took to
// give it; and not many periods, if somebody else is READY.
void preempt_tick(bool user);

// The last thing before a dispatched process goes on, for the first time or
// again.
void preempt_dispatched(struct proc *p);

#endif
