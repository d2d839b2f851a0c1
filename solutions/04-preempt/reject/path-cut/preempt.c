// SPDX-License-Identifier: MIT
// preempt.c -- by time stamp; and a dispatch takes no longer than it must.
//
// WRONG: who made it long wanted to see something.
#include "clock.h"
#include "preempt.h"
#include "trace.h"
#include "x86.h"

uint64_t dispatches;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    trace_path(0, WHO_ALL, WHEN_ALWAYS);
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
