// SPDX-License-Identifier: MIT
// preempt.c -- every process has a credit of time.  A dispatch brings one
// period, what it really had the processor for is taken off, and a tick ends
// the turn when half of the credit is used up.  What one turn
// had too much, the next has less.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static int64_t credit[NPROC];   // TSC units, by slot

static int64_t *
credit_of(const struct proc *p)
{
    return &credit[p - procs];
}

static int64_t
turn_so_far(void)
{
    return (int64_t)(rdtsc() - current->dispatched_at);
}

void
preempt_dispatched(struct proc *p)
{
    int64_t period = (int64_t)clock_period, *c = credit_of(p);
    dispatches++;
    if (p->ran == 0)
        *c = 0;                     // a new one, in somebody's old slot
    // Who slept does not save up, who was given too much is not locked out.
    *c = *c > 0 ? period : *c < -period / 4 ? period * 3 / 4 : *c + period;
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
    if (user && turn_so_far() >= *credit_of(current) / 2)
        yield();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += (uint64_t)turn_so_far();
    *credit_of(old) -= turn_so_far();
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
