// SPDX-License-Identifier: MIT
// preempt.c -- restart the timer at the end of the dispatch.
//
// WRONG: the tick that waits is in the controller, not in the timer.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

#define PIT_HZ 1193182UL

// The timer's cycles in a period.
static uint64_t
cycles(void)
{
    return clock_period * PIT_HZ / (clock_tsc_per_us * 1000000);
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    pit_set(cycles());
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
