// SPDX-License-Identifier: MIT
// preempt.c -- the policy of tick and dispatch: round robin, one tick a turn.
// Called from clock.c's interrupt and from whoever blocks.  Book: chapter 4.
//
// A tick that comes right after a dispatch may be one that was waiting all
// the while the dispatch took, with interrupts off.  It says nothing about the
// process it interrupts.  So a turn is measured by time stamp, from the end
// of the dispatch, and a tick ends it only after half a period at least.
// Guarded by interrupts being off.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

void
preempt_dispatched(struct proc *p)
{
    p->dispatched_at = rdtsc();
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
    if (user && rdtsc() - current->dispatched_at >= clock_period / 2)
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
