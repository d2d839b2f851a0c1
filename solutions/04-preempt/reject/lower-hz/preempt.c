// SPDX-License-Identifier: MIT
// preempt.c -- as slow a timer as there is, whatever was asked for.
//
// WRONG: works until the path takes 55 ms, and everybody's turns are that long.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static uint64_t slowed;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    if (slowed != clock_period) {
        slowed = clock_period;
        pit_set(65536);
    }
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
