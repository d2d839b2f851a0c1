// SPDX-License-Identifier: MIT
// always.c -- the policy of the machine that the judge measures for part A: a
// tick that comes from user mode ends the turn, always.  In the place of
// kernel/preempt.c, in build/lab-4/always.elf.
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

void
preempt_dispatched(struct proc *p)
{
    (void)p;
    dispatches++;
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
    struct proc *old = current, *next;
    while ((next = ready_take()) == NULL)
        sti_hlt_cli();
    next->state = RUNNING;
    if (next == old)
        return;
    proc_save_user(old);
    current = next;
    proc_load_user(next);
    switch_context(&old->context, next->context);
    proc_started();
}
