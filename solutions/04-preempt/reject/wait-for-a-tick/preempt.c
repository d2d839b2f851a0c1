// SPDX-License-Identifier: MIT
// preempt.c -- at the end of a dispatch wait for the next tick: then the turn
// is a whole period.
//
// WRONG: and half of the machine's time is spent waiting.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static bool waiting;

void
preempt_dispatched(struct proc *p)
{
    uint64_t seen = clock_ticks + (clock_waiting() & 1);
    dispatches++;
    waiting = true;
    while (clock_ticks <= seen)
        sti_hlt_cli();
    waiting = false;
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
    if (user && !waiting)
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
