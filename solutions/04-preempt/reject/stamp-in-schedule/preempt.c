// SPDX-License-Identifier: MIT
// preempt.c -- by time stamp, taken where schedule() goes on after a switch.
//
// WRONG: a new process does not go on there, and its first turn is lost.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

void
preempt_dispatched(struct proc *p)
{
    (void)p;
    dispatches++;
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
    }
    current->dispatched_at = rdtsc();
}
