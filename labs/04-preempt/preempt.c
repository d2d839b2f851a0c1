// SPDX-License-Identifier: MIT
// preempt.c -- lab 4: who runs next, and when the running one has had its turn.
// Called from clock.c's interrupt and from whoever blocks.  Contracts:
// preempt.h, proc.h, clock.h.  Book: chapter 4.
//
// This is the scheduler as the investigator met it.  It is short, every line of
// it makes sense, and under it a forked child may never execute an instruction.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
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
    if (user)
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
