// SPDX-License-Identifier: MIT
// preempt.c -- a turn that came to nothing halves the tick rate.
//
// WRONG: clock_init() also starts the clock again.
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
    if (!user)
        return;
    if (rdtsc() - current->dispatched_at < clock_period / 16)
        clock_init(clock_tsc_per_us * 500000 / clock_period);
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
