// SPDX-License-Identifier: MIT
// preempt.c -- by time stamp; and a new child has eight ticks of its own.
//
// WRONG: who forks often enough has them all.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static int ticks_left;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    ticks_left = p->dispatches <= 1 ? 8 : 0;
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
    if (!user || ticks_left-- > 0)
        return;
    if (rdtsc() - current->dispatched_at >= clock_period / 2)
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
