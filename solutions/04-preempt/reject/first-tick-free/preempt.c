// SPDX-License-Identifier: MIT
// preempt.c -- the first tick after every dispatch is free.
//
// WRONG: where the dispatch ends just before a tick, the next one ends the turn
// (resonance); and where it is short, turns have two periods.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static bool had_a_tick;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    had_a_tick = false;
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
    if (had_a_tick)
        yield();
    else
        had_a_tick = true;
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
