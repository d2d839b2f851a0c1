// SPDX-License-Identifier: MIT
// preempt.c -- turns of four ticks.
//
// WRONG: four times as long as anybody asked for.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static int ticks;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    ticks = 0;
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
    if (user && ++ticks >= 4)
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
