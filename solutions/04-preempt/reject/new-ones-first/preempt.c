// SPDX-License-Identifier: MIT
// preempt.c -- a new child is dispatched at the next tick, before all others.
//
// WRONG: it comes earlier; the path takes its time all the same.
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
    if (user)
        yield();
}

// Put the ones that have never run to the front.
static struct proc *
take_new(void)
{
    struct proc *p = ready_peek();
    for (int n = 0; p != NULL && p->dispatches > 0 && n < NPROC; n++) {
        struct proc *first = ready_take();
        ready_put(first);
        p = ready_peek();
    }
    return ready_take();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    while ((next = take_new()) == NULL)
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
