// SPDX-License-Identifier: MIT
// preempt.c -- at the end of a dispatch the controller says whether a tick is
// waiting; that one ends nobody's turn.
//
// WRONG: so it is exactly the tick that waits; but the next may come a moment
// after, when the dispatch ends just under a multiple of the period.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static bool stale;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    stale = clock_waiting() & 1;
}

void
yield(void)
{
    current->state = READY;
    ready_put(current);
    schedule();
}

void
preempt_tick(bool user)
{
    bool was_stale = stale;
    stale = false;
    if (user && !was_stale)
        yield();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    while ((next = ready_take()) == NULL)
        sti_hlt_cli();
    next->state = RUNNING;
    if (next != old) {
        proc_save_user(old);
        current = next;
        proc_load_user(next);
        switch_context(&old->context, next->context);
        proc_started();
        return;
    }
    preempt_dispatched(current);
}
