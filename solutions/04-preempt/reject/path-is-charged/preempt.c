// SPDX-License-Identifier: MIT
// preempt.c -- who is expensive to dispatch is passed over for as many turns:
// everybody is to cost the same.
//
// WRONG: a process pays for the log about it.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static uint64_t chosen_at;
static uint64_t owes[NPROC];    // TSC units, by slot

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    if (chosen_at != 0)
        owes[p - procs] = p->dispatched_at - chosen_at;
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

static struct proc *
take_who_owes_nothing(void)
{
    for (int n = 0; n < NPROC && ready_peek() != NULL; n++) {
        struct proc *p = ready_take();
        uint64_t *debt = &owes[p - procs];
        if (*debt < clock_period / 8)
            return p;
        *debt -= clock_period / 8;
        ready_put(p);
        if (p->next == NULL && ready_peek() == p)
            break;
    }
    return ready_take();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    while ((next = take_who_owes_nothing()) == NULL)
        sti_hlt_cli();
    next->state = RUNNING;
    chosen_at = next != old ? rdtsc() : 0;
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
