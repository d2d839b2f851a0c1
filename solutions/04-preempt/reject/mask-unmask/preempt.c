// SPDX-License-Identifier: MIT
// preempt.c -- no timer interrupts while the dispatch goes on.
//
// WRONG: the mask hides the request, it does not forget it.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

static void
mask_timer(bool on)
{
    uint8_t mask = inb(0x21);
    outb(0x21, on ? mask | 1 : mask & ~1);
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    mask_timer(false);
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
    mask_timer(true);
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
