// SPDX-License-Identifier: MIT
// preempt.c -- who is still where it was has made no progress, and goes on.
//
// WRONG: in a loop of one instruction everybody always is where he was.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static uint64_t rip_at_dispatch;

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    rip_at_dispatch = p->tf->rip;
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
    if (user && current->tf->rip != rip_at_dispatch)
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
